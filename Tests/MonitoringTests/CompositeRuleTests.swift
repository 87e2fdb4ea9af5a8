import CloudWatch
import Monitoring
import Testing

@Suite struct CompositeRuleTests {
    private let states: [String: AlarmState] = [
        "up": .alarm, "down": .ok, "new": .insufficientData, "high cpu": .alarm, #"say "hi""#: .ok,
    ]

    @Test(arguments: [
        ("ALARM(up)", true), ("ALARM(down)", false), ("OK(down) AND INSUFFICIENT_DATA(new)", true),
        ("ALARM(down) OR ALARM(up)", true), ("NOT ALARM(up)", false), ("NOT NOT ALARM(up)", true),
        ("ALARM(up) OR ALARM(up) AND ALARM(down)", true), ("(ALARM(up) OR ALARM(up)) AND ALARM(down)", false),
        ("TRUE", true), ("FALSE OR TRUE", true), (#"ALARM("high cpu")"#, true), (#"OK("say \"hi\"")"#, true),
        ("ALARM(arn:aws:cloudwatch:us-east-1:123456789012:alarm:up)", true),
        ("AT_LEAST(2, ALARM, (up, down, \"high cpu\"))", true), ("AT_LEAST(3, ALARM, (up, down, \"high cpu\"))", false),
        ("AT_LEAST(67%, NOT OK, (up, down, new))", false), ("AT_LEAST(66%, NOT OK, (up, down, new))", true),
        ("ALARM(missing)", false), ("NOT ALARM(missing)", true),
    ])
    func holds(_ text: String, _ expected: Bool) throws {
        #expect(try CompositeRule(text).evaluate(states) == (expected ? .alarm : .ok))
    }

    @Test(arguments: [
        "", "up", "ALARM(high cpu)", "ALARM(a,b)", "ALARM(a) AND", "MISSING(a)", "ALARM()", "ALARM(\"a", "ALARM(a))",
        "AT_LEAST(0, ALARM, (a))", "AT_LEAST(2, ALARM, (a))", "AT_LEAST(101%, ALARM, (a))", "AT_LEAST(1, ALARM, ())",
        "NOT", "ALARM(a) ALARM(b)", String(repeating: "(", count: 5_000),
    ])
    func isRefused(_ text: String) {
        #expect(throws: CompositeRuleError.self) { try CompositeRule(text) }
    }

    @Test func aHundredChildrenAreTakenAndOneMoreIsNot() throws {
        func rule(_ count: Int) -> String { (0..<count).map { "ALARM(a\($0))" }.joined(separator: " OR ") }
        #expect(try CompositeRule(rule(100)).children.count == 100)
        #expect(throws: CompositeRuleError.self) { try CompositeRule(rule(101)) }
        #expect(throws: CompositeRuleError.self) {
            try CompositeRule("ALARM(\"\(String(repeating: "x", count: 10_240))\")")
        }
        let repeated = Array(repeating: "ALARM(a)", count: 251).joined(separator: " OR ")
        #expect(throws: CompositeRuleError.self, "501 elements") { try CompositeRule(repeated) }
    }

    @Test func quotedNamesReadBack() throws {
        for name in ["plain", "with space", #"with "quotes""#, "tidemark/shop/production/Orders/page"] {
            #expect(try CompositeRule("ALARM(\(CompositeRule.quoted(name)))").children == [name])
        }
    }

    @Test func childrenComeBeforeParentsAndCyclesHaveNoOrder() throws {
        let rules = [
            "page": try CompositeRule("ALARM(part) OR ALARM(metric)"), "part": try CompositeRule("ALARM(metric)"),
        ]
        #expect(CompositeRule.evaluationOrder(of: rules) == ["part", "page"])
        let cycle = ["a": try CompositeRule("ALARM(b)"), "b": try CompositeRule("NOT ALARM(a)")]
        #expect(CompositeRule.evaluationOrder(of: cycle) == nil)
    }
}

@Suite struct ActionSuppressionTests {
    @Test func anActionWaitsForTheSuppressor() {
        var machine = ActionSuppression(waitPeriod: 2, extensionPeriod: 3, composite: .ok, suppressor: .ok)
        #expect(machine.compositeChanged(to: .alarm, at: 10).isEmpty)
        #expect(machine.advance(to: 11).isEmpty)
        #expect(machine.advance(to: 12).last == .action(.alarm, at: 12))
        #expect(!machine.hasUnactedChange)
    }

    @Test func maintenanceHoldsAPageBackAndItsEndLetsItGo() {
        var machine = ActionSuppression(waitPeriod: 2, extensionPeriod: 3, composite: .ok, suppressor: .ok)
        _ = machine.compositeChanged(to: .alarm, at: 10)
        let discarded = machine.suppressorChanged(to: .alarm, at: 11)
        #expect(discarded == [.discarded(.init(kind: .waiting, start: 10, end: 12), at: 11)])
        #expect(machine.advance(to: 100).isEmpty)
        #expect(machine.suppressorChanged(to: .ok, at: 100).isEmpty)
        #expect(machine.advance(to: 103).last == .action(.alarm, at: 103))
    }

    @Test func anIncidentThatEndsInsideMaintenancePagesNobodyTwice() {
        var machine = ActionSuppression(waitPeriod: 2, extensionPeriod: 3, composite: .ok, suppressor: .alarm)
        _ = machine.compositeChanged(to: .alarm, at: 10)
        _ = machine.compositeChanged(to: .ok, at: 20)
        _ = machine.suppressorChanged(to: .ok, at: 30)
        #expect(machine.advance(to: 40).last == .action(.ok, at: 33))
        #expect(machine.advance(to: 50).isEmpty)
    }
}
