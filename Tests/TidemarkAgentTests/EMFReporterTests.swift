import AWSCore
import AgentCore
import CloudWatch
import Glibc
import JSONBytes
import Logging
import Telemetry
import TestSupport
import Testing
import TidemarkAgent

/// What a log driver would have read.
private final class Lines: Sendable {
    private let lines = Lock<[JSONValue]>([])

    func take(_ bytes: [UInt8]) -> Int32 {
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let json = try? JSONValue.parse(Array(line)) else { return 5 }
            lines.withLock { $0.append(json) }
        }
        return 0
    }

    /// The sum of a counter over all lines with a pattern.
    func sum(_ metric: String) -> Double {
        lines.withLock { $0.filter { $0["Pattern"] != nil }.compactMap { $0[metric]?.doubleValue }.reduce(0, +) }
    }

    /// The time stamps of the lines that count calls.
    var callTimestamps: [Int] {
        lines.withLock {
            $0.filter { $0["Pattern"] != nil && ($0["Calls"]?.doubleValue ?? 0) > 0 }
                .compactMap { $0["_aws"]?["Timestamp"]?.intValue }
        }
    }
    var count: Int { lines.withLock { $0.count } }
}

@Suite struct EMFReporterTests {
    /// A function's process: a reporter, and the telemetry file that its calls are recorded in.
    private struct Stage {
        let folder: TemporaryDirectory
        let settings: AgentConfiguration
        let lines = Lines()
        let reporter: EMFReporter
        let writer: TelemetryWriter
        private let slot: SeriesSlot

        init(clock: ManualClock? = nil) throws {
            folder = try TemporaryDirectory()
            settings = AgentConfiguration(
                telemetryDirectory: folder.path("telemetry"), dataDirectory: folder.path("data"))
            var writing = TelemetryWriter.Configuration(
                directory: settings.telemetryDirectory, service: "shop", environment: "test")
            var time = AgentClock.system
            if let clock {
                time = AgentClock(now: { clock.timestamp }, sleep: { try await clock.sleep(for: $0) })
                writing.startedAtNanoseconds = UInt64(clock.timestamp.nanosecondsSince1970)
            }
            reporter = try EMFReporter(
                configuration: settings, sink: EmbeddedMetricSink(write: { [lines] in lines.take($0) }), clock: time,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            writer = TelemetryWriter.open(writing)
            slot = writer.slot(for: SeriesKey(table: "Orders", operation: "GetItem", pattern: "AP1"))
        }

        func record(_ outcome: CallOutcome = .success) {
            writer.record(call: CallRecord(durationNanoseconds: 2_000_000, outcome: outcome), in: slot)
        }

        func end() async {
            writer.close()
            await reporter.shutdown()
        }
    }

    @Test func anInvocationPrintsItsCallsWithItsOwnTime() async throws {
        let clock = ManualClock()
        let stage = try Stage(clock: clock)
        let lines = stage.lines
        for round in 1...3 {
            // The platform freezes the process for ten minutes between two invocations.
            clock.advance(by: .seconds(600))
            let (before, counted) = (lines.count, lines.callTimestamps.count)
            await stage.reporter.invocation {
                for _ in 0..<round { stage.record() }
            }
            #expect(lines.count > before && lines.count < before + 10)
            let minute = Int(clock.timestamp.nanosecondsSince1970 / 60_000_000_000 - 1) * 60_000
            #expect(lines.callTimestamps.dropFirst(counted) == [minute], "\(lines.callTimestamps)")
        }
        #expect(lines.sum("Calls") == 6)
        await stage.end()
        let ledger = try AgentStore.openReadOnly(dataDirectory: stage.settings.dataDirectory).ledger()
        #expect(ledger.isBalanced && ledger.calls.acknowledged == 6)
    }

    @Test func aFailureIsFlushedToo() async throws {
        struct Failure: Error {}
        let stage = try Stage()
        await #expect(throws: Failure.self) {
            try await stage.reporter.invocation {
                stage.record(.timeout)
                throw Failure()
            }
        }
        #expect(stage.lines.sum("FailedCalls") == 1)
        await stage.end()
    }

    @Test func aReporterWhosePlaceWasTakenBeginsAnew() async throws {
        let stage = try Stage()
        for _ in 1...3 {
            await stage.reporter.invocation { stage.record() }
            try stage.folder.putLockOfAnother(in: stage.settings.telemetryDirectory)
        }
        await stage.reporter.flush()
        #expect(stage.lines.sum("Calls") == 3)
        await stage.end()
    }

    /// A platform freezes the process after the answer: what is not printed at the end of an invocation may never be.
    @Test func nothingWaitsForAMomentOfItsOwn() async throws {
        let stage = try Stage()
        #expect(await stage.reporter.agent.sendPhase == .zero)
    }

    /// What is acknowledged has been written, to its last line and its last byte.
    @Test func aBatchIsAcknowledgedWhenEveryLineOfItIsWritten() async throws {
        let lines = Lines()
        let sink = EmbeddedMetricSink(write: { lines.take($0) })
        let time = Timestamp(secondsSince1970: 1_790_000_000)
        let datums = (1...7).map { number in
            MetricDatum(
                name: "Calls", dimensions: [Dimension(name: "Pattern", value: "AP\(number)")], timestamp: time,
                unit: .count, value: .single(Double(number)))
        }
        #expect(await sink.send(datums) == .acknowledged)
        #expect(lines.count == 7)
        #expect(lines.sum("Calls") == 28)
    }

    /// The log driver has ended, or its disk is full: the function goes on, and what it counts is printed later.
    @Test func anOutputThatTakesNothingCostsNothing() async throws {
        let (lines, isOpen) = (Lines(), AWSCore.Lock(false))
        let folder = try TemporaryDirectory()
        let settings = AgentConfiguration(
            telemetryDirectory: folder.path("telemetry"), dataDirectory: folder.path("data"))
        let clock = ManualClock()
        for code in [EPIPE, ENOSPC] {
            isOpen.withLock { $0 = false }
            let reporter = try EMFReporter(
                configuration: settings,
                sink: EmbeddedMetricSink(write: { bytes in isOpen.withLock { $0 } ? lines.take(bytes) : code }),
                clock: AgentClock(now: { clock.timestamp }, sleep: { try await clock.sleep(for: $0) }),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            var writing = TelemetryWriter.Configuration(
                directory: settings.telemetryDirectory, service: "shop", environment: "test")
            writing.startedAtNanoseconds = UInt64(clock.timestamp.nanosecondsSince1970)
            let writer = TelemetryWriter.open(writing)
            let slot = writer.slot(for: SeriesKey(table: "Orders", operation: "GetItem", pattern: "AP1"))
            for _ in 0..<3 {
                clock.advance(by: .seconds(600))
                await reporter.invocation {
                    writer.record(call: CallRecord(durationNanoseconds: 2_000_000, outcome: .success), in: slot)
                }
            }
            let before = try AgentStore.openReadOnly(dataDirectory: settings.dataDirectory).ledger()
            #expect(before.isBalanced && before.calls.pending == 3, "\(before.calls)")
            isOpen.withLock { $0 = true }
            clock.advance(by: .seconds(600))
            await reporter.invocation {}
            writer.close()
            await reporter.shutdown()
        }
        let ledger = try AgentStore.openReadOnly(dataDirectory: settings.dataDirectory).ledger()
        #expect(ledger.isBalanced && ledger.calls.acknowledged == 6 && lines.sum("Calls") == 6, "\(ledger.calls)")
        #expect(ledger.calls.mayHaveCounted == 0)
    }
}
