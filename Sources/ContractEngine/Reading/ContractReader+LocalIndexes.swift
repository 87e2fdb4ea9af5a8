internal import ContractModel

/// Local secondary indexes, which nothing here makes or reads: a contract that has one is refused, since DynamoDB makes them with
/// their table and never later.
extension ContractReader {
    /// Where teams write them beside `gsis`.
    static let localIndexFields: Set<String> = ["local_secondary_indexes", "local_indexes", "lsis", "lsi"]

    mutating func refuseLocalIndexes(of table: DocumentNode, label: String) {
        for member in table.objectValue ?? [] where ContractReader.localIndexFields.contains(member.name) {
            let elements = member.value.arrayValue ?? (member.value.isNull ? [] : [member.value])
            for element in elements {
                refuseLocalIndex(
                    element, called: ContractReader.indexName(element), of: label, table["pk"]?.stringValue)
            }
        }
    }

    /// Whether an index's own `type` says that it is a local one.
    static func isLocalIndex(_ index: DocumentNode) -> Bool {
        let type = index["type"]?.stringValue?.lowercased() ?? ""
        return type == "lsi" || type.hasPrefix("local")
    }

    mutating func refuseLocalIndex(_ place: DocumentNode, called name: String?, of label: String?, _ key: String?) {
        let index = name.map { "the index \($0.shown)" } ?? "an index"
        let table = label.map { " of \($0)" } ?? ""
        let partition = key.map { "the table's `pk` (\($0.shown))" } ?? "the table's `pk`"
        problem(
            place,
            "\(index)\(table) is a local secondary index, which Tidemark neither makes nor reads; make it a global one, in `gsis` with "
                + "\(partition) as its own, which serves the same Queries without consistent reads")
    }

    static func indexName(_ index: DocumentNode) -> String? { index.first("index_name", "name")?.stringValue }
}
