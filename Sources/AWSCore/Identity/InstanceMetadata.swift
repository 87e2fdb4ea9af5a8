/// The metadata service of an EC2 instance, version 2: a session token first, then the role's credentials with it.
///
/// Version 1, which needs no token, is never asked: it is what makes a forwarding bug of a service give its role away.
/// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
struct InstanceMetadata: Sendable, Equatable {
    static let tokenLifetimeInSeconds = 21_600

    /// Ends with a slash.
    let url: String
    var timeout: Duration = .seconds(1)
    var attempts = 1

    /// The service as environment and profile have it; nil where it is switched off.
    /// https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html
    init?(environment: [String: String], profile: [String: String]) throws(AWSConfigurationError) {
        func setting(_ variable: String, _ name: String) -> String? {
            [environment[variable], profile[name]].compactMap { $0 }.first { !$0.isEmpty }
        }
        if environment["AWS_EC2_METADATA_DISABLED"]?.equalsIgnoringASCIICase("true") == true { return nil }
        let endpoint = setting("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint")
        let mode = setting("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode") ?? "ipv4"
        guard ["ipv4", "ipv6"].contains(mode.lowercased()) else {
            throw AWSConfigurationError(
                cause: "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is \"\(mode)\"", fix: "use IPv4 or IPv6")
        }
        let standard = mode.lowercased() == "ipv6" ? "http://[fd00:ec2::254]/" : "http://169.254.169.254/"
        let chosen =
            try endpoint.map { text throws(AWSConfigurationError) in
                try AWSEndpoint.normalized(text, source: "AWS_EC2_METADATA_SERVICE_ENDPOINT")
            } ?? standard
        try Self.check(chosen)
        url = chosen.hasSuffix("/") ? chosen : chosen + "/"
        if let text = setting("AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout") {
            guard let seconds = Double(text), (0.01...60).contains(seconds) else {
                throw AWSConfigurationError(
                    cause: "AWS_METADATA_SERVICE_TIMEOUT is \"\(text)\"", fix: "use seconds, up to 60")
            }
            timeout = .milliseconds(Int(seconds * 1_000))
        }
        if let text = setting("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts") {
            guard let number = Int(text), (1...10).contains(number) else {
                throw AWSConfigurationError(
                    cause: "AWS_METADATA_SERVICE_NUM_ATTEMPTS is \"\(text)\"", fix: "use a whole number from 1 to 10")
            }
            attempts = number
        }
    }

    /// Refuses a host that plain HTTP may not go to: what comes back is a secret.
    private static func check(_ url: String) throws(AWSConfigurationError) {
        let bytes = Array(url.utf8.map(\.asciiLowercased))
        let parts = bytes.withUnsafeBufferPointer { URLParts($0) }
        guard !bytes[parts.scheme].elementsEqual("https".utf8) else { return }
        let host = String(decoding: bytes[parts.host], as: UTF8.self)
        switch HostKind(host) {
        case .loopback, .linkLocal: return
        default:
            guard host != "[fd00:ec2::254]" else { return }
            throw AWSConfigurationError(
                cause: "AWS_EC2_METADATA_SERVICE_ENDPOINT names the host \(host) over plain HTTP, where credentials "
                    + "would be open to everybody on the way",
                fix: "use https, an address of this machine or its link such as 169.254.169.254, or [fd00:ec2::254]")
        }
    }

    /// The instance's credentials. Those near their end are taken for good for a while longer, as AWS asks of its SDKs: the
    /// service then has trouble renewing them, goes on accepting them, and is spared by waiting.
    func fetch(_ tools: CredentialTools, now: Timestamp) async throws(AWSConfigurationError) -> Credentials {
        let patience = CredentialExchange.Patience(
            timeouts: Timeouts(connect: timeout, firstByte: timeout, attempt: timeout), attempts: attempts)
        var exchange = try CredentialExchange(
            "the instance's metadata service at \(url)", tools: tools, reach: .host, patience: patience)
        exchange.isNamed = false
        let token = try await token(exchange, now: now)
        let folder = "latest/meta-data/iam/security-credentials/"
        let listed = try await get(folder, token, exchange, now: now)
        let name =
            String(decoding: listed, as: UTF8.self).split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        guard !name.isEmpty, name.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw AWSConfigurationError(
                cause: "\(exchange.party) names no role", fix: "attach an instance profile with a role to the instance")
        }
        let body = try await get(folder + PercentEncoding.encoded(name), token, exchange, now: now)
        guard let fields = try? JSONFields(body) else {
            throw AWSConfigurationError(
                cause: "\(exchange.party) answers with \(body.count) bytes that hold no credentials",
                fix: "check that nothing else answers there")
        }
        if let code = fields.text("Code"), code != "Success" {
            throw AWSConfigurationError(
                cause: "\(exchange.party) has no credentials of the role \(name): \(ServiceName.error(code))",
                fix: "let ec2.amazonaws.com assume the role in its trust policy")
        }
        var found: Credentials
        do throws(CredentialDefect) {
            found = try Credentials(fields, token: "Token")
            if found.sessionToken == nil { throw CredentialDefect(words: "\"Token\" is missing") }
        } catch {
            throw AWSConfigurationError(
                cause: "\(exchange.party) gives no whole credentials of the role \(name): \(error.words)",
                fix: "try again")
        }
        found.expiration = found.expiration.map { Self.extended($0, at: now, random: tools.hooks.random()) }
        return found
    }

    /// The end that is reckoned with: the real one, or 17 to 25 minutes from now where that is later.
    ///
    /// - Parameter random: 0..<1; hosts of a fleet shall not come back at the same moment.
    static func extended(_ expiration: Timestamp, at now: Timestamp, random: Double) -> Timestamp {
        let jitter = Duration.seconds(120) + .milliseconds(Int(random * 480_000))
        let extended = now.advanced(by: RenewalSchedule.advisoryWindow + jitter)
        return max(expiration, extended)
    }

    private func token(
        _ exchange: CredentialExchange, now: Timestamp
    ) async throws(AWSConfigurationError) -> String {
        let response = try await exchange.send(now: now, unreachable: Self.unreachable) { _ in
            HTTPRequest(
                method: "PUT", url: url + "latest/api/token",
                headers: [
                    HTTPHeader(
                        name: "X-aws-ec2-metadata-token-ttl-seconds", value: "\(Self.tokenLifetimeInSeconds)")
                ])
        }
        let token = String(decoding: response.body, as: UTF8.self)
        guard response.status == 200, !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw AWSConfigurationError(
                cause: "\(exchange.party) gives no session token: status \(response.status)",
                fix: "check that the instance allows its metadata service, version 2, and that no proxy answers for it")
        }
        return token
    }

    private func get(
        _ path: String, _ token: String, _ exchange: CredentialExchange, now: Timestamp
    ) async throws(AWSConfigurationError) -> [UInt8] {
        let response = try await exchange.send(now: now, unreachable: Self.unreachable) { _ in
            HTTPRequest(
                method: "GET", url: url + path, headers: [HTTPHeader(name: "X-aws-ec2-metadata-token", value: token)])
        }
        switch response.status {
        case 200: return response.body
        case 404:
            throw AWSConfigurationError(
                cause: "\(exchange.party) knows no role", fix: "attach an instance profile with a role to the instance")
        default:
            throw AWSConfigurationError(
                cause: "\(exchange.party) refuses: status \(response.status)",
                fix: "check the instance's metadata options")
        }
    }

    private static let unreachable =
        "give the service other credentials, run on an instance with a role and, in a container there, allow the "
        + "metadata service two hops (HttpPutResponseHopLimit)"
}
