/// An AWS access key, with its session token where it is a temporary one.
public struct Credentials: Hashable, Sendable {
    /// The key's public half.
    public var accessKeyID: String
    /// The key's secret half; no description of this value shows it.
    public var secretAccessKey: String
    /// Present for temporary credentials; sent and signed.
    public var sessionToken: String?
    /// When they stop working, where the source says so.
    public var expiration: Timestamp?
    /// The account that they belong to, twelve digits, where the source says so: account-based endpoints need it.
    public var accountID: String?

    /// Credentials as given; nothing is checked.
    public init(
        accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil, expiration: Timestamp? = nil,
        accountID: String? = nil
    ) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.expiration = expiration
        self.accountID = accountID
    }

    /// Whether requests signed with the one and with the other look the same to AWS.
    func isSameKey(as other: Credentials) -> Bool {
        accessKeyID == other.accessKeyID && secretAccessKey == other.secretAccessKey
            && sessionToken == other.sessionToken
    }

    /// Whether they have stopped working at this time.
    public func isExpired(at now: Timestamp) -> Bool {
        guard let expiration else { return false }
        return expiration <= now
    }
}

extension Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The access key's id only.
    public var description: String {
        "Credentials(\(accessKeyID), secret hidden\(sessionToken == nil ? "" : ", session token hidden"))"
    }
    /// The same as `description`.
    public var debugDescription: String { description }
    /// `dump` and mirrors show no secret either.
    public var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID]) }
}

/// Where credentials come from. Asked before each attempt, so an answer must be cheap.
public protocol CredentialProvider: Sendable {
    /// The credentials to sign with at this time.
    ///
    /// Throws where there are none or they have expired; the message says what was tried and what to do.
    func credentials(now: Timestamp) async throws(AWSConfigurationError) -> Credentials

    /// The same, waiting no longer than this; throws ``AWSConfigurationError/outOfTime`` then, and what was begun goes on for
    /// others. The default runs `credentials(now:)` beside a timer, which costs some microseconds each time: a provider
    /// that answers at once had better do so here too.
    func credentials(now: Timestamp, within limit: Duration) async throws(AWSConfigurationError) -> Credentials

    /// AWS refused these as expired or unknown, though they looked good. A source that can have others gives them from now
    /// on and answers true: the call is then made once more. The default cannot.
    func discard(_ refused: Credentials, now: Timestamp) -> Bool
}

extension CredentialProvider {
    /// False: there are no others.
    public func discard(_ refused: Credentials, now: Timestamp) -> Bool { false }

    /// Beside a timer.
    public func credentials(
        now: Timestamp, within limit: Duration
    ) async throws(AWSConfigurationError) -> Credentials {
        try await inTime(limit) { () throws(AWSConfigurationError) in try await credentials(now: now) }
    }

    /// Waits for credentials no longer than this. What waits for them must end when it is cancelled.
    func inTime(
        _ limit: Duration, _ wait: @escaping @Sendable () async throws(AWSConfigurationError) -> Credentials
    ) async throws(AWSConfigurationError) -> Credentials {
        let found = await withTaskGroup(of: Result<Credentials, AWSConfigurationError>?.self) { group in
            group.addTask {
                do throws(AWSConfigurationError) {
                    return .success(try await wait())
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                try? await CallHooks.sleep(limit)
                return nil
            }
            if let end = PauseEnd.current {
                group.addTask {
                    await end.wait()
                    return nil
                }
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        guard let found else { throw .outOfTime }
        return try found.get()
    }
}

/// Everything that is wrong with keys, region or endpoint.
package struct AWSConfigurationErrors: Error, Sendable {
    /// At least one, none twice.
    package private(set) var all: [AWSConfigurationError] = []

    /// Nothing yet.
    package init() {}

    /// Everything in one, a line each.
    package var combined: AWSConfigurationError {
        guard all.count > 1 else { return all[0] }
        var combined = AWSConfigurationError(cause: "", fix: "")
        combined.cause = all.map(\.message).joined(separator: "\n")
        return combined
    }

    /// Notes what fails; its result, or nil.
    package mutating func noting<Value>(_ body: () throws(AWSConfigurationError) -> Value) -> Value? {
        do throws(AWSConfigurationError) {
            return try body()
        } catch {
            // A file that cannot be read fails for each setting that is looked for in it.
            if !all.contains(error) { all.append(error) }
            return nil
        }
    }
}

/// Something about keys, region or endpoint that the caller's configuration has to settle.
public struct AWSConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong. It holds no secret.
    public var cause: String
    /// What to do; empty where the cause says it.
    public var fix: String
    /// Cause and fix in one sentence.
    public var message: String { fix.isEmpty ? cause : "\(cause): \(fix)" }
    /// Whether asking again may help: what was asked is there, and could not be reached, failed or asked for less.
    public var isPassing: Bool

    /// Nobody could wait any longer.
    public static let outOfTime = AWSConfigurationError(
        cause: "the credentials did not come in time", fix: "see what their source is waiting for")

    /// An error with this sentence.
    public init(message: String) {
        self.init(cause: message, fix: "")
    }

    /// An error of a cause and what to do about it, each in one line: control characters are shown as `?`.
    public init(cause: String, fix: String, isPassing: Bool = false) {
        self.cause = cause.withoutControls
        self.fix = fix.withoutControls
        self.isPassing = isPassing
    }

    /// The message.
    public var description: String { message }
}
