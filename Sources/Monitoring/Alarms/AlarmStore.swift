public import AWSCore
public import CloudWatch

/// Where alarms are kept: CloudWatch, or a fake of it.
public protocol AlarmStore: Sendable {
    /// Whether everything that is put is given back. Local servers drop metric math.
    var keepsEverything: Bool { get }
    /// Every alarm whose name starts so, with its tags.
    func alarms(namePrefix: String) async throws(AWSFailure) -> [ActualAlarm]
    /// Makes or replaces an alarm; tags count only where it is new.
    func put(_ alarm: DesiredAlarm) async throws(AWSFailure)
    /// Sets tags on an alarm that is there.
    func tag(arn: String, tags: [String: String]) async throws(AWSFailure)
    /// Deletes alarms: the composites first, one by one in that order, then the metric alarms.
    func delete(composites: [String], metricAlarms: [String]) async throws(AWSFailure)
}

/// CloudWatch as the store of alarms.
public struct CloudWatchAlarmStore: AlarmStore {
    private let client: CloudWatchClient

    /// AWS itself gives back everything; another endpoint is taken for a local server that does not.
    public let keepsEverything: Bool

    /// Keeps alarms through that client.
    public init(_ client: CloudWatchClient) {
        self.client = client
        keepsEverything = client.isAWS
    }

    /// Every alarm whose name starts so, with its tags: one call a page and one an alarm.
    public func alarms(namePrefix: String) async throws(AWSFailure) -> [ActualAlarm] {
        var alarms: [ActualAlarm] = []
        for described in try await client.describeAlarms(prefix: namePrefix) {
            alarms.append(ActualAlarm(described, tags: try await client.listTagsForResource(arn: described.arn)))
        }
        return alarms
    }

    /// Makes or replaces an alarm.
    public func put(_ alarm: DesiredAlarm) async throws(AWSFailure) {
        switch alarm.definition {
        case .metric(let metric): try await client.putMetricAlarm(metric, tags: alarm.tags)
        case .composite(let composite): try await client.putCompositeAlarm(composite, tags: alarm.tags)
        }
    }

    /// Sets tags on an alarm that is there.
    public func tag(arn: String, tags: [String: String]) async throws(AWSFailure) {
        try await client.tagResource(arn: arn, tags: tags)
    }

    /// Deletes alarms.
    public func delete(composites: [String], metricAlarms: [String]) async throws(AWSFailure) {
        try await client.deleteAlarms(composites: composites, metricAlarms: metricAlarms)
    }
}
