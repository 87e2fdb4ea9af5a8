internal import AWSCore
internal import CMeasurement
internal import ContractModel
internal import CurlTransport
internal import Telemetry
internal import Tidemark

/// One read of one item, as a service would write it.
struct Subject: Sendable {
    static let table = "Orders"
    static let pattern = "AP1"

    let client: DynamoDBClient
    let kind: Options.Subject
    private let executor: (any TaskExecutor)?
    private let repository: ContractRepository?

    init(_ kind: Options.Subject, _ options: Options) throws {
        var configuration = try TidemarkConfiguration(
            endpoint: AWSEndpoint(url: options.url, region: "us-east-1"),
            credentials: StaticCredentials(
                Credentials(
                    accessKeyID: "AKIDEXAMPLEEXAMPLE00",
                    secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")),
            service: "bench", environment: "test")
        configuration.transport.certificateAuthorityFile = options.authority
        configuration.transport.maximumConnections = max(options.inFlight, 1)
        configuration.transport.usesProxyFromEnvironment = false
        configuration.recordsCalls = kind != .unrecorded
        // The log is off: what is measured is the call.
        configuration.logging.successSampling = 0
        configuration.telemetryDirectory = options.telemetryDirectory
        configuration.contract = MigrationContract(tables: [Self.contract])
        client = try DynamoDBClient(configuration: configuration)
        if kind != .unrecorded, case .degraded(let reason) = client.telemetry.status {
            fail("calls are not recorded: \(reason)")
        }
        self.kind = kind
        executor = options.executor == .loop ? client.taskExecutor : nil
        repository =
            kind == .repository
            ? ContractRepository(client: client, table: Self.contract, entity: Self.entity) : nil
    }

    /// Runs a task where the options want this subject's calls to run: on its client's loop, or where Swift puts them.
    func onItsExecutor(_ body: () async throws -> Void) async throws {
        try await withTaskExecutorPreference(executor, operation: body)
    }

    /// Makes one call; gives its latency in nanoseconds.
    func call() async throws -> UInt32 {
        let begun = measurement_now()
        let item: Item?
        if let repository {
            item = try await repository.get(["order_id": "2026-001042"], pattern: Self.pattern)
        } else {
            item = try await client.getItem(
                table: Self.table, key: ["pk": "ORDER#2026-001042"], options: .pattern(Self.pattern)
            ).item
        }
        guard item?["pk"] == "ORDER#2026-001042" else { fail("the answer has not the item that was asked for") }
        return UInt32(truncatingIfNeeded: measurement_now() - begun)
    }

    private static let entity = ContractEntity(
        name: table, partitionKeyTemplate: KeyTemplate("ORDER#{order_id}"),
        attributes: [ContractAttribute(name: "pk", type: .S)])
    private static let contract = ContractTable(
        name: table, partitionKey: KeyAttribute(name: "pk"), entities: [entity], satisfies: [pattern])
}
