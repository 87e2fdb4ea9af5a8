import AWSCore
import CloudWatch
import Monitoring
import Telemetry

extension Summary {
    /// The summary for a person, at most 100 columns wide.
    public func text(style: TextStyle = .plain) -> String {
        var lines = headline(style)
        lines += findings.flatMap { paragraph($0, style) }
        lines += section("Alarms", alarmLines(style), style)
        lines += section("Access patterns", patternTable(style), style)
        lines += section("Tables and indexes, units a second", resourceTable(style), style)
        lines += hottestKeys(style)
        lines += section("Agent", agentLines(style), style)
        return lines.joined(separator: "\n") + "\n"
    }

    /// How many keys the summary names; `tidemark hotkeys` names more.
    private static let hottestKeys = 5

    private func hottestKeys(_ style: TextStyle) -> [String] {
        guard !hotKeys.findings.isEmpty else { return [] }
        var report = hotKeys
        report.findings = Array(report.findings.prefix(Self.hottestKeys))
        report.coverage = report.coverage.filter { entry in
            report.findings.contains {
                $0.table == entry.table && $0.index == entry.index && $0.isWrite == entry.isWrite
            }
        }
        return [""]
            + report.text(style: style, labels: labels).split(separator: "\n", omittingEmptySubsequences: false).map(
                String.init
            )
            .dropLast()
    }

    private func headline(_ style: TextStyle) -> [String] {
        let grave = findings.count { $0.severity == .critical }
        let worth = findings.count { $0.severity == .warning }
        let verdict: String
        if grave > 0 {
            verdict = style.paint("\(grave) thing\(grave == 1 ? "" : "s") broken", .bad)
        } else if worth > 0 {
            verdict = style.paint("\(worth) thing\(worth == 1 ? "" : "s") worth a look", .warning)
        } else if !alarmsUnknown.isEmpty {
            verdict = style.paint("nothing found here, but the alarms are not known", .warning)
        } else {
            verdict = style.paint("all is well", .good)
        }
        let calls = patterns.reduce(UInt64(0)) { $0.plus($1.calls) }
        let failed = patterns.reduce(UInt64(0)) { $0.plus($1.failedCalls) }
        return [
            style.paint("Tidemark", .heading) + " at \(now.iso8601): " + verdict,
            "Since \(since.iso8601): \(Figures.count(calls)) calls\(only.isEmpty ? "" : " " + only), \(Figures.count(failed)) failed "
                + "(\(Figures.percent(failed, of: calls))).",
        ]
    }

    private func paragraph(_ finding: Finding, _ style: TextStyle) -> [String] {
        let role: TextRole =
            switch finding.severity {
            case .critical: .bad
            case .warning: .warning
            case .note: .quiet
            }
        let mark = finding.severity == .critical ? "✗" : finding.severity == .warning ? "!" : "·"
        var lines = Figures.wrap(finding.what, indent: "  ")
        lines[0] = mark + lines[0].dropFirst(1)
        lines = lines.map { style.paint($0, role) }
        let since = finding.since.map {
            "\($0.iso8601), \(Figures.span(now.nanosecondsSince1970 - $0.nanosecondsSince1970)) ago"
        }
        for (title, text) in [
            ("since", since), ("until", finding.until?.iso8601), ("who", finding.who), ("cause", finding.cause),
            ("next", finding.next),
        ] {
            guard let text, !text.isEmpty else { continue }
            let label = title + String(repeating: " ", count: 7 - title.count)
            var folded = Figures.wrap(text, indent: String(repeating: " ", count: 9))
            guard !folded.isEmpty else { continue }
            folded[0] = "  " + style.paint(label, .quiet) + folded[0].dropFirst(9)
            lines += folded
        }
        return [""] + lines
    }

    private func section(_ title: String, _ lines: [String], _ style: TextStyle) -> [String] {
        lines.isEmpty ? [] : ["", style.paint(title, .heading)] + lines
    }

    private func alarmLines(_ style: TextStyle) -> [String] {
        guard alarmsUnknown.isEmpty else {
            return Figures.wrap("not known: " + alarmsUnknown, indent: "  ").map { style.paint($0, .warning) }
        }
        guard !alarms.isEmpty else { return [] }
        let firing = alarms.filter { $0.state == .alarm }
        let silent = alarms.count { $0.state == .insufficientData }
        var lines = firing.map { "  " + style.paint("ALARM", .bad) + "  \($0.name)" }
        lines.append(
            "  \(alarms.count - firing.count - silent) OK, \(firing.count) in ALARM, \(silent) without data")
        return lines
    }

    private func patternTable(_ style: TextStyle) -> [String] {
        guard !patterns.isEmpty else { return ["  No call ended in this time."] }
        var grid = TextGrid([
            ("pattern", .left), ("service", .left), ("calls", .right), ("failed", .right), ("mostly", .left),
            ("throttled", .right), ("p50 ms", .right), ("p99 ms", .right),
        ])
        let labels = labels
        for line in patterns {
            let mostly = line.failures.first.map { "\($0.outcome)" } ?? ""
            grid.add([
                .init(Figures.cut(line.name, to: 16), .strong), .init(Figures.cut(labels.text(line.scope), to: 16)),
                .init(Figures.count(line.calls)),
                .init(Figures.count(line.failedCalls), line.failedCalls > 0 ? .bad : nil), .init(mostly),
                .init(
                    Figures.percent(line.throttledAttempts, of: line.attempts),
                    line.throttledAttempts > 0 ? .warning : nil),
                .init(line.p50Milliseconds.map(Figures.short) ?? "–"),
                .init(line.p99Milliseconds.map(Figures.short) ?? "–"),
            ])
        }
        guard patterns.contains(where: \.pattern.isEmpty) else { return grid.lines(style) }
        return grid.lines(style) + [style.paint("  " + Self.noneMeans, .quiet)]
    }

    /// What stands in a pattern's place where there is none.
    static let noneMeans = "none: calls that name no access pattern, or that their service could not tell apart"

    private func resourceTable(_ style: TextStyle) -> [String] {
        guard !resources.isEmpty else { return [] }
        let labels = labels
        var grid = TextGrid(
            [("table", .left)] + (labels.areNeeded ? [("service", .left)] : []) + [
                ("read", .right), ("peak", .right), ("contract", .right), ("write", .right), ("peak", .right),
                ("contract", .right), ("throttled", .left),
            ])
        for line in resources {
            let cause = line.throttles.first.map {
                Figures.count(line.throttles.reduce(UInt64(0)) { $0.plus($1.attempts) }) + " " + Self.brief($0.cause)
            }
            let whose: [TextGrid.Cell] =
                labels.areNeeded ? [.init(Figures.cut(labels.text(line.scope), to: 12))] : []
            let name = line.index.isEmpty ? line.table : "\(line.table)/\(line.index)"
            grid.add(
                [.init(Figures.cut(name, to: labels.areNeeded ? 18 : 30), .strong)] + whose + [
                    .init(Figures.short(line.readUnitsPerSecond.average)),
                    Self.peak(line.readUnitsPerSecond.peak, line.demandedReadUnitsPerSecond),
                    .init(line.demandedReadUnitsPerSecond.map(Figures.short) ?? "–", .quiet),
                    .init(Figures.short(line.writeUnitsPerSecond.average)),
                    Self.peak(line.writeUnitsPerSecond.peak, line.demandedWriteUnitsPerSecond),
                    .init(line.demandedWriteUnitsPerSecond.map(Figures.short) ?? "–", .quiet), .init(cause ?? "", .bad),
                ])
        }
        return grid.lines(style)
    }

    /// The part of a cause that is not in its row: `KeyRange`.
    private static func brief(_ cause: ThrottleCause) -> String {
        var text = cause.wireName
        for prefix in ["TableRead", "TableWrite", "IndexRead", "IndexWrite"] where text.hasPrefix(prefix) {
            text.removeFirst(prefix.count)
        }
        for suffix in ["Exceeded", "Throughput"] where text.hasSuffix(suffix) { text.removeLast(suffix.count) }
        return text
    }

    private static func peak(_ value: Double, _ demand: Double?) -> TextGrid.Cell {
        let isAbove = demand.map { value >= 5 && value > 1.5 * $0 } ?? false
        return TextGrid.Cell(Figures.short(value), isAbove ? .warning : nil)
    }

    private func agentLines(_ style: TextStyle) -> [String] {
        let calls = ledger.calls
        let verdict =
            ledger.isBalanced
            ? style.paint("every call \(ledger.uncountedFiles > 0 ? "that was read " : "")is accounted for", .good)
            : style.paint(ledger.gapText, .bad)
        let roles: [String: TextRole] = ["bad": .bad, "warn": .warning, "good": .good, "quiet": .quiet]
        var lines = agentFacts.filter { $0.name != Self.sumName }.flatMap { fact -> [String] in
            let label = fact.name + String(repeating: " ", count: max(1, 18 - fact.name.count))
            var folded = Figures.wrap(fact.text, indent: String(repeating: " ", count: 20))
            guard !folded.isEmpty else { return [] }
            folded = folded.map { line in
                let text = String(line.dropFirst(20))
                return String(repeating: " ", count: 20) + (roles[fact.role].map { style.paint(text, $0) } ?? text)
            }
            folded[0] = "  " + style.paint(label, .quiet) + folded[0].dropFirst(20)
            return folded
        }
        lines += [
            "  \(Figures.count(calls.recorded)) calls \(only.isEmpty ? "" : "of all services ")recorded = \(Figures.count(calls.acknowledged)) acknowledged + "
                + "\(Figures.count(calls.ambiguous)) ambiguous + \(Figures.count(calls.pending)) pending + "
                + "\(Figures.count(calls.droppedInAll)) dropped:",
            "  " + verdict,
        ]
        if calls.mayHaveCounted > 0 {
            let range = calls.cloudWatchRange
            lines.append(
                "  CloudWatch's own sum lies between \(Figures.count(range.lowerBound)) and \(Figures.count(range.upperBound))"
            )
        }
        return lines
    }
}
