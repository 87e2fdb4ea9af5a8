/// The credentials of a role of IAM Identity Center, by the token that `aws sso login` left on this machine.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html
struct SSOCall: Sendable {
    /// The SDKs renew a token that has less than this left.
    static let renewalWindow: Duration = .seconds(15 * 60)

    let tools: CredentialTools
    let role: SSORole
    let environment: [String: String]

    func fetch(now: Timestamp) async throws(AWSConfigurationError) -> Credentials {
        var token = try SSOToken.read(role, environment: environment)
        if role.sessionName != nil, token.expiration.advanced(by: .zero - Self.renewalWindow) <= now,
            let renewal = token.renewal(at: now)
        {
            // A token that is still good is used where it cannot be renewed; one that is not needs its owner.
            do throws(AWSConfigurationError) {
                token = try await renew(token, by: renewal, now: now)
            } catch {
                if token.expiration <= now {
                    throw loginNeeded(
                        "it could not be renewed (\(error.cause))", fix: error.fix, isPassing: error.isPassing)
                }
            }
        }
        guard token.expiration > now else { throw loginNeeded("it expired at \(token.expiration.iso8601)") }
        return try await roleCredentials(token, now: now)
    }

    private func loginNeeded(
        _ reason: String, fix: String? = nil, isPassing: Bool = false
    ) -> AWSConfigurationError {
        AWSConfigurationError(
            cause: "the login to IAM Identity Center for \(role.place) is not good any more: \(reason)",
            fix: fix ?? "run aws sso login --profile \(role.profile)", isPassing: isPassing)
    }

    private func endpoint(_ service: AWSService) throws(AWSConfigurationError) -> AWSEndpoint {
        try AWSEndpoint.resolve(
            service: service, region: role.region, environment: environment, profile: role.profile)
    }

    /// Where both services are, as far as it can be said.
    var endpoints: [AWSService: AWSEndpoint] {
        [.sso: try? endpoint(.sso), .ssoOIDC: try? endpoint(.ssoOIDC)].compactMapValues { $0 }
    }

    // MARK: The role

    private func roleCredentials(
        _ token: SSOToken, now: Timestamp
    ) async throws(AWSConfigurationError) -> Credentials {
        let endpoint = try tools.allowed(.sso, at: endpoint(.sso))
        let exchange = try CredentialExchange(
            "IAM Identity Center at \(endpoint.url)", tools: tools, reach: .service, patience: .service)
        let query =
            "role_name=\(PercentEncoding.encoded(role.roleName))&account_id=\(PercentEncoding.encoded(role.accountID))"
        let response = try await exchange.send(
            now: now, unreachable: "look at the network and at sso_region (\(role.region)) of \(role.place)"
        ) { _ in
            HTTPRequest(
                method: "GET", url: "\(endpoint.url)federation/credentials?\(query)",
                headers: [HTTPHeader(name: "x-amz-sso_bearer_token", value: token.accessToken)])
        }
        guard response.status == 200 else {
            let refusal = response.refusal
            if response.status == 401 || refusal.code == "UnauthorizedException" {
                throw loginNeeded("status \(response.status)\(refusal.words)")
            }
            throw AWSConfigurationError(
                cause: "IAM Identity Center does not give the role \(role.roleName) of the account \(role.accountID) "
                    + "(\(role.place)): status \(response.status)\(refusal.words)",
                fix: RefusalAdvice.role(role, code: refusal.code, status: response.status))
        }
        guard let fields = (try? JSONFields(response.body))?.object("roleCredentials"),
            let keyID = fields.text("accessKeyId"), let secret = fields.text("secretAccessKey"),
            let session = fields.text("sessionToken"), let milliseconds = fields.integer("expiration")
        else {
            throw AWSConfigurationError(
                cause: "\(exchange.party) answers with \(response.body.count) bytes that hold no credentials "
                    + "(accessKeyId, secretAccessKey, sessionToken and expiration of roleCredentials)",
                fix: "check that no proxy answers in its place")
        }
        return Credentials(
            accessKeyID: keyID, secretAccessKey: secret, sessionToken: session,
            expiration: Timestamp(secondsSince1970: Int64(milliseconds / 1_000)), accountID: role.accountID)
    }

    // MARK: The token

    private func renew(
        _ token: SSOToken, by renewal: SSOToken.Renewal, now: Timestamp
    ) async throws(AWSConfigurationError) -> SSOToken {
        let endpoint = try tools.allowed(.ssoOIDC, at: endpoint(.ssoOIDC))
        let exchange = try CredentialExchange(
            "IAM Identity Center at \(endpoint.url)", tools: tools, reach: .service, patience: .service)
        let response = try await exchange.send(
            now: now,
            unreachable:
                "look at the network and at sso_region (\(role.region)) of \(role.place), or run aws sso login "
                + "--profile \(role.profile)", hiding: renewal.secrets
        ) { _ in
            HTTPRequest(
                url: endpoint.url + "token", headers: [HTTPHeader(name: "Content-Type", value: "application/json")],
                body: renewal.body)
        }
        guard response.status == 200, let fields = try? JSONFields(response.body),
            let access = fields.text("accessToken"), let seconds = fields.integer("expiresIn"), seconds > 0
        else {
            throw AWSConfigurationError(
                cause: "\(exchange.party) renews no token: status \(response.status)\(response.refusal.words)",
                fix: RefusalAdvice.token(role, code: response.refusal.code))
        }
        let renewed = token.renewed(
            accessToken: access, expiration: now.advanced(by: .seconds(seconds)),
            refreshToken: fields.text("refreshToken"))
        renewed.save()
        return renewed
    }
}

/// A token as `aws sso login` keeps it. No description shows it.
struct SSOToken: Sendable, CustomStringConvertible, CustomReflectable {
    /// What asks for a new token.
    struct Renewal: Sendable {
        /// The JSON of CreateToken; it holds secrets.
        var body: [UInt8]
        /// Those, each alone.
        var secrets: [String]
    }

    let accessToken: String
    let expiration: Timestamp
    private let path: String
    private let content: [UInt8]

    var description: String { "SSOToken(until \(expiration))" }
    var customMirror: Mirror { Mirror(self, children: []) }

    /// The file of a login: the SHA-1 of the session's name or, without one, of the start URL.
    static func path(_ role: SSORole, environment: [String: String]) -> String {
        let name = SHA1.hex(Array((role.sessionName ?? role.startURL).utf8))
        return "\(environment["HOME"] ?? "")/.aws/sso/cache/\(name).json"
    }

    static func read(_ role: SSORole, environment: [String: String]) throws(AWSConfigurationError) -> SSOToken {
        let path = path(role, environment: environment)
        let login = "run aws sso login --profile \(role.profile)"
        guard let bytes = try SmallFile.read(path) else {
            throw AWSConfigurationError(
                cause: "nobody has logged in to IAM Identity Center for \(role.place) (\(path) is not there)",
                fix: login)
        }
        guard let fields = try? JSONFields(bytes), let token = fields.text("accessToken"),
            token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let expiration = fields.text("expiresAt").flatMap({ Timestamp(expiry: $0) })
        else {
            throw AWSConfigurationError(cause: "\(path) holds no token of IAM Identity Center", fix: login)
        }
        return SSOToken(accessToken: token, expiration: expiration, path: path, content: bytes)
    }

    /// What renews it; nil where the login left nothing to renew it with.
    func renewal(at now: Timestamp) -> Renewal? {
        guard let fields = try? JSONFields(content), let id = fields.text("clientId"),
            let secret = fields.text("clientSecret"), let refresh = fields.text("refreshToken"),
            let end = fields.text("registrationExpiresAt").flatMap({ Timestamp(expiry: $0) }), end > now
        else { return nil }
        return Renewal(
            body: JSONFields.empty.replacing([
                ("clientId", id), ("clientSecret", secret), ("grantType", "refresh_token"), ("refreshToken", refresh),
            ]), secrets: [secret, refresh, accessToken])
    }

    func renewed(accessToken: String, expiration: Timestamp, refreshToken: String?) -> SSOToken {
        var changes = [("accessToken", accessToken), ("expiresAt", expiration.iso8601)]
        if let refreshToken { changes.append(("refreshToken", refreshToken)) }
        let content = (try? JSONFields(self.content))?.replacing(changes) ?? self.content
        return SSOToken(accessToken: accessToken, expiration: expiration, path: path, content: content)
    }

    /// For the other tools that use this login: a refresh token works once. Where it cannot be written, this process
    /// still has the new one.
    func save() {
        SmallFile.replace(path, with: content)
    }
}
