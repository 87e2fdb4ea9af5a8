import AWSCore
import CloudWatch
import Foundation
import JSONBytes
import Monitoring
import TestSupport
import Testing

/// Calls by "operation pattern outcome": fine enough that two errors do not cancel out.
typealias CallCounts = [String: Int]

extension Stage {
    /// The replays' own tallies, added up.
    func tally() throws -> CallCounts {
        var sums: CallCounts = [:]
        for path in tallies {
            let json = try JSONValue.parse(Array(try Data(contentsOf: URL(fileURLWithPath: path))))
            for row in json["tally"]?.arrayValue ?? [] {
                let parts = ["operation", "pattern", "outcome"].map { row[$0]?.stringValue ?? "?" }
                sums[parts.joined(separator: " "), default: 0] += row["calls"]?.intValue ?? 0
            }
        }
        return sums
    }

    /// What the agent's store has counted, read from its file with Python's own SQLite.
    func storeTotals() async throws -> StoreTotals {
        let script = """
            import json, sqlite3, sys
            store = sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True)
            rows = store.execute("SELECT operation, pattern, data FROM total JOIN series ON series.id = total.series")
            print(json.dumps([[row[0], row[1], row[2].hex()] for row in rows]))
            """
        let text = try await python(script, ["\(data)/tidemark.sqlite"])
        return try StoreTotals(rows: try JSONValue.parse(Array(text.utf8)).arrayValue ?? [])
    }

    /// Runs a script; what it printed.
    func python(_ script: String, _ arguments: [String]) async throws -> String {
        let child = try ChildProcess(
            "/usr/bin/env", ["python3", "-c", script] + arguments, environment: ProcessInfo.processInfo.environment,
            logs: folder.path("python-\(UUID().uuidString)"))
        let end = try await child.end()
        try #require(end.status == 0, "python3: \(end.errors)")
        return end.output
    }

    /// `tidemark summary` as JSON.
    func summary() async throws -> JSONValue {
        let end = try await run(["summary", "--offline", "--since", "1h", "--format", "json"])
        try #require(end.status == 0 || end.status == 1, "summary: \(end.errors)")
        return try JSONValue.parse(Array(end.output.utf8))
    }

    /// The agent's account of the calls.
    func ledger() async throws -> CallLedger { try CallLedger(try await summary()["ledger"]?["calls"]) }

    /// Waits until every call of the replays is in the store and nothing waits to be published any more.
    func waitUntilPublished() async throws {
        let calls = try tally().values.reduce(0, +)
        try await eventually("\(calls) calls published") {
            let ledger = try await ledger()
            return ledger.recorded >= calls && ledger.pending == 0
        }
    }

    /// A metric's sum over all access patterns, as CloudWatch has it.
    func cloudWatchSum(_ metric: MetricCatalog.Metric) async throws -> Int {
        let client = try cloudWatch()
        let now = Timestamp.now()
        let (from, to) = (now.seconds / 60 * 60 - 1_800, now.seconds / 60 * 60 + 120)
        var sum = 0.0
        for listed in try await client.listMetrics(namespace: MetricCatalog.namespace, name: metric.name) {
            let stat = MetricStat(
                namespace: listed.namespace, metricName: listed.name, dimensions: listed.dimensions, statistic: .sum,
                period: 60)
            let points = try await client.getMetricStatistics(
                stat, from: Timestamp(secondsSince1970: from), to: Timestamp(secondsSince1970: to))
            sum += points.reduce(0) { $0 + ($1[.sum] ?? 0) }
        }
        return Int(sum)
    }

    /// What holds whatever happened to the agent: the store has each call as the replays tallied it, and each attempt as
    /// the proxy logged it.
    func expectConservation(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let (store, tally) = (try await storeTotals(), try tally())
        #expect(store.calls == tally, "calls: the store and the replays' tally", sourceLocation: sourceLocation)
        #expect(
            store.attemptsByOperation == (try proxy.loggedByOperation()), "attempts: the store and the proxy's log",
            sourceLocation: sourceLocation)
    }
}

/// The agent's ledger in calls.
struct CallLedger {
    var recorded: Int
    var acknowledged: Int
    var ambiguous: Int
    var pending: Int
    var mayHaveCounted: Int

    init(_ json: JSONValue?) throws {
        func amount(_ name: String) throws -> Int { try #require(json?[name]?.intValue, "the ledger has no \(name)") }
        recorded = try amount("recorded")
        acknowledged = try amount("acknowledged")
        ambiguous = try amount("ambiguous")
        pending = try amount("pending")
        mayHaveCounted = try amount("mayHaveCounted")
    }
}

/// The counters of the store's series. Its blobs are LEB128 numbers: a version, the number of columns, then each column
/// with its length before it; the first holds calls and attempts, the second the calls by outcome.
struct StoreTotals {
    private(set) var calls: CallCounts = [:]
    private(set) var attemptsByOperation: [String: Int] = [:]

    private static let outcomes = [
        "success", "throttled", "conditionFailed", "transactionConflict", "validation", "accessDenied", "credentials",
        "notFound", "server", "timeout", "network", "cancelled", "client", "malformedResponse",
        "circuitOpen",
    ]

    init(rows: [JSONValue]) throws {
        for row in rows {
            let (operation, pattern) = (row[0]?.stringValue ?? "?", row[1]?.stringValue ?? "?")
            var numbers = StoreTotals.numbers(row[2]?.stringValue ?? "")[...]
            try #require(numbers.popFirst() == 1 && numbers.popFirst() == 4, "the store's blobs have another form")
            let (scalars, outcomes) = (StoreTotals.column(&numbers), StoreTotals.column(&numbers))
            try #require(scalars.count >= 2 && outcomes.count == Self.outcomes.count)
            #expect(
                scalars[0] == outcomes.reduce(0, +), "\(operation) \(pattern): calls are not the sum of their outcomes")
            for (name, count) in zip(Self.outcomes, outcomes) where count > 0 {
                calls["\(operation) \(pattern) \(name)", default: 0] += count
            }
            if scalars[1] > 0 { attemptsByOperation[operation, default: 0] += scalars[1] }
        }
    }

    private static func column(_ numbers: inout ArraySlice<Int>) -> [Int] {
        let length = numbers.popFirst() ?? 0
        defer { numbers = numbers.dropFirst(length) }
        return Array(numbers.prefix(length))
    }

    private static func numbers(_ hex: String) -> [Int] {
        var numbers: [Int] = []
        var (value, shift) = (0, 0)
        var digits = Array(hex.utf8)[...]
        while let high = digits.popFirst(), let low = digits.popFirst() {
            let byte = Int(String(decoding: [high, low], as: UTF8.self), radix: 16) ?? 0
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 {
                numbers.append(value)
                (value, shift) = (0, 0)
            }
        }
        return numbers
    }
}
