extension Ledger.Amounts {
    /// By how much the two sides of the balance differ; 0 when everything is accounted for.
    public var gap: UInt64 {
        let settled = acknowledged + ambiguous + pending + droppedInAll
        return recorded > settled ? recorded - settled : settled - recorded
    }
}

extension Ledger {
    /// Calls that are not accounted for, over all entries: one that has too few does not make up for one with too many.
    public var gapInCalls: UInt64 { entries.reduce(0) { $0 + $1.calls.gap } }
}
