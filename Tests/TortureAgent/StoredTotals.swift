import AgentCore
import Telemetry
import TortureWords

/// What a store counted, from the API that reports have.
struct StoredTotals {
    private let calls: [CallTotal]
    private let attempts: [AttemptTotal]

    init(dataDirectory: String) throws(AgentError) {
        let store = try AgentStore.openReadOnly(dataDirectory: dataDirectory)
        calls = try store.callTotals()
        attempts = try store.attemptTotals()
    }

    /// Calls as `service/pattern/outcome`, and all attempts. Every name is of our own making: nothing needs escaping.
    var json: String {
        var sums: [String: UInt64] = [:]
        for total in calls {
            let name = "\(total.series.service)/\(total.series.pattern)/\(total.outcome.rawValue)"
            sums[name, default: 0] += total.calls
        }
        let entries = sums.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ")
        return "{\"attempts\": \(attempts.reduce(0) { $0 + $1.attempts }), \"calls\": {\(entries)}}"
    }
}
