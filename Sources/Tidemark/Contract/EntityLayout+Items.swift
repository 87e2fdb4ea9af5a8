public import ContractModel

extension EntityLayout {
    /// The item that DynamoDB stores for these fields: keys made by the contract's templates, index keys filled in, texts in
    /// the place of what has no value.
    ///
    /// A key that is given itself must be the one that the fields make; where they do not make it, because a field is not
    /// given, it must have the template's form.
    ///
    /// - Throws: where a key cannot be made, a field is not of its type, or a required one is missing.
    public func stored(_ fields: Item) throws(ContractBreach) -> Item {
        var item = fields
        for field in self.fields { try check(field, in: &item) }
        for key in keys {
            let given = fields[key.attribute]
            if let made = try made(key, from: fields) {
                if let given, given.keyIdentity != made.keyIdentity {
                    throw ContractBreach(
                        reason: "\(place)'s key '\(key.attribute)' is not what its fields make of it: leave it out")
                }
                item[key.attribute] = made
            } else if let given {
                try checkForm(of: given, as: key, in: fields)
            } else if key.role != .index {
                throw missing(key, in: fields)
            }
        }
        for field in self.fields where field.isStored && item[field.name] == nil {
            if let text = field.nullText { item[field.name] = value(ofText: text, type: field.type) }
        }
        return item
    }

    /// The fields of a stored item: without the keys that are made of them, what only keys hold read out of these, and
    /// without the texts that stand for no value. It is `stored`'s inverse.
    public func fields(of item: Item) -> Item {
        var fields = item
        for field in self.fields where field.isStored {
            if let value = item[field.name], standsForNone(value, as: field) { fields[field.name] = nil }
        }
        for field in self.fields where field.isAskedFor && item[field.name] == nil { fields[field.name] = .null }
        for key in keys where field(named: key.attribute) == nil { fields[key.attribute] = nil }
        for field in self.fields where !field.isStored { fields[field.name] = value(of: field, inKeysOf: item) }
        return fields
    }

    // MARK: Fields

    private func check(_ field: Field, in item: inout Item) throws(ContractBreach) {
        guard let value = item[field.name] else {
            // What a key is made of is asked for by the key, which may be given itself.
            let isInKey = keys.contains { $0.role != .index && $0.rule.fields.contains(field.name) }
            if field.isStored, field.isRequired, !isInKey, field.nullText == nil {
                throw ContractBreach(reason: "\(place)'s item has no '\(field.name)', which the contract requires")
            }
            guard !field.isAskedFor else {
                throw ContractBreach(
                    reason: "\(place)'s '\(field.name)', a key of an index, is computed of "
                        + "'\(field.madeOf.joined(separator: "', '"))' by the contract, and not filled in here: give it, or "
                        + "NULL for none")
            }
            return
        }
        if value == .null, field.nullText != nil || !field.isStored || field.isAskedFor, field.type != .NULL {
            item[field.name] = nil
            return
        }
        try check(value, of: field)
        if !field.isStored { item[field.name] = nil }
    }

    /// Whether a field may have this value.
    func check(_ value: AttributeValue, of field: Field) throws(ContractBreach) {
        guard value.type == field.type else {
            throw ContractBreach(
                reason: "\(place)'s attribute '\(field.name)' is \(value.type.rawValue), the contract says "
                    + field.type.rawValue)
        }
        guard let text = value.stringValue ?? value.numberText else { return }
        try checkForm(of: text, field)
    }

    /// Whether a text has the form that the contract gives the field's dates or numbers.
    func checkForm(of text: String, _ field: Field) throws(ContractBreach) {
        guard text != field.nullText, let flaw = field.flaw(of: text) else { return }
        throw ContractBreach(reason: "\(place)'s attribute '\(field.name)' is \(flaw)")
    }

    /// Whether a value is what stands in the item where the field has none: "ROOT", or a number such as -1. One of BOOL is a
    /// value always, since both are.
    func standsForNone(_ value: AttributeValue, as field: Field) -> Bool {
        guard let text = field.nullText, field.type == .S || field.type == .N else { return false }
        return self.value(ofText: text, type: field.type)?.keyIdentity == value.keyIdentity
    }

    /// A text as a value of a scalar type.
    func value(ofText text: String, type: AttributeType) -> AttributeValue? {
        switch type {
        case .S: .string(text)
        case .N: NumberText(text) == nil ? nil : .number(text)
        case .BOOL: text == "true" || text == "1" ? .bool(true) : .bool(false)
        default: nil
        }
    }

    // MARK: Keys

    private func present(_ name: String, in fields: Item) -> AttributeValue? {
        guard let value = fields[name], value != .null else { return nil }
        if let field = field(named: name), standsForNone(value, as: field) { return nil }
        return value
    }

    /// The key that the fields make; nil where one that it needs is not given.
    func made(_ key: Key, from fields: Item) throws(ContractBreach) -> AttributeValue? {
        guard let template = key.rule.template(where: { present($0, in: fields)?.ruleText }) else { return nil }
        var texts: [String: String] = [:]
        for name in template.placeholders {
            guard let value = present(name, in: fields) else { return nil }
            guard let text = value.keyText else {
                throw ContractBreach(
                    reason:
                        "\(place)'s key '\(key.attribute)' is made of '\(name)', which is \(value.type.rawValue): a "
                        + "key is made of texts, numbers and binaries")
            }
            texts[name] = text
        }
        if key.rule.copiedField != nil, let value = fields[template.placeholders[0]], value.type != key.type {
            guard let text = value.keyText else { return nil }
            return try typed(text, as: key)
        }
        return try typed(try render(template, texts, for: key), as: key)
    }

    private func missing(_ key: Key, in fields: Item) -> ContractBreach {
        let names = key.rule.fields.filter { present($0, in: fields) == nil && $0 != key.attribute }
        let what = names.isEmpty ? "" : ": give '\(names.joined(separator: "', '"))', of which it is made"
        return ContractBreach(reason: "\(place)'s item has no '\(key.attribute)', which is its key\(what)")
    }

    /// Whether a key that the fields do not make has the form of its template, with what is known of the fields in it.
    private func checkForm(of value: AttributeValue, as key: Key, in fields: Item) throws(ContractBreach) {
        guard value.type == key.type else {
            throw ContractBreach(
                reason: "\(place)'s attribute '\(key.attribute)' is \(value.type.rawValue), the contract says "
                    + key.type.rawValue)
        }
        guard hasForm(of: key, value, in: fields) else {
            let forms = key.rule.templates.map { "'\($0.source)'" }.joined(separator: " or ")
            throw ContractBreach(
                reason: "\(place)'s key '\(key.attribute)' does not have the form \(forms) with the item's own "
                    + "attributes in it")
        }
    }

    /// Whether a key has the form of one of its templates, with what is known of the fields in it.
    func hasForm(of key: Key, _ value: AttributeValue, in fields: Item) -> Bool {
        guard let text = value.keyText, !key.rule.templates.isEmpty else { return true }
        return key.rule.templates.contains { template in
            var known: [String: String] = [:]
            for name in template.placeholders { known[name] = present(name, in: fields)?.keyText }
            return KeyForm(template, known: known).matches(text)
        }
    }

    /// Whether the contract gives an item of these fields no such key: by a condition on a field that is stored, or because an
    /// index's key is made of a stored field that has no value.
    func isWithout(_ key: Key, in fields: Item) -> Bool {
        func isStored(_ name: String) -> Bool { field(named: name)?.isStored == true }
        if let condition = key.rule.condition, !isStored(condition.field) { return false }
        guard let template = key.rule.template(where: { present($0, in: fields)?.ruleText }) else { return true }
        return key.role == .index
            && template.placeholders.contains { isStored($0) && present($0, in: fields) == nil }
    }

    /// Whether a condition on a field that is stored gives an item of these fields no such key.
    func isKeptAway(_ key: Key, in fields: Item) -> Bool {
        guard let condition = key.rule.condition, field(named: condition.field)?.isStored == true else { return false }
        return key.rule.template(where: { present($0, in: fields)?.ruleText }) == nil
    }

    /// Whether a condition holds of these fields.
    func holds(_ condition: KeyRule.Condition, in fields: Item) -> Bool {
        condition.holds(of: present(condition.field, in: fields)?.ruleText)
    }

    /// The value of a field that only keys hold: of a key that is just it, else out of one that can be taken apart.
    func value(of field: Field, inKeysOf item: Item) -> AttributeValue? {
        if let copy = keys.first(where: { $0.rule.copiedField == field.name && item[$0.attribute] != nil }) {
            return item[copy.attribute]
        }
        for key in keys where key.rule.fields.contains(field.name) {
            guard let text = item[key.attribute]?.keyText else { continue }
            for template in key.rule.templates where template.placeholders.contains(field.name) {
                if let found = template.parse(text)?[field.name] { return value(ofText: found, type: field.type) }
            }
        }
        return nil
    }
}
