/// Which windows are merged into coarser ones, and when. Pure numbers; the store carries it out.
///
/// Level 0 is a window as it was collected, 1 five minutes, 2 an hour, 3 a day, 4 sixteen days.
struct RollUpPlan {
    /// One rule: windows of a level that ended so long ago are merged into the next level.
    struct Rule: Equatable {
        var level: Int
        var minimumAge: Duration
        /// Whether windows that wait for CloudWatch are merged too.
        var takesWaiting = true
    }

    /// What makes room.
    enum Measure: Equatable {
        case merge(Rule)
        /// Hot keys of windows that ended so long ago are deleted.
        case forgetHotKeys(olderThan: Duration)
    }

    /// How long a window of each level is.
    static let lengths: [Duration] = [
        .zero, .seconds(300), .seconds(3_600), .seconds(86_400), .seconds(16 * 86_400),
    ]
    static let lastLevel = lengths.count - 1

    /// By age alone, windows that are through. What still waits for CloudWatch keeps its resolution while there is room.
    static func byAge(_ history: HistoryRetention) -> [Measure] {
        [
            .merge(Rule(level: 0, minimumAge: .seconds(history.fineHours * 3_600), takesWaiting: false)),
            .merge(Rule(level: 1, minimumAge: .seconds(history.fiveMinuteDays * 86_400), takesWaiting: false)),
        ]
    }

    /// Under pressure, in this order: the first measure that finds something is taken. The recent past stays finer than the
    /// distant one for as long as that helps; then what is through is merged however young it is, and last what waits.
    static let underPressure: [Measure] = [
        .forgetHotKeys(olderThan: .seconds(86_400)),
        .merge(Rule(level: 0, minimumAge: .seconds(6 * 3_600))),
        .merge(Rule(level: 1, minimumAge: .seconds(2 * 86_400))),
        .merge(Rule(level: 2, minimumAge: .seconds(15 * 86_400))),
        .forgetHotKeys(olderThan: .seconds(3_600)),
        .merge(Rule(level: 0, minimumAge: .seconds(600))),
        .merge(Rule(level: 1, minimumAge: .seconds(6 * 3_600))),
        .merge(Rule(level: 2, minimumAge: .seconds(2 * 86_400))),
        .forgetHotKeys(olderThan: .seconds(600)),
        .merge(Rule(level: 0, minimumAge: .zero, takesWaiting: false)),
        .merge(Rule(level: 1, minimumAge: .seconds(3_600), takesWaiting: false)),
        .merge(Rule(level: 1, minimumAge: .zero, takesWaiting: false)),
        .merge(Rule(level: 2, minimumAge: .zero, takesWaiting: false)),
        .merge(Rule(level: 3, minimumAge: .zero, takesWaiting: false)),
        .forgetHotKeys(olderThan: .seconds(60)),
        .merge(Rule(level: 0, minimumAge: .seconds(60))),
        .merge(Rule(level: 1, minimumAge: .zero)),
        .merge(Rule(level: 2, minimumAge: .zero)),
        .merge(Rule(level: 3, minimumAge: .zero)),
    ]

    /// The window of a level that a time belongs to, as the time before it and its last nanosecond.
    static func bucket(of end: Int64, level: Int) -> (after: Int64, upTo: Int64) {
        let length = lengths[min(max(level, 1), lastLevel)].nanosecondsCount
        // Floor, for times before 1970 too.
        let number = (end - 1) >= 0 ? (end - 1) / length : (end - length) / length
        return (number * length, (number + 1) * length)
    }
}

/// How much of the disk budget is taken, and how much the next period will take. Pure numbers.
struct StoreRoom: Sendable, Equatable {
    /// The budget for all files of the store together.
    var budget = 0
    /// What holds something in the main file.
    var inUse = 0
    /// What is free in it.
    var free = 0
    /// By how much a period grew it, at most of late.
    var growth = 0
    /// What the datums of the last window took while they were sent.
    var frozen = 0

    /// What the log is cut back to, so that it never is more than a small part of the budget.
    static func logLimit(budget: Int) -> Int { max(64 << 10, min(AgentLimits.walBytes, budget / 16)) }

    /// A period's windows and datums lie twice on the disk until the log is written into the main file.
    var reserve: Int { 2 * (growth + frozen) + Self.logLimit(budget: budget) + budget / 50 }

    /// Whether windows have to be merged before the next period.
    var isShort: Bool { inUse + reserve > budget }

    /// How much of the free part the file should give back.
    var excess: Int { min(free, max(0, inUse + free + reserve - budget)) }
}
