import AWSCore
import CloudWatch
import Monitoring
import Telemetry

/// Turns figures into sentences: simple rules, each of which names what it looked at.
struct SummaryRules {
    let summary: Summary
    /// Services that had traffic in this time and that the summary leaves out.
    let others: Set<MonitoringScope>

    /// Failed calls below this share and number are noise.
    private static let failureShare = 0.001
    private static let failureCount: UInt64 = 3
    /// Throttled attempts of all, above which retries are no longer enough.
    private static let throttleShare = 0.01
    /// How far above the contract's peak the busiest window may be.
    private static let demandExcess = 1.5

    func findings() -> [Summary.Finding] {
        let all =
            alarmFindings() + absenceFindings() + failureFindings() + throttleFindings() + demandFindings()
            + hotKeyFindings()
            + agentFindings()
        return all.enumerated().sorted { left, right in
            left.element.severity == right.element.severity
                ? left.offset < right.offset : left.element.severity < right.element.severity
        }.map(\.element)
    }

    private func alarmFindings() -> [Summary.Finding] {
        summary.alarms.filter { $0.state == .alarm }.map { alarm in
            Summary.Finding(
                severity: .critical, what: "The alarm \(alarm.name) is in ALARM.", since: alarm.since,
                who: "Whoever the alarm's description names.",
                cause: alarm.because.isEmpty
                    ? alarm.reason : "In ALARM: " + alarm.because.joined(separator: ", ") + ".",
                next: "Read its description: it derives the threshold and says what to look at.")
        }
    }

    /// A summary of one service that is empty is no good news, and may be a slip in its name.
    private func absenceFindings() -> [Summary.Finding] {
        guard !summary.only.isEmpty, summary.patterns.isEmpty, !others.isEmpty else { return [] }
        let names = others.sorted().prefix(5).map { "\($0.service) in \($0.environment)" }.joined(separator: ", ")
        return [
            finding(
                .warning, "No call \(summary.only) ended in this time.",
                cause: "It makes none, or is named otherwise: there were calls of \(names).",
                next: "Look whether it runs; name --service and --environment as it does itself.")
        ]
    }

    private func failureFindings() -> [Summary.Finding] {
        summary.patterns.compactMap { line in
            guard line.failedCalls >= Self.failureCount, let trouble = line.trouble,
                Double(line.failedCalls) >= Self.failureShare * Double(line.calls),
                let (cause, next) = failureAdvice(line.failures)
            else { return nil }
            let tables = line.tables.joined(separator: ", ")
            return Summary.Finding(
                severity: trouble.isOngoing ? .critical : .warning,
                what:
                    "\(name(of: line)) failed \(Figures.count(line.failedCalls)) of \(Figures.count(line.calls)) calls "
                    + "(\(Figures.percent(line.failedCalls, of: line.calls))) after all retries"
                    + (trouble.isOngoing ? "." : ", until \(trouble.until.iso8601)."),
                since: trouble.since,
                who:
                    "\(line.scope.service) in \(line.scope.environment): \(line.operations.joined(separator: ", ")) on \(tables).",
                cause: cause, next: next)
        }
    }

    /// What opened a circuit comes before the calls that it held back, however many these are.
    private func failureAdvice(
        _ failures: [(outcome: CallOutcome, calls: UInt64)]
    ) -> (cause: String, next: String)? {
        let held = failures.first { $0.outcome == .circuitOpen }
        let opening = held == nil ? nil : failures.first { [.server, .timeout, .network].contains($0.outcome) }
        guard let main = opening ?? failures.first else { return nil }
        let advice = FailureAdvice(main.outcome)
        var cause = "\(Figures.count(main.calls)) ended as \(main.outcome): \(advice.cause)"
        if let held, opening != nil {
            cause += " \(Figures.count(held.calls)) more were held back by the circuit that such failures open."
        }
        return (cause, advice.next)
    }

    private func name(of line: Summary.PatternLine) -> String {
        if line.pattern.isEmpty { return "Calls that name no pattern (`none`)" }
        return line.about.isEmpty ? line.pattern : "\(line.pattern) (\(Figures.cut(line.about, to: 40)))"
    }

    private func throttleFindings() -> [Summary.Finding] {
        summary.resources.compactMap { line in
            guard let trouble = line.trouble, let main = line.throttles.first else { return nil }
            let throttled = line.throttles.reduce(UInt64(0)) { $0.plus($1.attempts) }
            let resource = line.index.isEmpty ? line.table : "\(line.table)/\(line.index)"
            let hot = summary.hotKeys.findings.first {
                $0.scope == line.scope && $0.table == line.table && $0.index == line.index
                    && $0.isWrite == main.cause.isWrite
            }
            let (cause, next) = throttleAdvice(main.cause, resource: resource, hot: hot)
            let affected = summary.patterns.filter {
                $0.scope == line.scope && $0.tables.contains(line.table) && $0.throttledAttempts > 0
            }
            let attempts = affected.reduce(UInt64(0)) { $0.plus($1.attempts) }
            let isGrave = Double(throttled) > Self.throttleShare * Double(attempts)
            return Summary.Finding(
                severity: trouble.isOngoing && isGrave ? .critical : .warning,
                what: "\(resource) throttled \(Figures.count(throttled)) attempts"
                    + (trouble.isOngoing ? "." : ", until \(trouble.until.iso8601)."),
                since: trouble.since,
                who: affected.isEmpty
                    ? "No call failed for it."
                    : "Patterns "
                        + affected.map(\.name).sorted { $0.precedesNaturally($1) }.joined(separator: ", ")
                        + " of \(line.scope.service).",
                cause: cause, next: next)
        }
    }

    private func throttleAdvice(
        _ main: ThrottleCause, resource: String, hot: HotKeyReport.Finding?
    ) -> (cause: String, next: String) {
        let reason = main.wireName
        if main.isKeyRange {
            let key = hot.map { " The hottest key there is \($0.shownKey)." } ?? ""
            return (
                "\(reason): one partition is at its limit, not the whole of \(resource).\(key)",
                "See `tidemark hotkeys --table \(hot?.table ?? resource)`; spread the key over "
                    + "\(max(2, hot?.shardsAtLeast ?? 2)) shards, or cache it."
            )
        }
        if reason.contains("AccountLimit") {
            return (
                "\(reason): the account's limit for the region is reached.",
                "Ask AWS to raise the quota; slow what can wait."
            )
        }
        if reason.contains("MaxOnDemand") {
            return (
                "\(reason): the maximum that is set on \(resource) is reached.",
                "Raise its maximum on-demand throughput, or find who asks for more than the contract."
            )
        }
        if reason.contains("Provisioned") {
            return (
                "\(reason): \(resource) has too little provisioned capacity.",
                "Raise its capacity or its auto-scaling maximum; an index that is short throttles its table's writes."
            )
        }
        return ("DynamoDB named no reason.", "Look at the table's throttle metrics by cause in CloudWatch.")
    }

    private func demandFindings() -> [Summary.Finding] {
        summary.resources.flatMap { line -> [Summary.Finding] in
            let sides = [
                ("read", line.readUnitsPerSecond.peak, line.demandedReadUnitsPerSecond),
                ("write", line.writeUnitsPerSecond.peak, line.demandedWriteUnitsPerSecond),
            ]
            return sides.compactMap { side, peak, demand in
                guard let demand, peak >= 5, peak > Self.demandExcess * demand else { return nil }
                let resource = line.index.isEmpty ? line.table : "\(line.table)/\(line.index)"
                return Summary.Finding(
                    severity: .warning,
                    what:
                        "\(resource) used \(Figures.short(peak)) \(side) units/s in its busiest window; the contract expects "
                        + "\(Figures.short(demand)) at peak.",
                    since: nil, who: "\(line.scope.service) in \(line.scope.environment).",
                    cause: "More calls, larger items or more items a call than the contract says.",
                    next: "Compare the patterns' rates with the contract; correct the contract, or the caller.")
            }
        }
    }

    private func hotKeyFindings() -> [Summary.Finding] {
        // An upper bound alone, after key events were lost, is no finding: it would be one for every key that was seen.
        summary.hotKeys.findings.filter { $0.loadPercent.upper >= 50 && $0.loadPercent.lower >= 20 }.map { finding in
            let load = finding.loadPercent.text + "%"
            return Summary.Finding(
                severity: finding.loadPercent.lower >= 80 ? .critical : .warning,
                what:
                    "One key takes \(load) of a partition's \(finding.isWrite ? "writes" : "reads") on \(finding.resourceName).",
                since: finding.since,
                who: "Every call\(summary.labels.suffix(finding.scope)) that needs the same partition.",
                cause: "Key \(finding.shownKey) has "
                    + "\(Figures.short(100 * finding.share.lower))% or more of the keyed traffic.",
                next: "Spread it over \(finding.shards) shards, or cache it.")
        }
    }

    private func agentFindings() -> [Summary.Finding] {
        conditionFindings() + uncountedFindings() + dataFindings() + noticeFindings()
    }

    /// Services that nobody counts now: no other figure of the report shows that they are there.
    private func uncountedFindings() -> [Summary.Finding] {
        let (count, files) = (summary.agent.uncountedFiles, summary.agent.uncounted)
        guard count > 0, let first = files.first else { return [] }
        let names =
            files.prefix(Self.named).map(\.name).joined(separator: "; ")
            + (count > Self.named ? "; and \(count - Self.named) more" : "")
        let remedy =
            files.contains { $0.state == .refused }
            ? "A service whose file was refused makes a new one at its next call; restart one that makes calls and no new file. "
            : ""
        return [
            finding(
                first.isAlive ? .critical : .warning,
                (count == 1 ? "A telemetry file is not counted" : "\(count) telemetry files are not counted")
                    + ", and what is in \(count == 1 ? "it" : "them") is in no figure here: \(names).",
                since: files.compactMap(\.since).min().map { Timestamp(nanosecondsSince1970: $0) },
                cause: Self.causes(of: files), next: remedy + "`tidemark doctor` says of each what to do.")
        ]
    }

    /// Why each is not counted; files without another reason than one before share its words.
    private static func causes(of files: [UncountedFile]) -> String {
        guard let first = files.first, files.contains(where: { $0.reason != first.reason }) else {
            return files.first?.reason ?? ""
        }
        return files.prefix(named).map { "\($0.name): \($0.reason)" }.joined(separator: " ")
    }

    /// How many names or notices are listed before "and so many more".
    private static let named = 5

    /// What the agent met in this time, and is not said above.
    private func noticeFindings() -> [Summary.Finding] {
        let told = summary.agent.uncounted.map(\.path)
        let notices = summary.agent.notices.filter { notice in
            notice.kind != CollectorNotice.Kind.noFiles.rawValue
                && !(notice.kind == CollectorNotice.Kind.fileUnreadable.rawValue && notice.until == nil
                    && told.contains { notice.message.contains($0) })
        }
        let findings = notices.prefix(Self.named).map(finding)
        guard notices.count > Self.named else { return findings }
        let rest = notices.dropFirst(Self.named)
        return findings + [
            finding(
                rest.map { $0.until == nil ? NoticeAdvice($0.kind).severity : .note }.min() ?? .note,
                "The agent met \(rest.count) more thing\(rest.count == 1 ? "" : "s") in this time.",
                since: rest.last?.at, cause: "These are only the newest \(Self.named).",
                next: "See the agent's log; `--format json` names all.")
        ]
    }

    /// What is over is told as that, in the words of then.
    private func finding(_ notice: StoredNotice) -> Summary.Finding {
        let advice = NoticeAdvice(notice.kind)
        guard let until = notice.until else {
            return finding(advice.severity, notice.message, since: notice.at, cause: advice.cause, next: advice.next)
        }
        var over = finding(
            .note, "This is over. The agent said then: \(notice.message)", since: notice.at, cause: advice.cause,
            next: "Nothing need be done now.")
        over.until = until
        return over
    }

    private func finding(
        _ severity: Summary.Severity, _ what: String, since: Timestamp? = nil, cause: String, next: String
    ) -> Summary.Finding {
        Summary.Finding(severity: severity, what: what, since: since, who: "This report.", cause: cause, next: next)
    }

    /// Whether the agent does what it is there for.
    private func conditionFindings() -> [Summary.Finding] {
        let agent = summary.agent
        var findings: [Summary.Finding] = []
        if agent.isDiskFull {
            findings.append(
                finding(
                    .critical, "The disk of the agent's store is full: it commits nothing.", since: agent.committedAt,
                    cause: "There is no room for a commit, and one is due every \(agent.periodInSeconds) s.",
                    next: "Free some space; services keep their totals in the telemetry files meanwhile."))
        } else if let stoppedAt = agent.stoppedAt, !agent.isStale {
            findings.append(
                finding(
                    .warning, "The agent is stopped, and no other has started since.", since: stoppedAt,
                    cause: "Somebody has stopped it.", next: "Start it; services keep their totals meanwhile."))
        } else if agent.isStale {
            findings.append(
                finding(
                    .critical, "The agent has committed nothing for longer than three periods.",
                    since: agent.committedAt, cause: "It is stopped, or its disk is full.",
                    next: "Look at the agent's log and start it; services keep their totals meanwhile."))
        } else if agent.isLate {
            findings.append(
                finding(
                    .warning, "A commit of the agent is overdue: one is due every \(agent.periodInSeconds) s.",
                    since: agent.committedAt, cause: "It is stopped, its disk is full, or the host is too busy.",
                    next: "Look at the agent's log, its status page or /healthz; services keep their totals meanwhile.")
            )
        }
        if !agent.publishTrouble.isEmpty {
            findings.append(
                finding(
                    .critical, "CloudWatch does not take the agent's data; alarms are blind.",
                    cause: agent.publishTrouble,
                    next: (agent.lacksDescriptors
                        ? "Raise the agent's limit of open files (ulimit -n, LimitNOFILE=)"
                        : "Check its permission cloudwatch:PutMetricData, its region and the network")
                        + "; nothing is lost for 14 days."))
        }
        if !summary.ledger.isBalanced {
            findings.append(
                finding(
                    .critical,
                    "The agent's ledger does not balance: \(summary.ledger.gapText).",
                    cause: "A defect of Tidemark, or a store that was changed by something else.",
                    next: "`tidemark ledger` names the patterns; please report it with its output."))
        }
        if !agent.filesTrouble.isEmpty {
            findings.append(
                finding(
                    .warning, "The agent reads no telemetry: " + agent.filesTrouble,
                    cause: "No service runs, or they write elsewhere.",
                    next: "`tidemark doctor` looks through the directories."))
        }
        return findings
    }

    /// What its figures leave out.
    private func dataFindings() -> [Summary.Finding] {
        let (agent, datums) = (summary.agent, summary.ledger.datums)
        var findings: [Summary.Finding] = []
        if agent.details.foldedSeries > 0 {
            findings.append(
                finding(
                    .note, "\(agent.details.foldedSeries) series are published as part of `other`.",
                    cause: "The budget is smaller than what the series cost.",
                    next: "Raise `budget-dollars-a-month`, or choose fewer `metrics`."))
        }
        if datums.droppedInAll > 0, agent.isPublishing {
            let reasons = datums.dropped.sorted { $0.key < $1.key }
                .map { "\(Figures.count($0.value)) \($0.key)" }.joined(separator: "; ")
            findings.append(
                finding(
                    .note, "\(Figures.count(datums.droppedInAll)) datums never reached CloudWatch.",
                    cause: reasons + ".", next: "The store has their totals."))
        }
        if agent.gaps > 0 {
            findings.append(
                finding(
                    .note, "\(agent.gaps) window\(agent.gaps == 1 ? " is" : "s are") longer than a period.",
                    cause: "The agent or its store was away.",
                    next: "Totals are exact; when within the gap things happened is not known."))
        }
        return findings
    }
}

/// What a class of failure usually means.
private struct FailureAdvice {
    let cause: String
    let next: String

    init(_ outcome: CallOutcome) {
        (cause, next) =
            switch outcome {
            case .throttled:
                (
                    "capacity was short for longer than the retries last.",
                    "See the table's throttles below and the hot keys."
                )
            case .timeout:
                ("no answer in the time allowed.", "Compare with SuccessfulRequestLatency: AWS slow, or the way to it?")
            case .network:
                (
                    "the connection failed before an answer.",
                    "Check DNS, the endpoint and the network of the hosts named."
                )
            case .server: ("DynamoDB answered with 5xx.", "Look at SystemErrors and the AWS Health Dashboard.")
            case .accessDenied:
                ("the role may not do this.", "Compare the role's policy with the table and its indexes.")
            case .credentials: ("there are no valid credentials.", "Check the role, its session and the host's clock.")
            case .notFound:
                ("the table or index is not there.", "Check region, account and table name; `tidemark tables verify`.")
            case .validation:
                ("DynamoDB refuses the request as malformed.", "Look at the service's last release and its log.")
            case .transactionConflict:
                ("transactions meet on the same items.", "Look for a shared item that many transactions write.")
            case .malformedResponse: ("an answer could not be understood.", "Look for a proxy between service and AWS.")
            case .circuitOpen:
                (
                    "the client held calls back after many failures: its circuit is open.",
                    "Look at what fails on its table: server, timeout or network; the service's log names what opened it."
                )
            case .client: ("the client refused the call before it was sent.", "Look at the service's log.")
            case .success, .conditionFailed, .cancelled: ("an answer, not a fault.", "Nothing.")
            }
    }
}
