/// Where the value of a template's hole comes from.
public enum PlaceholderSource: Sendable, Hashable {
    /// The value of the attribute of that name.
    case attribute(String)
    /// A column of the entity's own source row.
    case column(String)
    /// The value that the join of this attribute finds: `{user_email}` where the attribute's join selects "users.email".
    case join(attribute: String)
}

extension ContractEntity {
    /// Where the value of a hole in one of this entity's templates comes from; nil where nothing in the contract gives it.
    ///
    /// The first that fits: an attribute of the hole's name, unless that is the key itself; a column that an attribute of this
    /// entity reads, also as "orders.id"; a column that a join selects, by its own name or after its table's ("users.email"
    /// is `user_email`).
    public func source(ofPlaceholder name: String, inTemplateOf key: String? = nil) -> PlaceholderSource? {
        if name != key, attributes.contains(where: { $0.name == name }) { return .attribute(name) }
        if attributes.contains(where: { $0.reads(column: name, of: sourceTable) }) { return .column(name) }
        let joined = attributes.filter { attribute in
            attribute.selectedColumns.contains { PlaceholderSource.names(of: $0).contains(name) }
        }
        // A key attribute's own join is meant for the key: it comes first.
        if let first = joined.first(where: { $0.name == key }) ?? joined.first { return .join(attribute: first.name) }
        if name == key, attributes.contains(where: { $0.name == name }) { return .attribute(name) }
        return nil
    }
}

extension ContractAttribute {
    /// Whether it reads that column from its own row.
    fileprivate func reads(column name: String, of table: String?) -> Bool {
        guard sourceTable == nil || sourceTable == table || join != nil else { return false }
        return sourceColumns.contains { $0 == name || $0 == table.map { "\($0).\(name)" } }
    }

    /// The columns that its join takes values from.
    fileprivate var selectedColumns: [SourceColumn] {
        switch join?.kind {
        case .chain(let chain) where chain.separator != nil: []
        case .jsonConstruction, .unknown, nil: []
        default: join?.steps.last?.select.columns ?? []
        }
    }
}

extension PlaceholderSource {
    /// The names by which a template may call a joined column: "email", "users_email", "user_email".
    static func names(of column: SourceColumn) -> Set<String> {
        guard let table = column.table else { return [column.name] }
        var names: Set = [column.name, "\(table)_\(column.name)"]
        for singular in singulars(of: table) { names.insert("\(singular)_\(column.name)") }
        return names
    }

    private static func singulars(of table: String) -> [String] {
        var singulars: [String] = []
        if table.hasSuffix("ies") { singulars.append(table.dropLast(3) + "y") }
        if table.hasSuffix("es") { singulars.append(String(table.dropLast(2))) }
        if table.hasSuffix("s") { singulars.append(String(table.dropLast())) }
        return singulars
    }
}
