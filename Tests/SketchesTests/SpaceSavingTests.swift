import Sketches
import Testing

@Suite struct SpaceSavingTests {
    private func run(
        keys: Int, exponent: Double, events: Int, capacity: Int, seed: UInt64
    ) -> (sketch: SpaceSaving, oracle: Oracle) {
        var stream = ZipfStream(keys: keys, exponent: exponent, seed: seed)
        var sketch = SpaceSaving(capacity: capacity)
        var oracle = Oracle()
        for _ in 0..<events {
            let (key, weight) = stream.next()
            sketch.add(key, weight: weight)
            oracle.add(key, weight)
        }
        return (sketch, oracle)
    }

    @Test(arguments: [0.5, 1.0, 1.5, 2.0], [8, 64, 128])
    func trueWeightLiesBetweenTheBounds(exponent: Double, capacity: Int) {
        for seed in UInt64(1)...5 {
            let (sketch, oracle) = run(keys: 2_000, exponent: exponent, events: 5_000, capacity: capacity, seed: seed)
            #expect(oracle.violations(of: sketch) == [], "exponent \(exponent), capacity \(capacity), seed \(seed)")
            #expect(sketch.totalWeight == oracle.total)
            #expect(sketch.absentUpperBound <= oracle.total / UInt64(capacity))
        }
    }

    @Test func everyKeyAboveItsShareIsKept() {
        for seed in UInt64(1)...10 {
            let (sketch, oracle) = run(keys: 5_000, exponent: 1.0, events: 20_000, capacity: 100, seed: seed)
            let share = oracle.total / 100
            for (key, weight) in oracle.weights where weight > share {
                #expect(sketch.entry(for: key) != nil, "key \(key), seed \(seed)")
            }
        }
    }

    @Test func estimatesNeverAddUpToMoreThanTheStream() {
        let (sketch, oracle) = run(keys: 3_000, exponent: 1.0, events: 10_000, capacity: 50, seed: 7)
        #expect(sketch.top(50).reduce(0) { $0 + $1.estimate } <= oracle.total)
    }

    /// Keys that come once each, as most do under a table of many: what keeps them out is an addition to a cell.
    @Test func keysThatDoNotMatterTakeNoPlace() {
        var sketch = SpaceSaving(capacity: 128)
        var taken = 0
        for key in UInt64(1)...20_000 where sketch.add(key, weight: 500)?.isNew == true { taken += 1 }
        #expect(taken >= 128 && taken < 20_000 / 4, "\(taken)")
    }

    @Test func countsAreExactWhileThereIsRoom() {
        let (sketch, oracle) = run(keys: 100, exponent: 1.0, events: 3_000, capacity: 128, seed: 3)
        #expect(sketch.absentUpperBound == 0)
        for (key, weight) in oracle.weights {
            #expect(sketch.entry(for: key)?.estimate == weight)
            #expect(sketch.entry(for: key)?.error == 0)
        }
    }

    @Test func lostWeightWidensEveryBound() {
        var (sketch, oracle) = run(keys: 300, exponent: 1.0, events: 2_000, capacity: 32, seed: 13)
        // All of what is lost was one key's that nobody has seen.
        sketch.absorb(lostWeight: 70_000)
        oracle.add(9_999, 70_000)
        #expect(oracle.violations(of: sketch) == [])
        #expect(sketch.totalWeight == oracle.total)
    }

    @Test func theSameStreamGivesTheSameSketch() {
        let first = run(keys: 2_000, exponent: 0.5, events: 5_000, capacity: 40, seed: 21).sketch
        let second = run(keys: 2_000, exponent: 0.5, events: 5_000, capacity: 40, seed: 21).sketch
        #expect(first.top(40) == second.top(40))
    }

    @Test func anEmptiedSketchIsLikeANewOne() {
        var (used, _) = run(keys: 2_000, exponent: 1.0, events: 5_000, capacity: 64, seed: 1)
        used.removeAll()
        var new = SpaceSaving(capacity: 64)
        var stream = ZipfStream(keys: 2_000, exponent: 1.0, seed: 2)
        for _ in 0..<3_000 {
            let (key, weight) = stream.next()
            #expect(used.add(key, weight: weight) == new.add(key, weight: weight))
        }
        #expect(used.entries == new.entries)
        #expect(used.totalWeight == new.totalWeight && used.absentUpperBound == new.absentUpperBound)
    }

    @Test(arguments: [0, 1, 2, 7, 39, 40, 41, 1_000])
    func theHeaviestAreTheFirstOfAll(limit: Int) {
        let (sketch, _) = run(keys: 500, exponent: 0.6, events: 5_000, capacity: 40, seed: 5)
        let all = sketch.entries.sorted { $0.estimate == $1.estimate ? $0.key < $1.key : $0.estimate > $1.estimate }
        #expect(sketch.top(limit) == Array(all.prefix(limit)))
        #expect(sketch.top(-1).isEmpty)
    }

    @Test func equalEstimatesAreListedByKey() {
        var sketch = SpaceSaving(capacity: 4)
        for key in [4, 2, 3, 1] as [UInt64] { sketch.add(key, weight: 5) }
        #expect(sketch.top(3).map(\.key) == [1, 2, 3])
    }

    @Test func theGivenUpKeyIsTheLightest() {
        var sketch = SpaceSaving(capacity: 2)
        let heavy = sketch.add(100, weight: 10)
        let light = sketch.add(1, weight: 2)
        #expect(heavy?.isNew == true && light?.isNew == true)
        // No heavier than the lightest: it stays out, and what it weighs is kept in mind.
        let kept = sketch.add(7, weight: 2)
        #expect(kept == nil)
        #expect(sketch.absentUpperBound == 2 && sketch.totalWeight == 14)
        // The new key lies where the given-up one did.
        let new = sketch.add(7, weight: 3)
        #expect(new?.isNew == true && new?.place == light?.place)
        let again = sketch.add(100, weight: 1)
        #expect(again?.isNew == false && again?.place == heavy?.place)
        #expect(sketch.entry(for: 1) == nil)
        #expect(sketch.entry(for: 7)?.estimate == 5)
        #expect(sketch.entry(for: 7)?.error == 2)
    }

    @Test func aKeyStaysAtItsPlaceUntilItIsGivenUp() {
        var stream = ZipfStream(keys: 3_000, exponent: 1.0, seed: 31)
        var sketch = SpaceSaving(capacity: 64)
        var owners: [Int: UInt64] = [:]
        for _ in 0..<20_000 {
            let (key, weight) = stream.next()
            guard let addition = sketch.add(key, weight: weight) else { continue }
            if !addition.isNew { #expect(owners[addition.place] == key) }
            owners[addition.place] = key
        }
        for (place, entry) in sketch.entries.enumerated() {
            #expect(owners[place] == entry.key && sketch.place(of: entry.key) == place)
        }
    }

    /// Keys that all begin their search in the same slot: found, given up and found again as others are.
    @Test func keysThatMeetInTheIndexAreToldApart() {
        var sketch = SpaceSaving(capacity: 32)
        var oracle = Oracle()
        var numbers = Numbers(seed: 17)
        // Multiples of 2^50 differ in bits that the index does not look at, or by little in those it does.
        for _ in 0..<5_000 {
            let key = UInt64.random(in: 0..<200, using: &numbers) << 50
            sketch.add(key, weight: 3)
            oracle.add(key, 3)
        }
        #expect(oracle.violations(of: sketch) == [])
        for entry in sketch.entries { #expect(sketch.entry(for: entry.key) == entry) }
    }

    /// What is promised of hot keys: a key with 5% of the traffic is always found, to within 1% of the traffic.
    @Test(arguments: [UInt64](1...10))
    func everyKeyOfFivePercentIsFoundWithinOnePercent(seed: UInt64) {
        var numbers = Numbers(seed: seed)
        var sketch = SpaceSaving(capacity: 128)
        var oracle = Oracle()
        for _ in 0..<15_000 {
            // Four keys of some 5% and more among 20,000 that never end.
            let draw = UInt64.random(in: 0..<1_000, using: &numbers)
            let key = draw < 260 ? draw / 65 : UInt64.random(in: 100..<20_100, using: &numbers)
            sketch.add(key, weight: 500)
            oracle.add(key, 500)
        }
        let total = oracle.total
        let heavy = oracle.weights.filter { $0.value * 20 >= total }
        #expect(heavy.count >= 4, "seed \(seed)")
        for (key, weight) in heavy {
            guard let entry = sketch.entry(for: key) else {
                Issue.record("key \(key) is missing, seed \(seed)")
                continue
            }
            #expect((entry.estimate - weight) * 100 <= total, "key \(key), seed \(seed)")
        }
        #expect(oracle.violations(of: sketch) == [])
    }

    @Test func aFullSketchOfTheUsualSizeTakesSevenKilobytes() {
        #expect(SpaceSaving.sizeInBytes(capacity: 128) <= 7_000)
    }

    @Test func weightStopsAtTheTopInsteadOfWrapping() {
        var sketch = SpaceSaving(capacity: 2)
        sketch.add(1, weight: .max)
        sketch.add(1, weight: .max)
        #expect(sketch.entry(for: 1)?.estimate == .max)
        #expect(sketch.totalWeight == .max)
    }

    /// A cell has 32 bits: what lies beyond is bounded by the heaviest key that is not kept.
    @Test func boundsHoldBeyondWhatACellCanHold() {
        for seed in UInt64(1)...3 {
            var stream = ZipfStream(keys: 500, exponent: 0.5, seed: seed)
            var sketch = SpaceSaving(capacity: 8)
            var oracle = Oracle()
            for _ in 0..<3_000 {
                let (key, weight) = stream.next()
                sketch.add(key, weight: weight * 1_000_000)
                oracle.add(key, weight * 1_000_000)
            }
            #expect(oracle.violations(of: sketch) == [], "seed \(seed)")
            #expect(sketch.absentUpperBound > UInt64(UInt32.max))
            #expect(sketch.absentUpperBound <= oracle.total / 8)
        }
    }

    /// What goes is the lightest, among equals the largest key, and what stays out is in its cell, whatever was added, lost
    /// or emptied before.
    @Test(arguments: [1, 2, 7, 64], UInt64(1)...4)
    func aPlainListGivesTheSameSketch(capacity: Int, seed: UInt64) {
        var stream = ZipfStream(keys: 3 * capacity + 2, exponent: 0.7, seed: seed)
        var sketch = SpaceSaving(capacity: capacity)
        var list = PlainList(capacity: capacity)
        for step in 0..<3_000 {
            if step % 500 == 499 {
                sketch.absorb(lostWeight: 3)
                list.absorb(3)
            }
            if step == 1_500 {
                sketch.removeAll()
                list = PlainList(capacity: capacity)
            }
            let key = stream.next().key
            // Many equal weights, and none at all.
            let weight = UInt64(step % 4)
            #expect(sketch.add(key, weight: weight) == list.add(key, weight))
        }
        #expect(sketch.entries.map(\.key) == list.entries.map(\.key))
        #expect(sketch.entries.map(\.estimate) == list.entries.map(\.estimate))
        #expect(sketch.entries.map(\.error) == list.entries.map(\.error))
        #expect(sketch.absentUpperBound == list.bound)
    }
}

/// The same sketch without a heap or an index.
private struct PlainList {
    let capacity: Int
    var entries: [(key: UInt64, estimate: UInt64, error: UInt64)] = []
    private var cells: [UInt64]
    var bound: UInt64 { cells.max() ?? 0 }

    init(capacity: Int) {
        self.capacity = capacity
        var size = 2
        while size < 2 * capacity { size *= 2 }
        cells = [UInt64](repeating: 0, count: 2 * size)
    }

    private func cell(of key: UInt64) -> Int {
        Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 40) & (cells.count - 1)
    }

    mutating func absorb(_ weight: UInt64) {
        for place in entries.indices {
            entries[place].estimate += weight
            entries[place].error += weight
        }
        for cell in cells.indices { cells[cell] += weight }
    }

    mutating func add(_ key: UInt64, _ weight: UInt64) -> SpaceSaving.Addition? {
        if let place = entries.firstIndex(where: { $0.key == key }) {
            entries[place].estimate += weight
            return SpaceSaving.Addition(place: place, isNew: false)
        }
        let error = cells[cell(of: key)]
        guard entries.count == capacity else {
            entries.append((key, error + weight, error))
            return SpaceSaving.Addition(place: entries.count - 1, isNew: true)
        }
        guard
            let place = entries.indices.min(by: {
                (entries[$0].estimate, ~entries[$0].key) < (entries[$1].estimate, ~entries[$1].key)
            }), entries[place].estimate < error + weight
        else {
            cells[cell(of: key)] += weight
            return nil
        }
        let given = entries[place]
        cells[cell(of: given.key)] = max(cells[cell(of: given.key)], given.estimate)
        entries[place] = (key, error + weight, error)
        return SpaceSaving.Addition(place: place, isNew: true)
    }
}
