import AWSCore
import ContractModel
import Foundation
import Logging
import Testing
import Tidemark

/// The URL of a local AWS, where there is one.
let dynamoDBEndpoint = ProcessInfo.processInfo.environment["TIDEMARK_TEST_ENDPOINT"]
let dynamoDBSkipReason: Comment = "TIDEMARK_TEST_ENDPOINT names no local AWS"

/// A client with an account of its own: the local AWS keeps accounts apart by such an access key.
struct DynamoDBFixture {
    let client: DynamoDBClient

    init() throws {
        let endpoint = AWSEndpoint(url: try #require(dynamoDBEndpoint), region: "us-east-1")
        let account = String(UInt64.random(in: 100_000_000_000...999_999_999_999))
        var configuration = try TidemarkConfiguration(
            endpoint: endpoint,
            credentials: StaticCredentials(Credentials(accessKeyID: account, secretAccessKey: "local")),
            service: "integration", environment: "test")
        configuration.recordsCalls = false
        // The refusals are what is tested.
        configuration.logger.logLevel = .critical
        // Other tests use the same server at the same time.
        configuration.timeouts = Timeouts(connect: .seconds(10), firstByte: .seconds(30), attempt: .seconds(30))
        configuration.callTimeout = .seconds(60)
        client = try DynamoDBClient(configuration: configuration)
    }

    /// Hands out a client, and shuts it down whatever comes of the body.
    static func with(_ body: (DynamoDBClient) async throws -> Void) async throws {
        let fixture = try DynamoDBFixture()
        do {
            try await body(fixture.client)
        } catch {
            await fixture.client.shutdown()
            throw error
        }
        await fixture.client.shutdown()
    }

    /// Orders of customers, with an index by status that projects everything.
    static let orders = ContractTable(
        name: "Orders", partitionKey: KeyAttribute(name: "customer"), sortKey: KeyAttribute(name: "number", type: .N),
        indexes: [
            ContractIndex(
                name: "ByStatus", partitionKey: KeyAttribute(name: "status"),
                sortKey: KeyAttribute(name: "number", type: .N), projection: .all)
        ])

    /// Hands out a client that has the table of orders.
    static func withOrders(_ body: (DynamoDBClient) async throws -> Void) async throws {
        try await with { client in
            try await client.createTable(orders)
            try await client.waitUntilActive(orders.name, interval: .milliseconds(50))
            try await body(client)
        }
    }

    static func key(_ customer: String, _ number: Int) -> Item {
        ["customer": .string(customer), "number": .number(number)]
    }

    static func order(_ customer: String, _ number: Int, status: String = "open", note: String = "") -> Item {
        key(customer, number).merging(["status": .string(status), "amount": 10, "note": .string(note)]) { $1 }
    }
}

/// The failure of the call that the body makes, or nil.
func failure(_ body: () async throws -> Void) async -> TidemarkError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? TidemarkError
    }
}

/// The code of the failure of the call that the body makes, or nil.
func failureCode(_ body: () async throws -> Void) async -> TidemarkError.Code? { await failure(body)?.code }
