import ContractEngine
import ContractModel
import TestSupport
import Testing
import Tidemark

/// Reads and writes by the example's contract.
@Suite(.enabled(if: dynamoDBEndpoint != nil, dynamoDBSkipReason))
struct DynamoDBRepositoryTests {
    /// Hands out a client with the example's tables, and the contract.
    private func withExample(_ body: (DynamoDBClient, MigrationContract) async throws -> Void) async throws {
        let path = "\(SharedFiles.packageRoot)/Examples/migrationContract.json"
        let contract = try ContractDocument.load(contractPath: path).contract
        try await DynamoDBFixture.with { client in
            for table in contract.tables {
                try await client.createTable(table)
                try await client.waitUntilActive(table.name, interval: .milliseconds(50))
            }
            try await body(client, contract)
        }
    }

    private func pass(_ rider: String, _ number: Int) -> Item {
        [
            "PK": "RIDER#\(rider)", "SK": "PASS#p-\(number)", "pass_id": "p-\(number)", "product_name": "Month",
            "minutes_left": 600, "price_cents": 2_900,
        ]
    }

    @Test func anItemIsStoredReadChangedAndDeletedByTheContractsKeys() async throws {
        try await withExample { client, contract in
            let passes = try ContractRepository(client: client, contract: contract, table: "Riders", entity: "PASS")
            let key = ["rider_id": "r-1", "pass_id": "p-1"]
            try await passes.put(pass("r-1", 1), condition: "attribute_not_exists(PK)", pattern: "AP4")
            #expect(try await passes.get(key, pattern: "AP3") == pass("r-1", 1))
            let changed = try await passes.update(
                key, set: ["minutes_left": 540], remove: ["price_cents"], pattern: "AP4")
            var expected = pass("r-1", 1)
            expected["minutes_left"] = 540
            expected["price_cents"] = nil
            #expect(changed == expected)
            try await passes.delete(key, pattern: "AP5")
            #expect(try await passes.get(key, pattern: "AP3") == nil)
        }
    }

    @Test func aQueryFindsOneKindOfItemOfAPartition() async throws {
        try await withExample { client, contract in
            let passes = try ContractRepository(client: client, contract: contract, table: "Riders", entity: "PASS")
            let riders = try ContractRepository(client: client, contract: contract, table: "Riders", entity: "RIDER")
            try await riders.put(
                ["PK": "RIDER#r-1", "SK": "#PROFILE", "rider_id": "r-1", "balance_cents": 0], pattern: "AP1")
            for number in 1...5 { try await passes.put(pass("r-1", number), pattern: "AP4") }
            try await passes.put(pass("r-2", 9), pattern: "AP4")
            var numbers: [String?] = []
            var start: Item?
            repeat {
                let page = try await passes.query(["rider_id": "r-1"], limit: 2, startAfter: start, pattern: "AP3")
                numbers += page.items.map { $0["pass_id"]?.stringValue }
                start = page.lastKey
            } while start != nil
            #expect(numbers == ["p-1", "p-2", "p-3", "p-4", "p-5"])
        }
    }

    @Test func aSparseIndexFindsOnlyWhatCarriesItsKey() async throws {
        try await withExample { client, contract in
            let rides = try ContractRepository(client: client, contract: contract, table: "Riders", entity: "RIDE")
            func ride(_ number: Int) -> Item {
                ["PK": "RIDER#r-1", "SK": "RIDE#\(number)", "ride_id": .string("\(number)"), "rider_id": "r-1"]
            }
            var open = ride(1)
            open["open_bike_id"] = "b-7"
            open["started_at"] = "2026-05-04T07:00:00Z"
            try await rides.put(open, pattern: "AP6")
            try await rides.put(ride(2), pattern: "AP6")
            let page = try await rides.query(["open_bike_id": "b-7"], index: "OpenRides", pattern: "AP10")
            #expect(page.items.map { $0["ride_id"] } == ["1"])
            let ended = try await rides.update(
                ["rider_id": "r-1", "ride_id": "1"], set: [:], remove: ["open_bike_id"], pattern: "AP7")
            #expect(ended?["open_bike_id"] == nil && ended?["started_at"] != nil)
            #expect(try await rides.query(["open_bike_id": "b-7"], index: "OpenRides", pattern: "AP10").items.isEmpty)
        }
    }

    @Test func whatBreaksTheContractIsRefusedAndNothingIsStored() async throws {
        try await withExample { client, contract in
            let passes = try ContractRepository(client: client, contract: contract, table: "Riders", entity: "PASS")
            let wrongKey = pass("r-1", 1).merging(["SK": "RIDE#1"]) { $1 }
            let wrongType = pass("r-1", 1).merging(["minutes_left": "many"]) { $1 }
            #expect(await failureCode { try await passes.put(wrongKey, pattern: "AP4") } == .contract)
            #expect(await failureCode { try await passes.put(wrongType, pattern: "AP4") } == .contract)
            let half = await failureCode { _ = try await passes.get(["rider_id": "r-1"], pattern: "AP3") }
            #expect(half == .contract)
            #expect(try await client.scan(table: "Riders").items.isEmpty)
        }
    }
}
