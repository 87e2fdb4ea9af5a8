public import AWSCore
public import TestSupport

/// The metadata service of an EC2 instance, version 2 only, on 127.0.0.1; refuses what the real one refuses.
/// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-v2-how-it-works.html
public final class LoopbackMetadata: Sendable {
    /// What it hands out and how it behaves; a test changes it while it runs.
    public struct Settings: Sendable {
        /// The role of the instance's profile; nil where it has none.
        public var role: String? = "reader"
        /// The JSON of the role's credentials.
        public var document = ""
        /// Whether it answers at all.
        public var isBlocked = false
        /// Answers every request so instead.
        public var answer: LoopbackAnswer?

        /// The instance as it is by default.
        public init() {}
    }

    private let core: Core
    private let server: LoopbackServer

    /// Starts it, with a role whose credentials end then.
    public init(expiration: Timestamp) throws {
        let core = Core()
        core.settings.withLock { $0.document = Self.document(keyID: "ASIAINSTANCE", expiration: expiration) }
        self.core = core
        server = try LoopbackServer { core.answer($0) }
    }

    /// Where it listens.
    public var url: String { server.url }
    /// What came, in order.
    public var requests: [RecordedRequest] { server.requests }
    /// Changes it.
    public func set(_ change: (inout Settings) -> Void) { core.settings.withLock { change(&$0) } }
    /// Waits until so many requests have come.
    public func waitForRequests(_ count: Int) async throws { try await server.waitForRequests(count) }
    /// Closes the port.
    public func stop() { server.stop() }

    /// The credentials' JSON as the service writes it.
    public static func document(keyID: String, expiration: Timestamp) -> String {
        """
        {"Code": "Success", "LastUpdated": "2026-11-23T11:00:00Z", "Type": "AWS-HMAC", "AccessKeyId": "\(keyID)",
         "SecretAccessKey": "planted-instance-secret", "Token": "planted-instance-token",
         "Expiration": "\(expiration.iso8601)"}
        """
    }

    private final class Core: Sendable {
        let settings = Lock(Settings())
        private static let token = "AQAEAplanted-session-token=="
        private static let folder = "/latest/meta-data/iam/security-credentials/"

        func answer(_ request: RecordedRequest) -> LoopbackAnswer {
            let settings = settings.withLock { $0 }
            if settings.isBlocked { return .failing(.never) }
            if let answer = settings.answer { return answer }
            if request.target == "/latest/api/token" { return token(request) }
            guard request.method == "GET" else { return LoopbackAnswer(status: 405, body: []) }
            guard request.header("X-aws-ec2-metadata-token") == Self.token else {
                return LoopbackAnswer(status: 401, body: [])
            }
            guard let role = settings.role, request.target.hasPrefix(Self.folder) else {
                return LoopbackAnswer(status: 404, body: [])
            }
            let name = request.target.dropFirst(Self.folder.count)
            if name.isEmpty { return .ok(role) }
            return name == role ? .ok(settings.document) : LoopbackAnswer(status: 404, body: [])
        }

        private func token(_ request: RecordedRequest) -> LoopbackAnswer {
            guard request.method == "PUT" else { return LoopbackAnswer(status: 405, body: []) }
            // A request that a proxy passes on comes from somewhere else.
            if request.header("X-Forwarded-For") != nil { return LoopbackAnswer(status: 403, body: []) }
            guard let lifetime = request.header("X-aws-ec2-metadata-token-ttl-seconds").flatMap({ Int($0) }),
                (1...21_600).contains(lifetime)
            else { return LoopbackAnswer(status: 400, body: []) }
            return .ok(Self.token)
        }
    }
}
