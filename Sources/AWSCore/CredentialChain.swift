/// The places where credentials are looked for, as AWS's own tools have them; the first that is configured decides.
///
/// The environment's keys are read once and cost nothing afterwards. Everything else is fetched when it is first needed, kept,
/// and renewed ahead of its end, once for all callers (`RefreshingCredentials`). Copies share what was fetched.
public struct CredentialChain: CredentialProvider {
    private let fixed: Result<Credentials, AWSConfigurationError>?
    private let renewed: RefreshingCredentials
    private let plan: CredentialPlan
    private let fetch: CredentialFetch

    /// The chain of this environment and AWS's shared files. `CurlTransport` has it with its tools put together.
    ///
    /// - Parameters:
    ///   - environment: the variables; they may hold secrets, and no description of the chain shows them.
    ///   - profile: the profile to use whatever the environment says: its keys and `AWS_PROFILE` are then passed over.
    ///   - tools: how services are asked.
    public static func `default`(
        environment: [String: String], profile: String? = nil, tools: CredentialTools
    ) -> CredentialChain {
        CredentialChain(environment: environment, profile: profile, tools: tools)
    }

    private init(environment: [String: String], profile: String?, tools: CredentialTools) {
        let plan = CredentialPlan(environment: environment, profile: profile, places: tools.places)
        self.plan = plan
        switch plan.keysOfTheEnvironment {
        case .success(nil): fixed = nil
        case .success(let keys?): fixed = tools.rules?.refusesKeys(keys).map { .failure($0) } ?? .success(keys)
        case .failure(let error): fixed = .failure(error)
        }
        let fetch = CredentialFetch(tools: tools, environment: environment, profile: profile)
        self.fetch = fetch
        renewed = RefreshingCredentials { now throws(AWSConfigurationError) in
            var looked = CredentialPlan.Looked()
            guard let source = try plan.source(looked: &looked) else { throw Self.nothing(looked, nil) }
            do throws(AWSConfigurationError) {
                return try await fetch.fetch(source, now: now)
            } catch {
                // It is the last place, and asked whether or not anybody meant it.
                guard case .instance = source else { throw error }
                throw Self.nothing(looked, error)
            }
        }
    }

    /// The credentials to sign with; throws with one sentence that says where was looked and what to do.
    public func credentials(now: Timestamp) async throws(AWSConfigurationError) -> Credentials {
        guard let fixed else { return try await renewed.credentials(now: now) }
        return try fixed.get().unexpired(at: now, source: "of \(EnvironmentCredentials.place)")
    }

    /// The same, waiting no longer than this.
    public func credentials(
        now: Timestamp, within limit: Duration
    ) async throws(AWSConfigurationError) -> Credentials {
        guard let fixed else { return try await renewed.credentials(now: now, within: limit) }
        return try fixed.get().unexpired(at: now, source: "of \(EnvironmentCredentials.place)")
    }

    /// Keys of the environment are the only ones there are; any other source is asked anew.
    public func discard(_ refused: Credentials, now: Timestamp) -> Bool {
        fixed == nil && renewed.discard(refused, now: now)
    }

    /// Where the credentials would come from now, by what environment and files say. Asks no service and starts nothing.
    public func origin() throws(AWSConfigurationError) -> CredentialOrigin {
        var looked = CredentialPlan.Looked()
        guard let source = try plan.source(looked: &looked) else { throw Self.nothing(looked, nil) }
        var origin = CredentialOrigin(source, endpoints: fetch.endpoints(of: source))
        origin.passedOver = looked.passedOver
        return origin
    }

    /// Keys that stand as they are in environment or file, where the credentials would be these. Asks nobody.
    package func keysAtHand() -> Credentials? {
        var looked = CredentialPlan.Looked()
        guard case .keys(let keys, _)? = try? plan.source(looked: &looked) else { return nil }
        return keys
    }

    /// Whether services of AWS are asked over the environment's proxy, where there is one.
    package var usesProxy: Bool { fetch.tools.usesProxy }

    /// The same chain where it has these rules already and does as told about proxies, else one that does and shares nothing with
    /// this one.
    package func ruled(by rules: CredentialRules, usesProxy: Bool) -> CredentialChain {
        var tools = fetch.tools
        if tools.rules?.name == rules.name, tools.usesProxy == usesProxy { return self }
        tools.rules = rules
        tools.usesProxy = usesProxy
        return CredentialChain(environment: plan.environment, profile: plan.explicitProfile, tools: tools)
    }

    private static func nothing(
        _ looked: CredentialPlan.Looked, _ instance: AWSConfigurationError?
    ) -> AWSConfigurationError {
        let reasons = looked.passedOver + looked.unreadable
        let passedOver = reasons.map { "; \($0.cause)" }.joined()
        let last = instance.map { " and asked the last place: \($0.cause)" } ?? ""
        let general = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or run with a role"
        var fixes: [String] = []
        for fix in reasons.map(\.fix) + [general] where !fixes.contains(fix) { fixes.append(fix) }
        let fix = fixes.joined(separator: "; or ")
        return AWSConfigurationError(
            cause: "no AWS credentials: looked for \(looked.places.joined(separator: ", in "))\(last)\(passedOver)",
            fix: instance.map { "\(fix); for the last place, \($0.fix)" } ?? fix,
            isPassing: instance?.isPassing ?? false)
    }
}

extension CredentialChain: CustomStringConvertible, CustomReflectable {
    /// Shows no credentials and no environment.
    public var description: String { "CredentialChain" }
    /// Nor do `dump` and mirrors.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Where credentials come from, before anybody is asked.
public struct CredentialOrigin: Sendable, Equatable, CustomStringConvertible {
    /// environment, profile, web-identity, assume-role, sso, process, container or instance.
    public var kind: String
    /// For a person; holds no secret.
    public var description: String
    /// The account, where it is known already.
    public var accountID: String?
    /// Whether they are keys that stand as they are in environment or file.
    public var isStatic: Bool { kind == "environment" || kind == "profile" }
    /// The access key's id, where it is known already.
    public var accessKeyID: String?
    /// The services that will be asked for them.
    package var endpoints: [AWSService: AWSEndpoint]
    /// What a profile says of credentials that is not used, each with what to do.
    package var passedOver: [AWSConfigurationError] = []

    init(_ source: CredentialSource, endpoints: [AWSService: AWSEndpoint]) {
        self.endpoints = endpoints
        kind = source.kind
        description = source.place
        accountID = source.accountID
        if case .keys(let keys, _) = source { accessKeyID = keys.accessKeyID }
    }
}
