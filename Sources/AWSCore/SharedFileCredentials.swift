/// Static keys of a profile in `~/.aws/credentials`, or else in `~/.aws/config`.
///
/// The files are read again after a minute, so that renewed keys come into use without a restart.
public struct SharedFileCredentials: CredentialProvider {
    /// How long an answer is kept before the files are read again.
    public static let rereadInterval: Duration = .seconds(60)

    private struct Kept {
        var credentials: Credentials
        var readAt: Timestamp
    }

    private let profiles: SharedProfiles
    private let kept = Lock<Kept?>(nil)

    /// Reads the files that the environment names (`AWS_SHARED_CREDENTIALS_FILE`, `AWS_CONFIG_FILE`, `HOME`); the profile
    /// is the given one, else `AWS_PROFILE`, else `default`.
    public init(profile: String? = nil, environment: [String: String]) {
        profiles = SharedProfiles(environment: environment, profile: profile)
    }

    /// The profile's keys; throws where file, profile or keys are not there, or the keys have expired.
    public func credentials(now: Timestamp) async throws(AWSConfigurationError) -> Credentials {
        switch try lookUp(now: now) {
        case .found(let credentials): return credentials
        case .missing(let reason):
            throw AWSConfigurationError(message: "no AWS credentials in \(reason): add aws_access_key_id there")
        }
    }

    enum Finding {
        case found(Credentials)
        /// Where was looked, and why nothing was there.
        case missing(String)
    }

    func lookUp(now: Timestamp) throws(AWSConfigurationError) -> Finding {
        if let kept = kept.withLock({ $0 }), !kept.credentials.isExpired(at: now), kept.readAt <= now,
            kept.readAt.duration(to: now) < SharedFileCredentials.rereadInterval
        {
            return .found(kept.credentials)
        }
        let finding = try read(now: now)
        if case .found(let credentials) = finding {
            kept.withLock { $0 = Kept(credentials: credentials, readAt: now) }
        }
        return finding
    }

    private func read(now: Timestamp) throws(AWSConfigurationError) -> Finding {
        let ownFile = try profiles.credentials()
        let configuration = try profiles.configuration()
        for (settings, place) in [
            (ownFile ?? [:], profiles.credentialsDescription), (configuration, profiles.configurationDescription),
        ] {
            guard let keyID = settings["aws_access_key_id"], !keyID.isEmpty else { continue }
            guard let secret = settings["aws_secret_access_key"], !secret.isEmpty else {
                throw AWSConfigurationError(
                    message: "\(place) has aws_access_key_id but no aws_secret_access_key: add it")
            }
            let token = settings["aws_session_token"] ?? ""
            let credentials = Credentials(
                accessKeyID: keyID, secretAccessKey: secret, sessionToken: token.isEmpty ? nil : token,
                expiration: try SharedFileCredentials.expiration(settings, place: place))
            return .found(try credentials.checked(at: now, source: "of \(place)"))
        }
        let unsupported = ["credential_process", "role_arn", "sso_session", "sso_start_url"].first {
            configuration[$0] != nil || ownFile?[$0] != nil
        }
        if let unsupported {
            return .missing("\(profiles.configurationDescription) (\(unsupported) is not supported yet)")
        }
        let reason = ownFile == nil ? "no such file" : ownFile?.isEmpty == true ? "no such profile" : "no keys"
        return .missing("\(profiles.credentialsDescription) (\(reason))")
    }

    /// Tools that write temporary keys say so in one of these.
    private static func expiration(
        _ settings: [String: String], place: String
    ) throws(AWSConfigurationError) -> Timestamp? {
        for name in ["aws_expiration", "x_security_token_expires", "expiration"] {
            guard let text = settings[name], !text.isEmpty else { continue }
            guard let time = Timestamp(iso8601: text) else {
                throw AWSConfigurationError(
                    message: "\(name) of \(place) is no time: use the form 2026-11-23T23:10:00Z")
            }
            return time
        }
        return nil
    }
}

/// The places where credentials are looked for, in order; the first that has some decides, even when they have expired.
public struct CredentialChain: CredentialProvider {
    private let environmentCredentials: EnvironmentCredentials
    private let sharedFiles: SharedFileCredentials
    private let notYet: [String]

    /// Environment variables, then the shared files' static keys. The rest of AWS's usual chain (web identity, roles,
    /// container and instance metadata) is not there yet, and the error says so.
    public static func `default`(environment: [String: String], profile: String? = nil) -> CredentialChain {
        CredentialChain(environment: environment, profile: profile)
    }

    private init(environment: [String: String], profile: String?) {
        environmentCredentials = EnvironmentCredentials(environment: environment)
        sharedFiles = SharedFileCredentials(profile: profile, environment: environment)
        notYet = [
            "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        ].filter { environment[$0]?.isEmpty == false }
    }

    /// The first credentials found; throws with one sentence that says where was looked.
    public func credentials(now: Timestamp) async throws(AWSConfigurationError) -> Credentials {
        if let credentials = try environmentCredentials.credentialsIfSet(now: now) { return credentials }
        switch try sharedFiles.lookUp(now: now) {
        case .found(let credentials): return credentials
        case .missing(let reason):
            let set = notYet.isEmpty ? "" : " (\(notYet.joined(separator: ", ")) is set here)"
            throw AWSConfigurationError(
                message:
                    "no AWS credentials: looked for AWS_ACCESS_KEY_ID in the environment (not set) and in \(reason); "
                    + "web identity, container and instance-metadata credentials are not supported yet\(set): set "
                    + "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
        }
    }
}
