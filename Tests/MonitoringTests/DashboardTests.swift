import CloudWatch
import ContractEngine
import ContractModel
import JSONBytes
import Monitoring
import TestSupport
import Testing

@Suite struct DashboardTests {
    private func render(_ capacity: CapacityPlan = makeCapacity()) throws -> [UInt8] {
        try Dashboard.render(capacity: capacity, scope: scope, region: "eu-west-1")
    }

    private func widgets() throws -> [JSONValue] { try JSONValue.parse(render())["widgets"]?.arrayValue ?? [] }

    @Test func theDashboardIsRenderedAsItAlwaysWas() throws {
        let text = String(decoding: try render(), as: UTF8.self).replacing("{\"type\"", with: "\n{\"type\"") + "\n"
        #expect(text == (try golden("dashboards/examples/cloudwatch.json", actual: text)))
    }

    @Test func widgetsLieInsideTheGridAndDoNotOverlap() throws {
        var taken: Set<[Int]> = []
        for widget in try widgets() {
            let x = try #require(widget["x"]?.intValue)
            let y = try #require(widget["y"]?.intValue)
            let width = try #require(widget["width"]?.intValue)
            #expect(x >= 0 && x + width <= 24)
            for column in x..<x + width {
                for row in y..<y + (try #require(widget["height"]?.intValue)) {
                    #expect(
                        taken.insert([column, row]).inserted, "\(widget["properties"]?["title"]?.stringValue ?? "text")"
                    )
                }
            }
        }
    }

    @Test func consumptionStandsBesideTheContractsDemand() throws {
        let widget = try #require(
            try widgets().first { $0["properties"]?["title"]?.stringValue == "Orders: read units" })
        let mark = widget["properties"]?["annotations"]?["horizontal"]?[0]
        #expect(mark?["value"]?.doubleValue == 600)
        #expect(mark?["label"]?.stringValue == "contract: 600/s")
    }

    @Test func manyPatternsGetGraphsOfTheirOwn() throws {
        var capacity = makeCapacity()
        let first = capacity.patterns[0]
        capacity.patterns = (0..<20).map { place in
            var demand = first
            demand.pattern.id = "AP\(place)"
            return demand
        }
        let body = try JSONValue.parse(try render(capacity))
        let titles = (body["widgets"]?.arrayValue ?? []).compactMap { $0["properties"]?["title"]?.stringValue }
        #expect(titles.filter { $0.hasPrefix("Orders: p99 of call time") }.count == 3)
        #expect(titles.contains("Orders: p99 of call time (AP8–AP15)"))
    }

    @Test func aContractTooLargeForADashboardIsRefused() {
        let capacity = CapacityPlan(
            patterns: [], resources: (0..<120).map { ResourceDemand(table: "T\($0)") })
        let error = #expect(throws: DashboardError.self) { try render(capacity) }
        #expect(error?.message.contains("500 is the most") == true)
    }

    @Test func theNameIsOneThatCloudWatchTakes() {
        #expect(Dashboard.name(scope: scope) == "tidemark-shop-production")
        #expect(Dashboard.name(scope: MonitoringScope(service: "a b/ü", environment: "x")) == "tidemark-a-b---x")
    }
}
