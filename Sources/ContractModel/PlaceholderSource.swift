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

/// Where the values of one entity's templates come from, for those who ask often: as
/// `ContractEntity.source(ofPlaceholder:inTemplateOf:)`, without a look at every attribute.
package struct PlaceholderSources {
    private var attributes: Set<String> = []
    private var columns: Set<String> = []
    /// The attributes whose joins select a value of that name, in the contract's order.
    private var joins: [String: [String]] = [:]

    package init(_ entity: ContractEntity) {
        let prefix = entity.sourceTable.map { "\($0)." }
        for attribute in entity.attributes {
            attributes.insert(attribute.name)
            for column in attribute.ownColumns(of: entity.sourceTable) {
                columns.insert(column)
                if let prefix, column.hasPrefix(prefix) { columns.insert(String(column.dropFirst(prefix.count))) }
            }
            let names = attribute.selectedColumns.reduce(into: Set<String>()) { names, column in
                names.formUnion(PlaceholderSource.names(of: column))
            }
            for name in names { joins[name, default: []].append(attribute.name) }
        }
    }

    package func source(ofPlaceholder name: String, inTemplateOf key: String? = nil) -> PlaceholderSource? {
        if name != key, attributes.contains(name) { return .attribute(name) }
        if columns.contains(name) { return .column(name) }
        let joined = joins[name] ?? []
        if let first = joined.first(where: { $0 == key }) ?? joined.first { return .join(attribute: first) }
        return attributes.contains(name) ? .attribute(name) : nil
    }
}

extension ContractAttribute {
    /// The columns that it reads from its own row.
    fileprivate func ownColumns(of table: String?) -> [String] {
        sourceTable == nil || sourceTable == table || join != nil ? sourceColumns : []
    }

    /// Whether it reads that column from its own row.
    fileprivate func reads(column name: String, of table: String?) -> Bool {
        ownColumns(of: table).contains { $0 == name || $0 == table.map { "\($0).\(name)" } }
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
