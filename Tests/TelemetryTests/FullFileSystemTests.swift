import Glibc
import Telemetry
import Testing

@Suite(.serialized) struct FullFileSystemTests {
    /// A tmpfs of its own, unmounted at the end.
    final class SmallFileSystem {
        let path: String

        init?(bytes: Int) {
            var template = Array("/tmp/tidemark-tmpfs-XXXXXX".utf8CString)
            guard geteuid() == 0, let made = mkdtemp(&template) else { return nil }
            path = String(cString: made)
            guard mount("tidemark-test", path, "tmpfs", 0, "size=\(bytes),mode=0700") == 0 else {
                rmdir(path)
                return nil
            }
        }

        deinit {
            umount2(path, Int32(MNT_DETACH))
            rmdir(path)
        }

        var freeBytes: Int {
            var facts = statvfs()
            statvfs(path, &facts)
            return Int(facts.f_bavail) * Int(facts.f_frsize)
        }

        /// Leaves no more than so many bytes.
        func fill(leaving bytes: Int) {
            let file = open(path + "/filler", O_WRONLY | O_CREAT, 0o600)
            posix_fallocate(file, 0, off_t(max(freeBytes - bytes, 4096)))
            close(file)
        }

        static let isPossible = SmallFileSystem(bytes: 1 << 20) != nil
    }

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
        writer.record(
            call: CallRecord(durationNanoseconds: 1, outcome: .success), in: writer.slot(for: SeriesKey(table: "T")))
        #expect(writer.unrecordedCalls == 1)
        #expect(TelemetryDirectory.files(in: system.path).isEmpty)
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
}
