import CloudWatch
import Monitoring
import TestSupport
import Testing

@Suite struct AlarmPolicyTests {
    @Test func theFileSaysWhatIsBuiltIn() throws {
        #expect(try AlarmPolicy.load(path: packageFile("alarms/policy.yaml")) == .standard)
    }

    @Test func whatIsLeftOutKeepsItsValue() throws {
        #expect(try AlarmPolicy.parse(yaml: "", file: "p") == .standard)
        #expect(try AlarmPolicy.parse(yaml: "alarms:\n  demand:\n", file: "p") == .standard)
        var expected = AlarmPolicy.standard
        expected.period = 10
        expected.failedCalls.atLeastAMinute = 7
        expected.slowCalls.isEnabled = false
        let text = """
            period: 10
            alarms:
              failed-calls: {at-least-a-minute: 7}
              slow-calls:
                enabled: false
            """
        #expect(try AlarmPolicy.parse(yaml: text, file: "p") == expected)
    }

    @Test func actionsAndMaintenanceAreRead() throws {
        let text = """
            actions:
              page: ["arn:aws:sns:eu-west-1:123456789012:page"]
              ticket:
                - arn:aws:sns:eu-west-1:123456789012:ticket
              recovery: false
            maintenance: {alarm: deploying, wait-seconds: 30, extension-seconds: 90}
            """
        let policy = try AlarmPolicy.parse(yaml: text, file: "p")
        #expect(policy.pageActions == ["arn:aws:sns:eu-west-1:123456789012:page"])
        #expect(policy.ticketActions == ["arn:aws:sns:eu-west-1:123456789012:ticket"])
        #expect(!policy.notifiesRecovery)
        #expect(policy.maintenance?.alarm == "deploying")
        #expect(policy.maintenance?.waitPeriod == 30)
        #expect(policy.maintenance?.extensionPeriod == 90)
    }

    @Test(arguments: [
        ("period: 15", "p:1: a period of 15 s does not exist: it is 10, 20, 30 or a multiple of 60"),
        ("period: x", "p:1: \"period\" must be a whole number"),
        (
            "\nperoid: 60",
            "p:2: the policy has no \"peroid\"; there is \"period\", \"actions\", \"maintenance\", \"alarms\""
        ),
        (
            "alarms:\n  throttled-attempts:\n    percent: 101",
            "p:3: \"percent\" must be a number from 0 to 100"
        ),
        (
            "alarms:\n  agent:\n    datapoints: 6", "p:3: \"datapoints\" is 6 of 5 periods; it must be from 1 to 5"
        ),
        ("alarms:\n  agent: {periods: 2000}", "p:2: \"agent\": 2000 periods of 60 s are longer than 1 day"),
        ("alarms: [1]", "p:1: \"alarms\" must be a list of \"key: value\" lines"),
        ("alarms:\n  agent:\n    enabled: maybe", "p:3: \"enabled\" must be true or false"),
        ("actions:\n  page:\n    - nobody", "p:3: \"nobody\" is no ARN; write arn:aws:sns:REGION:ACCOUNT:TOPIC"),
        ("just text", "p:1: the policy must be a list of \"key: value\" lines"),
    ])
    func mistakesAreSaidWithTheirLine(_ yaml: String, _ message: String) {
        let error = #expect(throws: AlarmPolicyError.self) { try AlarmPolicy.parse(yaml: yaml, file: "p") }
        #expect(error?.message == message)
    }

    @Test func sixTopicsAreTooMany() {
        let list = (0..<6).map { "    - arn:aws:sns:eu-west-1:123456789012:t\($0)" }.joined(separator: "\n")
        let error = #expect(throws: AlarmPolicyError.self) {
            try AlarmPolicy.parse(yaml: "actions:\n  page:\n" + list, file: "p")
        }
        #expect(error?.line == 3)
    }

    @Test(arguments: ["a: [", "a: b: c", "\t- x", "period: 60\nperiod: 60", "\"unclosed"])
    func whatIsNoYAMLIsSaidToBeNone(_ yaml: String) {
        let error = #expect(throws: AlarmPolicyError.self) { try AlarmPolicy.parse(yaml: yaml, file: "p") }
        #expect((error?.line ?? 0) >= 1)
    }

    @Test func aFileThatIsNotThereIsSaid() {
        let error = #expect(throws: AlarmPolicyError.self) { try AlarmPolicy.load(path: "/nowhere/policy.yaml") }
        #expect(error?.message == "/nowhere/policy.yaml: the file cannot be read; check its path and permissions")
    }
}
