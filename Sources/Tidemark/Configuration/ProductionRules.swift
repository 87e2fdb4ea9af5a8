internal import AWSCore

/// What an environment's name says about what may be done in it.
enum EnvironmentKind: Equatable {
    /// `production`, `prod`, `live`, and these with a suffix after `-`.
    case production
    /// `development`, `dev`, `test`, and these with a suffix after `-`.
    case local
    /// Any other name, and none.
    case other

    init(_ name: String) {
        switch name.lowercased().split(separator: "-").first ?? "" {
        case "production", "prod", "live": self = .production
        case "development", "dev", "test": self = .local
        default: self = .other
        }
    }
}

/// What keeps a test's set-up out of production, and a local one out of everything but tests. Pure.
///
/// That TLS is checked needs no rule: there is no setting that turns it off.
enum ProductionRules {
    /// What is known of the credentials before anybody is asked.
    enum Keys: Equatable {
        /// Keys that stand in the program's code.
        case inCode(accessKeyID: String)
        /// Keys that stand in environment or files.
        case configured(accessKeyID: String)
        /// Fetched when they are needed, or of a source of the program's own.
        case fetched
    }

    /// Why this set-up may not be used in this environment, one sentence each: what, why and what to do.
    static func refusals(environment: String, endpoint: String, keys: Keys) -> [String] {
        let kind = EnvironmentKind(environment)
        var refusals: [String] = []
        let place = HostKind(host(of: endpoint))
        let isPlain = endpoint.hasPrefix("http://")
        if kind != .local, place != .elsewhere {
            refusals.append(
                "the endpoint \(endpoint) is \(words(place)), and the environment is \"\(environment)\": use AWS's own "
                    + "endpoint, or set TIDEMARK_ENVIRONMENT to development or test")
        } else if kind == .production, isPlain {
            refusals.append(
                "the endpoint \(endpoint) is without TLS, so that anybody on the way reads and changes what is sent, and "
                    + "the environment is \"\(environment)\": use https")
        }
        guard kind == .production else { return refusals }
        switch keys {
        case .inCode:
            refusals.append(
                "the credentials stand in the program's code, where they cannot be renewed and are read by whoever reads "
                    + "the code, and the environment is \"\(environment)\": use a role, or the environment's variables")
        case .configured(let id):
            if let reason = dummy(id) {
                refusals.append(
                    "\(reason), and the environment is \"\(environment)\": give the service real credentials, best of a role"
                )
            }
        case .fetched: break
        }
        return refusals
    }

    /// Why these credentials, fetched in production, are refused; nil where they are not.
    static let refusal: @Sendable (Credentials) -> AWSConfigurationError? = { credentials in
        dummy(credentials.accessKeyID).map {
            AWSConfigurationError(
                cause: "\($0), and the environment is production",
                fix: "give the service real credentials, best of a role")
        }
    }

    private static let dummies: Set<String> = [
        "test", "testing", "dummy", "fake", "local", "localstack", "example", "mock", "none", "foo", "dummykey",
        "accesskey",
    ]
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKey.html
    private static let shortestKeyID = 16

    private static func dummy(_ id: String) -> String? {
        let isExample = id.uppercased().hasSuffix("EXAMPLE")
        guard isExample || dummies.contains(id.lowercased()) || id.utf8.count < shortestKeyID else { return nil }
        return "the access key \"\(id)\" is a stand-in for one"
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
    /// In `production`: an endpoint that is local or without TLS, a stand-in for an access key, credentials that stand in
    /// code. In every environment but `development` and `test`: a local endpoint.
    public var refusals: [String] {
        ProductionRules.refusals(environment: environment, endpoint: endpoint.url, keys: keys)
    }

    /// The credentials to sign with: in production none that are a stand-in, and none at all where the configuration is
    /// refused, so that nothing is sent however the client was made.
    var safeCredentials: any CredentialProvider {
        let refusals = refusals
        if !refusals.isEmpty { return RefusedCredentials(reason: refusals.joined(separator: "; ")) }
        guard EnvironmentKind(environment) == .production, let chain = credentials as? CredentialChain else {
            return credentials
        }
        return chain.refusing(ProductionRules.refusal)
    }

    private var keys: ProductionRules.Keys {
        if let held = credentials as? StaticCredentials { return .inCode(accessKeyID: held.accessKeyID) }
        if let chain = credentials as? CredentialChain, let origin = try? chain.origin(), let id = origin.accessKeyID {
            return .configured(accessKeyID: id)
        }
        return .fetched
    }
}

/// Signs nothing, and says why.
private struct RefusedCredentials: CredentialProvider {
    let reason: String

    func credentials(now: Timestamp) async throws(AWSConfigurationError) -> Credentials {
        throw AWSConfigurationError(message: reason)
    }
}
