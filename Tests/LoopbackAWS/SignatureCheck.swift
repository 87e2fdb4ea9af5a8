public import AWSCore
internal import TestSupport

/// Credentials that the server knows.
public struct KnownCredentials: Sendable {
    /// The secret half of the key.
    public var secretAccessKey: String
    /// The session token that has to come with it, for temporary ones.
    public var sessionToken: String?
    /// From when on the server refuses them.
    public var expiration: Timestamp?

    /// Credentials as the server knows them.
    public init(secretAccessKey: String, sessionToken: String? = nil, expiration: Timestamp? = nil) {
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.expiration = expiration
    }
}

/// In whose words credentials are refused: AWS's services differ by protocol.
public enum RefusalDialect: Sendable, CaseIterable {
    /// `ExpiredToken`, `InvalidClientTokenId`, `SignatureDoesNotMatch`, `RequestExpired`.
    case query
    /// `ExpiredTokenException`, `UnrecognizedClientException`, `InvalidSignatureException`.
    case json
    /// As `json`, but a date that lies off is `RequestExpired`, as the page of CloudWatch's common errors has it.
    /// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CommonErrors.html
    case commonErrors
}

/// Signature Version 4, computed again from what came over the wire.
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
struct SignatureCheck {
    let known: [String: KnownCredentials]
    let dialect: RefusalDialect
    let region: String
    let now: Timestamp
    /// The signing name that the scope must have.
    var service = "monitoring"
    /// What must be under the signature: of a JSON request, by default.
    var mustBeSigned = ["host", "x-amz-date", "x-amz-target"]

    /// How far the date of a request may lie off.
    private static let tolerance: Int64 = 300

    func verify(_ request: RecordedRequest) throws(CloudWatchError) {
        guard let header = request.header("Authorization") else {
            throw CloudWatchError(403, "MissingAuthenticationToken", "Missing Authentication Token")
        }
        guard let date = request.header("X-Amz-Date"), let parts = Authorization(header), parts.scope.count == 4,
            parts.scope[0] == String(date.prefix(8)), parts.scope[3] == "aws4_request",
            mustBeSigned.allSatisfy(parts.signedHeaders.contains)
        else { throw CloudWatchError(400, "IncompleteSignature", "Authorization is not complete: \(header)") }
        guard parts.scope[1] == region, parts.scope[2] == service else {
            throw mismatch("Credential should be scoped to a valid region and correct service.")
        }
        guard let credentials = known[parts.accessKeyID] else { throw unknownKey }
        try checkTime(date)
        if let expiration = credentials.expiration, expiration <= now { throw expired }
        try checkToken(credentials, request, parts)
        guard parts.signature == signature(of: request, parts: parts, secret: credentials.secretAccessKey, date: date)
        else {
            throw mismatch(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method."
            )
        }
    }

    private func checkToken(
        _ credentials: KnownCredentials, _ request: RecordedRequest, _ parts: Authorization
    ) throws(CloudWatchError) {
        guard request.header("X-Amz-Security-Token") == credentials.sessionToken else { throw unknownKey }
        guard credentials.sessionToken == nil || parts.signedHeaders.contains("x-amz-security-token") else {
            throw mismatch("The session token is not signed.")
        }
    }

    private func checkTime(_ date: String) throws(CloudWatchError) {
        guard let signed = Self.timestamp(date) else {
            throw CloudWatchError(400, "IncompleteSignature", "Date must be in ISO-8601 'basic format'. Got '\(date)'.")
        }
        let skew = now.seconds - signed.seconds
        guard abs(skew) > Self.tolerance else { return }
        let order = skew > 0 ? "expired: \(date) is now earlier than" : "not yet current: \(date) is still later than"
        let message = "Signature \(order) \(now.amzDate) (\(now.amzDate) \(skew > 0 ? "-" : "+") 5 min.)"
        throw dialect == .commonErrors ? CloudWatchError(400, "RequestExpired", message) : mismatch(message)
    }

    private static func timestamp(_ date: String) -> Timestamp? {
        let digits = Array(date.utf8).map { String(UnicodeScalar($0)) }
        guard digits.count == 16 else { return nil }
        func part(_ range: Range<Int>) -> String { digits[range].joined() }
        return Timestamp(
            iso8601: "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(9..<11)):\(part(11..<13)):\(part(13..<15))Z")
    }

    private func signature(of request: RecordedRequest, parts: Authorization, secret: String, date: String) -> String {
        let headers = parts.signedHeaders.map { name in
            "\(name):\((request.header(name) ?? "").split(separator: " ").joined(separator: " "))\n"
        }
        let pieces = request.target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let canonical = [
            request.method, String(pieces[0]), pieces.count > 1 ? String(pieces[1]) : "", headers.joined(),
            parts.signedHeaders.joined(separator: ";"), SHA256Hash.hex(request.body),
        ].joined(separator: "\n")
        let text = [
            "AWS4-HMAC-SHA256", date, parts.scope.joined(separator: "/"), SHA256Hash.hex(Array(canonical.utf8)),
        ].joined(separator: "\n")
        var key = Array("AWS4\(secret)".utf8)
        for part in parts.scope { key = hmacSHA256(key: key, message: Array(part.utf8)) }
        return Hex.string(hmacSHA256(key: key, message: Array(text.utf8)))
    }

    // MARK: Refusals in the dialect's words

    private func mismatch(_ message: String) -> CloudWatchError {
        dialect == .query
            ? CloudWatchError(403, "SignatureDoesNotMatch", message)
            : CloudWatchError(400, "InvalidSignatureException", message)
    }

    private var unknownKey: CloudWatchError {
        CloudWatchError(
            403, dialect == .query ? "InvalidClientTokenId" : "UnrecognizedClientException",
            "The security token included in the request is invalid.")
    }

    private var expired: CloudWatchError {
        dialect == .query
            ? .expiredToken
            : CloudWatchError(400, "ExpiredTokenException", "The security token included in the request is expired")
    }
}

/// The parts of an `Authorization` header.
private struct Authorization {
    var accessKeyID: String
    /// Date, region, service, terminator.
    var scope: [String]
    var signedHeaders: [String]
    var signature: String

    init?(_ header: String) {
        let prefix = "AWS4-HMAC-SHA256 "
        guard header.hasPrefix(prefix) else { return nil }
        var fields: [String: String] = [:]
        for field in header.dropFirst(prefix.count).split(separator: ",") {
            let parts = field.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            fields[parts[0].trimmingPrefix(while: { $0 == " " }).description] = String(parts[1])
        }
        guard let credential = fields["Credential"]?.split(separator: "/").map(String.init), credential.count == 5,
            let signed = fields["SignedHeaders"], let signature = fields["Signature"]
        else { return nil }
        accessKeyID = credential[0]
        scope = Array(credential.dropFirst())
        signedHeaders = signed.split(separator: ";").map(String.init)
        self.signature = signature
    }
}
