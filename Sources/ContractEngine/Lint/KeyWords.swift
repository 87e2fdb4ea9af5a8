internal import ContractModel

/// The words of a column's name that tell it from others: `user_id` of carts and `id` of users are both {user}.
enum KeyWords {
    static func of(_ column: String, in table: String? = nil) -> Set<String> {
        let last = column.split(separator: ".").last.map(String.init) ?? column
        let words = Set(NameStem.words(last).filter { $0 != "id" && $0 != "uuid" }.map { NameStem.of($0) })
        guard words.isEmpty else { return words }
        // Of no table, "id" stands for itself.
        return Set(table.map { NameStem.words($0).suffix(1).map { NameStem.of($0) } } ?? [last.lowercased()])
    }

    /// Every way in which a pattern may name the value of an attribute. Of a value that a join brings, the column that leads to
    /// it is none: who knows `user_id` does not know the user's email.
    static func of(_ attribute: ContractAttribute, in entity: ContractEntity) -> Set<Set<String>> {
        var names: Set = [of(attribute.name)]
        if let join = attribute.join {
            // The `name` of another row of its own table is not what its own is called.
            let isOwn = join.table == attribute.sourceTable ?? entity.sourceTable
            let isItself = isOwn && join.isOfTheRowItself
            for column in join.selectedColumns {
                if !isOwn || isItself || of(column.name).isEmpty { names.insert(of(column.name, in: column.table)) }
                if let table = column.table { names.insert(of(table).union(of(column.name, in: table))) }
            }
            for column in join.columnsGivenBack { names.insert(of(column.name)) }
        } else if attribute.calculation == nil || attribute.isMadeOfOneColumn {
            let table = attribute.sourceTable ?? entity.sourceTable
            for column in attribute.sourceColumns {
                names.formUnion([of(column, in: table), of(column)])
                // `name` of categories is `category_name` to whoever asks for it.
                if let table { names.insert(of("id", in: table).union(of(column, in: table))) }
            }
        }
        return names.filter { !$0.isEmpty }
    }

    /// The words of the columns by which a join finds what it brings.
    static func inputs(of attribute: ContractAttribute, in entity: ContractEntity) -> Set<Set<String>> {
        guard attribute.join != nil else { return [] }
        let table = attribute.sourceTable ?? entity.sourceTable
        return Set(attribute.sourceColumns.map { of($0, in: table) }).filter { !$0.isEmpty }
    }

    /// The words of what an attribute is made of, its own name aside unless it has no source.
    static func sources(of attribute: ContractAttribute, in entity: ContractEntity) -> Set<String> {
        let table = attribute.sourceTable ?? entity.sourceTable
        var words = attribute.sourceColumns.reduce(into: Set<String>()) { $0.formUnion(of($1, in: table)) }
        for column in attribute.join?.steps.last?.select.columns ?? [] {
            words.formUnion(of(column.name, in: column.table))
        }
        for hole in attribute.format?.placeholders ?? [] { words.formUnion(of(hole)) }
        words.subtract(["id", "uuid"])
        return words.isEmpty ? of(attribute.name) : words
    }
}

extension ContractJoin {
    /// The columns whose value it brings, whichever of them applies.
    fileprivate var selectedColumns: [SourceColumn] {
        let selected = steps.last?.select.columns ?? []
        if case .conditional(let join) = kind { return selected + (join.elseValue?.columns ?? []) }
        return selected
    }

    /// Whether its condition compares the row with itself: "sessions.id = sessions.id", as contracts write what depends on a condition alone.
    fileprivate var isOfTheRowItself: Bool {
        guard steps.count == 1, steps[0].alias == nil, let pairs = steps[0].columnPairs, !pairs.isEmpty else {
            return false
        }
        return pairs.allSatisfy { $0.local.name == $0.joined.name }
    }

    /// The columns of the row itself that it brings back: "parent.id", found by `parent_id`, is `parent_id`.
    fileprivate var columnsGivenBack: [SourceColumn] {
        guard steps.count == 1, let pairs = steps[0].columnPairs else { return [] }
        let names = Set(selectedColumns.map(\.name))
        return pairs.filter { names.contains($0.joined.name) }.map { SourceColumn(name: $0.local.name) }
    }

    /// The column whose value it brings, with the table that has it; nil where it is none, or several.
    fileprivate var origin: SourceColumn? {
        let columns = selectedColumns
        guard let step = steps.last, columns.count == 1 else { return nil }
        let isOther = columns[0].table.map { $0 != step.alias && $0 != step.table } ?? false
        return SourceColumn(table: isOther ? columns[0].table : step.table, name: columns[0].name)
    }
}

extension ContractAttribute {
    /// Whether it holds less of a date than its column does: the day of a moment.
    fileprivate var isReducedDate: Bool {
        guard case .dateFormat(let format, _)? = transformation, case .pieces(let pieces) = format.form else {
            return false
        }
        return !pieces.contains(.second)
    }

    /// Whether a calculation makes it of one column of its row and nothing else.
    fileprivate var isMadeOfOneColumn: Bool {
        if case .aggregate? = calculation { return false }
        return sourceColumns.count == 1
    }
}

/// What a caller must know to name a key.
struct KeyNeeds {
    /// One value: its name, and the words by which a caller may know it.
    struct Value {
        var name: String
        var words: Set<Set<String>>
        /// Those of them that are the value itself, and nothing that it is only computed of: "day", and not "posted_at".
        var exact: Set<Set<String>> = []
        /// The words of what a join finds it by.
        var inputs: Set<Set<String>> = []
        /// The column that a join takes it from.
        var origin: SourceColumn?
    }

    var values: [Value]

    /// "id", "user_email and created_at".
    var names: String { Figures.list(values.map(\.name)) }

    /// The needs of a key attribute; nil where the contract does not say how it is made.
    init?(_ key: KeyAttribute, template: KeyTemplate?, in view: EntityView) {
        if let template {
            values = template.placeholders.map { hole in
                var value = Value(name: hole, words: [KeyWords.of(hole)], exact: [KeyWords.of(hole)])
                switch view.source(ofPlaceholder: hole, inTemplateOf: key.name) {
                case .attribute(let name), .join(let name):
                    if let attribute = view.attribute(name) { value.take(attribute, in: view.entity) }
                case .column(let name):
                    value.words.insert(KeyWords.of(name, in: view.entity.sourceTable))
                    value.exact = value.words
                case nil: break
                }
                return value
            }
            return
        }
        guard let attribute = view.attribute(key.name) else { return nil }
        // "PK" tells nobody what to give; a name of its own does, whatever its column is called.
        let isGeneric =
            KeyName.isSynthetic(attribute.name) && attribute.sourceColumns.count == 1 && attribute.join == nil
        var value = Value(
            name: attribute.joinedColumn ?? (isGeneric ? attribute.sourceColumns[0] : attribute.name), words: [])
        value.take(attribute, in: view.entity)
        values = [value]
    }

    /// The values that a caller who knows these columns does not know.
    func unmet(knowing known: Set<Set<String>>) -> [Value] { values.filter { $0.words.isDisjoint(with: known) } }

    /// Whether all values are known as they are, and none is only computed of what is known.
    func isExact(knowing known: Set<Set<String>>) -> Bool { values.allSatisfy { !$0.exact.isDisjoint(with: known) } }
}

extension KeyNeeds.Value {
    /// It is the value of that attribute.
    fileprivate mutating func take(_ attribute: ContractAttribute, in entity: ContractEntity) {
        words.formUnion(KeyWords.of(attribute, in: entity))
        let isComputed = attribute.calculation != nil || attribute.isReducedDate
        exact.formUnion(isComputed ? [KeyWords.of(attribute.name)] : words)
        inputs = KeyWords.inputs(of: attribute, in: entity)
        origin = attribute.join?.origin
    }
}
