import AWSCore
import JSONBytes
import Monitoring

extension Ledger {
    /// The ledger as JSON: the sums, and a line for each service, environment and pattern.
    public func json() -> [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }

    /// The ledger as a table, a line for each service, environment and pattern, for a terminal or a file.
    public func text(style: TextStyle) -> String {
        var grid = TextGrid(
            [("service", .left), ("environment", .left), ("pattern", .left)]
                + ["recorded", "acknowledged", "ambiguous", "pending", "dropped"].map { ($0, .right) })
        for entry in inOrder {
            grid.add(
                [entry.scope.service, entry.scope.environment, entry.pattern].map { TextGrid.Cell($0) }
                    + entry.calls.cells)
        }
        grid.add([TextGrid.Cell("all"), TextGrid.Cell(""), TextGrid.Cell("")] + calls.cells)
        var lines = grid.lines(style)
        if !periods.isEmpty { lines = periodLines(style) + [""] + lines }
        for (reason, amount) in calls.dropped.sorted(by: { $0.key < $1.key }) {
            lines.append("  \(Figures.count(amount)) dropped: \(reason)")
        }
        if calls.mayHaveCounted > 0 {
            let range = calls.cloudWatchRange
            lines.append(
                "  CloudWatch's own sum lies between \(Figures.count(range.lowerBound)) and \(Figures.count(range.upperBound))."
            )
        }
        if entries.contains(where: { $0.pattern == DimensionText.none }) {
            lines.append("  " + Summary.noneMeans + ".")
        }
        lines.append(
            isBalanced
                ? "  " + style.paint("Every call \(uncountedFiles > 0 ? "that was read " : "")is accounted for.", .good)
                : "  " + style.paint("The ledger does not balance: \(gapText).", .bad))
        if uncountedFiles > 0 {
            let (files, they) = uncountedFiles == 1 ? ("file is", "it") : ("files are", "them")
            lines.append(
                "  " + style.paint("\(uncountedFiles) telemetry \(files) not counted", .bad)
                    + ", and what is in \(they) is in no figure here: see `tidemark summary`.")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension Ledger {
    /// A line for each window, with its length: windows that are old, or were merged for want of room, are long ones.
    private func periodLines(_ style: TextStyle) -> [String] {
        var grid = TextGrid(
            [("from", .left), ("length", .right)]
                + ["recorded", "acknowledged", "ambiguous", "pending", "dropped"].map { ($0, .right) } + [("", .left)])
        for period in periods {
            let seconds = period.start.duration(to: period.end).components.seconds
            let note = !period.calls.isBalanced ? "does not balance" : period.isGap ? "gap" : ""
            grid.add(
                [TextGrid.Cell(period.start.iso8601), TextGrid.Cell("\(seconds) s")] + period.calls.cells
                    + [TextGrid.Cell(note)])
        }
        return grid.lines(style)
    }
}

extension Ledger.Amounts {
    fileprivate var cells: [TextGrid.Cell] {
        [recorded, acknowledged, ambiguous, pending, droppedInAll].map { TextGrid.Cell(Figures.count($0)) }
    }
}

extension Ledger {
    /// By service and environment, then AP2 before AP10.
    private var inOrder: [Entry] {
        entries.sorted { left, right in
            left.scope == right.scope ? left.pattern.precedesNaturally(right.pattern) : left.scope < right.scope
        }
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("calls")
        calls.write(to: &writer)
        writer.key("datums")
        datums.write(to: &writer)
        writer.member("uncountedFiles", UInt64(uncountedFiles))
        writer.list("patterns", inOrder) { entry, writer in
            writer.beginObject()
            writer.member("service", entry.scope.service)
            writer.member("environment", entry.scope.environment)
            writer.member("pattern", entry.pattern)
            writer.key("calls")
            entry.calls.write(to: &writer)
            writer.endObject()
        }
        if !periods.isEmpty {
            writer.list("periods", periods) { period, writer in
                writer.beginObject()
                writer.member("start", period.start.iso8601)
                writer.member("end", period.end.iso8601)
                writer.member("isGap", period.isGap)
                writer.key("calls")
                period.calls.write(to: &writer)
                writer.endObject()
            }
        }
        writer.endObject()
    }
}

extension Ledger.Amounts {
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("recorded", recorded)
        writer.member("acknowledged", acknowledged)
        writer.member("ambiguous", ambiguous)
        writer.member("pending", pending)
        writer.key("dropped")
        writer.beginObject()
        for (reason, amount) in dropped.sorted(by: { $0.key < $1.key }) { writer.member(reason, amount) }
        writer.endObject()
        writer.member("mayHaveCounted", mayHaveCounted)
        writer.endObject()
    }
}
