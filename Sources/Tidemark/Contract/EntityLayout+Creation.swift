package import ContractModel

extension EntityLayout {
    /// The actions of an update that may make the item, so that what it makes is what a put would store: what stands in the key as
    /// attributes of its own, texts in the place of what has no value, keys of indexes.
    ///
    /// - Parameters:
    ///   - actions: what the update does, keys of indexes included.
    ///   - key: the item's key, which the values make.
    /// - Throws: where the item that would be made lacks what the contract requires.
    package func creating(
        _ actions: [UpdateAction], of values: KeyValues, key: Item
    ) throws(ContractBreach) -> [UpdateAction] {
        var creation = Creation(item: key, actions: actions)
        for field in fields where field.isStored && creation.item[field.name] == nil {
            guard let value = try keyValue(of: field, values, key) else { continue }
            creation.item[field.name] = value
            creation.actions.append(.set(Path(field.name), to: value))
        }
        for field in fields where field.isStored && !creation.has(field.name) {
            guard let text = field.nullText, let value = value(ofText: text, type: field.type) else { continue }
            creation.item[field.name] = value
            creation.actions.append(.set(Path(field.name), to: Path(field.name).ifNotExists(value)))
        }
        let missing = fields.filter { $0.isStored && $0.isRequired && !creation.has($0.name) }.map(\.name)
        guard missing.isEmpty else {
            throw ContractBreach(
                reason:
                    "the update of \(place) would make an item without '\(missing.joined(separator: "', '"))', which "
                    + "the contract requires: give that too, or put the item")
        }
        let known = fields(of: creation.item)
        for index in keys where index.role == .index && !creation.has(index.attribute) {
            if let action = try filled(index, from: known) { creation.actions.append(action) }
        }
        return creation.actions
    }

    /// What an update would make where there is no item.
    private struct Creation {
        var item: Item
        var actions: [UpdateAction]
        /// Attributes that are there then, with a value that DynamoDB computes, or are meant not to be.
        private var settled: Set<String> = []

        init(item: Item, actions: [UpdateAction]) {
            self.item = item
            self.actions = actions
            for action in actions {
                let name = action.path.name
                switch action.change {
                case .set(.value(let value), _) where action.path == Path(name): self.item[name] = value
                case .remove: continue
                default: settled.insert(name)
                }
            }
        }

        func has(_ name: String) -> Bool { item[name] != nil || settled.contains(name) }
    }

    /// The value of a stored field that the table's key is made of.
    private func keyValue(
        of field: Field, _ values: KeyValues, _ key: Item
    ) throws(ContractBreach) -> AttributeValue? {
        let own = keys.filter { $0.role != .index && $0.rule.fields.contains(field.name) && $0.attribute != field.name }
        guard !own.isEmpty else { return nil }
        guard own.contains(where: { $0.rule.templates.contains { $0.placeholders.contains(field.name) } }) else {
            // The key only says that there is a value.
            guard let text = values[field.name], text == nil else {
                throw ContractBreach(
                    reason:
                        "the update of \(place) would make an item whose '\(field.name)' its key does not tell: put the "
                        + "item")
            }
            return nil
        }
        guard let known = values[field.name] else { return value(of: field, inKeysOf: key) }
        return try known.map { text throws(ContractBreach) in
            try typed(
                keyText(text, of: field.name),
                as: Key(attribute: field.name, type: field.type, role: .index, rule: KeyRule(KeyTemplate(""))))
        }
    }

    /// The change that gives the item the key of an index, which the update's own changes do not; nil where it has none then.
    private func filled(_ index: Key, from known: Item) throws(ContractBreach) -> UpdateAction? {
        guard let made = try made(index, from: known) else { return nil }
        let isOfKey = index.rule.fields.allSatisfy { name in
            keys.contains { $0.role != .index && $0.rule.fields.contains(name) }
        }
        if isOfKey { return .set(Path(index.attribute), to: made) }
        // An item that is there has such a key in any case, by its own fields.
        guard index.rule.value != nil, index.rule.otherwise != nil else {
            throw ContractBreach(
                reason:
                    "the update of \(place) may make an item, and '\(index.attribute)', a key of an index, depends on "
                    + "'\(index.rule.fields.joined(separator: "', '"))': change that too, or put the item")
        }
        return .set(Path(index.attribute), to: Path(index.attribute).ifNotExists(made))
    }
}
