import AWSCore
import JSONBytes
import Logging
import Telemetry
import TestSupport
import Testing
import Tidemark

/// Answers by a script and remembers what it was sent.
final class ScriptedTransport: Transport {
    typealias Script = @Sendable (HTTPRequest, Int) async throws(TransportError) -> HTTPResponse

    private let script: Script
    private let sent = Lock<[HTTPRequest]>([])

    init(_ script: @escaping Script) { self.script = script }

    var requests: [HTTPRequest] { sent.withLock { $0 } }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let number = sent.withLock { sent in
            sent.append(request)
            return sent.count
        }
        return try await script(request, number)
    }
}

/// Keeps every line that is logged.
struct RecordingLog: LogHandler {
    struct Line: Sendable {
        var level: Logger.Level
        var message: String
        var metadata: Logger.Metadata
    }

    let lines = Lock<[Line]>([])
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.debug

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        lines.withLock {
            $0.append(Line(level: event.level, message: "\(event.message)", metadata: event.metadata ?? [:]))
        }
    }
}

/// A client over a scripted transport, with a telemetry file of its own and a clock that only sleeps move.
struct Harness {
    let directory: TemporaryDirectory
    let transport: ScriptedTransport
    let clock: ManualClock
    let log: RecordingLog
    let client: DynamoDBClient

    /// - Parameter waits: sleeps wait for the test to move the clock, instead of moving it themselves.
    init(
        waits: Bool = false, logLevel: Logger.Level = .debug,
        configure: (inout TidemarkConfiguration) -> Void = { _ in }, _ script: @escaping ScriptedTransport.Script
    ) throws {
        directory = try TemporaryDirectory()
        transport = ScriptedTransport(script)
        let clock = ManualClock()
        self.clock = clock
        var handler = RecordingLog()
        handler.logLevel = logLevel
        log = handler
        var configuration = try TidemarkConfiguration(
            endpoint: AWSEndpoint(url: "http://127.0.0.1:8000/", region: "eu-west-1"),
            credentials: StaticCredentials(Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI")),
            service: "checkout", environment: "test")
        configuration.logger = Logger(label: "test") { _ in handler }
        configure(&configuration)
        let writer = TelemetryWriter.open(
            TelemetryWriter.Configuration(directory: directory.path, service: "checkout", environment: "test"))
        let hooks = CallHooks(
            now: { clock.timestamp }, uptimeNanoseconds: { clock.nanoseconds },
            sleep: { pause in
                if waits {
                    try await clock.sleep(for: pause)
                } else {
                    try Task.checkCancellation()
                    clock.advance(by: pause)
                }
            }, random: { 0.5 })
        client = DynamoDBClient(configuration: configuration, transport: transport, telemetry: writer, hooks: hooks)
    }

    /// What the reader of the telemetry file sees.
    func reader() throws -> TelemetryReader {
        guard case .recording(let path) = client.telemetry.status else {
            throw WaitingFailed(description: "nothing is recorded: \(client.telemetry.status)")
        }
        return try TelemetryReader(path: path)
    }

    /// The counters of each series that counted anything.
    func counters() throws -> [SeriesKey: SeriesCounters] {
        let series = try reader().snapshot().series.filter { $0.counters != SeriesCounters() }
        return Dictionary(uniqueKeysWithValues: series.map { ($0.key, $0.counters) })
    }

    /// The key events since the beginning.
    func keyEvents() throws -> [KeyEvent] {
        var events: [KeyEvent] = []
        _ = try reader().drainKeyEvents { events.append($0) }
        return events
    }

    /// The body of the request with that number, from 0.
    func body(_ number: Int = 0) throws -> JSONValue { try JSONValue.parse(transport.requests[number].body) }
}

func answer(_ json: String, status: Int = 200) -> HTTPResponse {
    HTTPResponse(
        status: status, headers: [HTTPHeader(name: "x-amzn-RequestId", value: "R1")], body: Array(json.utf8))
}

func refusal(_ code: String, status: Int = 400, more: String = "") -> HTTPResponse {
    answer(#"{"__type":"com.amazonaws.dynamodb.v20120810#\#(code)","message":"said so"\#(more)}"#, status: status)
}

/// The error of a call that has to fail.
func failure(of body: () async throws(TidemarkError) -> Void) async -> TidemarkError {
    do throws(TidemarkError) {
        try await body()
        Issue.record("the call did not fail")
        return TidemarkError(code: .client, message: "the call did not fail")
    } catch {
        return error
    }
}
