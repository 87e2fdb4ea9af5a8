import CloudWatch
import Foundation
import JSONBytes
import Monitoring
import TestSupport
import Testing

@Suite struct CatalogTests {
    private struct Use: Hashable {
        var namespace: String
        var name: String
        var dimensions: [String]
    }

    private func alarmUses() throws -> Set<Use> {
        var uses: Set<Use> = []
        for alarm in try AlarmPlan.desired(capacity: makeCapacity(), scope: scope) {
            guard case .metric(let metric) = alarm.definition else { continue }
            let stats: [MetricStat] =
                switch metric.source {
                case .metric(let stat): [stat]
                case .math(let queries):
                    queries.compactMap { query in if case .metric(let stat) = query.source { stat } else { nil } }
                }
            for stat in stats {
                uses.insert(
                    Use(
                        namespace: stat.namespace, name: stat.metricName,
                        dimensions: stat.dimensions.map(\.name).sorted()))
            }
        }
        return uses
    }

    private func dashboardUses() throws -> Set<Use> {
        let body = try JSONValue.parse(
            try Dashboard.render(capacity: makeCapacity(), scope: scope, region: "eu-west-1"))
        var uses: Set<Use> = []
        for widget in body["widgets"]?.arrayValue ?? [] {
            for line in widget["properties"]?["metrics"]?.arrayValue ?? [] {
                let texts = (line.arrayValue ?? []).compactMap(\.stringValue)
                guard texts.count >= 2 else { continue }
                let names = stride(from: 2, to: texts.count, by: 2).map { texts[$0] }
                uses.insert(Use(namespace: texts[0], name: texts[1], dimensions: names.sorted()))
            }
        }
        return uses
    }

    @Test func alarmsAndDashboardsUseOnlyMetricsThatExist() throws {
        for use in try alarmUses().union(dashboardUses()) {
            if use.namespace == MetricCatalog.namespace {
                let metric = try #require(MetricCatalog.metric(named: use.name), "\(use.name) is not published")
                #expect(
                    PublishedSets.standard.publishes(metric.name, dimensions: use.dimensions),
                    "\(use.name) over \(use.dimensions)")
            } else {
                #expect(use.namespace == DynamoDBMetric.namespace)
                #expect(DynamoDBMetric(rawValue: use.name) != nil, "\(use.name)")
                #expect(DynamoDBMetric.dimensionNames.contains(use.dimensions), "\(use.name) over \(use.dimensions)")
            }
        }
    }

    @Test func noMetricIsPublishedThatNobodyLooksAt() throws {
        let used = Set(
            try alarmUses().union(dashboardUses()).filter { $0.namespace == MetricCatalog.namespace }.map(\.name))
        #expect(Set(MetricCatalog.all.map(\.name)).subtracting(used).isEmpty)
    }

    @Test func namesAreUniqueAndAPatternCostsAtMostEight() {
        #expect(Set(MetricCatalog.all.map(\.name)).count == MetricCatalog.all.count)
        #expect(MetricCatalog.patternMetricCount <= 8)
    }

    @Test func scopesGiveExactlyTheCatalogsDimensionSets() {
        let made: [(MetricCatalog.DimensionSet, [CloudWatch.Dimension])] = [
            (.service, scope.serviceDimensions), (.pattern, scope.dimensions(pattern: "AP1")),
            (.resource, scope.dimensions(table: "T")), (.resource, scope.dimensions(table: "T", index: "I")),
            (.operation, scope.dimensions(table: "T", operation: "GetItem")), (.table, scope.dimensions(table: "T")),
            (.index, scope.dimensions(table: "T", index: "I")),
        ]
        for (set, dimensions) in made { #expect(set.names.contains(dimensions.map(\.name)), "\(set)") }
    }

    @Test func anAlarmOnASetThatIsNotPublishedIsRefused() throws {
        let alarms = try AlarmPlan.desired(capacity: makeCapacity(), scope: scope)
        #expect(AlarmPlan.unpublished(alarms, sets: .standard) == [])
        let refused = AlarmPlan.unpublished(alarms, sets: PublishedSets([.operation, .resource]))
        #expect(!refused.isEmpty)
        #expect(
            refused.allSatisfy { $0.alarm.contains("AP") && $0.reason.contains("by Environment, Pattern, Service") })
        // The agents' own figures are always there.
        #expect(!AlarmPlan.unpublished(alarms, sets: PublishedSets([])).contains { $0.reason.contains("Heartbeat") })
    }

    @Test func namesOfSetsAreTheCatalogs() {
        #expect(PublishedSets(names: ["pattern", "operation", "resource"]) == .standard)
        #expect(PublishedSets(names: ["pattern", "patern"]) == nil)
        #expect(PublishedSets(names: ["table", "index"])?.carrier == .table)
        #expect(PublishedSets(names: ["index"])?.carrier == .service)
        #expect(PublishedSets(names: ["index"])?.metrics(of: .service).contains(MetricCatalog.calls) == true)
    }

    @Test func theDocumentIsTheCatalogs() throws {
        let text = MetricCatalog.markdown
        #expect(text == (try golden("docs/METRICS.md", actual: text)))
    }

    @Test func theAlarmDocumentNamesEveryNumberAndKind() throws {
        let text = try String(contentsOfFile: packageFile("docs/ALARMS.md"), encoding: .utf8)
        let alarms = try AlarmPlan.desired(capacity: makeCapacity(), scope: scope)
        for kind in Set(alarms.compactMap { $0.name.split(separator: "/").last }) {
            #expect(text.contains("`\(kind)`"), "\(kind)")
        }
        for number in Set(alarms.map(\.number)) where number != "page" {
            #expect(text.contains("| \(number) |"), "\(number)")
        }
    }
}
