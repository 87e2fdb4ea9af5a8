internal import ContractModel
internal import JSONBytes

/// What the patterns ask for and what it costs, as text and as JSON.
public struct CapacityReport: Sendable {
    /// The demand that is reported.
    public var plan: CapacityPlan
    let summary: String

    /// Reckons the capacity of a document.
    public init(_ document: ContractDocument, assuming assumptions: CapacityAssumptions = CapacityAssumptions()) {
        plan = capacity(of: document, assuming: assumptions)
        summary = ContractReport.summary(of: document)
    }

    /// Dollars a month of all tables and indexes, on demand at the average rate, without storage.
    public var dollarsPerMonth: Double { plan.total(\.onDemand) }

    /// Tables and indexes, what they cost, patterns, what the documents say otherwise, what was assumed.
    public func text(style: ReportStyle = .plain) -> String {
        let sections = [
            [style(summary, .heading)], plan.caveatLines(style), resources(style), costs(style), patterns(style),
            stated(style), plan.assumptionLines(style),
        ]
        return sections.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }

    // MARK: Demand

    private func resources(_ style: ReportStyle) -> [String] {
        var table = TextTable(columns: [
            ("table or index", .left), ("reads/s", .right), ("read units/s", .right), ("writes/s", .right),
            ("write units/s", .right), ("of warm", .right), ("one key", .right), ("most from", .left),
        ])
        for resource in plan.resources {
            let share = max(
                resource.readUnitsPerSecond / WarmThroughput.readUnitsPerSecond,
                resource.writeUnitsPerSecond / WarmThroughput.writeUnitsPerSecond)
            let hot = plan.cost(of: resource).hotKeyShare
            table.append(
                .init(resource.index.map { "  .\($0)" } ?? resource.table, resource.index == nil ? .emphasis : nil),
                .init(Figures.short(resource.readCallsPerSecond)),
                .init(CapacityReport.peak(resource.readUnitsPerSecond, average: resource.averageReadUnitsPerSecond)),
                .init(Figures.short(resource.writeCallsPerSecond)),
                .init(CapacityReport.peak(resource.writeUnitsPerSecond, average: resource.averageWriteUnitsPerSecond)),
                .init(Figures.percent(share), share >= CapacityReport.tightShare ? .warning : nil),
                .init(
                    hot.map { "≤ " + Figures.percent($0) } ?? "any",
                    (hot ?? 1) < CapacityReport.narrowKeyShare ? .warning : nil),
                .init(resource.contributions.prefix(3).map(\.pattern).joined(separator: ", "), .faint))
        }
        func sum(_ units: (ResourceDemand) -> Double) -> Double { plan.resources.reduce(0) { $0 + units($1) } }
        table.append(
            .init("total", .emphasis), .init(""),
            .init(
                CapacityReport.peak(sum(\.readUnitsPerSecond), average: sum(\.averageReadUnitsPerSecond))), .init(""),
            .init(
                CapacityReport.peak(sum(\.writeUnitsPerSecond), average: sum(\.averageWriteUnitsPerSecond))),
            .init(""), .init(""), .init(""))
        let note =
            "Calls and units a second at peak, (on average) where that is less. Warm: 12,000 read and 4,000 write units/s, what a "
            + "new on-demand table serves at once. One key: the share of the peak at which one partition key reaches what a "
            + "partition serves, 3,000 read and 1,000 write units/s."
        return table.render(style) + TextWrap.lines(note, indentation: 2).map { style($0, .faint) }
            + amplification(style)
    }

    /// "Each write unit of Users costs 0.30 more in its indexes".
    private func amplification(_ style: ReportStyle) -> [String] {
        let parts = plan.resources.filter { $0.index == nil }.compactMap { resource -> String? in
            guard let factor = plan.indexWritesPerWrite(table: resource.table), factor > 0 else { return nil }
            return "\(resource.table) \(Figures.short(factor))"
        }
        guard !parts.isEmpty else { return [] }
        let text = "Write units of its indexes for each one of the table: \(parts.joined(separator: ", "))."
        return TextWrap.lines(text, indentation: 2).map { style($0, .faint) }
    }

    /// "1,600 (400)": a peak with its average, where they differ.
    private static func peak(_ peak: Double, average: Double) -> String {
        let (high, low) = (Figures.short(peak), Figures.short(average))
        return high == low ? high : "\(high) (\(low))"
    }

    /// Above this share of warm throughput a peak leaves no room for the next.
    private static let tightShare = 0.75
    /// Where less than this share of the peak on one key is too much, keys need a second look.
    private static let narrowKeyShare = 0.25

    // MARK: Patterns

    private func patterns(_ style: ReportStyle) -> [String] {
        var table = TextTable(columns: [
            ("pattern", .left), ("calls/s", .right), ("what a call does", .left), ("read u/s", .right),
            ("write u/s", .right), ("units of a call", .left),
        ])
        for demand in plan.patterns {
            let rate = Figures.short(demand.callsPerSecond)
            guard let first = demand.charges.first else {
                table.append(
                    .init(demand.pattern.id, .faint), .init(rate, .faint), .init("nothing in DynamoDB", .faint),
                    .init("–", .faint),
                    .init("–", .faint), .init(""))
                continue
            }
            for (number, charge) in demand.charges.enumerated() {
                let place = charge.index.map { "\(charge.table).\($0)" } ?? charge.table
                let isShare = charge.index != nil && charge.writeUnitsPerCall > 0
                let isFirst = number == 0 && charge == first
                table.append(
                    .init(isFirst ? demand.pattern.id : ""), .init(isFirst ? rate : ""),
                    .init(
                        isShare ? "  and its share in \(place)" : "\(charge.operation) on \(place)",
                        isShare ? .faint : nil),
                    .init(charge.readUnitsPerCall > 0 ? Figures.short(charge.readUnitsPerSecond) : "–"),
                    .init(charge.writeUnitsPerCall > 0 ? Figures.short(charge.writeUnitsPerSecond) : "–"),
                    .init(charge.formula, .faint))
            }
        }
        return table.rows.isEmpty ? [] : table.render(style)
    }
}
