internal import CloudWatch
internal import JSONBytes

extension AlarmChanges {
    /// The plan as a program reads it. Names and shapes are stable:
    /// `{service, environment, dollars_per_month, summary: {create, update, unchanged, orphan, foreign}, changes: [{action,
    /// name, number, severity, composite, description, reason, fields: [{field, before, after}]}]}`.
    public func json() -> [UInt8] {
        var writer = JSONWriter(reserving: 64 << 10)
        writer.beginObject()
        writer.member("service", scope.service)
        writer.member("environment", scope.environment)
        writer.member("dollars_per_month", (AlarmPlan.dollarsPerMonth(desired) * 100).rounded() / 100)
        writer.key("summary")
        writer.beginObject()
        writer.member("create", created.count)
        writer.member("update", updated.count)
        writer.member("unchanged", unchanged.count)
        writer.member("orphan", orphans.count)
        writer.member("foreign", foreign.count)
        writer.endObject()
        writer.key("changes")
        writer.beginArray()
        for change in all { writer.write(change) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func write(_ change: AlarmChange) {
        beginObject()
        member("action", change.kind.word)
        member("name", change.name)
        if let desired = change.desired {
            member("number", desired.number)
            member("severity", desired.severity.rawValue)
            member("composite", desired.isComposite)
            member("description", desired.description)
        }
        switch change.kind {
        case .foreign(let reason): member("reason", reason)
        case .update(let fields):
            key("fields")
            beginArray()
            for field in fields {
                beginObject()
                member("field", field.field)
                member("before", field.before)
                member("after", field.after)
                endObject()
            }
            endArray()
        case .create, .unchanged, .orphan: break
        }
        endObject()
    }
}

extension AlarmChange.Kind {
    /// As the JSON names it.
    var word: String {
        switch self {
        case .create: "create"
        case .update: "update"
        case .unchanged: "unchanged"
        case .orphan: "orphan"
        case .foreign: "foreign"
        }
    }
}
