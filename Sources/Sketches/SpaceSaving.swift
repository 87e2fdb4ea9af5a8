/// The heaviest keys of a weighted stream, in fixed memory and with a known error.
///
/// Weighted Space-Saving (Metwally, Agrawal, El Abbadi: "Efficient Computation of Frequent and Top-k Elements in Data
/// Streams", 2005) behind a filter (Homem, Carvalho: "Finding top-k elements in data streams", 2010): cells add up what keys
/// that are not kept weigh, each for the keys that fall on it, and a key is taken up once its cell says that it may weigh more
/// than the lightest kept one. The many keys that do not matter then cost an addition each, and no place.
///
/// For every key the true weight lies within `[estimate − error, estimate]`, and `error` is at most `totalWeight / capacity`
/// as long as no weight was lost: no cell is above the lightest estimate, so that to take up a key adds at most its weight to
/// the sum of all estimates. Keys whose true weight is above that share are always kept.
///
/// Keys are 64-bit hashes: what they stand for is for the caller to keep, at the key's place in ``entries``. The same calls
/// in the same order give the same sketch. To add to a key that is kept, or that stays out, costs O(1), to take one up
/// O(log capacity) at most on average, and nothing is allocated once the sketch is full.
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

    /// Where a key went that is kept.
    public struct Addition: Sendable, Equatable {
        /// The key's place in ``SpaceSaving/entries``: its own until it is given up.
        public let place: Int
        /// Whether the key was not kept before. Whatever was known of the place was another key's.
        public let isNew: Bool

        /// - Parameters:
        ///   - place: the key's place.
        ///   - isNew: whether it was another's before, or nobody's.
        public init(place: Int, isNew: Bool) { (self.place, self.isNew) = (place, isNew) }
    }

    /// How many keys are kept at most, 1...16,384.
    public let capacity: Int
    /// The weight of everything added and absorbed.
    public private(set) var totalWeight: UInt64 = 0
    /// At least the true weight of any key that is not kept.
    public private(set) var absentUpperBound: UInt64 = 0
    /// The kept keys by place, in no order that means anything.
    public private(set) var entries: [Entry] = []

    /// In one stretch of memory, since a sketch that is seldom asked lies outside of the processor's caches:
    /// - a binary heap of places, lightest first by `floors`; there once the sketch is full;
    /// - where each key is: open addressing, linear probing, 0 for nothing, else a place + 1. A power of two, at most half
    ///   full.
    private var links: [UInt16]

    /// By position in the heap: what the entry there weighed when it was last looked at. Estimates only grow, so that it is
    /// at most its estimate, and the heap has to be put right only when the lightest is asked for.
    private var floors: [UInt64] = []

    /// At least the true weight of any key of that cell that is not kept; in a full sketch at most the lightest estimate. At
    /// its end it says no more than `absentUpperBound`. Twice as many as slots: the more, the fewer keys are taken up that do
    /// not matter.
    private var cells: [UInt32]

    /// An empty sketch.
    /// - Parameter capacity: how many keys are kept; out of range counts as the nearer end.
    public init(capacity: Int) {
        self.capacity = min(max(1, capacity), 16_384)
        let slots = Self.indexSize(self.capacity)
        links = [UInt16](repeating: 0, count: self.capacity + slots)
        cells = [UInt32](repeating: 0, count: 2 * slots)
    }

    private static func indexSize(_ capacity: Int) -> Int {
        var size = 2
        while size < 2 * capacity { size *= 2 }
        return size
    }

    /// How many keys are kept now.
    public var count: Int { entries.count }

    /// Bytes of memory that a full sketch takes, apart from what its arrays need to be arrays.
    public static func sizeInBytes(capacity: Int) -> Int {
        capacity * (MemoryLayout<Entry>.stride + MemoryLayout<UInt64>.stride + MemoryLayout<UInt16>.stride)
            + indexSize(capacity) * (MemoryLayout<UInt16>.stride + 2 * MemoryLayout<UInt32>.stride)
    }

    /// Adds a weight to a key.
    /// - Parameters:
    ///   - key: the key.
    ///   - weight: its weight.
    /// - Returns: where the key is kept; nil where it is not.
    @discardableResult
    public mutating func add(_ key: UInt64, weight: UInt64) -> Addition? {
        totalWeight = totalWeight.saturatingAdd(weight)
        let (isFull, bound) = (entries.count == capacity, absentUpperBound)
        let outcome = withTree { tree -> Outcome in
            if let place = tree.place(of: key) {
                tree.entries[place].estimate = tree.entries[place].estimate.saturatingAdd(weight)
                return .kept(place)
            }
            let cell = tree.cell(of: key)
            let error = cell.pointee == .max ? bound : UInt64(cell.pointee)
            let entry = Entry(key: key, estimate: error.saturatingAdd(weight), error: error)
            guard isFull else { return .new(entry) }
            // No floor is above its estimate: below the first one, the heap need not be put right to know that the key is lighter.
            guard entry.estimate > tree.floors[0], entry.estimate > tree.entries[tree.lightest()].estimate else {
                cell.pointee = UInt32(clamping: entry.estimate)
                return .out(entry.estimate)
            }
            return tree.replaceLightest(by: entry)
        }
        switch outcome {
        case .kept(let place): return Addition(place: place, isNew: false)
        case .new(let entry): return Addition(place: append(entry), isNew: true)
        case .out(let bound):
            absentUpperBound = max(absentUpperBound, bound)
            return nil
        case .replaced(let place, let given):
            absentUpperBound = max(absentUpperBound, given)
            return Addition(place: place, isNew: true)
        }
    }

    /// Empties the sketch, and keeps its memory.
    public mutating func removeAll() {
        (totalWeight, absentUpperBound) = (0, 0)
        entries.removeAll(keepingCapacity: true)
        for link in links.indices { links[link] = 0 }
        for cell in cells.indices { cells[cell] = 0 }
    }

    /// Counts weight that is known to have been lost on the way here: it may belong to any key, so every bound widens by it.
    public mutating func absorb(lostWeight: UInt64) {
        guard lostWeight > 0 else { return }
        totalWeight = totalWeight.saturatingAdd(lostWeight)
        absentUpperBound = absentUpperBound.saturatingAdd(lostWeight)
        for place in entries.indices { entries[place].widen(by: lostWeight) }
        for cell in cells.indices { cells[cell] = UInt32(clamping: UInt64(cells[cell]).saturatingAdd(lostWeight)) }
    }

    /// Where a key is among ``entries``; nil where it is not kept.
    public func place(of key: UInt64) -> Int? {
        let (start, mask) = (capacity, links.count - capacity - 1)
        var slot = Self.slot(of: key, mask)
        while links[start + slot] != 0 {
            let place = Int(links[start + slot]) - 1
            if entries[place].key == key { return place }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// What is known of a key, or nil where it is not kept (its weight is then at most `absentUpperBound`).
    public func entry(for key: UInt64) -> Entry? { place(of: key).map { entries[$0] } }

    /// The heaviest keys, heaviest estimate first; equal estimates in the order of their keys.
    public func top(_ limit: Int) -> [Entry] {
        let limit = min(max(0, limit), entries.count)
        guard limit > 0 else { return [] }
        // Most keys are lighter than the lightest of the few that are asked for, and cost one comparison.
        var top = entries[..<limit].sorted(by: Entry.isHeavier)
        for entry in entries[limit...] where Entry.isHeavier(entry, top[limit - 1]) {
            var place = limit - 1
            while place > 0, Entry.isHeavier(entry, top[place - 1]) {
                top[place] = top[place - 1]
                place -= 1
            }
            top[place] = entry
        }
        return top
    }
}

extension SpaceSaving.Entry {
    static func isHeavier(_ left: Self, _ right: Self) -> Bool {
        left.estimate == right.estimate ? left.key < right.key : left.estimate > right.estimate
    }

    mutating func widen(by weight: UInt64) {
        (estimate, error) = (estimate.saturatingAdd(weight), error.saturatingAdd(weight))
    }
}

// MARK: The heap and the index

extension SpaceSaving {
    /// Keys are hashes, but of others' making: the multiplication (Knuth's, with the golden ratio) spreads any that follow
    /// one another. Keys that still meet cost time only, and at most a look at each of `capacity`.
    fileprivate static func slot(of key: UInt64, _ mask: Int) -> Int {
        Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 40) & mask
    }

    private mutating func append(_ entry: Entry) -> Int {
        let place = entries.count
        // Not by doubling alone: a full sketch has no room to spare.
        if place == entries.capacity { entries.reserveCapacity(min(capacity, max(8, 2 * place))) }
        entries.append(entry)
        withTree { $0.insertIntoIndex(place) }
        makeHeapIfFull()
        return place
    }

    /// Until a sketch is full nobody asks for its lightest.
    private mutating func makeHeapIfFull() {
        guard entries.count == capacity else { return }
        if floors.isEmpty { floors = [UInt64](repeating: 0, count: capacity) }
        withTree { $0.makeHeap() }
    }

    private mutating func withTree<Result>(_ body: (SketchTree) -> Result) -> Result {
        let capacity = capacity
        return entries.withUnsafeMutableBufferPointer { entries in
            links.withUnsafeMutableBufferPointer { links in
                floors.withUnsafeMutableBufferPointer { floors in
                    cells.withUnsafeMutableBufferPointer { cells in
                        body(
                            SketchTree(entries: entries, links: links, floors: floors, cells: cells, capacity: capacity)
                        )
                    }
                }
            }
        }
    }
}

/// What an addition came to.
private enum Outcome {
    case kept(Int)
    /// There is room for it.
    case new(SpaceSaving.Entry)
    /// It is not taken up; its cell says so much now.
    case out(UInt64)
    /// It is taken up in another's place, which weighed so much.
    case replaced(Int, UInt64)
}

/// A sketch's memory without a check of bounds or owners at every step: each place in the heap and the index is below
/// `entries.count`. The heap is to be asked of a full sketch only.
private struct SketchTree {
    let entries: UnsafeMutableBufferPointer<SpaceSaving.Entry>
    let floors: UnsafeMutableBufferPointer<UInt64>
    private let cells: UnsafeMutablePointer<UInt32>
    private let heap: UnsafeMutablePointer<UInt16>
    private let index: UnsafeMutablePointer<UInt16>
    private let mask: Int

    init(
        entries: UnsafeMutableBufferPointer<SpaceSaving.Entry>, links: UnsafeMutableBufferPointer<UInt16>,
        floors: UnsafeMutableBufferPointer<UInt64>, cells: UnsafeMutableBufferPointer<UInt32>, capacity: Int
    ) {
        (self.entries, self.floors) = (entries, floors)
        // Never empty: a capacity is at least one.
        heap = links.baseAddress.unsafelyUnwrapped
        index = heap + capacity
        self.cells = cells.baseAddress.unsafelyUnwrapped
        mask = links.count - capacity - 1
    }

    func slot(of key: UInt64) -> Int { SpaceSaving.slot(of: key, mask) }

    func cell(of key: UInt64) -> UnsafeMutablePointer<UInt32> {
        cells + SpaceSaving.slot(of: key, 2 * mask + 1)
    }

    func place(of key: UInt64) -> Int? {
        var slot = slot(of: key)
        while index[slot] != 0 {
            let place = Int(index[slot]) - 1
            if entries[place].key == key { return place }
            slot = (slot + 1) & mask
        }
        return nil
    }

    func insertIntoIndex(_ place: Int) {
        var slot = slot(of: entries[place].key)
        while index[slot] != 0 { slot = (slot + 1) & mask }
        index[slot] = UInt16(place + 1)
    }

    /// Closes the gap behind it, so that no key's way to its slot is cut (Knuth, vol. 3, 6.4, algorithm R).
    func removeFromIndex(_ place: Int) {
        var gap = slot(of: entries[place].key)
        while index[gap] != UInt16(place + 1) { gap = (gap + 1) & mask }
        var slot = gap
        while true {
            index[gap] = 0
            repeat {
                slot = (slot + 1) & mask
                guard index[slot] != 0 else { return }
                // Stays where its own slot lies cyclically after the gap.
            } while (slot &- self.slot(of: entries[Int(index[slot]) - 1].key)) & mask < (slot &- gap) & mask
            index[gap] = index[slot]
            gap = slot
        }
    }

    func makeHeap() {
        for place in entries.indices { heap[place] = UInt16(place) }
        for position in entries.indices { floors[position] = entries[position].estimate }
        for position in (0..<entries.count / 2).reversed() { siftDown(from: position) }
    }

    /// The place of the lightest entry: the one on top, as soon as that weighs what it did when it was put there.
    func lightest() -> Int {
        while floors[0] != entries[Int(heap[0])].estimate { siftDown(from: 0) }
        return Int(heap[0])
    }

    /// The lightest goes, among equal ones the largest key, so that the choice does not hang on the heap's history. What it may
    /// weigh is its cell's from now on: no cell is above the lightest.
    func replaceLightest(by entry: SpaceSaving.Entry) -> Outcome {
        let place = lightest()
        let given = entries[place]
        let cell = cell(of: given.key)
        cell.pointee = max(cell.pointee, UInt32(clamping: given.estimate))
        removeFromIndex(place)
        entries[place] = entry
        insertIntoIndex(place)
        return .replaced(place, given.estimate)
    }

    /// Puts an entry where its estimate belongs, in a heap that is right below it.
    func siftDown(from start: Int) {
        let place = heap[start]
        let entry = entries[Int(place)]
        var hole = start
        while true {
            var child = 2 * hole + 1
            guard child < entries.count else { break }
            if child + 1 < entries.count, isHeavier(child, floors[child + 1], heap[child + 1]) { child += 1 }
            let floor = floors[child]
            guard entry.estimate > floor || entry.estimate == floor && entry.key < entries[Int(heap[child])].key else {
                break
            }
            (heap[hole], floors[hole]) = (heap[child], floor)
            hole = child
        }
        (heap[hole], floors[hole]) = (place, entry.estimate)
    }

    /// Whether what is at a position comes after another, by their floors, then as `Entry.isHeavier` has it.
    private func isHeavier(_ position: Int, _ floor: UInt64, _ place: UInt16) -> Bool {
        floors[position] == floor
            ? entries[Int(heap[position])].key < entries[Int(place)].key : floors[position] > floor
    }
}

extension UInt64 {
    /// A weight never wraps: a sketch that has seen 2^64 milli-units stays at the top.
    func saturatingAdd(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
