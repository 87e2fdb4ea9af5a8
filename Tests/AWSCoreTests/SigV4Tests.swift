import AWSCore
import Foundation
import TestSupport
import Testing

@Suite struct SigV4Tests {
    @Test(arguments: SignatureCase.few)
    func signatureIsTheOneOfAnIndependentSigner(_ example: SignatureCase) throws {
        var request = example.request
        let time = try #require(example.time)
        SigV4Signer(service: example.service, region: example.region).sign(
            &request, credentials: example.keys, at: time)
        #expect(request.header("Authorization") == example.expectedAuthorization)
        #expect(request.header("X-Amz-Date") == example.date)
        #expect(request.header("X-Amz-Security-Token") == example.keys.sessionToken)
    }

    @Test func vanillaGetOfAWSsOwnTestSuite() {
        var request = HTTPRequest(method: "GET", url: "https://example.amazonaws.com/")
        SigV4Signer(service: "service", region: "us-east-1").sign(
            &request, credentials: keys, at: Timestamp(secondsSince1970: 1_440_938_160))
        #expect(
            request.header("Authorization")
                == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                + "SignedHeaders=host;x-amz-date, "
                + "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")
    }

    @Test func signingAgainReplacesTheFirstSignature() {
        let signer = SigV4Signer(service: "dynamodb", region: "eu-central-1")
        var again = HTTPRequest(url: "https://dynamodb.eu-central-1.amazonaws.com/", body: [1, 2, 3])
        var token = keys
        token.sessionToken = "token"
        signer.sign(&again, credentials: token, at: Timestamp(secondsSince1970: 1_800_000_000))
        signer.sign(&again, credentials: keys, at: Timestamp(secondsSince1970: 1_800_086_400))
        var fresh = HTTPRequest(url: "https://dynamodb.eu-central-1.amazonaws.com/", body: [1, 2, 3])
        SigV4Signer(service: "dynamodb", region: "eu-central-1").sign(
            &fresh, credentials: keys, at: Timestamp(secondsSince1970: 1_800_086_400))
        #expect(again.header("Authorization") == fresh.header("Authorization"))
        #expect(again.headers.count == 2)
    }

    @Test func hostOfTheURLIsSignedAsAClientSendsIt() {
        func signature(_ url: String, host: String?) -> String? {
            var request = HTTPRequest(url: url)
            if let host { request.headers.append(HTTPHeader(name: "Host", value: host)) }
            SigV4Signer(service: "dynamodb", region: "us-east-1").sign(
                &request, credentials: keys, at: Timestamp(secondsSince1970: 1_800_000_000))
            return request.header("Authorization")
        }
        for (url, host) in [
            ("http://127.0.0.1:8000", "127.0.0.1:8000"), ("https://a.example:443/", "a.example"),
            ("http://a.example:80/", "a.example"), ("http://a.example:443/", "a.example:443"),
            ("http://[::1]:8000/x", "[::1]:8000"), ("https://a.example?b", "a.example"),
        ] {
            #expect(signature(url, host: nil) == signature(url, host: host), "\(url)")
        }
    }

    @Test func headersThatChangeOnTheWayAreNotSigned() throws {
        var request = HTTPRequest(
            url: "http://127.0.0.1/",
            headers: [
                HTTPHeader(name: "User-Agent", value: "tidemark"), HTTPHeader(name: "Expect", value: "100-continue"),
                HTTPHeader(name: "amz-sdk-request", value: "attempt=1; max=4"),
            ])
        SigV4Signer(service: "dynamodb", region: "us-east-1").sign(
            &request, credentials: keys, at: Timestamp(secondsSince1970: 1_800_000_000))
        let authorization = try #require(request.header("Authorization"))
        #expect(authorization.contains("SignedHeaders=host;x-amz-date,"))
    }

    @Test func dotSegmentsAndDoubledSlashesDoNotChangeTheSignature() {
        func signature(_ path: String) -> String? {
            var request = HTTPRequest(url: "http://127.0.0.1\(path)")
            SigV4Signer(service: "dynamodb", region: "us-east-1").sign(
                &request, credentials: keys, at: Timestamp(secondsSince1970: 1_800_000_000))
            return request.header("Authorization")
        }
        #expect(signature("/a/./b/../c//d/") == signature("/a/c/d/"))
        #expect(signature("/..") == signature("/"))
        #expect(signature("/a") != signature("/a/"))
    }

    @Test func manyThreadsSignAlikeWhileKeysRotate() async {
        let signer = SigV4Signer(service: "dynamodb", region: "us-east-1")
        let all = (0..<4).map { number in
            Credentials(accessKeyID: "KEY\(number)", secretAccessKey: "secret\(number)")
        }
        let expected = all.map { signed(by: SigV4Signer(service: "dynamodb", region: "us-east-1"), with: $0) }
        let wrong = await withTaskGroup(of: Int.self) { group in
            for task in 0..<8 {
                group.addTask {
                    (0..<200).filter { round in
                        let index = (task + round) % all.count
                        return signed(by: signer, with: all[index]) != expected[index]
                    }.count
                }
            }
            return await group.reduce(0, +)
        }
        #expect(wrong == 0)
    }

    @Test(.enabled(if: SharedFiles.vectors != nil, "../shared is not here"))
    func everyVectorOfTheFolderIsReproduced() throws {
        let files = SharedFiles.vectorFiles(prefix: "sigv4")
        try #require(!files.isEmpty)
        for file in files {
            let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
            #expect(!lines.isEmpty)
            for line in lines { try check(SignatureVector.read(line)) }
        }
    }

    private func check(_ vector: SignatureCase) throws {
        var request = vector.request
        SigV4Signer(service: vector.service, region: vector.region).sign(
            &request, credentials: vector.keys, at: try #require(vector.time))
        #expect(request.header("Authorization") == vector.expectedAuthorization, "vector \(vector.name)")
    }
}

private let keys = Credentials(
    accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")

private func signed(by signer: SigV4Signer, with credentials: Credentials) -> String? {
    var request = HTTPRequest(url: "https://dynamodb.us-east-1.amazonaws.com/", body: Array("{}".utf8))
    signer.sign(&request, credentials: credentials, at: Timestamp(secondsSince1970: 1_800_000_000))
    return request.header("Authorization")
}

/// One line of the shared vectors.
private struct SignatureVector: Decodable {
    var id: Int
    var method: String
    var url: String
    var headers: [String: String]
    var body: String
    var accessKeyID: String
    var secretAccessKey: String
    var sessionToken: String?
    var region: String
    var service: String
    var date: String
    var signedHeaders: String
    var signature: String

    private enum CodingKeys: String, CodingKey {
        case id, method, url, headers, region, service, signature
        case body = "body_base64"
        case accessKeyID = "access_key_id"
        case secretAccessKey = "secret_access_key"
        case sessionToken = "session_token"
        case date = "amz_date"
        case signedHeaders = "signed_headers"
    }

    static func read(_ line: Substring) throws -> SignatureCase {
        let vector = try JSONDecoder().decode(SignatureVector.self, from: Data(line.utf8))
        return SignatureCase(
            name: "\(vector.id)", method: vector.method, url: vector.url,
            headers: vector.headers.map { ($0.key, $0.value) }, body: vector.body,
            keys: Credentials(
                accessKeyID: vector.accessKeyID, secretAccessKey: vector.secretAccessKey,
                sessionToken: vector.sessionToken),
            region: vector.region, service: vector.service, date: vector.date,
            signedHeaders: vector.signedHeaders, signature: vector.signature)
    }
}
