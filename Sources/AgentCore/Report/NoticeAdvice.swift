/// What a notice of the agent means for a person, and what to do: the notice itself says what was met.
struct NoticeAdvice {
    let severity: Summary.Severity
    let cause: String
    let next: String

    /// - Parameter kind: as the store has it; one of another version is answered with its log.
    init(_ kind: String) {
        switch CollectorNotice.Kind(rawValue: kind) {
        case .fileRefused:
            (severity, cause, next) = (
                .warning, "The file is damaged, says what cannot be, or is a copy.",
                "Look who writes there; `tidemark inspect` shows what was set aside, and `tidemark doctor` whether its service is counted."
            )
        case .fileUnreadable:
            (severity, cause, next) = (
                .warning, "Its owner, mode or version is another than the agent reads.",
                "Put right what the sentence names; `tidemark doctor` says what is still so."
            )
        case .counterWentBackward:
            (severity, cause, next) = (
                .warning, "The file was written by something else than its service.", "Look who writes there."
            )
        case .noFiles:
            (severity, cause, next) = (
                .warning, "No service runs, or they write elsewhere.", "`tidemark doctor` looks."
            )
        case .storeReplaced, .damagedWindow:
            (severity, cause, next) = (
                .warning, "The store was damaged: by its disk, or by another program.",
                "Look at the disk; the ledger says what was lost."
            )
        case .storeForgot, .storeBehind:
            (severity, cause, next) = (
                .note, "The store was put back from a copy, or is another than before.",
                "Nothing need be done; the ledger says what was counted elsewhere."
            )
        case .directoryRestored:
            (severity, cause, next) = (.note, "A clean-up.", "Keep clean-ups away from the data directory.")
        case .markRefused:
            (severity, cause, next) = (
                .note, "The file beside the telemetry was changed or is another version's.",
                "Nothing need be done: the store is believed."
            )
        case .ledgerGap:
            (severity, cause, next) = (.warning, "A defect of Tidemark.", "Please report it with `tidemark ledger`.")
        case .countedInOther:
            (severity, cause, next) = (
                .note, "The service's telemetry file had no room, or was not there in time.",
                "Make room in the directory, or give the service a larger file."
            )
        case .tooManyNames:
            (severity, cause, next) = (
                .note, "Names of patterns, tables or indexes are made at run time.", "Give them names that stay."
            )
        case .deletedWhileWritten:
            (severity, cause, next) = (
                .note, "A clean-up.", "Keep clean-ups away from the telemetry directory."
            )
        case nil: (severity, cause, next) = Self.other(kind)
        }
    }

    /// Kinds that the agent itself notes.
    private static func other(_ kind: String) -> (Summary.Severity, String, String) {
        switch kind {
        case "folded-series":
            (
                .note, "The budget is smaller than what the series cost.",
                "Raise `budget-dollars-a-month`, or choose fewer `metrics`."
            )
        case "budget-exceeded":
            (
                .note, "The budget is smaller than what is never folded.",
                "`tidemark agent --dry-run` says what it would have to be."
            )
        case "clockSet":
            (.note, "Somebody, or a time service, set the clock.", "Nothing is lost by it; run a time service.")
        case "noDescriptors":
            (
                .warning, "More files and connections than this process may open.",
                "Raise the limit (ulimit -n, LimitNOFILE=)."
            )
        default: (.note, "See the agent's log.", "docs/AGENT.md says what to do about each message.")
        }
    }
}
