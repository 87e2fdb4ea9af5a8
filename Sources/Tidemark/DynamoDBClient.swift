public import AWSCore
internal import ContractModel
internal import CurlTransport
internal import JSONBytes
internal import Logging
public import Telemetry

/// Reads and writes DynamoDB, and measures every call.
///
///     let client = try DynamoDBClient(configuration: .fromEnvironment())
///     try await client.putItem(table: "Orders", item: ["id": "o-1", "total": 42])
///     let order = try await client.getItem(table: "Orders", key: ["id": "o-1"]).item
///     await client.shutdown()
///
/// One client a process is enough: it is safe to use from any task, keeps its connections and its retry budget.
public final class DynamoDBClient: Sendable {
    /// Where the measurements go; its `status` says whether they are recorded.
    public let telemetry: TelemetryWriter
    let caller: AWSCaller
    let directory: SeriesDirectory
    let defaults: Defaults
    private let recorder: CallRecorder
    private let hedges: HedgeBoard
    private let observer: CallObserver
    private let ownTransport: CurlTransport?
    private let slowCallNanoseconds: UInt64
    /// The tables that calls may be about; nil where any may.
    private let contractTables: Set<String>?

    struct Defaults: Sendable {
        var timeouts: Timeouts
        var callTimeout: Duration
        var retriesUnsafeWrites: Bool
        var isHedged: Bool
    }

    /// A client with connections and a telemetry file of its own.
    ///
    /// A telemetry directory that cannot be used fails nothing: `telemetry.status` and a warning in the log say why.
    ///
    /// - Throws: `configuration` where no connections can be made at all, or the configuration does not belong into its
    ///   environment (`TidemarkConfiguration.refusals`).
    public convenience init(configuration: TidemarkConfiguration) throws(TidemarkError) {
        if case let refusals = configuration.refusals, !refusals.isEmpty {
            throw TidemarkError(code: .configuration, message: refusals.joined(separator: "\n"))
        }
        let transport: CurlTransport
        do {
            transport = try CurlTransport(configuration: configuration.transport)
        } catch {
            throw TidemarkError(code: .configuration, message: error.message)
        }
        var recording = TelemetryWriter.Configuration(
            directory: configuration.telemetryDirectory, service: configuration.service,
            environment: configuration.environment, environmentVariables: configuration.environmentVariables)
        recording.isEnabled = configuration.recordsCalls
        let telemetry = TelemetryWriter.open(recording, preregister: Self.series(of: configuration.patterns))
        self.init(configuration: configuration, transport: transport, ownTransport: transport, telemetry: telemetry)
        if configuration.recordsCalls, case .degraded(let reason) = telemetry.status {
            configuration.logger.warning("calls are not recorded: \(reason)")
        }
        if let warning = telemetry.warning { configuration.logger.warning("\(warning)") }
    }

    /// A client over a given transport and telemetry writer, for tests and for processes with several clients.
    /// `shutdown()` leaves the transport alone and closes the writer. With a configuration that does not belong into its
    /// environment (`TidemarkConfiguration.refusals`) every call fails before anything is sent.
    public convenience init(
        configuration: TidemarkConfiguration, transport: any Transport, telemetry: TelemetryWriter,
        hooks: CallHooks = .live
    ) {
        self.init(
            configuration: configuration, transport: transport, ownTransport: nil, telemetry: telemetry, hooks: hooks)
    }

    private init(
        configuration: TidemarkConfiguration, transport: any Transport, ownTransport: CurlTransport?,
        telemetry: TelemetryWriter, hooks: CallHooks = .live
    ) {
        self.telemetry = telemetry
        self.ownTransport = ownTransport
        caller = AWSCaller(
            transport: transport,
            signer: SigV4Signer(service: AWSService.dynamoDB.signingName, region: configuration.endpoint.region),
            credentials: configuration.safeCredentials, endpoint: configuration.endpoint, retry: configuration.retry,
            hooks: hooks, circuit: configuration.circuit)
        hedges = HedgeBoard(policy: configuration.hedging ?? Hedging())
        directory = SeriesDirectory(telemetry: telemetry, contract: configuration.contract)
        recorder = CallRecorder(telemetry: telemetry, directory: directory)
        defaults = Defaults(
            timeouts: configuration.timeouts, callTimeout: configuration.callTimeout,
            retriesUnsafeWrites: configuration.retriesUnsafeWrites, isHedged: configuration.hedging != nil)
        observer = CallObserver(configuration: configuration)
        slowCallNanoseconds = configuration.slowCallThreshold.wholeNanoseconds
        contractTables =
            configuration.tablesOutsideContract == .allowed
            ? nil : configuration.contract.map { Set($0.tables.map(\.name)) }
    }

    /// Ends what is under way, closes the connections and the telemetry file. Calls made later fail with `client`.
    public func shutdown() async {
        ownTransport?.shutdown()
        telemetry.close()
    }

    private static func series(of patterns: [AccessPattern]) -> [SeriesKey] {
        patterns.flatMap { pattern in
            pattern.operations.map { operation in
                SeriesKey(
                    table: operation.table, index: operation.index ?? "", operation: operation.operation,
                    pattern: pattern.id)
            }
        }
    }

    /// Runs tasks on the thread that the client's connections live on, where a lone call costs about half:
    ///
    ///     await withTaskExecutorPreference(client.taskExecutor) { … }
    ///
    /// What such a task does between its calls holds up every other call of the client: it must not block, nor compute
    /// for long. Child tasks stay there; `Task { }`, `Task.detached`, the main actor and actors with an executor of
    /// their own leave it. Swift's own pool for a client over a given transport.
    public var taskExecutor: any TaskExecutor { ownTransport?.taskExecutor ?? globalConcurrentExecutor }

    // MARK: The one way of every call

    /// Prepares, sends and reads one call; measures and logs it at its one exit.
    func perform<Output: CallOutput>(
        _ site: CallSite, prepare: () throws(ItemProblem) -> PreparedRequest,
        decode: (HTTPResponse) throws(JSONError) -> Output
    ) async throws(TidemarkError) -> Output {
        let hooks = caller.hooks
        let started = hooks.uptimeNanoseconds()
        // Beside the call, and before what it measures is written down.
        if telemetry.isLookDue(at: started) { Task.detached(priority: .background) { [telemetry] in telemetry.look() } }
        let slot = recorder.slot(for: site)
        var facts = CallFacts()
        facts.span = observer.spans?.begin(site, at: hooks.now())
        var result = await attempt(site, slot: slot, facts: &facts, prepare: prepare, decode: decode)
        var outcome = CallOutcome.success
        if case .failure(let error) = result { outcome = CallOutcome(error.failureClass) }
        let now = hooks.uptimeNanoseconds()
        let record = CallRecord(
            durationNanoseconds: now > started ? now - started : 0, outcome: outcome, attempts: facts.attempts,
            items: UInt64(clamping: facts.items), itemBytes: UInt64(clamping: facts.itemBytes))
        telemetry.record(call: record, in: slot)
        if case .success(var output) = result {
            output.report = CallReport(record, facts.head)
            result = .success(output)
        }
        let isSlow = record.durationNanoseconds >= slowCallNanoseconds
        let level = observer.log.level(of: outcome, at: site, isSlow: isSlow)
        if isSlow || outcome != .success || level != nil || facts.span != nil || observer.metrics != nil
            || site.options.onReport != nil
        {
            return try observed(
                result, of: site, slot: slot, record: record, facts: facts, isSlow: isSlow, level: level)
        }
        return try result.get()
    }

    /// Tells everybody who listens of a call that has ended.
    private func observed<Output: CallOutput>(
        _ result: Result<Output, TidemarkError>, of site: CallSite, slot: SeriesSlot, record: CallRecord,
        facts: CallFacts, isSlow: Bool, level: Logger.Level?
    ) throws(TidemarkError) -> Output {
        var call = ObservedCall(
            site: site, record: record,
            correlationID: CorrelationID.cleaned(site.options.correlationID)
                ?? observer.correlationID { caller.identifiers.nextHex() }, isSlow: isSlow, keys: facts.keys,
            head: facts.head)
        if isSlow {
            telemetry.recordSlowCall(
                record, in: slot, endedAtNanoseconds: UInt64(clamping: caller.hooks.now().nanosecondsSince1970),
                correlationID: call.correlationID)
        }
        switch result {
        case .success(let output): call.consumed = output.consumed
        case .failure(var error):
            error.correlationID = call.correlationID
            call.error = error
        }
        observer.tell(call, span: facts.span, level: level, at: caller.hooks.now())
        if let onReport = site.options.onReport {
            var report = CallReport(record, facts.head)
            report.consumed = call.consumed
            report.error = call.error
            onReport(report)
        }
        if let error = call.error { throw error }
        return try result.get()
    }

    private func request(for site: CallSite, _ prepared: PreparedRequest) -> CallRequest {
        let options = site.options
        var repetition = Repetition.harmless
        if site.operation.isChange {
            let retriesAll = options.retriesUnsafeWrites ?? defaults.retriesUnsafeWrites
            repetition = .write(isRepeatable: retriesAll ? Self.always : Repeatability.isRepeatable)
        }
        let isHedged = options.isHedged ?? defaults.isHedged
        return CallRequest(
            target: site.operation.target, body: prepared.body, timeouts: options.timeouts ?? defaults.timeouts,
            callTimeout: options.callTimeout ?? defaults.callTimeout, retry: options.retry, repetition: repetition,
            circuit: caller.circuits == nil
                ? nil : CircuitKey(table: site.table, isWrite: site.operation.isChange),
            hedge: isHedged && HedgeBoard.operations.contains(site.operation.name) ? hedges.hedge(for: site) : nil)
    }

    /// Why the call may not be made on its tables; nil where it may.
    private func refusal(ofTablesOf site: CallSite) -> TidemarkError? {
        guard let contractTables, Operation.ofItems.contains(site.operation.name) else { return nil }
        let tables = site.tables.isEmpty ? [site.table] : site.tables
        guard let foreign = tables.first(where: { !$0.isEmpty && !contractTables.contains($0) }) else { return nil }
        return TidemarkError(
            code: .contract,
            message:
                "the contract has no table '\(foreign)': it has \(contractTables.sorted().joined(separator: ", "));"
                + " set tablesOutsideContract to .allowed to use others")
    }

    private static func always(target: String, body: [UInt8]) -> Bool { true }

    private func attempt<Output: CallOutput>(
        _ site: CallSite, slot: SeriesSlot, facts: inout CallFacts,
        prepare: () throws(ItemProblem) -> PreparedRequest, decode: (HTTPResponse) throws(JSONError) -> Output
    ) async -> Result<Output, TidemarkError> {
        if let refusal = site.options.refusal ?? refusal(ofTablesOf: site) { return .failure(refusal.at(site)) }
        let request: PreparedRequest
        do {
            request = try prepare()
        } catch {
            return .failure(TidemarkError(code: .validation, message: error.reason).at(site))
        }
        var attempts: UInt32 = 0
        var head: HTTPResponse.Head?
        let span = facts.span
        facts.keys = request.keys
        var decoded: Output?
        do throws(AWSFailure) {
            try await caller.perform(
                self.request(for: site, request),
                onAttempt: { attempt in
                    attempts += 1
                    recorder.record(attempt, of: site, in: slot, keys: request.keys)
                    span?.enter(attempt, endedAt: caller.hooks.now())
                },
                accept: { response throws(AWSFailure) in
                    head = response.head
                    do throws(JSONError) {
                        decoded = try decode(response)
                    } catch {
                        throw .malformed(error.description, response: response)
                    }
                })
            guard let output = decoded else { preconditionFailure("a call that succeeded has read its answer") }
            facts.attempts = attempts
            facts.head = head
            (facts.items, facts.itemBytes) = output.carried(by: request)
            recorder.record(output.consumed, of: site, keys: output.servedKeys(of: request))
            return .success(output)
        } catch {
            facts.attempts = attempts
            return .failure(TidemarkError(error, at: site, endpoint: caller.endpoint, body: request.body))
        }
    }
}

/// What is known of a call when it ends.
struct CallFacts {
    var attempts: UInt32 = 0
    var items = 0
    var itemBytes = 0
    var head: HTTPResponse.Head?
    var keys: [TouchedKey] = []
    var span: CallSpans.CallSpan?
}
