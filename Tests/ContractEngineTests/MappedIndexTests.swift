import ContractEngine
import ContractModel
import Testing

/// Indexes that the model's mapping names by themselves, or beside their tables.
struct MappedIndexTests {
    private static let contract = """
        {"tables": [
         {"table": "Social", "type": "single-entity", "source_table": "posts", "pk": "author", "sk": "post_no", "attributes": [
           {"name": "author", "type": "S"}, {"name": "post_no", "type": "S"}, {"name": "tag", "type": "S"}],
          "gsis": [{"index_name": "InvertedIndex", "pk": "post_no", "sk": "author", "projection": "ALL"},
                   {"index_name": "GSI1", "pk": "tag", "projection": "ALL"}], "satisfies": ["AP1"]},
         {"table": "Users", "type": "single-entity", "source_table": "users", "pk": "user_no", "attributes": [
           {"name": "user_no", "type": "S"}, {"name": "email", "type": "S"}],
          "gsis": [{"index_name": "GSI1", "pk": "email", "projection": "ALL"}]}]}
        """

    private func document(_ cell: String) throws -> ContractDocument {
        let model = "| Pattern | Tables/Indexes | Operations |\n|---|---|---|\n| AP1 | \(cell) | Query |\n"
        let patterns = "id,description,peak rps,key attributes\nAP1,Find it,1,post_no\n"
        return try GivenDocuments.read(Self.contract, patterns: patterns, as: "p.csv", model: model)
    }

    @Test(arguments: [
        ("InvertedIndex", ["Social.InvertedIndex"]), ("`invertedindex`", ["Social.InvertedIndex"]),
        ("InvertedIndex GSI", ["Social.InvertedIndex"]), ("Social (InvertedIndex)", ["Social.InvertedIndex"]),
        ("Social (InvertedIndex GSI)", ["Social.InvertedIndex"]), ("InvertedIndex (Social)", ["Social.InvertedIndex"]),
        ("Social/InvertedIndex", ["Social.InvertedIndex"]), ("InvertedIndex on Social", ["Social.InvertedIndex"]),
        ("GSI1 of Social", ["Social.GSI1"]), ("GSI7", []),
        ("GSI1 on Users table", ["Users.GSI1"]),
        ("Social (GSI1, InvertedIndex)", ["Social.GSI1", "Social.InvertedIndex"]),
        ("Social (by far the largest, it is)", ["Social"]), ("Social, Users (GSI1)", ["Social", "Users.GSI1"]),
    ])
    func anIndexIsFoundByItsName(cell: String, expected: [String]) throws {
        let read = try document(cell)
        let places = read.patterns[0].operations.filter { $0.guess?.contains("claims it") != true }
            .map { operation in operation.table + (operation.index.map { ".\($0)" } ?? "") }
        #expect(places == expected)
        #expect(lint(read).contains { $0.rule == "mapping-unknown-name" } == expected.isEmpty)
    }

    /// Of several tables the index is that one's which has it, in either document.
    @Test(arguments: [
        ("Users, Social", "InvertedIndex"), ("Social, Users", "-, InvertedIndex"),
        ("Users, Social", "Social.InvertedIndex"),
    ])
    func anIndexBesideSeveralTablesIsItsOwnTables(tables: String, index: String) throws {
        let columns = "| Pattern | Description | Peak RPS | Tables | Index | Operations |\n|---|---|---|---|---|---|\n"
        let row = "| AP1 | Find it | 1 | \(tables) | \(index) | Query |\n"
        let patterns = "id,description,peak rps,key attributes\nAP1,Find it,1,post_no\n"
        for read in [
            try GivenDocuments.read(Self.contract, patterns: columns + row),
            try GivenDocuments.read(Self.contract, patterns: patterns, as: "p.csv", model: columns + row),
        ] {
            let places = read.patterns[0].operations.map { "\($0.table)\($0.index.map { ".\($0)" } ?? "")" }
            #expect(Set(places) == ["Users", "Social.InvertedIndex"])
        }
    }

    /// A name that two tables give an index is nobody's.
    @Test func anIndexOfTwoTablesIsNotGuessed() throws {
        #expect(lint(try document("GSI1")).contains { $0.rule == "mapping-unknown-name" })
    }
}
