internal import ContractModel

extension EntityLayout {
    /// The primary key that the rules make of these values.
    func primaryKey(_ values: KeyValues) throws(ContractBreach) -> Item {
        var made: Item = [:]
        for key in keys where key.role != .index { made[key.attribute] = try value(of: key, values) }
        return made
    }

    /// A key attribute's value, for which every value that it is made of must be known.
    func value(of key: Key, _ values: KeyValues) throws(ContractBreach) -> AttributeValue {
        let copied = key.rule.copiedField
        // What most keys are.
        if let copied, let text = values[copied] ?? nil, !text.isEmpty {
            try checkForm(of: text, in: copied)
            return try typed(text, as: key)
        }
        // Whoever has the key as it stands may give it under its own name.
        if let whole = values[key.attribute] ?? nil, copied != key.attribute { return try typed(whole, as: key) }
        let template = try template(of: key, values)
        var texts: [String: String] = [:]
        for name in template.placeholders {
            guard let known = values[name], let text = known, !text.isEmpty else {
                throw ContractBreach(
                    reason: "\(place)'s key '\(key.attribute)' is made by '\(template.source)': give a value for "
                        + "'\(name)'")
            }
            try checkForm(of: text, in: name)
            texts[name] = keyText(text, of: name)
        }
        return try typed(try render(template, texts, for: key), as: key)
    }

    /// The template that applies to these values.
    private func template(of key: Key, _ values: KeyValues) throws(ContractBreach) -> KeyTemplate {
        if let condition = key.rule.condition, values[condition.field] == nil {
            throw ContractBreach(
                reason: "\(place)'s key '\(key.attribute)' depends on '\(condition.field)': give its value, or nil for "
                    + "none")
        }
        guard let template = key.rule.template(where: { values[$0] ?? nil }) else {
            throw ContractBreach(reason: "\(place) has no '\(key.attribute)' for these values")
        }
        return template
    }

    /// The key's text, once it is one that tells its parts apart.
    func render(_ template: KeyTemplate, _ texts: [String: String], for key: Key) throws(ContractBreach) -> String {
        switch template.ambiguity(of: texts) {
        case .separatorInValue(let hole, let separator):
            throw ContractBreach(
                reason: "\(place)'s key '\(key.attribute)' is made by '\(template.source)', and the value of '\(hole)' "
                    + "holds '\(separator)': keys of different items would be one")
        case .emptyValue(let hole):
            throw ContractBreach(
                reason: "\(place)'s key '\(key.attribute)' is made by '\(template.source)': give a value for '\(hole)'")
        case .adjacentHoles, nil: break
        }
        if let condition = key.rule.condition, condition.values.isEmpty, template.placeholders.isEmpty == false,
            let constant = key.rule.templates.first(where: { $0.placeholders.isEmpty }),
            template.render(texts) == constant.source
        {
            throw ContractBreach(
                reason:
                    "\(place)'s key '\(key.attribute)' would be '\(constant.source)', which stands for an item whose "
                    + "'\(condition.field)' has \(condition.isAbsent ? "no value" : "a value")")
        }
        return template.render(texts) ?? ""
    }

    /// Whether a whole value of a field has the form of its dates or numbers: no key has any other.
    private func checkForm(of text: String, in name: String) throws(ContractBreach) {
        if let field = field(named: name) { try checkForm(of: text, field) }
    }

    /// How a field's value stands in keys: a number in its one form, whatever form it is given in.
    func keyText(_ text: String, of name: String) -> String {
        field(named: name)?.type == .N ? AttributeValue.keyText(ofNumber: text) : text
    }

    /// The text as a value of the key's type.
    func typed(_ text: String, as key: Key) throws(ContractBreach) -> AttributeValue {
        switch key.type {
        case .N:
            guard NumberText(text) != nil else {
                throw ContractBreach(reason: "\(place)'s key '\(key.attribute)' must be a number by the contract")
            }
            return .number(text)
        case .B:
            guard let bytes = Base64.decode(text) else {
                throw ContractBreach(reason: "\(place)'s key '\(key.attribute)' is binary: give its value as base64")
            }
            return .binary(bytes)
        default: return .string(text)
        }
    }

    /// What the keys of this kind of item begin with, as far as the values are known, and whether that is all of it.
    func prefix(of key: Key, _ values: KeyValues) throws(ContractBreach) -> (text: String, isWhole: Bool) {
        if let whole = values[key.attribute] ?? nil, key.rule.copiedField != key.attribute { return (whole, true) }
        guard let template = key.rule.template(where: { values[$0] ?? nil }) else { return ("", false) }
        var text = ""
        for piece in template.pieces {
            switch piece {
            case .literal(let literal): text += literal
            case .placeholder(let name):
                guard let value = values[name] ?? nil else { return (text, false) }
                try checkForm(of: value, in: name)
                text += keyText(value, of: name)
            }
        }
        return (text, true)
    }
}

extension AttributeValue {
    /// Bytes as `KeyValues` have them: in base64.
    public static func keyText(_ bytes: [UInt8]) -> String { Base64.encode(bytes) }

    /// A number's one text in keys; what is no number stays as it is.
    static func keyText(ofNumber text: String) -> String { DynamoDBNumber(text)?.description ?? text }

    /// The value as rules compare it: as keys have it, true and false by these words, and "" for what has no such text.
    var ruleText: String {
        if case .bool(let flag) = self { return flag ? "true" : "false" }
        return keyText ?? ""
    }

    /// The value as it stands in a key; nil for what no key can hold. A number stands there as DynamoDB gives it back, "19.9" for
    /// 19.90: else who reads an item could not name its key.
    package var keyText: String? {
        switch self {
        case .string(let text): text
        case .number(let text): Self.keyText(ofNumber: text)
        case .binary(let bytes): Base64.encode(bytes)
        default: nil
        }
    }
}
