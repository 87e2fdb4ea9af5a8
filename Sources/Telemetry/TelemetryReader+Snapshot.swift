internal import CTelemetry

extension TelemetryReader {
    /// What the process has counted so far. Between two snapshots no number shrinks, and in none is a series' `calls` or
    /// `attempts` ahead of any other number of the same calls or attempts.
    /// - Throws: ``TelemetryError`` when the file says impossible things about itself; set it aside then.
    public func snapshot() throws(TelemetryError) -> TelemetrySnapshot {
        // A word that was torn in copying, which no processor is known to do, would be found out here; it would not be
        // torn three times.
        for _ in 0..<3 {
            var pass = SnapshotPass(self)
            if let snapshot = try pass.read() { return snapshot }
        }
        throw damaged("it counts calls or attempts that have no outcome")
    }
}

/// One reading of a file: first the ledger of every series, then everything else.
private struct SnapshotPass {
    private struct Ledger {
        var place: Int
        var block: Int
        var calls: UInt64 = 0
        var attempts: UInt64 = 0
    }

    private let reader: TelemetryReader
    private var window: FileWindow
    /// Bytes of the file that may be looked at.
    private var granted = 0
    /// Bytes of blocks and chunks that were looked at: a file whose entries lead to the same bytes again and again, so that
    /// little of it becomes much in memory, is found out by it.
    private var visited = 0
    /// How much to copy at once: all that is in use where that is little.
    private var ahead = 0

    init(_ reader: TelemetryReader) {
        self.reader = reader
        window = reader.makeWindow()
    }

    /// Nil when a ledger is ahead of what it stands for.
    mutating func read() throws(TelemetryError) -> TelemetrySnapshot? {
        let front = try bytes(at: 0, Int(TM_SLOW_RING_OFFSET))
        guard try FileHeader(front, reader.path) == reader.header else {
            throw reader.damaged("it has become another process' file")
        }
        func header(_ index: Int32) -> UInt64 { front.load(fromByteOffset: Int(index) * 8, as: UInt64.self) }
        granted = try reader.grantedBytes(claimed: header(TM_WORD_GRANTED))
        let count = header(TM_WORD_SERIES_COUNT)
        guard count <= UInt64(TM_SERIES_CAPACITY) else { throw reader.damaged("it claims \(count) series") }
        let (refused, isClosed) = (header(TM_WORD_REFUSED_SERIES), header(TM_WORD_CLOSED) != 0)
        let used = min(max(header(TM_WORD_ARENA_CURSOR), UInt64(reader.header.arena)), UInt64(granted))
        var ledgers: [Ledger] = []
        ledgers.reserveCapacity(Int(count))
        for place in 0..<Int(count) {
            let entry = front.load(fromByteOffset: Int(TM_SERIES_DIRECTORY_OFFSET) + 4 * place, as: UInt32.self)
            guard entry != 0 else { continue }
            ledgers.append(Ledger(place: place, block: Int(entry) * Int(TM_UNIT)))
        }
        let phases = (0..<3).map { number in
            let start = Int(TM_PHASE_DIRECTORY_OFFSET) + 4 * Int(TM_DIRECTORY_ENTRIES) * number
            return (directory: Directory(front + start), sum: header(TM_WORD_DNS_SUM + Int32(number)))
        }
        // `front` ends here: the window moves.
        try readLedgers(&ledgers)
        window.forget()
        let inUse = Int(used) - reader.header.arena
        ahead = inUse <= TelemetryReadBuffer.usualByteCount - 4096 ? inUse : 4096
        var series: [SeriesSnapshot] = []
        series.reserveCapacity(ledgers.count)
        for ledger in ledgers {
            guard let next = try self.series(ledger) else { return nil }
            series.append(next)
        }
        guard Set(series.map(\.key)).count == series.count else { throw reader.damaged("it has a series twice") }
        return TelemetrySnapshot(
            identity: reader.identity, series: series,
            unrecordedCalls: series.first { $0.key == .other }?.counters.calls ?? 0, refusedSeries: refused,
            dnsTime: try histogram(phases[0].directory, sum: phases[0].sum),
            connectTime: try histogram(phases[1].directory, sum: phases[1].sum),
            tlsTime: try histogram(phases[2].directory, sum: phases[2].sum), grantedBytes: UInt64(granted),
            isClosed: isClosed)
    }

    private mutating func readLedgers(_ ledgers: inout [Ledger]) throws(TelemetryError) {
        window.forget()
        ahead = 4096
        for place in ledgers.indices {
            try check(ledgers[place].block, Int(TM_SERIES_BYTES))
            let block = try bytes(at: ledgers[place].block, 8 * (Int(TM_WORD_ATTEMPTS) + 1))
            ledgers[place].calls = block.load(as: UInt64.self)
            ledgers[place].attempts = block.load(fromByteOffset: 8 * Int(TM_WORD_ATTEMPTS), as: UInt64.self)
        }
    }

    // MARK: Checked access

    private mutating func bytes(at offset: Int, _ count: Int) throws(TelemetryError) -> UnsafeRawPointer {
        guard let bytes = window.bytes(at: offset, count, ahead: ahead) else {
            throw reader.damaged("it was cut short")
        }
        return bytes
    }

    /// Whether a block or a chunk may lie there.
    private mutating func check(_ offset: Int, _ count: Int) throws(TelemetryError) {
        let arena = reader.header.arena
        guard offset >= arena else { throw reader.damaged("an entry leads to byte \(offset), before the first series") }
        visited += count
        if offset <= granted - count, visited <= granted - arena { return }
        // A file that has grown since `granted` was read is sound: only what it says now can condemn it.
        granted = try reader.grantedBytes(&window)
        guard offset <= granted - count else {
            throw reader.damaged("an entry leads to byte \(offset), outside of the \(granted) in use")
        }
        guard visited <= granted - arena else { throw reader.damaged("entries of it lead to the same bytes") }
    }

    // MARK: Counters and histograms

    private mutating func series(_ ledger: Ledger) throws(TelemetryError) -> SeriesSnapshot? {
        let block = try bytes(at: ledger.block, Int(TM_SERIES_BYTES))
        let key = try reader.key(at: ledger.place, block: block)
        guard let counters = counters(block, ledger) else { return nil }
        let directories = block + Int(TM_SERIES_HISTOGRAMS_OFFSET)
        let (calls, attempts) = (Directory(directories), Directory(directories + 4 * Int(TM_DIRECTORY_ENTRIES)))
        let (callSum, attemptSum) = (
            block.load(fromByteOffset: 8 * Int(TM_WORD_CALL_SUM), as: UInt64.self),
            block.load(fromByteOffset: 8 * Int(TM_WORD_ATTEMPT_SUM), as: UInt64.self)
        )
        // `block` ends here: the window moves.
        return SeriesSnapshot(
            key: key, counters: counters, callTime: try histogram(calls, sum: callSum),
            attemptTime: try histogram(attempts, sum: attemptSum))
    }

    /// Nil when the ledger is ahead of the outcomes.
    private func counters(_ block: UnsafeRawPointer, _ ledger: Ledger) -> SeriesCounters? {
        func value(_ index: Int32) -> UInt64 { block.load(fromByteOffset: Int(index) * 8, as: UInt64.self) }
        func values(_ first: Int32, _ count: Int) -> [UInt64] { (0..<count).map { value(first + Int32($0)) } }
        func sum(_ first: Int32) -> UInt64 { (0..<TM_OUTCOME_PLACES).reduce(0) { $0 &+ value(first + $1) } }
        guard ledger.calls <= sum(TM_WORD_OUTCOMES), ledger.attempts <= sum(TM_WORD_ATTEMPT_OUTCOMES) else {
            return nil
        }
        var counters = SeriesCounters()
        counters.calls = ledger.calls
        counters.attempts = ledger.attempts
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
        counters.hedges = value(TM_WORD_HEDGES)
        counters.circuits.opened = value(TM_WORD_CIRCUIT_OPENED)
        counters.circuits.reopened = value(TM_WORD_CIRCUIT_REOPENED)
        counters.circuits.closed = value(TM_WORD_CIRCUIT_CLOSED)
        counters.writeCircuits.opened = value(TM_WORD_WRITE_CIRCUIT_OPENED)
        counters.writeCircuits.reopened = value(TM_WORD_WRITE_CIRCUIT_REOPENED)
        counters.writeCircuits.closed = value(TM_WORD_WRITE_CIRCUIT_CLOSED)
        return counters
    }

    /// The entries of a chunk directory, out of the window's way.
    private struct Directory {
        private var entries = InlineArray<26, UInt32>(repeating: 0)

        init(_ bytes: UnsafeRawPointer) {
            for octave in 0..<26 { entries[octave] = bytes.load(fromByteOffset: 4 * octave, as: UInt32.self) }
        }

        subscript(octave: Int) -> UInt32 { entries[octave] }
    }

    private mutating func histogram(_ directory: Directory, sum: UInt64) throws(TelemetryError) -> HistogramSnapshot {
        var snapshot = HistogramSnapshot(sumNanoseconds: sum)
        let perOctave = Int(TM_BUCKETS_PER_OCTAVE)
        for octave in 0..<Int(TM_OCTAVES) where directory[octave] != 0 {
            let offset = Int(directory[octave]) * Int(TM_UNIT)
            try check(offset, Int(TM_CHUNK_BYTES))
            let chunk = try bytes(at: offset, Int(TM_CHUNK_BYTES))
            for bucket in 0..<perOctave {
                let count = chunk.load(fromByteOffset: bucket * 8, as: UInt64.self)
                guard count != 0 else { continue }
                snapshot.buckets.append(.init(index: octave * perOctave + bucket, count: count))
            }
        }
        return snapshot
    }
}
