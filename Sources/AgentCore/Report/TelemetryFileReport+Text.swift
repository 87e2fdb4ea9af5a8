import AWSCore
import Telemetry

extension TelemetryFileReport {
    /// The report for a person. What the file says is shown with control characters made visible.
    public func text(style: TextStyle = .plain) -> String {
        var lines = headline(style)
        lines += section("Series", seriesGrid, style)
        lines += section("Connections", phaseGrid, style)
        lines += notes(style)
        lines += section("Hottest keys of the \(Figures.count(UInt64(ring.delivered))) events kept", keyGrid, style)
        lines += section("Slowest calls", slowGrid, style)
        return lines.joined(separator: "\n") + "\n"
    }

    private func headline(_ style: TextStyle) -> [String] {
        let identity = snapshot.identity
        let state =
            isAlive
            ? style.paint("alive", .good)
            : style.paint(
                snapshot.isClosed ? "ended, closed in good order" : "ended without closing its file", .warning)
        let counters = total
        let failed = counters.failedCalls
        return [
            style.paint(Self.visible(identity.service, 60), .heading)
                + " in \(Self.visible(identity.environment, 60)), process \(identity.pid): \(state)",
            "  \(Self.visible(path, 200))"
                + (isSetAside
                    ? style.paint(
                        ": an agent has set it aside, for a reason that its log says (a copy, for example)", .warning)
                    : ""),
            "  since \(Self.time(identity.startedAtNanoseconds)), id \(identity.id)",
            "  layout \(facts.layout), revision \(facts.revision); \(Self.size(facts.usedBytes)) used of "
                + "\(Self.size(facts.grantedBytes)) granted, at most \(Self.size(facts.maximumBytes))",
            "",
            "\(Figures.count(counters.calls)) calls, \(Figures.count(failed)) failed "
                + "(\(Figures.percent(failed, of: counters.calls))); \(Figures.count(counters.attempts)) attempts, "
                + "\(Figures.count(counters.throttledAttempts)) throttled",
        ]
    }

    private var seriesGrid: TextGrid {
        var grid = TextGrid([
            ("table", .left), ("index", .left), ("operation", .left), ("pattern", .left), ("calls", .right),
            ("failed", .right), ("attempts", .right), ("throttled", .right), ("p50", .right), ("p99", .right),
        ])
        for series in busiest {
            let counters = series.counters
            grid.add(
                [
                    Self.visible(series.key.table, 30), Self.visible(series.key.index, 20),
                    Self.visible(series.key.operation, 20), Self.visible(series.key.pattern, 20),
                    Figures.count(counters.calls), Figures.count(counters.failedCalls),
                    Figures.count(counters.attempts), Figures.count(counters.throttledAttempts),
                    Self.duration(series.callTime.quantile(0.5)), Self.duration(series.callTime.quantile(0.99)),
                ].map { TextGrid.Cell($0) })
        }
        return grid
    }

    private var phaseGrid: TextGrid {
        var grid = TextGrid([("phase", .left), ("times", .right), ("p50", .right), ("p99", .right)])
        for (name, times) in [("DNS", snapshot.dnsTime), ("connect", snapshot.connectTime), ("TLS", snapshot.tlsTime)]
        where times.count > 0 {
            grid.add(
                [
                    name, Figures.count(times.count), Self.duration(times.quantile(0.5)),
                    Self.duration(times.quantile(0.99)),
                ].map { TextGrid.Cell($0) })
        }
        return grid
    }

    /// The circuits of each table that ever opened, those of reads first.
    private var circuits: [String] {
        var tables: [String: (reads: CircuitCounts, writes: CircuitCounts)] = [:]
        for series in snapshot.series where !series.counters.circuits.isZero {
            let (all, writes) = (series.counters.circuits, series.counters.writeCircuits)
            var sum = tables[series.key.table] ?? (CircuitCounts(), CircuitCounts())
            sum.reads = sum.reads + (all - writes)
            sum.writes = sum.writes + writes
            tables[series.key.table] = sum
        }
        return tables.sorted { $0.key < $1.key }.flatMap { table, counts in
            [("reads", counts.reads), ("writes", counts.writes)].filter { !$1.isZero }.map { kind, count in
                let name = table.isEmpty ? "several tables" : Self.visible(table, 30)
                // A file whose process has ended says nothing of now.
                let state = !isAlive ? "" : count.opened > count.closed ? ", open now" : ", closed now"
                return "circuit of the \(kind) of \(name): opened \(Figures.count(count.opened)) ×, again after a "
                    + "failed probe \(Figures.count(count.reopened)) ×, closed \(Figures.count(count.closed)) ×\(state)"
            }
        }
    }

    /// The rings' state, and what could not be measured apart.
    private func notes(_ style: TextStyle) -> [String] {
        var lines = ["", style.paint("State", .heading)]
        lines.append(
            "  key events: \(Figures.count(facts.keyEvents)) so far, the last "
                + "\(Figures.count(facts.keyEventCapacity)) are kept, \(Figures.count(UInt64(ring.delivered))) are whole"
        )
        lines.append(
            "  slow calls: \(Figures.count(facts.slowCalls)) so far, the last "
                + "\(Figures.count(facts.slowCallCapacity)) are kept")
        if snapshot.unrecordedCalls > 0 || snapshot.refusedSeries > 0 {
            lines.append(
                style.paint(
                    "  \(Figures.count(snapshot.unrecordedCalls)) calls are counted in `other`, and a series was refused a "
                        + "place \(Figures.count(snapshot.refusedSeries)) times: the file or its file system was full",
                    .warning))
        }
        lines += circuits.map { style.paint("  \($0)", .warning) }
        let counters = total
        if counters.hedges > 0 {
            lines.append(
                "  hedged reads: \(Figures.count(counters.hedges)) attempts went beside a slow first one "
                    + "(\(Figures.percent(counters.hedges, of: counters.attempts)) of all attempts)")
        }
        let untimed = counters.callTimesWithoutRoom &+ counters.attemptTimesWithoutRoom
        if untimed > 0 {
            lines.append(
                style.paint(
                    "  \(Figures.count(untimed)) times found no room: those calls and attempts are counted, but not in "
                        + "p50 and p99", .warning))
        }
        return lines
    }

    private var keyGrid: TextGrid {
        var grid = TextGrid([
            ("key", .left), ("table", .left), ("index", .left), ("events", .right), ("throttled", .right),
            ("read units", .right), ("write units", .right),
        ])
        for key in hotKeys.prefix(Self.listed) {
            grid.add(
                [
                    key.text.map { Self.visible($0, 40) } ?? "#" + Self.hexadecimal(key.hash),
                    Self.visible(key.series.table, 30), Self.visible(key.series.index, 20), Figures.count(key.events),
                    Figures.count(key.throttled), Figures.short(Double(key.readMilliUnits) / 1000),
                    Figures.short(Double(key.writeMilliUnits) / 1000),
                ].map { TextGrid.Cell($0) })
        }
        return grid
    }

    private var slowGrid: TextGrid {
        var grid = TextGrid([
            ("time", .right), ("table", .left), ("operation", .left), ("pattern", .left), ("outcome", .left),
            ("attempts", .right), ("ended", .left), ("correlation id", .left),
        ])
        for call in slowCalls.prefix(Self.listed) {
            grid.add(
                [
                    Self.duration(call.durationNanoseconds), Self.visible(call.series.table, 30),
                    Self.visible(call.series.operation, 20), Self.visible(call.series.pattern, 20), "\(call.outcome)",
                    "\(call.attempts)", Self.time(call.endedAtNanoseconds), Self.visible(call.correlationID, 64),
                ].map { TextGrid.Cell($0) })
        }
        return grid
    }

    private func section(_ title: String, _ grid: TextGrid, _ style: TextStyle) -> [String] {
        grid.rows.isEmpty ? [] : ["", style.paint(title, .heading)] + grid.lines(style)
    }

    // MARK: What the file says, fit for a terminal

    /// A text of at most so many characters in which nothing can move a cursor or hide what follows.
    static func visible(_ text: String, _ width: Int) -> String {
        Figures.cut(text.visible, to: width)
    }

    static func time(_ nanosecondsSince1970: UInt64) -> String {
        Timestamp(nanosecondsSince1970: nanosecondsSince1970.stored).iso8601
    }

    static func duration(_ nanoseconds: UInt64?) -> String {
        guard let nanoseconds else { return "–" }
        let value = Double(nanoseconds)
        return switch value {
        case ..<1e6: Figures.short(value / 1e3) + " µs"
        case ..<1e10: Figures.short(value / 1e6) + " ms"
        default: Figures.short(value / 1e9) + " s"
        }
    }

    private static func size(_ bytes: UInt64) -> String {
        bytes < 1 << 20 ? "\(Figures.short(Double(bytes) / 1024)) KB" : "\(Figures.short(Double(bytes) / 1048576)) MB"
    }

    static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
