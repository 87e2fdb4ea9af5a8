import ContractEngine
import ContractModel
import Telemetry
import TestSupport
import Testing
import Tidemark

/// Batches, removals and keys of indexes by hand that break the contract: refused before anything is sent, and measured as the calls that
/// they are.
struct RefusedWriteTests {
    private static let text = """
        {"tables": [{"table": "Tasks", "source_table": "tasks", "pk": "task_id",
          "gsis": [{"index_name": "Open", "pk": "open_team", "projection": "ALL"}],
          "attributes": [{"name": "task_id", "type": "S", "source_table": "tasks", "source_column": "id"},
            {"name": "team", "type": "S", "source_table": "tasks", "source_column": "team", "nullable": false},
            {"name": "closed_at", "type": "S", "source_table": "tasks", "source_column": "closed_at", "nullable": true},
            {"name": "open_team", "type": "S", "source_table": "tasks", "source_column": "team",
             "calculation": {"type": "case", "cases": [{"when": "closed_at IS NULL", "then": "team"}]}}]},
         {"table": "Users", "source_table": "users", "pk": "user_id",
          "unique_constraints": [{"attributes": ["email"], "pk_template": "EMAIL#{email}"}],
          "attributes": [{"name": "user_id", "type": "S", "source_table": "users", "source_column": "id"},
            {"name": "email", "type": "S", "source_table": "users", "source_column": "email", "nullable": false}]}]}
        """

    private static func repository(_ harness: Harness, _ table: String = "Tasks") throws -> ContractRepository {
        let contract = try ContractDocument.read(contract: SourceText(name: "c.json", text: text)).contract
        return try ContractRepository(client: harness.client, contract: contract, table: table)
    }

    private static let good: Item = ["task_id": "1", "team": "red"]

    /// That the call is refused for this reason, that nothing is sent, and that it is measured as one call of that operation.
    private func expectRefusal(
        _ operation: String, of table: String = "Tasks", _ reason: String,
        _ call: (ContractRepository) async throws(TidemarkError) -> Void
    ) async throws {
        let harness = try Harness { _, _ in answer("{}") }
        let repository = try Self.repository(harness, table)
        let error = await failure { () throws(TidemarkError) in try await call(repository) }
        #expect(error.code == .contract && error.pattern == "AP1" && error.operation == operation)
        #expect(error.message.contains(reason), "\(error.message)")
        #expect(harness.transport.requests.isEmpty)
        let series = try harness.counters()[SeriesKey(table: table, operation: operation, pattern: "AP1")]
        #expect(series?.calls(.client) == 1)
    }

    @Test func aBatchOfWhichOneBreaksTheContractStoresNone() async throws {
        try await expectRefusal("BatchWriteItem", "has no attribute 'colour' by the contract") {
            tasks throws(TidemarkError) in
            try await tasks.batchPut([Self.good, ["task_id": "2", "team": "red", "colour": "x"]], pattern: "AP1")
        }
        try await expectRefusal("BatchWriteItem", "has no 'team', which the contract requires") {
            tasks throws(TidemarkError) in
            try await tasks.batchPut([Self.good, ["task_id": "2"]], pattern: "AP1")
        }
    }

    @Test func aBatchOfKeysOfWhichOneIsNoneIsNotSent() async throws {
        try await expectRefusal("BatchWriteItem", "give a value for 'task_id'") { tasks throws(TidemarkError) in
            try await tasks.batchDelete([["task_id": "1"], ["team": "red"]], pattern: "AP1")
        }
        try await expectRefusal("BatchGetItem", "give a value for 'task_id'") { tasks throws(TidemarkError) in
            _ = try await tasks.batchGet([["task_id": "1"], [:]], pattern: "AP1")
        }
    }

    @Test func aBatchKeepsNothingUnique() async throws {
        let reason =
            "'email' is unique by the contract, and a batch write cannot keep the item that holds its place: use '"
        try await expectRefusal("BatchWriteItem", of: "Users", reason + "put'") { users throws(TidemarkError) in
            try await users.batchPut([["user_id": "1", "email": "a@b.c"]], pattern: "AP1")
        }
        try await expectRefusal("BatchWriteItem", of: "Users", reason + "delete'") { users throws(TidemarkError) in
            try await users.batchDelete([["user_id": "1"]], pattern: "AP1")
        }
    }

    @Test func aRemovalNeedsTheItemAsItWasRead() async throws {
        try await expectRefusal("TransactWriteItems", of: "Users", "has no 'user_id', which is its key") {
            users throws(TidemarkError) in
            try await users.remove(["email": "a@b.c"], pattern: "AP1")
        }
        try await expectRefusal("TransactWriteItems", of: "Users", "has no 'email', which the contract requires") {
            users throws(TidemarkError) in
            try await users.remove(["user_id": "1"], pattern: "AP1")
        }
    }

    @Test func aKeyThatTheItemsOwnFieldsKeepAwayIsRefused() async throws {
        let closed: Item = ["task_id": "1", "team": "red", "closed_at": "2026-01-01", "open_team": "red"]
        let reason = "'open_team' is the key of an index that an item with this 'closed_at' is not in by the contract"
        try await expectRefusal("PutItem", reason) { tasks throws(TidemarkError) in
            try await tasks.put(closed, pattern: "AP1")
        }
        try await expectRefusal("BatchWriteItem", reason) { tasks throws(TidemarkError) in
            try await tasks.batchPut([closed], pattern: "AP1")
        }
    }

    @Test func whatTheFieldsDoNotKeepAwayMayBeGiven() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        let tasks = try Self.repository(harness)
        try await tasks.put(["task_id": "1", "team": "red", "open_team": "red"], pattern: "AP1")
        try await tasks.put(["task_id": "1", "team": "red", "closed_at": "2026-01-01"], pattern: "AP1")
        // An item that was stored so before can still be removed.
        try await tasks.remove(
            ["task_id": "1", "team": "red", "closed_at": "2026-01-01", "open_team": "red"], pattern: "AP1")
        #expect(harness.transport.requests.count == 3)
    }
}
