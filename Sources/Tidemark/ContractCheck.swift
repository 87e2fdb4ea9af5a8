package import ContractModel

/// Why a key or an item breaks the contract. It names attributes and templates, never values.
struct ContractBreach: Error, Equatable {
    /// One sentence that says where and why.
    var reason: String
}

/// Keys and items of one kind, held against the contract.
struct ContractCheck: Sendable {
    let table: ContractTable
    let entity: ContractEntity

    // MARK: Keys

    /// The key that the templates make of these values.
    func key(_ values: [String: String]) throws(ContractBreach) -> Item {
        var key: Item = [:]
        key[table.partitionKey.name] = try keyValue(table.partitionKey, entity.partitionKeyTemplate, values)
        if let sort = table.sortKey { key[sort.name] = try keyValue(sort, entity.sortKeyTemplate, values) }
        return key
    }

    /// The partition key alone.
    func partitionKey(_ values: [String: String]) throws(ContractBreach) -> AttributeValue {
        try keyValue(table.partitionKey, entity.partitionKeyTemplate, values)
    }

    /// The beginning that the sort keys of this kind of item have in common for these values; "" when there is none.
    func sortKeyPrefix(_ values: [String: String]) -> String {
        var prefix = ""
        for piece in entity.sortKeyTemplate?.pieces ?? [] {
            switch piece {
            case .literal(let text): prefix += text
            case .placeholder(let name):
                guard let value = values[name] else { return prefix }
                prefix += value
            }
        }
        return prefix
    }

    /// A key attribute's value: by its template, else by the value of its own name.
    func keyValue(
        _ attribute: KeyAttribute, _ template: KeyTemplate?, _ values: [String: String]
    ) throws(ContractBreach) -> AttributeValue {
        let template = template ?? KeyTemplate("{\(attribute.name)}")
        for name in template.placeholders where values[name, default: ""].isEmpty {
            throw ContractBreach(
                reason: "\(place)'s key '\(attribute.name)' is made by '\(template.source)': give a value for '\(name)'"
            )
        }
        let text = template.render(values) ?? ""
        switch attribute.type {
        case .N:
            guard NumberText(text) != nil else {
                throw ContractBreach(reason: "\(place)'s key '\(attribute.name)' must be a number by the contract")
            }
            return .number(text)
        case .B:
            guard let bytes = Base64.decode(text) else {
                throw ContractBreach(reason: "\(place)'s key '\(attribute.name)' is binary: give its value as base64")
            }
            return .binary(bytes)
        default: return .string(text)
        }
    }

    // MARK: Items

    /// Whether an item may be stored: its keys there and in their templates' form, every attribute of its type.
    func check(_ item: Item) throws(ContractBreach) {
        try check(item, table.partitionKey, entity.partitionKeyTemplate)
        if let sort = table.sortKey { try check(item, sort, entity.sortKeyTemplate) }
        for (name, value) in item { try check(value, of: name) }
    }

    /// Whether these attributes may be set on an item: none of them a key, every one of its type.
    func checkChange(_ attributes: Item, removing removed: [String]) throws(ContractBreach) {
        let keys = [table.partitionKey.name, table.sortKey?.name]
        for name in Array(attributes.keys) + removed where keys.contains(name) {
            throw ContractBreach(reason: "'\(name)' is a key of \(place) and cannot be changed: delete and put instead")
        }
        guard !attributes.isEmpty || !removed.isEmpty else {
            throw ContractBreach(reason: "the update of \(place) changes nothing: name an attribute")
        }
        for (name, value) in attributes { try check(value, of: name) }
    }

    private func check(_ item: Item, _ key: KeyAttribute, _ template: KeyTemplate?) throws(ContractBreach) {
        guard let value = item[key.name] else {
            throw ContractBreach(reason: "\(place)'s item has no '\(key.name)', which is its key")
        }
        guard value.type == key.type else {
            throw ContractBreach(reason: wrongType(key.name, value.type, expected: key.type))
        }
        guard let template, let text = value.stringValue ?? value.numberText else { return }
        guard KeyForm(template, known: plainAttributes(of: item)).matches(text) else {
            throw ContractBreach(
                reason: "\(place)'s key '\(key.name)' does not have the form '\(template.source)' with the item's own "
                    + "attributes in it")
        }
    }

    private func check(_ value: AttributeValue, of name: String) throws(ContractBreach) {
        if let attribute = entity.attribute(named: name), attribute.type != value.type {
            throw ContractBreach(reason: wrongType(name, value.type, expected: attribute.type))
        }
        for index in table.indexes {
            for key in [index.partitionKey, index.sortKey].compactMap({ $0 }) where key.name == name {
                guard value.type == key.type else {
                    throw ContractBreach(
                        reason: wrongType(name, value.type, expected: key.type) + " as a key of index '\(index.name)'")
                }
            }
        }
    }

    /// The item's attributes whose value stands in a key just as it is: of a template's hole of the same name.
    private func plainAttributes(of item: Item) -> [String: String] {
        var plain: [String: String] = [:]
        for attribute in entity.attributes where attribute.format == nil && attribute.joinedTable == nil {
            guard let value = item[attribute.name] else { continue }
            if let text = value.stringValue ?? value.numberText { plain[attribute.name] = text }
        }
        return plain
    }

    private func wrongType(_ name: String, _ type: AttributeType, expected: AttributeType) -> String {
        "\(place)'s attribute '\(name)' is \(type.rawValue), the contract says \(expected.rawValue)"
    }

    private var place: String { entity.name == table.name ? table.name : "\(table.name) \(entity.name)" }
}

/// The form of a key: fixed texts, and holes that hold at least one character each.
package struct KeyForm {
    /// nil stands for a hole.
    private var pieces: [String?] = []

    /// The template's form, with the known values put into their holes.
    package init(_ template: KeyTemplate, known: [String: String]) {
        for piece in template.pieces {
            let text: String? =
                switch piece {
                case .literal(let literal): literal
                case .placeholder(let name): known[name]
                }
            if let text, let last = pieces.last, let before = last {
                pieces[pieces.count - 1] = before + text
            } else {
                pieces.append(text)
            }
        }
    }

    /// Whether the text has the form. Like a file name's pattern: each fixed text at its first place, the last at the end.
    package func matches(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        var holes = 0
        for (place, piece) in pieces.enumerated() {
            guard let piece else {
                holes += 1
                continue
            }
            let wanted = Array(piece.utf8)
            let isLast = place == pieces.count - 1
            guard let end = KeyForm.end(of: wanted, in: rest, holesBefore: holes, anchored: isLast) else {
                return false
            }
            rest = rest[end...]
            holes = 0
        }
        return holes == 0 ? rest.isEmpty : rest.count >= holes
    }

    private static func end(
        of wanted: [UInt8], in text: ArraySlice<UInt8>, holesBefore holes: Int, anchored: Bool
    ) -> Int? {
        let last = text.endIndex - wanted.count
        guard text.startIndex + holes <= last else { return nil }
        if holes == 0 { return text.starts(with: wanted) ? text.startIndex + wanted.count : nil }
        if anchored { return text[last...].elementsEqual(wanted) ? text.endIndex : nil }
        let start = (text.startIndex + holes...last).first { text[$0...].starts(with: wanted) }
        return start.map { $0 + wanted.count }
    }
}
