import Sketches
import Telemetry

/// The hot keys of one resource in one direction in a period, with what is known of the keys that the sketch keeps. At the
/// usual capacity of 128 keys 12 KB where keys have up to 16 bytes, and 18 KB at most.
struct HotKeySketch {
    /// What is known of a key. There are tens of thousands of them.
    private struct Facts {
        var firstSeen: Int64
        /// At least the key's weight in its latest ten seconds, and in its heaviest ones before; where it is the greatest number,
        /// it says nothing.
        private var weight: UInt32
        private var peak: UInt32
        private(set) var throttled: UInt32 = 0
        /// Which ten seconds its latest are; a period is far shorter than what the number tells apart.
        private var slot: UInt16
        /// The whole key's length, at most 2,048 bytes and 1,024.
        let textLength: UInt16

        init(firstSeen: Int64, weight: UInt64, peak: UInt64, slot: Int32, textLength: UInt64) {
            self.firstSeen = firstSeen
            self.weight = UInt32(clamping: weight)
            self.peak = UInt32(clamping: peak)
            self.slot = UInt16(truncatingIfNeeded: slot)
            self.textLength = UInt16(clamping: textLength)
        }

        mutating func add(_ weight: UInt64, in slot: Int32) {
            let slot = UInt16(truncatingIfNeeded: slot)
            if self.slot != slot {
                peak = max(peak, self.weight)
                (self.slot, self.weight) = (slot, 0)
            }
            self.weight = weight < UInt64(.max - self.weight) ? self.weight + UInt32(weight) : .max
        }

        mutating func addThrottle() { throttled &+= 1 }

        /// At least the weight in the heaviest ten seconds.
        var peakTenSeconds: UInt64 {
            let greatest = max(peak, weight)
            return greatest == .max ? .max : UInt64(greatest)
        }
    }

    /// One of the hottest keys.
    struct Key {
        let entry: SpaceSaving.Entry
        let text: String
        let firstSeen: Int64
        /// At least its weight in its heaviest ten seconds.
        let peakTenSeconds: UInt64
        let throttled: UInt32
    }

    private var sketch: SpaceSaving
    /// By the key's place in the sketch.
    private var facts: [Facts] = []
    private var texts = KeyTexts()
    /// When the last period's hottest keys were first seen.
    private var carried: [(key: UInt64, firstSeen: Int64)] = []
    private var slot: Int32
    /// The weight of these ten seconds' events.
    private var seenInSlot: UInt64 = 0

    /// The weight of the period's events.
    private(set) var seen: UInt64 = 0
    /// The weight that may have been this resource's, and was lost.
    private(set) var lost: UInt64 = 0

    /// - Parameter slot: which ten seconds it is.
    init(capacity: Int, slot: Int32) {
        sketch = SpaceSaving(capacity: capacity)
        self.slot = slot
    }

    /// Counts an event. A key's text is copied only when the key enters the sketch.
    mutating func add(_ event: RawKeyEvent, weight: UInt64, now: Int64) {
        if let addition = sketch.add(event.keyHash, weight: weight) {
            let place = addition.place
            if addition.isNew { start(event, at: place, now: now) }
            facts[place].add(weight, in: slot)
            if event.isThrottled { facts[place].addThrottle() }
        }
        seen = seen.plus(weight)
        seenInSlot = seenInSlot.plus(weight)
    }

    private mutating func start(_ event: RawKeyEvent, at place: Int, now: Int64) {
        // Whatever it had before was no more than its error; in these ten seconds, no more than all events had.
        let error = sketch.entries[place].error
        let new = Facts(
            firstSeen: now, weight: min(error, seenInSlot), peak: error, slot: slot, textLength: event.keyLength)
        if place == facts.count {
            // Not by doubling alone: a full sketch has no room to spare.
            if place == facts.capacity { facts.reserveCapacity(min(sketch.capacity, max(8, 2 * place))) }
            facts.append(new)
        } else {
            facts[place] = new
        }
        texts.set(place, event, of: sketch.capacity)
    }

    /// Weight that was overwritten before it was read: it may have been any key's.
    mutating func lose(_ weight: UInt64) {
        guard weight > 0 else { return }
        sketch.absorb(lostWeight: weight)
        for place in facts.indices { facts[place].add(weight, in: slot) }
        lost = lost.plus(weight)
        seenInSlot = seenInSlot.plus(weight)
    }

    /// Begins other ten seconds.
    mutating func advance(toSlot slot: Int32) { (self.slot, seenInSlot) = (slot, 0) }

    /// The period's heaviest keys, heaviest first.
    func top(_ limit: Int) -> [Key] { heaviest(limit).compactMap(key(of:)) }

    /// The same, without what is known of them.
    func heaviest(_ limit: Int) -> [SpaceSaving.Entry] { sketch.top(limit) }

    /// What is known of one of them.
    func key(of entry: SpaceSaving.Entry) -> Key? {
        guard let place = sketch.place(of: entry.key) else { return nil }
        let facts = facts[place]
        return Key(
            entry: entry, text: texts.string(place, length: UInt64(facts.textLength)),
            firstSeen: firstSeen(entry.key, at: place), peakTenSeconds: min(facts.peakTenSeconds, entry.estimate),
            throttled: facts.throttled)
    }

    private func firstSeen(_ key: UInt64, at place: Int) -> Int64 {
        min(facts[place].firstSeen, carried.first { $0.key == key }?.firstSeen ?? .max)
    }

    /// At least the weight of any key that ``top(_:)`` cannot list.
    var absentUpperBound: UInt64 { sketch.absentUpperBound }

    /// Starts the next period in the same memory; so many of the hottest keys keep the time at which they were first seen.
    mutating func startPeriod(keeping count: Int) {
        carried = heaviest(count).compactMap { entry in
            sketch.place(of: entry.key).map { (entry.key, firstSeen(entry.key, at: $0)) }
        }
        sketch.removeAll()
        facts.removeAll(keepingCapacity: true)
        (seen, lost, seenInSlot) = (0, 0, 0)
    }
}

/// The beginnings of keys, by place, each in as many bytes as the longest of them needs: 16, 32 or 64.
private struct KeyTexts {
    private static let most = RingText.byteCount / 8
    private var words: [UInt64] = []
    private var stride = 2

    mutating func set(_ place: Int, _ event: RawKeyEvent, of capacity: Int) {
        while event.keyLength > UInt64(8 * stride), stride < Self.most { widen() }
        let needed = (place + 1) * stride
        if needed > words.capacity { words.reserveCapacity(min(capacity * stride, max(8 * stride, 2 * needed))) }
        while words.count < needed { words.append(0) }
        for word in 0..<stride {
            words[place * stride + word] = event.text.load(fromByteOffset: 8 * word, as: UInt64.self)
        }
    }

    private mutating func widen() {
        var wider = [UInt64](repeating: 0, count: 2 * words.count)
        for place in 0..<(words.count / stride) {
            for word in 0..<stride { wider[place * 2 * stride + word] = words[place * stride + word] }
        }
        (words, stride) = (wider, 2 * stride)
    }

    func string(_ place: Int, length: UInt64) -> String {
        withUnsafeTemporaryAllocation(byteCount: RingText.byteCount, alignment: 8) { bytes in
            for word in 0..<Self.most {
                let value = word < stride ? words[place * stride + word] : 0
                bytes.storeBytes(of: value, toByteOffset: 8 * word, as: UInt64.self)
            }
            return bytes.baseAddress.map { RingText.string($0, length: length) } ?? ""
        }
    }
}
