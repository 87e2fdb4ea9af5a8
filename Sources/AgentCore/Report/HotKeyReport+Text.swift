import AWSCore

extension HotKeyReport {
    /// The report for a person, at most 100 columns wide.
    public func text(style: TextStyle = .plain) -> String {
        text(style: style, labels: ScopeLabels(coverage.map(\.scope)))
    }

    func text(style: TextStyle, labels: ScopeLabels) -> String {
        guard !coverage.isEmpty else {
            return "No capacity was consumed since \(since.iso8601) by any service that this agent reads.\n"
        }
        var lines = [style.paint("Hot keys since \(since.iso8601)", .heading), ""]
        if findings.isEmpty {
            lines.append("  No call named a key.")
        } else {
            lines += table(style, labels)
        }
        lines += advice(style, labels)
        lines += apart(style, labels)
        return lines.joined(separator: "\n") + "\n"
    }

    private func table(_ style: TextStyle, _ labels: ScopeLabels) -> [String] {
        let isShared = labels.areNeeded
        var grid = TextGrid(
            [("table", .left)] + (isShared ? [("service", .left)] : []) + [
                ("", .left), ("key", .left), ("share", .right), ("units/s", .right), ("peak/s", .right),
                ("partition", .right), ("throttled", .right),
            ])
        for finding in findings {
            let role: TextRole? =
                finding.loadPercent.lower >= 80 ? .bad : finding.loadPercent.lower >= 50 ? .warning : nil
            let whose: [TextGrid.Cell] = isShared ? [.init(Figures.cut(labels.text(finding.scope), to: 12))] : []
            grid.add(
                [.init(Figures.cut(finding.resourceName, to: isShared ? 22 : 30))] + whose + [
                    .init(finding.isWrite ? "write" : "read", .quiet),
                    .init(Figures.cut(finding.shownKey, to: isShared ? 18 : 24), .strong),
                    .init(finding.share.scaled(100).text + "%"), .init(finding.unitsPerSecond.text),
                    .init(Figures.short(finding.peakUnitsPerSecond)), .init(finding.loadPercent.text + "%", role),
                    .init(Figures.count(finding.throttledEvents), finding.throttledEvents > 0 ? .bad : nil),
                ])
        }
        return grid.lines(style)
    }

    private func advice(_ style: TextStyle, _ labels: ScopeLabels) -> [String] {
        // What is certain alone: where key events were lost, the upper bound would call every key hot.
        let hot = findings.filter { $0.shardsAtLeast > 1 }
        let unknown = unknownAdvice(labels)
        guard !hot.isEmpty || !unknown.isEmpty else { return [] }
        return [""]
            + hot.flatMap { finding in
                Figures.wrap(
                    "\(finding.resourceName)\(labels.suffix(finding.scope)): \(finding.shownKey) has been hot since "
                        + "\(finding.since.iso8601); \(finding.shards) shards would keep its "
                        + "\(finding.isWrite ? "writes" : "reads") under 60% of a partition in its hottest ten seconds.",
                    indent: "  "
                ).map { style.paint($0, .warning) }
            } + unknown.flatMap { Figures.wrap($0, indent: "  ").map { style.paint($0, .quiet) } }
    }

    /// A line for each table or index of which a key may be hot, and none is for certain.
    private func unknownAdvice(_ labels: ScopeLabels) -> [String] {
        coverage.compactMap { entry in
            let keys = findings.filter {
                $0.scope == entry.scope && $0.table == entry.table && $0.index == entry.index
                    && $0.isWrite == entry.isWrite
            }
            guard !keys.contains(where: { $0.shardsAtLeast > 1 }), keys.contains(where: { $0.shardsNeeded > 1 })
            else { return nil }
            let side = entry.isWrite ? "write" : "read"
            let reason =
                entry.coverage < 0.95
                ? "\(Figures.fixed(100 * entry.coverage, 0))% of its \(side) units were seen with their keys."
                : "its \(side) units are spread over more keys than `hot-key-capacity` tells apart."
            return
                "\(entry.resourceName)\(labels.suffix(entry.scope)): whether a key of it is hot is not known: \(reason)"
        }
    }

    /// What no key can be named for.
    private func apart(_ style: TextStyle, _ labels: ScopeLabels) -> [String] {
        var lines: [String] = []
        for entry in coverage where entry.keylessUnits > 0 {
            lines += Figures.wrap(
                "\(entry.resourceName)\(labels.suffix(entry.scope)): \(Figures.short(entry.keylessUnits)) of \(Figures.short(entry.consumedUnits)) "
                    + "\(entry.isWrite ? "write" : "read") units went to scans, which name no key", indent: "  ")
        }
        for entry in coverage where entry.coverage < 0.95 {
            lines += Figures.wrap(
                "\(entry.resourceName)\(labels.suffix(entry.scope)): \(Figures.fixed(100 * entry.coverage, 0))% of the "
                    + "\(entry.isWrite ? "write" : "read") units were seen with their keys", indent: "  ")
        }
        return lines.isEmpty ? [] : ["", style.paint("Apart", .heading)] + lines.map { style.paint($0, .quiet) }
    }

}

extension HotKeyReport.Bounds {
    /// One figure where the bounds round to the same, else both.
    var text: String {
        let (lower, upper) = (Figures.short(lower), Figures.short(upper))
        return lower == upper ? upper : "\(lower)–\(upper)"
    }
}

extension HotKeyReport.Finding {
    /// How many shards it takes, as far as it is known.
    var shards: String {
        let least = max(2, shardsAtLeast)
        return shardsNeeded <= least ? "\(least)" : "\(least) to \(shardsNeeded)"
    }

    var resourceName: String { index.isEmpty ? table : "\(table)/\(index)" }

    /// The key for people's eyes, else the beginning of its hash. Anybody who calls a service may choose its keys: nothing in one
    /// ends a line, moves a cursor or hides what follows.
    var shownKey: String { key?.visible ?? String(hash.prefix(12)) }
}

extension HotKeyReport.Coverage {
    var resourceName: String { index.isEmpty ? table : "\(table)/\(index)" }
}
