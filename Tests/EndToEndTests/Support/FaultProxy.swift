import Foundation
import JSONBytes
import TestSupport
import Testing

/// The fault-injecting proxy of `scripts/`: it counts and logs every request that it saw, in code of its own.
final class FaultProxy {
    let port: UInt16
    private let process: ChildProcess
    private let log: String
    private var logMark = 0

    var url: String { "http://127.0.0.1:\(port)" }

    init(upstream: String, folder: TemporaryDirectory) async throws {
        log = folder.path("requests.jsonl")
        let process = try ChildProcess(
            "/usr/bin/env",
            ["python3", "\(SharedFiles.packageRoot)/scripts/fault-proxy", "--upstream", upstream, "--log", log],
            environment: ProcessInfo.processInfo.environment, logs: folder.path("proxy"))
        self.process = process
        try await eventually("the proxy's first line") { process.output.contains("\n") || !process.isRunning }
        let line = try JSONValue.parse(Array(process.output.utf8))
        port = UInt16(try #require(line["port"]?.intValue, "the proxy did not start: \(process.errors)"))
    }

    /// Ends it and waits for its log to be complete.
    func stop() async throws { _ = try await process.stop() }

    /// Puts rules in force, as `scripts/fault-proxy` reads them.
    func inject(_ rules: String) throws {
        let answer = try PlainHTTP.request(
            "/__faults", port: port, method: "PUT", body: "{\"seed\": 7, \"rules\": [\(rules)]}")
        try #require(answer.status == 200, "the proxy refuses the rules: \(answer.text)")
    }

    /// From now on nothing is injected. How often each rule did, by its name.
    @discardableResult func calm() throws -> [String: Int] {
        let rules = try JSONValue.parse(try PlainHTTP.request("/__faults", port: port).body)["rules"]?.arrayValue ?? []
        _ = try PlainHTTP.request("/__faults", port: port, method: "DELETE")
        return Dictionary(
            rules.map { ($0["name"]?.stringValue ?? "", $0["injected"]?.intValue ?? 0) }, uniquingKeysWith: +)
    }

    /// How many requests of a service it has seen since it began.
    func seen(_ service: String) throws -> Int {
        let counts = try JSONValue.parse(try PlainHTTP.request("/__counts", port: port).body)
        return (counts["operations"]?.objectValue ?? []).reduce(0) { sum, operation in
            operation.value["service"]?.stringValue == service ? sum + (operation.value["seen"]?.intValue ?? 0) : sum
        }
    }

    /// Forgets what was logged so far.
    func markLog() throws { logMark = try entries().count }

    /// Requests to DynamoDB in the log since the mark, by operation. DescribeTable is left out: commands ask it before
    /// they measure anything.
    func loggedByOperation() throws -> [String: Int] {
        try entries().dropFirst(logMark).reduce(into: [:]) { sums, entry in
            guard entry["service"]?.stringValue == "DynamoDB", let name = entry["operation"]?.stringValue,
                name != "DescribeTable"
            else { return }
            sums[name, default: 0] += 1
        }
    }

    private func entries() throws -> [JSONValue] {
        guard let data = FileManager.default.contents(atPath: log) else { return [] }
        return try data.split(separator: UInt8(ascii: "\n")).map { try JSONValue.parse(Array($0)) }
    }
}
