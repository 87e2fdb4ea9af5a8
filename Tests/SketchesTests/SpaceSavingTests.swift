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

    @Test func estimatesAddUpToTheWholeStream() {
        let (sketch, oracle) = run(keys: 3_000, exponent: 1.0, events: 10_000, capacity: 50, seed: 7)
        #expect(sketch.top(50).reduce(0) { $0 + $1.estimate } == oracle.total)
    }

    @Test func countsAreExactWhileThereIsRoom() {
        let (sketch, oracle) = run(keys: 100, exponent: 1.0, events: 3_000, capacity: 128, seed: 3)
        #expect(sketch.absentUpperBound == 0)
        for (key, weight) in oracle.weights {
            #expect(sketch.entry(for: key)?.estimate == weight)
            #expect(sketch.entry(for: key)?.error == 0)
        }
    }

    @Test(arguments: [16, 64, 128])
    func mergedBoundsHoldForBothStreams(capacity: Int) {
        for seed in UInt64(1)...5 {
            var oracle = Oracle()
            var merged = SpaceSaving(capacity: capacity)
            for part in 0..<6 {
                let (sketch, weights) = run(
                    keys: 1_000, exponent: 1.0, events: 1_500, capacity: capacity, seed: seed * 100 + UInt64(part))
                merged.merge(sketch)
                for (key, weight) in weights.weights { oracle.add(key, weight) }
            }
            #expect(oracle.violations(of: merged) == [], "capacity \(capacity), seed \(seed)")
            #expect(merged.totalWeight == oracle.total)
            #expect(merged.absentUpperBound <= oracle.total / UInt64(capacity))
        }
    }

    @Test func aMergedSketchGoesOnCounting() {
        for seed in UInt64(1)...5 {
            var (merged, oracle) = run(keys: 500, exponent: 1.0, events: 2_000, capacity: 32, seed: seed)
            let other = run(keys: 500, exponent: 0.5, events: 2_000, capacity: 16, seed: seed + 50)
            merged.merge(other.sketch)
            for (key, weight) in other.oracle.weights { oracle.add(key, weight) }
            var stream = ZipfStream(keys: 500, exponent: 1.0, seed: seed + 99)
            for _ in 0..<2_000 {
                let (key, weight) = stream.next()
                merged.add(key, weight: weight)
                oracle.add(key, weight)
            }
            #expect(oracle.violations(of: merged) == [], "seed \(seed)")
        }
    }

    @Test func anEmptySketchMergesWithoutEffect() {
        var (sketch, _) = run(keys: 300, exponent: 1.0, events: 2_000, capacity: 32, seed: 5)
        let before = sketch.top(32)
        sketch.merge(SpaceSaving(capacity: 32))
        #expect(sketch.top(32) == before)
    }

    @Test func mergingInEitherOrderListsTheSameKeys() {
        let left = run(keys: 400, exponent: 1.0, events: 2_000, capacity: 32, seed: 11).sketch
        let right = run(keys: 400, exponent: 1.5, events: 2_000, capacity: 32, seed: 12).sketch
        var first = left
        first.merge(right)
        var second = right
        second.merge(left)
        #expect(first.top(32) == second.top(32))
        #expect(first.absentUpperBound == second.absentUpperBound)
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

    @Test func equalEstimatesAreListedByKey() {
        var sketch = SpaceSaving(capacity: 4)
        for key in [4, 2, 3, 1] as [UInt64] { sketch.add(key, weight: 5) }
        #expect(sketch.top(3).map(\.key) == [1, 2, 3])
    }

    @Test func theGivenUpKeyIsTheLightest() {
        var sketch = SpaceSaving(capacity: 2)
        let heavy = sketch.add(100, weight: 10)
        let light = sketch.add(1, weight: 1)
        #expect(heavy.isNew && light.isNew)
        // The new key lies where the given-up one did.
        let new = sketch.add(7, weight: 3)
        #expect(new.isNew && new.place == light.place)
        let again = sketch.add(100, weight: 1)
        #expect(!again.isNew && again.place == heavy.place)
        #expect(sketch.entry(for: 1) == nil)
        #expect(sketch.entry(for: 7)?.estimate == 4)
        #expect(sketch.entry(for: 7)?.error == 1)
    }

    @Test func aKeyStaysAtItsPlaceUntilItIsGivenUp() {
        var stream = ZipfStream(keys: 3_000, exponent: 1.0, seed: 31)
        var sketch = SpaceSaving(capacity: 64)
        var owners: [Int: UInt64] = [:]
        for _ in 0..<20_000 {
            let (key, weight) = stream.next()
            let addition = sketch.add(key, weight: weight)
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
        var parts = [SpaceSaving(capacity: 128), SpaceSaving(capacity: 128), SpaceSaving(capacity: 128)]
        var oracle = Oracle()
        for number in 0..<15_000 {
            // Four keys of some 5% and more among 20,000 that never end.
            let draw = UInt64.random(in: 0..<1_000, using: &numbers)
            let key = draw < 260 ? draw / 65 : UInt64.random(in: 100..<20_100, using: &numbers)
            parts[number / 5_000].add(key, weight: 500)
            oracle.add(key, 500)
        }
        var merged = SpaceSaving(capacity: 128)
        for part in parts { merged.merge(part) }
        let total = oracle.total
        let heavy = oracle.weights.filter { $0.value * 20 >= total }
        #expect(heavy.count >= 4, "seed \(seed)")
        for (key, weight) in heavy {
            guard let entry = merged.entry(for: key) else {
                Issue.record("key \(key) is missing, seed \(seed)")
                continue
            }
            #expect((entry.estimate - weight) * 100 <= total, "key \(key), seed \(seed)")
        }
        #expect(oracle.violations(of: merged) == [])
    }

    @Test func aFullSketchOfTheUsualSizeTakesLessThanFiveKilobytes() {
        #expect(SpaceSaving.sizeInBytes(capacity: 128) <= 5_000)
    }

    @Test func weightStopsAtTheTopInsteadOfWrapping() {
        var sketch = SpaceSaving(capacity: 2)
        sketch.add(1, weight: .max)
        sketch.add(1, weight: .max)
        #expect(sketch.entry(for: 1)?.estimate == .max)
        #expect(sketch.totalWeight == .max)
    }

    /// What goes is the lightest, among equals the largest key, whatever was added, lost, merged or emptied before.
    @Test(arguments: [1, 2, 7, 64], UInt64(1)...4)
    func aPlainListGivesTheSameSketch(capacity: Int, seed: UInt64) {
        var stream = ZipfStream(keys: 3 * capacity + 2, exponent: 0.7, seed: seed)
        var sketch = SpaceSaving(capacity: capacity)
        var list: [(key: UInt64, estimate: UInt64, error: UInt64)] = []
        var bound: UInt64 = 0
        for step in 0..<3_000 {
            if step % 500 == 499 {
                sketch.absorb(lostWeight: 3)
                bound += 3
                for place in list.indices {
                    list[place].estimate += 3
                    list[place].error += 3
                }
            }
            if step == 1_500 {
                sketch.removeAll()
                (list, bound) = ([], 0)
            }
            let key = stream.next().key
            // Many equal weights, and none at all.
            let weight = UInt64(step % 4)
            let addition = sketch.add(key, weight: weight)
            if let place = list.firstIndex(where: { $0.key == key }) {
                list[place].estimate += weight
                #expect(!addition.isNew)
            } else if list.count < capacity {
                list.append((key, bound + weight, bound))
            } else if let place = list.indices.min(by: {
                (list[$0].estimate, ~list[$0].key) < (list[$1].estimate, ~list[$1].key)
            }) {
                bound = max(bound, list[place].estimate)
                list[place] = (key, bound + weight, bound)
                #expect(addition.isNew && addition.place == place)
            }
        }
        #expect(sketch.entries.map(\.key) == list.map(\.key))
        #expect(sketch.entries.map(\.estimate) == list.map(\.estimate))
        #expect(sketch.entries.map(\.error) == list.map(\.error))
        #expect(sketch.absentUpperBound == bound)
    }
}
