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
    static let role = "arn:aws:iam::123456789012:role/reader"
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
            "a wrong setting in the file", says: ["s.yaml:2:1: `regoin` is no setting", "Did you mean `region`?"]
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
            "a home directory that is another user's",
            says: [".aws/config cannot be read (Is a directory) and is taken", "Set HOME to this user's own home"]
        ) {
            // As good as one without permission, and the same for root.
            try $0.home.write("x", to: ".aws/config/x")
            try $0.dynamoDB()
        },
        BrokenSetUp(
            "a misspelt variable",
            says: [
                "it is refused: TIDEMARK_ENVIROMENT is set, and nothing reads it: it says production",
                "Did you mean TIDEMARK_ENVIRONMENT?",
            ]
        ) {
            $0.variables["TIDEMARK_ENVIROMENT"] = "production"
            try $0.dynamoDB()
        },
        BrokenSetUp(
            "variables that were guessed",
            says: [
                "TIDEMARK_ENDPOINT is set, and nothing reads it", "Did you mean AWS_ENDPOINT_URL_DYNAMODB?",
                "TIDEMARK_COLOUR is set, and nothing reads it", "Unset it; the article",
            ]
        ) {
            $0.variables["TIDEMARK_ENDPOINT"] = "http://127.0.0.1:8000"
            $0.variables["TIDEMARK_COLOUR"] = "red"
            try $0.dynamoDB()
        },
        BrokenSetUp(
            "no region but one that was guessed",
            says: ["no AWS region is configured", "TIDEMARK_REGION is set", "Did you mean AWS_REGION?"]
        ) {
            $0.variables["AWS_REGION"] = nil
            $0.variables["TIDEMARK_REGION"] = "eu-central-1"
        },
        BrokenSetUp(
            "less time for a call than for an attempt",
            says: [
                "`call-timeout-ms` (1.0 seconds) is below `attempt-timeout-ms` (5.0 seconds)",
                "Lower `attempt-timeout-ms`",
            ]
        ) {
            $0.variables["TIDEMARK_CALL_TIMEOUT_MS"] = "1000"
            try $0.dynamoDB()
        },
        BrokenSetUp(
            "a file of authorities without any",
            says: ["ca.pem holds no certificate: name a PEM file", "Correct `certificate-authorities`"]
        ) {
            $0.variables["AWS_CA_BUNDLE"] = try $0.home.write("nothing\n", to: "ca.pem")
            $0.arguments = ["--offline"]
        },
        BrokenSetUp(
            "a stand-in for a secret in production",
            says: ["the secret of the access key \"AKIAZZ7REALREALREALR\" is a stand-in for one", "real credentials"]
        ) {
            $0.variables["TIDEMARK_ENVIRONMENT"] = "production"
            $0.variables["AWS_ACCESS_KEY_ID"] = "AKIAZZ7REALREALREALR"
            $0.arguments = ["--offline"]
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
            says: [
                "/proc/nowhere/files cannot be made: No such file or directory",
                "Name a directory of its own with TIDEMARK_DIR",
            ]
        ) {
            $0.variables["TIDEMARK_DIR"] = "/proc/nowhere/files"
            try $0.dynamoDB()
        },
        BrokenSetUp(
            "the telemetry directory would be made in a file", says: ["/file/inside cannot be made: Not a directory"]
        ) {
            $0.variables["TIDEMARK_DIR"] = try $0.home.write("x", to: "file") + "/inside"
            try $0.dynamoDB()
        },
        BrokenSetUp("the kernel refuses the telemetry directory", says: ["/proc/tidemark cannot be made: "]) {
            $0.variables["TIDEMARK_DIR"] = "/proc/tidemark"
            try $0.dynamoDB()
        },
        BrokenSetUp("the telemetry directory is a file", says: ["cannot be opened: it is no directory"]) {
            $0.variables["TIDEMARK_DIR"] = try $0.home.write("x", to: "file")
            try $0.dynamoDB()
        },
    ]
}
