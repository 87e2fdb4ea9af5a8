internal import CTelemetry

extension TelemetryReader {
    /// What the process has counted so far. Between two snapshots no number shrinks, and in none is a series' `calls` or
    /// `attempts` ahead of any other number of the same calls or attempts.
    /// - Throws: ``TelemetryError`` when the file says impossible things about itself; set it aside then.
    public func snapshot() throws(TelemetryError) -> TelemetrySnapshot {
        // A word that was torn in copying, which no processor is known to do, would be found out here; it would not be
        // torn three times.
        var contradiction = ""
        for _ in 0..<3 {
            var pass = SnapshotPass(self)
            if let snapshot = try pass.read() { return snapshot }
            contradiction = pass.contradiction
        }
        throw damaged("it counts \(contradiction)")
    }
}

/// One reading of a file: first the ledger of every series, then everything else.
private struct SnapshotPass {
    private struct Ledger {
        var place: Int
        var block: Int
        var claim = SeriesClaim()
    }

    private let reader: TelemetryReader
    private var window: FileWindow
    /// Bytes of the file that may be looked at.
    private var granted = 0
    /// Blocks and chunks that were looked at: no two entries of a file lead to the same bytes.
    private var ground = TakenUnits()
    /// Whether a series is looked at once more.
    private var isLater = false
    /// What cannot be, in a few words.
    private(set) var contradiction = ""
    /// How much to copy at once: all that is in use where that is little.
    private var ahead = 0

    init(_ reader: TelemetryReader) {
        self.reader = reader
        window = reader.makeWindow()
    }

    /// Nil when numbers do not fit together, though each could be.
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
            guard let next = try self.soundSeries(ledger) else { return nil }
            series.append(next)
        }
        guard Set(series.map(\.key)).count == series.count else { throw reader.damaged("it has a series twice") }
        let (dns, connect, tls) = (
            try histogram(phases[0].directory, sum: phases[0].sum),
            try histogram(phases[1].directory, sum: phases[1].sum),
            try histogram(phases[2].directory, sum: phases[2].sum)
        )
        let mostPhases = max(dns.count, connect.count, tls.count)
        guard try areOfTheirAttempts(series, ledgers, phases: mostPhases) else { return nil }
        return TelemetrySnapshot(
            identity: reader.identity, series: series,
            unrecordedCalls: series.first { $0.key == .other }?.counters.calls ?? 0, refusedSeries: refused,
            dnsTime: dns, connectTime: connect, tlsTime: tls, grantedBytes: UInt64(granted), isClosed: isClosed)
    }

    private mutating func readLedgers(_ ledgers: inout [Ledger]) throws(TelemetryError) {
        window.forget()
        ahead = 4096
        for place in ledgers.indices {
            try check(ledgers[place].block, Int(TM_SERIES_BYTES))
            let block = try bytes(at: ledgers[place].block, 8 * (Int(TM_WORD_ATTEMPTS) + 1))
            ledgers[place].claim.calls = block.load(as: UInt64.self)
            ledgers[place].claim.attempts = block.load(fromByteOffset: 8 * Int(TM_WORD_ATTEMPTS), as: UInt64.self)
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
        guard offset >= reader.header.arena else {
            throw reader.damaged("an entry leads to byte \(offset), before the first series")
        }
        if offset > granted - count {
            // A file that has grown since `granted` was read is sound: only what it says now can condemn it.
            granted = try reader.grantedBytes(&window)
            guard offset <= granted - count else {
                throw reader.damaged("an entry leads to byte \(offset), outside of the \(granted) in use")
            }
        }
        guard isLater || ground.take(offset / Int(TM_UNIT), count / Int(TM_UNIT)) else {
            throw reader.damaged("two entries of it lead to byte \(offset)")
        }
    }

    // MARK: Counters and histograms

    /// A series whose numbers fit together; nil where they do not.
    private mutating func soundSeries(_ ledger: Ledger) throws(TelemetryError) -> SeriesSnapshot? {
        let (series, claim) = try self.series(ledger)
        guard claim.contradiction(series.counters, later: claim) != nil else { return series }
        // The writer may have gone on while this was copied: what comes first in its order is read once more.
        window.forget()
        isLater = true
        let (_, later) = try self.series(ledger)
        isLater = false
        guard let objection = claim.contradiction(series.counters, later: later) else { return series }
        contradiction = "\(objection), in its series at place \(ledger.place)"
        return nil
    }

    /// Whether the capacity that the series have consumed, and the connections that were made, are not more than attempts can have.
    private mutating func areOfTheirAttempts(
        _ series: [SeriesSnapshot], _ ledgers: [Ledger], phases: UInt64
    ) throws(TelemetryError) -> Bool {
        let large = series.indices.filter { !CapacityClaim.isSmall(series[$0].counters) }
        guard !large.isEmpty || phases > TelemetryBounds.underWay else { return true }
        // Attempts come before what they consume: copied later, all of them are seen.
        window.forget()
        var capacity = CapacityClaim()
        for (place, one) in series.enumerated() {
            let block = try bytes(at: ledgers[place].block, Int(TM_SERIES_BYTES))
            capacity.add(
                max(Self.sum(block, TM_WORD_OUTCOMES), Self.sum(block, TM_WORD_ATTEMPT_OUTCOMES)), of: one.key)
        }
        for place in large {
            guard let objection = capacity.contradiction(series[place].key, series[place].counters) else { continue }
            contradiction = "\(objection), in its series at place \(ledgers[place].place)"
            return false
        }
        guard phases > capacity.all.plus(TelemetryBounds.underWay) else { return true }
        contradiction = "the times of \(phases) connections of \(capacity.all) attempts"
        return false
    }

    private mutating func series(_ ledger: Ledger) throws(TelemetryError) -> (SeriesSnapshot, SeriesClaim) {
        let block = try bytes(at: ledger.block, Int(TM_SERIES_BYTES))
        let key = try reader.key(at: ledger.place, block: block)
        let counters = counters(block, ledger)
        var claim = ledger.claim
        claim.laterCalls = block.load(as: UInt64.self)
        claim.laterAttempts = block.load(fromByteOffset: 8 * Int(TM_WORD_ATTEMPTS), as: UInt64.self)
        claim.callOutcomes = Self.sum(block, TM_WORD_OUTCOMES)
        claim.attemptOutcomes = Self.sum(block, TM_WORD_ATTEMPT_OUTCOMES)
        let directories = block + Int(TM_SERIES_HISTOGRAMS_OFFSET)
        let (calls, attempts) = (Directory(directories), Directory(directories + 4 * Int(TM_DIRECTORY_ENTRIES)))
        let (callSum, attemptSum) = (
            block.load(fromByteOffset: 8 * Int(TM_WORD_CALL_SUM), as: UInt64.self),
            block.load(fromByteOffset: 8 * Int(TM_WORD_ATTEMPT_SUM), as: UInt64.self)
        )
        // `block` ends here: the window moves.
        let snapshot = SeriesSnapshot(
            key: key, counters: counters, callTime: try histogram(calls, sum: callSum),
            attemptTime: try histogram(attempts, sum: attemptSum))
        claim.callTimes = snapshot.callTime.count.plus(counters.callTimesWithoutRoom)
        claim.attemptTimes = snapshot.attemptTime.count.plus(counters.attemptTimesWithoutRoom)
        return (snapshot, claim)
    }

    /// All outcomes together, those that this reader has no name for too.
    private static func sum(_ block: UnsafeRawPointer, _ first: Int32) -> UInt64 {
        (0..<TM_OUTCOME_PLACES).reduce(0) {
            $0.plus(block.load(fromByteOffset: 8 * Int(first + $1), as: UInt64.self))
        }
    }

    private func counters(_ block: UnsafeRawPointer, _ ledger: Ledger) -> SeriesCounters {
        func value(_ index: Int32) -> UInt64 { block.load(fromByteOffset: Int(index) * 8, as: UInt64.self) }
        func values(_ first: Int32, _ count: Int) -> [UInt64] { (0..<count).map { value(first + Int32($0)) } }
        var counters = SeriesCounters()
        counters.calls = ledger.claim.calls
        counters.attempts = ledger.claim.attempts
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

/// Units of a file that something lies in, a bit for each.
private struct TakenUnits {
    private var words: [UInt64] = []

    /// False where something lies there already.
    mutating func take(_ first: Int, _ count: Int) -> Bool {
        let last = (first + count - 1) / 64
        if last >= words.count { words.append(contentsOf: repeatElement(0, count: last + 1 - words.count)) }
        var isFree = true
        for unit in first..<first + count {
            let bit: UInt64 = 1 << UInt64(unit % 64)
            if words[unit / 64] & bit != 0 { isFree = false }
            words[unit / 64] |= bit
        }
        return isFree
    }
}
