import AWSCore
import Foundation
import LoopbackAWS
import TestSupport
import Testing

/// What `tidemark doctor runtime` says of a set-up that is broken in one way.
struct BrokenSetUp: CustomTestStringConvertible, Sendable {
    /// The servers and the home of one set-up.
    final class Scene {
        let home: TemporaryDirectory
        var variables: [String: String]
        var arguments: [String] = []
        /// Kept until the command has ended.
        var servers: [Any] = []

        init() throws {
            home = try TemporaryDirectory()
            variables = [
                "HOME": home.path, "PATH": "/usr/bin:/bin", "NO_COLOR": "1", "AWS_REGION": "eu-central-1",
                "AWS_ACCESS_KEY_ID": "AKIAPLANTED0KEY0ID00", "AWS_SECRET_ACCESS_KEY": "planted-secret",
                "AWS_EC2_METADATA_DISABLED": "true", "TIDEMARK_SERVICE": "shop", "TIDEMARK_ENVIRONMENT": "test",
                "TIDEMARK_DIR": "/dev/shm/tidemark-doctor-\(UUID().uuidString)",
            ]
        }

        func noKeys() {
            variables["AWS_ACCESS_KEY_ID"] = nil
            variables["AWS_SECRET_ACCESS_KEY"] = nil
        }

        /// A DynamoDB that answers every signed call so, and a GET without anything with its clock.
        func dynamoDB(clockIsOffBy offset: Int64 = 0, _ answer: LoopbackAnswer = .ok(#"{"TableNames":["Orders"]}"#))
            throws
        {
            let server = try LoopbackServer { request in
                let date = Timestamp.now().advanced(by: .seconds(offset))
                var answer = request.method == "GET" ? LoopbackAnswer.ok("healthy") : answer
                answer.headers.append(("Date", date.httpDate))
                return answer
            }
            servers.append(server)
            variables["AWS_ENDPOINT_URL_DYNAMODB"] = server.url
        }
    }

    var name: String
    /// What its report has to say: cause and fix.
    var says: [String]
    var prepare: @Sendable (Scene) throws -> Void
    var testDescription: String { name }

    init(_ name: String, says: [String], _ prepare: @escaping @Sendable (Scene) throws -> Void) {
        (self.name, self.says, self.prepare) = (name, says, prepare)
    }
}

extension BrokenSetUp {
    private static let role = "arn:aws:iam::123456789012:role/reader"
    static let all = settings + credentials + services

    static let settings = [
        BrokenSetUp("no region", says: ["no AWS region is configured", "Set AWS_REGION"]) {
            $0.variables["AWS_REGION"] = nil
        },
        BrokenSetUp(
            "no region, a shared telemetry directory and no credentials",
            says: [
                "no AWS region is configured", "/tmp has mode 01777, which lets others in",
                "Name a directory of its own with TIDEMARK_DIR", "no AWS credentials: looked for AWS_ACCESS_KEY_ID",
            ]
        ) {
            $0.variables["AWS_REGION"] = nil
            $0.variables["TIDEMARK_DIR"] = "/tmp"
            $0.noKeys()
        },
        BrokenSetUp(
            "a name that says production and test",
            says: ["\"test-production\", which is taken for production", "is taken for production: endpoints"]
        ) {
            $0.variables["TIDEMARK_ENVIRONMENT"] = "test-production"
            try $0.dynamoDB()
        },
        BrokenSetUp(
            "an STS on this machine in production",
            says: ["the endpoint of STS, which hands out credentials, http://127.0.0.1:1/ is this machine"]
        ) {
            $0.noKeys()
            $0.variables["TIDEMARK_ENVIRONMENT"] = "production"
            $0.variables["AWS_ENDPOINT_URL_STS"] = "http://127.0.0.1:1"
            $0.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = try $0.home.write("planted-token", to: "token")
            $0.variables["AWS_ROLE_ARN"] = role
            $0.arguments = ["--offline"]
        },
        BrokenSetUp(
            "a wrong setting in the file", says: ["s.yaml:2:9: `regoin` is no setting", "Did you mean `region`?"]
        ) {
            $0.arguments = ["--config", try $0.home.write("service: shop\nregoin: x\n", to: "s.yaml")]
        },
        BrokenSetUp(
            "the file is a directory", says: ["cannot be read (Is a directory)", "Check its permissions and type"]
        ) {
            $0.arguments = ["--config", $0.home.path]
        },
        BrokenSetUp("the file is not there", says: ["/nowhere.yaml is not there", "Check TIDEMARK_CONFIG"]) {
            $0.variables["TIDEMARK_CONFIG"] = "/nowhere.yaml"
        },
        BrokenSetUp(
            "a misspelt variable",
            says: ["TIDEMARK_ENVIROMENT is set, and nothing reads it", "Did you mean TIDEMARK_ENVIRONMENT?"]
        ) {
            $0.variables["TIDEMARK_ENVIROMENT"] = "production"
            try $0.dynamoDB()
        },
        BrokenSetUp("plain HTTP in production", says: ["is without TLS", "Use https"]) {
            $0.variables["TIDEMARK_ENVIRONMENT"] = "production"
            $0.variables["AWS_ENDPOINT_URL_DYNAMODB"] = "http://dynamodb.invalid.amazonaws.com"
        },
        BrokenSetUp(
            "a local endpoint in production",
            says: ["is this machine, and the environment is \"production\"", "Use AWS's own endpoint"]
        ) {
            $0.variables["TIDEMARK_ENVIRONMENT"] = "production"
            try $0.dynamoDB()
        },
        BrokenSetUp(
            "a stand-in for a key in production",
            says: ["the access key \"test\" is a stand-in for one", "real credentials"]
        ) {
            $0.variables["TIDEMARK_ENVIRONMENT"] = "production"
            $0.variables["AWS_ACCESS_KEY_ID"] = "test"
            $0.arguments = ["--offline"]
        },
        BrokenSetUp("the telemetry directory lets others in", says: ["lets others in", "chmod 0700"]) {
            let path = $0.home.path("open")
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
            $0.variables["TIDEMARK_DIR"] = path
            try $0.dynamoDB()
        },
        BrokenSetUp(
            "the telemetry directory cannot be made",
            says: ["/proc/nowhere/files is not there, and this user may not make it", "Make it with mode 0700"]
        ) {
            $0.variables["TIDEMARK_DIR"] = "/proc/nowhere/files"
            try $0.dynamoDB()
        },
    ]

    static let credentials = [
        BrokenSetUp(
            "no credentials", says: ["no AWS credentials: looked for AWS_ACCESS_KEY_ID", "Set AWS_ACCESS_KEY_ID and"]
        ) {
            $0.noKeys()
            try $0.dynamoDB()
        },
        BrokenSetUp(
            "a wrong profile's name",
            says: ["the profile \"wrok\" of AWS_PROFILE is neither in", "Did you mean \"work\"?"]
        ) {
            $0.noKeys()
            try $0.home.write("[profile work]\nregion = eu-central-1\n", to: ".aws/config")
            $0.variables["AWS_PROFILE"] = "wrok"
            try $0.dynamoDB()
        },
        BrokenSetUp(
            "an expired login",
            says: [
                "the login to IAM Identity Center for profile \"work\" is not good any more",
                "Run aws sso login --profile work",
            ]
        ) {
            $0.noKeys()
            try $0.home.write(
                "[profile work]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = r\n[sso-session corp]\n"
                    + "sso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n", to: ".aws/config")
            try $0.home.write(
                #"{"accessToken":"planted-token","expiresAt":"2020-01-01T00:00:00Z"}"#,
                to: ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json")
            $0.variables["AWS_PROFILE"] = "work"
            try $0.dynamoDB()
        },
        BrokenSetUp(
            "the instance's metadata service is blocked",
            says: ["the instance's metadata service at", "cannot be reached", "HttpPutResponseHopLimit"]
        ) {
            $0.noKeys()
            let metadata = try LoopbackMetadata(expiration: .now())
            metadata.set { $0.isBlocked = true }
            $0.servers.append(metadata)
            $0.variables["AWS_EC2_METADATA_DISABLED"] = nil
            $0.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = metadata.url
            $0.variables["AWS_METADATA_SERVICE_TIMEOUT"] = "0.1"
            try $0.dynamoDB()
        },
        BrokenSetUp(
            "a role's name that is none",
            says: [
                "config:2) is no role's ARN", "arn:aws:iam::123456789012:role/name",
            ]
        ) {
            $0.noKeys()
            try $0.home.write("[default]\nrole_arn = reader\nsource_profile = base\n", to: ".aws/config")
            try $0.dynamoDB()
        },
        BrokenSetUp(
            "a role that refuses",
            says: ["STS does not give the role \(role)", "AccessDenied", "Allow sts:AssumeRole on it"]
        ) {
            $0.noKeys()
            let sts = try LoopbackSTS(region: "eu-central-1") { .now() }
            sts.set { $0.known = ["AKIABASE": KnownCredentials(secretAccessKey: "planted-base")] }
            $0.servers.append(sts)
            $0.variables["AWS_ENDPOINT_URL_STS"] = sts.url
            try $0.home.write("[default]\nrole_arn = \(role)\nsource_profile = base\n", to: ".aws/config")
            try $0.home.write(
                "[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = planted-base\n", to: ".aws/credentials")
            try $0.dynamoDB()
        },
        BrokenSetUp(
            "a program that fails",
            says: ["credential_process of profile \"default\" (false) ended with status 1", "Run it by hand"]
        ) {
            $0.noKeys()
            try $0.home.write("[default]\ncredential_process = false\n", to: ".aws/config")
            try $0.dynamoDB()
        },
        BrokenSetUp(
            "a program that prints something else",
            says: ["(echo) prints 16 bytes that are no JSON object", "Let it print"]
        ) {
            $0.noKeys()
            try $0.home.write("[default]\ncredential_process = echo planted garbage\n", to: ".aws/config")
            try $0.dynamoDB()
        },
        BrokenSetUp("expired keys", says: ["expired at 2020-01-01T00:00:00Z", "Renew them and start again"]) {
            $0.variables["AWS_SESSION_TOKEN"] = "planted-token"
            $0.variables["AWS_CREDENTIAL_EXPIRATION"] = "2020-01-01T00:00:00Z"
            try $0.dynamoDB()
        },
        BrokenSetUp(
            "a token file that is missing",
            says: ["the token file /nowhere/token of web identity is not there", "Check AWS_WEB_IDENTITY_TOKEN_FILE"]
        ) {
            $0.noKeys()
            $0.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/nowhere/token"
            $0.variables["AWS_ROLE_ARN"] = role
            try $0.dynamoDB()
        },
        BrokenSetUp(
            "a container's agent elsewhere",
            says: ["names the host agent.example over plain HTTP", "Use https, a loopback address"]
        ) {
            $0.noKeys()
            $0.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://agent.example/x"
            try $0.dynamoDB()
        },
    ]

    private static func refusal(_ type: String, _ message: String) -> LoopbackAnswer {
        .error(400, type: type, message: message)
    }

    static let services = [
        BrokenSetUp(
            "a clock two hours off",
            says: ["s behind DynamoDB's: the first signature is refused", "Set the clock, and start a time service"]
        ) {
            try $0.dynamoDB(clockIsOffBy: 7_200)
        },
        BrokenSetUp("nothing listens", says: ["cannot be reached", "Check that something listens there"]) {
            let server = try LoopbackServer { _ in .ok() }
            $0.variables["AWS_ENDPOINT_URL_DYNAMODB"] = server.url
            server.stop()
        },
        BrokenSetUp(
            "a certificate for another name", says: ["cannot be reached", "Use the name that the certificate is for"]
        ) {
            let server = try TLSServer()
            $0.servers.append(server)
            $0.variables["AWS_CA_BUNDLE"] = server.certificate
            $0.variables["AWS_ENDPOINT_URL_DYNAMODB"] = server.url(host: "localhost")
        },
        BrokenSetUp(
            "an expired session token",
            says: ["it does not accept the credentials", "the AWS credentials are expired", "Renew them"]
        ) {
            $0.variables["AWS_SESSION_TOKEN"] = "planted-token"
            try $0.dynamoDB(refusal("ExpiredTokenException", "The security token included in the request is expired"))
        },
        BrokenSetUp(
            "access denied",
            says: ["the credentials may not describe the table Orders", "Allow dynamodb:DescribeTable"]
        ) {
            $0.arguments = ["--table", "Orders"]
            try $0.dynamoDB(
                refusal("AccessDeniedException", "User: x is not authorized to perform: dynamodb:DescribeTable"))
        },
        BrokenSetUp(
            "the table is not there",
            says: ["the table Ordres is not there, in the region eu-central-1", "Check its name, region and account"]
        ) {
            $0.arguments = ["--table", "Ordres"]
            try $0.dynamoDB(
                refusal("ResourceNotFoundException", "Requested resource not found: Table: Ordres not found"))
        },
    ]
}

@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: Binary.path), "the command is not built"))
struct RuntimeDoctorTests {
    private func run(_ scene: BrokenSetUp.Scene, _ more: [String] = []) async throws -> ChildProcess.End {
        try await ChildProcess(
            Binary.path, ["doctor", "runtime"] + scene.arguments + more, environment: scene.variables,
            logs: scene.home.path("doctor")
        ).end()
    }

    /// The text in one line: the report breaks its sentences where they are long.
    private func flat(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    @Test(arguments: BrokenSetUp.all)
    func saysTheCauseAndTheFix(_ setUp: BrokenSetUp) async throws {
        let scene = try BrokenSetUp.Scene()
        try setUp.prepare(scene)
        let end = try await run(scene)
        let said = flat(end.output)
        for words in setUp.says { #expect(said.contains(words), "\"\(words)\" in: \(end.output)\(end.errors)") }
        #expect(end.status == 3 || end.status == 1, "\(end.output)")
        #expect(!(end.output + end.errors).contains("planted"))
        withExtendedLifetime(scene) {}
    }

    @Test func thereAreMoreThanFifteenWays() {
        #expect(BrokenSetUp.all.count >= 25)
    }

    @Test func aGoodSetUpIsFineAndSaysWhereEachValueComesFrom() async throws {
        let scene = try BrokenSetUp.Scene()
        try scene.dynamoDB()
        scene.arguments = ["--config", try scene.home.write("max-attempts: 3\n", to: "s.yaml")]
        let end = try await run(scene)
        #expect(end.status == 0, "\(end.output)\(end.errors)")
        let said = flat(end.output)
        #expect(said.contains("region eu-central-1 environment, AWS_REGION"))
        #expect(said.contains("max-attempts 3 \(scene.home.path)/s.yaml:1"))
        #expect(said.contains("call-timeout-ms 10000 default"))
        #expect(said.contains("it accepts the credentials, and shows 1 table"))
        #expect(!FileManager.default.fileExists(atPath: scene.variables["TIDEMARK_DIR"] ?? ""))
        let json = try await run(scene, ["--format", "json"])
        #expect(
            json.output.hasPrefix(
                #"{"settings":[{"name":"service","value":"shop","origin":"environment, TIDEMARK_SERVICE"}"#))
    }
}
