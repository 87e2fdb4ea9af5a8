import AWSCore
import TestSupport
import Testing

/// A source of credentials that gives back what it was sent, or something that stands between: nothing of it is shown.
@Suite struct EchoTests {
    private static let secrets = [
        "planted/web.identity+token==", "planted/container+token==", "planted-sso-access-token",
        "planted-client-secret",
        "planted-refresh-token", "planted-base-secret/key", "planted/base+session==", "planted-path-of-the-task",
    ]

    /// The forms of an answer; `said` is the text that it gives back.
    enum Form: CaseIterable {
        case json, xml, page, name, oidc

        func answer(_ said: String) -> LoopbackAnswer {
            let json = said.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            let (type, body) =
                switch self {
                case .json: ("application/json", #"{"__type":"x#Denied","message":"\#(json)"}"#)
                case .xml:
                    (
                        "text/xml",
                        "<E><Error><Code>Denied</Code><Message>\(said.replacing("&", with: "&amp;"))</Message></Error></E>"
                    )
                case .page: ("text/html", "<html><body>\(said)</body></html>")
                case .name: ("application/json", #"{"__type":"x#\#(json)"}"#)
                case .oidc: ("application/json", #"{"error":"invalid_grant","error_description":"\#(json)"}"#)
                }
            return LoopbackAnswer(status: 403, headers: [("Content-Type", type)], body: Array(body.utf8))
        }
    }

    private func server(_ form: Form, _ status: Int) throws -> LoopbackServer {
        try LoopbackServer { request in
            let headers = request.headers.map(\.value).joined(separator: " ")
            let body = String(decoding: request.body, as: UTF8.self)
            let percent = request.target.split(separator: "/").last ?? ""
            var answer = form.answer(
                "seen \(headers) \(headers.replacing("/", with: #"\/"#)) \(body) \(Self.decoded(body)) \(percent) end")
            answer.status = status
            return answer
        }
    }

    /// A form's text without its escapes.
    private static func decoded(_ text: String) -> String {
        text.replacing("%2F", with: "/").replacing("%2B", with: "+").replacing("%3D", with: "=")
    }

    private func expectSilence(_ setUp: IdentitySetUp, _ server: LoopbackServer, _ place: String) async {
        let said = await setUp.outcome()
        let sent = server.requests.map { request in
            request.headers.map(\.value).joined() + Self.decoded(String(decoding: request.body, as: UTF8.self))
                + request.target
        }.joined()
        #expect(Self.secrets.contains { sent.contains($0) }, "\(place) sends one: \(sent)")
        #expect(said.contains("status 4") || said.contains("status 5"), "\(place): \(said)")
        let forms = Self.secrets.flatMap { [$0, $0.replacing("/", with: #"\/"#), $0.replacing("/", with: "%2F")] }
        for secret in forms { #expect(!said.contains(secret), "\(place): \(said)") }
        for request in server.requests {
            guard let signature = request.header("Authorization")?.split(separator: "Signature=").dropFirst().last
            else { continue }
            #expect(!said.contains(signature), "\(place): \(said)")
        }
    }

    @Test(arguments: Form.allCases, [403, 500])
    func noSourceShowsWhatItWasSent(_ form: Form, _ status: Int) async throws {
        let sources: [(String, (LoopbackServer) throws -> IdentitySetUp)] = [
            ("container", container), ("web identity", webIdentity), ("role", role),
            ("SSO", { try sso($0, expires: "2026-11-23T20:00:00Z") }),
            ("SSO's renewal", { try sso($0, expires: "2026-11-23T11:59:59Z") }),
        ]
        for (name, setUp) in sources {
            let server = try server(form, status)
            await expectSilence(try setUp(server), server, "\(name), \(form), \(status)")
        }
    }

    private func container(_ server: LoopbackServer) throws -> IdentitySetUp {
        var setUp = try IdentitySetUp()
        setUp.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = server.url + "planted-path-of-the-task"
        setUp.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "Bearer planted/container+token=="
        return setUp
    }

    private func webIdentity(_ server: LoopbackServer) throws -> IdentitySetUp {
        var setUp = try IdentitySetUp()
        setUp.variables["AWS_ENDPOINT_URL_STS"] = server.url
        setUp.variables["AWS_ROLE_ARN"] = "arn:aws:iam::123456789012:role/reader"
        setUp.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = try setUp.home.write(Self.secrets[0], to: "token")
        return setUp
    }

    private func role(_ server: LoopbackServer) throws -> IdentitySetUp {
        var setUp = try IdentitySetUp()
        setUp.variables["AWS_ENDPOINT_URL_STS"] = server.url
        try setUp.configure("[default]\nrole_arn = arn:aws:iam::123456789012:role/reader\nsource_profile = base\n")
        try setUp.keep(
            "[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = planted-base-secret/key\n"
                + "aws_session_token = planted/base+session==\n")
        return setUp
    }

    private func sso(_ server: LoopbackServer, expires: String) throws -> IdentitySetUp {
        var setUp = try IdentitySetUp()
        for name in ["SSO", "SSO_OIDC"] { setUp.variables["AWS_ENDPOINT_URL_\(name)"] = server.url }
        setUp.variables["AWS_PROFILE"] = "work"
        try setUp.configure(
            "[profile work]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = reader\n"
                + "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n")
        try setUp.home.write(
            #"{"accessToken":"planted-sso-access-token","expiresAt":"\#(expires)","clientId":"client-1","#
                + #""clientSecret":"planted-client-secret","refreshToken":"planted-refresh-token","#
                + #""registrationExpiresAt":"2027-01-01T00:00:00Z"}"#,
            to: ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json")
        return setUp
    }
}
