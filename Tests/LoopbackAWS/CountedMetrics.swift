/// One datum as the server read it.
public struct ReceivedDatum: Hashable, Sendable {
    /// The metric's name.
    public var name: String
    /// The dimension set.
    public var dimensions: [String: String]
    /// Seconds since 1970, down to the storage resolution.
    public var second: Int64
    /// 1 or 60.
    public var resolution: Int
    /// The values, each with how often it occurred; empty for a statistic set.
    public var values: [WeightedValue]
    /// Count, sum, minimum and maximum.
    public var statistics: Statistics
    /// The unit.
    public var unit: String
}

/// A value and how often it occurred.
public struct WeightedValue: Hashable, Sendable {
    /// The value.
    public var value: Double
    /// How often.
    public var count: Double
}

/// What CloudWatch keeps of a metric's period.
public struct Statistics: Hashable, Sendable {
    /// SampleCount.
    public var sampleCount: Double
    /// Sum.
    public var sum: Double
    /// Minimum.
    public var minimum: Double
    /// Maximum.
    public var maximum: Double

    mutating func add(_ other: Statistics) {
        sampleCount += other.sampleCount
        sum += other.sum
        minimum = min(minimum, other.minimum)
        maximum = max(maximum, other.maximum)
    }
}

/// What was counted, by metric, dimension set and time stamp.
public struct CountedMetrics: Sendable {
    /// One metric's period.
    public struct Key: Hashable, Sendable {
        /// The metric's name.
        public var name: String
        /// The dimension set.
        public var dimensions: [String: String]
        /// Seconds since 1970.
        public var second: Int64
    }

    /// What is known of a period.
    public struct Entry: Sendable {
        /// Count, sum, minimum and maximum.
        public var statistics: Statistics
        /// The values that came with their counts.
        public var values: [Double: Double]

        /// The value at the nearest rank below which `percent` of the samples lie; nil without values.
        public func percentile(_ percent: Double) -> Double? {
            let total = values.values.reduce(0, +)
            let rank = (percent / 100 * total).rounded(.up)
            var seen = 0.0
            for (value, count) in values.sorted(by: { $0.key < $1.key }) {
                seen += count
                if seen >= rank { return value }
            }
            return nil
        }
    }

    /// By metric and period.
    public private(set) var entries: [Key: Entry] = [:]

    mutating func add(_ datum: ReceivedDatum) {
        let key = Key(name: datum.name, dimensions: datum.dimensions, second: datum.second)
        var values: [Double: Double] = [:]
        for pair in datum.values { values[pair.value, default: 0] += pair.count }
        guard var entry = entries[key] else {
            entries[key] = Entry(statistics: datum.statistics, values: values)
            return
        }
        entry.statistics.add(datum.statistics)
        entry.values.merge(values, uniquingKeysWith: +)
        entries[key] = entry
    }

    /// The sum of a metric over all periods and dimension sets.
    public func sum(_ name: String) -> Double {
        entries.reduce(0) { $1.key.name == name ? $0 + $1.value.statistics.sum : $0 }
    }

    /// The periods of a metric with exactly these dimensions, by time stamp.
    public func periods(_ name: String, _ dimensions: [String: String]) -> [Int64: Entry] {
        var found: [Int64: Entry] = [:]
        for (key, entry) in entries where key.name == name && key.dimensions == dimensions {
            found[key.second] = entry
        }
        return found
    }
}
