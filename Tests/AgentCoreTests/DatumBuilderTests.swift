import AWSCore
import AgentCore
import CloudWatch
import ContractEngine
import ContractModel
import Monitoring
import Telemetry
import TestSupport
import Testing

/// What is published of a window, for any choice of dimension sets.
@Suite struct DatumBuilderTests {
    private static let minute: Int64 = 60_000_000_000
    private static let services = [
        MonitoringScope(service: "shop", environment: "production"),
        MonitoringScope(service: "blank name\u{e9}", environment: "test"),
    ]

    /// Every choice that there is: 64.
    private static let choices: [PublishedSets] = (0..<64).map { bits in
        PublishedSets(
            Set(MetricCatalog.DimensionSet.allCases.enumerated().filter { bits >> $0.offset & 1 == 1 }.map(\.element)))
    }

    private func window(seed: UInt64) -> [SeriesIdentity: SeriesTotals] {
        var numbers = SeededGenerator(seed: seed)
        var series: [SeriesIdentity: SeriesTotals] = [:]
        for _ in 0..<Int.random(in: 1...30, using: &numbers) {
            let scope = Self.services.randomElement(using: &numbers) ?? Self.services[0]
            let identity = SeriesIdentity(
                service: scope.service, environment: scope.environment,
                table: ["Orders", "Carts", ""].randomElement(using: &numbers) ?? "",
                index: ["", "", "ByDate"].randomElement(using: &numbers) ?? "",
                operation: ["GetItem", "Query", "PutItem"].randomElement(using: &numbers) ?? "",
                pattern: ["AP1", "AP2", "AP3", "", "caf\u{e9}", "caf?"].randomElement(using: &numbers) ?? "")
            var totals = SeriesTotals()
            totals.counters.calls = UInt64.random(in: 0...5_000, using: &numbers)
            totals.counters.attempts = totals.counters.calls + UInt64.random(in: 0...9, using: &numbers)
            totals.counters.throttledAttempts = min(totals.counters.attempts, UInt64.random(in: 0...9, using: &numbers))
            totals.counters.readMilliUnits = UInt64.random(in: 0...9_999, using: &numbers)
            totals.callTime = HistogramSnapshot(
                buckets: [HistogramSnapshot.Bucket(index: Int.random(in: 0..<1_664, using: &numbers), count: 1)],
                sumNanoseconds: 3_000_000)
            series[identity] = totals
        }
        return series
    }

    /// Calls as the ledger counts them: by service, environment and pattern as recorded.
    private func recorded(_ series: [SeriesIdentity: SeriesTotals]) -> [String: UInt64] {
        var calls: [String: UInt64] = [:]
        for (identity, totals) in series where totals.counters.calls > 0 {
            func text(_ text: String) -> String {
                let ascii = String(text.unicodeScalars.map { $0.isASCII ? Character($0) : "?" })
                // One question mark a byte of what CloudWatch does not take.
                return ascii.replacing("?", with: text.contains("\u{e9}") ? "??" : "?")
            }
            let pattern = identity.pattern.isEmpty ? "none" : text(identity.pattern)
            calls["\(text(identity.service))/\(identity.environment)/\(pattern)", default: 0] += totals.counters.calls
        }
        return calls
    }

    private func carried(_ datums: [PublishedDatum]) -> [String: UInt64] {
        var calls: [String: UInt64] = [:]
        for share in datums.flatMap(\.calls) {
            calls["\(share.scope.service)/\(share.scope.environment)/\(share.pattern)", default: 0] += share.calls
        }
        return calls
    }

    private func sum(_ metric: String, of datums: [MetricDatum], where isMeant: (MetricDatum) -> Bool) -> Double {
        var sum = 0.0
        for datum in datums where datum.name == metric && isMeant(datum) { sum += datum.sum }
        return sum
    }

    private func builder(_ sets: PublishedSets, _ folding: Folding = .none) -> DatumBuilder {
        DatumBuilder(period: .sixtySeconds, expected: ExpectedSeries(nil), sets: sets, folding: folding)
    }

    private func datums(_ series: [SeriesIdentity: SeriesTotals], _ builder: DatumBuilder) -> [PublishedDatum] {
        builder.datums(
            of: PublishablePeriod(
                from: 0, to: Self.minute, isGap: false, series: series, scopes: Set(Self.services), hasFigures: true))
    }

    @Test(arguments: UInt64(1)...3)
    func everyCallIsCarriedByOneDatumWhateverIsChosen(seed: UInt64) {
        let series = window(seed: seed)
        let expected = recorded(series)
        var numbers = SeededGenerator(seed: seed &* 77)
        for sets in Self.choices {
            // Nothing folded; everything; some.
            var someNames: Set<PublishedSeries> = []
            for set in sets.sets where Bool.random(using: &numbers) {
                someNames.insert(
                    PublishedSeries(set: set, name: SeriesName(scope: Self.services[0], name: "AP1")))
            }
            for folding in [Folding.none, Folding(kept: []), Folding(kept: someNames)] {
                let datums = datums(series, builder(sets, folding))
                #expect(carried(datums) == expected, "\(sets), \(folding), seed \(seed)")
                // A datum that carries calls counts exactly those.
                for published in datums where !published.calls.isEmpty {
                    #expect(published.datum.sum == Double(published.calls.reduce(0) { $0 + $1.calls }))
                }
            }
        }
    }

    @Test(arguments: UInt64(1)...2)
    func onlyMetricsOfTheChosenSetsArePublished(seed: UInt64) {
        let series = window(seed: seed)
        for sets in Self.choices {
            for published in datums(series, builder(sets)) {
                let names = published.datum.dimensions.map(\.name)
                #expect(
                    sets.publishes(published.datum.name, dimensions: names),
                    "\(published.datum.name) by \(names), \(sets)")
                #expect(published.datum.problem() == nil)
                #expect(published.datum.unit == MetricCatalog.metric(named: published.datum.name)?.unit)
            }
        }
    }

    @Test(arguments: UInt64(1)...6)
    func everySetOfCallsAddsUpToTheSame(seed: UInt64) {
        let series = window(seed: seed)
        var (total, onIndexes) = (0.0, 0.0)
        for (identity, totals) in series {
            total += Double(totals.counters.calls)
            if !identity.index.isEmpty { onIndexes += Double(totals.counters.calls) }
        }
        for folding in [Folding.none, Folding(kept: [])] {
            let all = datums(series, builder(PublishedSets(Set(MetricCatalog.DimensionSet.allCases)), folding)).map(
                \.datum)
            for set in [MetricCatalog.DimensionSet.pattern, .service, .table, .index] {
                let sum = self.sum("Calls", of: all) { set.names.contains($0.dimensions.map(\.name)) }
                #expect(sum == (set == .index ? onIndexes : total), "\(set), seed \(seed)")
            }
            #expect(sum("OperationCalls", of: all) { _ in true } == total)
        }
    }

    @Test func withNothingChosenTheServicesCallsAccountForEverything() {
        let series = window(seed: 3)
        let datums = datums(series, builder(PublishedSets([])))
        #expect(Set(datums.filter { !$0.calls.isEmpty }.map(\.datum.name)) == ["Calls"])
        #expect(datums.filter { $0.datum.name == "Calls" }.allSatisfy { $0.datum.dimensions.count == 2 })
        #expect(!datums.contains { $0.datum.name == "FailedCalls" })
    }

    @Test func foldedSeriesAreOneAndCounted() {
        let series = window(seed: 5)
        let datums = datums(series, builder(PublishedSets([.pattern, .operation]), Folding(kept: [])))
        var patterns: Set<String> = []
        for published in datums where published.datum.name == "Calls" {
            for dimension in published.datum.dimensions where dimension.name == "Pattern" {
                patterns.insert(dimension.value)
            }
        }
        #expect(patterns == ["other"])
        let folded = sum("AgentFoldedSeries", of: datums.map(\.datum)) { _ in true }
        #expect(folded > 0)
    }

    @Test func theWorstErrorOfAPercentileIsPublishedForEachService() throws {
        let identity = SeriesIdentity(
            service: "shop", environment: "production", table: "Orders", operation: "GetItem", pattern: "AP1")
        var totals = SeriesTotals()
        totals.counters.calls = 1_000
        totals.counters.attempts = 1_000
        let buckets = (0..<1_000).map { HistogramSnapshot.Bucket(index: 300 + $0, count: 1) }
        totals.callTime = HistogramSnapshot(
            buckets: buckets, sumNanoseconds: buckets.reduce(0) { $0 + LatencyBuckets.middle(of: $1.index) })
        let datums = datums([identity: totals], builder(.standard)).map(\.datum)
        let error = try #require(datums.first { $0.name == "AgentPercentileErrorPercent" })
        #expect(error.sum > 0.5 && error.sum <= 1.2)
        #expect(error.unit == .percent && error.dimensions.map(\.value) == ["production", "shop"])
        #expect(datums.count { $0.name == "CallTime" } > 1)
    }

    @Test(arguments: PublishPeriod.allCases)
    func periodsUnderAMinuteAreOfHighResolution(period: PublishPeriod) {
        let builder = DatumBuilder(period: period, expected: ExpectedSeries(nil))
        let datums = builder.datums(
            of: PublishablePeriod(
                from: 0, to: Int64(period.seconds) * 1_000_000_000, isGap: false, series: window(seed: 1), scopes: [],
                hasFigures: false))
        #expect(datums.allSatisfy { $0.datum.storageResolution == (period == .sixtySeconds ? 60 : 1) })
    }
}
