import Dispatch
import Foundation
import Glibc
import Telemetry
import TestSupport
import Testing

@Suite struct WriterTests {
    /// A reader that looks again and again while files grow: none of its looks may take a sound file for a damaged one.
    @Test func aFileThatGrowsWhileItIsReadIsNotTakenForDamaged() throws {
        for _ in 0..<60 {
            let directory = try TemporaryDirectory()
            let writer = TelemetryWriter.open(directory.configuration())
            let reader = try directory.reader()
            let done = DispatchSemaphore(value: 0)
            let thread = Thread {
                var slots: [SeriesSlot] = []
                for number in 0..<400 {
                    slots.append(
                        writer.slot(for: SeriesKey(table: "T\(number)", operation: "GetItem", pattern: "AP")))
                    // Older series take new chunks, too, and those lie where the file has just grown.
                    for (place, slot) in slots.enumerated() where (number - place) % 20 == 0 {
                        let octave = 10 + (number - place) / 20
                        writer.record(
                            call: CallRecord(durationNanoseconds: 1 << octave, outcome: .success, attempts: 1), in: slot
                        )
                    }
                }
                done.signal()
            }
            thread.start()
            while done.wait(timeout: .now()) == .timedOut { _ = try reader.snapshot() }
            #expect(try reader.snapshot().series.reduce(0) { $0 + $1.counters.calls } == 4_200)
        }
    }

    /// A call over many pages has more items than a reader believes of one: its file is no damaged one for that.
    @Test func whatOneCallHasBeyondItsBoundIsLeftOut() throws {
        let directory = try TemporaryDirectory()
        let writer = TelemetryWriter.open(directory.configuration())
        let key = SeriesKey(table: "Orders", operation: "Scan")
        let slot = writer.slot(for: key)
        let most = (items: UInt64(1) << 24, itemBytes: UInt64(1) << 32, bytes: UInt64(1) << 28)
        for beyond in [0, 1, 1 << 30, UInt64.max - most.itemBytes] {
            writer.record(
                attempt: AttemptRecord(
                    durationNanoseconds: 2_000, outcome: .success, bytesSent: most.bytes + beyond,
                    bytesReceived: most.bytes + beyond), in: slot)
            writer.record(
                call: CallRecord(
                    durationNanoseconds: 4_000, outcome: .success, attempts: 1, items: most.items + beyond,
                    itemBytes: most.itemBytes + beyond), in: slot)
        }
        let counters = try directory.reader().snapshot().series(key).counters
        #expect(counters.items == 4 * most.items && counters.itemBytes == 4 * most.itemBytes)
        #expect(counters.bytesSent == 4 * most.bytes && counters.bytesReceived == 4 * most.bytes)
        // One more is none that a writer makes.
        let file = open(try directory.onlyFile(), O_WRONLY)
        defer { close(file) }
        var wrong = counters.items + 1
        let block = try readBytes(directory.onlyFile()).half(4_096 + 4) * 64
        #expect(pwrite(file, &wrong, 8, off_t(block + 16)) == 8)
        let error = #expect(throws: TelemetryError.self) { try directory.reader().snapshot() }
        #expect(error?.message.contains("items of 4 calls") == true)
    }

    @Test func whatIsRecordedComesBackWhole() throws {
        let directory = try TemporaryDirectory()
        let writer = TelemetryWriter.open(directory.configuration())
        let key = SeriesKey(table: "Orders", operation: "PutItem", pattern: "AP2")
        let slot = writer.slot(for: key)
        #expect(writer.slot(for: key) == slot)
        for outcome in CallOutcome.allCases {
            writer.record(
                attempt: AttemptRecord(
                    durationNanoseconds: 2_000_000, outcome: outcome, bytesSent: 7, bytesReceived: 9,
                    reusedConnection: false, dnsNanoseconds: 1_000_000, connectNanoseconds: 2_000_000,
                    tlsNanoseconds: 3_000_000), in: slot)
            writer.record(call: CallRecord(durationNanoseconds: 4_000_000, outcome: outcome, attempts: 2), in: slot)
        }
        let reader = try directory.reader()
        #expect(reader.identity.service == "checkout" && reader.identity.environment == "test")
        #expect(reader.identity.pid == getpid())
        let snapshot = try reader.snapshot()
        let series = try snapshot.series(key)
        #expect(series.counters.calls == 15 && series.counters.attempts == 15 && series.counters.retries == 15)
        #expect(series.counters.outcomes == Array(repeating: 1, count: 15))
        #expect(series.counters.attemptOutcomes == Array(repeating: 1, count: 15))
        #expect(series.counters.throttledAttempts == 1)
        #expect(series.counters.bytesSent == 105 && series.counters.bytesReceived == 135)
        #expect(series.counters.connectionsOpened == 15 && series.counters.connectionsReused == 0)
        #expect(series.callTime.count == 15 && series.callTime.sumNanoseconds == 60_000_000)
        #expect(series.attemptTime.count == 15 && series.attemptTime.sumNanoseconds == 30_000_000)
        #expect(snapshot.dnsTime.sumNanoseconds == 15_000_000 && snapshot.connectTime.count == 15)
        #expect(snapshot.tlsTime.sumNanoseconds == 45_000_000)
        #expect(snapshot.series.map(\.key) == [.other, key] && snapshot.unrecordedCalls == 0)
    }

    @Test func manyThreadsOnOneSeriesLoseNothing() throws {
        let directory = try TemporaryDirectory()
        let writer = TelemetryWriter.open(directory.configuration())
        let (threads, each) = (8, 5_000)
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            var generator = SeededGenerator(seed: UInt64(thread))
            let slot = writer.slot(for: SeriesKey(table: "Orders"))
            for _ in 0..<each {
                // Over all octaves, so that threads race for chunks too.
                let time = UInt64(1) << UInt64.random(in: 8..<37, using: &generator)
                writer.record(attempt: AttemptRecord(durationNanoseconds: time, outcome: .success), in: slot)
                writer.record(call: CallRecord(durationNanoseconds: time, outcome: .success, items: 3), in: slot)
            }
        }
        let series = try directory.reader().snapshot().series(SeriesKey(table: "Orders"))
        let total = UInt64(threads * each)
        #expect(series.counters.calls == total && series.counters.attempts == total)
        #expect(series.counters.calls(.success) == total && series.counters.items == 3 * total)
        #expect(series.callTime.count + series.counters.callTimesWithoutRoom == total)
        #expect(series.attemptTime.count + series.counters.attemptTimesWithoutRoom == total)
        #expect(series.callTime == series.attemptTime)
        #expect(series.counters.callTimesWithoutRoom == 0)
    }

    @Test func otherNeverTakesAContractsSeries() throws {
        let directory = try TemporaryDirectory()
        let contract = (0..<200).map { SeriesKey(table: "Orders", operation: "GetItem", pattern: "AP\($0)") }
        let writer = TelemetryWriter.open(directory.configuration(maximumBytes: 2 << 20), preregister: contract)
        for number in 0..<1000 {
            let slot = writer.slot(for: SeriesKey(table: "Stray\(number)"))
            writer.record(call: CallRecord(durationNanoseconds: 1, outcome: .success), in: slot)
        }
        for key in contract {
            writer.record(call: CallRecord(durationNanoseconds: 1, outcome: .success), in: writer.slot(for: key))
        }
        let snapshot = try directory.reader().snapshot()
        #expect(snapshot.grantedBytes <= 2 << 20)
        for key in contract { #expect(try snapshot.series(key).counters.calls == 1) }
        #expect(snapshot.unrecordedCalls > 0 && snapshot.refusedSeries == snapshot.unrecordedCalls)
        #expect(snapshot.series.reduce(0) { $0 + $1.counters.calls } == 1200)
    }

    @Test func aContractTooLargeForItsChunksStillCountsEveryCall() throws {
        let directory = try TemporaryDirectory()
        let contract = (0..<500).map { SeriesKey(table: "T\($0)") }
        let writer = TelemetryWriter.open(
            directory.configuration(maximumBytes: 1 << 20, keyEventCapacity: 16), preregister: contract)
        for key in contract {
            writer.record(call: CallRecord(durationNanoseconds: 1, outcome: .success), in: writer.slot(for: key))
        }
        let snapshot = try directory.reader().snapshot()
        for key in contract { #expect(try snapshot.series(key).counters.calls == 1) }
        let withoutRoom = snapshot.series.reduce(0) { $0 + $1.counters.callTimesWithoutRoom }
        #expect(withoutRoom > 0 && snapshot.series.reduce(0) { $0 + $1.callTime.count } == 500 - withoutRoom)
    }

    @Test func aKeyThatIsTooLongAndASlotOfAnotherWriterAreHarmless() throws {
        let (directory, another) = (try TemporaryDirectory(), try TemporaryDirectory())
        let writer = TelemetryWriter.open(directory.configuration())
        let long = SeriesKey(table: String(repeating: "t", count: 255), pattern: String(repeating: "p", count: 700))
        writer.record(call: CallRecord(durationNanoseconds: 1, outcome: .success), in: writer.slot(for: long))
        let foreign = TelemetryWriter.open(another.configuration())
        let slot = (0..<10).map { foreign.slot(for: SeriesKey(table: "T\($0)")) }[9]
        writer.record(call: CallRecord(durationNanoseconds: 1, outcome: .success), in: slot)
        #expect(try directory.reader().snapshot().series(.other).counters.calls == 2)
    }

    @Test func theFileIsForItsUserAlone() throws {
        let directory = try TemporaryDirectory()
        let writer = TelemetryWriter.open(directory.configuration())
        let path = try directory.onlyFile()
        #expect(writer.status == .recording(path: path) && writer.warning == nil)
        var facts = stat()
        #expect(stat(path, &facts) == 0 && facts.st_mode & 0o7777 == 0o600)
    }

    @Test func aFileSystemWithoutUnnamedFilesServesAsWell() throws {
        let directory = try TemporaryDirectory()
        var configuration = directory.configuration()
        configuration.avoidsUnnamedFiles = true
        let writer = TelemetryWriter.open(configuration)
        let reader = try directory.reader()
        #expect(writer.status == .recording(path: reader.path) && reader.ownerIsAlive())
        writer.close()
        #expect(!reader.ownerIsAlive())
    }

    @Test func aDirectorySharedWithAGroupGivesFilesOfThatGroup() throws {
        let directory = try TemporaryDirectory()
        #expect(chmod(directory.path, 0o2770) == 0)
        let writer = TelemetryWriter.open(directory.configuration())
        var facts = stat()
        #expect(stat(try directory.onlyFile(), &facts) == 0 && facts.st_mode & 0o7777 == 0o660)
        withExtendedLifetime(writer) {}
    }

    @Test func theOwnerIsAliveUntilItCloses() throws {
        let directory = try TemporaryDirectory()
        let writer = TelemetryWriter.open(directory.configuration())
        let slot = writer.slot(for: SeriesKey(table: "Orders"))
        let reader = try directory.reader()
        #expect(reader.ownerIsAlive())
        #expect(try !reader.snapshot().isClosed)
        writer.record(call: CallRecord(durationNanoseconds: 1, outcome: .success), in: slot)
        writer.close()
        writer.close()
        #expect(!reader.ownerIsAlive())
        let snapshot = try reader.snapshot()
        #expect(snapshot.isClosed)
        #expect(try snapshot.series(SeriesKey(table: "Orders")).counters.calls == 1)
        writer.record(call: CallRecord(durationNanoseconds: 1, outcome: .success), in: slot)
        #expect(writer.status == .degraded(reason: "The telemetry file was closed: open a new one."))
    }

    @Test func aFileThatWasDeletedGetsASuccessorAndEveryCallIsInOneOfTheTwo() throws {
        let directory = try TemporaryDirectory()
        let (orders, customers) = (SeriesKey(table: "Orders"), SeriesKey(table: "Customers"))
        let writer = TelemetryWriter.open(directory.configuration(), preregister: [orders])
        let (slot, other) = (writer.slot(for: orders), writer.slot(for: customers))
        let call = CallRecord(durationNanoseconds: 1, outcome: .success)
        writer.look()
        let old = try directory.reader()
        for _ in 0..<3 { writer.record(call: call, in: slot) }
        #expect(unlink(old.path) == 0)
        writer.record(call: call, in: other)
        #expect(TelemetryDirectory.files(in: directory.path).isEmpty)
        writer.look()
        let new = try directory.reader()
        #expect(writer.status == .recording(path: new.path) && new.path != old.path)
        #expect(new.identity.id != old.identity.id && new.ownerIsAlive())
        // Kept slots lead to the same series, and what was on its way to the old file still has a look's time for it.
        #expect(writer.slot(for: customers) == other && old.ownerIsAlive())
        for _ in 0..<5 { writer.record(call: call, in: other) }
        writer.look()
        #expect(!old.ownerIsAlive() && new.ownerIsAlive())
        writer.look()
        #expect(try old.snapshot().isClosed && old.snapshot().series(orders).counters.calls == 3)
        #expect(try old.snapshot().series(customers).counters.calls == 1)
        #expect(try new.snapshot().series.map(\.key) == [.other, orders, customers])
        #expect(try new.snapshot().series(customers).counters.calls == 5)
        #expect(try new.snapshot().series(orders).counters.calls == 0)
        writer.close()
        #expect(!new.ownerIsAlive())
        #expect(unlink(new.path) == 0)
        writer.look()
        #expect(TelemetryDirectory.files(in: directory.path).isEmpty)
    }

    @Test func aFileThatWasDeletedIsWrittenOnWhereNoOtherCanBeMade() throws {
        let directory = try TemporaryDirectory()
        let writer = TelemetryWriter.open(directory.configuration())
        let slot = writer.slot(for: SeriesKey(table: "Orders"))
        let old = try directory.reader()
        let call = CallRecord(durationNanoseconds: 1, outcome: .success)
        #expect(unlink(old.path) == 0 && chmod(directory.path, 0o755) == 0)
        writer.look()
        writer.record(call: call, in: slot)
        #expect(writer.status == .recording(path: old.path))
        #expect(writer.warning?.contains("was deleted") ?? false && writer.warning?.contains("chmod 0700") ?? false)
        #expect(try old.ownerIsAlive() && old.snapshot().series(SeriesKey(table: "Orders")).counters.calls == 1)
        #expect(chmod(directory.path, 0o700) == 0)
        writer.look()
        writer.record(call: call, in: slot)
        #expect(try directory.reader().snapshot().series(SeriesKey(table: "Orders")).counters.calls == 1)
        #expect(writer.warning == nil)
    }

    @Test func aDirectoryThatWasDeletedIsMadeAgain() throws {
        let directory = try TemporaryDirectory()
        let writer = TelemetryWriter.open(directory.configuration())
        let slot = writer.slot(for: SeriesKey(table: "Orders"))
        #expect(unlink(try directory.onlyFile()) == 0 && rmdir(directory.path) == 0)
        writer.look()
        writer.record(call: CallRecord(durationNanoseconds: 1, outcome: .success), in: slot)
        #expect(try directory.reader().snapshot().series(SeriesKey(table: "Orders")).counters.calls == 1)
    }

    @Test func aLookIsDueOnceASecondForOneCaller() throws {
        let directory = try TemporaryDirectory()
        let writer = TelemetryWriter.open(directory.configuration())
        #expect(writer.isLookDue(at: 5_000_000_000) && !writer.isLookDue(at: 5_000_000_000))
        #expect(!writer.isLookDue(at: 5_999_999_999) && writer.isLookDue(at: 6_000_000_000))
    }

    @Test func aWriterThatGoesAwayLeavesItsFileToBeRead() throws {
        let directory = try TemporaryDirectory()
        do {
            let writer = TelemetryWriter.open(directory.configuration())
            let slot = writer.slot(for: SeriesKey(table: "Orders"))
            writer.record(call: CallRecord(durationNanoseconds: 1, outcome: .success), in: slot)
        }
        let reader = try directory.reader()
        #expect(!reader.ownerIsAlive())
        #expect(try reader.snapshot().series(SeriesKey(table: "Orders")).counters.calls == 1)
    }

    @Test func snapshotsWhileWritingNeverShrink() throws {
        let directory = try TemporaryDirectory()
        let writer = TelemetryWriter.open(directory.configuration())
        let path = try directory.onlyFile()
        DispatchQueue.concurrentPerform(iterations: 3) { thread in
            if thread == 0 {
                #expect(throws: Never.self) { try expectMonotone(TelemetryReader(path: path)) }
            } else {
                let slot = writer.slot(for: SeriesKey(table: "Orders"))
                for number in 0..<UInt64(300_000) {
                    writer.record(
                        attempt: AttemptRecord(durationNanoseconds: 1000 + number * 100, outcome: .success), in: slot)
                    writer.record(
                        call: CallRecord(durationNanoseconds: 1000 + number * 100, outcome: .success), in: slot)
                }
            }
        }
        let total = try directory.reader().snapshot().series(SeriesKey(table: "Orders"))
        #expect(total.counters.calls == 600_000 && total.callTime.count == 600_000)
    }

    private func expectMonotone(_ reader: TelemetryReader) throws {
        var last = SeriesSnapshot(key: SeriesKey(table: "Orders"))
        // For as long as the writers write, so that every reading but the first few meets them; the bound is against hanging.
        for _ in 0..<1_000_000 where last.counters.calls < 600_000 {
            guard let now = try reader.snapshot().series.first(where: { $0.key == last.key }) else { continue }
            let change = now.counters - last.counters
            #expect([change.calls, change.attempts, change.outcomes[0]].allSatisfy { $0 < 1 << 32 })
            // The ledger is never ahead of what it stands for.
            #expect(now.counters.calls <= now.counters.outcomes[0] && now.counters.calls <= now.callTime.count)
            #expect(now.counters.calls <= now.counters.attempts && now.counters.attempts <= now.attemptTime.count)
            #expect((now.callTime - last.callTime).buckets.allSatisfy { $0.count < 1 << 32 })
            last = now
        }
    }
}
