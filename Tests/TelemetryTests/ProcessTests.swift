import Glibc
import Telemetry
import TestSupport
import Testing

@Suite struct ProcessTests {
    @Test func aKilledProcessLeavesEveryCompletedCall() throws {
        var generator = SeededGenerator(seed: 9)
        for round in 0..<20 {
            let (directory, threads) = (try TemporaryDirectory(), 1 + round % 3)
            let witness = directory.path + "/witness"
            let process = try WriterProcess(["count", directory.path, witness, "\(threads)"])
            try waitForCalls(witness, threads: threads)
            usleep(UInt32.random(in: 0..<20_000, using: &generator))
            process.killAndWait()
            let counts = try readBytes(witness)
            let reader = try directory.reader()
            #expect(!reader.ownerIsAlive())
            let snapshot = try reader.snapshot()
            for thread in 0..<threads {
                let series = try snapshot.series(
                    SeriesKey(table: "Orders", operation: "GetItem", pattern: "AP\(thread)"))
                let (begun, ended) = (counts.word(16 * thread), counts.word(16 * thread + 8))
                #expect(series.counters.calls >= ended && series.counters.calls <= begun && begun <= ended + 1)
                // Nothing else of a call is behind the ledger, or ahead by more than the one that was under way.
                for ahead in [
                    series.counters.outcomes[0], series.counters.attempts, series.counters.items, series.callTime.count,
                    series.counters.readMilliUnits / 500,
                ] {
                    #expect(ahead >= series.counters.calls && ahead <= begun)
                }
            }
            let drain = reader.drainKeyEvents { #expect($0.readMilliUnits == 500 && $0.key.hasPrefix("customer-")) }
            let begun = (0..<threads).reduce(0) { $0 + counts.word(16 * $1) }
            #expect(UInt64(drain.delivered) + drain.lostEvents <= begun)
            #expect(UInt64(drain.delivered) + drain.lostEvents + UInt64(threads) >= begun)
        }
    }

    private func waitForCalls(_ witness: String, threads: Int) throws {
        for _ in 0..<6000 {
            let counts = (try? readBytesIfPresent(witness)) ?? []
            if counts.count == 16 * threads, (0..<threads).allSatisfy({ counts.word(16 * $0 + 8) > 0 }) { return }
            usleep(5_000)
        }
        Issue.record("the process did not begin to record within 30 s")
    }

    private func readBytesIfPresent(_ path: String) throws -> [UInt8] {
        access(path, R_OK) == 0 ? try readBytes(path) : []
    }

    @Test func aForkedChildCountsInAFileOfItsOwn() throws {
        let directory = try TemporaryDirectory()
        let process = try WriterProcess(["fork", directory.path])
        process.waitForLine()
        process.waitForLine()
        process.wait()
        let readers = try TelemetryDirectory.files(in: directory.path).map { try TelemetryReader(path: $0) }
        try #require(readers.count == 2)
        let parent = try #require(readers.first { $0.identity.pid == process.pid })
        let child = try #require(readers.first { $0.identity.pid != process.pid })
        // The child still runs, and does not make its parent look alive.
        #expect(!parent.ownerIsAlive() && child.ownerIsAlive())
        let orders = SeriesKey(table: "Orders")
        #expect(try parent.snapshot().series(orders).counters.calls == 8)
        #expect(try child.snapshot().series(orders).counters.calls == 11)
        // What it recorded before it had a file.
        let other = try child.snapshot().series(.other).counters
        #expect(other.calls == 7 && other.calls(.success) == 7 && other.callTimesWithoutRoom == 7)
        #expect(try child.snapshot().series.map(\.key) == [.other, orders, SeriesKey(table: "Customers")])
        #expect(try parent.snapshot().series.map(\.key) == [.other, orders])
        process.closeInput()
    }

    /// A sidecar: a service and an agent of different users, with a directory of a common group between them.
    @Test(.enabled(if: geteuid() == 0, "only root can become other users"))
    func aSidecarUnderAnotherUserReadsThroughTheGroup() throws {
        let directory = try TemporaryDirectory()
        let (service, agent, stranger, group) = ("64001", "64002", "64003", "64100")
        #expect(chown(directory.path, 64001, 64100) == 0 && chmod(directory.path, 0o2770) == 0)
        let writer = try WriterProcess(["as", service, group, "write", directory.path])
        #expect(writer.readLine() == "ready")
        let path = try directory.onlyFile()
        var facts = stat()
        #expect(stat(path, &facts) == 0 && facts.st_uid == 64001 && facts.st_gid == 64100)
        #expect(facts.st_mode & 0o7777 == 0o660)
        let reader = try WriterProcess(["as", agent, group, "read", path])
        #expect(reader.readLine() == "3 calls, alive")
        reader.wait()
        let outsider = try WriterProcess(["as", stranger, stranger, "read", path])
        #expect(outsider.readLine().contains("cannot be opened: Permission denied"))
        outsider.wait()
        // The same directory, for one who may write there by the group but not own the file.
        writer.closeInput()
        writer.wait()
        let after = try WriterProcess(["as", agent, group, "read", path])
        #expect(after.readLine() == "3 calls, ended")
        after.wait()
    }

    @Test(.enabled(if: geteuid() == 0, "only root can become other users"))
    func aDirectoryOfAnotherUserWithoutAGroupIsRefused() throws {
        let directory = try TemporaryDirectory()
        #expect(chown(directory.path, 64001, 64001) == 0)
        let writer = try WriterProcess(["as", "64002", "64002", "write", directory.path])
        let line = writer.readLine()
        #expect(line.contains("cannot be opened: Permission denied"), "\(line)")
        writer.wait()
        #expect(TelemetryDirectory.files(in: directory.path).isEmpty)
    }
}
