internal import JSONBytes

extension JSONWriter {
    mutating func write(_ alarm: MetricAlarm, tags: [String: String]) {
        member("AlarmName", alarm.name)
        member("AlarmDescription", alarm.description)
        write(alarm.actions)
        switch alarm.source {
        case .metric(let stat):
            member("Namespace", stat.namespace)
            member("MetricName", stat.metricName)
            write(dimensions: stat.dimensions)
            member(stat.statistic.isExtended ? "ExtendedStatistic" : "Statistic", stat.statistic.wireName)
            member("Period", stat.period)
        case .math(let queries):
            key("Metrics")
            beginArray()
            for query in queries { write(query) }
            endArray()
        }
        member("EvaluationPeriods", alarm.evaluationPeriods)
        member("DatapointsToAlarm", alarm.datapointsToAlarm)
        member("Threshold", alarm.threshold)
        member("ComparisonOperator", alarm.comparison.rawValue)
        member("TreatMissingData", alarm.missingData.rawValue)
        if alarm.ignoresLowSampleCounts { member("EvaluateLowSampleCountPercentile", "ignore") }
        write(tags: tags)
    }

    mutating func write(_ alarm: CompositeAlarm, tags: [String: String]) {
        member("AlarmName", alarm.name)
        member("AlarmDescription", alarm.description)
        member("AlarmRule", alarm.rule)
        write(alarm.actions)
        if let suppressor = alarm.suppressor {
            member("ActionsSuppressor", suppressor.alarm)
            member("ActionsSuppressorWaitPeriod", suppressor.waitPeriod)
            member("ActionsSuppressorExtensionPeriod", suppressor.extensionPeriod)
        }
        write(tags: tags)
    }

    private mutating func write(_ actions: AlarmActions) {
        member("ActionsEnabled", actions.enabled)
        write(strings: actions.onAlarm, as: "AlarmActions")
        write(strings: actions.onOK, as: "OKActions")
        write(strings: actions.onInsufficientData, as: "InsufficientDataActions")
    }

    private mutating func write(_ query: MetricQuery) {
        beginObject()
        member("Id", query.id)
        switch query.source {
        case .metric(let stat):
            key("MetricStat")
            beginObject()
            key("Metric")
            beginObject()
            member("Namespace", stat.namespace)
            member("MetricName", stat.metricName)
            write(dimensions: stat.dimensions)
            endObject()
            member("Period", stat.period)
            member("Stat", stat.statistic.wireName)
            endObject()
        case .expression(let expression): member("Expression", expression)
        }
        if let label = query.label { member("Label", label) }
        member("ReturnData", query.returnsData)
        endObject()
    }
}

extension MetricAlarm {
    /// What PutMetricAlarm sends, without tags: equal definitions give equal bytes.
    package var canonicalJSON: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.write(self, tags: [:])
        writer.endObject()
        return writer.bytes
    }
}

extension CompositeAlarm {
    /// What PutCompositeAlarm sends, without tags: equal definitions give equal bytes.
    package var canonicalJSON: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.write(self, tags: [:])
        writer.endObject()
        return writer.bytes
    }
}
