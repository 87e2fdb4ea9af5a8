public import ContractEngine
internal import ContractModel
internal import JSONBytes
internal import Tidemark

/// The live tables held against the contract: how they are made, and what the items in them are.
public struct TableVerification: Sendable, Equatable {
    /// What came of reading items of a table.
    public enum Sampling: Sendable, Equatable {
        /// They were read, for so many thousandths of a read unit.
        case read(ItemSample, milliUnits: UInt64)
        /// They could not be read: a sentence without its end.
        case failed(String)
    }

    /// Tables and settings: what apply would do, and what it would not.
    public var plan: TablePlan
    /// Items, by table; empty where none were asked for.
    public var samples: [String: Sampling]

    /// Puts both together.
    public init(plan: TablePlan, samples: [String: Sampling] = [:]) {
        self.plan = plan
        self.samples = samples
    }

    /// Holds copies against their originals, and unique values against their lookup items, wherever both are in the samples.
    public mutating func compareSamples() {
        let all = samples.values.compactMap(\.sample)
        for (table, sampling) in samples {
            guard case .read(var sample, let milliUnits) = sampling else { continue }
            sample.compare(with: all)
            samples[table] = .read(sample, milliUnits: milliUnits)
        }
    }

    /// Whether anything breaks the contract.
    public var hasDrift: Bool { driftCount > 0 }

    /// How many things break the contract.
    public var driftCount: Int {
        plan.entries.reduce(0) { $0 + $1.differences.count(where: \.isDrift) }
            + samples.values.reduce(0) { $0 + $1.findings.count(where: \.kind.isDrift) }
    }

    /// Whether the credentials may not look at something; what a server cannot tell is only said.
    public var isIncomplete: Bool {
        plan.isIncomplete || samples.values.contains(where: \.hasFailed)
    }

    // MARK: Text

    /// Table after table, then what all of it comes to.
    public func text(style: ReportStyle = .plain) -> String {
        let parts = plan.entries.map { lines($0, style).joined(separator: "\n") }
        return (parts + [summary(style)]).joined(separator: "\n\n") + "\n"
    }

    private func lines(_ entry: TablePlan.Entry, _ style: ReportStyle) -> [String] {
        let name = entry.desired.table.name
        let findings = samples[name]?.findings ?? []
        let drifts = entry.differences.count(where: \.isDrift) + findings.count(where: \.kind.isDrift)
        let outlook =
            entry.isHidden
            ? style("not known", .warning)
            : drifts == 0
                ? style("as the contract says", .good)
                : style(drifts == 1 ? "1 difference" : "\(drifts) differences", .error)
        var lines = [style(name, .heading) + "  " + outlook]
        for difference in entry.differences {
            let mark = difference.isDrift ? "  ! " : "  · "
            lines += TextWrap.lines(difference.words, indentation: 4, first: mark).map {
                difference.isDrift ? style($0, .error) : $0
            }
            lines += TextWrap.lines(difference.advice, indentation: 6, first: "    → ").map { style($0, .faint) }
        }
        for unknown in entry.unknowns { lines += TextWrap.lines(unknown.text, indentation: 4, first: "  ? ") }
        if let sampling = samples[name] { lines += sampled(sampling, style) }
        return lines
    }

    private func sampled(_ sampling: Sampling, _ style: ReportStyle) -> [String] {
        switch sampling {
        case .failed(let reason): return TextWrap.lines("no items were read: \(reason)", indentation: 4, first: "  ? ")
        case .read(let sample, let milliUnits):
            var lines = [
                style(
                    "  \(items(sample.count)) read for \(Figures.short(Double(milliUnits) / 1_000)) read units", .faint)
            ]
            if sample.count > 0 { lines += kinds(sample, style) }
            for finding in sample.findings where finding.kind != .neverSeen {
                let text = "\(place(finding.entity, sample))\(finding.words) (\(finding.count) of \(items(finding.of)))"
                let isDrift = finding.kind.isDrift
                lines += TextWrap.lines(text, indentation: 4, first: isDrift ? "  ! " : "  · ").map {
                    isDrift ? style($0, .error) : $0
                }
            }
            lines += neverSeen(sample)
            return lines
        }
    }

    /// "USER: created_at and status are in none of 20 items".
    private func neverSeen(_ sample: ItemSample) -> [String] {
        sample.entities.flatMap { figures -> [String] in
            let names = sample.findings.filter { $0.kind == .neverSeen && $0.entity == figures.entity }.map(\.attribute)
            guard !names.isEmpty else { return [] }
            let verb = names.count == 1 ? "is" : "are"
            let text =
                "\(place(figures.entity, sample))\(Figures.list(names)) \(verb) in none of \(items(figures.count))"
            return TextWrap.lines(text, indentation: 4, first: "  · ")
        }
    }

    private func place(_ entity: String, _ sample: ItemSample) -> String {
        entity.isEmpty || entity == sample.table ? "" : "\(entity): "
    }

    private func kinds(_ sample: ItemSample, _ style: ReportStyle) -> [String] {
        var table = TextTable(columns: [
            ("kind", .left), ("items", .right), ("average B", .right), ("largest B", .right), ("estimate B", .right),
        ])
        table.indentation = 4
        for figures in sample.entities {
            let isThere = figures.count > 0
            table.append(
                .init(figures.entity), .init(Words.number(figures.count)),
                .init(isThere ? Words.number(figures.average) : "–"),
                .init(isThere ? Words.number(figures.largest) : "–"),
                .init(figures.estimate.map(Words.number) ?? "–"))
        }
        return table.render(style)
    }

    private func items(_ count: Int) -> String { count == 1 ? "1 item" : "\(Words.number(count)) items" }

    private func summary(_ style: ReportStyle) -> String {
        let count = driftCount
        if count == 0 {
            return isIncomplete
                ? style("No drift in what could be looked at; not everything could.", .warning)
                : style("No drift: the tables are as the contract says.", .good)
        }
        let mendable = plan.entries.reduce(0) { $0 + $1.differences.count { $0.isDrift && $0.isMendable } }
        var text = "Drift: " + (count == 1 ? "1 difference" : "\(count) differences") + " from the contract."
        if mendable > 0 {
            text += " 'tidemark tables apply' mends \(mendable == count ? "all of it" : "\(mendable) of \(count)")."
        }
        return style(text, .error)
    }

    // MARK: JSON

    /// `{"tables": [{"table", "differences", "unknown", "sample"}], "drift", "complete"}`; docs/TABLES.md.
    public func json() -> String {
        var writer = JSONWriter(reserving: 4_096)
        writer.beginObject()
        writer.key("tables")
        writer.beginArray()
        for entry in plan.entries {
            writer.beginObject()
            writer.member("table", entry.desired.table.name)
            entry.writeDifferences(to: &writer)
            writer.key("unknown")
            writer.beginArray()
            for unknown in entry.unknowns { writer.string(unknown.text) }
            writer.endArray()
            if let sampling = samples[entry.desired.table.name] { write(sampling, to: &writer) }
            writer.endObject()
        }
        writer.endArray()
        writer.member("drift", driftCount)
        writer.member("complete", !isIncomplete)
        writer.endObject()
        return writer.text + "\n"
    }

    private func write(_ sampling: Sampling, to writer: inout JSONWriter) {
        writer.key("sample")
        writer.beginObject()
        switch sampling {
        case .failed(let reason): writer.member("failed", reason)
        case .read(let sample, let milliUnits):
            writer.member("items", sample.count)
            writer.member("readUnits", Double(milliUnits) / 1_000)
            writer.key("kinds")
            writer.beginArray()
            for figures in sample.entities {
                writer.beginObject()
                writer.member("kind", figures.entity)
                writer.member("items", figures.count)
                writer.member("averageBytes", figures.average)
                writer.member("largestBytes", figures.largest)
                if let estimate = figures.estimate { writer.member("estimatedBytes", estimate) }
                writer.endObject()
            }
            writer.endArray()
            writer.key("findings")
            writer.beginArray()
            for finding in sample.findings { write(finding, to: &writer) }
            writer.endArray()
        }
        writer.endObject()
    }

    private func write(_ finding: ItemSample.Finding, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("kind", finding.kind.rawValue)
        if !finding.entity.isEmpty { writer.member("entity", finding.entity) }
        if !finding.attribute.isEmpty { writer.member("attribute", finding.attribute) }
        writer.member("message", finding.words)
        writer.member("items", finding.count)
        writer.member("of", finding.of)
        writer.member("drift", finding.kind.isDrift)
        writer.endObject()
    }
}

extension TableVerification.Sampling {
    /// What was found in the items that were read.
    var findings: [ItemSample.Finding] { sample?.findings ?? [] }
    var sample: ItemSample? { if case .read(let sample, _) = self { sample } else { nil } }
    var hasFailed: Bool { if case .failed = self { true } else { false } }
}

extension TableDifference {
    var isMendable: Bool { if case .step = remedy { true } else { false } }

    /// What to do, as a sentence.
    var advice: String {
        switch remedy {
        case .step(let step): "'tidemark tables apply' would \(step.words)."
        case .refused(let advice), .left(let advice): advice
        }
    }
}
