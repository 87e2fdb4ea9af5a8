public import AWSCore

/// Why CloudWatch would refuse a datum, and with it the whole request that carries it.
public enum MetricDatumProblem: Error, Hashable, Sendable, CustomStringConvertible {
    case namespace(String)
    case name(String)
    case tooManyDimensions(metric: String, count: Int)
    case dimensionName(metric: String, name: String)
    case dimensionValue(metric: String, name: String)
    case repeatedDimension(metric: String, name: String)
    case noValues(metric: String)
    case tooManyValues(metric: String, count: Int)
    case unpairedCounts(metric: String, values: Int, counts: Int)
    case notFinite(metric: String)
    case tooLarge(metric: String)
    case count(metric: String)
    case tooOld(metric: String)
    case tooFarAhead(metric: String)
    case storageResolution(metric: String, seconds: Int)

    /// One sentence: which metric, and what is wrong with it.
    public var description: String {
        switch self {
        case .namespace(let text):
            "The namespace \"\(text)\" is not 1 to 255 printable ASCII characters that start with neither \":\" nor \"AWS/\"."
        case .name(let text): "The metric name \"\(text)\" is not 1 to 255 printable ASCII characters."
        case .tooManyDimensions(let metric, let count): "\(metric) has \(count) dimensions; 30 is the most."
        case .dimensionName(let metric, let name):
            "\(metric)'s dimension \"\(name)\" has a name that is not 1 to 255 printable ASCII characters without a leading \":\"."
        case .dimensionValue(let metric, let name):
            "\(metric)'s dimension \"\(name)\" has a value that is not 1 to 1,024 printable ASCII characters, not all blank."
        case .repeatedDimension(let metric, let name): "\(metric) has the dimension \"\(name)\" twice."
        case .noValues(let metric): "\(metric)'s distribution is empty."
        case .tooManyValues(let metric, let count): "\(metric)'s distribution has \(count) values; 150 is the most."
        case .unpairedCounts(let metric, let values, let counts): "\(metric) has \(values) values but \(counts) counts."
        case .notFinite(let metric): "\(metric) has a value or count that is NaN or infinite."
        case .tooLarge(let metric): "\(metric) has a value beyond 2^360."
        case .count(let metric): "\(metric) has a count that is not above zero."
        case .tooOld(let metric): "\(metric)'s time stamp lies more than 14 days back."
        case .tooFarAhead(let metric): "\(metric)'s time stamp lies more than 2 hours ahead."
        case .storageResolution(let metric, let seconds):
            "\(metric)'s storage resolution is \(seconds) s; it is 1 or 60."
        }
    }
}

extension MetricDatum {
    /// Why CloudWatch would refuse this datum, or nil when it would take it.
    ///
    /// - Parameter now: with it, the time stamp's window is checked too.
    public func problem(now: Timestamp? = nil) -> MetricDatumProblem? {
        guard ASCIIText.isPrintable(name, maximum: PutMetricDataLimits.maximumMetricNameLength) else {
            return .name(name)
        }
        if storageResolution != 1, storageResolution != 60 {
            return .storageResolution(metric: name, seconds: storageResolution)
        }
        return dimensionProblem ?? valueProblem ?? now.flatMap(timeProblem)
    }

    private var dimensionProblem: MetricDatumProblem? {
        if dimensions.count > PutMetricDataLimits.maximumDimensions {
            return .tooManyDimensions(metric: name, count: dimensions.count)
        }
        for (index, dimension) in dimensions.enumerated() {
            guard
                ASCIIText.isPrintable(dimension.name, maximum: PutMetricDataLimits.maximumDimensionNameLength),
                !dimension.name.utf8.starts(with: ":".utf8)
            else { return .dimensionName(metric: name, name: dimension.name) }
            guard ASCIIText.isPrintable(dimension.value, maximum: PutMetricDataLimits.maximumDimensionValueLength)
            else {
                return .dimensionValue(metric: name, name: dimension.name)
            }
            if dimensions[..<index].contains(where: { $0.name == dimension.name }) {
                return .repeatedDimension(metric: name, name: dimension.name)
            }
        }
        return nil
    }

    private var valueProblem: MetricDatumProblem? {
        switch value {
        case .single(let value): return magnitudeProblem(of: value)
        case .distribution(let values, let counts):
            if values.isEmpty { return .noValues(metric: name) }
            if values.count > PutMetricDataLimits.maximumValues {
                return .tooManyValues(metric: name, count: values.count)
            }
            if values.count != counts.count {
                return .unpairedCounts(metric: name, values: values.count, counts: counts.count)
            }
            for (value, count) in zip(values, counts) {
                if let problem = magnitudeProblem(of: value) ?? magnitudeProblem(of: count) { return problem }
                if count <= 0 { return .count(metric: name) }
            }
            return nil
        }
    }

    private func magnitudeProblem(of value: Double) -> MetricDatumProblem? {
        if !value.isFinite { return .notFinite(metric: name) }
        return value.magnitude > PutMetricDataLimits.maximumMagnitude ? .tooLarge(metric: name) : nil
    }

    private func timeProblem(now: Timestamp) -> MetricDatumProblem? {
        let age = Duration.nanoseconds(now.nanosecondsSince1970 - timestamp.nanosecondsSince1970)
        if age > PutMetricDataLimits.maximumAge { return .tooOld(metric: name) }
        return age < .zero - PutMetricDataLimits.maximumLead ? .tooFarAhead(metric: name) : nil
    }
}

/// What CloudWatch asks of names and dimension values.
package enum ASCIIText {
    /// Whether a text has 1 to `maximum` printable ASCII characters, at least one of them not blank.
    package static func isPrintable(_ text: String, maximum: Int) -> Bool {
        var length = 0
        var onlyBlanks = true
        for byte in text.utf8 {
            guard (0x20...0x7E).contains(byte) else { return false }
            if byte != 0x20 { onlyBlanks = false }
            length += 1
        }
        return !onlyBlanks && length <= maximum
    }

    /// Whether a text may be the namespace of a custom metric.
    package static func isNamespace(_ text: String) -> Bool {
        isPrintable(text, maximum: PutMetricDataLimits.maximumNamespaceLength)
            && !text.utf8.starts(with: ":".utf8) && !text.utf8.starts(with: "AWS/".utf8)
    }
}
