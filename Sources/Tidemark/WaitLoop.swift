/// What a waiter saw last.
public struct WaitProgress: Sendable, Equatable {
    /// How often it has looked, from 1.
    public var looks: Int
    /// Since the wait began.
    public var elapsed: Duration
    /// DynamoDB's word for the state: "CREATING"; "" while there is nothing to be seen.
    public var state: String
}

/// How long a waiter waits, and how often it looks.
public struct WaitLimits: Sendable, Hashable {
    /// After that it gives up. Default 5 minutes.
    public var timeout: Duration
    /// The pause after the first look; each one is half as long again as the one before, and up to a quarter longer or
    /// shorter by chance. Default 1 s.
    public var interval: Duration
    /// No pause is longer than about this. Default 10 s.
    public var maximumInterval: Duration

    /// Limits; what is not said is the default.
    public init(
        timeout: Duration = .seconds(300), interval: Duration = .seconds(1), maximumInterval: Duration = .seconds(10)
    ) {
        self.timeout = timeout
        self.interval = interval
        self.maximumInterval = maximumInterval
    }
}

/// What a look has found.
package enum WaitFinding: Equatable {
    /// What was waited for.
    case done
    /// A state on the way there.
    case onTheWay(String)
    /// A state that is there for a moment after the request and must then be gone: after the grace it is final.
    case notYet(String, TidemarkError.Code, message: String)
    /// A state that never becomes what is waited for.
    case never(String, message: String)

    /// DynamoDB's word for the state.
    var state: String {
        switch self {
        case .done: ""
        case .onTheWay(let state), .notYet(let state, _, _), .never(let state, _): state
        }
    }
}

/// Decides what follows each look. Pure: time and chance are parameters.
package struct WaitLoop {
    /// What follows a look.
    package enum Action: Equatable {
        case finish
        case lookAgain(after: Duration)
        case giveUp(TidemarkError.Code, message: String)
    }

    /// How long what a request has begun may take to show.
    static let grace: Duration = .seconds(30)

    let limits: WaitLimits
    private(set) var looks = 0

    /// Starts before the first look.
    package init(limits: WaitLimits) { self.limits = limits }

    /// What follows the look that found this.
    ///
    /// - Parameter held: how long another look is certain to find nothing.
    package mutating func next(
        after finding: WaitFinding, elapsed: Duration, random: Double, notBefore held: Duration = .zero
    ) -> Action {
        looks += 1
        switch finding {
        case .done: return .finish
        case .never(_, let message): return .giveUp(.client, message: message)
        case .notYet(_, let code, let message) where elapsed >= WaitLoop.grace:
            return .giveUp(code, message: message)
        case .notYet, .onTheWay: break
        }
        let left = limits.timeout - elapsed
        guard left > .zero else {
            let state = finding.state.isEmpty ? "" : " (the last state: \(finding.state))"
            return .giveUp(.timeout, message: "it was not so after \(limits.timeout)\(state): look again later")
        }
        var pause = limits.interval
        for _ in 1..<min(looks, 64) where pause < limits.maximumInterval { pause = pause * 3 / 2 }
        pause = max(.milliseconds(1), min(pause, limits.maximumInterval)) * (0.75 + min(max(random, 0), 1) / 2)
        return .lookAgain(after: min(max(pause, held), left))
    }
}
