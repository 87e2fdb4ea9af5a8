/// Credentials as a source gave them.
public struct FetchedCredentials: Sendable {
    /// What to sign with.
    public var credentials: Credentials
    /// When the source is asked again, however long the credentials are good: a file that somebody may write anew. Nil
    /// where their expiration alone decides.
    public var rereadInterval: Duration?

    /// What a source gave.
    public init(_ credentials: Credentials, rereadInterval: Duration? = nil) {
        self.credentials = credentials
        self.rereadInterval = rereadInterval
    }
}

/// Decides when credentials are asked for again, and who waits for that. No clock, no lock, no task.
///
/// Renewal begins in the background 15 minutes before the end (the advisory window); from 10 minutes before the end on
/// (the mandatory window) callers wait for it. These are the SDKs' own figures. Credentials that come with less than half
/// an hour left have windows of half and a third of what is left, or every call would renew them.
///
/// Unlike the SDKs, a renewal that fails in the mandatory window leaves callers the credentials that they have until these
/// have really expired: they still work, and a call that works is better than one that fails early.
struct RenewalSchedule: Sendable {
    enum Action: Sendable {
        /// Sign with these.
        case use(Credentials)
        /// Sign with these, and start the one renewal in the background.
        case useAndRenew(Credentials)
        /// Start the one renewal and wait for it.
        case renewAndWait
        /// Wait for the renewal that is under way.
        case wait
        /// The source has just failed; asking again so soon helps nobody.
        case fail(AWSConfigurationError)
    }

    static let advisoryWindow: Duration = .seconds(15 * 60)
    static let mandatoryWindow: Duration = .seconds(10 * 60)
    /// Longest pause after failed renewals, in seconds: while there are usable credentials, and while there are none.
    static let longestPause: (usable: Int, unusable: Int) = (32, 4)

    /// Between two renewals of credentials that AWS had refused.
    static let discardPause: Duration = .seconds(30)

    private struct Kept {
        var fetched: FetchedCredentials
        var at: Timestamp
        var advisory: Timestamp?
        var mandatory: Timestamp?
        /// AWS refused them, and no renewal has ended since.
        var isDiscarded = false

        init(_ fetched: FetchedCredentials, at now: Timestamp) {
            self.fetched = fetched
            at = now
            if let expiration = fetched.credentials.expiration {
                let left = now.duration(to: expiration)
                advisory = expiration.advanced(by: .zero - min(RenewalSchedule.advisoryWindow, left / 2))
                mandatory = expiration.advanced(by: .zero - min(RenewalSchedule.mandatoryWindow, left / 3))
            }
            if let interval = fetched.rereadInterval {
                let reread = now.advanced(by: interval)
                mandatory = mandatory.map { min($0, reread) } ?? reread
            }
        }
    }

    private struct Failure {
        var error: AWSConfigurationError
        var at: Timestamp
        var count: Int
    }

    private var kept: Kept?
    private var failure: Failure?
    /// When credentials that AWS had refused were last thrown away.
    private var discardedAt: Timestamp?
    private(set) var isRenewing = false

    /// What a caller does at this time. Where it is to renew, the renewal counts as under way from here on.
    mutating func action(at now: Timestamp) -> Action {
        guard let kept, !kept.fetched.credentials.isExpired(at: now) else {
            if isRenewing { return .wait }
            if let failure, isPausing(failure, at: now, isUsable: false) { return .fail(failure.error) }
            isRenewing = true
            return .renewAndWait
        }
        let credentials = kept.fetched.credentials
        let mustRenew = kept.mandatory.map { $0 <= now } ?? false
        // A clock that was set back makes what is kept look as if it came from the future: it is not known how old it is.
        let isDue =
            mustRenew || (kept.advisory.map { $0 <= now } ?? false) || now < kept.at.advanced(by: .seconds(-300))
        guard isDue else { return .use(credentials) }
        if isRenewing { return mustRenew ? .wait : .use(credentials) }
        if let failure, isPausing(failure, at: now, isUsable: true) { return .use(credentials) }
        isRenewing = true
        return mustRenew ? .renewAndWait : .useAndRenew(credentials)
    }

    /// AWS refused these. Whether asking again may bring others: those that are kept are others, or a renewal is due now, which the
    /// next caller begins and waits for. What is kept stays until then: where the source fails, it may still work.
    mutating func discard(_ refused: Credentials, at now: Timestamp) -> Bool {
        guard let held = kept?.fetched.credentials, held.isSameKey(as: refused) else { return true }
        if isRenewing || kept?.isDiscarded == true {
            kept?.mandatory = now
            return true
        }
        // The source has just been asked, and gave the same or nothing.
        if let discardedAt, now >= discardedAt, discardedAt.duration(to: now) < RenewalSchedule.discardPause {
            return false
        }
        discardedAt = now
        kept?.isDiscarded = true
        kept?.mandatory = now
        return true
    }

    /// Takes what the renewal that began at this time came to, and gives what its waiters get.
    mutating func finish(
        _ result: Result<FetchedCredentials, AWSConfigurationError>, begunAt now: Timestamp
    ) -> Result<Credentials, AWSConfigurationError> {
        isRenewing = false
        switch result {
        case .success(let fetched):
            if let end = fetched.credentials.expiration, end <= now {
                return fail(
                    AWSConfigurationError(
                        cause: "the AWS credentials that were fetched had expired at \(end.iso8601) already",
                        fix: "look at this machine's clock and at the source of the credentials"), at: now)
            }
            kept = Kept(fetched, at: now)
            failure = nil
            return .success(fetched.credentials)
        case .failure(let error): return fail(error, at: now)
        }
    }

    private mutating func fail(
        _ error: AWSConfigurationError, at now: Timestamp
    ) -> Result<Credentials, AWSConfigurationError> {
        failure = Failure(error: error, at: now, count: (failure?.count ?? 0) + 1)
        kept?.isDiscarded = false
        if let kept, !kept.fetched.credentials.isExpired(at: now) { return .success(kept.fetched.credentials) }
        return .failure(error)
    }

    /// 1, 2, 4, … seconds after each failure.
    private func isPausing(_ failure: Failure, at now: Timestamp, isUsable: Bool) -> Bool {
        let longest = isUsable ? RenewalSchedule.longestPause.usable : RenewalSchedule.longestPause.unusable
        let pause = min(1 << min(failure.count - 1, 5), longest)
        return now >= failure.at && failure.at.duration(to: now) < .seconds(pause)
    }
}
