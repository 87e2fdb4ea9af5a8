import AWSCore
import AgentCore
import CloudWatch
import ContractEngine
import ContractModel
import Foundation
import JSONBytes
import Monitoring
import Telemetry
import TestSupport
import Testing

/// What publishing costs, before anything is published.
@Suite struct PublishingCostTests {
    private func cost() -> PublishingCost {
        PublishingCost(
            basis: "the contract's series, and 3 series of 1 service that counted something in the last 24 hours",
            sets: [
                .init(set: .service, series: 1, metrics: 7), .init(set: .pattern, series: 12, metrics: 84),
                .init(set: .operation, series: 9, metrics: 18),
            ], requestsPerPeriod: 1, periodInSeconds: 60, bytesPerPeriod: 41_234, sentBytesPerPeriod: 3_456,
            alarmDollarsPerMonth: 4.2, budgetInDollarsPerMonth: 35,
            folded: ["pattern AP13 of shop, production", "pattern AP14 of shop, production"])
    }

    @Test func theReportForAPerson() {
        #expect(
            cost().text() == """
                What publishing costs a month at us-east-1's prices. Taken from the contract's series, and 3 series of 1 service that counted something in the last 24 hours.

                set        series  metrics
                service         1        7
                pattern        12       84
                operation       9       18
                all            22      109

                bytes      41234 a period, 3456 as sent; 151 MB a month
                metrics    $32.70 for 109
                requests   $0.44 for 43800, 1 a minute
                alarms     $4.20
                together   $37.34 a month
                budget     $35.00 a month for metrics and requests, which is kept

                2 series are folded into `other`, for the budget's sake:
                  pattern AP13 of shop, production
                  pattern AP14 of shop, production

                Prices: https://aws.amazon.com/cloudwatch/pricing/, for an account without other custom metrics; they vary by region: set `price-factor`.

                """)
    }

    @Test func ofManyFoldedSeriesAPersonIsShownTen() {
        var cost = cost()
        cost.folded = (1...250).map { "pattern AP\($0) of shop, production" }
        let lines = cost.text().split(separator: "\n")
        #expect(lines.filter { $0.hasPrefix("  pattern") }.count == 10)
        #expect(lines.contains("  and 240 more, all of which `--format json` names"))
        #expect(String(decoding: cost.json(), as: UTF8.self).contains("AP250 of shop"))
    }

    @Test func theReportForPrograms() {
        #expect(
            String(decoding: cost().json(), as: UTF8.self) == """
                {"basis":"the contract's series, and 3 series of 1 service that counted something in the last 24 hours",\
                "sets":[{"set":"service","series":1,"metrics":7},{"set":"pattern","series":12,"metrics":84},\
                {"set":"operation","series":9,"metrics":18}],"metrics":109,"periodSeconds":60,"requestsPerPeriod":1,\
                "requestsPerMinute":1,"requestsPerMonth":43800,"bytesPerPeriod":41234,"sentBytesPerPeriod":3456,\
                "sentBytesPerMonth":151372800,"dollarsPerMonth":{"metrics":32.7,"requests":0.44,"alarms":4.2,"total":37.34,\
                "budget":35,"overBudget":0},"folded":["pattern AP13 of shop, production","pattern AP14 of shop, production"],\
                "prices":"https://aws.amazon.com/cloudwatch/pricing/","priceRegion":"us-east-1","priceFactor":1}
                """)
    }

    @Test func aBudgetThatIsExceededIsSaid() {
        var cost = cost()
        cost.budgetInDollarsPerMonth = 30
        #expect(
            cost.text().contains("$30.00 a month for metrics and requests, which is exceeded by $3.14: the contract's"))
        #expect(String(decoding: cost.json(), as: UTF8.self).contains(#""budget":30,"overBudget":3.14"#))
    }

    @Test func anotherRegionsPricesAreAMultipleThatTheBudgetKnowsToo() throws {
        var dearer = cost()
        dearer.priceFactor = 1.5
        #expect(dearer.metricDollarsPerMonth == 1.5 * cost().metricDollarsPerMonth)
        #expect(dearer.requestDollarsPerMonth == 1.5 * cost().requestDollarsPerMonth)
        #expect(dearer.text().hasPrefix("What publishing costs a month at 1.5 times us-east-1's prices. Taken"))
        #expect(dearer.text().contains("which is exceeded by $14.71:"))
        let fixture = try AgentFixture()
        fixture.configuration.contract = contract
        fixture.configuration.budgetInDollarsAMonth = 12
        #expect(fixture.configuration.budgetProblem == nil)
        fixture.configuration.priceFactor = 2
        #expect(fixture.configuration.budgetProblem?.contains("at 2.0 times us-east-1's prices: raise") == true)
    }

    @Test func tenSecondPeriodsSendSixTimesAMinute() {
        var cost = cost()
        cost.periodInSeconds = 10
        #expect(cost.requestsPerMinute == 6 && cost.requestsPerMonth == 262_800)
        #expect((cost.requestDollarsPerMonth * 100).rounded() == 263)
    }

    @Test(arguments: [
        (0, 0.0), (1, 0.3), (10_000, 3_000), (10_001, 3_000.1), (250_000, 27_000), (1_000_000, 64_500),
        (1_000_001, 64_500.02),
    ])
    func metricsAreBilledByTier(metrics: Int, dollars: Double) {
        #expect(abs(CloudWatchPrices.dollarsPerMonth(metrics: metrics) - dollars) < 1e-6)
    }

    @Test func withoutAStoreTheContractIsWhatThereIs() throws {
        let fixture = try AgentFixture()
        fixture.configuration.publishPeriod = .sixtySeconds
        fixture.configuration.contract = contract
        let cost = try PublishingCost.estimate(fixture.configuration, now: fixture.clock.timestamp)
        #expect(cost.basis.contains("no store yet"))
        #expect(cost.sets.first { $0.set == .pattern }?.series == 2)
        #expect(cost.requestsPerPeriod == 1 && cost.sentBytesPerPeriod > 100)
        #expect(cost.alarmDollarsPerMonth != nil)
    }

    @Test func theEstimateIsWhatTheAgentThenPublishes() async throws {
        let fixture = try AgentFixture()
        fixture.configuration.metrics = MetricGrouping.allCases
        fixture.configuration.contract = contract
        let agent = try fixture.agent()
        let service = fixture.service()
        for pattern in 1...5 {
            service.call(
                "Orders", pattern: "AP\(pattern)", milliseconds: UInt64(pattern), times: 10, key: "k\(pattern)")
        }
        await fixture.pass(2, agent)
        let cost = try PublishingCost.estimate(fixture.configuration, now: fixture.clock.timestamp)
        let published = Set(await fixture.cloudWatch.taken.map { "\($0.name) \($0.dimensions)" })
        // Some are only published when something happened: percentages of no attempts, times of no calls.
        #expect(published.count <= cost.metrics)
        #expect(Double(published.count) >= Double(cost.metrics) * 0.75)
    }

    /// Before the first start too: the telemetry files say what an agent would publish.
    @Test func servicesThatAlreadyWriteAreReckonedBeforeAnAgentHasStarted() async throws {
        let fixture = try AgentFixture()
        try FileManager.default.createDirectory(
            atPath: fixture.configuration.telemetryDirectory, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let service = fixture.service()
        let other = fixture.service("search", id: 2)
        for pattern in 1...9 {
            service.call(pattern: "AP\(pattern)", times: 10 * pattern)
            other.call(pattern: "AP\(pattern)", times: 1)
        }
        let before = try PublishingCost.estimate(fixture.configuration, now: fixture.clock.timestamp)
        #expect(before.basis.contains("18 series of 2 services that have a telemetry file now; there is no store yet"))
        var folding = fixture.configuration
        folding.budgetInDollarsAMonth = 2.63 + 40 * 0.3
        let kept = try PublishingCost.estimate(folding, now: fixture.clock.timestamp)
        #expect(kept.folded.contains("pattern AP1 of search, test"))
        let agent = try fixture.agent()
        await fixture.pass(1, agent)
        let after = try PublishingCost.estimate(fixture.configuration, now: fixture.clock.timestamp)
        #expect(before.sets == after.sets && before.metrics == after.metrics)
        #expect(after.basis.contains("counted something in the last 24 hours"))
    }

    @Test func whatABudgetWouldFoldIsListed() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        for pattern in 1...9 { service.call(pattern: "AP\(pattern)", times: 10 * pattern) }
        await fixture.pass(1, agent)
        fixture.configuration.budgetInDollarsAMonth = 2.63 + 40 * 0.3
        let cost = try PublishingCost.estimate(fixture.configuration, now: fixture.clock.timestamp)
        #expect(cost.folded.contains("pattern AP1 of checkout, test"))
        #expect(!cost.folded.contains("pattern AP9 of checkout, test"))
        #expect(cost.metricDollarsPerMonth + cost.requestDollarsPerMonth <= 2.63 + 40 * 0.3)
    }

    @Test func aBudgetBelowTheContractsSeriesIsReckonedAllTheSame() throws {
        let fixture = try AgentFixture()
        fixture.configuration.contract = contract
        fixture.configuration.budgetInDollarsAMonth = 1
        #expect(fixture.configuration.budgetProblem?.hasPrefix("The budget pays for ") == true)
        let cost = try PublishingCost.estimate(fixture.configuration, now: fixture.clock.timestamp)
        let over = try #require(cost.dollarsOverBudget)
        #expect(over > 1 && over == cost.metricDollarsPerMonth + cost.requestDollarsPerMonth - 1)
        #expect(cost.sets.first { $0.set == .pattern }?.series == 2)
    }

    /// One service's series are paid for, three services' are not: known from the files, and from the store once they ended.
    @Test func aBudgetTooSmallForTheServicesThatAreHereIsSaidWithItsFigures() async throws {
        let fixture = try AgentFixture()
        fixture.configuration.publishPeriod = .sixtySeconds
        fixture.configuration.contract = contract
        fixture.configuration.budgetInDollarsAMonth = 1_000
        let alone = try PublishingCost.estimate(fixture.configuration, now: fixture.clock.timestamp)
        fixture.configuration.budgetInDollarsAMonth = alone.metricDollarsPerMonth + alone.requestDollarsPerMonth + 2
        #expect(fixture.configuration.budgetProblem == nil)
        #expect(fixture.configuration.budgetExcess(now: fixture.clock.timestamp) == nil)
        let agent = try fixture.agent()
        let services = ["a", "b", "c"].enumerated().map { fixture.service($1, id: UInt64($0)) }
        let excess = try #require(fixture.configuration.budgetExcess(now: fixture.clock.timestamp))
        #expect(excess.contains("of the 3 services here are ") && excess.contains("name one `service`"), "\(excess)")
        let three = try PublishingCost.estimate(fixture.configuration, now: fixture.clock.timestamp)
        #expect(excess.contains(" \(3 * alone.metrics), $") && three.metrics == 3 * alone.metrics)
        for service in services {
            service.call()
            service.end()
        }
        await fixture.pass(1, agent)
        #expect(TelemetryDirectory.files(in: fixture.configuration.telemetryDirectory).isEmpty)
        #expect(fixture.configuration.budgetExcess(now: fixture.clock.timestamp) == excess)
        let later = fixture.clock.timestamp.advanced(by: .seconds(7_200))
        #expect(fixture.configuration.budgetExcess(now: later) == nil)
        fixture.configuration.service = "b"
        #expect(fixture.configuration.budgetExcess(now: fixture.clock.timestamp) == nil)
    }

    private var contract: ContractDocument {
        ContractDocument(
            contract: MigrationContract(tables: [
                ContractTable(
                    name: "Orders", partitionKey: KeyAttribute(name: "pk"), indexes: [],
                    entities: [ContractEntity(name: "Order")], satisfies: [], estimatedItemSizeInBytes: 1_024)
            ]),
            patterns: ["AP1", "AP2"].map { id in
                AccessPattern(
                    id: id, summary: "", peakRPS: 1, averageRPS: 1, type: .read,
                    operations: [PatternOperation(operation: "GetItem", table: "Orders")])
            })
    }
}
