/// What a notice of the agent means for a person, and what to do: the notice itself says what was met.
struct NoticeAdvice {
    let severity: Summary.Severity
    let cause: String
    let next: String

    private init(_ severity: Summary.Severity, _ cause: String, _ next: String) {
        (self.severity, self.cause, self.next) = (severity, cause, next)
    }

    /// - Parameter kind: as the store has it; one of another version is answered with its log.
    init(_ kind: String) {
        self =
            CollectorNotice.Kind(rawValue: kind).map(Self.of)
            ?? Self(.note, "See the agent's log.", "docs/AGENT.md says what to do about each message.")
    }

    private static func of(_ kind: CollectorNotice.Kind) -> Self {
        switch kind {
        case .fileRefused:
            Self(
                .warning, "The file is damaged, says what cannot be, or is a copy.",
                "Look who writes there; `tidemark inspect` shows what was set aside, and `tidemark doctor` whether its service is counted."
            )
        case .fileUnreadable:
            Self(
                .warning, "Its owner, mode or version is another than the agent reads.",
                "Put right what the sentence names; `tidemark doctor` says what is still so.")
        case .counterWentBackward:
            Self(.warning, "The file was written by something else than its service.", "Look who writes there.")
        case .noFiles: Self(.warning, "No service runs, or they write elsewhere.", "`tidemark doctor` looks.")
        case .noDescriptors:
            Self(
                .warning, "More files and connections than this process may open.",
                "Raise the limit (ulimit -n, LimitNOFILE=).")
        case .storeReplaced, .damagedWindow:
            Self(
                .warning, "The store was damaged: by its disk, or by another program.",
                "Look at the disk; the ledger says what was lost.")
        case .storeUpgraded: Self(.note, "An earlier version made the store.", "Nothing need be done.")
        case .storeForgot, .storeBehind:
            Self(
                .note, "The store was put back from a copy, or is another than before.",
                "Nothing need be done; the ledger says what was counted elsewhere.")
        case .storeRefused:
            Self(.note, "A full disk, or rights that were missing.", "Nothing is lost by it: it was committed later.")
        case .publishRefused:
            Self(
                .note, "Permission, credentials, the network, or CloudWatch itself.",
                "Nothing is lost by it: what waited is sent, the newest first.")
        case .directoryRestored: Self(.note, "A clean-up.", "Keep clean-ups away from the data directory.")
        case .markRefused:
            Self(
                .note, "The file beside the telemetry was changed or is another version's.",
                "Nothing need be done: the store is believed.")
        case .ledgerGap: Self(.warning, "A defect of Tidemark.", "Please report it with `tidemark ledger`.")
        case .countedInOther:
            Self(
                .note, "The service's telemetry file had no room, or was not there in time.",
                "Make room in the directory, or give the service a larger file.")
        case .tooManyNames:
            Self(.note, "Names of patterns, tables or indexes are made at run time.", "Give them names that stay.")
        case .deletedWhileWritten: Self(.note, "A clean-up.", "Keep clean-ups away from the telemetry directory.")
        case .foldedSeries:
            Self(
                .note, "The budget is smaller than what the series cost.",
                "Raise `budget-dollars-a-month`, or choose fewer `metrics`.")
        case .budgetExceeded:
            Self(
                .note, "The budget is smaller than what is never folded.",
                "`tidemark agent --dry-run` says what it would have to be.")
        case .clockSet:
            Self(
                .note, "Somebody, or a time service, set the clock.", "Nothing is lost by it; run a time service.")
        }
    }
}
