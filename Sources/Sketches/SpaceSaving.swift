/// The heaviest keys of a weighted stream, in fixed memory and with a known error.
///
/// Weighted Space-Saving (Metwally, Agrawal, El Abbadi: "Efficient Computation of Frequent and Top-k Elements in Data
/// Streams", 2005). For every key the true weight lies within `[estimate − error, estimate]`, and `error` is at most
/// `totalWeight / capacity` as long as no weight was lost. Keys whose true weight is above that share are always kept.
///
/// The same calls in the same order give the same sketch: nothing depends on a hash seed. An addition costs
/// O(log capacity), one dictionary look-up included.
public struct SpaceSaving<Key: Hashable & Comparable & Sendable>: Sendable {
    /// One kept key.
    public struct Entry: Sendable, Equatable {
        /// The key.
        public let key: Key
        /// At least the key's true weight.
        public internal(set) var estimate: UInt64
        /// How much of `estimate` may belong to other keys.
        public internal(set) var error: UInt64

        /// At most the key's true weight.
        public var lowerBound: UInt64 { estimate - error }
    }

    /// How many keys are kept at most, at least 1.
    public let capacity: Int
    /// The weight of everything added, merged and absorbed.
    public private(set) var totalWeight: UInt64 = 0
    /// At least the true weight of any key that is not kept.
    public private(set) var absentUpperBound: UInt64 = 0

    /// A binary min-heap by estimate; `positions` says where each key lies in it.
    var heap: [Entry] = []
    var positions: [Key: Int] = [:]

    /// An empty sketch.
    /// - Parameter capacity: how many keys are kept; a value below 1 counts as 1.
    public init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    /// How many keys are kept now.
    public var count: Int { heap.count }

    /// Adds a weight to a key. A weight of zero changes nothing.
    /// - Returns: the key that was given up to make room, if one was, so that the caller can forget what it knows of it.
    @discardableResult
    public mutating func add(_ key: Key, weight: UInt64) -> Key? {
        guard weight > 0 else { return nil }
        totalWeight = totalWeight.saturatingAdd(weight)
        if let position = positions[key] {
            heap[position].estimate = heap[position].estimate.saturatingAdd(weight)
            siftDown(from: position)
            return nil
        }
        var evicted: Key?
        if heap.count == capacity {
            evicted = evictLightest()
        }
        let entry = Entry(key: key, estimate: absentUpperBound.saturatingAdd(weight), error: absentUpperBound)
        insert(entry)
        return evicted
    }

    /// Counts weight that is known to have been lost on the way here: it may belong to any key, so every bound widens by it.
    public mutating func absorb(lostWeight: UInt64) {
        guard lostWeight > 0 else { return }
        totalWeight = totalWeight.saturatingAdd(lostWeight)
        absentUpperBound = absentUpperBound.saturatingAdd(lostWeight)
        for position in heap.indices {
            heap[position].estimate = heap[position].estimate.saturatingAdd(lostWeight)
            heap[position].error = heap[position].error.saturatingAdd(lostWeight)
        }
    }

    /// Adds another sketch's stream to this one's; the bounds hold for both streams together.
    ///
    /// A key that only one side kept may have had up to the other side's `absentUpperBound` there, which widens its error
    /// (Agarwal, Cormode et al.: "Mergeable Summaries", 2012).
    public mutating func merge(_ other: SpaceSaving<Key>) {
        var union: [Key: Entry] = [:]
        union.reserveCapacity(heap.count + other.heap.count)
        for entry in heap {
            union[entry.key] = entry.widened(by: other.absentUpperBound)
        }
        for entry in other.heap {
            if let position = positions[entry.key] {
                let mine = heap[position]
                union[entry.key] = Entry(
                    key: entry.key, estimate: mine.estimate.saturatingAdd(entry.estimate),
                    error: mine.error.saturatingAdd(entry.error))
            } else {
                union[entry.key] = entry.widened(by: absentUpperBound)
            }
        }
        let ordered = union.values.sorted(by: Entry.isHeavier)
        totalWeight = totalWeight.saturatingAdd(other.totalWeight)
        absentUpperBound = absentUpperBound.saturatingAdd(other.absentUpperBound)
        if ordered.count > capacity {
            absentUpperBound = max(absentUpperBound, ordered[capacity].estimate)
        }
        // A list sorted upwards is a heap already.
        heap = Array(ordered.prefix(capacity).reversed())
        positions = [:]
        for (position, entry) in heap.enumerated() {
            positions[entry.key] = position
        }
    }

    /// What is known of a key, or nil where it is not kept (its weight is then at most `absentUpperBound`).
    public func entry(for key: Key) -> Entry? {
        positions[key].map { heap[$0] }
    }

    /// The heaviest keys, heaviest estimate first; equal estimates in the order of their keys.
    public func top(_ limit: Int) -> [Entry] {
        Array(heap.sorted(by: Entry.isHeavier).prefix(max(0, limit)))
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

extension SpaceSaving {
    /// The lightest entry goes; among equal estimates the largest key, so that the choice does not hang on the heap's history.
    mutating func evictLightest() -> Key {
        let lightest = heap[0]
        absentUpperBound = max(absentUpperBound, lightest.estimate)
        positions[lightest.key] = nil
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            positions[last.key] = 0
            siftDown(from: 0)
        }
        return lightest.key
    }

    mutating func insert(_ entry: Entry) {
        heap.append(entry)
        positions[entry.key] = heap.count - 1
        siftUp(from: heap.count - 1)
    }

    private mutating func siftUp(from start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard Entry.isHeavier(heap[parent], heap[child]) else { return }
            swapEntries(parent, child)
            child = parent
        }
    }

    private mutating func siftDown(from start: Int) {
        var parent = start
        while true {
            var lightest = parent
            let left = 2 * parent + 1
            let right = left + 1
            if left < heap.count, Entry.isHeavier(heap[lightest], heap[left]) { lightest = left }
            if right < heap.count, Entry.isHeavier(heap[lightest], heap[right]) { lightest = right }
            guard lightest != parent else { return }
            swapEntries(parent, lightest)
            parent = lightest
        }
    }

    private mutating func swapEntries(_ first: Int, _ second: Int) {
        heap.swapAt(first, second)
        positions[heap[first].key] = first
        positions[heap[second].key] = second
    }
}

extension UInt64 {
    /// A weight never wraps: a sketch that has seen 2^64 milli-units stays at the top.
    func saturatingAdd(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
