import Telemetry
import TestSupport
import Testing

/// The numbers of docs/TELEMETRY.md, written out: a change of the layout fails here, and needs a new version.
@Suite struct LayoutTests {
    @Test func headerIsAsDocumented() throws {
        let directory = try TemporaryDirectory()
        var configuration = directory.configuration(maximumBytes: 4 << 20, keyEventCapacity: 100)
        configuration.identifier = (0x0123_4567_89ab_cdef, 0x1122_3344_5566_7788)
        configuration.startedAtNanoseconds = 1_700_000_000_000_000_001
        let writer = TelemetryWriter.open(configuration)
        defer { writer.close() }
        let bytes = try readBytes(directory.onlyFile())
        #expect(bytes.text(0, 8) == "TDEMARK1")
        #expect(bytes.word(8) == 1)
        #expect(bytes.word(16) == 0x0123_4567_89ab_cdef)
        #expect(bytes.word(24) == 0x1122_3344_5566_7788)
        #expect(bytes.word(40) == 1_700_000_000_000_000_001)
        #expect(bytes.word(48) == 4 << 20)
        #expect(bytes.word(56) == 128)
        #expect(bytes.word(64) == 2048)
        #expect(bytes.word(72) == 256)
        #expect(bytes.word(80) == 0)
        #expect(bytes.word(128) == UInt64(bytes.count))
        #expect(bytes.word(136) == 1)
        #expect(bytes.word(192) == UInt64(45056 + 128 * 128 + 1792))
        #expect(bytes.text(2048, Int(bytes.word(1024))) == "checkout")
        #expect(bytes.text(2560, Int(bytes.word(1032))) == "test")
    }

    @Test func seriesBlockIsAsDocumented() throws {
        let directory = try TemporaryDirectory()
        let writer = TelemetryWriter.open(directory.configuration(keyEventCapacity: 16))
        defer { writer.close() }
        let slot = writer.slot(
            for: SeriesKey(table: "Orders", index: "byDate", operation: "Query", pattern: "AP11"))
        writer.record(
            attempt: AttemptRecord(
                durationNanoseconds: 3000, outcome: .throttled,
                throttleCauses: ThrottleCause.indexReadKeyRangeThroughput.mask, bytesSent: 10, bytesReceived: 20),
            in: slot)
        writer.record(
            call: CallRecord(durationNanoseconds: 5000, outcome: .server, attempts: 3, items: 4, itemBytes: 500),
            in: slot)
        writer.record(consumptionIn: slot, readMilliUnits: 1500, writeMilliUnits: 2500)
        let bytes = try readBytes(directory.onlyFile())
        let block = bytes.half(4096 + 4) * 64
        #expect(block == 45056 + 16 * 128 + 1792)
        // calls, their time, items, their bytes, retries; a call that ended with `server`
        #expect((0..<5).map { bytes.word(block + 8 * $0) } == [1, 5000, 4, 500, 2])
        #expect(bytes.word(block + 8 * (8 + 8)) == 1)
        // attempts, their time, throttled, bytes sent and received, reused, opened; one that ended with `throttled`
        #expect((24..<31).map { bytes.word(block + 8 * $0) } == [1, 3000, 1, 10, 20, 1, 0])
        #expect(bytes.word(block + 8 * (32 + 1)) == 1)
        #expect(bytes.word(block + 8 * (48 + 10)) == 1)
        #expect((72..<74).map { bytes.word(block + 8 * $0) } == [1500, 2500])
        // 3000 and 5000 ns lie in octaves 1 and 2, from 2048 and from 4096 ns
        let calls = bytes.half(block + 640 + 4 * 2) * 64
        #expect(bytes.word(calls + 8 * ((5000 - 4096) / 64)) == 1)
        let attempts = bytes.half(block + 640 + 128 + 4 * 1) * 64
        #expect(bytes.word(attempts + 8 * ((3000 - 2048) / 32)) == 1)
        #expect(bytes.word(block + 896) == 6 | 6 << 16 | 5 << 32 | 4 << 48)
        #expect(bytes.text(block + 904, 21) == "OrdersbyDateQueryAP11")
    }

    @Test func outcomesAndCausesKeepTheirPlaces() {
        #expect(CallOutcome.allCases.map(\.rawValue) == Array(0..<15))
        #expect(CallOutcome.success.rawValue == 0 && CallOutcome.malformedResponse.rawValue == 13)
        #expect(CallOutcome.circuitOpen.rawValue == 14)
        #expect(ThrottleCause.allCases.map(\.rawValue) == Array(0..<17))
        #expect(ThrottleCause.allCases.count == throttleReasonCount)
        #expect(ThrottleCause.tableReadKeyRangeThroughput.wireName == "TableReadKeyRangeThroughputExceeded")
        #expect(ThrottleCause.indexWriteMaxOnDemandThroughput.wireName == "IndexWriteMaxOnDemandThroughputExceeded")
        #expect(ThrottleCause.allCases.filter(\.isKeyRange).count == 4)
    }
}

@Suite struct LatencyBucketsTests {
    @Test func everyTimeOverFiveDecadesIsWithinEightTenthsOfAPercentOfItsBucketsMiddle() {
        var generator = SeededGenerator(seed: 2026)
        var time = 1_024.0
        while time < 68e9 {
            for _ in 0..<200 {
                let nanoseconds = UInt64(time * Double.random(in: 1..<1.01, using: &generator))
                let index = LatencyBuckets.index(ofNanoseconds: nanoseconds)
                #expect(LatencyBuckets.lowerBound(of: index) <= nanoseconds)
                #expect(nanoseconds < LatencyBuckets.upperBound(of: index))
                let middle = Double(LatencyBuckets.middle(of: index))
                #expect(abs(middle - Double(nanoseconds)) <= 0.008 * Double(nanoseconds))
            }
            time *= 1.07
        }
    }

    @Test func bucketsFollowOneAnotherWithoutAGap() {
        for index in 0..<LatencyBuckets.count - 1 {
            #expect(LatencyBuckets.upperBound(of: index) == LatencyBuckets.lowerBound(of: index + 1))
            #expect(LatencyBuckets.index(ofNanoseconds: LatencyBuckets.lowerBound(of: index)) == index)
            #expect(LatencyBuckets.index(ofNanoseconds: LatencyBuckets.upperBound(of: index) - 1) == index)
        }
    }

    @Test func timesOutOfRangeCountAtTheNearerEnd() {
        #expect(LatencyBuckets.index(ofNanoseconds: 0) == 0)
        #expect(LatencyBuckets.index(ofNanoseconds: 1024) == 0)
        #expect(LatencyBuckets.index(ofNanoseconds: 1 << 36 - 1) == LatencyBuckets.count - 1)
        #expect(LatencyBuckets.index(ofNanoseconds: .max) == LatencyBuckets.count - 1)
        #expect(LatencyBuckets.lowerBound(of: -1) == 1024)
        #expect(LatencyBuckets.upperBound(of: .max) == 1 << 36)
    }
}
