import Dispatch
import Glibc
import Telemetry
import Testing

@Suite struct RingTests {
    @Test func keyEventsComeBackOnceAndInOrder() throws {
        let directory = try TemporaryDirectory()
        let writer = TelemetryWriter.open(directory.configuration())
        let key = SeriesKey(table: "Orders", operation: "GetItem")
        let slot = writer.slot(for: key)
        let reader = try directory.reader()
        writer.record("customer-1", in: slot, read: 500)
        writer.record("customer-2", in: slot, write: 3000, throttled: true)
        var events: [KeyEvent] = []
        #expect(reader.drainKeyEvents { events.append($0) } == KeyEventDrain(delivered: 2))
        #expect(events.map(\.key) == ["customer-1", "customer-2"] && events.allSatisfy { $0.series == key })
        #expect(events.map(\.readMilliUnits) == [500, 0] && events.map(\.writeMilliUnits) == [0, 3000])
        #expect(events.map(\.throttled) == [false, true] && events.allSatisfy { !$0.isCut })
        #expect(events[0].keyHash != events[1].keyHash)
        writer.record("customer-1", in: slot, read: 500)
        var again: [KeyEvent] = []
        #expect(reader.drainKeyEvents { again.append($0) }.delivered == 1)
        #expect(again.map(\.keyHash) == [events[0].keyHash])
        #expect(reader.drainKeyEvents { _ in Issue.record("delivered twice") } == KeyEventDrain())
    }

    @Test func aKeptCursorGoesOnWhereItWas() throws {
        let directory = try TemporaryDirectory()
        let writer = TelemetryWriter.open(directory.configuration(keyEventCapacity: 16))
        let slot = writer.slot(for: SeriesKey(table: "Orders"))
        for number in 0..<10 { writer.record("k\(number)", in: slot, read: 1) }
        let first = try directory.reader()
        #expect(first.drainKeyEvents { _ in }.delivered == 10)
        for number in 10..<30 { writer.record("k\(number)", in: slot, read: 1) }
        let second = try directory.reader()
        second.keyEventCursor = first.keyEventCursor
        var keys: [String] = []
        let drain = second.drainKeyEvents { keys.append($0.key) }
        #expect(keys == (14..<30).map { "k\($0)" })
        #expect(drain == KeyEventDrain(delivered: 16, lostEvents: 4, lostReadMilliUnits: 4, lostWriteMilliUnits: 0))
    }

    @Test func whatIsOverwrittenIsCountedByWeight() throws {
        let directory = try TemporaryDirectory()
        let writer = TelemetryWriter.open(directory.configuration(keyEventCapacity: 64))
        let slot = writer.slot(for: SeriesKey(table: "Orders"))
        let reader = try directory.reader()
        for number in 1...UInt64(1000) { writer.record("k", in: slot, read: number, write: 2 * number) }
        var delivered: UInt64 = 0
        let drain = reader.drainKeyEvents { delivered += $0.readMilliUnits }
        #expect(drain.delivered == 64 && drain.lostEvents == 936)
        #expect(drain.lostReadMilliUnits == 936 * 937 / 2 && drain.lostWriteMilliUnits == 936 * 937)
        #expect(delivered + drain.lostReadMilliUnits == 1000 * 1001 / 2)
        #expect(drain.lostMilliUnits == drain.lostReadMilliUnits + drain.lostWriteMilliUnits)
    }

    @Test func deliveredAndLostAddUpWhileManyThreadsWrite() throws {
        let directory = try TemporaryDirectory()
        let writer = TelemetryWriter.open(directory.configuration(keyEventCapacity: 16))
        let slot = writer.slot(for: SeriesKey(table: "Orders"))
        let path = try directory.onlyFile()
        DispatchQueue.concurrentPerform(iterations: 5) { thread in
            if thread > 0 {
                // The weight says which key it was: a torn event would not fit together.
                for number in 0..<UInt64(10_000) {
                    let weight = UInt64(thread) << 24 | number
                    writer.record("\(weight)", in: slot, read: weight, write: 1)
                }
            } else {
                #expect(throws: Never.self) { try drainAll(TelemetryReader(path: path), writers: 4, each: 10_000) }
            }
        }
    }

    private func drainAll(_ reader: TelemetryReader, writers: UInt64, each: UInt64) throws {
        var (events, weight, lostEvents, lostWeight, lostWrites) = (
            UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0)
        )
        while events + lostEvents < writers * each {
            let drain = reader.drainKeyEvents { event in
                events += 1
                weight += event.readMilliUnits
                #expect(event.key == "\(event.readMilliUnits)" && event.writeMilliUnits == 1)
            }
            lostEvents += drain.lostEvents
            lostWeight += drain.lostReadMilliUnits
            lostWrites += drain.lostWriteMilliUnits
        }
        // The last sums may come a moment after the last entries.
        while events + lostWrites < writers * each || weight + lostWeight < total(writers, each) {
            let drain = reader.drainKeyEvents { _ in }
            lostWeight += drain.lostReadMilliUnits
            lostWrites += drain.lostWriteMilliUnits
        }
        #expect(events + lostEvents == writers * each)
        #expect(events + lostWrites == writers * each)
        #expect(weight + lostWeight == total(writers, each))
    }

    private func total(_ writers: UInt64, _ each: UInt64) -> UInt64 {
        (1...writers).reduce(0) { $0 + ($1 << 24) * each } + writers * each * (each - 1) / 2
    }

    @Test func anEntryThatAStalledWriterHoldsIsLeftAloneAndCountedAsLost() throws {
        let directory = try TemporaryDirectory()
        let writer = TelemetryWriter.open(directory.configuration(keyEventCapacity: 16))
        let slot = writer.slot(for: SeriesKey(table: "Orders"))
        for number in 0..<UInt64(16) { writer.record("early", in: slot, read: number) }
        // As a thread leaves it that was stopped in the middle of event 3.
        try overwrite(directory, at: 45056 + 3 * 128, with: 2 * 3 + 1)
        for number in 16..<UInt64(32) { writer.record("late", in: slot, read: number) }
        let reader = try directory.reader()
        var weights: [UInt64] = []
        // It may still be at work at the first look: what comes after waits, and no loss of weight is claimed yet.
        #expect(
            reader.drainKeyEvents { weights.append($0.readMilliUnits) } == KeyEventDrain(delivered: 3, lostEvents: 16))
        let drain = reader.drainKeyEvents { weights.append($0.readMilliUnits) }
        #expect(drain == KeyEventDrain(delivered: 12, lostEvents: 1, lostReadMilliUnits: 15 * 16 / 2 + 19))
        #expect(weights == (16..<32).filter { $0 != 19 })
    }

    private func overwrite(_ directory: TemporaryDirectory, at offset: Int, with word: UInt64) throws {
        let file = open(try directory.onlyFile(), O_RDWR)
        defer { close(file) }
        var word = word
        #expect(pwrite(file, &word, 8, off_t(offset)) == 8)
    }

    private func sum(_ directory: TemporaryDirectory, at offset: Int) throws -> UInt64 {
        try readBytes(directory.onlyFile()).word(offset)
    }

    /// Any bit of the sums of reads and of writes, before the first reading and between two: it is found, and counted for nothing.
    @Test(arguments: [264, 272], 0..<64)
    func aBitThatFlipsInASumIsFound(offset: Int, bit: Int) throws {
        for hasRead in [false, true] {
            let directory = try TemporaryDirectory()
            let writer = TelemetryWriter.open(directory.configuration(keyEventCapacity: 64))
            let slot = writer.slot(for: SeriesKey(table: "Orders"))
            let reader = try directory.reader()
            for number in 0..<UInt64(20) { writer.record("k\(number)", in: slot, read: 0x5555, write: 0xAAAA) }
            if hasRead { #expect(reader.drainKeyEvents { _ in } == KeyEventDrain(delivered: 20)) }
            let before = try sum(directory, at: offset)
            let flipped = before ^ 1 << UInt64(bit)
            try overwrite(directory, at: offset, with: flipped)
            if !hasRead, flipped < before {
                // As if one of the events had not come to its sum yet. It is said of no event that it was lost.
                #expect(reader.drainKeyEvents { _ in } == KeyEventDrain(delivered: 20), "bit \(bit)")
            } else {
                let drain = reader.drainKeyEvents { _ in }
                #expect(!drain.isPlausible && drain.lostMilliUnits == 0, "bit \(bit), read before: \(hasRead)")
            }
            writer.close()
        }
    }

    /// Events whose units come to the sums late were lost in an earlier drain, or by an earlier reader.
    @Test func unitsThatComeLateAreThoseOfLostEvents() throws {
        let directory = try TemporaryDirectory()
        let writer = TelemetryWriter.open(directory.configuration(keyEventCapacity: 16))
        let slot = writer.slot(for: SeriesKey(table: "Orders"))
        for _ in 0..<20 { writer.record("k", in: slot, read: 10) }
        // As threads leave it that have not added two of the lost ones yet.
        try overwrite(directory, at: 264, with: 180)
        let reader = try directory.reader()
        #expect(reader.drainKeyEvents { _ in }.lostReadMilliUnits == 20)
        try overwrite(directory, at: 264, with: 190)
        #expect(reader.drainKeyEvents { _ in } == KeyEventDrain(lostReadMilliUnits: 10))
        let next = try directory.reader()
        next.keyEventCursor = reader.keyEventCursor
        try overwrite(directory, at: 264, with: 200)
        #expect(next.drainKeyEvents { _ in } == KeyEventDrain(lostReadMilliUnits: 10))
    }

    @Test func aLongKeyIsCutBetweenCharactersAndHashedWhole() throws {
        let directory = try TemporaryDirectory()
        let writer = TelemetryWriter.open(directory.configuration())
        let slot = writer.slot(for: SeriesKey(table: "Orders"))
        let exact = String(repeating: "a", count: 64)
        let characters = String(repeating: "a", count: 62) + "€"
        let whole = String(repeating: "a", count: 61) + "€" + "b"
        for text in [exact, exact + "b", exact + "c", characters, whole, ""] { writer.record(text, in: slot) }
        var events: [KeyEvent] = []
        _ = try directory.reader().drainKeyEvents { events.append($0) }
        #expect(
            events.map(\.key) == [
                exact, exact, exact, String(repeating: "a", count: 62), String(repeating: "a", count: 61) + "€", "",
            ])
        #expect(events.map(\.isCut) == [false, true, true, true, true, false])
        #expect(Set(events.map(\.keyHash)).count == 6)
    }

    @Test func slowCallsKeepTheirCorrelationIds() throws {
        let directory = try TemporaryDirectory()
        let writer = TelemetryWriter.open(directory.configuration())
        let key = SeriesKey(table: "Orders", operation: "Query")
        let slot = writer.slot(for: key)
        for number in 1...UInt64(300) {
            writer.recordSlowCall(
                CallRecord(durationNanoseconds: number * 1_000_000, outcome: .timeout, attempts: 3), in: slot,
                endedAtNanoseconds: number, correlationID: "call-\(number)")
        }
        let calls = try directory.reader().slowCalls()
        #expect(calls.count == 256)
        #expect(
            calls.first
                == SlowCall(
                    series: key, durationNanoseconds: 300_000_000, endedAtNanoseconds: 300, outcome: .timeout,
                    attempts: 3, correlationID: "call-300"))
        #expect(calls.last?.correlationID == "call-45")
    }
}

@Suite struct SnapshotArithmeticTests {
    @Test func differencesAndSumsUndoOneAnother() {
        let early = HistogramSnapshot(
            buckets: [.init(index: 3, count: 5), .init(index: 9, count: 1)], sumNanoseconds: 100)
        let late = HistogramSnapshot(
            buckets: [.init(index: 3, count: 5), .init(index: 4, count: 2), .init(index: 9, count: 4)],
            sumNanoseconds: 300)
        let change = late - early
        #expect(change.buckets == [.init(index: 4, count: 2), .init(index: 9, count: 3)])
        #expect(change.sumNanoseconds == 200 && change.count == 5)
        #expect(early + change == late)
        var (first, second) = (SeriesCounters(), SeriesCounters())
        (first.calls, second.calls) = (3, 10)
        (first.outcomes[4], second.outcomes[4]) = (1, 2)
        second.throttleCauses[16] = 7
        #expect((second - first).calls == 7 && (second - first).outcomes[4] == 1)
        #expect(first + (second - first) == second)
        #expect((first - second).calls == UInt64.max - 6)
    }

    @Test func quantilesAreWithinTheBucketsError() throws {
        var histogram = HistogramSnapshot()
        #expect(histogram.quantile(0.5) == nil)
        for number in 1...100 {
            let index = LatencyBuckets.index(ofNanoseconds: UInt64(number) * 1_000_000)
            histogram = histogram + HistogramSnapshot(buckets: [.init(index: index, count: 1)])
        }
        for (share, milliseconds) in [(0.0, 1.0), (0.5, 50), (0.99, 99), (1.0, 100)] {
            let quantile = Double(try #require(histogram.quantile(share)))
            #expect(abs(quantile - milliseconds * 1e6) <= 0.008 * milliseconds * 1e6)
        }
    }
}
