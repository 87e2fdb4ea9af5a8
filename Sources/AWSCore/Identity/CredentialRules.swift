/// What may not be used in the environment that a source of credentials works for; asked before anything is sent or signed.
package struct CredentialRules: Sendable {
    /// Which rules these are: two of one name are alike.
    package var name: String
    /// Why credentials that a source gave may not be used; nil where they may.
    package var refusesKeys: @Sendable (Credentials) -> AWSConfigurationError?
    /// Why a service that hands out credentials may not be asked there; nil where it may. The agents of containers and the
    /// instance's metadata service have rules of their own.
    package var refusesService: @Sendable (AWSService, AWSEndpoint) -> AWSConfigurationError?

    package init(
        name: String, refusesKeys: @escaping @Sendable (Credentials) -> AWSConfigurationError?,
        refusesService: @escaping @Sendable (AWSService, AWSEndpoint) -> AWSConfigurationError?
    ) {
        self.name = name
        self.refusesKeys = refusesKeys
        self.refusesService = refusesService
    }
}

extension CredentialTools {
    /// The endpoint, where the service may be asked there: what is sent holds tokens and what comes back holds keys.
    func allowed(_ service: AWSService, at endpoint: AWSEndpoint) throws(AWSConfigurationError) -> AWSEndpoint {
        if let refusal = rules?.refusesService(service, endpoint) { throw refusal }
        return endpoint
    }
}
