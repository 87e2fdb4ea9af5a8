extension Ledger.Amounts {
    /// By how much the two sides of the balance differ; 0 when everything is accounted for.
    public var gap: UInt64 {
        recorded > accounted ? recorded - accounted : accounted - recorded
    }
}

extension Ledger {
    /// What is wrong with the balance, in a sentence's half: calls that were recorded and are in no state are missing, and
    /// those that are in more states than there were calls stand there more than once. Empty when all balances.
    public var gapText: String {
        let missing = entries.reduce(UInt64(0)) {
            $0.plus($1.calls.recorded - min($1.calls.recorded, $1.calls.accounted))
        }
        let doubled = entries.reduce(UInt64(0)) {
            $0.plus($1.calls.accounted - min($1.calls.recorded, $1.calls.accounted))
        }
        var parts: [String] = []
        if missing > 0 { parts.append("\(Figures.count(missing)) calls are missing") }
        if doubled > 0 {
            parts.append("\(Figures.count(doubled)) calls are accounted for more often than they were recorded")
        }
        if parts.isEmpty, !isBalanced {
            parts.append("the accounts of a period or of datums differ, those of calls do not")
        }
        return parts.joined(separator: ", and ")
    }

    /// Calls that are not accounted for, over all entries: one that has too few does not make up for one with too many.
    public var gapInCalls: UInt64 { entries.reduce(0) { $0.addingReportingOverflow($1.calls.gap).partialValue } }

    /// The periods whose own accounts do not balance, of those that were asked for.
    public var periodsWithGap: [Period] { periods.filter { !$0.calls.isBalanced } }
}
