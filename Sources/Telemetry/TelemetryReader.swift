internal import CTelemetry
internal import Glibc

/// Reads one process' telemetry file, whether the process lives or not, and changes nothing in it.
///
/// The file is not trusted: every field is checked before it leads anywhere. What is not defended against is a file cut
/// short in the very moment of reading, which only its owner, or root, can do.
public final class TelemetryReader {
    /// Whose file it is.
    public let identity: ProcessIdentity
    /// The file.
    public let path: String
    /// How far the key events have been read; set it to a kept one to go on from there.
    public var keyEventCursor = KeyEventCursor.start

    let base: UnsafePointer<UInt8>
    let keyRingCapacity: UInt64
    /// The first event that was still being written at the last drain.
    var stalledPosition: UInt64?
    private let descriptor: Int32
    private let maximumBytes: Int
    private var keys: [Int: SeriesKey] = [:]

    /// Opens a telemetry file.
    /// - Parameter path: the file; a symbolic link is refused.
    /// - Throws: ``TelemetryError`` when it cannot be opened, is damaged, or was written by a newer version.
    public init(path: String) throws(TelemetryError) {
        self.path = path
        descriptor = tm_open_to_read(path)
        guard descriptor >= 0 else {
            throw TelemetryError(
                code: .unreadable, path: path,
                message: "The telemetry file \(path) cannot be opened: \(errorText()); "
                    + "run as the service's user or in its group.")
        }
        let header: FileHeader
        do {
            header = try FileHeader(descriptor, path)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        guard let mapping = tm_map_to_read(header.maximumBytes, descriptor) else {
            Glibc.close(descriptor)
            throw TelemetryError(
                code: .unreadable, path: path,
                message:
                    "The telemetry file \(path) cannot be mapped: \(errorText()); give the process more address space."
            )
        }
        identity = header.identity
        maximumBytes = header.maximumBytes
        keyRingCapacity = header.keyRingCapacity
        base = mapping.assumingMemoryBound(to: UInt8.self)
    }

    deinit {
        munmap(UnsafeMutableRawPointer(mutating: base), maximumBytes)
        Glibc.close(descriptor)
    }

    /// Whether the process that writes the file still lives: it holds a lock for as long. False as well after it has
    /// closed the file.
    public func ownerIsAlive() -> Bool { tm_is_locked(descriptor) == 1 }

    /// What the process has counted so far. Between two snapshots no number shrinks.
    /// - Throws: ``TelemetryError`` when the file says impossible things about itself; set it aside then.
    public func snapshot() throws(TelemetryError) -> TelemetrySnapshot {
        let granted = try grantedBytes()
        let count = header(TM_WORD_SERIES_COUNT)
        guard count <= UInt64(TM_SERIES_CAPACITY) else { throw damaged("it claims \(count) series") }
        var series: [SeriesSnapshot] = []
        for place in 0..<Int(count) {
            guard let block = try block(at: place, granted) else { continue }
            series.append(try self.series(at: place, block, granted))
        }
        return TelemetrySnapshot(
            identity: identity, series: series,
            unrecordedCalls: series.first { $0.key == .other }?.counters.calls ?? 0,
            refusedSeries: header(TM_WORD_REFUSED_SERIES),
            dnsTime: try phase(0, granted), connectTime: try phase(1, granted), tlsTime: try phase(2, granted),
            grantedBytes: UInt64(granted), isClosed: header(TM_WORD_CLOSED) != 0)
    }

    // MARK: Checked access

    func damaged(_ what: String) -> TelemetryError { .damaged(path, what) }

    func word(at offset: Int) -> UnsafePointer<UInt64> {
        UnsafeRawPointer(base + offset).assumingMemoryBound(to: UInt64.self)
    }

    func header(_ index: Int32) -> UInt64 { tm_load_acquire(word(at: Int(index) * 8)) }

    private var arena: Int { Int(TM_KEY_RING_OFFSET) + Int(keyRingCapacity) * Int(TM_RING_ENTRY_BYTES) }

    /// How much of the file may be touched.
    func grantedBytes() throws(TelemetryError) -> Int {
        // The writer lets the file grow before it says so: asked in this order, what it says is never more than there is.
        let granted = header(TM_WORD_GRANTED)
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_size >= arena else { throw damaged("it was cut short") }
        guard granted >= UInt64(arena), granted <= UInt64(min(facts.st_size, maximumBytes)) else {
            throw damaged("it claims \(granted) bytes and has \(facts.st_size)")
        }
        return Int(granted)
    }

    private func block(at place: Int, _ granted: Int) throws(TelemetryError) -> Int? {
        let directory = UnsafeRawPointer(base + Int(TM_SERIES_DIRECTORY_OFFSET)).assumingMemoryBound(to: UInt32.self)
        return try checked(tm_load32_acquire(directory + place), bytes: Int(TM_SERIES_BYTES), granted)
    }

    /// The offset that a directory entry leads to; `nil` for an empty entry.
    private func checked(_ entry: UInt32, bytes: Int, _ granted: Int) throws(TelemetryError) -> Int? {
        guard entry != 0 else { return nil }
        let offset = Int(entry) * Int(TM_UNIT)
        guard offset >= arena else { throw damaged("an entry leads to byte \(offset), before the first series") }
        if offset <= granted - bytes { return offset }
        // A file that has grown since `granted` was read is sound: only what it says now can condemn it.
        let current = try grantedBytes()
        guard offset <= current - bytes else {
            throw damaged("an entry leads to byte \(offset), outside of the \(current) in use")
        }
        return offset
    }

    /// The key of a registered series; `nil` where there is none.
    func key(at place: Int) -> SeriesKey? {
        if let key = keys[place] { return key }
        guard place >= 0, place < Int(TM_SERIES_CAPACITY), let granted = try? grantedBytes(),
            let block = try? block(at: place, granted), let key = try? readKey(block)
        else { return nil }
        keys[place] = key
        return key
    }

    private func readKey(_ block: Int) throws(TelemetryError) -> SeriesKey {
        let lengths = tm_load(word(at: block + Int(TM_SERIES_KEY_OFFSET)))
        let parts = (0..<4).map { Int(lengths >> UInt64(16 * $0) & 0xffff) }
        guard parts.reduce(0, +) <= Int(TM_SERIES_KEY_BYTES) else { throw damaged("a series' key is too long") }
        var start = block + Int(TM_SERIES_KEY_OFFSET) + 8
        let texts = parts.map { length in
            defer { start += length }
            return String(decoding: UnsafeBufferPointer(start: base + start, count: length), as: UTF8.self)
        }
        return SeriesKey(table: texts[0], index: texts[1], operation: texts[2], pattern: texts[3])
    }

    // MARK: Counters and histograms

    private func series(at place: Int, _ block: Int, _ granted: Int) throws(TelemetryError) -> SeriesSnapshot {
        let known = keys[place]
        let key = if let known { known } else { try readKey(block) }
        keys[place] = key
        // The ledger first: what it counts is then in all that is read after it.
        let calls = tm_load_acquire(word(at: block))
        let attempts = tm_load_acquire(word(at: block + 8 * Int(TM_WORD_ATTEMPTS)))
        let counters = counters(block, calls: calls, attempts: attempts)
        let directory = block + Int(TM_SERIES_HISTOGRAMS_OFFSET)
        return SeriesSnapshot(
            key: key, counters: counters,
            callTime: try histogram(directory, sum: block + 8 * Int(TM_WORD_CALL_SUM), granted),
            attemptTime: try histogram(
                directory + 4 * Int(TM_DIRECTORY_ENTRIES), sum: block + 8 * Int(TM_WORD_ATTEMPT_SUM), granted))
    }

    private func counters(_ block: Int, calls: UInt64, attempts: UInt64) -> SeriesCounters {
        func value(_ index: Int32) -> UInt64 { tm_load(word(at: block + Int(index) * 8)) }
        func values(_ first: Int32, _ count: Int) -> [UInt64] { (0..<count).map { value(first + Int32($0)) } }
        var counters = SeriesCounters()
        counters.calls = calls
        counters.attempts = attempts
        counters.retries = value(TM_WORD_RETRIES)
        counters.throttledAttempts = value(TM_WORD_THROTTLED)
        counters.outcomes = values(TM_WORD_OUTCOMES, CallOutcome.allCases.count)
        counters.attemptOutcomes = values(TM_WORD_ATTEMPT_OUTCOMES, CallOutcome.allCases.count)
        counters.throttleCauses = values(TM_WORD_THROTTLE_CAUSES, throttleReasonCount)
        counters.readMilliUnits = value(TM_WORD_READ_UNITS)
        counters.writeMilliUnits = value(TM_WORD_WRITE_UNITS)
        counters.bytesSent = value(TM_WORD_BYTES_SENT)
        counters.bytesReceived = value(TM_WORD_BYTES_RECEIVED)
        counters.items = value(TM_WORD_ITEMS)
        counters.itemBytes = value(TM_WORD_ITEM_BYTES)
        counters.connectionsReused = value(TM_WORD_REUSED)
        counters.connectionsOpened = value(TM_WORD_OPENED)
        counters.callTimesWithoutRoom = value(TM_WORD_CALLS_WITHOUT_ROOM)
        counters.attemptTimesWithoutRoom = value(TM_WORD_ATTEMPTS_WITHOUT_ROOM)
        return counters
    }

    private func phase(_ number: Int, _ granted: Int) throws(TelemetryError) -> HistogramSnapshot {
        try histogram(
            Int(TM_PHASE_DIRECTORY_OFFSET) + number * 4 * Int(TM_DIRECTORY_ENTRIES),
            sum: 8 * (Int(TM_WORD_DNS_SUM) + number), granted)
    }

    private func histogram(
        _ directory: Int, sum: Int, _ granted: Int
    ) throws(TelemetryError) -> HistogramSnapshot {
        var snapshot = HistogramSnapshot()
        let entries = UnsafeRawPointer(base + directory).assumingMemoryBound(to: UInt32.self)
        let perOctave = Int(TM_BUCKETS_PER_OCTAVE)
        for octave in 0..<Int(TM_OCTAVES) {
            let entry = tm_load32_acquire(entries + octave)
            guard let chunk = try checked(entry, bytes: Int(TM_CHUNK_BYTES), granted) else { continue }
            for bucket in 0..<perOctave {
                let count = tm_load(word(at: chunk + bucket * 8))
                guard count != 0 else { continue }
                snapshot.buckets.append(.init(index: octave * perOctave + bucket, count: count))
            }
        }
        snapshot.sumNanoseconds = tm_load(word(at: sum))
        return snapshot
    }
}
