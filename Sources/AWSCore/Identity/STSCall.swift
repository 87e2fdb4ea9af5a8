/// A role assumed at the Security Token Service. Its protocol is the query protocol: a form to it, XML from it.
/// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
struct STSCall: Sendable {
    let tools: CredentialTools
    let endpoint: AWSEndpoint
    /// The role, and who said that it shall be assumed.
    let role: String
    let place: String

    /// AssumeRole, signed with other credentials.
    func assume(
        _ role: AssumedRole, with source: Credentials, now: Timestamp
    ) async throws(AWSConfigurationError) -> Credentials {
        var form = Form(action: "AssumeRole", role: role.arn, sessionName: role.sessionName, now: now)
        form.add("ExternalId", role.externalID)
        form.add("DurationSeconds", role.durationInSeconds.map(String.init))
        let signer = SigV4Signer(service: AWSService.sts.signingName, region: endpoint.region)
        let secrets = [source.secretAccessKey, source.sessionToken, role.externalID].compactMap { $0 }
        return try await call(
            form, hiding: secrets, now: now,
            advice: { RefusalAdvice.assuming(role, region: endpoint.region, code: $0) },
            sign: { request, time in signer.sign(&request, credentials: source, at: time) })
    }

    /// AssumeRoleWithWebIdentity, which nobody signs: the token is the proof.
    func assume(
        _ role: WebIdentityRole, token: String, now: Timestamp
    ) async throws(AWSConfigurationError) -> Credentials {
        var form = Form(
            action: "AssumeRoleWithWebIdentity", role: role.arn, sessionName: role.sessionName, now: now)
        form.add("WebIdentityToken", token)
        return try await call(
            form, hiding: [token], now: now,
            advice: { RefusalAdvice.assuming(role, region: endpoint.region, code: $0) }, sign: { _, _ in })
    }

    private func call(
        _ form: Form, hiding secrets: [String], now: Timestamp, advice: (String?) -> String,
        sign: (inout HTTPRequest, Timestamp) -> Void
    ) async throws(AWSConfigurationError) -> Credentials {
        let exchange = try CredentialExchange(
            "STS at \(endpoint.url)", tools: tools, reach: .service, patience: .service)
        let response = try await exchange.send(
            now: now,
            unreachable: "look at network and region, or set AWS_ENDPOINT_URL_STS to a VPC endpoint for STS",
            hiding: secrets
        ) { time in
            var request = HTTPRequest(
                url: endpoint.url,
                headers: [
                    HTTPHeader(name: "Content-Type", value: "application/x-www-form-urlencoded; charset=utf-8"),
                    HTTPHeader(name: "User-Agent", value: AWSCaller.defaultUserAgent),
                ], body: Array(form.text.utf8))
            sign(&request, time)
            return request
        }
        guard response.status == 200 else {
            let refusal = response.refusal
            throw AWSConfigurationError(
                cause: "STS does not give the role \(role) (\(place)): status \(response.status)\(refusal.words)",
                fix: advice(refusal.code), isPassing: refusal.code == RefusalAdvice.idpUnreachable)
        }
        return try read(response, action: form.action)
    }

    private func read(_ response: CredentialAnswer, action: String) throws(AWSConfigurationError) -> Credentials {
        func refusal(_ reason: String) -> AWSConfigurationError {
            AWSConfigurationError(
                cause: "STS at \(endpoint.url) answers \(action) with \(response.body.count) bytes that are not its "
                    + "answer: \(reason)",
                fix: "check that nothing else answers in its place")
        }
        guard let root = try? XMLElement(parsing: response.body), root.name == "\(action)Response",
            let result = root.child("\(action)Result"), let found = result.child("Credentials")
        else { throw refusal("no Credentials in \(action)Response") }
        func member(_ name: String) throws(AWSConfigurationError) -> String {
            guard let text = found.child(name)?.text, !text.isEmpty else { throw refusal("no \(name)") }
            return text
        }
        let (keyID, secret) = (try member("AccessKeyId"), try member("SecretAccessKey"))
        let token = try member("SessionToken")
        guard let expiration = Timestamp(expiry: try member("Expiration")) else {
            throw refusal("Expiration is no time")
        }
        let account = result.child("AssumedRoleUser")?.child("Arn").flatMap { RoleARN.account(of: $0.text) }
        return Credentials(
            accessKeyID: keyID, secretAccessKey: secret, sessionToken: token, expiration: expiration,
            accountID: account)
    }

    /// The fields of one action.
    private struct Form {
        let action: String
        private(set) var text: String

        init(action: String, role: String, sessionName: String?, now: Timestamp) {
            self.action = action
            text = "Action=\(action)&Version=2011-06-15"
            add("RoleArn", role)
            add("RoleSessionName", sessionName ?? "tidemark-\(now.seconds)")
        }

        mutating func add(_ name: String, _ value: String?) {
            guard let value else { return }
            text += "&\(name)=\(PercentEncoding.encoded(value))"
        }
    }
}

/// Text in forms and queries.
enum PercentEncoding {
    /// Everything but letters, digits and `-._~` as `%XX`.
    /// https://www.rfc-editor.org/rfc/rfc3986#section-2.3
    static func encoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            let isPlain =
                byte.isASCIIDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || "-._~".utf8.contains(byte)
            if isPlain {
                bytes.append(byte)
            } else {
                let digits = Array("0123456789ABCDEF".utf8)
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
