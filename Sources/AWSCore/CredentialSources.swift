/// Credentials that the caller holds.
public struct StaticCredentials: CredentialProvider {
    private let held: Credentials
    /// Looked at once, and not before each attempt.
    private let problem: AWSConfigurationError?

    /// A provider that always answers with these.
    public init(_ credentials: Credentials) {
        held = credentials
        do throws(AWSConfigurationError) {
            _ = try credentials.sendable(source: "given to this process")
            problem = nil
        } catch {
            problem = error
        }
    }

    /// The held credentials; throws once they have expired.
    public func credentials(now: Timestamp) async throws(AWSConfigurationError) -> Credentials {
        try current(now)
    }

    /// At once.
    public func credentials(
        now: Timestamp, within limit: Duration
    ) async throws(AWSConfigurationError) -> Credentials { try current(now) }

    private func current(_ now: Timestamp) throws(AWSConfigurationError) -> Credentials {
        if let problem { throw problem }
        return try held.unexpired(at: now, source: "given to this process")
    }
}

/// Credentials of `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_CREDENTIAL_EXPIRATION` and
/// `AWS_ACCOUNT_ID`.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html
public struct EnvironmentCredentials: CredentialProvider {
    static let place = "the environment (AWS_ACCESS_KEY_ID)"
    private let found: Result<Credentials?, AWSConfigurationError>

    /// The keys, expired or not; nil where there are none.
    package var keysAtHand: Credentials? { (try? found.get()) ?? nil }

    /// Reads the variables once, from the given environment.
    public init(environment: [String: String]) {
        found = Result { () throws(AWSConfigurationError) in try EnvironmentCredentials.read(environment) }
    }

    /// The variables' credentials; throws where they are not set, set in part, or have expired.
    public func credentials(now: Timestamp) async throws(AWSConfigurationError) -> Credentials {
        try current(now)
    }

    /// At once.
    public func credentials(
        now: Timestamp, within limit: Duration
    ) async throws(AWSConfigurationError) -> Credentials { try current(now) }

    private func current(_ now: Timestamp) throws(AWSConfigurationError) -> Credentials {
        guard let credentials = try held() else {
            throw AWSConfigurationError(
                cause: "AWS_ACCESS_KEY_ID is not set", fix: "set it and AWS_SECRET_ACCESS_KEY")
        }
        return try credentials.unexpired(at: now, source: "of \(EnvironmentCredentials.place)")
    }

    /// What the variables say, expired or not; nil where none is set.
    func held() throws(AWSConfigurationError) -> Credentials? { try found.get() }

    private static func read(_ environment: [String: String]) throws(AWSConfigurationError) -> Credentials? {
        let keyID = environment["AWS_ACCESS_KEY_ID"] ?? ""
        let secret = environment["AWS_SECRET_ACCESS_KEY"] ?? ""
        if keyID.isEmpty && secret.isEmpty { return nil }
        guard !keyID.isEmpty, !secret.isEmpty else {
            let missing = keyID.isEmpty ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY"
            throw AWSConfigurationError(
                cause: "\(missing) is not set though its other half is", fix: "set both or neither")
        }
        let token = environment["AWS_SESSION_TOKEN"] ?? ""
        let account = environment["AWS_ACCOUNT_ID"] ?? ""
        return try Credentials(
            accessKeyID: keyID, secretAccessKey: secret, sessionToken: token.isEmpty ? nil : token,
            expiration: try expiration(environment["AWS_CREDENTIAL_EXPIRATION"]),
            accountID: account.isEmpty ? nil : account
        ).sendable(source: "of \(place)")
    }

    private static func expiration(_ text: String?) throws(AWSConfigurationError) -> Timestamp? {
        guard let text, !text.isEmpty else { return nil }
        guard let time = Timestamp(expiry: text) else {
            throw AWSConfigurationError(
                message: "AWS_CREDENTIAL_EXPIRATION \"\(text)\" is no time: use the form 2026-11-23T23:10:00Z")
        }
        return time
    }
}

extension Credentials {
    /// These credentials, or an error where they have expired or could not be sent.
    func checked(at now: Timestamp, source: String) throws(AWSConfigurationError) -> Credentials {
        try sendable(source: source).unexpired(at: now, source: source)
    }

    /// These credentials, or an error where they have expired.
    func unexpired(at now: Timestamp, source: @autoclosure () -> String) throws(AWSConfigurationError) -> Credentials {
        guard let expiration, expiration <= now else { return self }
        throw AWSConfigurationError(
            cause: "the AWS credentials \(source()) expired at \(expiration.iso8601)", fix: "renew them and start again"
        )
    }

    /// These credentials, or an error where they could not stand in a header, or where the secret could sign nothing that AWS
    /// would accept.
    func sendable(source: String) throws(AWSConfigurationError) -> Credentials {
        let texts = [accessKeyID, secretAccessKey, sessionToken ?? ""]
        for text in texts where !text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) {
            throw AWSConfigurationError(
                cause: "the AWS credentials \(source) hold a space, line end or other character that no key has",
                fix: "copy them again")
        }
        return self
    }
}
