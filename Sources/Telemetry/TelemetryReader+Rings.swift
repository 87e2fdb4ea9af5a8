internal import CTelemetry

/// The two rings: key events, read once each and in order, and slow calls, read as they lie.
///
/// Entries are copied twice. What the first copy shows whole is whole in the second one, unless the next lap's writer was
/// there meanwhile; and that one had to take its ticket first, so that the head, read after the copies, tells.
extension TelemetryReader {
    /// Hands over the key events since the last drain, oldest first, and says what was lost of them.
    ///
    /// Lost weight is found as the difference between what the writer has added up and what was handed over; an event
    /// between its entry and its sum is settled by the next drain. What no process can have counted is not handed over, nor
    /// what comes after it.
    /// - Parameter body: takes each event.
    public func drainKeyEvents(_ body: (KeyEvent) -> Void) -> KeyEventDrain {
        drainRawKeyEvents { event in
            guard let series = key(at: event.place) else { return }
            body(
                KeyEvent(
                    series: series, readMilliUnits: event.readMilliUnits, writeMilliUnits: event.writeMilliUnits,
                    throttled: event.isThrottled, keyHash: event.keyHash,
                    key: RingText.string(event.text, length: event.keyLength),
                    isCut: event.keyLength > UInt64(RingText.byteCount)))
        }
    }

    /// The same without a copy of any key. `body` must not ask this reader, or one that shares its buffer, for anything but
    /// the key of a place that was handed to it.
    package func drainRawKeyEvents(_ body: (RawKeyEvent) -> Void) -> KeyEventDrain {
        var drain = KeyEventDrain()
        var window = makeWindow()
        guard let early = heads(&window) else { return drain }
        if lostEvents == nil { lostEvents = keyEventCursor.position == 0 ? 0 : TelemetryBounds.underWay }
        guard hasGrown(to: early) else {
            drain.isPlausible = false
            return drain
        }
        if early.head == keyEventCursor.position, early.read == keyEventCursor.readMilliUnits,
            early.write == keyEventCursor.writeMilliUnits
        {
            return drain
        }
        guard (try? grantedBytes(&window)) != nil else { return drain }
        guard early.isPlausible else {
            drain.isPlausible = false
            return drain
        }
        // The sums before the head: whatever is in the sums then lies before the head.
        guard let head = heads(&window)?.head else { return drain }
        defer { lostEvents = lostEvents?.plus(drain.lostEvents) }
        skipOverwritten(upTo: head, &drain)
        forgetMissingPlaces()
        var secondLook: UInt64?
        while keyEventCursor.position < head {
            guard let batch = KeyEventBatch(self, from: keyEventCursor.position, to: head) else { return drain }
            guard hand(over: batch, to: body, &drain, &secondLook) else { return drain }
        }
        guard isOfLostEvents(early, and: drain.lostEvents) else {
            drain.isPlausible = false
            return drain
        }
        drain.lostReadMilliUnits = settle(\.readMilliUnits, with: early.read)
        drain.lostWriteMilliUnits = settle(\.writeMilliUnits, with: early.write)
        return drain
    }

    /// False when an event is still being written, or cannot have been.
    private func hand(
        over batch: KeyEventBatch, to body: (RawKeyEvent) -> Void, _ drain: inout KeyEventDrain,
        _ secondLook: inout UInt64?
    ) -> Bool {
        var cursor = keyEventCursor
        defer { keyEventCursor = cursor }
        for index in 0..<batch.count {
            switch batch.state(of: index) {
            case .whole:
                let event = batch.event(index)
                guard knows(place: event.place) else {
                    drain.lostEvents &+= 1
                    break
                }
                guard event.isPlausible else {
                    drain.isPlausible = false
                    return false
                }
                body(event)
                drain.delivered += 1
                cursor.readMilliUnits &+= event.readMilliUnits
                cursor.writeMilliUnits &+= event.writeMilliUnits
            case .becameWhole where secondLook != cursor.position:
                secondLook = cursor.position
                return true
            case .beingWritten:
                // Whoever is still writing at the second look, or is dead, has given it up.
                guard stalledPosition == cursor.position else {
                    stalledPosition = cursor.position
                    // A dead writer's second look can follow at once.
                    return !ownerIsAlive()
                }
                drain.lostEvents &+= 1
            case .lost, .becameWhole: drain.lostEvents &+= 1
            }
            cursor.position &+= 1
        }
        return true
    }

    private func skipOverwritten(upTo head: UInt64, _ drain: inout KeyEventDrain) {
        let capacity = header.keyRingCapacity
        guard head > capacity, keyEventCursor.position < head - capacity else { return }
        drain.lostEvents &+= head - capacity - keyEventCursor.position
        keyEventCursor.position = head - capacity
    }

    /// Whether no sum is smaller than this reader has seen it: nobody ever takes anything from it.
    private func hasGrown(to heads: KeyEventHeads) -> Bool {
        guard heads.read >= knownSums.read, heads.write >= knownSums.write else { return false }
        knownSums = (heads.read, heads.write)
        return true
    }

    /// Whether what the sums have beyond all that is accounted for may be that of lost events: where none was lost, it is nobody's. All
    /// events that are in the sums have been handed over or are lost by now.
    private func isOfLostEvents(_ heads: KeyEventHeads, and newlyLost: UInt64) -> Bool {
        let most = (lostEvents ?? 0).plus(newlyLost).times(TelemetryBounds.eventMilliUnits)
        return [heads.read &- keyEventCursor.readMilliUnits, heads.write &- keyEventCursor.writeMilliUnits].allSatisfy {
            Int64(bitPattern: $0) <= 0 || $0 <= most
        }
    }

    /// What the sum has beyond all that is accounted for is lost.
    private func settle(_ units: WritableKeyPath<KeyEventCursor, UInt64>, with sum: UInt64) -> UInt64 {
        let open = Int64(bitPattern: sum &- keyEventCursor[keyPath: units])
        guard open > 0 else { return 0 }
        keyEventCursor[keyPath: units] = sum
        return UInt64(open)
    }

    /// The ring's head and sums, read anew.
    private func heads(_ window: inout FileWindow) -> KeyEventHeads? {
        window.forget()
        guard let words = window.bytes(at: 8 * Int(TM_WORD_KEY_RING_HEAD), 24) else { return nil }
        return KeyEventHeads(
            head: words.load(as: UInt64.self), read: words.load(fromByteOffset: 8, as: UInt64.self),
            write: words.load(fromByteOffset: 16, as: UInt64.self))
    }

    /// The slow calls that lie in the file now, slowest first; at most 256.
    public func slowCalls() -> [SlowCall] {
        let (start, bytes) = (Int(TM_SLOW_RING_OFFSET), Int(TM_SLOW_RING_CAPACITY * TM_RING_ENTRY_BYTES))
        var window = makeWindow()
        guard let first = window.copy(at: start, bytes, toHalf: 0) else { return [] }
        window.forget()
        guard let second = window.copy(at: start, bytes, toHalf: 1) else { return [] }
        window.forget()
        guard let headBytes = window.copy(at: 8 * Int(TM_WORD_SLOW_RING_HEAD), 8, toHalf: 0, after: bytes) else {
            return []
        }
        let head = headBytes.load(as: UInt64.self)
        let copies = (0..<Int(TM_SLOW_RING_CAPACITY)).compactMap { place -> RingEntry? in
            let (early, late) = (
                RingEntry(first + place * RingEntry.byteCount), RingEntry(second + place * RingEntry.byteCount)
            )
            guard early.sequence != 0, early.sequence & 1 == 0, early.sequence == late.sequence else { return nil }
            let ticket = early.sequence / 2 - 1
            guard ticket % UInt64(TM_SLOW_RING_CAPACITY) == UInt64(place), ticket < head,
                head - ticket <= UInt64(TM_SLOW_RING_CAPACITY)
            else { return nil }
            return late
        }
        return copies.compactMap { slowCall($0) }.sorted { $0.durationNanoseconds > $1.durationNanoseconds }
    }

    private func slowCall(_ entry: RingEntry) -> SlowCall? {
        guard let outcome = CallOutcome(rawValue: UInt8(truncatingIfNeeded: entry[4])),
            let series = key(at: Int(UInt32(truncatingIfNeeded: entry[1])))
        else { return nil }
        return SlowCall(
            series: series, durationNanoseconds: entry[2], endedAtNanoseconds: entry[3], outcome: outcome,
            attempts: UInt32(truncatingIfNeeded: entry[4] >> 32),
            correlationID: RingText.string(entry.text, length: entry[5]))
    }
}

/// A copy of an entry of a ring.
struct RingEntry {
    static let byteCount = Int(TM_RING_ENTRY_BYTES)
    private let start: UnsafeRawPointer

    init(_ start: UnsafeRawPointer) { self.start = start }

    subscript(word: Int) -> UInt64 { start.load(fromByteOffset: 8 * word, as: UInt64.self) }
    var sequence: UInt64 { self[0] }
    var text: UnsafeRawPointer { start + 8 * Int(TM_RING_TEXT_WORD) }
}

/// A run of key events that lie one after the other in the file.
private struct KeyEventBatch {
    enum State {
        case whole
        case lost
        case beingWritten
        case becameWhole
    }

    /// A run's bytes at most: what is read twice should still be in the processor's cache.
    private static let most = UInt64(32 << 10) / UInt64(TM_RING_ENTRY_BYTES)

    private let capacity: UInt64
    private let first: UnsafeRawPointer
    private let second: UnsafeRawPointer
    private let start: UInt64
    /// The ring's head after the copies.
    private let head: UInt64
    let count: Int

    /// Copies the events from one ticket on, up to another, to the ring's end, or as many as a batch holds; nil where the
    /// file is shorter than its ring.
    init?(_ reader: TelemetryReader, from position: UInt64, to end: UInt64) {
        var window = reader.makeWindow()
        capacity = reader.header.keyRingCapacity
        let place = position & (capacity - 1)
        let number = min(end - position, capacity - place, Self.most)
        let offset = Int(TM_KEY_RING_OFFSET) + Int(place) * RingEntry.byteCount
        let bytes = Int(number) * RingEntry.byteCount
        guard let first = window.copy(at: offset, bytes, toHalf: 0) else { return nil }
        window.forget()
        guard let second = window.copy(at: offset, bytes, toHalf: 1) else { return nil }
        window.forget()
        guard let head = window.copy(at: 8 * Int(TM_WORD_KEY_RING_HEAD), 8, toHalf: 0, after: bytes) else {
            return nil
        }
        (self.first, self.second, start, self.head) = (first, second, position, head.load(as: UInt64.self))
        count = Int(number)
    }

    func state(of index: Int) -> State {
        let ticket = start &+ UInt64(index)
        let whole = ticket &* 2 &+ 2
        let (early, late) = (entry(first, index).sequence, entry(second, index).sequence)
        // Its place may have been taken by the next lap: there is no telling what the copy holds.
        guard head &- ticket <= capacity else { return .lost }
        if early == whole, late == whole { return .whole }
        if early > whole || late > whole { return .lost }
        return late == whole ? .becameWhole : .beingWritten
    }

    func event(_ index: Int) -> RawKeyEvent {
        let entry = entry(second, index)
        let facts = entry[1]
        return RawKeyEvent(
            place: Int(UInt32(truncatingIfNeeded: facts)), isThrottled: facts >> 32 & 1 == 1, readMilliUnits: entry[2],
            writeMilliUnits: entry[3], keyHash: entry[4], keyLength: entry[5], text: entry.text)
    }

    private func entry(_ copy: UnsafeRawPointer, _ index: Int) -> RingEntry {
        RingEntry(copy + index * RingEntry.byteCount)
    }
}

/// What the header says of the key events: how many there were, and their sums.
private struct KeyEventHeads {
    let head: UInt64
    let read: UInt64
    let write: UInt64

    var isPlausible: Bool {
        head <= TelemetryBounds.counts && max(read, write) <= TelemetryBounds.milliUnits
    }
}

extension RawKeyEvent {
    fileprivate var isPlausible: Bool { max(readMilliUnits, writeMilliUnits) <= TelemetryBounds.eventMilliUnits }
}
