internal import ContractModel
internal import JSONBytes

/// What the patterns ask for, as text and as JSON.
public struct CapacityReport: Sendable {
    /// The demand that is reported.
    public var plan: CapacityPlan
    private let summary: String

    /// Reckons the capacity of a document.
    public init(_ document: ContractDocument, assuming assumptions: CapacityAssumptions = CapacityAssumptions()) {
        plan = capacity(of: document, assuming: assumptions)
        summary = ContractReport.summary(of: document)
    }

    /// Dollars a month of all tables and indexes, on demand, without storage.
    public var dollarsPerMonth: Double { plan.resources.reduce(0) { $0 + $1.dollarsPerMonth } }

    /// Tables and indexes, then patterns, then what was assumed.
    public func text(style: ReportStyle = .plain) -> String {
        var lines = [style(summary, .heading), ""]
        lines += resources(style) + [""] + patterns(style) + [""] + assumptions(style)
        return lines.joined(separator: "\n") + "\n"
    }

    private func resources(_ style: ReportStyle) -> [String] {
        var table = TextTable(columns: [
            ("table or index", .left), ("reads/s", .right), ("read units/s", .right), ("writes/s", .right),
            ("write units/s", .right), ("of warm", .right), ("$/month", .right), ("most from", .left),
        ])
        for resource in plan.resources {
            let share = max(
                resource.readUnitsPerSecond / WarmThroughput.readUnitsPerSecond,
                resource.writeUnitsPerSecond / WarmThroughput.writeUnitsPerSecond)
            table.append(
                .init(resource.index.map { "  .\($0)" } ?? resource.table, resource.index == nil ? .emphasis : nil),
                .init(Figures.short(resource.readCallsPerSecond)), .init(Figures.short(resource.readUnitsPerSecond)),
                .init(Figures.short(resource.writeCallsPerSecond)), .init(Figures.short(resource.writeUnitsPerSecond)),
                .init(Figures.percent(share), share >= CapacityReport.tightShare ? .warning : nil),
                .init(Figures.dollars(resource.dollarsPerMonth)),
                .init(resource.contributions.prefix(3).map(\.pattern).joined(separator: ", "), .faint))
        }
        let reads = plan.resources.reduce(0) { $0 + $1.readUnitsPerSecond }
        let writes = plan.resources.reduce(0) { $0 + $1.writeUnitsPerSecond }
        table.append(
            .init("total", .emphasis), .init(""), .init(Figures.short(reads)), .init(""), .init(Figures.short(writes)),
            .init(""),
            .init(Figures.dollars(dollarsPerMonth), .emphasis), .init(""))
        let note =
            "Calls and units a second are at peak; dollars at the average rate, on demand in us-east-1 "
            + "($\(OnDemandPrice.dollarsPerMillionReads) a million reads, $\(OnDemandPrice.dollarsPerMillionWrites) writes), "
            + "730 hours, without storage. Warm: 12,000 read and 4,000 write units/s, what a new on-demand table serves at once."
        return table.render(style) + TextWrap.lines(note, indentation: 2).map { style($0, .faint) }
    }

    /// Above this share of warm throughput a peak leaves no room for the next.
    private static let tightShare = 0.75

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
        return table.render(style)
    }

    /// The same assumption of several patterns is told once, with all that it moved.
    private func assumptions(_ style: ReportStyle) -> [String] {
        var order: [String] = []
        var moved: [String: [Moved]] = [:]
        for demand in plan.patterns {
            for assumption in demand.assumptions {
                if moved[assumption.text] == nil { order.append(assumption.text) }
                let what = String(assumption.moved.dropFirst(demand.pattern.id.count + 2))
                if let known = moved[assumption.text]?.firstIndex(where: { $0.what == what }) {
                    moved[assumption.text]?[known].patterns.append(demand.pattern.id)
                } else {
                    moved[assumption.text, default: []].append(Moved(what: what, patterns: [demand.pattern.id]))
                }
            }
        }
        guard !order.isEmpty else { return [style("Nothing was assumed: the documents say it all.", .good)] }
        var lines = [style("Assumed, since no document says it outright, and what it moved", .emphasis)]
        for text in order {
            lines += TextWrap.lines(text, indentation: 4, first: "  · ")
            let all = (moved[text] ?? []).map { "\($0.what): \($0.patterns.joined(separator: ", "))" }.joined(
                separator: "; ")
            lines += TextWrap.lines(all, indentation: 6).map { style($0, .faint) }
        }
        return lines
    }

    /// A number that an assumption moved, and in which patterns.
    private struct Moved {
        var what: String
        var patterns: [String]
    }
}
