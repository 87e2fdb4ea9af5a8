import ArgumentParser
import ContractEngine
import ContractModel
import TableProvisioning
import Tidemark

/// What the tables commands share: the contract, what tables are to be besides, and what capacity is reckoned with.
struct TableOptions: ParsableArguments {
    @OptionGroup var contract: ContractOptions

    @Option(
        help: "What tables are to be besides the contract (YAML or JSON): billing, protection, tags; docs/TABLES.md.")
    var settings: String?

    @OptionGroup var assumptions: AssumptionOptions

    /// - Parameter needsRates: whether provisioned tables are to be made, whose capacity somebody has to say.
    func load(needsRates: Bool = true) throws -> TableRequest {
        let document = try contract.load()
        let settings =
            try self.settings.map { try DeploymentSettings.read(try SourceText.read(path: $0)) } ?? DeploymentSettings()
        try settings.check(against: document)
        let request = TableRequest(
            document: document, settings: settings,
            capacity: capacity(of: document, assuming: try assumptions.load(for: document)))
        if needsRates { try request.checkRates() }
        return request
    }
}

/// What is asked for, read and checked.
struct TableRequest {
    var document: ContractDocument
    var settings: DeploymentSettings
    var capacity: CapacityPlan

    /// Provisioned capacity comes from the patterns' rates; without any it would be one unit, which stops a service.
    func checkRates() throws {
        guard !document.patterns.contains(where: { $0.peakRPS != nil }) else { return }
        let table = document.contract.tables.first { settings.values(of: $0).billing == .provisioned(nil) }
        guard let table else { return }
        throw CommandFailure(
            .usage,
            "\(table.name) is to be provisioned, and no pattern has a rate that says how much: give --patterns, or read-units "
                + "and write-units in the settings")
    }

    func plan(_ client: DynamoDBClient) async throws -> TablePlan {
        let survey = TableSurvey(client: client, settings: settings)
        return TablePlan(
            of: document, settings: settings, capacity: capacity, states: try await survey.states(of: document.contract)
        )
    }

    func verification(_ client: DynamoDBClient, sample: Int) async throws -> TableVerification {
        var verification = TableVerification(plan: try await plan(client))
        guard sample > 0 else { return verification }
        let sampler = ItemSampler(client: client)
        for entry in verification.plan.entries where entry.live != nil {
            let name = entry.desired.table.name
            Terminal.progress("\(name): reading \(sample) items …")
            do {
                let read = try await sampler.sample(
                    entry.desired.table, limit: sample, timeToLive: entry.desired.settings.timeToLive,
                    in: document.contract)
                verification.samples[name] = .read(read.sample, milliUnits: read.readMilliUnits)
            } catch {
                guard error.code == .accessDenied else {
                    Terminal.endProgress()
                    throw error
                }
                verification.samples[name] = .failed("the credentials may not dynamodb:Scan")
            }
        }
        Terminal.endProgress()
        verification.compareSamples()
        return verification
    }
}

extension AWSOptions {
    /// Hands out a client that measures nothing, and shuts it down whatever comes of the body.
    func withTables<Value>(
        _ request: TableRequest, _ body: (DynamoDBClient) async throws -> Value
    ) async throws -> Value {
        var configuration = try runtime(
            scope: try ScopeOptions.parse([]), document: request.document, telemetryDirectory: nil)
        configuration.patterns = []
        let client = try DynamoDBClient.unrecorded(configuration)
        do {
            let value = try await body(client)
            await client.shutdown()
            return value
        } catch {
            Terminal.endProgress()
            await client.shutdown()
            throw error
        }
    }
}
