import AWSCore
public import CloudWatch
public import Logging
import Monitoring
import Telemetry

/// Collects what the services of this host measured, keeps it, and publishes it to CloudWatch.
///
/// `run()` waits on the clock and calls `tick()`; `shutdown()` is one last tick. The agent starts no other process, and
/// keys leave the host in no form but their HMAC.
public actor Agent {
    var configuration: AgentConfiguration
    /// The time that is believed, not the wall clock's.
    let clock: AgentClock
    let steady: SteadyClock
    /// Since when that clock stamps, and with what.
    var epoch: ClockEpoch
    /// By how much the store's time stamps are still to be moved.
    var unmoved: Int64 = 0
    /// Whether windows ahead of now were looked for since the clock was last moved.
    var hasBroughtBack = false
    /// Whether a request is on its way.
    var isSending = false
    /// The request that is on its way.
    private var request: Task<SendOutcome, Never>?
    /// Whether it was ended because the agent ends.
    private(set) var isCutShort = false
    /// Publishes once a second for as long as `run()` works.
    private var publisher: Task<Void, Never>?
    /// The lead of CloudWatch's clock, in seconds, that a person was told.
    var saidLead: Int64?
    var logger: Logger
    var store: AgentStore
    var sink: (any MetricSink)?
    let collector: Collector
    var builder: DatumBuilder
    /// Which series are published by themselves, where a budget limits them.
    var folding: FoldingState?
    let pseudonym: KeyPseudonym
    let failpoint: @Sendable (AgentStep) throws -> Void
    /// Held for as long as the agent lives, or until another has its place.
    var locks: [DirectoryLock]
    /// Why this agent has ended though nobody asked it to: another one has its place, and what this one holds in memory (what
    /// each process had counted, what is on its way) may be behind what that one has stored. Only a new agent can go on.
    package internal(set) var loss: AgentError?
    /// Which agent this is, for the store.
    let claim = "\(ProcessNumber.current)-\(UInt64.random(in: 0 ... .max))"

    var files: TelemetryFileSet
    var tracker: HotKeyTracker
    var outbox: OutboxState
    /// Decisions that the store could not take yet, because its disk is full.
    var unsettled: [(decision: BatchDecision, batch: StoredBatch)] = []
    /// Where the current window began, nanoseconds since 1970.
    var windowStart: Int64
    var commitNotBefore = Int64.min
    /// What the last agent committed of each process; asked only for processes that the store does not know, since of the
    /// others the store has taken over what the mark had ahead.
    var mark = CommitMark()
    /// Whether `agent.pending` says that something waits.
    var hasPendingMark = true
    /// Since when the key events of a service waited for an agent, nanoseconds since 1970; of this window alone.
    var keysWaitedSince: [MonitoringScope: Int64] = [:]
    /// How far CloudWatch's clock is ahead of this host's.
    var clockOffset = Duration.zero
    /// How long after its end a window is sent, so that the agents of a fleet do not send at the same moment.
    package private(set) var sendPhase = Duration.zero
    var filesSeenAt: Int64
    /// When each service last had a telemetry file, nanoseconds since 1970.
    var scopesSeenAt: [MonitoringScope: Int64] = [:]
    var prunedAt = Int64.min
    var troubles = TroubleLog()
    var vitals = AgentVitals()
    /// Where else telemetry is looked for when there is none, and not before when.
    var places = TelemetryPlaces()
    var placesNotBefore = Int64.min
    /// Whether a person was told, since files were last seen, where some are.
    var hasNamedPlaces = false
    /// What the store says of files that are not counted; nil before it was told.
    var notedUncounted: String?
    /// Notices of states whose end is not written down yet, with their numbers in the store.
    var lasting: [CollectorNotice: Int64] = [:]
    /// Those of them that an earlier agent has said, and this one has not.
    var unsaid: Set<CollectorNotice> = []
    /// What the last commit said of counters that went backward.
    var backward: Set<String> = []
    /// Services of which it was said that they make names without end.
    var crowdedScopes: Set<MonitoringScope> = []
    /// Whether a window or a batch may wait to be sent: else the store is not asked every second.
    var mayHaveUnsent = true
    /// Whether old windows may have to be merged now; else it is looked after once a period.
    var mayHaveHousework = true
    /// Whether the process is this agent's alone, and whether it has memory left from a period's work.
    private var ownsProcess = false
    var hasWorked = false
    let startedAt: Int64
    private var isShutDown = false

    /// Takes the directories and opens the store.
    ///
    /// - Parameters:
    ///   - configuration: where to read, where to keep, what to publish.
    ///   - cloudWatch: where to publish; nil collects only.
    ///   - clock: time and randomness.
    ///   - spreadsSending: whether a window's sending begins at this store's own moment within the period, so that the agents
    ///     of a fleet do not all send at once; else as soon as the period has ended. Default: no.
    ///   - logger: takes one line for each thing that a person should know.
    /// - Throws: `AgentError` when a directory or the store cannot be used, or another agent works there.
    public init(
        configuration: AgentConfiguration, cloudWatch: CloudWatchClient?, clock: AgentClock = .system,
        spreadsSending: Bool = false, logger: Logger = Logger(label: "tidemark.agent")
    ) throws(AgentError) {
        try self.init(
            configuration: configuration, sink: cloudWatch.map { CloudWatchSink(client: $0) }, clock: clock,
            spreadsSending: spreadsSending, logger: logger, failpoint: { _ in })
    }

    package init(
        configuration: AgentConfiguration, sink: (any MetricSink)?, clock: AgentClock, spreadsSending: Bool = false,
        logger: Logger = Logger(label: "tidemark.agent"),
        failpoint: @escaping @Sendable (AgentStep) throws -> Void = { _ in }
    ) throws(AgentError) {
        locks = try Self.takeDirectories(configuration)
        self.configuration = configuration
        let steady = SteadyClock(clock)
        self.steady = steady
        self.clock = steady.agentClock
        self.logger = logger
        self.sink = configuration.publish ? sink : nil
        self.failpoint = failpoint
        let (found, refusal) = Self.readMark(in: configuration.telemetryDirectory)
        mark = found
        let trace = StoreTrace(mark: found, pending: PendingMark.read(in: configuration.telemetryDirectory))
        let opened = try AgentStore.openSettled(
            dataDirectory: configuration.dataDirectory, trace: trace, resend: configuration.resendAmbiguous,
            now: clock.now())
        store = opened.store
        try store.claim(claim)
        let behind = try store.catchUp(with: trace, isReplaced: opened.isReplaced, now: clock.now())
        epoch = try Self.epoch(opened.store, steady)
        for case let warning? in [opened.warning, behind] { logger.warning("\(warning)") }
        if let facts = PathFacts(FileSystem.resolved(configuration.dataDirectory)), facts.mode & 0o077 != 0 {
            logger.warning(
                "\(configuration.dataDirectory): this data directory has mode \(facts.modeText): others may look at what is in it; chmod 0700"
            )
        }
        pseudonym = try KeyPseudonym(dataDirectory: configuration.dataDirectory)
        if let warning = pseudonym.warning { logger.warning("\(warning)") }
        collector = Collector(period: configuration.publishPeriod)
        builder = Self.builder(for: configuration)
        files = TelemetryFileSet(
            directory: configuration.telemetryDirectory, service: configuration.service,
            environment: configuration.environment)
        tracker = HotKeyTracker(capacity: configuration.hotKeyCapacity)
        outbox = OutboxState(resendAmbiguous: configuration.resendAmbiguous)
        startedAt = steady.now.nanosecondsSince1970
        windowStart = startedAt
        filesSeenAt = startedAt
        if let problem = configuration.budgetProblem { throw AgentError(code: .configuration, message: problem) }
        if var state = FoldingState(configuration) {
            try state.replay(store, since: startedAt - AgentLimits.scopeMemory.nanosecondsCount)
            (folding, builder.folding) = (state, state.folding)
        }
        for scope in try store.scopes(since: startedAt - AgentLimits.scopeMemory.nanosecondsCount) {
            scopesSeenAt[scope] = startedAt
        }
        if spreadsSending { sendPhase = try store.sendPhase(period: configuration.publishPeriod) }
        if let refusal { files.note(refusal) }
        lasting = try store.lastingNotices()
        unsaid = Set(lasting.keys)
        let isPublishing = configuration.publish && sink != nil
        try store.noteFacts(Self.startFacts(configuration, startedAt, sendPhase, epoch, isPublishing: isPublishing))
    }

    /// For the reports, which read the store and not this process.
    private static func startFacts(
        _ configuration: AgentConfiguration, _ startedAt: Int64, _ sendPhase: Duration,
        _ epoch: ClockEpoch, isPublishing: Bool
    ) -> [AgentFact: String] {
        [
            .startedAt: "\(startedAt)", .stoppedAt: "", .period: "\(configuration.publishPeriod.seconds)",
            .processID: "\(ProcessNumber.current)", .filesTrouble: "", .isPublishing: isPublishing ? "yes" : "no",
            .sendPhase: "\(sendPhase.nanosecondsCount)", .clockEpoch: epoch.text,
        ]
    }

    /// Makes and checks both directories, and takes them from any other agent.
    private static func takeDirectories(_ configuration: AgentConfiguration) throws(AgentError) -> [DirectoryLock] {
        try Self.checkDirectories(configuration)
        try FileSystem.makeDirectory(configuration.dataDirectory, mode: 0o700)
        try FileSystem.checkOwnDirectory(configuration.dataDirectory, purpose: "data directory")
        try FileSystem.makeDirectory(configuration.telemetryDirectory, mode: 0o700)
        // What was not there before may be one directory by two names.
        try Self.checkDirectories(configuration)
        try FileSystem.checkOwnDirectory(configuration.telemetryDirectory, purpose: "telemetry directory")
        do {
            // What a service refuses would stay empty, and the agent would look well.
            try TelemetryDirectory.check(configuration.telemetryDirectory)
        } catch {
            throw AgentError(code: .directory, message: error.message)
        }
        return [
            try DirectoryLock(directory: configuration.telemetryDirectory, purpose: "telemetry directory"),
            try DirectoryLock(directory: configuration.dataDirectory, purpose: "data directory"),
        ]
    }

    private static func checkDirectories(_ configuration: AgentConfiguration) throws(AgentError) {
        guard let problem = configuration.directoryProblem else { return }
        throw AgentError(code: .configuration, message: "\(problem).")
    }

    /// What the last agent committed of each process, or why that is not believed.
    private static func readMark(in directory: String) -> (mark: CommitMark, refusal: CollectorNotice?) {
        switch CommitMark.read(in: directory) {
        case .none: return (CommitMark(), nil)
        case .mark(let found): return (found, nil)
        case .refused(let reason):
            let message = "\(directory)/\(CommitMark.fileName) is not believed: \(reason)."
            return (CommitMark(), CollectorNotice(kind: .markRefused, message: message))
        }
    }

    /// Works until the task is cancelled, then shuts down in good order.
    /// - Throws: `AgentError` of the code `alreadyRunning` when another agent has taken the directories, whose lock files were
    ///   deleted. This one holds none of them any more; a new one can begin where the other ends.
    public func run() async throws {
        // Apart from the collecting, which must not wait for the network: key events wait in a ring that is overwritten. And not
        // cancelled with this task: a request on its way gets its time in `shutdown()`.
        publisher = Task {
            while !Task.isCancelled {
                await self.publish()
                do { try await self.sleepToNextSecond() } catch { break }
            }
        }
        while !Task.isCancelled {
            collect()
            do { try await sleepToNextSecond() } catch { break }
        }
        // The task is cancelled, and what is left to do must not be.
        await Task { await self.shutdown() }.value
        if let loss { throw loss }
    }

    /// Reads the files, commits when a period has ended, and publishes what is due.
    public func tick() async {
        collect()
        await publish()
    }

    /// One last tick: commits everything at once, and gives a request that is on its way, and what is left to send, at most two
    /// seconds together. What is not sent is in the store.
    public func shutdown() async {
        guard !isShutDown else { return }
        isShutDown = true
        // It begins nothing new.
        publisher?.cancel()
        watchClock()
        collect(until: clock.now().nanosecondsSince1970)
        guard loss == nil else {
            cutShort()
            await publisher?.value
            return
        }
        try? store.noteFacts([.stoppedAt: "\(clock.now().nanosecondsSince1970)"])
        guard sink != nil else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await self.publisher?.value
                await self.publish(isLast: true)
            }
            group.addTask { try? await self.clock.sleep(AgentLimits.shutdownSend) }
            await group.next()
            cutShort()
            group.cancelAll()
        }
    }

    /// Sends a request, whatever becomes of the task that waits for its answer: what is cancelled may have counted.
    func carry(_ datums: [MetricDatum], by sink: any MetricSink) async -> SendOutcome {
        let request = Task { await sink.send(datums) }
        self.request = request
        defer { self.request = nil }
        return await request.value
    }

    private func cutShort() {
        guard let request else { return }
        isCutShort = true
        request.cancel()
        logger.info("this agent ends, and CloudWatch has not answered yet; what is not sent is in the store")
    }

    /// Says that the process is this agent's alone, so that it gives back what memory a period's work took.
    public func ownProcess() { ownsProcess = true }

    /// A period's work takes ten times the memory of the seconds in between.
    func giveMemoryBack() {
        guard ownsProcess, hasWorked else { return }
        hasWorked = false
        ProcessMemory.giveBack()
    }

    private func sleepToNextSecond() async throws {
        if let loss { throw loss }
        let second = AgentLimits.tick.nanosecondsCount
        let now = clock.now().nanosecondsSince1970
        try await clock.sleep(.nanoseconds(second - ((now % second) + second) % second))
    }
}
