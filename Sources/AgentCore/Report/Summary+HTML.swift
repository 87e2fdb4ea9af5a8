import AWSCore
import Monitoring
import Telemetry

extension Summary {
    /// The summary as a page that reads well on a phone at night: no script, no request of its own, light and dark.
    ///
    /// - Parameter refreshSeconds: after how many seconds the page loads itself again; nil never does.
    public func html(refreshSeconds: Int? = nil) -> String {
        let refresh = refreshSeconds.map { "<meta http-equiv=\"refresh\" content=\"\($0)\">" } ?? ""
        let sections =
            [findingCards, figures, agentSection, patternSection, resourceSection, hotKeySection, noticeSection]
            .joined(separator: "\n")
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>\(verdict.short) · Tidemark</title>\(refresh)
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <style>
            \(SummaryStyle.css)
            </style></head><body>
            <header class="\(verdict.role)"><div><h1>\(verdict.text)</h1>
            <p>\(Self.escaped(period))</p></div><span class="brand">Tidemark</span></header>
            <main>
            \(sections)
            </main>
            <footer>Made at \(now.iso8601)\(refreshSeconds.map { ", again every \($0) s" } ?? "") ·
            <a href="/summary.json">as JSON</a> · <a href="/healthz">health</a> · <code>tidemark doctor</code> looks at everything
            else</footer>
            </body></html>

            """
    }

    private var period: String {
        "Since \(since.iso8601), \(Figures.span(now.nanosecondsSince1970 - since.nanosecondsSince1970))"
            + (only.isEmpty ? "" : ", " + only)
    }

    private var verdict: (text: String, short: String, role: String) {
        let grave = findings.count { $0.severity == .critical }
        let worth = findings.count { $0.severity == .warning }
        func many(_ count: Int, _ one: String, _ more: String) -> String { count == 1 ? one : "\(count) \(more)" }
        if grave > 0 { return (many(grave, "One thing is broken", "things are broken"), "✗ \(grave) broken", "bad") }
        if worth > 0 {
            return (many(worth, "One thing is worth a look", "things are worth a look"), "! \(worth)", "warn")
        }
        return ("All is well", "✓ well", "good")
    }

    // MARK: What to know first

    private var findingCards: String {
        let cards = findings.map { finding -> String in
            let role = finding.severity == .critical ? "bad" : finding.severity == .warning ? "warn" : "note"
            let since = finding.since.map {
                "\($0.iso8601), \(Figures.span(now.nanosecondsSince1970 - $0.nanosecondsSince1970)) ago"
            }
            let rows = [
                ("since", since), ("until", finding.until?.iso8601), ("who", finding.who), ("cause", finding.cause),
                ("next", finding.next),
            ].compactMap { title, text in
                text.flatMap { $0.isEmpty ? nil : "<dt>\(title)</dt><dd>\(Self.escaped($0))</dd>" }
            }
            return
                "<article class=\"\(role)\"><h2>\(Self.escaped(finding.what))</h2><dl>\(rows.joined())</dl></article>"
        }
        return cards.joined(separator: "\n")
    }

    private var figures: String {
        let calls = patterns.reduce(UInt64(0)) { $0.plus($1.calls) }
        let failed = patterns.reduce(UInt64(0)) { $0.plus($1.failedCalls) }
        let attempts = patterns.reduce(UInt64(0)) { $0.plus($1.attempts) }
        let throttled = patterns.reduce(UInt64(0)) { $0.plus($1.throttledAttempts) }
        let tiles = [
            Self.tile("calls", Figures.count(calls), ""),
            Self.tile("failed", Figures.percent(failed, of: calls), failed > 0 ? "bad" : ""),
            Self.tile("throttled attempts", Figures.percent(throttled, of: attempts), throttled > 0 ? "warn" : ""),
            Self.tile("agent", agent.state.word, agent.state.role),
            Self.tile(
                "waits for CloudWatch", Figures.count(ledger.calls.pending), agent.publishTrouble.isEmpty ? "" : "bad"),
        ]
        return "<section class=\"tiles\">\(tiles.joined())</section>"
    }

    private static func tile(_ title: String, _ value: String, _ role: String) -> String {
        "<div class=\"tile \(role)\"><b>\(value)</b><span>\(title)</span></div>"
    }

    // MARK: The agent

    private var agentSection: String {
        let rows = agentFacts.map { "<dt>\($0.name)</dt><dd class=\"\($0.role)\">\(Self.escaped($0.text))</dd>" }
        return "<section><h2>Agent and ledger</h2>\(ledgerBar)<dl class=\"facts\">\(rows.joined())</dl></section>"
    }

    private var ledgerBar: String {
        let calls = ledger.calls
        let parts: [(name: String, amount: UInt64, role: String)] = [
            ("acknowledged", calls.acknowledged, "good"), ("pending", calls.pending, "info"),
            ("ambiguous", calls.ambiguous, "warn"), ("dropped", calls.droppedInAll, "bad"),
            ("not accounted for", ledger.gapInCalls, "gap"),
        ]
        let bar = parts.filter { $0.amount > 0 }.map { part in
            "<i class=\"\(part.role)\" style=\"flex-grow:\(part.amount)\" title=\"\(part.name)\"></i>"
        }
        let words = parts.dropLast().map { "<span class=\"\($0.role)\">\(Figures.count($0.amount)) \($0.name)</span>" }
        let verdict =
            ledger.isBalanced
            ? "<span class=\"good\">every call \(ledger.uncountedFiles > 0 ? "that was read " : "")is accounted for</span>"
            : "<span class=\"gap\">\(ledger.gapText)</span>"
        return """
            <p class="ledger"><b>\(Figures.count(calls.recorded)) calls recorded</b> = \(words.joined(separator: " + ")): \(verdict)</p>
            <div class="bar">\(bar.joined())</div>
            """
    }

    // MARK: Tables

    private var patternSection: String {
        guard !patterns.isEmpty else {
            return "<section><h2>Access patterns</h2><p>No call ended in this time.</p></section>"
        }
        let rows = patterns.map { line -> String in
            let failures = line.failures.map { "\(Figures.count($0.calls)) \($0.outcome)" }.joined(separator: ", ")
            return Self.row([
                (
                    "<b>\(Self.escaped(line.name))</b> <small>\(Self.escaped(line.pattern.isEmpty ? Self.noneMeans : line.about))</small>",
                    ""
                ),
                (Self.escaped(labels.text(line.scope)), ""), (Figures.count(line.calls), "n"),
                (Figures.count(line.failedCalls), line.failedCalls > 0 ? "n bad" : "n"), (failures, "small"),
                (
                    Figures.percent(line.throttledAttempts, of: line.attempts),
                    line.throttledAttempts > 0 ? "n warn" : "n"
                ),
                (line.p50Milliseconds.map(Figures.short) ?? "–", "n"),
                (line.p99Milliseconds.map(Figures.short) ?? "–", "n"),
            ])
        }
        return Self.table(
            "Access patterns",
            [
                ("pattern", ""), ("service", ""), ("calls", "n"), ("failed", "n"), ("how", ""), ("throttled", "n"),
                ("p50 ms", "n"),
                ("p99 ms", "n"),
            ], rows)
    }

    /// Whose row it is, where there are several services.
    private func whose(_ scope: MonitoringScope) -> String {
        labels.areNeeded ? " <small>of \(Self.escaped(labels.text(scope)))</small>" : ""
    }

    private var resourceSection: String {
        guard !resources.isEmpty else { return "" }
        let rows = resources.map { line -> String in
            let throttled = line.throttles.reduce(UInt64(0)) { $0.plus($1.attempts) }
            let cause = line.throttles.first.map { "\(Figures.count(throttled)) \($0.cause.wireName)" } ?? ""
            func units(_ value: Double, _ demand: Double?) -> (String, String) {
                let isAbove = demand.map { value >= 5 && value > 1.5 * $0 } ?? false
                return (Figures.short(value), isAbove ? "n warn" : "n")
            }
            let name = line.index.isEmpty ? line.table : "\(line.table)/\(line.index)"
            return Self.row([
                ("<b>\(Self.escaped(name))</b>\(whose(line.scope))", ""),
                (Figures.short(line.readUnitsPerSecond.average), "n"),
                units(line.readUnitsPerSecond.peak, line.demandedReadUnitsPerSecond),
                (line.demandedReadUnitsPerSecond.map(Figures.short) ?? "–", "n quiet"),
                (Figures.short(line.writeUnitsPerSecond.average), "n"),
                units(line.writeUnitsPerSecond.peak, line.demandedWriteUnitsPerSecond),
                (line.demandedWriteUnitsPerSecond.map(Figures.short) ?? "–", "n quiet"), (cause, "bad small"),
            ])
        }
        return Self.table(
            "Tables and indexes, units a second",
            [
                ("table", ""), ("read", "n"), ("peak", "n"), ("contract", "n"), ("write", "n"), ("peak", "n"),
                ("contract", "n"),
                ("throttled", ""),
            ], rows)
    }

    private var hotKeySection: String {
        guard !hotKeys.findings.isEmpty else { return "" }
        let rows = hotKeys.findings.prefix(5).map { finding -> String in
            let load = finding.loadPercent
            let role = load.lower >= 80 ? "bad" : load.upper >= 50 ? "warn" : ""
            let width = Figures.fixed(min(100, max(0, load.upper)), 1)
            return Self.row([
                (
                    "<b>\(Self.escaped(finding.resourceName))</b> <small>\(finding.isWrite ? "write" : "read")</small>\(whose(finding.scope))",
                    ""
                ),
                ("<code>\(Self.escaped(finding.shownKey))</code>", ""),
                (finding.share.scaled(100).text + "%", "n"), (finding.unitsPerSecond.text, "n"),
                ("<span class=\"meter \(role)\"><i style=\"width:\(width)%\"></i></span>\(load.text)%", "n \(role)"),
                (Figures.count(finding.throttledEvents), finding.throttledEvents > 0 ? "n bad" : "n"),
            ])
        }
        return Self.table(
            "Hottest keys",
            [
                ("table", ""), ("key", ""), ("share", "n"), ("units/s", "n"), ("of a partition", "n"),
                ("throttled", "n"),
            ],
            Array(rows))
    }

    private var noticeSection: String {
        guard !agent.notices.isEmpty else { return "" }
        let rows = agent.notices.prefix(10).map {
            let when = $0.at.iso8601 + ($0.until.map { " until \($0.iso8601)" } ?? "")
            return Self.row([(when, "small quiet"), (Self.escaped($0.message), "small")])
        }
        return Self.table("What the agent met", [("when", ""), ("what", "")], Array(rows))
    }

    private static func table(_ title: String, _ titles: [(text: String, role: String)], _ rows: [String]) -> String {
        let head = titles.map { "<th class=\"\($0.role)\">\($0.text)</th>" }.joined()
        return
            "<section><h2>\(title)</h2><div class=\"scroll\"><table><thead><tr>\(head)</tr></thead><tbody>\(rows.joined(separator: "\n"))"
            + "</tbody></table></div></section>"
    }

    private static func row(_ cells: [(html: String, role: String)]) -> String {
        "<tr>" + cells.map { "<td class=\"\($0.role)\">\($0.html)</td>" }.joined() + "</tr>"
    }

    /// Text that comes from outside, as HTML.
    static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
    }
}
