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
        for warning in configuration.warnings { configuration.logger.warning("\(warning)") }
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
            hooks: hooks, circuit: configuration.circuit?.fitting(callTimeout: configuration.callTimeout))
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
        if let ownTransport {
            caller.endPauses()
            ownTransport.shutdown()
        }
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
        let span = observer.spans?.begin(site, at: hooks.now())
        var report = CallReport()
        var keys: [TouchedKey] = []
        var output = await attempt(
            site, slot: slot, span: span, report: &report, keys: &keys, prepare: prepare, decode: decode)
        if let error = report.error { report.record.outcome = CallOutcome(error.failureClass) }
        let now = hooks.uptimeNanoseconds()
        report.record.durationNanoseconds = now > started ? now - started : 0
        telemetry.record(call: report.record, in: slot)
        let isSlow = report.record.durationNanoseconds >= slowCallNanoseconds
        let level = observer.log.level(of: report.record.outcome, at: site, isSlow: isSlow)
        if isSlow || output == nil || level != nil || span != nil || observer.metrics != nil
            || site.options.onReport != nil
        {
            let correlationID = correlationID(at: site)
            report.correlationID = correlationID
            report.error?.correlationID = correlationID
            tell(report, of: site, slot: slot, keys: keys, span: span, isSlow: isSlow, level: level)
        }
        if let error = report.error { throw error }
        output?.report = report
        guard let output else { preconditionFailure("a call that succeeded has its output") }
        return output
    }

    /// The id of a call: the caller's, the context's, or one that is made.
    private func correlationID(at site: CallSite) -> String {
        CorrelationID.cleaned(site.options.correlationID) ?? observer.correlationID { caller.identifiers.nextHex() }
    }

    /// Tells everybody who listens of a call that has ended.
    private func tell(
        _ report: CallReport, of site: CallSite, slot: SeriesSlot, keys: [TouchedKey], span: CallSpans.CallSpan?,
        isSlow: Bool, level: Logger.Level?
    ) {
        let now = caller.hooks.now()
        if isSlow {
            telemetry.recordSlowCall(
                report.record, in: slot, endedAtNanoseconds: UInt64(clamping: now.nanosecondsSince1970),
                correlationID: report.correlationID ?? "")
        }
        let call = ObservedCall(site: site, report: report, keys: keys, isSlow: isSlow)
        observer.tell(call, span: span, level: level, at: now)
        site.options.onReport?(report)
    }

    /// What a caller is told whom the answer of a call that succeeded does not serve.
    func refusal(
        _ code: TidemarkError.Code, _ message: String, after report: CallReport, at site: CallSite
    ) -> TidemarkError {
        var endpoint = caller.endpoint
        if let url = report.accountURL { endpoint.url = url }
        var error = TidemarkError(code: code, message: message, at: site, endpoint: endpoint)
        error.attempts = report.attempts
        error.requestID = report.requestID
        error.correlationID = report.correlationID ?? correlationID(at: site)
        return error
    }

    private func request(for site: CallSite, _ prepared: PreparedRequest) -> CallRequest {
        let options = site.options
        var repetition = Repetition.harmless
        if site.operation.isChange {
            let retriesAll = options.retriesUnsafeWrites ?? defaults.retriesUnsafeWrites
            repetition = .write(limit: retriesAll ? Self.always : Repeatability.limit)
        }
        let isHedged = options.isHedged ?? defaults.isHedged
        var call = CallRequest(
            target: site.operation.target, body: prepared.body, timeouts: options.timeouts ?? defaults.timeouts,
            callTimeout: options.callTimeout ?? defaults.callTimeout, retry: options.retry, repetition: repetition,
            circuit: caller.circuits == nil ? nil : site.circuit,
            hedge: isHedged && HedgeBoard.operations.contains(site.operation.name) ? hedges.hedge(for: site) : nil)
        call.isSafeInItselfOnly = prepared.isSafeInItselfOnly
        return call
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

    /// Tells of an attempt that changed its table's circuit. Of one that nobody asks for any more no attempt can tell: its end is
    /// counted where its opening was.
    private func tellOfCircuit(_ attempt: AttemptOutcome, of site: CallSite, in slot: SeriesSlot) {
        for change in attempt.circuit { observer.tell(change, by: attempt, of: site) }
        guard attempt.circuit.contains(.opened), let circuits = caller.circuits else { return }
        let site = CallSite(operation: site.operation, table: site.table, options: CallOptions())
        circuits.whenForgotten(site.circuit) { [recorder, observer] in
            recorder.record(.forgotten, of: site, in: slot)
            observer.tell(.forgotten, by: nil, of: site)
        }
    }

    private static func always(target: String, body: [UInt8]) -> RepetitionLimit { .always }

    /// Makes the call; the output, or nil where the report has the error.
    private func attempt<Output: CallOutput>(
        _ site: CallSite, slot: SeriesSlot, span: CallSpans.CallSpan?, report: inout CallReport,
        keys: inout [TouchedKey], prepare: () throws(ItemProblem) -> PreparedRequest,
        decode: (HTTPResponse) throws(JSONError) -> Output
    ) async -> Output? {
        if let refusal = site.options.refusal ?? refusal(ofTablesOf: site) {
            report.error = refusal.at(site)
            return nil
        }
        let request: PreparedRequest
        do {
            request = try prepare()
        } catch {
            report.error = TidemarkError(code: .validation, message: error.reason).at(site)
            return nil
        }
        keys = request.keys
        var (attempts, hedges) = (UInt32(0), 0)
        var accountURL: String?
        var head: HTTPResponse.Head?
        var decoded: Output?
        do throws(AWSFailure) {
            try await caller.perform(
                self.request(for: site, request),
                onAttempt: { attempt in
                    attempts += 1
                    if attempt.hedge == .second { hedges += 1 }
                    if caller.hasAccountEndpoints { accountURL = attempt.url }
                    recorder.record(attempt, of: site, in: slot, keys: request.keys)
                    span?.enter(attempt, endedAt: caller.hooks.now())
                    if !attempt.circuit.isEmpty { tellOfCircuit(attempt, of: site, in: slot) }
                },
                accept: { response throws(AWSFailure) in
                    head = response.head
                    do throws(JSONError) {
                        decoded = try decode(response)
                    } catch {
                        throw .malformed(error.description, response: response)
                    }
                })
        } catch {
            report.record.attempts = attempts
            report.hedges = hedges
            report.error = TidemarkError(error, at: site, endpoint: caller.endpoint, body: request.body)
            return nil
        }
        guard let output = decoded else { preconditionFailure("a call that succeeded has read its answer") }
        report.record.attempts = attempts
        report.hedges = hedges
        report.accountURL = accountURL
        report.head = head
        report.consumed = output.report.consumed
        let carried = output.carried(by: request)
        report.record.items = UInt64(clamping: carried.items)
        report.record.itemBytes = UInt64(clamping: carried.bytes)
        recorder.record(report.consumed, of: site, keys: output.servedKeys(of: request))
        return output
    }
}
