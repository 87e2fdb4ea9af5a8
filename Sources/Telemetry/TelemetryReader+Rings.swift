internal import CTelemetry

/// The two rings: key events, read once each and in order, and slow calls, read as they lie.
extension TelemetryReader {
    /// Hands over the key events since the last drain, oldest first, and says what was lost of them.
    ///
    /// Lost weight is found as the difference between what the writer has added up and what was handed over; an event
    /// between its entry and its sum is settled by the next drain.
    /// - Parameter body: takes each event.
    public func drainKeyEvents(_ body: (KeyEvent) -> Void) -> KeyEventDrain {
        var drain = KeyEventDrain()
        guard (try? grantedBytes()) != nil else { return drain }
        let ownerIsDead = !ownerIsAlive()
        // The sums before the head: whatever is in the sums then lies before the head.
        let readSum = header(TM_WORD_KEY_READ_UNITS)
        let writeSum = header(TM_WORD_KEY_WRITE_UNITS)
        let head = header(TM_WORD_KEY_RING_HEAD)
        skipOverwritten(upTo: head, &drain)
        while keyEventCursor.position < head {
            let position = keyEventCursor.position
            switch entry(atTicket: position) {
            case .whole(let event):
                body(event)
                drain.delivered += 1
                keyEventCursor.readMilliUnits &+= event.readMilliUnits
                keyEventCursor.writeMilliUnits &+= event.writeMilliUnits
            case .lost:
                drain.lostEvents &+= 1
            case .beingWritten:
                // Whoever is still writing at the second look, or is dead, has given it up.
                guard ownerIsDead || stalledPosition == position else {
                    stalledPosition = position
                    return drain
                }
                drain.lostEvents &+= 1
            }
            keyEventCursor.position &+= 1
        }
        drain.lostReadMilliUnits = settle(\.readMilliUnits, with: readSum)
        drain.lostWriteMilliUnits = settle(\.writeMilliUnits, with: writeSum)
        return drain
    }

    /// The slow calls that lie in the file now, slowest first; at most 256.
    public func slowCalls() -> [SlowCall] {
        guard (try? grantedBytes()) != nil else { return [] }
        var calls: [SlowCall] = []
        for place in 0..<Int(TM_SLOW_RING_CAPACITY) {
            let entry = word(at: Int(TM_SLOW_RING_OFFSET) + place * Int(TM_RING_ENTRY_BYTES))
            let sequence = tm_load_acquire(entry)
            guard sequence != 0, sequence & 1 == 0 else { continue }
            guard let words = words(of: entry, sequence),
                let outcome = CallOutcome(rawValue: UInt8(truncatingIfNeeded: words[4])),
                let series = key(at: Int(truncatingIfNeeded: words[1]))
            else { continue }
            calls.append(
                SlowCall(
                    series: series, durationNanoseconds: words[2], endedAtNanoseconds: words[3], outcome: outcome,
                    attempts: UInt32(truncatingIfNeeded: words[4] >> 32), correlationID: Self.text(words)))
        }
        return calls.sorted { $0.durationNanoseconds > $1.durationNanoseconds }
    }

    private enum Entry {
        case whole(KeyEvent)
        case beingWritten
        case lost
    }

    private func skipOverwritten(upTo head: UInt64, _ drain: inout KeyEventDrain) {
        guard head > keyRingCapacity, keyEventCursor.position < head - keyRingCapacity else { return }
        drain.lostEvents &+= head - keyRingCapacity - keyEventCursor.position
        keyEventCursor.position = head - keyRingCapacity
    }

    /// What the sum has beyond all that is accounted for is lost.
    private func settle(_ units: WritableKeyPath<KeyEventCursor, UInt64>, with sum: UInt64) -> UInt64 {
        let open = Int64(bitPattern: sum &- keyEventCursor[keyPath: units])
        guard open > 0 else { return 0 }
        keyEventCursor[keyPath: units] = sum
        return UInt64(open)
    }

    private func entry(atTicket ticket: UInt64) -> Entry {
        let place = Int(ticket & (keyRingCapacity - 1))
        let entry = word(at: Int(TM_KEY_RING_OFFSET) + place * Int(TM_RING_ENTRY_BYTES))
        let whole = ticket &* 2 &+ 2
        let sequence = tm_load_acquire(entry)
        guard sequence == whole else { return sequence < whole ? .beingWritten : .lost }
        guard let words = words(of: entry, sequence), let series = key(at: Int(UInt32(truncatingIfNeeded: words[1])))
        else {
            return .lost
        }
        return .whole(
            KeyEvent(
                series: series, readMilliUnits: words[2], writeMilliUnits: words[3], throttled: words[1] >> 32 & 1 == 1,
                keyHash: words[4], key: Self.text(words), isCut: words[5] > UInt64(TM_RING_TEXT_BYTES)))
    }

    /// A copy of an entry; `nil` when it was overwritten meanwhile.
    private func words(of entry: UnsafePointer<UInt64>, _ sequence: UInt64) -> [UInt64]? {
        let count = Int(TM_RING_ENTRY_WORDS)
        let words = [UInt64](unsafeUninitializedCapacity: count) { buffer, filled in
            for index in 0..<count { buffer.initializeElement(at: index, to: tm_load(entry + index)) }
            filled = count
        }
        tm_fence_acquire()
        return tm_load(entry) == sequence ? words : nil
    }

    /// The text of an entry; where it was cut, without the character that the cut went through.
    private static func text(_ words: [UInt64]) -> String {
        let limit = Int(TM_RING_TEXT_BYTES)
        let bytes = words[Int(TM_RING_TEXT_WORD)...].withUnsafeBytes { Array($0) }
        guard words[5] > UInt64(limit) else {
            return String(decoding: bytes.prefix(Int(words[5])), as: UTF8.self)
        }
        // A character has at most three bytes after its first (RFC 3629).
        let start = bytes.indices.suffix(4).last { bytes[$0] & 0xC0 != 0x80 } ?? limit
        let isWhole = start < limit && (bytes[start] < 0x80 || bytes[start].leadingOnes == limit - start)
        return String(decoding: isWhole ? bytes[...] : bytes[..<start], as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var leadingOnes: Int { (~self).leadingZeroBitCount }
}
