import JSONBytes

/// The replay's own count of what came of each call, kept without the recorder: a witness beside it.
struct ReplayTally: Sendable {
    struct Row: Hashable, Sendable {
        var table: String
        var operation: String
        var pattern: String
        /// "success" or the class of the failure.
        var outcome: String
    }

    private(set) var calls: [Row: Int] = [:]
    /// What the first failure of each class said, for people.
    private(set) var examples: [String: String] = [:]

    mutating func count(_ row: Row, example: String?) {
        calls[row, default: 0] += 1
        if let example, examples[row.outcome] == nil { examples[row.outcome] = example }
    }

    mutating func merge(_ other: ReplayTally) {
        calls.merge(other.calls, uniquingKeysWith: +)
        examples.merge(other.examples) { first, _ in first }
    }

    var total: Int { calls.values.reduce(0, +) }

    func total(outcome: String) -> Int { calls.reduce(0) { $0 + ($1.key.outcome == outcome ? $1.value : 0) } }

    /// Calls by operation and outcome, the outcomes in columns.
    func text(seconds: Double) -> String {
        let outcomes = Set(calls.keys.map(\.outcome)).sorted {
            ($0 == "success" ? "" : $0) < ($1 == "success" ? "" : $1)
        }
        var rows: [[String]] = [["operation", "calls"] + outcomes]
        for operation in Set(calls.keys.map(\.operation)).sorted() {
            let counts = outcomes.map { outcome in
                calls.reduce(0) {
                    $0 + ($1.key.operation == operation && $1.key.outcome == outcome ? $1.value : 0)
                }
            }
            rows.append([operation, String(counts.reduce(0, +))] + counts.map(String.init))
        }
        rows.append(["all", String(total)] + outcomes.map { String(total(outcome: $0)) })
        var text = TextTable.render(rows)
        text += "\n\(total) calls in \(tenths(seconds)) s, \(Int(Double(total) / max(seconds, 0.001))) a second\n"
        for (outcome, example) in examples.sorted(by: { $0.key < $1.key }) { text += "  \(outcome): \(example)\n" }
        return text
    }

    func json(seconds: Double) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("calls", total)
        writer.member("seconds", seconds)
        writer.key("tally")
        writer.beginArray()
        let order = { (row: Row) in "\(row.table) \(row.operation) \(row.pattern) \(row.outcome)" }
        for (row, count) in calls.sorted(by: { order($0.key) < order($1.key) }) {
            writer.beginObject()
            writer.member("table", row.table)
            writer.member("operation", row.operation)
            writer.member("pattern", row.pattern)
            writer.member("outcome", row.outcome)
            writer.member("calls", count)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    private func tenths(_ value: Double) -> String { String((value * 10).rounded() / 10) }
}
