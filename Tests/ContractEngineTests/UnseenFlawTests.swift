import ContractEngine
import ContractModel
import Testing

/// Flaws of contracts that no message named: an index misspelt, formats that hold nothing, lists that nobody takes.
struct UnseenFlawTests {
    private func findings(_ contract: String, patterns: String? = nil) throws -> [String: Finding] {
        let found = try GivenDocuments.findings(contract, patterns: patterns)
        return Dictionary(found.map { ($0.rule, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private func chat(index: String, attributes: String = "", gsis: String? = nil) -> String {
        let gsi = #"{"index_name": "GSI1", "pk": "GSI1PK", "sk": "GSI1SK", "projection": "ALL"}"#
        return """
            {"tables": [{"table": "Chat", "type": "multi-entity", "source_table": "rooms", "pk": "PK", "sk": "SK",
             "gsis": [\(gsis ?? gsi)], "attributes": [], "entities": [
              {"entity_type": "MEMBER", "source_table": "members", "pk_template": "ROOM#{room_id}", "sk_template": "USER#{user_id}",
               "gsi_keys": [{"index_name": "\(index)", "pk_template": "USER#{user_id}", "sk_template": "ROOM#{room_id}"}],
               "attributes": [{"name": "room_id", "type": "S"}, {"name": "user_id", "type": "S"}\(attributes)]}]}]}
            """
    }

    // MARK: Names of indexes

    @Test(arguments: [("GSI_1", "GSI1"), ("GSI2", "GSI1"), ("gsi-1", "GSI1"), ("ByUser", nil)] as [(String, String?)])
    func aTemplateForAnIndexThatIsNotThereIsFound(name: String, nearest: String?) throws {
        let found = try #require(try findings(chat(index: name))["template-unknown-index"])
        #expect(found.severity == .error && found.message.contains("for the index \(name), and Chat has GSI1."))
        #expect(found.advice.contains("Did you mean GSI1?") == (nearest != nil))
        #expect(found.pointer == "/tables/0/entities/0/gsi_keys/0")
    }

    @Test(arguments: ["GSI1", "gsi1"])
    func oneInOtherCapitalsIsMeant(name: String) throws {
        #expect(try findings(chat(index: name))["template-unknown-index"] == nil)
    }

    /// So it is where the index has an entry of its own.
    @Test func anIndexBesideItsTableIsMeantToo() throws {
        let contract = """
            [{"table": "T", "type": "Table", "source_table": "t", "pk": "id", "gsi_keys": [{"index_name": "gsi1", "pk_template": "A#{a}"}],
              "attributes": {"id": {"type": "S"}, "a": {"type": "S"}}},
             {"table": "T", "type": "GSI", "index_name": "GSI1", "pk": "GSI1PK"}]
            """
        let read = try GivenDocuments.read(contract)
        #expect(read.contract.tables[0].entities[0].indexKeys.map(\.index) == ["GSI1"])
        #expect(!lint(read).contains { $0.rule == "template-unknown-index" })
    }

    // MARK: Formats

    private func format(_ text: String, name: String = "email", column: String = "email") -> String {
        chat(
            index: "GSI1",
            attributes: #", {"name": "\#(name)", "type": "S", "source_column": "\#(column)", "#
                + #""transformation": {"type": "string-format", "format": "\#(text)"}}"#
        ).replacing(
            #"{"name": "user_id", "type": "S"}"#, with: #"{"name": "user_id", "type": "S", "source_column": "user_id"}"#
        )
    }

    @Test func aFormatWithoutAHoleTakesTheColumnsPlace() throws {
        let found = try #require(try findings(format("lowercase"))["format-constant"])
        #expect(found.message.contains(#"has the format "lowercase", which has no placeholder"#))
        #expect(try findings(format("{email}"))["format-constant"] == nil)
        #expect(try findings(format("mail:%s", name: "link", column: "user_id"))["format-constant"] != nil)
        // A mark of the kind of item, hung on a column that another attribute holds.
        #expect(try findings(format("MEMBER", name: "kind", column: "user_id"))["format-constant"] == nil)
        #expect(try findings(format("uppercase", name: "nick", column: "user_id"))["format-constant"] != nil)
    }

    // MARK: Keys that can be absent

    private func keyed(_ calculation: String) -> String {
        GivenDocuments.orders("AP1").replacing(
            #""name": "customer_id", "type": "S", "source_table": "orders", "source_column": "customer_id""#,
            with: #""name": "customer_id", "type": "S", "source_column": "customer_id", "calculation": \#(calculation)"#
        )
    }

    @Test func aKeyThatIsACaseWithoutElseCanBeAbsent() throws {
        let open = #"{"type": "case", "cases": [{"when": "orders.a = 1", "then": "orders.a"}]}"#
        let found = try #require(try findings(keyed(open))["table-key-can-be-absent"])
        #expect(found.message.contains("it has a value only where orders.a = 1"))
        let closed = open.replacing("]}", with: #"], "else": "orders.b"}"#)
        #expect(try findings(keyed(closed))["table-key-can-be-absent"] == nil)
        let both =
            #"{"type": "case", "cases": [{"when": "orders.a IS NULL", "then": "orders.b"}, {"when": "orders.a IS NOT NULL", "then": "orders.a"}]}"#
        #expect(try findings(keyed(both))["table-key-can-be-absent"] == nil)
    }

    // MARK: Dates

    private func dated(_ format: String, _ description: String) throws -> Finding? {
        let contract = GivenDocuments.orders("AP1").replacing(#""sk": "order_no""#, with: #""sk": "placed_at""#)
            .replacing(
                #""source_column": "placed_at""#,
                with:
                    #""source_column": "placed_at", "transformation": {"type": "date-format", "format": "\#(format)"}"#)
        let patterns = """
            | ID | Description | Operation | Table | RPS | Key Attributes |
            |---|---|---|---|---|---|
            | AP1 | \(description) | Query | Orders | 1 | customer_id |
            """
        return try findings(contract, patterns: patterns)["date-sorts-as-text"]
    }

    @Test(arguments: ["DD/MM/YYYY", "MM-DD-YYYY", "YY-MM-DD", "HH:mm DD.MM.YYYY", "%d.%m.%Y"])
    func aDateThatDoesNotSortIsFoundWhereItsOrderIsAskedFor(format: String) throws {
        let found = try #require(try dated(format, "Orders between two dates, newest first"))
        #expect(
            found.subject == "AP1"
                && found.message.contains("the date placed_at stands first in the sort key placed_at as"))
        #expect(try dated(format, "Orders of a customer") == nil)
    }

    @Test(arguments: ["YYYY-MM-DD", "ISO8601", "YYYYMMDD", "yyyy-MM-dd HH:mm:ss"])
    func oneThatSortsIsNot(format: String) throws {
        #expect(try dated(format, "Latest orders of a customer") == nil)
    }

    // MARK: Projections

    private func projecting(_ count: Int, indexes: Int = 1) -> String {
        let attributes = (0..<100).map { #", {"name": "f\#($0)", "type": "S"}"# }.joined()
        let list = (0..<count).map { #""f\#($0)""# }.joined(separator: ", ")
        let gsis = (0..<indexes).map {
            #"{"index_name": "GSI\#($0 + 1)", "pk": "GSI1PK", "projection": "INCLUDE", "projected_attributes": [\#(list)]}"#
        }
        return chat(index: "GSI1", attributes: attributes, gsis: gsis.joined(separator: ", "))
    }

    @Test(
        arguments: [(20, 5, nil), (21, 1, "GSI1 of Chat lists 21"), (20, 6, "indexes of Chat list 120")]
            as [(Int, Int, String?)])
    func moreThanDynamoDBProjectsIsFound(count: Int, indexes: Int, text: String?) throws {
        let found = try findings(projecting(count, indexes: indexes))["too-many-projected-attributes"]
        #expect((found != nil) == (text != nil))
        if let text { #expect(found?.message.contains(text) == true, "\(found?.message ?? "")") }
    }

    @Test(arguments: [#""projection": "KEYS_ONLY""#, #""projection": "ALL""#, #""nothing": 1"#])
    func aListThatNoProjectionTakesIsFound(projection: String) throws {
        let index = #"{"index_name": "GSI1", "pk": "GSI1PK", \#(projection), "projected_attributes": ["user_id"]}"#
        let found = try findings(chat(index: "GSI1", gsis: index))["projected-attribute"]
        #expect(found?.message.contains("GSI1 of Chat lists `projected_attributes`") == true)
        #expect(
            try findings(chat(index: "GSI1", gsis: index.replacing(#"["user_id"]"#, with: "[]")))["projected-attribute"]
                == nil)
    }
}
