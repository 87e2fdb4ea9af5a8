import ContractEngine
import ContractModel
import Testing

/// Members of patterns in JSON and YAML, as teams call them.
struct PatternTreeTests {
    @Test func shortNamesOfRatesAndKeysAreRead() throws {
        let patterns = """
            - {id: GetOrder, description: Get order, peak: 100, avg: 20, operation: GetItem, table: Orders, keys: [customer_id, order_no]}
            - {id: OfCustomer, description: Orders of a customer, peak: 5, average: 1, operation: Query, table: Orders, key: customer_id}
            """
        let document = try GivenDocuments.read(GivenDocuments.orders(), patterns: patterns, as: "p.yaml")
        #expect(document.patterns.map(\.peakRPS) == [100, 5] && document.patterns.map(\.averageRPS) == [20, 1])
        #expect(document.patterns.map(\.keyAttributes) == [["customer_id", "order_no"], ["customer_id"]])
        #expect(!lint(document).contains { $0.rule == "unknown-field" })
    }

    /// A member of that name with another meaning is kept, and named.
    @Test func aKeyThatIsNoNameIsLeft() throws {
        let patterns =
            "- {id: A, description: Get order, rps: 1, operation: GetItem, table: Orders, key: {pk: customer_id}}"
        let document = try GivenDocuments.read(GivenDocuments.orders(), patterns: patterns, as: "p.yaml")
        #expect(document.patterns[0].keyAttributes.isEmpty)
        #expect(lint(document).contains { $0.rule == "unknown-field" && $0.message.contains("key") })
    }

    private static let two = GivenDocuments.orders().replacing(
        "]}]}",
        with: #"]}, {"table": "Nights", "source_table": "nights", "pk": "room_id", "sk": "night", "satisfies": [], "#
            + #""estimated_item_size_bytes": 100, "attributes": [{"name": "room_id", "type": "S"}, {"name": "night", "type": "S"}]}]}"#
    )

    @Test func oneCallMayTouchSeveralTables() throws {
        let patterns = """
            - {id: A, description: Book, rps: 1, operation: TransactWriteItems, tables: [Orders, Nights], items_per_call: 6}
            """
        let document = try GivenDocuments.read(Self.two, patterns: patterns, as: "p.yaml")
        let told = document.patterns[0].operations.map { "\($0.operation) \($0.table) \($0.itemsPerCall ?? 0)" }
        #expect(told == ["TransactWriteItems Orders 3.0", "TransactWriteItems Nights 3.0"])
        #expect(!lint(document).contains { $0.rule == "unknown-field" })
        let refusal = GivenDocuments.refusal(
            Self.two, patterns: patterns.replacing("Nights", with: "Days"), as: "p.yaml")
        #expect(refusal.contains("A names the table Days, which the contract has not"))
    }
}
