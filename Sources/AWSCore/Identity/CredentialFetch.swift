/// Asks a source of credentials.
struct CredentialFetch: Sendable {
    /// How long keys out of a file are used before the file is read again: renewed ones come into use without a restart.
    static let rereadInterval: Duration = .seconds(60)

    let tools: CredentialTools
    let environment: [String: String]
    let profile: String?

    func fetch(_ source: CredentialSource, now: Timestamp) async throws(AWSConfigurationError) -> FetchedCredentials {
        let found = try await ask(source, now: now).sendable(source: "of \(source.place)")
        if let refusal = tools.rules?.refusesKeys(found) { throw refusal }
        guard case .keys = source else { return FetchedCredentials(found) }
        return FetchedCredentials(found, rereadInterval: Self.rereadInterval)
    }

    private func ask(_ source: CredentialSource, now: Timestamp) async throws(AWSConfigurationError) -> Credentials {
        switch source {
        case .keys(let keys, let place): return try keys.checked(at: now, source: "of \(place)")
        case .webIdentity(let role):
            return try await sts(role.arn, "web identity").assume(role, token: try token(role), now: now)
        case .role(let role, let opener):
            let credentials = try await ask(opener, now: now)
            return try await sts(role.arn, role.place).assume(role, with: credentials, now: now)
        case .sso(let role):
            return try await SSOCall(tools: tools, role: role, environment: environment).fetch(now: now)
        case .process(let program): return try await program.fetch(tools, now: now)
        case .container(let endpoint): return try await endpoint.fetch(tools, now: now)
        case .instance(let metadata): return try await metadata.fetch(tools, now: now)
        }
    }

    private func sts(_ role: String, _ place: String) throws(AWSConfigurationError) -> STSCall {
        STSCall(tools: tools, endpoint: try tools.allowed(.sts, at: stsEndpoint()), role: role, place: place)
    }

    private func stsEndpoint() throws(AWSConfigurationError) -> AWSEndpoint {
        try AWSEndpoint.resolve(
            service: .sts, environment: environment, profile: profile, places: tools.places)
    }

    /// Where services of AWS will be asked for these credentials, as far as it can be said. Asks nobody.
    func endpoints(of source: CredentialSource) -> [AWSService: AWSEndpoint] {
        switch source {
        case .webIdentity: [.sts: try? stsEndpoint()].compactMapValues { $0 }
        case .role(_, let opener):
            endpoints(of: opener).merging([.sts: try? stsEndpoint()].compactMapValues { $0 }) { $1 }
        case .sso(let role): SSOCall(tools: tools, role: role, environment: environment).endpoints
        case .keys, .process, .container, .instance: [:]
        }
    }

    private func token(_ role: WebIdentityRole) throws(AWSConfigurationError) -> String {
        guard let bytes = try SmallFile.read(role.tokenFile) else {
            throw AWSConfigurationError(
                cause: "the token file \(role.tokenFile) of web identity is not there",
                fix: "check \(role.tokenFilePlace), and that the token is written there, as a pod mounts that of its "
                    + "service account")
        }
        let token = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard token.count == 1 else {
            throw AWSConfigurationError(
                cause: "the token file \(role.tokenFile) of web identity holds no token",
                fix: "look at what writes it: it has to be one line")
        }
        return String(token[0])
    }
}
