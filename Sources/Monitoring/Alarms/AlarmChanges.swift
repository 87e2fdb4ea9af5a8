public import CloudWatch

/// An alarm as it is in CloudWatch, with its tags.
public struct ActualAlarm: Sendable, Hashable {
    /// What CloudWatch describes.
    public var described: DescribedAlarm
    /// Its tags.
    public var tags: [String: String]

    /// Pairs an alarm with its tags.
    public init(_ described: DescribedAlarm, tags: [String: String]) {
        self.described = described
        self.tags = tags
    }
}

/// One field in which an alarm differs from what is wanted.
public struct FieldChange: Sendable, Hashable {
    /// The field, as people call it: "threshold".
    public var field: String
    /// What CloudWatch has.
    public var before: String
    /// What is wanted.
    public var after: String

    /// A difference in one field.
    public init(field: String, before: String, after: String) {
        self.field = field
        self.before = before
        self.after = after
    }
}

/// What has to happen to one alarm.
public struct AlarmChange: Sendable, Hashable {
    /// What has to happen.
    public enum Kind: Sendable, Hashable {
        /// It is not there.
        case create
        /// It differs in these fields.
        case update([FieldChange])
        /// It is as it should be.
        case unchanged
        /// It is ours, and nothing wants it any more.
        case orphan
        /// An alarm of that name is there that is not ours: it is left alone, and nothing is applied.
        case foreign(reason: String)
    }

    /// What has to happen.
    public var kind: Kind
    /// The alarm's name.
    public var name: String
    /// What is wanted; nil for an orphan.
    public var desired: DesiredAlarm?
    /// What is there; nil for a new alarm.
    public var actual: ActualAlarm?
}

/// The difference between what is wanted and what is there.
public struct AlarmChanges: Sendable, Hashable {
    /// The deployment.
    public var scope: MonitoringScope
    /// One for each alarm wanted, in their order, then the orphans by name.
    public var all: [AlarmChange]

    /// The alarms to be made.
    public var created: [AlarmChange] { all.filter { $0.kind == .create } }
    /// The alarms to be changed.
    public var updated: [AlarmChange] {
        all.filter { if case .update = $0.kind { true } else { false } }
    }
    /// The alarms that are as they should be.
    public var unchanged: [AlarmChange] { all.filter { $0.kind == .unchanged } }
    /// The alarms of ours that nothing wants any more.
    public var orphans: [AlarmChange] { all.filter { $0.kind == .orphan } }
    /// The names that somebody else's alarms have.
    public var foreign: [AlarmChange] {
        all.filter { if case .foreign = $0.kind { true } else { false } }
    }
    /// Whether applying would change nothing; orphans count only where they are to be deleted.
    public func isEmpty(deletingOrphans: Bool) -> Bool {
        created.isEmpty && updated.isEmpty && foreign.isEmpty && (orphans.isEmpty || !deletingOrphans)
    }
    /// What is wanted, in order.
    public var desired: [DesiredAlarm] { all.compactMap(\.desired) }
}

extension AlarmPlan {
    /// What has to change.
    ///
    /// - Parameters:
    ///   - desired: from ``desired(capacity:policy:scope:contract:)``.
    ///   - actual: every alarm whose name starts with ``namePrefix(of:)``, with its tags.
    ///   - scope: the deployment: other deployments' alarms are not ours.
    ///   - keepsEverything: false for a server that does not give back all that was put (local servers drop metric math):
    ///     then an alarm of ours with the same fingerprint counts as unchanged in what the server does not show.
    public static func diff(
        desired: [DesiredAlarm], actual: [ActualAlarm], scope: MonitoringScope, keepsEverything: Bool = true
    ) -> AlarmChanges {
        let byName = Dictionary(actual.map { ($0.described.name, $0) }, uniquingKeysWith: { first, _ in first })
        let wanted = Set(desired.map(\.name))
        var all = desired.map { alarm -> AlarmChange in
            guard let existing = byName[alarm.name] else {
                return AlarmChange(kind: .create, name: alarm.name, desired: alarm, actual: nil)
            }
            let kind = kind(of: alarm, existing, scope: scope, keepsEverything: keepsEverything)
            return AlarmChange(kind: kind, name: alarm.name, desired: alarm, actual: existing)
        }
        let orphans = actual.filter { !wanted.contains($0.described.name) && AlarmTag.belongs($0.tags, to: scope) }
        all += orphans.sorted { $0.described.name < $1.described.name }.map {
            AlarmChange(kind: .orphan, name: $0.described.name, desired: nil, actual: $0)
        }
        return AlarmChanges(scope: scope, all: all)
    }

    private static func kind(
        of desired: DesiredAlarm, _ actual: ActualAlarm, scope: MonitoringScope, keepsEverything: Bool
    ) -> AlarmChange.Kind {
        guard AlarmTag.belongs(actual.tags, to: scope) else {
            let reason =
                actual.tags[AlarmTag.managedBy] == AlarmTag.manager
                ? "it belongs to another deployment (\(actual.tags[AlarmTag.service] ?? "?") in "
                    + "\(actual.tags[AlarmTag.environment] ?? "?"))"
                : "it does not carry the tag \(AlarmTag.managedBy)=\(AlarmTag.manager)"
            return .foreign(reason: reason)
        }
        let comparison = AlarmComparison(
            isLenient: !keepsEverything && actual.tags[AlarmTag.definition] == desired.tags[AlarmTag.definition])
        var fields: [FieldChange]
        switch (desired.definition, actual.described.definition) {
        case (.metric(let wanted), .metric(let found)): fields = comparison.fields(wanted, found)
        case (.composite(let wanted), .composite(let found)): fields = comparison.fields(wanted, found)
        case (.metric, .unreadable(let reason)):
            fields = comparison.isLenient ? [] : [FieldChange(field: "metric", before: reason, after: "as planned")]
        case (.metric, .composite):
            return .foreign(reason: "it is a composite alarm, and a metric alarm is wanted: delete it first")
        case (.composite, _):
            return .foreign(reason: "it is a metric alarm, and a composite is wanted: delete it first")
        }
        for (key, value) in desired.tags.sorted(by: { $0.key < $1.key }) where actual.tags[key] != value {
            fields.append(FieldChange(field: "tag \(key)", before: actual.tags[key] ?? "none", after: value))
        }
        return fields.isEmpty ? .unchanged : .update(fields)
    }
}
