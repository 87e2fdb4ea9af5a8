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
}

/// Something about keys, region or endpoint that the caller's configuration has to settle.
public struct AWSConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong. It holds no secret.
    public var cause: String
    /// What to do; empty where the cause says it.
    public var fix: String
    /// Cause and fix in one sentence.
    public var message: String { fix.isEmpty ? cause : "\(cause): \(fix)" }

    /// An error with this sentence.
    public init(message: String) {
        self.init(cause: message, fix: "")
    }

    /// An error of a cause and what to do about it.
    public init(cause: String, fix: String) {
        self.cause = cause
        self.fix = fix
    }

    /// The message.
    public var description: String { message }
}
