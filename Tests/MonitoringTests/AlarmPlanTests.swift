import CloudWatch
import ContractEngine
import Monitoring
import Testing

@Suite struct AlarmPlanTests {
    private let page = "arn:aws:sns:eu-west-1:1:page"
    private let ticket = "arn:aws:sns:eu-west-1:1:ticket"

    private var policy: AlarmPolicy {
        var policy = AlarmPolicy.standard
        policy.pageActions = [page]
        policy.ticketActions = [ticket]
        return policy
    }

    private func desired(_ policy: AlarmPolicy? = nil, capacity: CapacityPlan = makeCapacity()) throws -> [DesiredAlarm]
    {
        try AlarmPlan.desired(capacity: capacity, policy: policy ?? self.policy, scope: scope, contract: "orders.json")
    }

    private func metric(_ name: String, in alarms: [DesiredAlarm]) throws -> MetricAlarm {
        let alarm = try #require(alarms.first { $0.name == "tidemark/shop/production/\(name)" }, "\(name)")
        guard case .metric(let metric) = alarm.definition else { throw AlarmPlanTestError.composite(name) }
        return metric
    }

    private func composite(_ name: String, in alarms: [DesiredAlarm]) throws -> CompositeAlarm {
        let alarm = try #require(alarms.first { $0.name == "tidemark/shop/production/\(name)" }, "\(name)")
        guard case .composite(let composite) = alarm.definition else { throw AlarmPlanTestError.metric(name) }
        return composite
    }

    private enum AlarmPlanTestError: Error { case composite(String), metric(String) }

    private func stat(_ alarm: MetricAlarm) throws -> MetricStat {
        switch alarm.source {
        case .metric(let stat): return stat
        case .math(let queries):
            return try #require(
                queries.compactMap { query in if case .metric(let stat) = query.source { stat } else { nil } }.first)
        }
    }

    @Test func throttlesAreFilledOverTheExactDimensions() throws {
        let alarm = try metric("Orders/ByCustomer/read-throttles", in: desired())
        let stat = try stat(alarm)
        #expect(stat.namespace == "AWS/DynamoDB")
        #expect(stat.dimensions.map(\.name) == ["GlobalSecondaryIndexName", "TableName"])
        #expect(stat.dimensions.map(\.value) == ["ByCustomer", "Orders"])
        guard case .math(let queries) = alarm.source else { throw AlarmPlanTestError.metric("math") }
        #expect(queries.first { $0.returnsData }?.source == .expression("FILL(events, 0)"))
        #expect(queries.count { $0.returnsData } == 1)
        #expect(alarm.threshold == 12, "1% of 20 calls a second for a minute")
        #expect(alarm.missingData == .notBreaching)
        #expect((alarm.datapointsToAlarm, alarm.evaluationPeriods) == (3, 5))
    }

    @Test func aQuietResourceHasTheFloorAsItsThreshold() throws {
        #expect(try metric("Carts/read-throttles", in: desired()).threshold == 5)
        #expect(try metric("Orders/read-throttles", in: desired()).threshold == 360)
    }

    @Test func aTablesMetricsLeaveItsIndexesOut() throws {
        #expect(
            try stat(metric("Orders/write-throttles", in: desired())).dimensions == [
                Dimension(name: "TableName", value: "Orders")
            ])
    }

    @Test(arguments: [
        ("Orders/read-demand", 900.0, "1.5 times the contract's demand D"),
        ("Orders/write-demand", 6.0, "1.5 times the contract's demand D"),
        // 4,000 at 70% utilisation are 5,715, which `tables apply` warms it to; 80% of them.
        ("Orders/ByCustomer/write-demand", 4_572, "80% of the warm throughput"),
        ("Carts/read-demand", 5, "the floor, since the contract foresees 0"),
    ])
    func demandIsBoundBySomethingThatTheDescriptionNames(_ name: String, _ units: Double, _ bound: String) throws {
        let alarm = try metric(name, in: desired())
        #expect(alarm.threshold == units * 60)
        #expect(alarm.description.contains("The bound that binds: \(bound)."))
        #expect(try stat(alarm).statistic == .sum)
        #expect(alarm.actions.onAlarm == [ticket])
    }

    @Test func warmThroughputFollowsFromTheCapacityUnlessThePolicyGivesIt() throws {
        let alarm = try metric("Orders/ByCustomer/write-demand", in: desired())
        #expect(alarm.description.contains("80% of 5,715 warm") && !alarm.description.contains("own demand"))
        var half = makeCapacity()
        half.assumptions.utilizationTarget = 0.5
        #expect(
            try metric("Orders/ByCustomer/write-demand", in: desired(capacity: half)).description.contains(
                "80% of 8,000 warm"))
        #expect(try metric("Orders/write-demand", in: desired()).description.contains("80% of 4,000 warm"))
    }

    @Test func aBoundBelowTheContractsOwnDemandIsSaid() throws {
        var policy = policy
        policy.demand.warmWriteUnits = 4_000
        let alarm = try metric("Orders/ByCustomer/write-demand", in: desired(policy))
        #expect(alarm.threshold == 3_200 * 60 && alarm.description.contains("80% of 4,000 warm"))
        #expect(alarm.description.contains("below the contract's own demand of 4,000 units/s"))
        #expect(try !metric("Orders/read-demand", in: desired(policy)).description.contains("own demand"))
    }

    @Test func theTablesOwnMaximumBindsWhereItIsSmaller() throws {
        var policy = policy
        policy.demand.maximumReadUnits = 700
        let alarm = try metric("Orders/read-demand", in: desired(policy))
        #expect(alarm.threshold == 42_000)
        #expect(alarm.description.contains("the maximum set on the table"))
    }

    @Test func throttledAttemptsAreAPercentageAndAVolume() throws {
        let alarms = try desired()
        let share = try metric("pattern/AP1/throttled-percent", in: alarms)
        let volume = try metric("pattern/AP1/throttled-volume", in: alarms)
        #expect(try stat(share).statistic == .average)
        #expect(share.threshold == 1)
        #expect(try stat(volume).statistic == .sampleCount)
        #expect(volume.threshold == 50)
        #expect(try stat(share).metricName == "ThrottledAttemptPercent")
        let both = try composite("pattern/AP1/throttled", in: alarms)
        #expect(both.rule == "ALARM(\"\(share.name)\") AND ALARM(\"\(volume.name)\")")
        #expect(both.actions.onAlarm.isEmpty)
    }

    @Test func failedCallsHaveAFloorAndAShareOfTheCalls() throws {
        #expect(try metric("pattern/AP1/failed-calls", in: desired()).threshold == 36)
        #expect(try metric("pattern/AP3/failed-calls", in: desired()).threshold == 3)
    }

    @Test(arguments: [
        ("AP1", 25.0, "GetItem"), ("AP2", 80, "its service level in the contract"), ("AP3", 100, "TransactWriteItems"),
    ])
    func slowCallsAreJudgedByTheServiceLevelOrTheOperation(_ id: String, _ threshold: Double, _ reason: String) throws {
        let alarm = try metric("pattern/\(id)/slow-calls", in: desired())
        #expect(alarm.threshold == threshold)
        #expect(alarm.comparison == .greater)
        #expect(alarm.description.contains(reason))
        #expect(alarm.ignoresLowSampleCounts)
        #expect(try stat(alarm).statistic == .percentile(99))
        #expect(alarm.actions.onAlarm == [ticket])
    }

    @Test func aPatternWithoutWorkInDynamoDBHasNoAlarm() throws {
        #expect(try !desired().contains { $0.name.contains("AP4") })
    }

    @Test func hotKeysAreATicketByTheUpperAndAPageByTheLowerBound() throws {
        let alarms = try desired()
        let low = try metric("Orders/ByCustomer/hot-key-ticket", in: alarms)
        let high = try metric("Orders/ByCustomer/hot-key-page", in: alarms)
        #expect((low.threshold, high.threshold) == (50, 80))
        #expect(try stat(low).metricName == "HotKeyLoadUpperPercent")
        #expect(try stat(high).metricName == "HotKeyLoadLowerPercent")
        #expect(try stat(high).dimensions == scope.dimensions(table: "Orders", index: "ByCustomer"))
        #expect(low.actions.onAlarm == [ticket])
        #expect(high.actions.onAlarm.isEmpty)
    }

    @Test func aSilentAgentPages() throws {
        let alarm = try metric("agent/heartbeat", in: desired())
        #expect(alarm.missingData == .breaching)
        #expect((alarm.comparison, alarm.threshold) == (.less, 1))
        #expect(alarm.actions.onAlarm == [page])
        #expect(try stat(alarm).dimensions == scope.serviceDimensions)
        #expect(try metric("agent/refused-datums", in: desired()).missingData == .notBreaching)
    }

    @Test func oneCompositeATablePagesAndItsChildrenDoNot() throws {
        let alarms = try desired()
        let page = try composite("Orders/page", in: alarms)
        #expect(page.actions.onAlarm == [self.page])
        let children = try CompositeRule(page.rule).children.map { $0.replacing("tidemark/shop/production/", with: "") }
        #expect(
            children == [
                "Orders/read-throttles", "Orders/write-throttles", "Orders/hot-key-page",
                "Orders/ByCustomer/read-throttles",
                "Orders/ByCustomer/write-throttles", "Orders/ByCustomer/hot-key-page", "pattern/AP1/throttled",
                "pattern/AP1/failed-calls", "pattern/AP2/throttled", "pattern/AP2/failed-calls",
                "pattern/AP3/throttled",
                "pattern/AP3/failed-calls",
            ])
        for alarm in alarms where children.contains(alarm.name.replacing("tidemark/shop/production/", with: "")) {
            #expect(alarm.severity == .part)
        }
        #expect(
            try CompositeRule(composite("Carts/page", in: alarms).rule).children.contains {
                $0.hasSuffix("AP3/throttled")
            }, "a pattern pages for every table that it touches")
    }

    @Test func maintenanceSuppressesThePages() throws {
        var policy = policy
        policy.maintenance = CompositeAlarm.Suppressor(alarm: "deploying", waitPeriod: 60, extensionPeriod: 120)
        let alarms = try desired(policy)
        #expect(try composite("Orders/page", in: alarms).suppressor?.alarm == "deploying")
        #expect(try composite("pattern/AP1/throttled", in: alarms).suppressor == nil)
    }

    @Test func whatIsNotWantedIsNotMade() throws {
        var policy = policy
        policy.throttles.isEnabled = false
        policy.hotKeys.isEnabled = false
        policy.pagesByTable = false
        let numbers = Set(try desired(policy).map(\.number))
        #expect(numbers == ["3", "4", "6a", "7", "15"])
    }

    @Test func aShorterPeriodRescalesWhatIsCountedAMinute() throws {
        var policy = policy
        policy.period = 10
        let alarms = try desired(policy)
        let failed = try metric("pattern/AP1/failed-calls", in: alarms)
        #expect(failed.period == 10)
        #expect(failed.threshold == 6)
        #expect(failed.description.contains("= 36 a minute, that is 6 in 10 s"))
        #expect(try metric("pattern/AP1/throttled-volume", in: alarms).threshold == 50.0 / 6)
        #expect(
            try metric("pattern/AP1/throttled-percent", in: alarms).threshold == 1, "a percentage is one in any period")
        let throttles = try metric("Orders/read-throttles", in: alarms)
        #expect(throttles.period == 60, "DynamoDB publishes once a minute")
        #expect(throttles.threshold == 360)
        #expect(throttles.description.contains("the policy's 10 s do not apply"))
        #expect(try metric("Orders/read-demand", in: alarms).threshold == 900 * 60)
    }

    @Test func aLongerPeriodRescalesDynamoDBsCountsToo() throws {
        var policy = policy
        policy.period = 300
        #expect(try metric("Orders/read-throttles", in: desired(policy)).threshold == 1_800)
        #expect(try metric("Orders/read-demand", in: desired(policy)).threshold == 900 * 300)
    }

    @Test func everyAlarmCarriesItsTagsAndADerivationWithinTheLimits() throws {
        for alarm in try desired() {
            #expect(alarm.tags["tidemark:managed-by"] == "tidemark")
            #expect(alarm.tags["tidemark:service"] == "shop")
            #expect(alarm.tags["tidemark:environment"] == "production")
            #expect(alarm.tags["tidemark:contract"] == "orders.json")
            #expect(alarm.tags["tidemark:definition"]?.count == 16)
            #expect((1...1_024).contains(alarm.description.count), "\(alarm.name)")
            #expect(alarm.description.hasSuffix("Tidemark, from orders.json."))
            #expect(alarm.name.count <= 255)
        }
    }

    @Test func theSameInputGivesTheSameAlarms() throws {
        #expect(try desired() == desired())
    }

    @Test func sixTopicsAreRefused() {
        var policy = policy
        policy.pageActions = (0..<6).map { "arn:aws:sns:eu-west-1:1:t\($0)" }
        let error = #expect(throws: AlarmPlanError.self) { try desired(policy) }
        #expect(error?.message.contains("more than five actions") == true)
    }

    @Test func theCostIsWhatCloudWatchCharges() throws {
        let alarms = try desired()
        let composites = alarms.count(where: \.isComposite)
        let expected = Double(composites) * 0.5 + Double(alarms.count - composites) * 0.1
        #expect(abs(AlarmPlan.dollarsPerMonth(alarms) - expected) < 1e-9)
    }
}
