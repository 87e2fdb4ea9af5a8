internal import ContractModel

/// The rows that columns of an expression may be read from.
struct SourceScope {
    /// The entity's own table.
    let ownTable: String?
    let own: SourceRow
    /// Rows that joins have found, the last one last, each under the names that conditions call it by.
    private(set) var joined: [(names: [String], row: SourceRow)] = []
    /// Whether a column without a table is looked for in the row that was found last before the own row.
    var prefersJoined = false

    init(ownTable: String?, own: SourceRow) {
        self.ownTable = ownTable
        self.own = own
    }

    /// The same with one more row.
    func adding(_ row: SourceRow, as names: [String]) -> SourceScope {
        var scope = self
        scope.joined.append((names, row))
        return scope
    }

    /// The column's value; nil where no row has such a column.
    ///
    /// A table that is neither the own one nor one of a join is the row that was found last: contracts write "parent.name"
    /// of a join that has no alias.
    func value(of column: SourceColumn) -> SourceValue? {
        guard let table = column.table else {
            let inLast = joined.last?.row[column.name]
            return prefersJoined ? inLast ?? own[column.name] : own[column.name] ?? inLast
        }
        if let found = joined.last(where: { $0.names.contains(table) }) { return found.row[column.name] }
        if table == ownTable { return own[column.name] }
        return joined.last.map { $0.row[column.name] } ?? nil
    }

    /// The column's value in the rows before a join, whatever table it is said to be of.
    func localValue(of column: SourceColumn) -> SourceValue? {
        if let table = column.table, table != ownTable, let found = joined.last(where: { $0.names.contains(table) }) {
            return found.row[column.name]
        }
        return own[column.name] ?? joined.last?.row[column.name]
    }
}
