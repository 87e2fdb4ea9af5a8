public import AWSCore
internal import CloudWatch

/// Carries plans out, and nothing that a plan did not show.
public struct AlarmApplier: Sendable {
    /// One thing that was done.
    public enum Step: Sendable, Hashable {
        case created(String)
        case updated(String)
        case tagged(String)
        case deleted(String)
    }

    private let store: any AlarmStore

    /// Works on that store.
    public init(store: any AlarmStore) {
        self.store = store
    }

    /// What has to change so that the deployment has these alarms.
    public func plan(desired: [DesiredAlarm], scope: MonitoringScope) async throws(AWSFailure) -> AlarmChanges {
        AlarmPlan.diff(
            desired: desired, actual: try await store.alarms(namePrefix: AlarmPlan.namePrefix(of: scope)), scope: scope,
            keepsEverything: store.keepsEverything)
    }

    /// Carries a plan out: metric alarms, then composites each after its children, then orphans if they are to go.
    /// Planned again afterwards, nothing is left to do; so a run that failed half-way is simply run again.
    ///
    /// - Parameters:
    ///   - deletingOrphans: whether alarms of ours that nothing wants are deleted. Default false: they are only listed.
    ///   - onStep: told of each thing done.
    /// - Throws: ``AlarmApplyError/refused(_:)`` before anything is done where a name is somebody else's.
    public func apply(
        _ changes: AlarmChanges, deletingOrphans: Bool = false, onStep: (Step) -> Void = { _ in }
    ) async throws(AlarmApplyError) {
        guard changes.foreign.isEmpty else { throw .refused(changes.foreign) }
        for change in Self.putOrder(changes) {
            guard let desired = change.desired else { continue }
            do {
                try await put(desired, change, onStep: onStep)
            } catch {
                throw .failed(error, alarm: change.name)
            }
        }
        if deletingOrphans { try await delete(changes.orphans.compactMap(\.actual), onStep: onStep) }
    }

    /// Every alarm that carries the deployment's tags: what ``destroy(_:onStep:)`` deletes.
    public func owned(scope: MonitoringScope) async throws(AWSFailure) -> [ActualAlarm] {
        try await store.alarms(namePrefix: AlarmPlan.namePrefix(of: scope)).filter {
            AlarmTag.belongs($0.tags, to: scope)
        }
    }

    /// Deletes the alarms given, composites first; those without our tag are passed over.
    public func destroy(
        _ alarms: [ActualAlarm], onStep: (Step) -> Void = { _ in }
    ) async throws(AlarmApplyError) {
        try await delete(alarms.filter { $0.tags[AlarmTag.managedBy] == AlarmTag.manager }, onStep: onStep)
    }

    // MARK: Steps

    private func put(
        _ desired: DesiredAlarm, _ change: AlarmChange, onStep: (Step) -> Void
    ) async throws(AWSFailure) {
        guard case .update(let fields) = change.kind else {
            try await store.put(desired)
            return onStep(.created(desired.name))
        }
        if fields.contains(where: { !$0.field.hasPrefix("tag ") }) {
            try await store.put(desired)
            onStep(.updated(desired.name))
        }
        // PutMetricAlarm ignores tags on an alarm that is there. Last, so that the fingerprint vouches for what was put.
        if let arn = change.actual?.described.arn, fields.contains(where: { $0.field.hasPrefix("tag ") }) {
            try await store.tag(arn: arn, tags: desired.tags)
            onStep(.tagged(desired.name))
        }
    }

    private func delete(_ alarms: [ActualAlarm], onStep: (Step) -> Void) async throws(AlarmApplyError) {
        let (composites, metrics) = Self.deleteOrder(alarms)
        do {
            try await store.delete(composites: composites, metricAlarms: metrics)
        } catch {
            throw .failed(error, alarm: (composites + metrics).first ?? "")
        }
        for name in composites + metrics { onStep(.deleted(name)) }
    }

    static func putOrder(_ changes: AlarmChanges) -> [AlarmChange] {
        let due = changes.created + changes.updated
        let metrics = due.filter { $0.desired?.isComposite == false }
        var composites: [String: AlarmChange] = [:]
        var rules: [String: CompositeRule] = [:]
        for change in due {
            guard case .composite(let alarm) = change.desired?.definition else { continue }
            composites[alarm.name] = change
            rules[alarm.name] = try? CompositeRule(alarm.rule)
        }
        let order = CompositeRule.evaluationOrder(of: rules) ?? []
        let unordered = composites.keys.filter { !order.contains($0) }.sorted()
        return metrics + (order + unordered).compactMap { composites[$0] }
    }

    /// A composite that another one names cannot go before it: parents first.
    static func deleteOrder(_ alarms: [ActualAlarm]) -> (composites: [String], metrics: [String]) {
        var rules: [String: CompositeRule] = [:]
        var composites: [String] = []
        var metrics: [String] = []
        for alarm in alarms {
            if case .composite(let composite) = alarm.described.definition {
                composites.append(composite.name)
                rules[composite.name] = try? CompositeRule(composite.rule)
            } else {
                metrics.append(alarm.described.name)
            }
        }
        let order = (CompositeRule.evaluationOrder(of: rules) ?? []).reversed()
        let unordered = composites.filter { !order.contains($0) }.sorted()
        return (order + unordered, metrics.sorted())
    }
}

/// Why a plan was not carried out, or not to its end.
public enum AlarmApplyError: Error, Sendable, CustomStringConvertible {
    /// Names that somebody else's alarms have; nothing was done.
    case refused([AlarmChange])
    /// A call failed; what was done before it stays, and applying again goes on from there.
    case failed(AWSFailure, alarm: String)

    /// One sentence that says what to do.
    public var description: String {
        switch self {
        case .refused(let changes):
            let names = changes.prefix(3).map { change in
                if case .foreign(let reason) = change.kind { "\(change.name): \(reason)" } else { change.name }
            }
            let more = changes.count > 3 ? " and \(changes.count - 3) more" : ""
            return
                "Nothing was applied, because these names are taken (\(names.joined(separator: "; "))\(more)): rename or "
                + "delete those alarms, or tag them \(AlarmTag.managedBy)=\(AlarmTag.manager) to hand them over."
        case .failed(let failure, let alarm):
            return
                "\(alarm.isEmpty ? "The alarms" : alarm) could not be changed: \(failure). What was done stays; apply again."
        }
    }
    /// The same, as the other errors of the project name it.
    public var message: String { description }
}
