/// Which windows are merged into coarser ones, and when. Pure numbers; the store carries it out.
///
/// Level 0 is a window as it was collected, 1 five minutes, 2 an hour, 3 a day.
struct RollUpPlan {
    /// One rule: windows of a level that ended so long ago are merged into the next level.
    struct Rule: Equatable {
        var level: Int
        var minimumAge: Duration
    }

    /// How long a window of each level is.
    static let lengths: [Duration] = [.zero, .seconds(300), .seconds(3_600), .seconds(86_400)]
    static let lastLevel = lengths.count - 1

    /// By age alone, windows that are through. What still waits for CloudWatch keeps its resolution while there is room.
    static func byAge(_ history: HistoryRetention) -> [Rule] {
        [
            Rule(level: 0, minimumAge: .seconds(history.fineHours * 3_600)),
            Rule(level: 1, minimumAge: .seconds(history.fiveMinuteDays * 86_400)),
        ]
    }

    /// Under pressure, in this order, whether they are through or wait: the first rule that finds a window is applied. The
    /// recent past stays finer than the distant one for as long as that helps.
    static let underPressure = [
        Rule(level: 0, minimumAge: .seconds(6 * 3_600)), Rule(level: 1, minimumAge: .seconds(2 * 86_400)),
        Rule(level: 2, minimumAge: .seconds(15 * 86_400)), Rule(level: 0, minimumAge: .seconds(600)),
        Rule(level: 1, minimumAge: .seconds(6 * 3_600)), Rule(level: 2, minimumAge: .seconds(2 * 86_400)),
    ]

    /// The window of a level that a time belongs to, as the time before it and its last nanosecond.
    static func bucket(of end: Int64, level: Int) -> (after: Int64, upTo: Int64) {
        let length = lengths[min(max(level, 1), lastLevel)].nanosecondsCount
        // Floor, for times before 1970 too.
        let number = (end - 1) >= 0 ? (end - 1) / length : (end - length) / length
        return (number * length, (number + 1) * length)
    }
}
