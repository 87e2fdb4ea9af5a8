import AWSCore
import ContractModel
import CurlTransport
import Telemetry
import TestSupport
import Tidemark

/// One fact about DynamoDB that a server may share or not.
struct Probe: Sendable {
    /// DynamoDB's name of the operation.
    let operation: String
    /// The probe's own name, by which a cell can be traced to its code.
    let name: String
    /// What DynamoDB does.
    let fact: String
    /// Returns where the server does it too; throws `Differs` or what the client met.
    let run: @Sendable (ProbeContext) async throws -> Void

    init(
        _ operation: String, _ name: String, _ fact: String,
        run: @escaping @Sendable (ProbeContext) async throws -> Void
    ) {
        self.operation = operation
        self.name = name
        self.fact = fact
        self.run = run
    }

    /// All probes, in the document's order.
    static let all = items + queries + batches + transactions + statements + tables + settings + protocols

    /// What the server makes of the probe. Texts hold nothing that another run would have otherwise.
    func cell(in context: ProbeContext, on server: MatrixServer) async -> String {
        do {
            try await run(context)
            return "passes"
        } catch let difference as Differs {
            return "differs: \(difference.text)"
        } catch let error as TidemarkError {
            let code = error.underlying?.code ?? ""
            let isAbsent =
                code == "UnknownOperationException"
                || (error.code == .server && server.crashesOn.contains(error.operation))
            return isAbsent
                ? "absent" : "differs: \(error.operation) fails (\(error.code)\(code.isEmpty ? "" : ", \(code)"))"
        } catch {
            return "differs: \(type(of: error))"
        }
    }
}

/// What a server does otherwise.
struct Differs: Error {
    let text: String
}

/// A server, and a table of its own for each probe.
struct ProbeContext: Sendable {
    let client: DynamoDBClient
    let table: String
    let witness: WitnessTransport

    static let index = "ByState"

    /// Partition key "pk", sort key "sk" (a number), and a global index by "state".
    func schema(_ suffix: String = "") -> ContractTable {
        ContractTable(
            name: table + suffix, partitionKey: KeyAttribute(name: "pk"), sortKey: KeyAttribute(name: "sk", type: .N),
            indexes: [
                ContractIndex(
                    name: Self.index, partitionKey: KeyAttribute(name: "state"),
                    sortKey: KeyAttribute(name: "sk", type: .N))
            ])
    }

    /// Makes the table and waits for it.
    func makeTable() async throws {
        try await client.createTable(schema())
        try await client.waitUntilActive(table, interval: .milliseconds(20))
    }

    func key(_ partition: String, _ number: Int) -> Item { ["pk": .string(partition), "sk": .number(number)] }

    func item(_ partition: String, _ number: Int, state: String = "open", note: String = "") -> Item {
        key(partition, number).merging(["state": .string(state), "note": .string(note)]) { $1 }
    }

    /// Makes the table with so many items in one partition, numbered from 1.
    func fill(_ count: Int, partition: String = "p") async throws {
        try await makeTable()
        try await client.batchWriteAll((1...count).map { .put(table: table, item: item(partition, $0)) })
    }

    // MARK: Judging

    /// Fails the probe where the condition does not hold.
    func expect(_ holds: Bool, _ otherwise: String) throws {
        guard holds else { throw Differs(text: otherwise) }
    }

    /// The failure of the body; the server differs where there is none.
    func failure(
        _ otherwise: String, of body: () async throws(TidemarkError) -> Void
    ) async throws -> TidemarkError {
        do throws(TidemarkError) {
            try await body()
        } catch {
            return error
        }
        throw Differs(text: otherwise)
    }

    /// Sends a request as it stands and expects DynamoDB's refusal of that name.
    func expectRefusal(_ operation: String, _ body: String, _ code: String, _ otherwise: String) async throws {
        let error = try await failure(otherwise) { () throws(TidemarkError) in
            try await client.call(operation, body: body)
        }
        let found = error.underlying?.code ?? "\(error.code)"
        try expect(found == code, "\(found) instead of \(code)")
    }
}

/// Remembers the last answer's headers.
final class WitnessTransport: Transport {
    private let base: CurlTransport
    private let answers = Lock<[HTTPHeader]>([])

    init(_ base: CurlTransport) { self.base = base }

    var headers: [HTTPHeader] { answers.withLock { $0 } }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let response = try await base.send(request)
        answers.withLock { $0 = response.headers }
        return response
    }
}
