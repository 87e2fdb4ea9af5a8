package import ContractModel

/// What an update does to an item, keys of indexes included.
package struct ItemChange: Equatable {
    package var set: Item = [:]
    package var removed: [String] = []

    /// The change as the actions of an update, in the order of the names.
    var actions: [UpdateAction] {
        self.set.sorted { $0.key < $1.key }.map { UpdateAction.set(Path($0.key), to: $0.value) }
            + removed.map { UpdateAction.remove(Path($0)) }
    }
}

extension EntityLayout {
    /// The change that sets and removes these fields, and brings the keys of indexes along.
    ///
    /// - Parameter values: what is known of the item besides: the values of its own key.
    package func change(
        set attributes: Item, removing removed: [String], of values: KeyValues
    ) throws(ContractBreach) -> ItemChange {
        guard !attributes.isEmpty || !removed.isEmpty else {
            throw ContractBreach(reason: "the update of \(place) changes nothing: name an attribute")
        }
        var change = ItemChange(set: attributes, removed: removed)
        for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
            try checkMayChange(name)
            if let field = field(named: name) { try check(value, of: field) }
        }
        for name in removed {
            try checkMayChange(name)
            guard let field = field(named: name) else { continue }
            if let text = field.nullText, let value = value(ofText: text, type: field.type) {
                change.removed.removeAll { $0 == name }
                change.set[name] = value
            } else if field.isRequired {
                throw ContractBreach(
                    reason: "'\(name)' of \(place) is required by the contract and cannot be removed")
            }
        }
        for key in keys where key.role == .index { try bring(key, into: &change, of: values) }
        for field in fields where !field.madeOf.isEmpty { try checkIsSaid(field, in: change) }
        for field in fields where !field.isStored { change.set[field.name] = nil }
        change.removed.removeAll { name in field(named: name)?.isStored == false }
        return change
    }

    /// The same for actions, of which DynamoDB may compute some. A field that a key is made of must be given its value.
    func change(_ actions: [UpdateAction], of values: KeyValues) throws(ContractBreach) -> [UpdateAction] {
        var (set, removed, computed): (Item, [String], [UpdateAction]) = ([:], [], [])
        for action in actions {
            let name = action.path.name
            switch action.change {
            case .set(.value(let value), _) where action.path == Path(name): set[name] = value
            case .remove where action.path == Path(name): removed.append(name)
            default:
                try checkMayChange(name)
                if let key = keys.first(where: { $0.rule.fields.contains(name) && $0.attribute != name }) {
                    throw ContractBreach(
                        reason:
                            "'\(name)' of \(place) stands in '\(key.attribute)', a key of an index: set it to a value, "
                            + "so that the index stays right")
                }
                if let field = field(named: name), action.path == Path(name) { try check(action, of: field) }
                computed.append(action)
            }
        }
        guard !set.isEmpty || !removed.isEmpty else {
            return computed.isEmpty ? try change(set: [:], removing: [], of: values).actions : computed
        }
        return try change(set: set, removing: removed, of: values).actions + computed
    }

    private func check(_ action: UpdateAction, of field: Field) throws(ContractBreach) {
        let type: AttributeType
        switch action.change {
        case .add(let value), .delete(let value): type = value.type
        case .set, .remove: return
        }
        guard type == field.type else {
            throw ContractBreach(
                reason: "\(place)'s attribute '\(field.name)' would be \(type.rawValue), the contract says "
                    + field.type.rawValue)
        }
    }

    /// Whether an update may change an attribute at all: none of those that the table's key is made of.
    func checkMayChange(_ name: String) throws(ContractBreach) {
        for key in keys where key.role != .index {
            if key.attribute == name {
                throw ContractBreach(
                    reason: "'\(name)' is a key of \(place) and cannot be changed: delete and put instead")
            }
            if key.rule.fields.contains(name) {
                throw ContractBreach(
                    reason:
                        "'\(name)' of \(place) stands in its key '\(key.attribute)' and cannot be changed: delete and "
                        + "put instead")
            }
        }
    }

    /// Sets or removes an index's key where a field that it is made of changes.
    private func bring(_ key: Key, into change: inout ItemChange, of values: KeyValues) throws(ContractBreach) {
        let names = key.rule.fields.filter { $0 != key.attribute }
        let changed = names.filter { change.set[$0] != nil || change.removed.contains($0) }
        let given = change.set[key.attribute]
        guard !changed.isEmpty else {
            guard given != nil || change.removed.contains(key.attribute), !names.isEmpty, key.rule.condition == nil
            else { return }
            throw ContractBreach(
                reason: "'\(key.attribute)' of \(place) is made of '\(names.joined(separator: "', '"))': change that")
        }
        let known = knownTexts(change, values)
        for name in names where known[name] == nil {
            guard isNeeded(name, for: key, known) else { continue }
            throw ContractBreach(
                reason: "'\(changed[0])' of \(place) stands in '\(key.attribute)', a key of an index, and so does "
                    + "'\(name)': change both, so that the index stays right")
        }
        guard let template = key.rule.template(where: { known[$0] ?? nil }),
            case let texts = template.placeholders.map({ (name: $0, text: known[$0] ?? nil) }),
            texts.allSatisfy({ $0.text != nil })
        else {
            change.set[key.attribute] = nil
            if !change.removed.contains(key.attribute) { change.removed.append(key.attribute) }
            return
        }
        let filled = Dictionary(texts.map { ($0.name, $0.text ?? "") }, uniquingKeysWith: { first, _ in first })
        let made = try typed(try render(template, filled, for: key), as: key)
        if let given, given.keyIdentity != made.keyIdentity {
            throw ContractBreach(
                reason: "\(place)'s key '\(key.attribute)' is not what its fields make of it: leave it out")
        }
        change.set[key.attribute] = made
        change.removed.removeAll { $0 == key.attribute }
    }

    /// Whether the change says what becomes of a key of an index that the contract computes of what it changes.
    private func checkIsSaid(_ field: Field, in change: ItemChange) throws(ContractBreach) {
        let names = change.set.keys + change.removed
        guard !names.contains(field.name), let changed = field.madeOf.first(where: names.contains) else { return }
        throw ContractBreach(
            reason:
                "'\(field.name)' of \(place), a key of an index, is computed of '\(changed)' by the contract, and not "
                + "filled in here: change it too, or remove it")
    }

    /// Whether the key cannot be told without that field.
    private func isNeeded(_ name: String, for key: Key, _ known: [String: String?]) -> Bool {
        if let condition = key.rule.condition {
            guard known[condition.field] != nil else { return name == condition.field }
        }
        let template = key.rule.template { known[$0] ?? nil }
        guard let template, template.placeholders.contains(name) else { return false }
        // One part that is gone takes the key with it, whatever the others are.
        return !template.placeholders.contains { if let text = known[$0] { text == nil } else { false } }
    }

    private func knownTexts(_ change: ItemChange, _ values: KeyValues) -> [String: String?] {
        var known: [String: String?] = values
        for (name, value) in change.set {
            let isNull = value == .null || field(named: name).map { standsForNone(value, as: $0) } ?? false
            known[name] = .some(isNull ? nil : value.ruleText)
        }
        for name in change.removed { known[name] = .some(nil) }
        return known
    }
}
