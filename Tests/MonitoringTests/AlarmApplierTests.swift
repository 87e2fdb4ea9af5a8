import AWSCore
import CloudWatch
import Monitoring
import Synchronization
import Testing

/// Keeps alarms in memory as CloudWatch does: tags only of new alarms, composites only over alarms that are there.
private final class RecordingAlarmStore: AlarmStore {
    struct State {
        var alarms: [String: ActualAlarm] = [:]
        var log: [String] = []
        var failing: String?
    }

    let state = Mutex(State())
    let keepsEverything = true

    func alarms(namePrefix: String) async throws(AWSFailure) -> [ActualAlarm] {
        state.withLock { state in
            state.alarms.values.filter { $0.described.name.hasPrefix(namePrefix) }.sorted {
                $0.described.name < $1.described.name
            }
        }
    }

    func put(_ alarm: DesiredAlarm) async throws(AWSFailure) {
        try state.withLock { state throws(AWSFailure) in
            if state.failing == alarm.name {
                throw AWSFailure(class: .throttled, code: "Throttling", message: "slow down")
            }
            let definition: DescribedAlarm.Definition
            switch alarm.definition {
            case .metric(let metric): definition = .metric(metric)
            case .composite(let composite):
                definition = .composite(composite)
                let children = (try? CompositeRule(composite.rule))?.children ?? []
                if let absent = children.first(where: { state.alarms[$0] == nil }) {
                    throw AWSFailure(class: .validation, code: "ValidationError", message: "\(absent) does not exist")
                }
            }
            let tags = state.alarms[alarm.name]?.tags ?? alarm.tags
            state.alarms[alarm.name] = ActualAlarm(
                DescribedAlarm(name: alarm.name, arn: "arn:\(alarm.name)", definition: definition, state: .ok),
                tags: tags)
            state.log.append("put \(alarm.name)")
        }
    }

    func tag(arn: String, tags: [String: String]) async throws(AWSFailure) {
        state.withLock { state in
            state.alarms[String(arn.dropFirst(4))]?.tags.merge(tags) { $1 }
            state.log.append("tag \(arn.dropFirst(4))")
        }
    }

    func delete(composites: [String], metricAlarms: [String]) async throws(AWSFailure) {
        try state.withLock { state throws(AWSFailure) in
            for name in composites + metricAlarms {
                let parents = state.alarms.values.filter { alarm in
                    guard case .composite(let composite) = alarm.described.definition else { return false }
                    return (try? CompositeRule(composite.rule))?.children.contains(name) == true
                }
                if let parent = parents.first {
                    throw AWSFailure(
                        class: .validation, code: "ValidationError",
                        message: "\(parent.described.name) depends on \(name)")
                }
                state.alarms[name] = nil
                state.log.append("delete \(name)")
            }
        }
    }

    func takeLog() -> [String] {
        state.withLock { state in
            defer { state.log = [] }
            return state.log
        }
    }
}

@Suite struct AlarmApplierTests {
    private let store = RecordingAlarmStore()
    private var applier: AlarmApplier { AlarmApplier(store: store) }

    private func desired(_ policy: AlarmPolicy = .standard) throws -> [DesiredAlarm] {
        try AlarmPlan.desired(capacity: makeCapacity(), policy: policy, scope: scope)
    }

    private func apply(_ policy: AlarmPolicy = .standard, deletingOrphans: Bool = false) async throws {
        let plan = try await applier.plan(desired: desired(policy), scope: scope)
        try await applier.apply(plan, deletingOrphans: deletingOrphans)
    }

    @Test func childrenAreMadeBeforeTheirComposites() async throws {
        try await apply()
        #expect(store.takeLog().count == (try desired().count))
    }

    @Test func applyingAgainDoesNothing() async throws {
        try await apply()
        _ = store.takeLog()
        let plan = try await applier.plan(desired: desired(), scope: scope)
        #expect(plan.isEmpty(deletingOrphans: true))
        try await applier.apply(plan, deletingOrphans: true)
        #expect(store.takeLog().isEmpty)
    }

    @Test func anUpdateAlsoSetsTheTags() async throws {
        try await apply()
        _ = store.takeLog()
        var policy = AlarmPolicy.standard
        policy.failedCalls.atLeastAMinute = 40
        try await apply(policy)
        let log = store.takeLog()
        #expect(
            log
                == ["AP1", "AP2", "AP3"].flatMap {
                    [
                        "put tidemark/shop/production/pattern/\($0)/failed-calls",
                        "tag tidemark/shop/production/pattern/\($0)/failed-calls",
                    ]
                })
        #expect(try await applier.plan(desired: desired(policy), scope: scope).isEmpty(deletingOrphans: true))
    }

    @Test func aNameThatIsTakenStopsEverythingBeforeItStarts() async throws {
        let first = try #require(try desired().last)
        try await store.put(desired()[0])
        store.state.withLock { $0.alarms[$0.alarms.keys.first ?? ""]?.tags = ["owner": "somebody"] }
        _ = store.takeLog()
        let error = await #expect(throws: AlarmApplyError.self) { try await apply() }
        #expect(error?.message.contains("it does not carry the tag tidemark:managed-by=tidemark") == true)
        #expect(store.takeLog().isEmpty, "not even \(first.name)")
    }

    @Test func orphansAreLeftAloneUnlessTheyAreToGo() async throws {
        try await apply()
        var fewer = AlarmPolicy.standard
        fewer.throttledAttempts.isEnabled = false
        try await apply(fewer)
        #expect(!store.takeLog().contains { $0.hasPrefix("delete") })
        try await apply(fewer, deletingOrphans: true)
        let deleted = store.takeLog().filter { $0.hasPrefix("delete") }
        #expect(deleted.count == 9, "two halves and a composite for each of three patterns")
        #expect(deleted.prefix(3).allSatisfy { $0.hasSuffix("/throttled") }, "composites first")
        #expect(try await applier.plan(desired: desired(fewer), scope: scope).isEmpty(deletingOrphans: true))
    }

    @Test func destroyTakesWhatIsOursAndNothingElse() async throws {
        try await apply()
        store.state.withLock { state in
            let name = "tidemark/shop/production/by-hand"
            state.alarms[name] = ActualAlarm(
                DescribedAlarm(name: name, arn: "", definition: .unreadable(reason: ""), state: .ok), tags: [:])
        }
        let owned = try await applier.owned(scope: scope)
        #expect(owned.count == (try desired().count))
        try await applier.destroy(owned)
        #expect(store.state.withLock { Array($0.alarms.keys) } == ["tidemark/shop/production/by-hand"])
    }

    @Test func afterAFailureApplyingAgainGoesOn() async throws {
        let victim = try #require(try desired().first { $0.name.hasSuffix("AP2/slow-calls") }).name
        store.state.withLock { $0.failing = victim }
        let error = await #expect(throws: AlarmApplyError.self) { try await apply() }
        #expect(error?.message.hasPrefix(victim) == true)
        let done = store.takeLog().count
        store.state.withLock { $0.failing = nil }
        try await apply()
        #expect(store.takeLog().count == (try desired().count) - done)
    }
}
