internal import ContractModel

/// About how many bytes keys have, names and values, by their templates and by what is known of their sources.
struct KeyBytes {
    let table: ContractTable
    let entity: ContractEntity

    /// The keys of the table and of the index in an entry, each attribute once.
    func ofEntry(in index: ContractIndex) -> Double {
        var bytes: [String: Int] = [:]
        for key in [table.partitionKey, table.sortKey].compactMap(\.self) {
            bytes[key.name] = value(of: key, entity.template(of: key, in: table))
        }
        for key in [index.partitionKey, index.sortKey].compactMap(\.self) where bytes[key.name] == nil {
            bytes[key.name] = value(of: key, entity.template(of: key, of: index, in: table))
        }
        return Double(bytes.reduce(0) { $0 + $1.key.utf8.count + $1.value })
    }

    private func value(of key: KeyAttribute, _ template: KeyTemplate?) -> Int {
        guard let template, key.type == .S else {
            return KeyBytes.value(called: key.name, entity.attribute(named: key.name), type: key.type)
        }
        return template.pieces.reduce(0) { sum, piece in
            switch piece {
            case .literal(let text): sum + text.utf8.count
            case .placeholder(let hole): sum + KeyBytes.value(called: hole, source(of: hole, key.name), type: nil)
            }
        }
    }

    private func source(of hole: String, _ key: String) -> ContractAttribute? {
        switch entity.source(ofPlaceholder: hole, inTemplateOf: key) {
        case .attribute(let name), .join(let name): entity.attribute(named: name)
        case .column(let column): entity.attributes.first { $0.join == nil && $0.columnNames == [column] }
        case nil: nil
        }
    }

    /// A UUID's text, which is what ids may be; a date to the millisecond; a number of a dozen digits; any other text that
    /// makes a key.
    private enum Usual {
        static let id = 36
        static let date = 24
        static let number = 8
        static let text = 32
    }

    private static func value(called name: String, _ attribute: ContractAttribute?, type: AttributeType?) -> Int {
        switch type ?? attribute?.type ?? .S {
        case .N: return Usual.number
        case .BOOL: return 1
        default: break
        }
        let usual = usual(attribute, called: name) ?? Usual.text
        return attribute?.maximumLengthInBytes.map { min($0, usual) } ?? usual
    }

    /// What a date or an id usually takes as a text; nil for any other, or where it is put together from other values.
    static func usual(_ attribute: ContractAttribute) -> Int? {
        guard attribute.calculation == nil, attribute.format == nil else { return nil }
        return usual(attribute, called: attribute.name)
    }

    private static func usual(_ attribute: ContractAttribute?, called name: String) -> Int? {
        let isTime = attribute.map { EntityView.isTime($0) } ?? EntityView.isTime(name)
        return isTime ? Usual.date : NameStem.words(name).last == "id" ? Usual.id : nil
    }
}
