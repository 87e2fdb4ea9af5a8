import AWSCore
import CurlTransport
import Glibc
import InMemoryTracing
import Logging
import MetricsTestKit
import Telemetry
import TestSupport
import Testing
import Tidemark
import Tracing

/// Every fault × every operation, over real connections: class, attempts, pauses, what may have been applied, and one more
/// call in the telemetry file.
struct FaultSuiteTests {
    private static let plantedSecret = "planted-secret-9c3e"
    /// Faults at work at once; each has a server, a transport and a client of its own.
    private static let width = 8

    @Test func everyFaultOfEveryOperationIsClassifiedRetriedAndCounted() async throws {
        let faults = try Self.faults()
        let cells = try await withThrowingTaskGroup(of: Int.self) { group in
            var (cells, waiting) = (0, faults.makeIterator())
            func next() { if let fault = waiting.next() { group.addTask { try await Self.run(fault) } } }
            for _ in 0..<Self.width { next() }
            for try await done in group {
                cells += done
                next()
            }
            return cells
        }
        let expected = faults.reduce(0) { $0 + $1.operations.count }
        let sending = faults.count { $0.operations.count == FaultOperation.large.count }
        print(
            "fault suite: \(faults.count - sending) faults × \(FaultOperation.all.count) operations + \(sending) while sending "
                + "× \(FaultOperation.large.count) with much to send = \(cells) cells")
        #expect(cells == expected && sending == 7)
        #expect(faults.count >= 68 && FaultOperation.all.count == 21 && FaultOperation.large.count == 14)
        #expect(Set(faults.map(\.name)).count == faults.count)
    }

    private static func faults() throws -> [Fault] {
        try Fault.connections + Fault.heads + Fault.answers + Fault.throttles + Fault.echoes + Fault.limits
            + Fault.unreachable() + Fault.sending()
    }

    /// No phase of an attempt and no limit is without a fault that ends in it.
    @Test func everyPhaseAndEveryLimitHasAFault() throws {
        let faults = try Self.faults()
        let (phases, limits) = (Set(faults.compactMap(\.phase)), Set(faults.compactMap(\.limit)))
        #expect(limits == Set(TimeLimit.allCases))
        #expect(phases == Set(NetworkPhase.allCases))
    }

    /// One fault with every operation; gives the number of cells.
    private static func run(_ fault: Fault) async throws -> Int {
        let stage = try FaultStage(fault, secret: plantedSecret)
        defer { stage.transport.shutdown() }
        if case .occupied = fault.place { try await stage.occupyTheConnection() }
        for operation in fault.operations {
            if case .serverDropping = fault.place {
                try await checkDropped(operation, stage)
            } else {
                try await check(operation, of: fault, stage)
            }
        }
        let written = stage.written()
        #expect(!written.contains(plantedSecret) && !written.contains(FaultOperation.plantedKey), "\(fault.name)")
        #expect(!stage.telemetryHolds(plantedSecret), "\(fault.name)")
        #expect(!written.contains("FORGED"), "\(fault.name)")
        let all = Array(written.utf8) + stage.telemetry()
        for signature in stage.signatures { #expect(!all.hold(signature), "\(fault.name)") }
        return fault.operations.count
    }

    private static func check(_ operation: FaultOperation, of fault: Fault, _ stage: FaultStage) async throws {
        let seen = try await stage.call(operation)
        let place = Comment(rawValue: "\(fault.name) × \(operation.name): \(seen.error.map { "\($0)" } ?? "success")")
        #expect(seen.error?.code == fault.code, place)
        let attempts = fault.isTried ? fault.attempts(of: operation) : 0
        #expect(seen.attempts == UInt64(attempts), place)
        #expect(seen.pauses == fault.pauses(of: operation), place)
        #expect(seen.calls == 1, place)
        guard let error = seen.error else { return }
        #expect(error.attempts == attempts && error.httpStatus == fault.status, place)
        #expect(error.networkPhase == fault.phase && error.timeLimit == fault.limit, place)
        #expect(error.mayHaveBeenApplied == (fault.isAmbiguous && operation.isChange), place)
        if let isRetryable = fault.isRetryable { #expect(error.isRetryable == isRetryable, place) }
        if fault.isRetryable == false { #expect(error.retryEnd == .pointless, place) }
        if let bound = fault.receivedBytes {
            #expect(error.underlying?.underlying.map { bound.contains($0.phases.bytesReceived) } == true, place)
        }
        if let throttle = fault.throttle { #expect(error.throttleReasons.map(\.reason) == [throttle], place) }
    }

    /// A kept connection that its peer drops under a request: sent again on a new one where that is safe, and never unseen.
    private static func checkDropped(_ operation: FaultOperation, _ stage: FaultStage) async throws {
        let before = try await stage.call(operation)
        #expect(before.error?.code == nil && before.attempts == 1)
        stage.dropsNext.withLock { $0 = true }
        let seen = try await stage.call(operation)
        let isRepeated = !operation.isChange || operation.isRepeatable
        let place = Comment(rawValue: "dropped × \(operation.name): \(seen.error.map { "\($0)" } ?? "success")")
        #expect(seen.error?.code == (isRepeated ? nil : .network), place)
        #expect(seen.attempts == (isRepeated ? 2 : 1) && seen.calls == 1, place)
        #expect(seen.pauses == (isRepeated ? [12_500] : []), place)
        #expect(seen.error?.mayHaveBeenApplied ?? false == !isRepeated, place)
    }

    /// The search for what must not be written finds it where it is.
    @Test func theSearchFindsAPlantedLeak() async throws {
        let stage = try FaultStage(Fault.answers[1], secret: Self.plantedSecret)
        defer { stage.transport.shutdown() }
        stage.note("a line that leaks \(Self.plantedSecret) and \(FaultOperation.plantedKey)")
        #expect(stage.written().contains(Self.plantedSecret) && stage.written().contains(FaultOperation.plantedKey))
    }

    /// What the echoing faults answer holds what is searched for: only who reads the answer on purpose sees it.
    @Test func theEchoesHoldWhatIsSearchedFor() async throws {
        for fault in Fault.echoes where fault.code != .malformedResponse {
            let stage = try FaultStage(fault, secret: Self.plantedSecret)
            defer { stage.transport.shutdown() }
            let error = try await stage.call(FaultOperation.all[0]).error
            let answer = String(decoding: error?.underlying?.errorBody ?? [], as: UTF8.self)
            let isWhole = fault.name != "echo as the error's name"
            #expect(answer.contains(FaultOperation.plantedKey) && !isWhole || answer.contains(Self.plantedSecret))
            #expect(!stage.signatures.isEmpty && (!isWhole || stage.signatures.contains { answer.contains($0) }))
        }
    }

    /// Spans and metrics are written and searched, and so is the telemetry file, whose ring has keys on purpose: only its owner
    /// may read it.
    @Test func spansMetricsAndTelemetryAreSearchedToo() async throws {
        // Keys are kept of what was throttled.
        let stage = try FaultStage(Fault.throttles[0], secret: Self.plantedSecret)
        defer { stage.transport.shutdown() }
        for operation in FaultOperation.all { _ = try await stage.call(operation) }
        let written = stage.written()
        #expect(written.contains("aws.dynamodb.table_names") && written.contains("tidemark.call.duration"))
        #expect(written.contains("http.response.status_code") && written.contains("correlation_id"))
        #expect(stage.telemetryHolds("GetItem") && stage.telemetryHolds(FaultOperation.plantedKey))
    }
}

/// A client over a real transport whose other side has one fault.
final class FaultStage {
    struct Seen {
        var error: TidemarkError?
        /// Counted in the telemetry file by this call alone.
        var attempts: UInt64
        var calls: UInt64
        /// Microseconds.
        var pauses: [Int]
    }

    let transport: CurlTransport
    private let configuration: TidemarkConfiguration
    private let writer: TelemetryWriter
    private let reader: TelemetryReader
    private let directory: TemporaryDirectory
    private let server: LoopbackServer?
    private let goodAnswer = Lock("{}")
    /// Whether the connection of the next request is closed without an answer.
    let dropsNext = Lock(false)
    private let texts = Lock<[String]>([])
    private let log: RecordingLog
    private let tracer = InMemoryTracer()
    private let metrics = TestMetrics()

    init(_ fault: Fault, secret: String) throws {
        var settings = CurlTransport.Configuration()
        settings.usesProxyFromEnvironment = false
        var url = ""
        let goodAnswer = goodAnswer
        switch fault.place {
        case .server(let answer): server = try LoopbackServer { _ in answer(goodAnswer.withLock { $0 }) }
        case .echoing(let answer): server = try LoopbackServer { answer($0) }
        case .serverDropping:
            let dropsNext = dropsNext
            server = try LoopbackServer { _ in
                let isDropped = dropsNext.withLock { isNext in
                    defer { isNext = false }
                    return isNext
                }
                let good = goodAnswer.withLock { $0 }
                return LoopbackAnswer(body: Array(good.utf8), course: isDropped ? .closeBeforeAnswer : .complete)
            }
        case .elsewhere(let elsewhere, _):
            server = nil
            url = elsewhere
        case .tls(let elsewhere, let authority, _):
            server = nil
            url = elsewhere
            settings.certificateAuthorityFile = authority
        case .occupied:
            server = try LoopbackServer { $0.body.isEmpty ? .failing(.never) : .ok() }
            settings.maximumConnections = 1
        }
        if let server { url = server.url }
        transport = try CurlTransport(configuration: settings)
        directory = try TemporaryDirectory()
        let handler = RecordingLog()
        log = handler
        var configuration = try TidemarkConfiguration(
            endpoint: AWSEndpoint(url: url, region: "eu-west-1"),
            credentials: StaticCredentials(
                Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: secret, sessionToken: secret)),
            service: "faults", environment: "test")
        configuration.logger = Logger(label: "test") { _ in handler }
        configuration.tracer = tracer
        configuration.metrics = metrics
        configuration.timeouts = fault.timeouts
        configuration.callTimeout = fault.callTimeout
        configuration.retry.maximumAttempts = Fault.maximumAttempts
        configuration.circuit = nil
        self.configuration = configuration
        writer = TelemetryWriter.open(
            TelemetryWriter.Configuration(directory: directory.path, service: "faults", environment: "test"))
        guard case .recording(let path) = writer.status else {
            throw WaitingFailed(description: "nothing is recorded")
        }
        reader = try TelemetryReader(path: path)
    }

    /// Takes the only connection until the transport is shut down.
    func occupyTheConnection() async throws {
        guard let server else { return }
        let (transport, patient) = (
            transport, Timeouts(connect: .seconds(600), firstByte: .seconds(600), attempt: .seconds(600))
        )
        Task { try await transport.send(HTTPRequest(url: server.url, body: [], timeouts: patient)) }
        try await server.waitForRequests(1)
    }

    func call(_ operation: FaultOperation) async throws -> Seen {
        goodAnswer.withLock { $0 = operation.goodAnswer }
        let pauses = Lock<[Int]>([])
        // A client for each call: they would share the retry quota, which a few dozen failures use up.
        let client = DynamoDBClient(
            configuration: configuration, transport: transport, telemetry: writer,
            hooks: CallHooks(
                // A call's own time ends by the attempt that it cuts short, not by a busy machine.
                uptimeNanoseconds: { 0 },
                sleep: { pause in pauses.withLock { $0.append(Int((pause / .microseconds(1)).rounded())) } },
                random: { 0.5 }))
        let before = try totals()
        var failure: TidemarkError?
        do throws(TidemarkError) { try await operation.call(client) } catch { failure = error }
        if let failure {
            var dumped = ""
            dump(failure, to: &dumped)
            note("\(failure) \(String(reflecting: failure)) \(dumped)")
        }
        let after = try totals()
        return Seen(
            error: failure, attempts: after.attempts - before.attempts, calls: after.calls - before.calls,
            pauses: pauses.withLock { $0 })
    }

    /// What the requests were signed with.
    var signatures: [String] {
        (server?.requests ?? []).compactMap { request in
            request.header("Authorization")?.split(separator: "Signature=").last.map(String.init)
        }
    }

    func note(_ text: String) { texts.withLock { $0.append(text) } }

    /// All that was logged, said, shown, traced or handed to a metrics backend.
    func written() -> String {
        var spans = ""
        for span in tracer.finishedSpans {
            spans += "\(span.operationName) \(span.status.map { "\($0.code) \($0.message ?? "")" } ?? "")"
            span.attributes.forEach { spans += " \($0)=\($1)" }
        }
        let named =
            metrics.timers.map { "\($0.label) \($0.dimensions)" }
            + metrics.counters.map { "\($0.label) \($0.dimensions)" }
        return texts.withLock { $0.joined(separator: "\n") } + "\n" + log.lines.withLock { "\($0)" } + "\n" + spans
            + "\n"
            + named.joined(separator: "\n")
    }

    /// Whether the telemetry file has this text.
    func telemetryHolds(_ text: String) -> Bool { telemetry().hold(text) }

    /// All bytes of the telemetry file.
    func telemetry() -> [UInt8] {
        guard case .recording(let path) = writer.status, let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&part, 1, part.count, file), count > 0 { bytes += part[..<count] }
        return bytes
    }

    private func totals() throws -> (attempts: UInt64, calls: UInt64) {
        let all = try reader.snapshot().series.reduce(SeriesCounters()) { $0 + $1.counters }
        return (all.attempts, all.calls)
    }
}

extension [UInt8] {
    /// Whether the text's bytes stand among these: some thousand searches of megabytes, which a generic one takes minutes for.
    fileprivate func hold(_ text: String) -> Bool {
        let wanted = Array(text.utf8)
        return withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress, bytes.count >= wanted.count else { return false }
            var place = 0
            while let found = memchr(start + place, Int32(wanted[0]), bytes.count - wanted.count - place + 1) {
                place = UnsafeRawPointer(found) - UnsafeRawPointer(start)
                if memcmp(start + place, wanted, wanted.count) == 0 { return true }
                place += 1
            }
            return false
        }
    }
}
