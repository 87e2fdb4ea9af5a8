import AWSCore
import ContractEngine
import ContractModel
import JSONBytes
import Monitoring
import TableProvisioning
import TestSupport
import Testing
import Tidemark

/// Apply against a control plane that is as strict as AWS: what is sent, in which order, and what becomes of failures.
struct TableApplierTests {
    private static let limits = WaitLimits(
        timeout: .seconds(3_600), interval: .milliseconds(1), maximumInterval: .milliseconds(2))

    private let fake: FakeDynamoDB
    private let client: DynamoDBClient

    init() throws {
        fake = try FakeDynamoDB()
        client = try fake.client()
    }

    private static let letters = ContractTable(
        name: "Letters", partitionKey: KeyAttribute(name: "id"),
        entities: [ContractEntity(name: "Letters", attributes: [ContractAttribute(name: "id", type: .S)])])

    private func plan(
        _ tables: [ContractTable] = [Parcels.table], settings text: String = "", rate: Double = 10
    ) async throws -> TablePlan {
        let document = Parcels.document(tables, rate: rate)
        let settings = text.isEmpty ? DeploymentSettings() : try Parcels.settings(text)
        let states = try await TableSurvey(client: client, settings: settings).states(of: document.contract)
        return TablePlan(of: document, settings: settings, capacity: capacity(of: document), states: states)
    }

    private func apply(
        _ plan: TablePlan, progress: @escaping @Sendable (ProvisioningProgress) -> Void = { _ in }
    ) async -> [StepOutcome] {
        await TableApplier(client: client, limits: Self.limits, progress: progress).apply(plan)
    }

    private var changes: [String] { fake.state.withLock { $0.changes } }

    @Test func tablesAreBegunTogetherAndFinishedOneByOne() async throws {
        let first = try await plan(
            [Parcels.table, Self.letters], settings: "{time-to-live: expires, tags: {team: post}}")
        let outcomes = await apply(first)
        #expect(outcomes.allSatisfy { $0.end == .done })
        #expect(
            outcomes.map { "\($0.table) \($0.step.short)" } == [
                "Parcels create", "Parcels recover", "Parcels expire", "Letters create", "Letters recover",
                "Letters expire",
            ])
        #expect(
            changes == [
                "CreateTable Parcels", "CreateTable Letters", "UpdateContinuousBackups", "UpdateTimeToLive",
                "UpdateContinuousBackups", "UpdateTimeToLive",
            ])
        let again = try await plan(
            [Parcels.table, Self.letters], settings: "{time-to-live: expires, tags: {team: post}}")
        #expect(again.isFinished, "a second plan has nothing to do")
        #expect(await apply(again).isEmpty)
        await client.shutdown()
    }

    @Test func indexesAreMadeOneAtATime() async throws {
        _ = await apply(try await plan())
        var more = Parcels.table
        for name in ["A", "B", "C"] {
            more.indexes.append(ContractIndex(name: name, partitionKey: KeyAttribute(name: "state")))
        }
        let before = changes.count
        let seen = Lines()
        let outcomes = await apply(try await plan([more])) { seen.add("\($0.doing.prefix(18)) \($0.state)") }
        #expect(outcomes.map(\.end) == [.done, .done, .done])
        #expect(
            Array(changes.dropFirst(before)) == Array(repeating: "UpdateTable GlobalSecondaryIndexUpdates", count: 3))
        #expect(try await plan([more]).isFinished)
        #expect(
            seen.all.contains("create the index A B CREATING") == false
                && seen.all.contains("create the index A A CREATING"))
        await client.shutdown()
    }

    /// Lines that several tasks write.
    private final class Lines: Sendable {
        private let lines = Lock<[String]>([])
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    @Test func whatWasInterruptedIsFinishedByTheNextRun() async throws {
        let settings = "{time-to-live: expires, tags: {team: post}}"
        // After each of the changes in turn AWS takes no more; each run must end, and the last one finish all.
        for changesLeft in 0...3 {
            let fake = try FakeDynamoDB()
            let client = try fake.client()
            let document = Parcels.document()
            let wanted = try Parcels.settings(settings)
            func run() async throws -> (plan: TablePlan, outcomes: [StepOutcome]) {
                let states = try await TableSurvey(client: client, settings: wanted).states(of: document.contract)
                let plan = TablePlan(of: document, settings: wanted, capacity: capacity(of: document), states: states)
                return (plan, await TableApplier(client: client, limits: Self.limits).apply(plan))
            }
            fake.state.withLock { $0.changesUntilOutage = changesLeft }
            let cut = try await run()
            #expect(cut.outcomes.contains { $0.end != .done } == (changesLeft < 3))
            fake.state.withLock { $0.changesUntilOutage = nil }
            let rest = try await run()
            #expect(rest.outcomes.allSatisfy { $0.end == .done })
            #expect(try await run().plan.isFinished)
            #expect(fake.state.withLock { $0.changes.filter { $0.hasPrefix("CreateTable") }.count } == 1)
            await client.shutdown()
        }
    }

    @Test func missingPermissionIsNamedAndTheRestIsDone() async throws {
        fake.state.withLock { $0.denied = ["UpdateContinuousBackups"] }
        let outcomes = await apply(try await plan(settings: "time-to-live: expires"))
        #expect(outcomes.map(\.step.short) == ["create", "recover", "expire"])
        #expect(outcomes[0].end == .done && outcomes[2].end == .done)
        guard case .failed(_, let actions) = outcomes[1].end else { throw WaitingFailed(description: "not failed") }
        #expect(actions == ["dynamodb:UpdateContinuousBackups"])
        let text = TablePlanReport(try await plan(settings: "time-to-live: expires"), outcomes: outcomes).text()
        #expect(
            text.contains(
                "! not done: switch point-in-time recovery on: the credentials may not\n    dynamodb:UpdateContinuousBackups"
            ) || text.contains("the credentials may not dynamodb:UpdateContinuousBackups"))
        #expect(text.contains("1 step is not done. Mend what is said above and apply again: what is done is kept."))
        await client.shutdown()
    }

    @Test func tableThatCannotBeMadeStopsItsOwnStepsAlone() async throws {
        fake.state.withLock { $0.denied = ["CreateTable"] }
        let outcomes = await apply(try await plan([Parcels.table, Self.letters]))
        #expect(outcomes.map(\.end).filter { $0 == .skipped }.count == 2)
        guard case .failed(_, let actions) = outcomes[0].end else { throw WaitingFailed(description: "not failed") }
        #expect(actions == ["dynamodb:CreateTable"])
        await client.shutdown()
    }

    @Test func tableThatSomebodyElseMadeInTheMeantimeIsFinished() async throws {
        let early = try await plan()
        _ = await apply(try await plan())
        fake.state.withLock { $0.tables["Parcels"]?.isRecoverable = false }
        let outcomes = await apply(early)
        #expect(outcomes.map(\.step.short) == ["create", "recover"] && outcomes.allSatisfy { $0.end == .done })
        #expect(changes.filter { $0.hasPrefix("CreateTable") }.count == 1)
        #expect(try await plan().isFinished)
        await client.shutdown()
    }

    @Test func whatMayNotBeLookedAtIsToldAndFailsNothing() async throws {
        _ = await apply(try await plan(settings: "tags: {a: b}"))
        fake.state.withLock { $0.denied = ["ListTagsOfResource", "DescribeContinuousBackups"] }
        let plan = try await plan(settings: "tags: {a: b}")
        #expect(
            plan.entries[0].unknowns.compactMap(\.action) == [
                "dynamodb:DescribeContinuousBackups", "dynamodb:ListTagsOfResource",
            ])
        #expect(plan.entries[0].steps.isEmpty)
        fake.state.withLock { $0.denied = ["DescribeTable"] }
        #expect(try await self.plan().entries[0].outlook == .unknown)
        fake.state.withLock {
            $0.denied = []
            $0.unknown = ["DescribeContinuousBackups"]
        }
        #expect(
            try await self.plan().entries[0].unknowns.map(\.action) == [nil],
            "a server that does not know it is no failure")
        await client.shutdown()
    }

    @Test func warmThroughputIsSentAndRaised() async throws {
        _ = await apply(try await plan(rate: 10))
        let outcomes = await apply(try await plan(rate: 1_500))
        #expect(outcomes.map(\.step.short) == ["warm"] && outcomes[0].end == .done)
        #expect(changes.last == "UpdateTable GlobalSecondaryIndexUpdates+WarmThroughput")
        await client.shutdown()
    }

    // MARK: Permissions

    /// A permission that nothing needs is one too many, and one that is missing stops somebody at night.
    @Test func policyAllowsExactlyWhatIsCalled() async throws {
        let settings = "{time-to-live: expires, tags: {team: post}}"
        _ = await apply(try await plan(settings: settings))
        var more = Parcels.table
        more.indexes.append(ContractIndex(name: "More", partitionKey: KeyAttribute(name: "state")))
        _ = await apply(try await plan([more], settings: "{time-to-live: expires, tags: {team: mail}}"))
        _ = try await ItemSampler(client: client).sample(Parcels.table, limit: 10)
        let called = Set(fake.state.withLock { $0.calls }.map { "dynamodb:\($0)" })
        #expect(called == IAMPolicy.tables().actions)
        let steps: [TableStep] = [.protect, .recover, .expire(attribute: "a"), .tag([:]), .wait(status: "")]
        #expect(steps.flatMap(\.actions).allSatisfy(IAMPolicy.tables().actions.contains))
        await client.shutdown()
    }

    // MARK: Samples

    @Test func sampleReadsFromAllOverTheTable() async throws {
        _ = await apply(try await plan())
        let items = (0..<40).map { number in
            #"{"parcel_id":{"S":"p\#(number)"},"kind":{"S":"STATE#sent"},"state":{"S":"sent"},"weight":{"S":"\#(number)"}}"#
        }
        let parsed = try items.map { try JSONValue.parse(Array($0.utf8)) }
        fake.state.withLock { $0.tables["Parcels"]?.items = parsed }
        let (sample, _) = try await ItemSampler(client: client).sample(Parcels.table, limit: 40)
        #expect(sample.count == 40)
        #expect(
            sample.findings.map { "\($0.kind) \($0.attribute) \($0.count)" } == [
                "type weight 40", "neverSeen city 0", "smallSize  40",
            ])
        await client.shutdown()
    }
}
