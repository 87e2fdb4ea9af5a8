/// Something the agent met that a person should read once.
struct CollectorNotice: Sendable, Hashable {
    /// Its raw value is what the store has.
    enum Kind: String, Sendable, CaseIterable {
        case fileRefused
        case fileUnreadable
        case counterWentBackward
        case noFiles
        case noDescriptors
        case storeReplaced
        case storeUpgraded
        case storeForgot
        case storeBehind
        case storeRefused
        case publishRefused
        case directoryRestored
        case markRefused
        case damagedWindow
        case ledgerGap
        case countedInOther
        case tooManyNames
        case deletedWhileWritten
        case foldedSeries = "folded-series"
        case budgetExceeded = "budget-exceeded"
        case clockSet
    }

    var kind: Kind
    var message: String
}

extension CollectorNotice.Kind {
    /// Whether it tells of a state, so that its end is written down; else of an event.
    var lasts: Bool {
        switch self {
        case .fileUnreadable, .counterWentBackward, .noFiles, .noDescriptors, .budgetExceeded: true
        // Written down when they are over: while they last, facts of the store and the figures show it.
        case .storeRefused, .publishRefused: false
        case .fileRefused, .storeReplaced, .storeUpgraded, .storeForgot, .storeBehind, .directoryRestored, .markRefused,
            .damagedWindow, .ledgerGap, .countedInOther, .tooManyNames, .deletedWhileWritten, .foldedSeries, .clockSet:
            false
        }
    }
}
