import Glibc
import TestSupport
import Testing

@testable import Telemetry

/// Numbers that could each be, and not together: a bit that flipped, a writer that counts wrongly.
@Suite struct ConsistencyTests {
    private let key = SeriesKey(table: "Orders", operation: "GetItem", pattern: "AP1")

    /// The file of an ended process with a thousand calls of 5 ms and one of 2 s, and where its series' block lies.
    private func makeFile(_ directory: TemporaryDirectory) throws -> (bytes: [UInt8], path: String, block: Int) {
        let writer = TelemetryWriter.open(directory.configuration(maximumBytes: 1 << 20, keyEventCapacity: 16))
        let slot = writer.slot(for: key)
        for number in 0..<1_001 {
            let time: UInt64 = number == 1_000 ? 2_000_000_000 : 5_000_000
            writer.record(
                attempt: AttemptRecord(
                    durationNanoseconds: time, outcome: .success, bytesSent: 300, bytesReceived: 900,
                    reusedConnection: number > 3, connectNanoseconds: 100_000), in: slot)
            writer.record(consumptionIn: slot, readMilliUnits: 500, writeMilliUnits: 0)
            writer.record(call: CallRecord(durationNanoseconds: time, outcome: .success, items: 1), in: slot)
        }
        writer.close()
        let path = try directory.onlyFile()
        let bytes = try readBytes(path)
        return (bytes, path, bytes.half(4_096 + 4) * 64)
    }

    private func snapshot(_ bytes: [UInt8], at path: String) throws -> TelemetrySnapshot {
        try writeBytes(bytes, to: path)
        return try TelemetryReader(path: path).snapshot()
    }

    private func refusal(_ bytes: [UInt8], at path: String) -> String? {
        do {
            _ = try snapshot(bytes, at: path)
            return nil
        } catch { return "\(error)" }
    }

    /// What a series' words are told apart by: offset, the lowest bit that cannot be, and what is said.
    static let words: [(offset: Int, bit: Int, said: String)] = [
        (0, 0, "1000 calls|calls, of which"), (64, 1, "calls by outcome"), (64 + 8 * 9, 0, "calls by outcome"),
        (64 + 8 * 15, 4, "calls by outcome"), (256 + 8 * 8, 3, "attempts by outcome"), (192, 1, "attempts, of which"),
        (40, 17, "times of 1001 calls"), (248, 17, "times of 1001 attempts"), (208, 10, "throttled attempts of 1001"),
        (384, 10, "of one cause, of 1001"), (232, 10, "connections of"), (240, 10, "connections of"),
        (32, 21, "retries among 1001"), (568, 21, "hedges among 1001"), (576, 30, "read units of 1001"),
        (584, 33, "write units of 1001"), (216, 40, "bytes of 1001 attempts"), (224, 40, "bytes of 1001 attempts"),
        (16, 34, "items of 1001 calls"), (24, 42, "bytes of items of 1001 calls"), (592, 22, "changes of circuits"),
        (624, 22, "changes of circuits"),
    ]

    @Test(arguments: words) func aBitThatFlippedIsFound(offset: Int, bit: Int, said: String) throws {
        let directory = try TemporaryDirectory()
        let (bytes, path, block) = try makeFile(directory)
        #expect(refusal(bytes, at: path) == nil)
        for flipped in bit..<44 {
            var bad = bytes
            let old = bad.word(block + offset)
            // Only what is set by it: a bit that goes makes a number smaller, which other tests are about.
            guard old & (1 << UInt64(flipped)) == 0 else { continue }
            bad.put(old | 1 << UInt64(flipped), at: block + offset)
            let refusal = refusal(bad, at: path)
            #expect(refusal != nil, "bit \(flipped) of @\(offset)")
            if flipped == 43 { #expect(said.split(separator: "|").contains { refusal?.contains($0) ?? false }) }
        }
    }

    /// What stands around somebody else's client knows its calls, and of its attempts what it is told.
    @Test func aWriterThatCountsCallsAloneIsSound() throws {
        let directory = try TemporaryDirectory()
        let writer = TelemetryWriter.open(directory.configuration(maximumBytes: 1 << 20, keyEventCapacity: 16))
        let slot = writer.slot(for: key)
        for _ in 0..<3 {
            writer.record(
                call: CallRecord(durationNanoseconds: 5_000_000, outcome: .success, attempts: 9, items: 2_000_000),
                in: slot)
        }
        writer.close()
        let path = try directory.onlyFile()
        let bytes = try readBytes(path)
        let block = bytes.half(4_096 + 4) * 64
        #expect(try snapshot(bytes, at: path).series.first { $0.key == key }?.counters.retries == 24)
        // Three throttled attempts of three calls each, and their bytes and connections.
        var told = bytes
        for (offset, value) in [(208, 9), (384, 9), (216, 3_000), (224, 9_000), (232, 20), (240, 7), (32, 3_000)]
            as [(Int, UInt64)]
        {
            told.put(value, at: block + offset)
        }
        #expect(refusal(told, at: path) == nil)
        told.put(1 << 20, at: block + 208)
        #expect(refusal(told, at: path)?.contains("throttled attempts of 3072") == true)
    }

    /// Both ways: too many times of calls, and too few.
    @Test func aBucketThatChangedIsFound() throws {
        let directory = try TemporaryDirectory()
        let (bytes, path, block) = try makeFile(directory)
        // The octave of 2 s is the twentieth, since 2^30 ns.
        let bucket = bytes.half(block + 640 + 4 * 20) * 64 + 8 * (2_000_000_000 >> 24 - 64)
        #expect(bytes.word(bucket) == 1)
        var bad = bytes
        bad.put(1 | 1 << 30, at: bucket)
        #expect(refusal(bad, at: path)?.contains("1073742825 times of 1001 calls") == true)
        bad.put(0, at: bucket)
        #expect(refusal(bad, at: path)?.contains("1001 calls by outcome, of which 1000 have a time") == true)
    }

    @Test func theTimesOfMoreConnectionsThanAttemptsAreFound() throws {
        let directory = try TemporaryDirectory()
        let (bytes, path, _) = try makeFile(directory)
        // Connecting took 0.1 ms each time: octave 6, since 2^16 ns.
        let chunk = bytes.half(576 + 4 * 6) * 64
        var bad = bytes
        bad.put(1 << 30, at: chunk)
        #expect(refusal(bad, at: path)?.contains("connections of 1001 attempts") == true)
    }

    @Test func twoEntriesMayNotLeadToOneChunk() throws {
        let directory = try TemporaryDirectory()
        let (bytes, path, block) = try makeFile(directory)
        // The octave of 5 ms once more as that of 0.3 s.
        var bad = bytes
        for byte in 0..<4 { bad[block + 640 + 4 * 18 + byte] = bad[block + 640 + 4 * 12 + byte] }
        #expect(refusal(bad, at: path)?.contains("two entries of it lead to byte") == true)
        // Nor may a chunk begin within a block.
        bad = bytes
        let inside = UInt32(block / 64 + 3)
        for byte in 0..<4 { bad[block + 640 + 4 * 18 + byte] = UInt8(truncatingIfNeeded: inside >> UInt32(8 * byte)) }
        #expect(refusal(bad, at: path)?.contains("two entries of it lead to byte") == true)
    }

    /// Whatever a thread had done of a record when its process was killed, the file is sound.
    @Test func everyStepOfARecordIsSound() throws {
        let directory = try TemporaryDirectory()
        let (bytes, path, block) = try makeFile(directory)
        let calls = [
            bytes.half(block + 640 + 4 * 12) * 64 + 8 * (5_000_000 >> 16 - 64), block + 8, block + 64, block + 16,
        ]
        let attempts = [
            bytes.half(block + 768 + 4 * 12) * 64 + 8 * (5_000_000 >> 16 - 64), block + 200, block + 256 + 8,
            block + 208, block + 384, block + 216, block + 224, block + 232,
        ]
        for steps in [calls, attempts] {
            #expect(bytes.word(steps[0]) == 1_000)
            var dead = bytes
            for step in steps {
                // Three threads, and as many as a process may have.
                for threads in [3, 60_000] as [UInt64] {
                    var some = dead
                    some.put(some.word(step) + threads, at: step)
                    #expect(refusal(some, at: path) == nil)
                }
                dead.put(dead.word(step) + 60_000, at: step)
            }
            #expect(refusal(dead, at: path) == nil)
        }
    }

    /// However long the reader was stopped between two copies, what the writer did meanwhile is nobody's fault.
    @Test func aReaderThatWasStoppedRefusesNothing() {
        let early = SeriesClaim(
            calls: 10, attempts: 10, laterCalls: 10, laterAttempts: 10, callOutcomes: 5_000_000,
            attemptOutcomes: 6_000_000, callTimes: 4_000_000, attemptTimes: 7_000_000)
        var counters = SeriesCounters()
        counters.throttledAttempts = 8_000_000
        counters.bytesSent = 9_000_000 << 20
        counters.items = 9_000_000
        #expect(early.contradiction(counters, later: early) != nil)
        let later = SeriesClaim(
            calls: 10, attempts: 10, laterCalls: 9_000_000, laterAttempts: 9_000_000, callOutcomes: 9_000_000,
            attemptOutcomes: 9_000_000, callTimes: 9_000_000, attemptTimes: 9_000_000)
        #expect(early.contradiction(counters, later: later) == nil)
    }
}

extension [UInt8] {
    fileprivate mutating func put(_ value: UInt64, at offset: Int) {
        for place in 0..<8 { self[offset + place] = UInt8(truncatingIfNeeded: value >> UInt64(8 * place)) }
    }
}
