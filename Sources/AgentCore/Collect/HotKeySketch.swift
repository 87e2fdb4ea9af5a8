import Sketches
import Telemetry

/// The hot keys of one resource in one direction: a sketch of the last ten seconds and one of the period, with what is
/// known of the keys that they keep. At most 32 KB at the usual capacity of 128 keys.
struct HotKeySketch {
    /// What is known of a key.
    struct Facts {
        var text: KeyText
        var firstSeen: Int64
        /// The largest estimate of ten seconds.
        var peakTenSeconds: UInt64 = 0
        var throttled: UInt32 = 0

        init(text: KeyText, firstSeen: Int64) {
            self.text = text
            self.firstSeen = firstSeen
        }
    }

    private var current: SpaceSaving
    private var period: SpaceSaving
    /// By the key's place in its sketch.
    private var currentFacts: [Facts] = []
    private var periodFacts: [Facts] = []
    /// When the last period's hottest keys were first seen.
    private var carried: [UInt64: Int64] = [:]

    /// The weight of the period's events.
    private(set) var seen: UInt64 = 0
    /// The weight that may have been this resource's, and was lost.
    private(set) var lost: UInt64 = 0

    init(capacity: Int) {
        current = SpaceSaving(capacity: capacity)
        period = SpaceSaving(capacity: capacity)
    }

    /// Counts an event. A key's text is copied only when the key enters the sketch.
    mutating func add(_ event: RawKeyEvent, weight: UInt64, now: Int64) {
        seen &+= weight
        let addition = current.add(event.keyHash, weight: weight)
        if addition.isNew {
            let facts = Facts(text: KeyText(event), firstSeen: now)
            if addition.place == currentFacts.count {
                currentFacts.append(facts)
            } else {
                currentFacts[addition.place] = facts
            }
        }
        if event.isThrottled { currentFacts[addition.place].throttled &+= 1 }
    }

    mutating func lose(_ weight: UInt64) {
        current.absorb(lostWeight: weight)
        lost &+= weight
    }

    /// Ends ten seconds.
    mutating func rotate() {
        guard current.totalWeight > 0 else { return }
        let (earlier, earlierFacts) = (period, periodFacts)
        period.merge(current)
        periodFacts = period.entries.map { entry in
            let old = earlier.place(of: entry.key).map { earlierFacts[$0] }
            let new = current.place(of: entry.key).map { facts(ofTenSecondsAt: $0) }
            guard var facts = old ?? new else { return Facts(text: KeyText(), firstSeen: .max) }
            if old != nil, let new {
                facts.peakTenSeconds = max(facts.peakTenSeconds, new.peakTenSeconds)
                facts.throttled &+= new.throttled
            }
            return facts
        }
        current = SpaceSaving(capacity: current.capacity)
        currentFacts.removeAll(keepingCapacity: true)
    }

    private func facts(ofTenSecondsAt place: Int) -> Facts {
        var facts = currentFacts[place]
        let entry = current.entries[place]
        facts.peakTenSeconds = entry.estimate
        facts.firstSeen = min(facts.firstSeen, carried[entry.key] ?? .max)
        return facts
    }

    /// The period's heaviest keys up to the last rotation, heaviest first.
    func top(_ limit: Int) -> [(entry: SpaceSaving.Entry, facts: Facts)] {
        period.top(limit).compactMap { entry in period.place(of: entry.key).map { (entry, periodFacts[$0]) } }
    }

    /// At least the weight of any key that ``top(_:)`` cannot list.
    var absentUpperBound: UInt64 { period.absentUpperBound }

    /// The next period's sketch: empty, but so many of the hottest keys keep the time at which they were first seen.
    func next(keeping count: Int) -> HotKeySketch {
        var merged = self
        merged.rotate()
        var next = HotKeySketch(capacity: current.capacity)
        for (entry, facts) in merged.top(count) { next.carried[entry.key] = facts.firstSeen }
        return next
    }
}

/// The beginning of a key, in place: no memory of its own.
struct KeyText {
    typealias Words = (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)
    private var words: Words = (0, 0, 0, 0, 0, 0, 0, 0)
    /// The whole key's length; what is beyond 64 bytes is not kept, and how much it was does not matter.
    private var length: UInt32 = 0

    init() {}

    init(_ event: RawKeyEvent) {
        words = event.text.load(as: Words.self)
        length = UInt32(clamping: event.keyLength)
    }

    var string: String {
        withUnsafeBytes(of: words) { bytes in
            bytes.baseAddress.map { RingText.string($0, length: UInt64(length)) } ?? ""
        }
    }
}
