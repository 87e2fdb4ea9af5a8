public import AWSCore
internal import JSONBytes

/// One entry of an alarm's history.
public struct AlarmHistoryItem: Sendable, Hashable {
    /// The alarm.
    public var alarmName: String
    /// When.
    public var timestamp: Timestamp
    /// `ConfigurationUpdate`, `StateUpdate` or `Action`.
    public var kind: String
    /// CloudWatch's words: "Alarm updated from OK to ALARM".
    public var summary: String
    /// CloudWatch's JSON with the details.
    public var data: String
}

extension CloudWatchClient {
    /// Makes or replaces a metric alarm. Tags count only where the alarm is new: see ``tagResource(arn:tags:)``.
    public func putMetricAlarm(_ alarm: MetricAlarm, tags: [String: String] = [:]) async throws(AWSFailure) {
        _ = try await call(.putMetricAlarm) { $0.write(alarm, tags: tags) }
    }

    /// Makes or replaces a composite alarm, whose children are there already. Tags count only where it is new.
    public func putCompositeAlarm(_ alarm: CompositeAlarm, tags: [String: String] = [:]) async throws(AWSFailure) {
        _ = try await call(.putCompositeAlarm) { $0.write(alarm, tags: tags) }
    }

    /// Every alarm whose name starts so, metric and composite alike.
    public func describeAlarms(prefix: String) async throws(AWSFailure) -> [DescribedAlarm] {
        try await describeAlarms { writer in
            writer.member("AlarmNamePrefix", prefix)
        }
    }

    /// The alarms of those names that exist, asked for 100 at a time.
    public func describeAlarms(names: [String]) async throws(AWSFailure) -> [DescribedAlarm] {
        var found: [DescribedAlarm] = []
        var rest = names[...]
        while !rest.isEmpty {
            let chunk = Array(rest.prefix(AlarmLimits.maximumDescribedNames))
            rest = rest.dropFirst(AlarmLimits.maximumDescribedNames)
            found += try await describeAlarms { $0.write(strings: chunk, as: "AlarmNames") }
        }
        return found
    }

    private func describeAlarms(_ filter: (inout JSONWriter) -> Void) async throws(AWSFailure) -> [DescribedAlarm] {
        try await allPages(.describeAlarms) { writer in
            filter(&writer)
            // Without it only metric alarms come back.
            writer.write(strings: ["MetricAlarm", "CompositeAlarm"], as: "AlarmTypes")
            writer.member("MaxRecords", AlarmLimits.maximumDescribedNames)
        } read: { answer in
            (answer["MetricAlarms"]?.arrayValue ?? []).compactMap(DescribedAlarm.init(metricAlarm:))
                + (answer["CompositeAlarms"]?.arrayValue ?? []).compactMap(DescribedAlarm.init(compositeAlarm:))
        }
    }

    /// Deletes alarms, up to 100 metric alarms a call. A composite goes in a call of its own, as CloudWatch asks, and in
    /// the order given, so that a composite's parents must come before it.
    public func deleteAlarms(composites: [String], metricAlarms: [String]) async throws(AWSFailure) {
        for name in composites { try await deleteAlarms([name]) }
        var rest = metricAlarms[...]
        while !rest.isEmpty {
            try await deleteAlarms(Array(rest.prefix(AlarmLimits.maximumDeletedNames)))
            rest = rest.dropFirst(AlarmLimits.maximumDeletedNames)
        }
    }

    private func deleteAlarms(_ names: [String]) async throws(AWSFailure) {
        _ = try await call(.deleteAlarms) { $0.write(strings: names, as: "AlarmNames") }
    }

    /// The tags of an alarm or dashboard.
    public func listTagsForResource(arn: String) async throws(AWSFailure) -> [String: String] {
        try await call(.listTagsForResource) { $0.member("ResourceARN", arn) }.tags
    }

    /// Sets tags on an existing alarm or dashboard; others stay.
    public func tagResource(arn: String, tags: [String: String]) async throws(AWSFailure) {
        _ = try await call(.tagResource) { writer in
            writer.member("ResourceARN", arn)
            writer.write(tags: tags)
        }
    }

    /// What happened to an alarm, newest first.
    ///
    /// - Parameters:
    ///   - kind: only entries of that kind, such as `StateUpdate`.
    public func describeAlarmHistory(
        name: String, kind: String? = nil, from: Timestamp? = nil, to: Timestamp? = nil
    ) async throws(AWSFailure) -> [AlarmHistoryItem] {
        let items = try await allPages(.describeAlarmHistory) { writer in
            writer.member("AlarmName", name)
            writer.write(strings: ["MetricAlarm", "CompositeAlarm"], as: "AlarmTypes")
            if let kind { writer.member("HistoryItemType", kind) }
            if let from { writer.write(time: from, as: "StartDate") }
            if let to { writer.write(time: to, as: "EndDate") }
            writer.member("MaxRecords", 100)
        } read: { answer in
            (answer["AlarmHistoryItems"]?.arrayValue ?? []).compactMap { entry -> AlarmHistoryItem? in
                guard let timestamp = entry.time("Timestamp") else { return nil }
                return AlarmHistoryItem(
                    alarmName: entry["AlarmName"]?.stringValue ?? name, timestamp: timestamp,
                    kind: entry["HistoryItemType"]?.stringValue ?? "",
                    summary: entry["HistorySummary"]?.stringValue ?? "", data: entry["HistoryData"]?.stringValue ?? "")
            }
        }
        return items.sorted { $0.timestamp > $1.timestamp }
    }
}
