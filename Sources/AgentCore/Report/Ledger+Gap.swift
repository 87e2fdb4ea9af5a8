extension Ledger.Amounts {
    /// By how much the two sides of the balance differ; 0 when everything is accounted for.
    public var gap: UInt64 {
        recorded > accounted ? recorded - accounted : accounted - recorded
    }
}

extension Ledger {
    /// Calls that are not accounted for, over all entries: one that has too few does not make up for one with too many.
    public var gapInCalls: UInt64 { entries.reduce(0) { $0.addingReportingOverflow($1.calls.gap).partialValue } }

    /// The periods whose own accounts do not balance, of those that were asked for.
    public var periodsWithGap: [Period] { periods.filter { !$0.calls.isBalanced } }
}
