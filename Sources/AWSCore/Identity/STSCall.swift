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
        return try await call(form, hiding: secrets, now: now) { request, time in
            signer.sign(&request, credentials: source, at: time)
        }
    }

    /// AssumeRoleWithWebIdentity, which nobody signs: the token is the proof.
    func assume(
        _ role: WebIdentityRole, token: String, now: Timestamp
    ) async throws(AWSConfigurationError) -> Credentials {
        var form = Form(
            action: "AssumeRoleWithWebIdentity", role: role.arn, sessionName: role.sessionName, now: now)
        form.add("WebIdentityToken", token)
        return try await call(form, hiding: [token], now: now) { _, _ in }
    }

    private func call(
        _ form: Form, hiding secrets: [String], now: Timestamp, sign: (inout HTTPRequest, Timestamp) -> Void
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
        guard response.status == 200 else { throw refusal(response, action: form.action) }
        return try read(response, action: form.action)
    }

    private func refusal(_ response: CredentialAnswer, action: String) -> AWSConfigurationError {
        let refusal = response.refusal
        let cause = "STS does not give the role \(role) (\(place)): status \(response.status)\(refusal.words)"
        let fix =
            switch refusal.code ?? "" {
            case "AccessDenied":
                action == "AssumeRole"
                    ? "allow sts:AssumeRole on it to the credentials that open it, and name them in the role's trust policy"
                    : "name the token's issuer, audience and subject in the role's trust policy"
            case "ExpiredToken", "ExpiredTokenException":
                action == "AssumeRole"
                    ? "renew the credentials that open the role" : "look why the token in the file is not renewed"
            case "InvalidIdentityToken": "check the token's issuer, and that the account has it as identity provider"
            case "SignatureDoesNotMatch", "RequestExpired":
                "check the secret key of the credentials that open it, and this machine's clock"
            case "InvalidClientTokenId", "UnrecognizedClientException":
                "check the access key that opens it, and that it belongs to this partition"
            case "RegionDisabledException": "enable STS in \(endpoint.region), or choose another region"
            case "ValidationError": "correct what the message names"
            default: "look at what it says"
            }
        return AWSConfigurationError(cause: cause, fix: fix)
    }

    private func read(_ response: CredentialAnswer, action: String) throws(AWSConfigurationError) -> Credentials {
        guard let root = try? XMLElement(parsing: response.body), root.name == "\(action)Response",
            let result = root.child("\(action)Result"), let found = result.child("Credentials"),
            let keyID = found.child("AccessKeyId")?.text, let secret = found.child("SecretAccessKey")?.text,
            let token = found.child("SessionToken")?.text, !keyID.isEmpty, !secret.isEmpty, !token.isEmpty,
            let expiration = found.child("Expiration").flatMap({ Timestamp(iso8601: $0.text) })
        else {
            throw AWSConfigurationError(
                cause:
                    "STS at \(endpoint.url) answers \(action) with \(response.body.count) bytes that are not its answer",
                fix: "check that nothing else answers in its place")
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
