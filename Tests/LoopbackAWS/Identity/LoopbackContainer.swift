public import AWSCore
public import TestSupport

/// The agent of ECS or EKS on 127.0.0.1: gives credentials to who has its token.
public final class LoopbackContainer: Sendable {
    private let state: Lock<(token: String, answer: LoopbackAnswer)>
    private let server: LoopbackServer

    /// Starts it; `/v1/credentials` asks for this authorization.
    public init(token: String, expiration: Timestamp, accountID: String? = nil) throws {
        let account = accountID.map { #", "AccountId": "\#($0)""# } ?? ""
        let document =
            #"{"AccessKeyId": "ASIACONTAINER", "SecretAccessKey": "planted-container-secret", "Token": "planted-container-token", "Expiration": "\#(expiration.iso8601)"\#(account)}"#
        let state = Lock((token: token, answer: LoopbackAnswer.ok(document)))
        self.state = state
        server = try LoopbackServer { request in
            let (token, answer) = state.withLock { $0 }
            guard request.method == "GET", request.target == "/v1/credentials" else {
                return LoopbackAnswer(status: 404, body: Array(#"{"code":"NotFound","message":"no such path"}"#.utf8))
            }
            guard request.header("Authorization") == token else {
                return LoopbackAnswer(
                    status: 401, body: Array(#"{"code":"AuthenticationError","message":"wrong token"}"#.utf8))
            }
            return answer
        }
    }

    /// The URL of the credentials.
    public var url: String { server.url + "v1/credentials" }
    /// What came, in order.
    public var requests: [RecordedRequest] { server.requests }
    /// Asks for another token from now on.
    public func rotate(to token: String) { state.withLock { $0.token = token } }
    /// Answers whoever has the token so.
    public func answer(_ answer: LoopbackAnswer) { state.withLock { $0.answer = answer } }
}
