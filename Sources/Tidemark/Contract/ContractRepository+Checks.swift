internal import AWSCore
internal import ContractModel

/// What a repository does with attributes that the contract does not have.
public enum AttributesOutsideContract: Sendable, Hashable {
    /// Writes of them are refused, as a live table's items are said to drift that have them.
    case refused
    /// They are stored as they are given.
    case allowed
}

extension ContractRepository {
    /// The item that is stored for these fields, which the contract has.
    func stored(_ fields: Item) throws(ContractBreach) -> Item {
        for name in fields.keys.sorted() {
            try checkIsKnown(name)
            try checkIsValue(name, fields[name])
        }
        for key in layout.keys where key.role == .index { try checkMayBeGiven(key, in: fields) }
        return try layout.stored(fields)
    }

    /// An index's key that the item's own fields keep away is none that a program gives: readers of the index would find the item.
    private func checkMayBeGiven(_ key: EntityLayout.Key, in fields: Item) throws(ContractBreach) {
        guard let given = fields[key.attribute], given != .null, layout.isKeptAway(key, in: fields),
            let condition = key.rule.condition
        else { return }
        if let field = layout.field(named: key.attribute), layout.standsForNone(given, as: field) { return }
        throw ContractBreach(
            reason:
                "\(layout.place)'s '\(key.attribute)' is the key of an index that an item with this '\(condition.field)' is not "
                + "in by the contract: leave it out")
    }

    /// The same of what an update changes.
    func check(_ actions: [UpdateAction]) throws(ContractBreach) {
        for action in actions {
            let name = action.path.name
            // What is there may be taken away.
            if case .remove = action.change { continue }
            try checkIsKnown(name)
            if case .set(.value(let value), _) = action.change, action.path == Path(name) {
                try checkIsValue(name, value)
            }
        }
    }

    private func checkIsKnown(_ name: String) throws(ContractBreach) {
        guard attributesOutsideContract == .refused, layout.field(named: name) == nil, layout.key(named: name) == nil,
            table.settings.timeToLiveAttribute != name, !indexKeys.contains(name),
            // A contract that lists no attributes says nothing of them.
            entity?.attributes.isEmpty != true
        else { return }
        throw ContractBreach(
            reason: "\(layout.place) has no attribute '\(name)' by the contract; set the repository's "
                + "attributesOutsideContract to .allowed to store it")
    }

    /// Of an index's key that is a field, the text that stands for no value is none that a program gives: it would be read as none.
    private func checkIsValue(_ name: String, _ value: AttributeValue?) throws(ContractBreach) {
        guard let value, indexKeys.contains(name), let field = layout.field(named: name),
            layout.standsForNone(value, as: field)
        else { return }
        throw ContractBreach(
            reason:
                "\(layout.place)'s '\(name)' is '\(field.nullText ?? "")', by which the contract says that there is none: "
                + "leave it out, or remove it")
    }

    private var indexKeys: [String] {
        table.indexes.flatMap { [$0.partitionKey.name, $0.sortKey?.name] }.compactMap(\.self)
    }
}
