package import AWSCore
internal import CurlTransport

/// What keeps a test's set-up out of production, and a local one out of everything but tests. Pure.
///
/// That TLS is checked needs no rule: there is no setting that turns it off.
enum ProductionRules {
    /// What is known of the credentials before anybody is asked.
    enum Keys {
        /// Keys that stand in the program's code.
        case inCode
        /// Keys that stand in environment or files.
        case configured(Credentials)
        /// Fetched when they are needed, or of a source of the program's own.
        case fetched
    }

    /// Why this set-up may not be used in this environment: what, why and what to do.
    ///
    /// - Parameter services: the services that will be asked for credentials, and where.
    static func refusals(
        environment: String, endpoint: String, services: [AWSService: AWSEndpoint] = [:], keys: Keys
    ) -> [AWSConfigurationError] {
        let asked = services.sorted { $0.key.variableSuffix < $1.key.variableSuffix }
        var refusals = [refusal(of: endpoint, named: "the endpoint", in: environment)]
        refusals += asked.map { refusal(of: $1, as: $0, in: environment) }
        if EnvironmentKind(environment) == .production { refusals.append(refusal(of: keys, in: environment)) }
        return refusals.compactMap { $0 }
    }

    /// What holds for sources of credentials in this environment.
    static func rules(in environment: String) -> CredentialRules {
        let isProduction = EnvironmentKind(environment) == .production
        return CredentialRules(
            name: environment,
            refusesKeys: { isProduction ? refusal(ofFetched: $0, in: environment) : nil },
            refusesService: { refusal(of: $1, as: $0, in: environment) })
    }

    /// Why what a source of the program's own gave is refused in production; nil where it is not.
    static func refusal(ofOwn credentials: Credentials, in environment: String) -> AWSConfigurationError? {
        if let refusal = refusal(ofFetched: credentials, in: environment) { return refusal }
        guard credentials.sessionToken == nil, credentials.expiration == nil else { return nil }
        return AWSConfigurationError(
            cause:
                "the program's own source gave a long-lived key\(shown(credentials.accessKeyID)), as if it stood in the "
                + "code, and \(named(environment))",
            fix: "use a role, or the environment's variables; where the source renews the key, let it say when "
                + "(`expiration`)")
    }

    static func refusal(ofFetched credentials: Credentials, in environment: String) -> AWSConfigurationError? {
        if let dummy = dummy(credentials.accessKeyID) {
            return AWSConfigurationError(
                cause: "\(dummy), and \(named(environment))", fix: "give the service real credentials, best of a role")
        }
        return StandIn.reason(ofSecret: credentials.secretAccessKey).map {
            AWSConfigurationError(
                cause:
                    "the secret of the access key\(shown(credentials.accessKeyID)) is a stand-in for one (\($0)), and "
                    + named(environment),
                fix: StandIn.mayBeMadeByAWS(credentials.secretAccessKey)
                    ? "it looks like an access key's id: exchange the two"
                    : "give the service real credentials, best of a role")
        }
    }

    private static func refusal(of keys: Keys, in environment: String) -> AWSConfigurationError? {
        switch keys {
        case .inCode:
            AWSConfigurationError(
                cause:
                    "the credentials stand in the program's code, where they cannot be renewed and are read by whoever "
                    + "reads the code, and \(named(environment))",
                fix: "use a role, or the environment's variables")
        case .configured(let credentials): refusal(ofFetched: credentials, in: environment)
        case .fetched: nil
        }
    }

    // MARK: Endpoints

    private static func refusal(
        of endpoint: AWSEndpoint, as service: AWSService, in environment: String
    ) -> AWSConfigurationError? {
        let name = service == .sts ? "STS" : "IAM Identity Center"
        return refusal(
            of: endpoint.url, named: "the endpoint of \(name), which hands out credentials,", in: environment)
    }

    private static func refusal(
        of url: String, named name: String, in environment: String
    ) -> AWSConfigurationError? {
        let kind = EnvironmentKind(environment)
        let place = HostKind(host(of: url))
        if kind != .local, place != .elsewhere {
            return AWSConfigurationError(
                cause: "\(name) \(url) is \(words(place)), and \(named(environment))",
                fix: "use AWS's own endpoint, or set TIDEMARK_ENVIRONMENT to development or test")
        }
        guard kind == .production, !url.lowercased().hasPrefix("https://") else { return nil }
        return AWSConfigurationError(
            cause: "\(name) \(url) is without TLS, so that anybody on the way reads and changes what is sent, and "
                + named(environment),
            fix: "use https")
    }

    private static func named(_ environment: String) -> String {
        let isPlain = EnvironmentKind(environment) != .production || environment.lowercased() == "production"
        return "the environment is \"\(environment)\"" + (isPlain ? "" : ", which is taken for production")
    }

    // MARK: Keys

    private static func dummy(_ id: String) -> String? {
        StandIn.reason(ofID: id).map { "the access key\(shown(id)) is a stand-in for one (\($0))" }
    }

    /// An id, where it has the length of one: a secret may have been put in its place.
    private static func shown(_ id: String) -> String {
        id.utf8.count <= StandIn.lengthOfIDs ? " \"\(id.withoutControls)\"" : ""
    }

    private static func words(_ place: HostKind) -> String {
        switch place {
        case .loopback: "this machine"
        case .linkLocal: "an address of the local link"
        case .privateAddress: "a private address"
        case .localName: "a name of a local network"
        case .elsewhere: "elsewhere"
        }
    }

    private static func host(of url: String) -> String {
        let bytes = Array(url.utf8)
        let parts = bytes.withUnsafeBufferPointer { URLParts($0) }
        return String(decoding: bytes[parts.host], as: UTF8.self)
    }
}

extension TidemarkConfiguration {
    /// Why a client may not be made of this configuration, one sentence each; empty where it may.
    ///
    /// In `production`: an endpoint that is local or without TLS, DynamoDB's or that of a service which hands out
    /// credentials; a stand-in for an access key or its secret; credentials that stand in code. In every environment but `development` and
    /// `test`: a local endpoint. In all of them: a service or an environment without a usable name, an endpoint whose URL is none
    /// or names a user.
    public var refusals: [String] { reasonsToRefuse.map(\.message) }

    /// The same, cause and fix apart.
    package var reasonsToRefuse: [AWSConfigurationError] {
        let (keys, services) = sources
        // A URL made in code has been looked at by nobody.
        if let problem = endpoint.problem { return [problem] }
        return Self.nameProblems(service: service, environment: environment) + misspeltProduction
            + [circuit?.problem].compactMap { $0 }
            + ProductionRules.refusals(
                environment: environment, endpoint: endpoint.url, services: services, keys: keys)
    }

    /// The credentials to sign with: in production none that are a stand-in, and none at all where the configuration is
    /// refused, so that nothing is sent however the client was made.
    package var safeCredentials: any CredentialProvider {
        let refusals = refusals
        if !refusals.isEmpty { return RefusedCredentials(reason: refusals.joined(separator: "; ")) }
        if let chain = credentials as? CredentialChain {
            return chain.ruled(
                by: ProductionRules.rules(in: environment), usesProxy: transport.usesProxyFromEnvironment)
        }
        guard EnvironmentKind(environment) == .production else { return credentials }
        return WatchedCredentials(
            credentials, environment: environment, isOwn: !(credentials is EnvironmentCredentials))
    }

    private var sources: (ProductionRules.Keys, [AWSService: AWSEndpoint]) {
        switch credentials {
        case is StaticCredentials: return (.inCode, [:])
        case let held as EnvironmentCredentials: return (held.keysAtHand.map { .configured($0) } ?? .fetched, [:])
        case let chain as CredentialChain:
            return (
                chain.keysAtHand().map { .configured($0) } ?? .fetched, (try? chain.origin())?.endpoints ?? [:]
            )
        default: return (.fetched, [:])
        }
    }
}

/// Credentials of a source of the program's own: each that is not the one before is looked at, once, and refused where
/// production has no place for it.
private final class WatchedCredentials: CredentialProvider, CustomReflectable {
    /// As much of credentials as decides; no secret.
    private struct Facts: Equatable {
        var accessKeyID: String
        var isLongLived: Bool
    }

    private let source: any CredentialProvider
    private let environment: String
    /// Whether it is of the program's own, and not of the variables.
    private let isOwn: Bool
    private let accepted = Lock<Facts?>(nil)

    init(_ source: any CredentialProvider, environment: String, isOwn: Bool) {
        self.isOwn = isOwn
        self.source = source
        self.environment = environment
    }

    func credentials(now: Timestamp) async throws(AWSConfigurationError) -> Credentials {
        try look(at: try await source.credentials(now: now))
    }

    func credentials(now: Timestamp, within limit: Duration) async throws(AWSConfigurationError) -> Credentials {
        try look(at: try await source.credentials(now: now, within: limit))
    }

    func discard(_ refused: Credentials, now: Timestamp) -> Bool { source.discard(refused, now: now) }

    private func look(at found: Credentials) throws(AWSConfigurationError) -> Credentials {
        let facts = Facts(
            accessKeyID: found.accessKeyID, isLongLived: found.sessionToken == nil && found.expiration == nil)
        if accepted.withLock({ $0 == facts }) { return found }
        let refusal =
            isOwn
            ? ProductionRules.refusal(ofOwn: found, in: environment)
            : ProductionRules.refusal(ofFetched: found, in: environment)
        if let refusal { throw refusal }
        accepted.withLock { $0 = facts }
        return found
    }

    var customMirror: Mirror { Mirror(self, children: []) }
}

/// Signs nothing, and says why.
private struct RefusedCredentials: CredentialProvider {
    let reason: String

    func credentials(now: Timestamp) async throws(AWSConfigurationError) -> Credentials {
        throw AWSConfigurationError(message: reason)
    }

    func credentials(now: Timestamp, within limit: Duration) async throws(AWSConfigurationError) -> Credentials {
        try await credentials(now: now)
    }
}
