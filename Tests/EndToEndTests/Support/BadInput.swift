import Foundation
import TestSupport
import Testing

/// A command that cannot do what it is told: its exit code, and what its one sentence has to name.
struct BadInput: Sendable, CustomTestStringConvertible {
    let name: String
    let status: Int32
    /// Where the trouble is, and what to do about it.
    let sentence: [String]
    /// Sets the trouble up and gives the command line.
    let arguments: @Sendable (Stage) async throws -> [String]
    var environment: [String: String?] = [:]

    var testDescription: String { name }

    init(
        _ name: String, status: Int32, says sentence: [String], environment: [String: String?] = [:],
        _ arguments: @escaping @Sendable (Stage) async throws -> [String]
    ) {
        self.name = name
        self.status = status
        self.sentence = sentence
        self.environment = environment
        self.arguments = arguments
    }

    /// Nothing listens on the first port.
    static let nowhere = "http://127.0.0.1:1"

    static let documents: [BadInput] = [
        BadInput("a truncated contract, linted", status: 2, says: ["half.json:", "is it cut off?"]) {
            ["contract", "lint", try truncatedContract($0)]
        },
        BadInput("a truncated contract, for the agent", status: 2, says: ["half.json:", "is it cut off?"]) {
            ["agent", "--contract", try truncatedContract($0)]
        },
        BadInput("a truncated contract, for tables", status: 2, says: ["half.json:", "is it cut off?"]) {
            ["tables", "apply", try truncatedContract($0)]
        },
        BadInput("a contract that is not there", status: 2, says: ["none.json", "check the path"]) {
            ["contract", "capacity", $0.folder.path("none.json")]
        },
        BadInput("an unknown table in the trace", status: 2, says: ["line 2", "\"Nowhere\"", "it has Riders"]) {
            let lines = [
                #"{"pattern":"AP12","table":"Stations","operation":"GetItem","key":"st-001"}"#,
                #"{"pattern":"AP12","table":"Nowhere","operation":"GetItem","key":"st-001"}"#,
            ]
            let trace = try $0.folder.write(lines.joined(separator: "\n"), to: "trace.jsonl")
            return ["replay", trace, "--contract"] + Example.documents
        },
        BadInput("a trace that is none", status: 2, says: ["trace.jsonl:1:", "one JSON object a line"]) {
            let trace = try $0.folder.write("GET / HTTP/1.1", to: "trace.jsonl")
            return ["replay", trace, "--contract"] + Example.documents
        },
        BadInput("a malformed policy", status: 2, says: ["policy.yaml:2", "check indentation"]) {
            let policy = try $0.folder.write("period: [\n", to: "policy.yaml")
            return ["alarms", "plan"] + Example.documents + ["--policy", policy]
        },
        BadInput("a policy with a wrong value", status: 2, says: ["policy.yaml:1", "\"period\" must be"]) {
            let policy = try $0.folder.write("period: ten\n", to: "policy.yaml")
            return ["alarms", "plan"] + Example.documents + ["--policy", policy]
        },
        BadInput("a period that CloudWatch has not", status: 2, says: ["--period is \"7\"", "10, 20, 30, 60"]) { _ in
            ["agent", "--period", "7"]
        },
        BadInput("a port that there is not", status: 2, says: ["--status-port is \"70000\"", "0 to 65535"]) { _ in
            ["agent", "--status-port", "70000"]
        },
    ]

    static let surroundings: [BadInput] = [
        BadInput("a wrong endpoint, for tables", status: 3, says: [nowhere, "check that the service runs there"]) { _ in
            ["tables", "apply", Example.contract, "--endpoint", nowhere]
        },
        BadInput("a wrong endpoint, for replay", status: 3, says: [nowhere, "check that the service runs there"]) { _ in
            ["replay", Example.trace, "--contract"] + Example.documents + ["--endpoint", nowhere]
        },
        BadInput("a wrong endpoint, for alarms", status: 3, says: [nowhere, "check that the service runs there"]) { _ in
            ["alarms", "apply"] + Example.documents + ["--endpoint", nowhere]
        },
        BadInput("an endpoint that is no URL", status: 3, says: ["\"here\"", "use a form such as http"]) { _ in
            ["tables", "plan", Example.contract, "--endpoint", "here"]
        },
        BadInput("no region", status: 3, says: ["set AWS_REGION"], environment: ["AWS_REGION": nil]) { _ in
            ["tables", "plan", Example.contract]
        },
        BadInput("expired credentials, for tables", status: 3, says: ["expired", "DescribeTable on Riders"]) {
            try expireCredentials($0)
            return ["tables", "apply", Example.contract]
        },
        BadInput("expired credentials, for alarms", status: 3, says: ["expired"]) {
            try expireCredentials($0)
            return ["alarms", "plan"] + Example.documents
        },
        BadInput("tables that are not there", status: 3, says: ["Bikes does not exist", "tidemark tables apply"]) { _ in
            ["replay", Example.trace, "--contract"] + Example.documents
        },
        BadInput("no store", status: 3, says: ["tidemark.sqlite", "start `tidemark agent`"]) { _ in ["summary"] },
        BadInput("a port in use", status: 3, says: ["127.0.0.1 cannot be used", "--status-port"]) {
            ["agent", "--status-port", String($0.proxy.port)]
        },
        BadInput("a data directory below a file", status: 3, says: ["file/data", "cannot be made", "name another"]) {
            ["agent", "--data", try $0.folder.write("", to: "file") + "/data"]
        },
        BadInput("a data directory in /proc", status: 3, says: ["/proc/tidemark", "cannot be made", "name another"]) {
            _ in
            ["agent", "--data", "/proc/tidemark"]
        },
        BadInput("a telemetry directory below a file", status: 3, says: ["file/run", "cannot be made"]) {
            ["agent", "--telemetry-dir", try $0.folder.write("", to: "file") + "/run"]
        },
        BadInput("a second agent", status: 3, says: ["agent.lock", "another agent", "directories of its own"]) {
            _ = try await $0.startAgent()
            return ["agent"]
        },
    ]

    private static func truncatedContract(_ stage: Stage) throws -> String {
        let whole = try Data(contentsOf: URL(fileURLWithPath: Example.contract))
        return try stage.folder.write(Array(whole.prefix(whole.count / 2)), to: "half.json")
    }

    private static func expireCredentials(_ stage: Stage) throws {
        try stage.proxy.inject(
            """
            {"action": {"error": {"status": 400, "type": "com.amazon.coral.service#ExpiredTokenException",
             "message": "The security token included in the request is expired"}}}
            """)
    }
}
