internal import ContractModel

/// What keeps the unique values of one kind of item unique: lookup items, each of which holds the place of a value.
struct UniqueLookups: Sendable, Equatable {
    let table: ContractTable
    let layout: EntityLayout
    /// What lookup items have to keep; the primary key keeps itself.
    let constraints: [UniqueConstraint]

    init(table: ContractTable, layout: EntityLayout, constraints: [UniqueConstraint]) {
        self.table = table
        self.layout = layout
        self.constraints = layout.guarded(constraints)
    }

    var isEmpty: Bool { constraints.isEmpty }

    /// Every attribute of which a place is made, each once.
    var attributes: [String] {
        var names: [String] = []
        for constraint in constraints {
            let template = constraint.lookup?.partitionKeyTemplate
            let holes = (template?.placeholders ?? []) + (constraint.lookup?.sortKeyTemplate?.placeholders ?? [])
            for name in constraint.attributes + holes where !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// "'email'", "'first', 'last'".
    var spoken: String { constraints.map(Self.spoken).joined(separator: " and ") }

    static func spoken(_ constraint: UniqueConstraint) -> String {
        "'\(constraint.attributes.joined(separator: "', '"))'"
    }

    // MARK: Places

    /// The place of a value.
    struct Place {
        var constraint: UniqueConstraint
        var table: String
        var keys: UniqueConstraint.LookupItem.Keys
        var item: Item

        var key: Item {
            let names = [keys.partition.name, keys.sort?.name]
            return item.filter { names.contains($0.key) }
        }

        /// Takes the place, which nobody may have.
        var taking: TransactWrite {
            .put(table: table, item: item, condition: .notExists(Path(keys.partition.name)))
        }

        /// Gives the place up.
        var giving: TransactWrite { .delete(table: table, key: key) }

        func isSame(as other: Place) -> Bool {
            table == other.table && key.mapValues(\.keyIdentity) == other.key.mapValues(\.keyIdentity)
        }
    }

    /// The places that an item needs. One of whose attributes it has no value needs none: what is missing is equal to nothing.
    func places(of item: Item) throws(ContractBreach) -> [Place] {
        guard !isEmpty else { return [] }
        let fields = layout.fields(of: item)
        var places: [Place] = []
        for constraint in constraints {
            guard let place = try place(of: constraint, fields) else { continue }
            if !places.contains(where: place.isSame) { places.append(place) }
        }
        return places
    }

    /// The places that an item has which was read. What breaks the contract has none.
    func places(held item: Item?) -> [Place] {
        guard !isEmpty, let item else { return [] }
        let fields = layout.fields(of: item)
        var places: [Place] = []
        for constraint in constraints {
            do throws(ContractBreach) {
                if let place = try place(of: constraint, fields) { places.append(place) }
            } catch {
                continue
            }
        }
        return places
    }

    private func place(of constraint: UniqueConstraint, _ fields: Item) throws(ContractBreach) -> Place? {
        guard let lookup = constraint.lookup, let template = lookup.partitionKeyTemplate else {
            throw ContractBreach(
                reason: "\(layout.place)'s \(Self.spoken(constraint)) is unique by the contract, which "
                    + (constraint.lookup == nil
                        ? "names no lookup item: without one DynamoDB cannot keep it so"
                        : "does not say the key of its lookup item: give it a `pk_template`"))
        }
        if case .lacks(let name)? = constraint.flaw {
            throw ContractBreach(
                reason: "\(layout.place)'s \(Self.spoken(constraint)) is unique by the contract, and the key of its "
                    + "lookup item leaves '\(name)' out: different values would have one place")
        }
        var texts: [String: String] = [:]
        for name in Set(template.placeholders + (lookup.sortKeyTemplate?.placeholders ?? [])) {
            guard let value = fields[name], value != .null else { return nil }
            guard let text = value.keyText else {
                throw ContractBreach(
                    reason: "\(layout.place)'s '\(name)' is unique by the contract and \(value.type.rawValue): only "
                        + "texts, numbers and binaries can be kept so")
            }
            texts[name] = text
        }
        let keys = keys(of: lookup)
        let text = try rendered(template, texts, of: constraint)
        var item: Item = [keys.partition.name: try typed(text, keys.partition)]
        if let sort = keys.sort {
            let own = try lookup.sortKeyTemplate.map { own throws(ContractBreach) in
                try rendered(own, texts, of: constraint)
            }
            item[sort.name] = try typed(own ?? text, sort)
        }
        for name in lookup.copies { item[name] = fields[name] }
        return Place(constraint: constraint, table: lookup.table, keys: keys, item: item)
    }

    private func keys(of lookup: UniqueConstraint.LookupItem) -> UniqueConstraint.LookupItem.Keys {
        if let keys = lookup.keys { return keys }
        if lookup.table == table.name {
            return UniqueConstraint.LookupItem.Keys(partition: table.partitionKey, sort: table.sortKey)
        }
        // Of a table that nobody has told, the names by custom.
        return UniqueConstraint.LookupItem.Keys(
            partition: KeyAttribute(name: "PK"), sort: lookup.sortKeyTemplate == nil ? nil : KeyAttribute(name: "SK"))
    }

    private func rendered(
        _ template: KeyTemplate, _ texts: [String: String], of constraint: UniqueConstraint
    ) throws(ContractBreach) -> String {
        switch template.ambiguity(of: texts) {
        case .separatorInValue(let hole, let separator):
            throw ContractBreach(
                reason: "\(layout.place)'s \(Self.spoken(constraint)) is unique by the contract, and the value of "
                    + "'\(hole)' holds '\(separator)': different values would have one place")
        case .emptyValue(let hole):
            throw ContractBreach(
                reason: "\(layout.place)'s '\(hole)' is unique by the contract: give a value for it, or none at all")
        case .adjacentHoles, nil: return template.render(texts) ?? ""
        }
    }

    private func typed(_ text: String, _ key: KeyAttribute) throws(ContractBreach) -> AttributeValue {
        try layout.typed(
            text,
            as: EntityLayout.Key(attribute: key.name, type: key.type, role: .index, rule: KeyRule(KeyTemplate(""))))
    }

    // MARK: Changes

    /// The places that change hands as an item becomes another one.
    struct Exchange {
        var taken: [Place]
        var given: [Place]

        var isEmpty: Bool { taken.isEmpty && given.isEmpty }

        var writes: [TransactWrite] { taken.map(\.taking) + given.map(\.giving) }
    }

    /// - Parameters:
    ///   - old: the item as it was read; nil where there was none.
    ///   - new: the item as it will be; nil where it is deleted.
    func exchange(from old: Item?, to new: Item?) throws(ContractBreach) -> Exchange {
        let before = places(held: old)
        let after = try new.map { new throws(ContractBreach) in try places(of: new) } ?? []
        return Exchange(
            taken: after.filter { place in !before.contains(where: place.isSame) },
            given: before.filter { place in !after.contains(where: place.isSame) })
    }

    /// What must hold of the stored item for its places to be those that were read.
    func unchanged(_ old: Item?) -> Expression {
        let partition = Path(table.partitionKey.name)
        guard let old else { return .notExists(partition) }
        var conditions: [Expression] = [.exists(partition)]
        for name in attributes where layout.field(named: name)?.isStored ?? true {
            conditions.append(old[name].map { Path(name) == $0 } ?? .notExists(Path(name)))
        }
        return .all(conditions)
    }

    /// Whether two readings of an item have the same places.
    func areSame(_ left: Item?, _ right: Item?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return attributes.allSatisfy { left[$0]?.keyIdentity == right[$0]?.keyIdentity }
    }

    /// Whether an update changes a unique value.
    func areTouched(by actions: [UpdateAction]) -> Bool {
        guard !isEmpty else { return false }
        let names = attributes
        return actions.contains { names.contains($0.path.name) }
    }

    /// The item with the unique values that an update gives it.
    func changed(_ item: Item, by actions: [UpdateAction]) throws(ContractBreach) -> Item {
        var item = item
        let names = attributes
        for action in actions where names.contains(action.path.name) {
            let name = action.path.name
            switch action.change {
            case .set(.value(let value), _) where action.path == Path(name): item[name] = value
            case .remove where action.path == Path(name): item[name] = nil
            default:
                throw ContractBreach(
                    reason:
                        "'\(name)' of \(layout.place) is unique by the contract: set it to a value or remove it, so "
                        + "that its place is known")
            }
        }
        return item
    }

    /// The failure of a transaction with the constraint named whose value is taken.
    ///
    /// - Parameter taken: the places that the transaction takes, right behind its first write.
    func explained(_ error: TidemarkError, taken: [Place]) -> TidemarkError {
        guard error.cancellationReasons.count > taken.count, !taken.isEmpty else { return error }
        let atFault = zip(taken, error.cancellationReasons.dropFirst()).filter { $1.isAtFault }.map(\.0)
        guard !atFault.isEmpty, !error.cancellationReasons[0].isAtFault else { return error }
        var error = error
        error.takenAttributes = atFault.flatMap(\.constraint.attributes)
        let names = atFault.map { Self.spoken($0.constraint) }.joined(separator: " and ")
        error.say(
            error.code == .transactionConflict
                ? "another call was taking or giving up the value of \(names), which is unique by the contract"
                : "another \(layout.place) has the value of \(names), which is unique by the contract")
        return error
    }
}
