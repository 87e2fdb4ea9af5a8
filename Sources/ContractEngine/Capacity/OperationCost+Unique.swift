internal import ContractModel

/// What repositories do besides, so that unique values stay so: a read of the item, and the items that hold the places.
extension OperationCost {
    /// The work of one item's write.
    struct UniqueWork {
        /// Consistent reads of the item.
        var reads = 0.0
        /// Lookup items that are put or deleted, by table.
        var places: [String: Double] = [:]

        /// Whether the item and the places are written in one transaction.
        var isTransaction: Bool { !places.isEmpty }

        mutating func add(_ count: Double, for constraints: [UniqueConstraint]) {
            for constraint in constraints {
                guard let lookup = constraint.lookup else { continue }
                places[lookup.table, default: 0] += count
            }
        }
    }

    /// The kind of item; nil where that is not known.
    var entity: ContractEntity? {
        if let name = operation.entity { return table.entity(named: name) }
        return table.entities.count == 1 ? table.entities.first : nil
    }

    mutating func uniqueWork() -> UniqueWork {
        var work = UniqueWork()
        guard let entity, !entity.uniqueConstraints.isEmpty else { return work }
        let constraints = EntityLayout(table: table, entity: entity).guarded(entity.uniqueConstraints)
        guard !constraints.isEmpty else { return work }
        switch operation.operation {
        case "TransactWriteItems": addTransaction(constraints, to: &work)
        case "DeleteItem":
            work.reads = 1
            work.add(1, for: constraints)
        case "UpdateItem":
            let changed = constraints.filter { $0.attributes.contains(where: isChanged) }
            guard !changed.isEmpty else { return work }
            // Before, for the old places, and after, since a transaction gives nothing back.
            work.reads = 2
            work.add(2, for: changed)
        default:
            work.add(1, for: constraints)
            guard !isCreation else { return work }
            work.reads = 1
            let names = Figures.list(constraints.map { $0.attributes.joined(separator: "+") })
            assume("each item that it stores was not there, and takes a place for \(names)", "write units")
        }
        return work
    }

    /// What a transaction does to the places of the item: a new one takes them, a deleted one gives them up, a changed one exchanges those
    /// of the values that change.
    private mutating func addTransaction(_ constraints: [UniqueConstraint], to work: inout UniqueWork) {
        let meant = OperationText.writeMeant(by: pattern.summary)
        let isSaid = defaults.changedAttributes[pattern.id] != nil
        if isSaid || meant == "UpdateItem" {
            let changed = constraints.filter { $0.attributes.contains(where: isChanged) }
            guard !changed.isEmpty else { return }
            work.add(2, for: changed)
            let names = Figures.list(changed.map { $0.attributes.joined(separator: "+") })
            if !isSaid { assume("by its words its transaction exchanges the place for \(names)", "write units") }
            return
        }
        guard !isAboutAnother else { return }
        work.add(1, for: constraints)
        let names = Figures.list(constraints.map { $0.attributes.joined(separator: "+") })
        let kind = entity?.name ?? table.name
        let what =
            switch meant {
            case "PutItem": "by its description its transaction puts a new \(kind), with a place for \(names)"
            case "DeleteItem": "by its description its transaction deletes the \(kind) and its place for \(names)"
            default:
                "no document says what its transaction does to the \(kind): it takes a place for \(names), as a new one"
            }
        assume(what, "write units")
    }

    /// Whether the description names what else the transaction writes, and not this kind of item.
    private var isAboutAnother: Bool {
        let words = Set(NameStem.words(pattern.summary).map { NameStem.of($0) })
        func isNamed(_ name: String) -> Bool {
            let stems = Set(NameStem.stems(name))
            return !stems.isEmpty && stems.isSubset(of: words)
        }
        let own = [entity?.name, entity?.sourceTable].compactMap(\.self) + (table.isMultiEntity ? [] : [table.name])
        guard !own.contains(where: isNamed) else { return false }
        return pattern.operations.contains { other in
            other.isTransactional && (other.table != operation.table || other.entity != operation.entity)
                && isNamed(other.entity ?? other.table)
        }
    }

    private var isCreation: Bool {
        let first = NameStem.words(pattern.summary).first ?? ""
        return operation.operation == "PutItem" && ["create", "register", "sign"].contains(first)
    }

    private func isChanged(_ attribute: String) -> Bool {
        guard let changed = defaults.changedAttributes[pattern.id] else {
            return isNamedByPattern(attribute)
                || ChangeWords(pattern, kind: entity, in: table).note(on: attribute) != nil
        }
        return changed.contains(attribute)
            || entity?.attribute(named: attribute).map { !$0.columnNames.isDisjoint(with: changed) } ?? false
    }

    func charges(of work: UniqueWork, items: Double, size: Double, many: String) -> [Charge] {
        var charges: [Charge] = []
        if work.reads > 0 {
            let blocks = CapacityUnit.blocks(size, of: CapacityUnit.readBlockInBytes)
            let times = work.reads == 1 ? "" : "\(Figures.short(work.reads)) × "
            charges.append(
                Charge(
                    table: table.name, index: nil, entity: entity?.name, operation: "GetItem", callsPerSecond: rate,
                    readUnitsPerCall: items * work.reads * blocks * ReadConsistency.strong.unitsPerBlock,
                    writeUnitsPerCall: 0, formula: many + times + "⌈\(Figures.short(size)) B / 4 KB⌉ × 1"))
        }
        for (name, count) in work.places.sorted(by: { $0.key < $1.key }) {
            let places = "\(Figures.short(count)) lookup \(count == 1 ? "item" : "items")"
            charges.append(
                Charge(
                    table: name, index: nil, operation: "TransactWriteItems", callsPerSecond: rate, readUnitsPerCall: 0,
                    writeUnitsPerCall: items * count * CapacityUnit.transactionFactor,
                    formula: many + places + " × 1 × 2"))
        }
        return charges
    }
}
