import ContractModel
import JSONBytes
import TestSupport
import Testing
import Tidemark

/// Ranges of sort keys and kinds of items that begin alike, against a scripted DynamoDB.
struct KeyRangeTests {
    private static let visits = ContractTable(
        name: "Visits", partitionKey: KeyAttribute(name: "user_id"), sortKey: KeyAttribute(name: "visited_at"),
        entities: [
            ContractEntity(
                name: "Visits",
                attributes: [
                    ContractAttribute(name: "user_id", type: .S), ContractAttribute(name: "visited_at", type: .S),
                ])
        ])

    private static func kind(_ name: String, sort: String) -> ContractEntity {
        ContractEntity(
            name: name, partitionKeyTemplate: KeyTemplate("CUST#{customer_id}"), sortKeyTemplate: KeyTemplate(sort))
    }

    private static let shop = ContractTable(
        name: "Shop", isMultiEntity: true, partitionKey: KeyAttribute(name: "PK"), sortKey: KeyAttribute(name: "SK"),
        entities: [
            kind("ORDER", sort: "ORDER#{order_id}"), kind("LINE", sort: "ORDER#{order_id}#LINE#{line_no}"),
            kind("NOTE", sort: "NOTE#{day}#END"),
        ])

    private static let contract = MigrationContract(tables: [visits, shop])

    private func condition(_ body: JSONValue) -> [String?] {
        let values = body["ExpressionAttributeValues"]
        return [body["KeyConditionExpression"]?.stringValue]
            + [":1", ":2"].map { values?[$0]?["S"]?.stringValue }
    }

    @Test func aBareSortKeyHasNoEmptyEnd() async throws {
        let harness = try Harness { _, _ in answer(#"{"Items":[],"Count":0}"#) }
        let visits = try ContractRepository(client: harness.client, contract: Self.contract, table: "Visits")
        let user = ["user_id": "u"] as KeyValues
        _ = try await visits.query(user, through: ["visited_at": "2026-06"], pattern: "R2")
        _ = try await visits.query(user, from: ["visited_at": "2026-05"], pattern: "R2")
        _ = try await visits.query(
            user, from: ["visited_at": "2026-05"], through: ["visited_at": "2026-06"], pattern: "R2")
        #expect(try condition(harness.body(0)) == ["#0 = :0 AND #1 <= :1", "2026-06\u{10FFFF}", nil])
        #expect(try condition(harness.body(1)) == ["#0 = :0 AND #1 >= :1", "2026-05", nil])
        #expect(
            try condition(harness.body(2)) == ["#0 = :0 AND #1 BETWEEN :1 AND :2", "2026-05", "2026-06\u{10FFFF}"])
    }

    /// What stands behind the value sorts before a dash: with it, the end would leave out the days of the month.
    @Test func aRangeEndsBehindAllThatBeginsAsItsLastValue() async throws {
        let harness = try Harness { _, _ in answer(#"{"Items":[],"Count":0}"#) }
        let notes = try ContractRepository(
            client: harness.client, contract: Self.contract, table: "Shop", entity: "NOTE")
        let customer = ["customer_id": "1"] as KeyValues
        _ = try await notes.query(customer, from: ["day": "2026-05"], through: ["day": "2026-06"], pattern: "N")
        _ = try await notes.query(customer, through: ["day": "2026-06"], pattern: "N")
        _ = try await notes.query(customer, beginning: ["day": "2026-06"], pattern: "N")
        let range = "#0 = :0 AND #1 BETWEEN :1 AND :2"
        #expect(try condition(harness.body(0)) == [range, "NOTE#2026-05", "NOTE#2026-06\u{10FFFF}"])
        #expect(try condition(harness.body(1)) == [range, "NOTE#", "NOTE#2026-06\u{10FFFF}"])
        #expect(try condition(harness.body(2)) == ["#0 = :0 AND begins_with(#1, :1)", "NOTE#2026-06", nil])
    }

    // MARK: Kinds

    private static func item(_ sort: String) -> String { #"{"PK":{"S":"CUST#1"},"SK":{"S":"\#(sort)"}}"# }

    private static func answering(_ sorts: String...) -> String {
        let items = sorts.map(item).joined(separator: ",")
        return #"{"Items":[\#(items)],"Count":\#(sorts.count)}"#
    }

    private static func sorts(_ page: Page) -> [String?] { page.items.map { $0["SK"]?.stringValue } }

    @Test func linesAreNoOrdersAndOrdersNoLines() async throws {
        let harness = try Harness { _, _ in
            answer(Self.answering("ORDER#o1", "ORDER#o1#LINE#1", "ORDER#o1#LINE#2", "ORDER#o2"))
        }
        func repository(_ kind: String) throws -> ContractRepository {
            try ContractRepository(client: harness.client, contract: Self.contract, table: "Shop", entity: kind)
        }
        let customer = ["customer_id": "1"] as KeyValues
        #expect(
            Self.sorts(try await repository("ORDER").query(customer, pattern: "O1")) == ["ORDER#o1", "ORDER#o2"])
        #expect(
            Self.sorts(try await repository("LINE").query(customer, pattern: "O2"))
                == ["ORDER#o1#LINE#1", "ORDER#o1#LINE#2"])
    }

    @Test func aLimitCountsTheItemsOfTheKind() async throws {
        let harness = try Harness { _, number in
            let key = #""LastEvaluatedKey":{"PK":{"S":"CUST#1"},"SK":{"S":"x"}}"#
            let page = number == 1 ? Self.answering("ORDER#o1#LINE#1", "ORDER#o1") : Self.answering("ORDER#o2")
            return answer(String(page.dropLast()) + ",\(key)}")
        }
        let orders = try ContractRepository(
            client: harness.client, contract: Self.contract, table: "Shop", entity: "ORDER")
        var found: [String?] = []
        let pages = orders.queryPages(["customer_id": "1"], limit: 2, pattern: "O1")
        for try await page in pages { found += Self.sorts(page) }
        #expect(found == ["ORDER#o1", "ORDER#o2"])
        // Of the second page no more is asked for than is wanted still.
        #expect(try [harness.body(0), harness.body(1)].map { $0["Limit"]?.intValue } == [2, 1])
        #expect(harness.transport.requests.count == 2)
    }
}
