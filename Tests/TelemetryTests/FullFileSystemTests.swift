import Glibc
import Synchronization
import Telemetry
import TestSupport
import Testing

@Suite(.serialized) struct FullFileSystemTests {
    private func configuration(_ path: String) -> TelemetryWriter.Configuration {
        .init(directory: path, service: "checkout", environment: "test")
    }

    @Test(.enabled(if: SmallFileSystem.isPossible, "a tmpfs can be mounted by root alone"))
    func twoWritersOnATmpfsThatIsTooSmallBothGoOn() throws {
        let system = try #require(SmallFileSystem(bytes: 40 << 20))
        let writers = (0..<2).map { _ in TelemetryWriter.open(configuration(system.path)) }
        for number in 0..<2_000 {
            for writer in writers {
                let slot = writer.slot(for: SeriesKey(table: "Table\(number)"))
                for octave in 8..<37 {
                    let call = CallRecord(durationNanoseconds: 1 << octave, outcome: .success)
                    writer.record(call: call, in: slot)
                }
                writer.record("key", in: slot, read: 1)
            }
        }
        let snapshots = try TelemetryDirectory.files(in: system.path).map { try TelemetryReader(path: $0).snapshot() }
        #expect(snapshots.count == 2)
        for snapshot in snapshots {
            let calls = snapshot.series.reduce(0) { $0 + $1.counters.calls }
            let timed = snapshot.series.reduce(0) { $0 + $1.callTime.count + $1.counters.callTimesWithoutRoom }
            #expect(calls == 2_000 * 29 && timed == calls)
        }
        #expect(snapshots.contains { $0.refusedSeries > 0 && $0.unrecordedCalls > 0 })
        #expect(system.freeBytes < 1 << 20)
        withExtendedLifetime(writers) {}
    }

    @Test(.enabled(if: SmallFileSystem.isPossible, "a tmpfs can be mounted by root alone"))
    func aFullTmpfsDegradesTheWriter() throws {
        let system = try #require(SmallFileSystem(bytes: 2 << 20))
        system.fill(leaving: 64 << 10)
        let writer = TelemetryWriter.open(configuration(system.path))
        guard case .degraded(let reason) = writer.status else {
            Issue.record("it records")
            return
        }
        #expect(reason.contains("there is no room") && reason.contains("No space left"))
        let said = #expect(throws: TelemetryError.self) { try TelemetryDirectory.rehearse(system.path) }
        #expect(said?.message == reason)
        writer.record(
            call: CallRecord(durationNanoseconds: 1, outcome: .success), in: writer.slot(for: SeriesKey(table: "T")))
        #expect(writer.unrecordedCalls == 1)
        #expect(TelemetryDirectory.files(in: system.path).isEmpty)
    }

    /// Root may do everything, and can do this as little as anybody.
    @Test(.enabled(if: SmallFileSystem.isPossible, "a tmpfs can be mounted by root alone"), arguments: [true, false])
    func aRehearsalOnAReadOnlyFileSystemFails(isThere: Bool) throws {
        let system = try #require(SmallFileSystem(bytes: 2 << 20, isReadOnly: true))
        let path = isThere ? system.path : system.path + "/files"
        let error = #expect(throws: TelemetryError.self) { try TelemetryDirectory.rehearse(path) }
        #expect(error?.message.contains("Read-only file system") == true, "\(error?.message ?? "")")
    }

    @Test(.enabled(if: SmallFileSystem.isPossible, "a tmpfs can be mounted by root alone"))
    func aSeriesFindsRoomAgainWhenThereIsSome() throws {
        let system = try #require(SmallFileSystem(bytes: 8 << 20))
        let writer = TelemetryWriter.open(configuration(system.path))
        system.fill(leaving: 0)
        for number in 0..<100 { _ = writer.slot(for: SeriesKey(table: "Early\(number)")) }
        unlink(system.path + "/filler")
        for _ in 0..<1024 { _ = writer.slot(for: SeriesKey(table: "Late")) }
        let path = try #require(TelemetryDirectory.files(in: system.path).first)
        let snapshot = try TelemetryReader(path: path).snapshot()
        #expect(snapshot.series.contains { $0.key.table == "Late" })
        #expect(snapshot.refusedSeries > 0)
    }

    /// Nanoseconds that pass when the test says so.
    private final class Ticks: Sendable {
        private let nanoseconds = Atomic<UInt64>(1)
        func pass(_ milliseconds: UInt64) { nanoseconds.add(milliseconds * 1_000_000, ordering: .relaxed) }
        func now() -> UInt64 { nanoseconds.load(ordering: .relaxed) }
    }

    @Test(.enabled(if: SmallFileSystem.isPossible, "a tmpfs can be mounted by root alone"))
    func aFileThatFoundNoRoomIsMadeLaterAndCountsWhatWasMissed() throws {
        let system = try #require(SmallFileSystem(bytes: 4 << 20))
        system.fill(leaving: 64 << 10)
        let ticks = Ticks()
        var configuration = configuration(system.path)
        configuration.monotonicClock = { ticks.now() }
        let contract = SeriesKey(table: "Orders", pattern: "AP1")
        let writer = TelemetryWriter.open(configuration, preregister: [contract])
        func call(_ outcome: CallOutcome) {
            let slot = writer.slot(for: contract)
            writer.record(attempt: AttemptRecord(durationNanoseconds: 5000, outcome: outcome), in: slot)
            writer.record(call: CallRecord(durationNanoseconds: 5000, outcome: outcome), in: slot)
        }
        for outcome in [.success, .success, .timeout] as [CallOutcome] { call(outcome) }
        #expect(writer.isWithoutFile && writer.unrecordedCalls == 3 && writer.slot(for: contract).isOther)
        unlink(system.path + "/filler")
        // Not before a second has passed: a full file system is not asked at every call.
        ticks.pass(999)
        call(.success)
        #expect(writer.unrecordedCalls == 4 && TelemetryDirectory.files(in: system.path).isEmpty)
        ticks.pass(1)
        call(.success)
        #expect(!writer.isWithoutFile && writer.unrecordedCalls == 0)
        let path = try #require(TelemetryDirectory.files(in: system.path).first)
        #expect(writer.status == .recording(path: path))
        let snapshot = try TelemetryReader(path: path).snapshot()
        let other = try snapshot.series(.other).counters
        #expect(snapshot.unrecordedCalls == 4)
        #expect(other.calls(.success) == 3 && other.calls(.timeout) == 1 && other.callTimesWithoutRoom == 4)
        #expect(other.attempts == 4 && other.attemptOutcomes[Int(CallOutcome.timeout.rawValue)] == 1)
        #expect(try snapshot.series(contract).counters.calls == 1)
    }

    @Test(.enabled(if: SmallFileSystem.isPossible, "a tmpfs can be mounted by root alone"))
    func aFileSystemThatWasReadOnlyIsUsedOnceItIsNot() throws {
        let system = try #require(SmallFileSystem(bytes: 4 << 20))
        #expect(system.remount("size=4194304", MS_RDONLY))
        let ticks = Ticks()
        var configuration = configuration(system.path)
        configuration.monotonicClock = { ticks.now() }
        let writer = TelemetryWriter.open(configuration)
        guard case .degraded(let reason) = writer.status else {
            Issue.record("it records")
            return
        }
        #expect(reason.contains("Read-only file system"))
        #expect(system.remount("size=4194304", 0))
        ticks.pass(1000)
        #expect(!writer.slot(for: SeriesKey(table: "T")).isOther)
    }

    @Test func aDirectoryThatWasMissingIsUsedOnceItIsThere() throws {
        let parent = try TemporaryDirectory()
        let path = parent.path + "/late/tidemark"
        let ticks = Ticks()
        var configuration = configuration(path)
        configuration.monotonicClock = { ticks.now() }
        let writer = TelemetryWriter.open(configuration)
        #expect(writer.isWithoutFile)
        #expect(mkdir(parent.path + "/late", 0o700) == 0)
        ticks.pass(1000)
        #expect(!writer.slot(for: SeriesKey(table: "T")).isOther)
        for file in TelemetryDirectory.files(in: path) { unlink(file) }
        rmdir(path)
        rmdir(parent.path + "/late")
    }

    /// A tmpfs that is made smaller while services write to it: what is granted stays, and nothing more is touched.
    @Test(.enabled(if: SmallFileSystem.isPossible, "a tmpfs can be mounted by root alone"))
    func aTmpfsThatShrinksTakesNoCallAndNoServiceWithIt() throws {
        let system = try #require(SmallFileSystem(bytes: 16 << 20))
        let writer = TelemetryWriter.open(configuration(system.path))
        var made: UInt64 = 0
        func callEverySeries(_ numbers: Range<Int>) {
            for number in numbers {
                let slot = writer.slot(for: SeriesKey(table: "T\(number)"))
                for octave in 8..<37 {
                    writer.record(call: CallRecord(durationNanoseconds: 1 << octave, outcome: .success), in: slot)
                    made += 1
                }
            }
        }
        callEverySeries(0..<100)
        let used = (16 << 20) - system.freeBytes
        #expect(system.remount("size=\(used + 4096)", 0))
        callEverySeries(0..<400)
        // As small as it can get, and smaller than it can get.
        _ = system.remount("size=4096", 0)
        callEverySeries(0..<400)
        let path = try #require(TelemetryDirectory.files(in: system.path).first)
        let snapshot = try TelemetryReader(path: path).snapshot()
        #expect(snapshot.series.reduce(0) { $0 + $1.counters.calls } == made)
        #expect(snapshot.refusedSeries > 0 && snapshot.unrecordedCalls > 0)
        withExtendedLifetime(writer) {}
    }
}
