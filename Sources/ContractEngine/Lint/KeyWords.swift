internal import ContractModel

/// The words of a column's name that tell it from others: `user_id` of carts and `id` of users are both {user}.
enum KeyWords {
    static func of(_ column: String, in table: String? = nil) -> Set<String> {
        let last = column.split(separator: ".").last.map(String.init) ?? column
        let words = Set(NameStem.words(last).filter { $0 != "id" && $0 != "uuid" }.map { NameStem.of($0) })
        guard words.isEmpty else { return words }
        return Set(table.map { NameStem.words($0).suffix(1).map { NameStem.of($0) } } ?? [])
    }

    /// Every way in which a pattern may name the value of an attribute.
    static func of(_ attribute: ContractAttribute, in entity: ContractEntity) -> Set<Set<String>> {
        var names: Set = [of(attribute.name)]
        for column in attribute.sourceColumns where attribute.calculation == nil || attribute.sourceColumns.count == 1 {
            let table = attribute.sourceTable ?? entity.sourceTable
            names.insert(of(column, in: table))
            // `name` of categories is `category_name` to whoever asks for it.
            if let table, attribute.join == nil { names.insert(of("id", in: table).union(of(column, in: table))) }
        }
        for column in attribute.join?.steps.last?.select.columns ?? [] {
            names.insert(of(column.name, in: column.table))
            if let table = column.table { names.insert(of(table).union(of(column.name, in: table))) }
        }
        return names.filter { !$0.isEmpty }
    }

    /// The words of what an attribute is made of, its own name aside unless it has no source.
    static func sources(of attribute: ContractAttribute, in entity: ContractEntity) -> Set<String> {
        let table = attribute.sourceTable ?? entity.sourceTable
        var words = attribute.sourceColumns.reduce(into: Set<String>()) { $0.formUnion(of($1, in: table)) }
        for column in attribute.join?.steps.last?.select.columns ?? [] {
            words.formUnion(of(column.name, in: column.table))
        }
        for hole in attribute.format?.placeholders ?? [] { words.formUnion(of(hole)) }
        return words.isEmpty ? of(attribute.name) : words
    }

    /// The columns that a pattern's key attributes name: "user_id from token" is `user_id`; what is no name is left out.
    static func known(to pattern: AccessPattern) -> [String] {
        pattern.keyAttributes.compactMap { text in
            guard let first = text.split(separator: " ").first,
                first.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
            else { return nil }
            let isName = first.contains("_") || text.split(separator: " ").count == 1
            return isName ? String(first) : nil
        }
    }
}

/// What a caller must know to name a key.
struct KeyNeeds {
    /// One value: its name, and the words by which a caller may know it.
    struct Value {
        var name: String
        var words: Set<Set<String>>
    }

    var values: [Value]

    /// The needs of a key attribute; nil where the contract does not say how it is made.
    init?(_ key: KeyAttribute, template: KeyTemplate?, in view: EntityView) {
        if let template {
            values = template.placeholders.map { hole in
                var words: Set = [KeyWords.of(hole)]
                switch view.source(ofPlaceholder: hole, inTemplateOf: key.name) {
                case .attribute(let name), .join(let name):
                    if let attribute = view.attribute(name) { words.formUnion(KeyWords.of(attribute, in: view.entity)) }
                case .column(let name): words.insert(KeyWords.of(name, in: view.entity.sourceTable))
                case nil: break
                }
                return Value(name: hole, words: words)
            }
            return
        }
        guard let attribute = view.attribute(key.name) else { return nil }
        let isGeneric = attribute.sourceColumns.count == 1 && attribute.join == nil
        values = [
            Value(
                name: attribute.joinedColumn ?? (isGeneric ? attribute.sourceColumns[0] : attribute.name),
                words: KeyWords.of(attribute, in: view.entity))
        ]
    }

    /// The values that a caller who knows these columns does not know.
    func missing(knowing known: Set<Set<String>>) -> [String] {
        values.filter { $0.words.isDisjoint(with: known) }.map(\.name)
    }
}
