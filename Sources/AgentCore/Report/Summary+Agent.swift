public import AWSCore
import GRDB

extension Summary {
    /// What waits, and how exact what is published is.
    public struct AgentDetails: Sendable, Equatable {
        /// Periods whose data CloudWatch has not taken yet.
        public var pendingPeriods = 0
        /// When the oldest of them began.
        public var oldestPending: Timestamp?
        /// By how many nanoseconds CloudWatch's clock is ahead of this host's; nil until an answer came.
        public var clockOffsetNanoseconds: Int64?
        /// The largest error of a published percentile in the last period, in percent; nil where nothing was published.
        public var percentileErrorInPercent: Double?
        /// How many series are published as part of `other`, to keep to the budget.
        public var foldedSeries = 0

        init() {}
    }

    /// One line on the agent, for every form of the report.
    struct AgentFactLine {
        var name: String
        var text: String
        var role: String
    }

    var agentFacts: [AgentFactLine] {
        let rest = [
            filesLine, pendingLine, sumLine, droppedLine, unbalancedLine, resolutionLine, foldedLine, errorLine,
            clockLine,
        ]
        return [stateLine, cloudWatchLine] + rest.compactMap { $0 }
    }

    private func age(_ time: Timestamp) -> String {
        Figures.span(now.nanosecondsSince1970 - time.nanosecondsSince1970)
    }

    private var stateLine: AgentFactLine {
        let commit = agent.committedAt.map { "last commit \(age($0)) ago" } ?? "no commit yet"
        return AgentFactLine(
            name: "agent",
            text: "\(agent.state.word), \(commit), period \(agent.periodInSeconds) s, "
                + (agent.isPublishing ? "publishing" : "collecting only"),
            role: agent.state.role)
    }

    private var cloudWatchLine: AgentFactLine {
        guard agent.isPublishing else {
            return AgentFactLine(name: "CloudWatch", text: "nothing is published", role: "quiet")
        }
        guard agent.publishTrouble.isEmpty else {
            return AgentFactLine(
                name: "CloudWatch", text: "does not take the data: \(agent.publishTrouble)", role: "bad")
        }
        return ledger.datums.acknowledged > 0
            ? AgentFactLine(name: "CloudWatch", text: "takes the data", role: "good")
            : AgentFactLine(name: "CloudWatch", text: "nothing was sent yet", role: "quiet")
    }

    private var filesLine: AgentFactLine? {
        agent.filesTrouble.isEmpty ? nil : AgentFactLine(name: "telemetry", text: agent.filesTrouble, role: "warn")
    }

    private var pendingLine: AgentFactLine? {
        let details = agent.details
        guard details.pendingPeriods > 0 else { return nil }
        let oldest = details.oldestPending.map { ", the oldest of \($0.iso8601), \(age($0)) ago" } ?? ""
        return AgentFactLine(
            name: "waiting", text: "\(details.pendingPeriods) period\(details.pendingPeriods == 1 ? "" : "s")\(oldest)",
            role: details.pendingPeriods > 3 ? "warn" : "")
    }

    /// The text's last line says it at length.
    static let sumName = "CloudWatch's sum"

    private var sumLine: AgentFactLine? {
        guard ledger.calls.mayHaveCounted > 0 else { return nil }
        let range = ledger.calls.cloudWatchRange
        return AgentFactLine(
            name: Self.sumName,
            text:
                "between \(Figures.count(range.lowerBound)) and \(Figures.count(range.upperBound)) calls, since answers were lost",
            role: "")
    }

    private var droppedLine: AgentFactLine? {
        let dropped = ledger.calls.dropped.filter { $0.value > 0 }
        guard !dropped.isEmpty else { return nil }
        let reasons = dropped.sorted { $0.key < $1.key }.map { "\(Figures.count($0.value)) \($0.key)" }
        return AgentFactLine(
            name: "dropped", text: reasons.joined(separator: "; ") + " (the store has their totals)",
            role: agent.isPublishing ? "warn" : "quiet")
    }

    private var unbalancedLine: AgentFactLine? {
        let periods = ledger.periodsWithGap
        guard let first = periods.first else { return nil }
        let calls = periods.reduce(UInt64(0)) { $0.plus($1.calls.gap) }
        return AgentFactLine(
            name: "periods",
            text:
                "\(periods.count) of \(ledger.periods.count) do not balance, \(Figures.count(calls)) calls in all; the first "
                + "began at \(first.start.iso8601)", role: "bad")
    }

    /// Where figures come from windows longer than a period, and how long the longest is.
    private var resolutionLine: AgentFactLine? {
        guard agent.gaps > 0 || agent.mergedWindows > 0, let coarsest = agent.coarsestInSeconds else { return nil }
        func windows(_ count: Int, _ words: String) -> String? {
            count == 0 ? nil : "\(count) window\(count == 1 ? "" : "s") \(words)"
        }
        let causes = [windows(agent.mergedWindows, "merged"), windows(agent.gaps, "with a gap")].compactMap { $0 }
        return AgentFactLine(
            name: "resolution",
            text:
                "\(Figures.span(coarsest * 1_000_000_000)) at worst (\(causes.joined(separator: ", "))): totals exact, peaks "
                + "are averages over such a window, times within it not known", role: "")
    }

    private var foldedLine: AgentFactLine? {
        let count = agent.details.foldedSeries
        guard count > 0 else { return nil }
        return AgentFactLine(
            name: "folded", text: "\(count) series into `other`, to keep to the budget", role: "warn")
    }

    private var errorLine: AgentFactLine? {
        agent.details.percentileErrorInPercent.map {
            AgentFactLine(name: "percentiles", text: "published within \(Figures.short($0))%", role: "")
        }
    }

    private var clockLine: AgentFactLine? {
        guard let offset = agent.details.clockOffsetNanoseconds, offset.magnitude >= 1_000_000_000 else { return nil }
        let seconds = Double(offset) / 1e9
        return AgentFactLine(
            name: "clock",
            text:
                "\(Figures.short(seconds.magnitude)) s \(seconds > 0 ? "behind" : "ahead of") CloudWatch's; corrected",
            role: seconds.magnitude >= 30 ? "warn" : "")
    }
}

extension AgentStore {
    /// What waits to be published, and what the agent said of its last period.
    func details() throws(AgentError) -> Summary.AgentDetails {
        var details = Summary.AgentDetails()
        let (periods, oldest): (Int, Int64?) = try read { database in
            let row = try Row.fetchOne(
                database, sql: "SELECT COUNT(*) AS n, MIN(startedAt) AS t FROM span WHERE publish != ?",
                arguments: [SpanState.settled.rawValue])
            return (row?["n"] ?? 0, row?["t"])
        }
        details.pendingPeriods = periods
        let facts = try facts()
        details.clockOffsetNanoseconds = facts[.clockOffset].flatMap { Int64($0) }
        details.percentileErrorInPercent = facts[.percentileError].flatMap { Double($0) }
        details.foldedSeries = facts[.foldedSeries].flatMap { Int($0) } ?? 0
        details.oldestPending = oldest.map { Timestamp(nanosecondsSince1970: $0) }
        return details
    }
}

extension Summary.AgentHealth {
    /// Whether it is for want of file descriptors that nothing is published.
    var lacksDescriptors: Bool { publishTrouble.hasPrefix("NoDescriptors") }

    /// In a word, and whether that is well.
    var state: (word: String, role: String) {
        if isDiskFull { return ("its disk is full", "bad") }
        if stoppedAt != nil { return ("stopped", "bad") }
        return isStale ? ("stale", "bad") : ("alive", "good")
    }
}
