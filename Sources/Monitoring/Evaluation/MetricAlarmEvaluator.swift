public import CloudWatch

/// Judges a metric alarm as CloudWatch does: M of N, the four treatments of missing data, the evaluation range that is
/// longer than N, percentiles with few samples.
///
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html (in comments: MD)
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html (AL)
public struct MetricAlarmEvaluator: Sendable, Hashable {
    /// Compared with the threshold, data point first.
    public var comparison: ComparisonOperator
    /// The threshold.
    public var threshold: Double
    /// N.
    public var evaluationPeriods: Int
    /// M.
    public var datapointsToAlarm: Int
    /// What a missing data point counts as.
    public var missingData: MissingDataTreatment
    /// The percentile in percent, where the state is kept while samples are too few for it.
    public var percentileNeedingSamples: Double?

    /// Sets the rules up.
    ///
    /// - Parameters:
    ///   - missingData: nil where the alarm says nothing: `missing`, but `ignore` for a metric of `AWS/DynamoDB`. [MD]
    ///   - namespace: the metric's namespace.
    public init(
        comparison: ComparisonOperator, threshold: Double, evaluationPeriods: Int, datapointsToAlarm: Int? = nil,
        missingData: MissingDataTreatment? = nil, namespace: String? = nil, percentileNeedingSamples: Double? = nil
    ) {
        self.comparison = comparison
        self.threshold = threshold
        self.evaluationPeriods = max(1, evaluationPeriods)
        self.datapointsToAlarm = min(max(1, datapointsToAlarm ?? evaluationPeriods), max(1, evaluationPeriods))
        self.missingData = missingData ?? (namespace == DynamoDBMetric.namespace ? .ignore : .missing)
        self.percentileNeedingSamples = percentileNeedingSamples
    }

    /// The rules of an alarm.
    public init(_ alarm: MetricAlarm) {
        var percentile: Double?
        if alarm.ignoresLowSampleCounts, case .metric(let stat) = alarm.source, case .percentile(let p) = stat.statistic
        {
            percentile = p
        }
        self.init(
            comparison: alarm.comparison, threshold: alarm.threshold, evaluationPeriods: alarm.evaluationPeriods,
            datapointsToAlarm: alarm.datapointsToAlarm, missingData: alarm.missingData,
            percentileNeedingSamples: percentile)
    }

    /// How many periods CloudWatch looks at: more than N, so that late data and short gaps do not decide. The formula is
    /// unpublished; the one documented pair is N = 3 with 5 periods, from which N + 2 is taken. [MD]
    public var evaluationRange: Int { evaluationPeriods + 2 }

    /// Whether a data point breaches the threshold.
    public func isBreaching(_ value: Double) -> Bool {
        switch comparison {
        case .greaterOrEqual: value >= threshold
        case .greater: value > threshold
        case .less: value < threshold
        case .lessOrEqual: value <= threshold
        }
    }

    /// The alarm's next state.
    ///
    /// - Parameters:
    ///   - datapoints: oldest first, nil where missing; the newest ``evaluationRange`` of them are looked at.
    ///   - latestSampleCount: samples of the newest period, for a percentile; nil where not known.
    ///   - previous: the state until now.
    public func evaluate(
        _ datapoints: [Double?], latestSampleCount: Double? = nil, previous: AlarmState
    ) -> AlarmState {
        if let latestSampleCount, let percentile = percentileNeedingSamples,
            latestSampleCount < Self.samplesNeeded(forPercentile: percentile)
        {
            return previous
        }
        let range = datapoints.suffix(evaluationRange)
        let real = range.compactMap { $0 }
        if real.count >= evaluationPeriods {
            // Enough data: the newest N real points decide and the treatment of missing data is not used. [MD]
            let breaches = real.suffix(evaluationPeriods).count(where: isBreaching)
            return breaches >= datapointsToAlarm ? .alarm : .ok
        }
        return evaluateWithGaps(range, real: real, previous: previous)
    }

    /// Fewer than N real points: the treatment of missing data decides. [MD]
    private func evaluateWithGaps(_ range: ArraySlice<Double?>, real: [Double], previous: AlarmState) -> AlarmState {
        let breaches = real.count(where: isBreaching)
        let filled = evaluationPeriods - real.count
        switch missingData {
        case .breaching: return breaches + filled >= datapointsToAlarm ? .alarm : .ok
        case .notBreaching: return breaches >= datapointsToAlarm ? .alarm : .ok
        case .missing, .ignore: break
        }
        let kept = missingData == .ignore ? previous : .insufficientData
        guard let oldest = range.firstIndex(where: { $0 != nil }) else { return kept }
        if breaches >= datapointsToAlarm { return .alarm }
        if breaches < real.count { return .ok }
        // All real points breach, but too few of them: "premature". It becomes ALARM once the oldest is M periods old.
        let age = range.endIndex - oldest
        return age >= datapointsToAlarm && missingData == .missing ? .alarm : kept
    }

    /// Samples that a percentile needs to mean anything: 10/(1-p) from the median up, 10/p below it. [AL]
    public static func samplesNeeded(forPercentile percent: Double) -> Double {
        let tail = percent >= 50 ? 100 - percent : percent
        guard tail > 0 else { return .infinity }
        // 1,000 / (100 - 99.9) is a hair above 10,000 in binary.
        return (1_000 / tail - 1e-6).rounded(.up)
    }
}
