public import AWSCore

extension CredentialTools {
    /// Tools over connections of their own, made for each fetch and closed after it: a renewal happens about once an hour, and
    /// must not wait behind the calls that wait for it.
    ///
    /// - Parameters:
    ///   - certificateAuthorityFile: the authorities that TLS trusts instead of the system's.
    ///   - allowsProcess: whether `credential_process` of a profile may be started.
    public static func curl(certificateAuthorityFile: String? = nil, allowsProcess: Bool = true) -> CredentialTools {
        CredentialTools(allowsProcess: allowsProcess) { reach throws(TransportError) in
            try CurlTransport(configuration: reach.configuration(certificateAuthorityFile: certificateAuthorityFile))
        }
    }
}

extension CredentialTools.Reach {
    /// Few connections, over the environment's proxy to a service alone.
    package func configuration(certificateAuthorityFile: String?) -> CurlTransport.Configuration {
        var configuration = CurlTransport.Configuration()
        configuration.maximumConnections = 2
        configuration.maximumIdleConnections = 2
        configuration.maximumQueuedRequests = 8
        configuration.certificateAuthorityFile = certificateAuthorityFile
        configuration.usesProxyFromEnvironment = self == .service
        return configuration
    }
}

extension CredentialChain {
    /// The chain of this environment and AWS's shared files, over libcurl. `AWS_CA_BUNDLE` names the authorities that TLS
    /// trusts when services are asked for credentials.
    ///
    /// - Parameters:
    ///   - environment: the variables.
    ///   - profile: the profile to use whatever the environment says.
    ///   - allowsProcess: whether `credential_process` of a profile may be started.
    public static func `default`(
        environment: [String: String], profile: String? = nil, allowsProcess: Bool = true
    ) -> CredentialChain {
        .default(environment: environment, profile: profile, allowsProcess: allowsProcess, rules: nil)
    }

    /// The same with rules.
    ///
    /// - Parameters:
    ///   - places: where variables' values really stand that somebody has put there.
    ///   - usesProxy: whether services of AWS are reached through the environment's proxy.
    package static func `default`(
        environment: [String: String], profile: String?, allowsProcess: Bool, rules: CredentialRules?,
        places: [String: String] = [:], usesProxy: Bool = true
    ) -> CredentialChain {
        let authorities = environment["AWS_CA_BUNDLE"].flatMap { $0.isEmpty ? nil : $0 }
        var tools = CredentialTools.curl(certificateAuthorityFile: authorities, allowsProcess: allowsProcess)
        tools.rules = rules
        tools.places = places
        tools.usesProxy = usesProxy
        return .default(environment: environment, profile: profile, tools: tools)
    }
}
