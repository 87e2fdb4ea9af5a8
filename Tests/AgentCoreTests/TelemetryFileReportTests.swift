import AWSCore
import AgentCore
import JSONBytes
import Telemetry
import TestSupport
import Testing

@Suite struct TelemetryFileReportTests {
    private func makeFile(
        _ fixture: AgentFixture, service: String = "checkout", end: Bool = false
    ) throws -> (path: String, service: FakeService) {
        let made = fixture.service(service)
        made.call(times: 40, key: "customer#secret")
        made.call(
            "Orders", "PutItem", pattern: "AP2", outcome: .timeout, milliseconds: 900, times: 2, units: 2_000, key: "o1"
        )
        let slot = made.writer.slot(for: SeriesKey(table: "Orders", operation: "PutItem", pattern: "AP2"))
        made.writer.recordSlowCall(
            CallRecord(durationNanoseconds: 900_000_000, outcome: .timeout, attempts: 3), in: slot,
            endedAtNanoseconds: 1_700_000_000_000_000_000, correlationID: "req-7")
        if end { made.end() }
        return (try #require(TelemetryDirectory.files(in: fixture.configuration.telemetryDirectory).first), made)
    }

    @Test func itReadsAsAPersonWouldAsk() throws {
        let fixture = try AgentFixture()
        let (path, service) = try makeFile(fixture, end: true)
        let reader = try TelemetryReader(path: path)
        let text = try TelemetryFileReport(reader, showKeys: false).text()
        var hashes: [String] = []
        reader.keyEventCursor = .start
        _ = reader.drainKeyEvents { event in
            let digits = String(event.keyHash, radix: 16)
            hashes.append("#" + String(repeating: "0", count: 16 - digits.count) + digits)
        }
        let expected = """
            checkout in test, process \(reader.identity.pid): ended, closed in good order
              \(path)
              since \(fixture.clock.timestamp.iso8601), id \(reader.identity.id)
              layout 1, revision 2; 1.1 MB used of 1.3 MB granted, at most 32.0 MB

            42 calls, 2 failed (4.8%); 42 attempts, 0 throttled

            Series
              table   index  operation  pattern  calls  failed  attempts  throttled     p50     p99
              Orders         GetItem    AP1         40       0        40          0  3.0 ms  3.0 ms
              Orders         PutItem    AP2          2       2         2          0  902 ms  902 ms

            State
              key events: 42 so far, the last 8,192 are kept, 42 are whole
              slow calls: 1 so far, the last 256 are kept

            Hottest keys of the 42 events kept
              key                table   index  events  throttled  read units  write units
              \(hashes[0])  Orders             40          0        20.0            0
              \(hashes[41])  Orders              2          0           0          4.0

            Slowest calls
                time  table   operation  pattern  outcome  attempts  ended                 correlation id
              900 ms  Orders  PutItem    AP2      timeout         3  2023-11-14T22:13:20Z  req-7

            """
        #expect(text == expected)
        withExtendedLifetime(service) {}
    }

    @Test func keysAreShownOnlyWhereTheyAreAskedFor() throws {
        let fixture = try AgentFixture()
        let (path, service) = try makeFile(fixture)
        let hidden = try TelemetryFileReport(TelemetryReader(path: path), showKeys: false)
        #expect(!hidden.text().contains("secret"))
        #expect(!String(decoding: hidden.json(), as: UTF8.self).contains("secret"))
        let shown = try TelemetryFileReport(TelemetryReader(path: path), showKeys: true)
        #expect(shown.text().contains("customer#secret"))
        let json = try JSONValue.parse(shown.json())
        #expect(json["state"]?.stringValue == "alive")
        #expect(json["keyEvents"]?["hottest"]?[0]?["key"]?.stringValue == "customer#secret")
        #expect(json["series"]?[0]?["calls"]?.intValue == 40)
        #expect(json["series"]?[1]?["failedCalls"]?.intValue == 2)
        #expect(json["slowCalls"]?[0]?["correlationID"]?.stringValue == "req-7")
        withExtendedLifetime(service) {}
    }

    @Test func whatCouldMoveACursorIsMadeVisible() throws {
        let fixture = try AgentFixture()
        let (path, service) = try makeFile(fixture, service: "check\u{1B}[2Jout\n\u{202E}")
        let text = try TelemetryFileReport(TelemetryReader(path: path), showKeys: true).text()
        #expect(text.hasPrefix("check\\u{1b}[2Jout\\u{a}\\u{202e} in test"))
        withExtendedLifetime(service) {}
    }

    @Test func callsInOtherAreSaid() throws {
        let fixture = try AgentFixture()
        let (path, service) = try makeFile(fixture)
        let other = service.writer.slot(for: .other)
        service.writer.record(call: CallRecord(durationNanoseconds: 1, outcome: .success), in: other)
        let text = try TelemetryFileReport(TelemetryReader(path: path), showKeys: false).text()
        #expect(text.contains("1 calls are counted in `other`"))
    }

    @Test func circuitsThatOpenedAreSaid() throws {
        let fixture = try AgentFixture()
        let (path, service) = try makeFile(fixture)
        let (get, put) = (
            service.writer.slot(for: SeriesKey(table: "Orders", operation: "GetItem")),
            service.writer.slot(for: SeriesKey(table: "Orders", operation: "PutItem", pattern: "AP2"))
        )
        func record(_ changes: [CircuitChange], isWrite: Bool, in slot: SeriesSlot) {
            for change in changes { service.writer.record(circuit: change, isWrite: isWrite, in: slot) }
        }
        func text() throws -> String { try TelemetryFileReport(TelemetryReader(path: path), showKeys: false).text() }
        record([.opened, .reopened, .reopened], isWrite: false, in: get)
        record([.opened, .closed], isWrite: true, in: put)
        #expect(
            try text().contains(
                """
                  circuit of the reads of Orders: opened 1 ×, again after a failed probe 2 ×, closed 0 ×, open now
                  circuit of the writes of Orders: opened 1 ×, again after a failed probe 0 ×, closed 1 ×, closed now
                """))
        // Another operation's attempt may be the probe that closes it.
        record([.closed], isWrite: false, in: service.writer.slot(for: SeriesKey(table: "Orders", operation: "Query")))
        #expect(try text().contains("failed probe 2 ×, closed 1 ×, closed now"))
        let json = try JSONValue.parse(TelemetryFileReport(TelemetryReader(path: path), showKeys: false).json())
        let reads = json["series"]?.arrayValue?.first {
            $0["operation"]?.stringValue == "GetItem" && $0["pattern"]?.stringValue == ""
        }?["readCircuits"]
        #expect(reads?["opened"]?.intValue == 1 && reads?["reopened"]?.intValue == 2)
        withExtendedLifetime(service) {}
    }

    @Test func hedgesAreSaid() throws {
        let fixture = try AgentFixture()
        let (path, service) = try makeFile(fixture)
        service.writer.recordHedge(in: service.writer.slot(for: SeriesKey(table: "Orders", operation: "GetItem")))
        let report = try TelemetryFileReport(TelemetryReader(path: path), showKeys: false)
        #expect(report.text().contains("hedged reads: 1 attempts went beside a slow first one (2.4% of all attempts)"))
        #expect(String(decoding: report.json(), as: UTF8.self).contains(#""hedges":1"#))
        withExtendedLifetime(service) {}
    }

    @Test func theAgentSaysWhoseCallsAreInOther() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service("payments")
        let other = service.writer.slot(for: .other)
        for _ in 0..<3 {
            service.writer.record(call: CallRecord(durationNanoseconds: 1, outcome: .success), in: other)
        }
        await fixture.pass(2, agent)
        let notices = try fixture.store().notices(since: .init(secondsSince1970: 0)).filter {
            $0.kind == "countedInOther"
        }
        #expect(notices.count == 1)
        #expect(notices.first?.message.contains("payments in test, process ") == true)
        #expect(notices.first?.message.contains("has 3 calls in `other`") == true)
    }
}
