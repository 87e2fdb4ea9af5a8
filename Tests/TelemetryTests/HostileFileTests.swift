import Glibc
import Telemetry
import TestSupport
import Testing

@Suite struct HostileFileTests {
    /// A valid file with something of everything in it.
    private func makeFile(_ directory: TemporaryDirectory) throws -> [UInt8] {
        let writer = TelemetryWriter.open(directory.configuration(maximumBytes: 1 << 20, keyEventCapacity: 16))
        for table in 0..<3 {
            let slot = writer.slot(for: SeriesKey(table: "T\(table)", index: "i", operation: "Query", pattern: "AP1"))
            for number in 0..<UInt64(8) {
                let time = 1000 + number * 1000
                writer.record(
                    attempt: AttemptRecord(
                        durationNanoseconds: time, outcome: .success, reusedConnection: false, dnsNanoseconds: time,
                        connectNanoseconds: time), in: slot)
                writer.record(call: CallRecord(durationNanoseconds: time, outcome: .success), in: slot)
                writer.record("key-\(number)", in: slot, read: number)
                writer.recordSlowCall(
                    CallRecord(durationNanoseconds: time, outcome: .success), in: slot, endedAtNanoseconds: number,
                    correlationID: "id-\(number)")
            }
        }
        writer.close()
        return try readBytes(directory.onlyFile())
    }

    /// Reads everything there is to read; an error is an answer, a crash is not.
    @discardableResult
    private func readAll(_ path: String) -> Bool {
        do {
            let reader = try TelemetryReader(path: path)
            _ = reader.ownerIsAlive()
            _ = reader.drainKeyEvents { _ in }
            _ = reader.drainKeyEvents { _ in }
            _ = reader.slowCalls()
            let snapshot = try reader.snapshot()
            return snapshot.series.reduce(0) { $0 &+ $1.callTime.count } > 0
        } catch {
            #expect(error.message.contains(path))
            return false
        }
    }

    @Test func twentyThousandMutationsNeverCrashTheReader() throws {
        let source = try TemporaryDirectory()
        let valid = try makeFile(source)
        let directory = try TemporaryDirectory()
        let path = directory.path + "/fuzz.tidemark"
        try writeBytes(valid, to: path)
        #expect(readAll(path))
        let file = open(path, O_RDWR)
        defer { close(file) }
        var generator = SeededGenerator(seed: 20_261_123)
        var read = 0
        for _ in 0..<20_000 {
            let spots = (0..<Int.random(in: 1...6, using: &generator)).map { _ in spot(valid.count, &generator) }
            for offset in spots {
                var word = mutation(&generator)
                pwrite(file, &word, min(Int.random(in: 1...8, using: &generator), valid.count - offset), off_t(offset))
            }
            let cut = Int.random(in: 0..<32, using: &generator) == 0
            if cut { ftruncate(file, off_t(Int.random(in: 0...valid.count, using: &generator))) }
            if readAll(path) { read += 1 }
            let whole = cut ? [0..<valid.count] : spots.map { $0..<min($0 + 8, valid.count) }
            for range in whole {
                _ = valid[range].withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, off_t(range.lowerBound)) }
            }
        }
        // Most mutations leave something to read, and many are found out: both ways were tried.
        #expect(read > 1_000 && read < 19_900)
        #expect(readAll(path))
    }

    /// Mostly where a wrong number could lead astray: header, directories, series blocks.
    private func spot(_ count: Int, _ generator: inout SeededGenerator) -> Int {
        let arena = 45056 + 16 * 128
        return switch Int.random(in: 0..<6, using: &generator) {
        case 0: Int.random(in: 0..<26, using: &generator) * 8
        case 1: Int.random(in: 0..<1040, using: &generator)
        case 2: 4096 + Int.random(in: 0..<10, using: &generator) * 4
        case 3: arena + Int.random(in: 0..<6 * 1792, using: &generator)
        case 4: 12288 + Int.random(in: 0..<arena - 12288, using: &generator)
        default: Int.random(in: 0..<count, using: &generator)
        }
    }

    private func mutation(_ generator: inout SeededGenerator) -> UInt64 {
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: [0, 1, .max, 1 << 63, 1 << 32, 1 << 31, 0xffff_ffff, 1 << 20][Int.random(in: 0..<8, using: &generator)]
        case 1: UInt64.random(in: 0..<1 << 21, using: &generator)
        case 2: UInt64.random(in: 0..<1 << 14, using: &generator)
        default: .random(in: .min ... .max, using: &generator)
        }
    }

    @Test func randomBytesAreNoTelemetryFile() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/random.tidemark"
        var generator = SeededGenerator(seed: 7)
        for round in 0..<200 {
            let count = Int.random(in: 0..<80_000, using: &generator)
            var bytes = (0..<(count + 7) / 8).flatMap { _ in
                withUnsafeBytes(of: UInt64.random(in: .min ... .max, using: &generator)) { Array($0) }
            }
            if round % 2 == 0, bytes.count >= 16 {
                bytes.replaceSubrange(0..<16, with: Array("TDEMARK1".utf8) + [1, 0, 0, 0, 0, 0, 0, 0])
            }
            try writeBytes(bytes, to: path)
            #expect(throws: TelemetryError.self) { try TelemetryReader(path: path) }
        }
    }

    @Test func whatIsNoRegularFileIsRefusedWithoutWaiting() throws {
        let directory = try TemporaryDirectory()
        let valid = try makeFile(try TemporaryDirectory())
        let (file, link, pipe) = (directory.path + "/file", directory.path + "/link", directory.path + "/pipe")
        try writeBytes(valid, to: file)
        #expect(symlink(file, link) == 0 && mkfifo(pipe, 0o600) == 0)
        #expect(throws: Never.self) { try TelemetryReader(path: file) }
        for path in [link, pipe, directory.path, directory.path + "/absent"] {
            #expect(throws: TelemetryError.self) { try TelemetryReader(path: path) }
        }
        let ofLink = #expect(throws: TelemetryError.self) { try TelemetryReader(path: link) }
        #expect(
            ofLink?.message.hasSuffix("it is a symbolic link, and links are not followed; name the file itself.")
                == true)
        let ofDirectory = #expect(throws: TelemetryError.self) { try TelemetryReader(path: directory.path) }
        #expect(ofDirectory?.message.contains("is a directory and no telemetry file: name one of those in it") == true)
    }

    /// An agent that moves it with its own clock would fall over it; the counts beside it are right.
    @Test func aStartThatCannotBeIsTakenForTheLatest() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/file"
        for (start, taken) in [(UInt64(0), UInt64(0)), (1 << 62, 1 << 62), (1 << 62 + 1, 1 << 62), (.max, 1 << 62)] {
            var bytes = try makeFile(try TemporaryDirectory())
            for place in 0..<8 { bytes[40 + place] = UInt8(truncatingIfNeeded: start >> UInt64(8 * place)) }
            try writeBytes(bytes, to: path)
            #expect(readAll(path))
            #expect(try TelemetryReader(path: path).identity.startedAtNanoseconds == taken)
        }
    }

    /// What was lost is the sum less the events, so that a wrong one would count as lost.
    @Test func whatNoProcessCanHaveCountedIsNotHandedOver() throws {
        let most: [(word: Int, value: UInt64)] = [
            (256, TelemetryBounds.counts), (264, TelemetryBounds.milliUnits), (272, .max - 1),
            (45_072, TelemetryBounds.eventMilliUnits), (45_080, .max - 1),
        ]
        let directory = try TemporaryDirectory()
        let path = directory.path + "/file"
        for (word, value) in most {
            var bytes = try makeFile(try TemporaryDirectory())
            for place in 0..<8 { bytes[word + place] = UInt8(truncatingIfNeeded: (value + 1) >> UInt64(8 * place)) }
            try writeBytes(bytes, to: path)
            let reader = try TelemetryReader(path: path)
            var told: UInt64 = 0
            for _ in 0..<2 {
                let drain = reader.drainKeyEvents { told = max(told, $0.readMilliUnits, $0.writeMilliUnits) }
                #expect(!drain.isPlausible && drain.lostMilliUnits == 0, "\(word)")
            }
            #expect(told < 8, "\(word)")
        }
    }

    @Test func aNewerLayoutSaysSo() throws {
        let directory = try TemporaryDirectory()
        var bytes = try makeFile(try TemporaryDirectory())
        bytes[8] = 2
        try writeBytes(bytes, to: directory.path + "/file")
        let error = #expect(throws: TelemetryError.self) { try TelemetryReader(path: directory.path + "/file") }
        #expect(error?.code == .unsupportedVersion)
        #expect(error?.message.contains("has layout 2") == true)
    }

    @Test func aFileCutShortBetweenSnapshotsIsAnError() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/file"
        try writeBytes(try makeFile(try TemporaryDirectory()), to: path)
        let reader = try TelemetryReader(path: path)
        _ = try reader.snapshot()
        #expect(truncate(path, 5000) == 0)
        #expect(throws: TelemetryError.self) { try reader.snapshot() }
        #expect(reader.drainKeyEvents { _ in } == KeyEventDrain())
        #expect(reader.slowCalls().isEmpty)
    }
}
