public import ContractEngine
internal import ContractModel
internal import JSONBytes
internal import Tidemark

/// A plan, or what became of it, as text and as JSON.
public struct TablePlanReport: Sendable {
    private let plan: TablePlan
    private let outcomes: [StepOutcome]?
    private let capacity: CapacityPlan?

    /// Reports a plan, with what became of its steps where they were taken.
    ///
    /// - Parameter capacity: what the plan's units and dollars come from, for the report to say what they rest on.
    public init(_ plan: TablePlan, outcomes: [StepOutcome]? = nil, capacity: CapacityPlan? = nil) {
        self.plan = plan
        self.outcomes = outcomes
        self.capacity = capacity
    }

    /// Steps that did not end well.
    public var failures: [StepOutcome] { (outcomes ?? []).filter { $0.end != .done } }

    // MARK: Text

    /// Table after table, then what all of it comes to.
    public func text(style: ReportStyle = .plain) -> String {
        let parts = plan.entries.map { lines($0, style).joined(separator: "\n") }
        let grounds = [grounds?.assumptionLines(style), grounds?.caveatLines(style)].compactMap(\.self)
            .filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }
        return (parts + grounds + [summary(style)]).joined(separator: "\n\n") + "\n"
    }

    /// What the numbers rest on, where there are any.
    private var grounds: CapacityPlan? { plan.hasSteps ? capacity : nil }

    private func lines(_ entry: TablePlan.Entry, _ style: ReportStyle) -> [String] {
        var lines = [style(entry.desired.table.name, .heading) + "  " + outlook(entry, style)]
        if entry.outlook == .create { lines += created(entry.desired) }
        for difference in entry.differences where difference.kind != .missingTable {
            lines += self.lines(difference, isRefused: entry.outlook == .refused, style)
        }
        for unknown in entry.unknowns { lines += TextWrap.lines(unknown.text, indentation: 4, first: "  ? ") }
        lines += costs(entry, style)
        for outcome in failures where outcome.table == entry.desired.table.name { lines += failed(outcome, style) }
        return lines
    }

    private func outlook(_ entry: TablePlan.Entry, _ style: ReportStyle) -> String {
        let hasFailed = failures.contains { $0.table == entry.desired.table.name }
        if hasFailed { return style("not finished", .error) }
        switch entry.outlook {
        case .create: return style(outcomes == nil ? "to be created" : "created", .good)
        case .change:
            let count = entry.steps.count
            let changes = count == 1 ? "1 change" : "\(count) changes"
            return style(outcomes == nil ? changes : "\(changes) made", .good)
        case .unchanged: return style("as the contract says", .faint)
        case .byHand: return style("to be mended by hand", .warning)
        case .refused: return style("refused", .error)
        case .unknown: return style("not known", .warning)
        }
    }

    private func created(_ desired: DesiredTable) -> [String] {
        var lines = ["  + keys \(Words.keys(desired.table.partitionKey, desired.table.sortKey))"]
        for index in desired.table.indexes { lines.append("  + index \(index.name): \(Words.index(index))") }
        lines.append("  + \(Words.billing(desired.billing))")
        for (name, units) in desired.indexThroughput.sorted(by: { $0.key < $1.key }) {
            lines.append("  + index \(name): \(Words.units(units))")
        }
        if let warm = desired.warmThroughput { lines.append("  + serves \(Words.rate(warm)) at once") }
        for (name, warm) in desired.indexWarmThroughput.sorted(by: { $0.key < $1.key }) {
            lines.append("  + index \(name): serves \(Words.rate(warm)) at once")
        }
        var settings: [String] = []
        if desired.settings.isProtectedFromDeletion ?? true { settings.append("protected from deletion") }
        if desired.settings.isRecoverable ?? true { settings.append("point-in-time recovery") }
        if let attribute = desired.settings.timeToLive, desired.timeToLiveProblem == nil {
            settings.append("items expire by \(attribute)")
        }
        if !settings.isEmpty { lines.append("  + \(settings.joined(separator: ", "))") }
        if !desired.settings.tags.isEmpty { lines.append("  + tags \(Words.tags(desired.settings.tags))") }
        return lines
    }

    private func lines(_ difference: TableDifference, isRefused: Bool, _ style: ReportStyle) -> [String] {
        switch difference.remedy {
        case .step(let step):
            let mark = isRefused ? "  · " : "  ~ "
            let now =
                difference.live.isEmpty || difference.live == "off"
                ? "" : " (\(outcomes == nil ? "now" : "was") \(difference.live))"
            return TextWrap.lines(step.words + now, indentation: 4, first: mark)
        case .refused(let advice):
            return TextWrap.lines(difference.words, indentation: 4, first: "  ! ").map { style($0, .error) }
                + TextWrap.lines(advice, indentation: 6, first: "    → ")
        case .left(let advice):
            return TextWrap.lines(difference.words, indentation: 4, first: "  · ")
                + TextWrap.lines(advice, indentation: 6, first: "    → ").map { style($0, .faint) }
        }
    }

    private func costs(_ entry: TablePlan.Entry, _ style: ReportStyle) -> [String] {
        let desired = entry.desired
        var parts: [String] = []
        if entry.steps.contains(where: \.setsBilling) {
            parts.append(
                desired.dollarsPerMonth.map { "\(Figures.dollars($0)) a month with its indexes, without storage" }
                    ?? "what it costs is not known: no pattern has a rate (--patterns)")
        } else {
            for case .createIndex(let index, let throughput, _) in entry.steps {
                let provisioned = throughput.map { desired.prices.provisioned($0) }
                guard let dollars = provisioned ?? desired.indexDollarsPerMonth[index.name] else { continue }
                parts.append("\(index.name) costs \(Figures.dollars(dollars)) a month, without storage")
            }
        }
        if entry.fillDollars >= 0.005 {
            parts.append("filling new indexes costs \(Figures.dollars(entry.fillDollars)) once")
        }
        let recovery = Double(entry.live?.sizeInBytes ?? 0) * desired.recoveryDollarsPerByte
        if entry.steps.contains(.recover), recovery >= 0.005 {
            parts.append("recovery costs \(Figures.dollars(recovery)) a month for what is stored now")
        }
        if entry.steps.contains(where: \.raisesWarmThroughput) {
            parts.append("warm throughput is charged once, for what is added")
        }
        return parts.isEmpty
            ? [] : TextWrap.lines(parts.joined(separator: "; "), indentation: 4).map { style($0, .faint) }
    }

    private func failed(_ outcome: StepOutcome, _ style: ReportStyle) -> [String] {
        guard case .failed(let reason, let actions) = outcome.end else {
            return ["  – left out: \(outcome.step.words)"]
        }
        var text = "not done: \(outcome.step.words)"
        text += actions.isEmpty ? ": \(reason)" : ": the credentials may not \(actions.joined(separator: ", "))"
        return TextWrap.lines(text, indentation: 4, first: "  ! ").map { style($0, .error) }
    }

    private func summary(_ style: ReportStyle) -> String {
        func count(_ outlook: TablePlan.Outlook) -> Int { plan.entries.count { $0.outlook == outlook } }
        if outcomes != nil {
            let failed = failures.count
            if failed > 0 {
                let steps = failed == 1 ? "1 step is" : "\(failed) steps are"
                return style(
                    "\(steps) not done. Mend what is said above and apply again: what is done is kept.", .error)
            }
            return plan.isFinished ? nothing(style) : plan.hasSteps ? style("Done.", .good) : byHand(style)
        }
        if plan.isFinished { return nothing(style) }
        let changes = plan.entries.filter { $0.outlook == .change }.reduce(0) { $0 + $1.steps.count }
        var parts: [String] = []
        if count(.create) > 0 { parts.append("\(count(.create)) to create") }
        if changes > 0 { parts.append(changes == 1 ? "1 change" : "\(changes) changes") }
        if count(.refused) > 0 { parts.append("\(count(.refused)) refused") }
        let left = plan.entries.reduce(0) { $0 + $1.leftToPeople.count }
        if left > 0 { parts.append("\(left) to be mended by hand") }
        if count(.unknown) > 0 { parts.append("\(count(.unknown)) not known") }
        let dollars = plan.entries.filter { $0.outlook == .create }.compactMap(\.desired.dollarsPerMonth).reduce(0, +)
        var text = "Plan: \(parts.joined(separator: ", ")); nothing is deleted."
        if dollars > 0 { text += " New tables: \(Figures.dollars(dollars)) a month." }
        return style(text, .emphasis)
    }

    private func byHand(_ style: ReportStyle) -> String {
        style("Nothing that apply does; what is said above is to be mended by hand.", .warning)
    }

    private func nothing(_ style: ReportStyle) -> String {
        plan.isIncomplete
            ? style("Nothing to do in what may be looked at; the credentials may not look at everything.", .warning)
            : "Nothing to do: every table is as the contract says."
    }

    // MARK: JSON

    /// `{"tables": [{"table", "state", "steps", "differences", "unknown", "dollarsPerMonth"}], …}`; docs/TABLES.md.
    public func json() -> String {
        var writer = JSONWriter(reserving: 4_096)
        writer.beginObject()
        writer.key("tables")
        writer.beginArray()
        for entry in plan.entries { write(entry, to: &writer) }
        writer.endArray()
        writer.member("finished", outcomes == nil ? plan.isFinished : failures.isEmpty)
        grounds?.writeGrounds(to: &writer)
        writer.endObject()
        return writer.text + "\n"
    }

    private func write(_ entry: TablePlan.Entry, to writer: inout JSONWriter) {
        let own = outcomes?.filter { $0.table == entry.desired.table.name }
        writer.beginObject()
        writer.member("table", entry.desired.table.name)
        writer.member("state", state(entry))
        writer.key("steps")
        writer.beginArray()
        for (place, step) in entry.steps.enumerated() {
            writer.beginObject()
            writer.member("step", step.words)
            if let own, own.indices.contains(place) { write(own[place].end, to: &writer) }
            writer.endObject()
        }
        writer.endArray()
        entry.writeDifferences(to: &writer)
        writer.key("unknown")
        writer.beginArray()
        for unknown in entry.unknowns { writer.string(unknown.text) }
        writer.endArray()
        if let billing = entry.billing { writer.member("billing", billing) }
        if let dollars = entry.dollarsPerMonth {
            writer.member("dollarsPerMonth", (dollars * 100).rounded() / 100)
        }
        if entry.fillDollars > 0 { writer.member("fillDollars", (entry.fillDollars * 10_000).rounded() / 10_000) }
        writer.endObject()
    }

    private func state(_ entry: TablePlan.Entry) -> String {
        guard outcomes != nil else { return entry.outlook.rawValue }
        if failures.contains(where: { $0.table == entry.desired.table.name }) { return "unfinished" }
        switch entry.outlook {
        case .create: return "created"
        case .change: return "changed"
        case .unchanged, .byHand, .refused, .unknown: return entry.outlook.rawValue
        }
    }

    private func write(_ end: StepOutcome.End, to writer: inout JSONWriter) {
        switch end {
        case .done: writer.member("end", "done")
        case .skipped: writer.member("end", "skipped")
        case .failed(let reason, let actions):
            writer.member("end", "failed")
            writer.member("reason", reason)
            writer.key("missingActions")
            writer.beginArray()
            for action in actions { writer.string(action) }
            writer.endArray()
        }
    }
}

extension TableStep {
    fileprivate var setsBilling: Bool {
        switch self {
        case .create, .bill: true
        default: false
        }
    }

    fileprivate var raisesWarmThroughput: Bool {
        switch self {
        case .warm: true
        case .create(let desired): desired.warmThroughput != nil || !desired.indexWarmThroughput.isEmpty
        case .createIndex(_, _, let warm): warm != nil
        default: false
        }
    }
}

extension TablePlan.Entry {
    /// The way to pay once the steps are taken, in the settings' words; nil where it is not known.
    var billing: String? {
        guard !isHidden else { return nil }
        let after = desired.settings.billing == nil ? live?.billing ?? desired.billing : desired.billing
        if case .provisioned = after { return "provisioned" }
        return "on-demand"
    }

    func writeDifferences(to writer: inout JSONWriter) {
        writer.key("differences")
        writer.beginArray()
        for difference in differences {
            writer.beginObject()
            writer.member("kind", difference.kind.rawValue)
            if let index = difference.index { writer.member("index", index) }
            writer.member("live", difference.live)
            writer.member("wanted", difference.wanted)
            writer.member("message", difference.words)
            writer.member("drift", difference.isDrift)
            switch difference.remedy {
            case .step: writer.member("remedy", "apply")
            case .refused(let advice):
                writer.member("remedy", "refused")
                writer.member("advice", advice)
            case .left(let advice):
                writer.member("remedy", "left")
                writer.member("advice", advice)
            }
            writer.endObject()
        }
        writer.endArray()
    }
}
