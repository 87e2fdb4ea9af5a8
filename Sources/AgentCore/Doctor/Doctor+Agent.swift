import AWSCore
import GRDB
import Glibc

extension Doctor {
    private static let dataArea = "data directory"
    private static let agentArea = "agent"

    func dataChecks() -> [DoctorReport.Check] {
        let (area, path) = (Self.dataArea, configuration.dataDirectory)
        if let remedy = FileSystem.whoMayLook(into: path) {
            return [
                .init(
                    area, .problem, "\(path): permission denied: this user may not look into it",
                    fix: Self.sentence(remedy))
            ]
        }
        guard FileSystem.exists(path) else {
            return [
                .init(
                    area, .warning, "\(path) is not there: no agent has worked here yet",
                    fix:
                        "The agent makes it with mode 0700 where it may write above it; name another one with `data-directory`."
                )
            ]
        }
        var facts = stat()
        guard stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR else {
            return [.init(area, .problem, "\(path) is no directory", fix: "Name another one with `data-directory`.")]
        }
        var checks: [DoctorReport.Check] = []
        let mode = String(facts.st_mode & 0o7777, radix: 8)
        if facts.st_mode & 0o077 != 0 {
            checks.append(
                .init(
                    area, .warning, "\(path) has mode 0\(mode): others may look at keys in plain text",
                    fix: "chmod 0700 \(path)"))
        } else if !FileSystem.canWrite(in: path) {
            checks.append(
                .init(
                    area, .problem, "\(path) belongs to user \(facts.st_uid), and this user may not write there",
                    fix: "Run `tidemark doctor` and the agent as that user, or name another directory."))
        } else {
            checks.append(.init(area, .ok, "\(path) has mode 0\(mode) and belongs to user \(facts.st_uid)"))
        }
        if PathFacts.isReadOnly(path) {
            checks.append(
                .init(
                    area, .problem,
                    "the file system of \(path) takes no writes: it is mounted read-only, as after an error of its disk",
                    fix:
                        "Look for the disk's error in the kernel's log, repair it and mount it for writing: until then counts stay in "
                        + "the telemetry files."))
        } else if let free = PathFacts.freeBytes(path) {
            checks.append(roomCheck(free))
        }
        return checks + storeChecks()
    }

    static func sentence(_ words: String) -> String { words.prefix(1).uppercased() + words.dropFirst() + "." }

    private var storePath: String { configuration.dataDirectory + "/" + AgentStore.fileName }

    private func roomCheck(_ free: UInt64) -> DoctorReport.Check {
        let used = ["", "-wal"].reduce(UInt64(0)) { $0 + UInt64(FileSystem.size(storePath + $1) ?? 0) }
        let budget = UInt64(configuration.storeBudgetInBytes)
        let text =
            "\(Figures.count(free >> 20)) MB are free there; the store has \(Figures.count(used >> 20)) of "
            + "\(Figures.count(budget >> 20)) MB"
        if free < 16 << 20 {
            return .init(
                Self.dataArea, .problem, text, fix: "Free some space: until then counts stay in the telemetry files.")
        }
        if free + used < budget {
            return .init(
                Self.dataArea, .warning, text + ", and the disk is full before the budget is",
                fix: "Free some space, or lower `store-budget-mb`.")
        }
        return .init(Self.dataArea, .ok, text)
    }

    private func storeChecks() -> [DoctorReport.Check] {
        guard FileSystem.exists(storePath) else {
            return [
                .init(Self.dataArea, .warning, "there is no store in it yet", fix: "Start `tidemark agent`.")
            ]
        }
        var checks: [DoctorReport.Check] = []
        do {
            let store = try AgentStore.openReadOnly(dataDirectory: configuration.dataDirectory)
            let verdict: String = try store.read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") ?? "nothing" }
            checks.append(
                verdict == "ok"
                    ? .init(Self.dataArea, .ok, "the store is whole")
                    : .init(
                        Self.dataArea, .problem, "the store is damaged: \(verdict)",
                        fix: "Restart the agent: it sets the store aside, saves what can be read and goes on."))
        } catch {
            checks.append(
                .init(
                    Self.dataArea, .problem, error.message,
                    fix: "Restart the agent, which sets a damaged store aside; see its log."))
        }
        return checks + setAsideChecks()
    }

    private func setAsideChecks() -> [DoctorReport.Check] {
        let aside = FileSystem.names(in: configuration.dataDirectory).filter {
            $0.hasPrefix("tidemark") && ($0.contains("damaged") || $0.contains("corrupt"))
        }
        guard let first = aside.first else { return [] }
        return [
            .init(
                Self.dataArea, .warning, "a damaged store was set aside: \(first)",
                fix: "Look why (a full or failing disk?), then delete it.")
        ]
    }

    // MARK: The agent that works here

    func agentChecks() -> [DoctorReport.Check] {
        let area = Self.agentArea
        if let remedy = FileSystem.whoMayLook(into: configuration.dataDirectory) {
            let what = "whether an agent works here is not to be seen: permission denied"
            return [.init(area, .problem, what, fix: Self.sentence(remedy))]
        }
        let holder = LockHolder.find(in: configuration.dataDirectory)
        var checks: [DoctorReport.Check] = []
        if let holder {
            checks.append(.init(area, .ok, "an agent works here\(holder > 0 ? ": process \(holder)" : "")"))
        } else {
            checks.append(
                .init(
                    area, .problem, "no agent works here: nothing is collected or published",
                    fix:
                        "Start `tidemark agent` (systemctl start tidemark-agent). Services keep their totals meanwhile."
                ))
        }
        guard let store = try? AgentStore.openReadOnly(dataDirectory: configuration.dataDirectory) else {
            return checks
        }
        // What the agent stamped is read by its own time, also while the host's clock is wrong.
        let agentTime = store.agentTime(clock)
        let hourAgo = agentTime.advanced(by: .seconds(-3_600))
        guard let health = try? Summary.AgentHealth(store, since: hourAgo, now: agentTime) else { return checks }
        checks.append(contentsOf: healthChecks(health, at: agentTime, isRunning: holder != nil))
        if let ledger = try? store.ledger() { checks.append(ledgerCheck(ledger)) }
        return checks
    }

    private func healthChecks(
        _ health: Summary.AgentHealth, at now: Timestamp, isRunning: Bool
    ) -> [DoctorReport.Check] {
        let area = Self.agentArea
        let age = health.committedAt.map { now.nanosecondsSince1970 - $0.nanosecondsSince1970 }
        let last = age.map { "the last commit was \(Figures.span($0)) ago" } ?? "nothing was committed yet"
        var checks: [DoctorReport.Check] = []
        if health.isStale {
            checks.append(
                .init(
                    area, isRunning ? .problem : .warning,
                    last + (isRunning ? ", more than three periods" : ""),
                    fix: isRunning ? "Its log says why: a full disk, or a directory that it may not write?" : ""))
        } else {
            checks.append(.init(area, .ok, last))
        }
        if !health.publishTrouble.isEmpty {
            checks.append(
                .init(
                    area, .problem, "CloudWatch does not take its data: \(health.publishTrouble)",
                    fix: (health.lacksDescriptors
                        ? "Raise the agent's limit of open files (ulimit -n, LimitNOFILE=)"
                        : "Check cloudwatch:PutMetricData (policies/agent.json), region and network")
                        + "; nothing is lost for 14 days."
                ))
        }
        if !health.filesTrouble.isEmpty, isRunning {
            checks.append(.init(area, .warning, health.filesTrouble))
        }
        if !health.isPublishing, isRunning {
            checks.append(
                .init(area, .ok, "it collects and publishes nothing (`publish: false` or --collect-only)"))
        }
        return checks
    }

    private func ledgerCheck(_ ledger: Ledger) -> DoctorReport.Check {
        guard ledger.isBalanced else {
            return .init(
                Self.agentArea, .problem,
                "the ledger does not balance: \(ledger.gapText)",
                fix:
                    "`tidemark ledger` names the patterns. This is a defect of Tidemark: please report it with its output."
            )
        }
        let calls = ledger.calls
        return .init(
            Self.agentArea, .ok,
            "the ledger balances: \(Figures.count(calls.recorded)) calls, \(Figures.count(calls.pending)) of them wait")
    }
}
