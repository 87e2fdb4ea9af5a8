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
        case "TransactWriteItems": work.add(1, for: constraints)
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

    private var isCreation: Bool {
        let first = NameStem.words(pattern.summary).first ?? ""
        return operation.operation == "PutItem" && ["create", "register", "sign"].contains(first)
    }

    private func isChanged(_ attribute: String) -> Bool {
        guard let changed = defaults.changedAttributes[pattern.id] else { return isNamedByPattern(attribute) }
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
