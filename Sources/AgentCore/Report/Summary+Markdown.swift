import AWSCore
import Monitoring
import Telemetry

extension Summary {
    /// The summary as Markdown, for a ticket or a chat.
    public func markdown() -> String {
        let calls = patterns.reduce(UInt64(0)) { $0.plus($1.calls) }
        let failed = patterns.reduce(UInt64(0)) { $0.plus($1.failedCalls) }
        var lines = [
            "## Tidemark at \(now.iso8601)", "",
            "Since \(since.iso8601): \(Figures.count(calls)) calls\(only.isEmpty ? "" : " " + Self.cell(only)), "
                + "\(Figures.count(failed)) failed "
                + "(\(Figures.percent(failed, of: calls))).",
        ]
        lines += findings.flatMap(Self.paragraph)
        if !patterns.isEmpty { lines += ["", "### Access patterns", ""] + patternRows }
        if patterns.contains(where: \.pattern.isEmpty) { lines += ["", Self.noneMeans] }
        if !resources.isEmpty { lines += ["", "### Tables and indexes, units a second", ""] + resourceRows }
        lines += ["", "### Agent and ledger", ""] + ledgerRows + [""]
        lines += agentFacts.map { "- \($0.name): \(Self.cell($0.text))" }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func paragraph(_ finding: Finding) -> [String] {
        let mark = finding.severity == .critical ? "**broken**" : finding.severity == .warning ? "**look**" : "note"
        let rows = [
            ("since", finding.since?.iso8601 ?? ""), ("until", finding.until?.iso8601 ?? ""), ("who", finding.who),
            ("cause", finding.cause), ("next", finding.next),
        ]
        return ["", "- \(mark): \(cell(finding.what))"]
            + rows.filter { !$0.1.isEmpty }.map { "  - \($0.0): \(cell($0.1))" }
    }

    private var patternRows: [String] {
        let labels = labels
        return [
            "| pattern | service | calls | failed | throttled | p50 ms | p99 ms |",
            "| --- | --- | --: | --: | --: | --: | --: |",
        ]
            + patterns.map { line in
                "| \(Self.cell(line.name)) | \(Self.cell(labels.text(line.scope))) | "
                    + "\(Figures.count(line.calls)) | \(Figures.count(line.failedCalls)) | "
                    + "\(Figures.percent(line.throttledAttempts, of: line.attempts)) | "
                    + "\(line.p50Milliseconds.map(Figures.short) ?? "–") | \(line.p99Milliseconds.map(Figures.short) ?? "–") |"
            }
    }

    private var resourceRows: [String] {
        let labels = labels
        let (title, rule) = labels.areNeeded ? (" service |", " --- |") : ("", "")
        return [
            "| table |\(title) read | peak | contract | write | peak | contract |",
            "| --- |\(rule) --: | --: | --: | --: | --: | --: |",
        ]
            + resources.map { line in
                let name = line.index.isEmpty ? line.table : "\(line.table)/\(line.index)"
                let cells = [
                    line.readUnitsPerSecond.average, line.readUnitsPerSecond.peak, line.demandedReadUnitsPerSecond,
                    line.writeUnitsPerSecond.average, line.writeUnitsPerSecond.peak, line.demandedWriteUnitsPerSecond,
                ].map { $0.map(Figures.short) ?? "–" }
                let whose = labels.areNeeded ? [Self.cell(labels.text(line.scope))] : []
                return "| \(Self.cell(name)) | " + (whose + cells).joined(separator: " | ") + " |"
            }
    }

    private var ledgerRows: [String] {
        let calls = ledger.calls
        return [
            "| recorded | acknowledged | ambiguous | pending | dropped | not accounted for |",
            "| --: | --: | --: | --: | --: | --: |",
            "| "
                + [
                    calls.recorded, calls.acknowledged, calls.ambiguous, calls.pending, calls.droppedInAll,
                    ledger.gapInCalls,
                ].map(Figures.count).joined(separator: " | ") + " |",
        ]
    }

    /// Text that comes from outside, in one line that breaks no table and makes no mark-up.
    private static func cell(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "|", "*", "_", "`", "<", "[", "]", "\\": result += "\\" + String(character)
            case _ where character.isNewline: result += " "
            default: result.append(character)
            }
        }
    }
}
