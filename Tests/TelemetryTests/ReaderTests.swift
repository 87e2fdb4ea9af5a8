import Dispatch
import Foundation
import Glibc
import Synchronization
import Telemetry
import TestSupport
import Testing

@Suite struct ReaderTests {
    /// The reader trusts that a word of eight bytes, written whole, is copied whole: a word that is always all zeros or
    /// all ones must never come back as a mixture.
    @Test func wordsAreCopiedWhole() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/words"
        let count = 512
        try writeBytes([UInt8](repeating: 0, count: 8 * count), to: path)
        let file = open(path, O_RDWR)
        defer { close(file) }
        let mapping = try #require(mmap(nil, 8 * count, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0))
        defer { munmap(mapping, 8 * count) }
        // Both threads reach it through atomics and the kernel alone.
        nonisolated(unsafe) let words = mapping.assumingMemoryBound(to: Atomic<UInt64>.self)
        let isDone = Atomic<Bool>(false)
        let mixtures = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: 2) { thread in
            if thread == 0 {
                var value: UInt64 = 0
                while !isDone.load(ordering: .relaxed) {
                    value = ~value
                    for word in 0..<count { words[word].store(value, ordering: .relaxed) }
                }
            } else {
                let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 8 * count, alignment: 4096)
                defer { buffer.deallocate() }
                for _ in 0..<20_000 {
                    guard pread(file, buffer.baseAddress, buffer.count, 0) == buffer.count else { continue }
                    for word in buffer.bindMemory(to: UInt64.self) where word != 0 && word != .max {
                        mixtures.add(1, ordering: .relaxed)
                    }
                }
                isDone.store(true, ordering: .relaxed)
            }
        }
        #expect(mixtures.load(ordering: .relaxed) == 0)
    }

    @Test func fiveHundredFilesOfFiftySeriesAreReadAsWritten() throws {
        let directory = try TemporaryDirectory()
        let contract = (0..<50).map { SeriesKey(table: "Orders", operation: "GetItem", pattern: "AP\($0)") }
        var writers: [TelemetryWriter] = []
        for number in 0..<500 {
            var configuration = directory.configuration(maximumBytes: 192 << 10, keyEventCapacity: 16)
            configuration.service = "service-\(number)"
            let writer = TelemetryWriter.open(configuration, preregister: contract)
            for (place, key) in contract.enumerated() {
                let slot = writer.slot(for: key)
                for _ in 0..<(place + number % 3) {
                    writer.record(attempt: AttemptRecord(durationNanoseconds: 1_000_000, outcome: .success), in: slot)
                    writer.record(call: CallRecord(durationNanoseconds: 1_000_000, outcome: .success), in: slot)
                }
            }
            writers.append(writer)
        }
        let buffer = TelemetryReadBuffer()
        let paths = TelemetryDirectory.files(in: directory.path)
        #expect(paths.count == 500)
        for path in paths {
            let snapshot = try TelemetryReader(path: path, buffer: buffer).snapshot()
            let number = try #require(Int(snapshot.identity.service.dropFirst(8)))
            for (place, key) in contract.enumerated() {
                let series = try snapshot.series(key)
                #expect(series.counters.calls == UInt64(place + number % 3))
                #expect(series.callTime.count == series.counters.calls && series.attemptTime == series.callTime)
            }
        }
        withExtendedLifetime(writers) {}
    }

    /// Files larger than the reader's memory, so that it has to move about in them.
    @Test func aLargeFileIsReadAsWritten() throws {
        let directory = try TemporaryDirectory()
        let writer = TelemetryWriter.open(directory.configuration())
        let keys = (0..<300).map { SeriesKey(table: "T\($0)", operation: "Query") }
        for (place, key) in keys.enumerated() {
            let slot = writer.slot(for: key)
            for octave in 10..<20 {
                let time = UInt64(1) << octave + UInt64(place)
                writer.record(call: CallRecord(durationNanoseconds: time, outcome: .success), in: slot)
                writer.record(attempt: AttemptRecord(durationNanoseconds: 2 * time, outcome: .success), in: slot)
            }
        }
        let snapshot = try directory.reader().snapshot()
        #expect(snapshot.grantedBytes > 1 << 20)
        for (place, key) in keys.enumerated() {
            let series = try snapshot.series(key)
            let sum = (10..<20).reduce(0) { $0 + UInt64(1) << $1 + UInt64(place) }
            #expect(series.callTime.count == 10 && series.callTime.sumNanoseconds == sum)
            #expect(series.attemptTime.count == 10 && series.attemptTime.sumNanoseconds == 2 * sum)
            let indices = (10..<20).map { LatencyBuckets.index(ofNanoseconds: 1 << $0 + UInt64(place)) }
            #expect(series.callTime.buckets.map(\.index) == indices)
        }
    }

    @Test func aFileThatIsCutGrownAndReplacedWhileItIsReadNeverEndsTheReader() throws {
        let (source, directory) = (try TemporaryDirectory(), try TemporaryDirectory())
        let writer = TelemetryWriter.open(source.configuration(maximumBytes: 1 << 20, keyEventCapacity: 64))
        for number in 0..<20 {
            let slot = writer.slot(for: SeriesKey(table: "T\(number)"))
            writer.record(call: CallRecord(durationNanoseconds: 5000, outcome: .success), in: slot)
            for event in 0..<UInt64(10) { writer.record("k\(event)", in: slot, read: event) }
        }
        let valid = try readBytes(source.onlyFile())
        let path = directory.path + "/file"
        try writeBytes(valid, to: path)
        let isDone = Atomic<Bool>(false)
        let answers = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: 2) { thread in
            if thread == 0 {
                var generator = SeededGenerator(seed: 4)
                while !isDone.load(ordering: .relaxed) {
                    truncate(path, off_t(Int.random(in: 0...valid.count, using: &generator)))
                    truncate(path, off_t(valid.count + 4096))
                    try? writeBytes(valid, to: path)
                }
            } else {
                for _ in 0..<3_000 {
                    guard let reader = try? TelemetryReader(path: path) else { continue }
                    _ = reader.drainKeyEvents { _ in }
                    _ = reader.slowCalls()
                    guard let snapshot = try? reader.snapshot() else { continue }
                    // What is read of a file that was cut and filled again may be zero; it is never more than was there.
                    for series in snapshot.series { #expect(series.counters.calls <= 1) }
                    answers.add(1, ordering: .relaxed)
                }
                isDone.store(true, ordering: .relaxed)
            }
        }
        try writeBytes(valid, to: path)
        #expect(try TelemetryReader(path: path).snapshot().series.count == 21)
    }

    @Test func aFileThatHasBecomeAnotherProcessesIsRefused() throws {
        let (first, second) = (try TemporaryDirectory(), try TemporaryDirectory())
        for directory in [first, second] { TelemetryWriter.open(directory.configuration(keyEventCapacity: 16)).close() }
        let path = first.path + "/copy"
        try writeBytes(try readBytes(first.onlyFile()), to: path)
        let reader = try TelemetryReader(path: path)
        _ = try reader.snapshot()
        try writeBytes(try readBytes(second.onlyFile()), to: path)
        let error = #expect(throws: TelemetryError.self) { try reader.snapshot() }
        #expect(error?.code == .damaged && error?.message.contains("another process") == true)
    }

    @Test func aLedgerAheadOfItsOutcomesIsRefused() throws {
        let (source, directory) = (try TemporaryDirectory(), try TemporaryDirectory())
        TelemetryWriter.open(source.configuration(keyEventCapacity: 16)).close()
        let valid = try readBytes(source.onlyFile())
        let block = valid.half(4096) * 64
        for word in [0, 24] {
            var bytes = valid
            bytes[block + 8 * word] = 1
            try writeBytes(bytes, to: directory.path + "/file")
            let error = #expect(throws: TelemetryError.self) {
                try TelemetryReader(path: directory.path + "/file").snapshot()
            }
            #expect(error?.code == .damaged && error?.message.contains(", of which 0 have an outcome") == true)
        }
    }

    /// A small file that would become a gigabyte of buckets.
    @Test func entriesThatLeadToTheSameBytesAreRefused() throws {
        let (source, directory) = (try TemporaryDirectory(), try TemporaryDirectory())
        let writer = TelemetryWriter.open(source.configuration(keyEventCapacity: 16))
        writer.record(
            call: CallRecord(durationNanoseconds: 5000, outcome: .success),
            in: writer.slot(for: SeriesKey(table: "T")))
        writer.close()
        var bytes = try readBytes(source.onlyFile())
        for place in 2..<2048 { bytes.replaceSubrange(4096 + 4 * place..<4100 + 4 * place, with: bytes[4100..<4104]) }
        bytes.replaceSubrange(136..<144, with: [0, 8, 0, 0, 0, 0, 0, 0])
        try writeBytes(bytes, to: directory.path + "/file")
        let error = #expect(throws: TelemetryError.self) {
            try TelemetryReader(path: directory.path + "/file").snapshot()
        }
        #expect(error?.message.contains("two entries of it lead to byte") == true)
    }

    @Test func filesOfOneProcessIdAreToldApartByTheirIds() throws {
        let directory = try TemporaryDirectory()
        let writers = (1...2).map { number in
            var configuration = directory.configuration(keyEventCapacity: 16)
            configuration.identifier = (1, UInt64(number))
            return TelemetryWriter.open(configuration)
        }
        let readers = try TelemetryDirectory.files(in: directory.path).map { try TelemetryReader(path: $0) }
        #expect(readers.count == 2 && readers.allSatisfy { $0.identity.pid == getpid() })
        #expect(Set(readers.map(\.identity.id)).count == 2)
        writers[0].close()
        #expect(readers.map { $0.ownerIsAlive() } == [false, true])
    }

    /// The wall clock is only written down, so that no jump of it can spoil a number.
    @Test(arguments: [0, 1, UInt64.max]) func aClockThatJumpsChangesNoCount(time: UInt64) throws {
        let directory = try TemporaryDirectory()
        var configuration = directory.configuration(keyEventCapacity: 16)
        configuration.startedAtNanoseconds = time
        let writer = TelemetryWriter.open(configuration)
        let slot = writer.slot(for: SeriesKey(table: "Orders"))
        let call = CallRecord(durationNanoseconds: 5000, outcome: .success)
        for endedAt in [time, 5, .max, 0] {
            writer.record(call: call, in: slot)
            writer.recordSlowCall(call, in: slot, endedAtNanoseconds: endedAt, correlationID: "id")
        }
        let reader = try directory.reader()
        // A start that no clock shows is taken for the latest that one may.
        #expect(reader.identity.startedAtNanoseconds == min(time, TelemetryBounds.latestStart))
        #expect(try reader.snapshot().series(SeriesKey(table: "Orders")).counters.calls == 4)
        #expect(Set(reader.slowCalls().map(\.endedAtNanoseconds)) == Set([time, 5, .max, 0]))
    }

    @Test func additionsThatNeedNotBeKnownAreReadAndOthersRefused() throws {
        let (source, directory) = (try TemporaryDirectory(), try TemporaryDirectory())
        TelemetryWriter.open(source.configuration(keyEventCapacity: 16)).close()
        let valid = try readBytes(source.onlyFile())
        let path = directory.path + "/file"
        #expect(valid.word(88) == 2 && valid.word(96) == 0)
        // A later revision that has put something into words that are zero now.
        var later = valid
        for offset in [88, 832, 248] { later[offset] = 7 }
        try writeBytes(later, to: path)
        #expect(try TelemetryReader(path: path).snapshot().series.map(\.key) == [.other])
        var strange = valid
        strange[96] = 8
        try writeBytes(strange, to: path)
        let error = #expect(throws: TelemetryError.self) { try TelemetryReader(path: path) }
        #expect(error?.code == .unsupportedVersion)
        #expect(
            error?.message.contains("layout 1 with the additions 0x8 and this program knows layout 1 with 0x0") == true)
        var newer = valid
        newer[8] = 2
        try writeBytes(newer, to: path)
        let refusal = #expect(throws: TelemetryError.self) { try TelemetryReader(path: path) }
        #expect(refusal?.message.contains("has layout 2 and this program reads layout 1") == true)
    }
}
