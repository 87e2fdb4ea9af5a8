public import AWSCore
public import CloudWatch

/// What is known of one metric from some time on: one datum as it was published, or one period as it was read back.
public struct SeriesPoint: Sendable, Hashable {
    /// When: for a period, its start.
    public var timestamp: Timestamp
    /// The statistics, mergeable with others of the same period.
    public var statistics: SeriesStatistics

    /// A point with known statistics.
    public init(timestamp: Timestamp, statistics: SeriesStatistics) {
        self.timestamp = timestamp
        self.statistics = statistics
    }

    /// A point of one value.
    public init(timestamp: Timestamp, value: Double) {
        self.init(timestamp: timestamp, statistics: SeriesStatistics(values: [(value, 1)]))
    }

    /// A point as it was published.
    public init(_ datum: MetricDatum) {
        switch datum.value {
        case .single(let value): self.init(timestamp: datum.timestamp, value: value)
        case .distribution(let values, let counts):
            self.init(timestamp: datum.timestamp, statistics: SeriesStatistics(values: Array(zip(values, counts))))
        }
    }

    /// A period as GetMetricStatistics gave it: what was not asked for is missing.
    public init(_ datapoint: StatisticDatapoint) {
        var statistics = SeriesStatistics(values: [])
        let count = datapoint[.sampleCount]
        statistics.sampleCount = count ?? 1
        statistics.sum = datapoint[.sum] ?? datapoint[.average].map { $0 * (count ?? 1) } ?? 0
        statistics.minimum = datapoint[.minimum] ?? .infinity
        statistics.maximum = datapoint[.maximum] ?? -.infinity
        statistics.given = datapoint.values
        self.init(timestamp: datapoint.timestamp, statistics: statistics)
    }
}

/// The statistics of a metric over a time.
public struct SeriesStatistics: Sendable, Hashable {
    /// How many measurements.
    public var sampleCount = 0.0
    /// Their sum.
    public var sum = 0.0
    /// The smallest.
    public var minimum = Double.infinity
    /// The largest.
    public var maximum = -Double.infinity
    /// How often each value occurred, where that is known.
    public private(set) var counts: [Double: Double] = [:]
    /// Statistics as they were read back, by wire name: for what cannot be computed from the rest.
    var given: [String: Double] = [:]

    /// The statistics of values with their counts.
    public init(values: [(value: Double, count: Double)]) {
        for (value, count) in values where count > 0 {
            sampleCount += count
            sum += value * count
            minimum = min(minimum, value)
            maximum = max(maximum, value)
            counts[value, default: 0] += count
        }
    }

    /// Adds the measurements of another time. Percentiles that were read back do not survive: they cannot be merged.
    public mutating func merge(_ other: SeriesStatistics) {
        sampleCount += other.sampleCount
        sum += other.sum
        minimum = min(minimum, other.minimum)
        maximum = max(maximum, other.maximum)
        counts.merge(other.counts, uniquingKeysWith: +)
        given = [:]
    }

    /// A statistic's value; nil where there is no data, or not the data for it. A percentile is the smallest value that at
    /// least so much of the counts lies at or below; CloudWatch interpolates in a way that it does not publish.
    public func value(of statistic: Statistic) -> Double? {
        guard sampleCount > 0 else { return nil }
        switch statistic {
        case .sampleCount: return sampleCount
        case .sum: return sum
        case .average: return sum / sampleCount
        case .minimum: return minimum.isFinite ? minimum : nil
        case .maximum: return maximum.isFinite ? maximum : nil
        case .percentile(let percent):
            if let known = given[statistic.wireName] { return known }
            let rank = percent / 100 * sampleCount
            var seen = 0.0
            for (value, count) in counts.sorted(by: { $0.key < $1.key }) {
                seen += count
                if seen >= rank { return value }
            }
            return nil
        case .other: return given[statistic.wireName]
        }
    }
}
