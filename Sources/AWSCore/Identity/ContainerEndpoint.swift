/// The agent of ECS or EKS that hands out the credentials of the container's role.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
struct ContainerEndpoint: Sendable {
    enum Authorization: Sendable, Equatable, CustomReflectable, CustomStringConvertible {
        case none
        case token(String)
        /// Read anew each time: EKS renews it.
        case file(String)

        /// Shows no token.
        var description: String { "Authorization" }
        var customMirror: Mirror { Mirror(self, children: []) }
    }

    /// What is asked. The path is a secret of ECS's: whoever has it gets the credentials.
    let url: String
    /// As much of the URL as may be shown.
    var place: String {
        let bytes = Array(url.utf8)
        let parts = bytes.withUnsafeBufferPointer { URLParts($0) }
        return String(decoding: bytes[..<parts.path.lowerBound], as: UTF8.self)
    }
    let authorization: Authorization

    /// Hosts that plain HTTP may go to, loopback aside: ECS's agent and EKS's.
    static let agents: Set<String> = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"]

    /// The agent that the environment names; nil where it names none.
    init?(environment: [String: String]) throws(AWSConfigurationError) {
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let relative = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            guard relative.hasPrefix("/"), relative.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw AWSConfigurationError(
                    cause: "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is no path", fix: "begin it with /")
            }
            url = "http://169.254.170.2\(relative)"
        } else if let full = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
            try Self.check(full)
            url = full
        } else {
            return nil
        }
        authorization =
            variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE").map { .file($0) }
            ?? variable("AWS_CONTAINER_AUTHORIZATION_TOKEN").map { .token($0) } ?? .none
    }

    private static func check(_ url: String) throws(AWSConfigurationError) {
        let bytes = Array(url.utf8.map(\.asciiLowercased))
        let parts = bytes.withUnsafeBufferPointer { URLParts($0) }
        let scheme = String(decoding: bytes[parts.scheme], as: UTF8.self)
        let host = String(decoding: bytes[parts.host], as: UTF8.self)
        guard !host.isEmpty, scheme == "http" || scheme == "https",
            !bytes[..<parts.path.lowerBound].contains(UInt8(ascii: "@")),
            bytes.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw AWSConfigurationError(
                cause: "AWS_CONTAINER_CREDENTIALS_FULL_URI is no URL",
                fix: "use a form such as http://169.254.170.23/v1/credentials")
        }
        guard scheme == "https" || agents.contains(host) || HostKind(host) == .loopback else {
            throw AWSConfigurationError(
                cause: "AWS_CONTAINER_CREDENTIALS_FULL_URI names the host \(host) over plain HTTP, where credentials "
                    + "would be open to everybody on the way",
                fix: "use https, a loopback address, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23]")
        }
    }

    func fetch(_ tools: CredentialTools, now: Timestamp) async throws(AWSConfigurationError) -> Credentials {
        let party = "the container's agent at \(place)"
        let exchange = try CredentialExchange(party, tools: tools, reach: .host, patience: .container)
        let token = try authorizationToken()
        let response = try await exchange.send(
            now: now, unreachable: "run where ECS or EKS put the agent, or unset AWS_CONTAINER_CREDENTIALS_…",
            hiding: [url, String(url.dropFirst(place.count)), String(url.dropFirst(place.count + 1))]
        ) { _ in
            var headers = [HTTPHeader(name: "Accept", value: "application/json")]
            if let token { headers.append(HTTPHeader(name: "Authorization", value: token)) }
            return HTTPRequest(method: "GET", url: url, headers: headers)
        }
        guard response.status == 200 else {
            let isAuthorization = response.status == 401 || response.status == 403
            throw AWSConfigurationError(
                cause: "\(party) refuses: status \(response.status)\(response.refusal.words)",
                fix: isAuthorization
                    ? "check AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE or …_TOKEN, and that the task or pod has a role"
                    : "check the path of AWS_CONTAINER_CREDENTIALS_…, and that the task or pod has a role")
        }
        func refusal(_ reason: String) -> AWSConfigurationError {
            AWSConfigurationError(
                cause: "\(party) answers with \(response.body.count) bytes that hold no credentials: \(reason)",
                fix: "check that nothing else listens there")
        }
        guard let fields = try? JSONFields(response.body) else { throw refusal("they are no JSON object") }
        do throws(CredentialDefect) {
            return try Credentials(fields, token: "Token")
        } catch {
            throw refusal(error.words)
        }
    }

    private func authorizationToken() throws(AWSConfigurationError) -> String? {
        let (token, place): (String, String)
        switch authorization {
        case .none: return nil
        case .token(let text): (token, place) = (text, "AWS_CONTAINER_AUTHORIZATION_TOKEN")
        case .file(let path):
            guard let bytes = try SmallFile.read(path) else {
                throw AWSConfigurationError(
                    cause: "the file \(path) of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE is not there",
                    fix: "check the path, and that the pod mounts its token")
            }
            (token, place) = (String(decoding: bytes, as: UTF8.self), "the token in \(path)")
        }
        guard token.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw AWSConfigurationError(
                cause: "\(place) holds a line end or another character that no header may have",
                fix: "write it without a line end")
        }
        return token
    }
}
