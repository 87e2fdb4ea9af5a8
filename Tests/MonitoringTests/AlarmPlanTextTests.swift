import AWSCore
import CloudWatch
import JSONBytes
import Monitoring
import TestSupport
import Testing

@Suite struct AlarmPlanTextTests {
    /// A plan with every kind of change.
    private func changes() throws -> AlarmChanges {
        var alarms = try AlarmPlan.desired(capacity: makeCapacity(), scope: scope, contract: "orders.json")
        var actual: [ActualAlarm] = alarms.prefix(6).compactMap { alarm in
            guard case .metric(let metric) = alarm.definition else { return nil }
            return ActualAlarm(
                DescribedAlarm(name: alarm.name, arn: "arn", definition: .metric(metric), state: .ok), tags: alarm.tags)
        }
        if case .metric(var metric) = alarms[2].definition {
            metric.threshold = 1
            metric.evaluationPeriods = 20
            actual[2].described.definition = .metric(metric)
        }
        actual[3].tags = [:]
        alarms.remove(at: 5)
        return AlarmPlan.diff(desired: alarms, actual: actual, scope: scope)
    }

    @Test func thePlanIsPrintedAsItAlwaysWas() throws {
        let text = try changes().text()
        #expect(text == (try golden("alarms/examples/plan.txt", actual: text)))
    }

    @Test func thePlanAsJSONIsStable() throws {
        var text = String(decoding: try changes().json(), as: UTF8.self)
        #expect(throws: Never.self) { try JSONValue.parse(Array(text.utf8)) }
        text = text.replacing("},{\"action\"", with: "},\n{\"action\"") + "\n"
        #expect(text == (try golden("alarms/examples/plan.json", actual: text)))
    }

    @Test func colourIsTheCallersAndDoesNotMoveTheColumns() throws {
        let plain = try changes().text()
        let styled = try changes().text { text, style in style == .faint ? text : "<\(text)>" }
        #expect(
            styled.replacing("<", with: "").replacing(">", with: "")
                == plain.replacing("<", with: "").replacing(">", with: ""))
        #expect(styled.contains("<+ "))
    }

    @Test func whatStaysIsCountedAndListedOnDemand() throws {
        #expect(try !changes().text().contains("    Orders/read-throttles"))
        #expect(try changes().text(showingUnchanged: true).contains("    Orders/read-throttles"))
        #expect(try changes().text(deletingOrphans: true).contains("1 orphan to delete"))
    }
}
