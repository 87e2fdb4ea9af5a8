public import AWSCore
internal import JSONBytes
public import TestSupport

/// IAM Identity Center on 127.0.0.1: the portal that gives roles' credentials to who shows a token, and the token's renewal.
/// https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html
/// https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html
public final class LoopbackIdentityCenter: Sendable {
    /// What it knows; a test changes it while it runs.
    public struct Settings: Sendable {
        /// Tokens that are good.
        public var tokens: Set<String> = []
        /// Refresh tokens that are good, once each.
        public var refreshTokens: Set<String> = []
        /// The registered client.
        public var client = (id: "client-1", secret: "planted-client-secret")
        /// `role@account` that are assigned.
        public var assigned: Set<String> = ["reader@123456789012"]
        /// Refuses so whatever is asked of a path, by the path.
        public var refusals: [String: (status: Int, code: String)] = [:]
        fileprivate var renewals = 0
    }

    private let settings: Lock<Settings>
    private let server: LoopbackServer

    /// Starts it with a clock of its own.
    public init(now: @escaping @Sendable () -> Timestamp) throws {
        let settings = Lock(Settings())
        self.settings = settings
        server = try LoopbackServer { request in
            let path = request.target.split(separator: "?").first.map(String.init) ?? ""
            if let told = settings.withLock({ $0.refusals[path] }) {
                return Self.refusal(told.status, told.code, "told to")
            }
            return request.target == "/token"
                ? Self.token(request, settings) : Self.credentials(request, settings, now: now())
        }
    }

    /// Where it listens.
    public var url: String { server.url }
    /// What came, in order.
    public var requests: [RecordedRequest] { server.requests }
    /// Changes it.
    public func set(_ change: (inout Settings) -> Void) { settings.withLock { change(&$0) } }

    private static func refusal(_ status: Int, _ type: String, _ message: String) -> LoopbackAnswer {
        LoopbackAnswer(
            status: status, headers: [("x-amzn-ErrorType", "\(type):http://internal.amazon.com/coral/")],
            body: Array(#"{"message":"\#(message)","__type":"com.amazonaws.switchboard.portal#\#(type)"}"#.utf8))
    }

    private static func credentials(
        _ request: RecordedRequest, _ settings: Lock<Settings>, now: Timestamp
    ) -> LoopbackAnswer {
        let settings = settings.withLock { $0 }
        let pieces = request.target.split(separator: "?", maxSplits: 1)
        guard request.method == "GET", pieces.first == "/federation/credentials", pieces.count == 2 else {
            return refusal(404, "ResourceNotFoundException", "no such path")
        }
        var query: [String: String] = [:]
        for field in pieces[1].split(separator: "&") {
            let parts = field.split(separator: "=")
            if parts.count == 2 { query[String(parts[0])] = String(parts[1]) }
        }
        guard let token = request.header("x-amz-sso_bearer_token"), settings.tokens.contains(token) else {
            return refusal(401, "UnauthorizedException", "Session token not found or invalid")
        }
        guard let role = query["role_name"], let account = query["account_id"] else {
            return refusal(400, "InvalidRequestException", "a parameter is missing")
        }
        guard settings.assigned.contains("\(role)@\(account)") else {
            return refusal(403, "ForbiddenException", "No access")
        }
        let end = now.advanced(by: .seconds(3_600)).seconds * 1_000
        return .ok(
            #"{"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":"planted-sso-secret","sessionToken":"planted-sso-session","expiration":\#(end)}}"#
        )
    }

    private static func token(_ request: RecordedRequest, _ settings: Lock<Settings>) -> LoopbackAnswer {
        func refused(_ error: String) -> LoopbackAnswer {
            LoopbackAnswer(status: 400, body: Array(#"{"error":"\#(error)","error_description":"refused"}"#.utf8))
        }
        guard request.method == "POST", let body = try? JSONValue.parse(request.body) else {
            return refused("invalid_request")
        }
        return settings.withLock { settings in
            guard body["clientId"]?.stringValue == settings.client.id,
                body["clientSecret"]?.stringValue == settings.client.secret
            else { return refused("invalid_client") }
            guard body["grantType"]?.stringValue == "refresh_token" else { return refused("unsupported_grant_type") }
            guard let refresh = body["refreshToken"]?.stringValue, settings.refreshTokens.remove(refresh) != nil else {
                return refused("invalid_grant")
            }
            settings.renewals += 1
            let (token, next) = ("planted-token-\(settings.renewals)", "planted-refresh-\(settings.renewals)")
            settings.tokens.insert(token)
            settings.refreshTokens.insert(next)
            return .ok(
                #"{"accessToken":"\#(token)","expiresIn":28800,"refreshToken":"\#(next)","tokenType":"Bearer"}"#)
        }
    }
}
