public import AWSCore
public import TestSupport

/// A Security Token Service on 127.0.0.1: checks signatures, tokens, trust and ranges, answers in AWS's XML.
/// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
public final class LoopbackSTS: Sendable {
    /// A role and who may assume it.
    public struct Role: Sendable {
        /// Access key ids that it trusts.
        public var trustedKeys: Set<String> = []
        /// Tokens of web identity that it trusts.
        public var trustedTokens: Set<String> = []
        /// What has to be said as ExternalId.
        public var externalID: String?

        /// A role that trusts these.
        public init(keys: Set<String> = [], tokens: Set<String> = [], externalID: String? = nil) {
            trustedKeys = keys
            trustedTokens = tokens
            self.externalID = externalID
        }
    }

    /// What it knows; a test changes it while it runs.
    public struct Settings: Sendable {
        /// By ARN.
        public var roles: [String: Role] = [:]
        /// Who may sign, by access key id; keys of roles are added as they are given out.
        public var known: [String: KnownCredentials] = [:]
        /// Answers the next requests so instead, one each.
        public var next: [LoopbackAnswer] = []
        /// How long what it gives out is good where nobody says it, in seconds.
        public var lifetimeInSeconds = 3_600
        /// Tokens that were good once.
        public var expiredTokens: Set<String> = []
        fileprivate var issued = 0
    }

    private let core: Core
    private let server: LoopbackServer

    /// Starts it with a clock of its own.
    public init(region: String = "us-east-1", now: @escaping @Sendable () -> Timestamp) throws {
        let core = Core(region: region, now: now)
        self.core = core
        server = try LoopbackServer { core.answer($0) }
    }

    /// Where it listens.
    public var url: String { server.url }
    /// What came, in order.
    public var requests: [RecordedRequest] { server.requests }
    /// The forms that came, in order.
    public var forms: [[String: String]] { server.requests.map { Core.form($0) } }
    /// Changes it.
    public func set(_ change: (inout Settings) -> Void) { core.settings.withLock { change(&$0) } }

    private final class Core: Sendable {
        struct Refusal: Error {
            var status: Int
            var code: String
            var message: String
        }

        let settings = Lock(Settings())
        let region: String
        let now: @Sendable () -> Timestamp

        init(region: String, now: @escaping @Sendable () -> Timestamp) {
            self.region = region
            self.now = now
        }

        func answer(_ request: RecordedRequest) -> LoopbackAnswer {
            let scripted = settings.withLock { $0.next.isEmpty ? nil : $0.next.removeFirst() }
            if let scripted { return scripted }
            do throws(Refusal) {
                return LoopbackAnswer(headers: headers, body: Array(try response(request).utf8))
            } catch {
                let text = """
                    <ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>\
                    <Code>\(error.code)</Code><Message>\(Self.escaped(error.message))</Message></Error>\
                    <RequestId>r-1</RequestId></ErrorResponse>
                    """
                return LoopbackAnswer(status: error.status, headers: headers, body: Array(text.utf8))
            }
        }

        private var headers: [(String, String)] { [("Content-Type", "text/xml"), ("Date", now().httpDate)] }

        private func response(_ request: RecordedRequest) throws(Refusal) -> String {
            let form = Self.form(request)
            guard request.method == "POST", request.target == "/", form["Version"] == "2011-06-15" else {
                throw Refusal(status: 400, code: "MissingAction", message: "no action")
            }
            let arn = form["RoleArn"] ?? ""
            let role = settings.withLock { $0.roles[arn] }
            let session = form["RoleSessionName"] ?? ""
            guard session.count >= 2, session.count <= 64, arn.hasPrefix("arn:"), arn.count >= 20 else {
                throw Refusal(status: 400, code: "ValidationError", message: "a value failed to satisfy constraint")
            }
            let seconds = Int(form["DurationSeconds"] ?? "") ?? settings.withLock { $0.lifetimeInSeconds }
            guard form["DurationSeconds"] == nil || (900...43_200).contains(seconds) else {
                throw Refusal(status: 400, code: "ValidationError", message: "DurationSeconds is out of range")
            }
            switch form["Action"] {
            case "AssumeRole":
                let key = try checkSignature(request)
                guard let role, role.trustedKeys.contains(key), role.externalID == form["ExternalId"] else {
                    throw denied("sts:AssumeRole", arn)
                }
            case "AssumeRoleWithWebIdentity":
                let token = form["WebIdentityToken"] ?? ""
                if settings.withLock({ $0.expiredTokens.contains(token) }) {
                    throw Refusal(
                        status: 400, code: "ExpiredTokenException", message: "Token expired: current date/time ...")
                }
                guard token.split(separator: ".").count == 3 else {
                    throw Refusal(
                        status: 400, code: "InvalidIdentityToken", message: "The ID Token provided is not a valid JWT")
                }
                guard let role, role.trustedTokens.contains(token) else {
                    throw denied("sts:AssumeRoleWithWebIdentity", arn)
                }
            default:
                throw Refusal(status: 400, code: "InvalidAction", message: "Could not find operation")
            }
            return success(form["Action"] ?? "", arn: arn, session: session, seconds: seconds)
        }

        private func denied(_ action: String, _ arn: String) -> Refusal {
            Refusal(
                status: 403, code: "AccessDenied",
                message:
                    "User: arn:aws:iam::111122223333:user/x is not authorized to perform: \(action) on resource: \(arn)"
            )
        }

        private func checkSignature(_ request: RecordedRequest) throws(Refusal) -> String {
            let known = settings.withLock { $0.known }
            do throws(CloudWatchError) {
                try SignatureCheck(
                    known: known, dialect: .query, region: region, now: now(), service: "sts",
                    mustBeSigned: ["host", "x-amz-date"]
                ).verify(request)
            } catch {
                throw Refusal(status: error.status, code: error.type, message: error.message)
            }
            let credential = request.header("Authorization")?.split(separator: "=")[1].split(separator: "/")[0]
            return String(credential ?? "")
        }

        private func success(_ action: String, arn: String, session: String, seconds: Int) -> String {
            let expiration = now().advanced(by: .seconds(seconds))
            let number = settings.withLock { settings in
                settings.issued += 1
                settings.known["ASIAROLE\(settings.issued)"] = KnownCredentials(
                    secretAccessKey: "planted-role-secret-\(settings.issued)",
                    sessionToken: "planted/role+token==\(settings.issued)", expiration: expiration)
                return settings.issued
            }
            let parts = arn.split(separator: ":")
            let account = parts.count > 3 ? parts[3] : ""
            return """
                <?xml version="1.0" encoding="UTF-8"?>
                <\(action)Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
                  <\(action)Result>
                    <AssumedRoleUser><AssumedRoleId>AROA:\(session)</AssumedRoleId>
                      <Arn>arn:aws:sts::\(account):assumed-role/\(arn.split(separator: "/").last ?? "")/\(session)</Arn></AssumedRoleUser>
                    <Credentials>
                      <AccessKeyId>ASIAROLE\(number)</AccessKeyId>
                      <SecretAccessKey>planted-role-secret-\(number)</SecretAccessKey>
                      <SessionToken>planted/role+token==\(number)</SessionToken>
                      <Expiration>\(expiration.iso8601)</Expiration>
                    </Credentials>
                  </\(action)Result>
                  <ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>
                </\(action)Response>
                """
        }

        static func escaped(_ text: String) -> String {
            String(text.flatMap { $0 == "&" ? Array("&amp;") : $0 == "<" ? Array("&lt;") : [$0] })
        }

        static func form(_ request: RecordedRequest) -> [String: String] {
            var form: [String: String] = [:]
            for field in String(decoding: request.body, as: UTF8.self).split(separator: "&") {
                let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                form[decoded(parts[0])] = parts.count > 1 ? decoded(parts[1]) : ""
            }
            return form
        }

        static func decoded(_ text: Substring) -> String {
            var bytes: [UInt8] = []
            var rest = Array(text.utf8)[...]
            while let byte = rest.popFirst() {
                if byte == UInt8(ascii: "%"),
                    let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
                {
                    bytes.append(value)
                    rest = rest.dropFirst(2)
                } else {
                    bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
                }
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
