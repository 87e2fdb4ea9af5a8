/// The heaviest keys of a weighted stream, in fixed memory and with a known error.
///
/// Weighted Space-Saving (Metwally, Agrawal, El Abbadi: "Efficient Computation of Frequent and Top-k Elements in Data
/// Streams", 2005). For every key the true weight lies within `[estimate − error, estimate]`, and `error` is at most
/// `totalWeight / capacity` as long as no weight was lost. Keys whose true weight is above that share are always kept.
///
/// Keys are 64-bit hashes: what they stand for is for the caller to keep, at the key's place in ``entries``. The same calls
/// in the same order give the same sketch. An addition costs O(log capacity), and allocates nothing once the sketch is full.
public struct SpaceSaving: Sendable {
    /// One kept key.
    public struct Entry: Sendable, Equatable {
        /// The key.
        public let key: UInt64
        /// At least the key's true weight.
        public internal(set) var estimate: UInt64
        /// How much of `estimate` may belong to other keys.
        public internal(set) var error: UInt64

        /// At most the key's true weight.
        public var lowerBound: UInt64 { estimate - error }
    }

    /// What an addition did.
    public struct Addition: Sendable, Equatable {
        /// The key's place in ``SpaceSaving/entries``: its own until it is given up, or the sketch is merged into.
        public let place: Int
        /// Whether the key was not kept before. Whatever was known of the place was another key's.
        public let isNew: Bool
    }

    /// How many keys are kept at most, 1...16,384.
    public let capacity: Int
    /// The weight of everything added, merged and absorbed.
    public private(set) var totalWeight: UInt64 = 0
    /// At least the true weight of any key that is not kept.
    public private(set) var absentUpperBound: UInt64 = 0
    /// The kept keys by place, in no order that means anything.
    public private(set) var entries: [Entry] = []

    /// A binary heap of places, lightest first, and each place's position in it.
    var heap: [UInt16] = []
    var positions: [UInt16] = []
    /// Where each key is: open addressing, linear probing, 0 for nothing, else a place + 1. A power of two, at most half
    /// full.
    var index: [UInt16]

    /// An empty sketch.
    /// - Parameter capacity: how many keys are kept; out of range counts as the nearer end.
    public init(capacity: Int) {
        self.capacity = min(max(1, capacity), 16_384)
        var size = 2
        while size < 2 * self.capacity { size *= 2 }
        index = [UInt16](repeating: 0, count: size)
    }

    /// How many keys are kept now.
    public var count: Int { entries.count }

    /// Bytes of memory that a full sketch takes, apart from what its arrays need to be arrays.
    public static func sizeInBytes(capacity: Int) -> Int {
        capacity * (MemoryLayout<Entry>.stride + 2 * MemoryLayout<UInt16>.stride)
            + SpaceSaving(capacity: capacity).index.count * MemoryLayout<UInt16>.stride
    }

    /// Adds a weight to a key.
    /// - Parameters:
    ///   - key: the key.
    ///   - weight: its weight; a sketch that does not know the key takes it up with a weight of zero too.
    @discardableResult
    public mutating func add(_ key: UInt64, weight: UInt64) -> Addition {
        totalWeight = totalWeight.saturatingAdd(weight)
        if let place = place(of: key) {
            entries[place].estimate = entries[place].estimate.saturatingAdd(weight)
            siftDown(from: Int(positions[place]))
            return Addition(place: place, isNew: false)
        }
        guard entries.count == capacity else {
            let entry = Entry(key: key, estimate: absentUpperBound.saturatingAdd(weight), error: absentUpperBound)
            return Addition(place: append(entry), isNew: true)
        }
        // The lightest goes; among equal estimates the largest key, so that the choice does not hang on the heap's history.
        let place = Int(heap[0])
        absentUpperBound = max(absentUpperBound, entries[place].estimate)
        removeFromIndex(place)
        entries[place] = Entry(
            key: key, estimate: absentUpperBound.saturatingAdd(weight), error: absentUpperBound)
        insertIntoIndex(place)
        siftDown(from: 0)
        return Addition(place: place, isNew: true)
    }

    /// Counts weight that is known to have been lost on the way here: it may belong to any key, so every bound widens by it.
    public mutating func absorb(lostWeight: UInt64) {
        guard lostWeight > 0 else { return }
        totalWeight = totalWeight.saturatingAdd(lostWeight)
        absentUpperBound = absentUpperBound.saturatingAdd(lostWeight)
        for place in entries.indices { entries[place] = entries[place].widened(by: lostWeight) }
        // Estimates that have come to the top are equal now, which changes what is lightest.
        if entries.contains(where: { $0.estimate == .max }) { rebuild(entries) }
    }

    /// Adds another sketch's stream to this one's; the bounds hold for both streams together. Every key may get another
    /// place.
    ///
    /// A key that only one side kept may have had up to the other side's `absentUpperBound` there, which widens its error
    /// (Agarwal, Cormode et al.: "Mergeable Summaries", 2012).
    public mutating func merge(_ other: SpaceSaving) {
        var union = entries.map { entry in
            guard let twin = other.entry(for: entry.key) else { return entry.widened(by: other.absentUpperBound) }
            return Entry(
                key: entry.key, estimate: entry.estimate.saturatingAdd(twin.estimate),
                error: entry.error.saturatingAdd(twin.error))
        }
        for entry in other.entries where place(of: entry.key) == nil {
            union.append(entry.widened(by: absentUpperBound))
        }
        union.sort(by: Entry.isHeavier)
        totalWeight = totalWeight.saturatingAdd(other.totalWeight)
        absentUpperBound = absentUpperBound.saturatingAdd(other.absentUpperBound)
        if union.count > capacity {
            absentUpperBound = max(absentUpperBound, union[capacity].estimate)
            union.removeLast(union.count - capacity)
        }
        rebuild(union)
    }

    /// Where a key is among ``entries``; nil where it is not kept.
    public func place(of key: UInt64) -> Int? {
        let mask = index.count - 1
        return index.withUnsafeBufferPointer { index in
            entries.withUnsafeBufferPointer { entries in
                var slot = Self.slot(of: key, mask)
                while index[slot] != 0 {
                    let place = Int(index[slot]) - 1
                    if entries[place].key == key { return place }
                    slot = (slot + 1) & mask
                }
                return nil
            }
        }
    }

    /// What is known of a key, or nil where it is not kept (its weight is then at most `absentUpperBound`).
    public func entry(for key: UInt64) -> Entry? { place(of: key).map { entries[$0] } }

    /// The heaviest keys, heaviest estimate first; equal estimates in the order of their keys.
    public func top(_ limit: Int) -> [Entry] {
        Array(entries.sorted(by: Entry.isHeavier).prefix(max(0, limit)))
    }
}

extension SpaceSaving.Entry {
    static func isHeavier(_ left: Self, _ right: Self) -> Bool {
        left.estimate == right.estimate ? left.key < right.key : left.estimate > right.estimate
    }

    func widened(by weight: UInt64) -> Self {
        Self(key: key, estimate: estimate.saturatingAdd(weight), error: error.saturatingAdd(weight))
    }
}

// MARK: The index

extension SpaceSaving {
    /// Keys are hashes, but of others' making: the multiplication (Knuth's, with the golden ratio) spreads any that follow
    /// one another. Keys that still meet cost time only, and at most a look at each of `capacity`.
    private static func slot(of key: UInt64, _ mask: Int) -> Int {
        Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 40) & mask
    }

    private mutating func insertIntoIndex(_ place: Int) {
        let mask = index.count - 1
        var slot = Self.slot(of: entries[place].key, mask)
        while index[slot] != 0 { slot = (slot + 1) & mask }
        index[slot] = UInt16(place + 1)
    }

    /// Closes the gap behind it, so that no key's way to its slot is cut (Knuth, vol. 3, 6.4, algorithm R).
    private mutating func removeFromIndex(_ place: Int) {
        let mask = index.count - 1
        entries.withUnsafeBufferPointer { entries in
            index.withUnsafeMutableBufferPointer { index in
                var gap = Self.slot(of: entries[place].key, mask)
                while index[gap] != UInt16(place + 1) { gap = (gap + 1) & mask }
                var slot = gap
                while true {
                    index[gap] = 0
                    repeat {
                        slot = (slot + 1) & mask
                        guard index[slot] != 0 else { return }
                        // Stays where its own slot lies cyclically after the gap.
                    } while (slot &- Self.slot(of: entries[Int(index[slot]) - 1].key, mask)) & mask
                        < (slot &- gap) & mask
                    index[gap] = index[slot]
                    gap = slot
                }
            }
        }
    }
}

// MARK: The heap

extension SpaceSaving {
    private mutating func append(_ entry: Entry) -> Int {
        let place = entries.count
        entries.append(entry)
        insertIntoIndex(place)
        heap.append(UInt16(place))
        positions.append(UInt16(place))
        siftUp(from: place)
        return place
    }

    private mutating func rebuild(_ list: [Entry]) {
        for slot in index.indices { index[slot] = 0 }
        entries = list
        // A list sorted upwards is a heap already.
        let order = list.indices.sorted { SpaceSaving.Entry.isHeavier(list[$1], list[$0]) }
        heap = order.map { UInt16($0) }
        positions = [UInt16](repeating: 0, count: list.count)
        for (position, place) in order.enumerated() { positions[place] = UInt16(position) }
        for place in entries.indices { insertIntoIndex(place) }
    }

    private mutating func siftUp(from start: Int) {
        withTree { entries, heap, positions in
            let place = heap[start]
            let entry = entries[Int(place)]
            var hole = start
            while hole > 0 {
                let parent = (hole - 1) / 2
                guard Entry.isHeavier(entries[Int(heap[parent])], entry) else { break }
                heap[hole] = heap[parent]
                positions[Int(heap[hole])] = UInt16(truncatingIfNeeded: hole)
                hole = parent
            }
            heap[hole] = place
            positions[Int(place)] = UInt16(truncatingIfNeeded: hole)
        }
    }

    private mutating func siftDown(from start: Int) {
        withTree { entries, heap, positions in
            let place = heap[start]
            let entry = entries[Int(place)]
            var hole = start
            while true {
                var child = 2 * hole + 1
                guard child < heap.count else { break }
                var lighter = entries[Int(heap[child])]
                if child + 1 < heap.count {
                    let sibling = entries[Int(heap[child + 1])]
                    if Entry.isHeavier(lighter, sibling) { (child, lighter) = (child + 1, sibling) }
                }
                guard Entry.isHeavier(entry, lighter) else { break }
                heap[hole] = heap[child]
                positions[Int(heap[hole])] = UInt16(truncatingIfNeeded: hole)
                hole = child
            }
            heap[hole] = place
            positions[Int(place)] = UInt16(truncatingIfNeeded: hole)
        }
    }

    /// The heap without a check of bounds or owners at every step: each place in it is below `entries.count`, and each
    /// position below `heap.count`, which is the same.
    private mutating func withTree(
        _ body: (UnsafeBufferPointer<Entry>, UnsafeMutableBufferPointer<UInt16>, UnsafeMutableBufferPointer<UInt16>) ->
            Void
    ) {
        entries.withUnsafeBufferPointer { entries in
            heap.withUnsafeMutableBufferPointer { heap in
                positions.withUnsafeMutableBufferPointer { positions in body(entries, heap, positions) }
            }
        }
    }
}

extension UInt64 {
    /// A weight never wraps: a sketch that has seen 2^64 milli-units stays at the top.
    func saturatingAdd(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
