public import AWSCore

/// One measurement of one metric at one time: a value, or a distribution of values.
public struct MetricDatum: Hashable, Sendable {
    /// What was measured.
    public enum Value: Hashable, Sendable {
        /// One value, counted once.
        case single(Double)
        /// Each value with how often it occurred: what percentiles need. Both arrays have the same length, from 1 to
        /// ``PutMetricDataLimits/maximumValues``; counts are above zero, so a value that did not occur is left out.
        case distribution(values: [Double], counts: [Double])
    }

    /// The metric's name.
    public var name: String
    /// The exact dimension set. Its order does not matter to CloudWatch.
    public var dimensions: [Dimension]
    /// When: the start of the period that was measured.
    public var timestamp: Timestamp
    /// The unit of the values.
    public var unit: MetricUnit
    /// What was measured.
    public var value: Value
    /// Seconds: 60 (the default), or 1 for a high-resolution metric, which periods below 60 s need.
    public var storageResolution: Int

    /// Describes a measurement. Nothing is checked here: ``problem(now:)`` and the encoder do.
    public init(
        name: String, dimensions: [Dimension], timestamp: Timestamp, unit: MetricUnit, value: Value,
        storageResolution: Int = 60
    ) {
        self.name = name
        self.dimensions = dimensions
        self.timestamp = timestamp
        self.unit = unit
        self.value = value
        self.storageResolution = storageResolution
    }

    /// How many measurements this stands for: CloudWatch's SampleCount.
    public var sampleCount: Double {
        switch value {
        case .single: 1
        case .distribution(_, let counts): counts.reduce(0, +)
        }
    }

    /// The sum of the measurements: CloudWatch's Sum.
    public var sum: Double {
        switch value {
        case .single(let value): value
        case .distribution(let values, let counts): zip(values, counts).reduce(0) { $0 + $1.0 * $1.1 }
        }
    }
}
