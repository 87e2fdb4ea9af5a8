import AWSCore
import Foundation
import LoopbackAWS
import TestSupport
import Testing

extension BrokenSetUp {
    static let credentials = [
        BrokenSetUp(
            "no credentials", says: ["no AWS credentials: looked for AWS_ACCESS_KEY_ID", "Set AWS_ACCESS_KEY_ID and"]
        ) {
            $0.noKeys()
            try $0.dynamoDB()
        },
        BrokenSetUp(
            "a profile without the word before its name",
            says: ["as [prod], which is no profile there", "Write [profile prod]"]
        ) {
            $0.noKeys()
            try $0.home.write("[prod]\nregion = eu-central-1\n", to: ".aws/config")
            $0.variables["AWS_PROFILE"] = "prod"
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
            "a wrong profile's name beside keys",
            says: ["the profile \"wrok\" of AWS_PROFILE is neither in", "Did you mean \"work\"?", "profile wrok"]
        ) {
            try $0.home.write("[profile work]\nregion = eu-central-1\n", to: ".aws/config")
            $0.variables["AWS_PROFILE"] = "wrok"
            try $0.dynamoDB()
        },
        BrokenSetUp(
            "a profile's name that is near none", says: ["of AWS_PROFILE is neither in", "Add it, or name one that is"]
        ) {
            try $0.home.write("[profile role]\nregion = eu-central-1\n", to: ".aws/config")
            $0.variables["AWS_PROFILE"] = "nope"
        },
        BrokenSetUp(
            "a services section that is not there",
            says: ["config:2 names [services nos], which is not there", "Add that section, or remove the setting"]
        ) {
            try $0.home.write("[default]\nservices = nos\n", to: ".aws/config")
        },
        BrokenSetUp(
            "an endpoint with a password and no scheme",
            says: ["the endpoint URL \"…@127.0.0.1:8000\" of AWS_ENDPOINT_URL_DYNAMODB does not start with", "✗"]
        ) {
            $0.variables["AWS_ENDPOINT_URL_DYNAMODB"] = "bob:planted@127.0.0.1:8000"
        },
        BrokenSetUp("a region in colour", says: ["the region \"eu?[31m\" of AWS_REGION", "AWS_REGION ✗"]) {
            $0.variables["AWS_REGION"] = "eu\u{1B}[31m"
        },
        BrokenSetUp(
            "a sign-in of aws login",
            says: [
                "login_session of profile \"default\"", "is the sign-in of aws login, which is not read",
                "credential_process = aws configure export-credentials --profile default",
            ]
        ) {
            $0.noKeys()
            try $0.home.write("[default]\nlogin_session = arn:aws:iam::123456789012:user/a\n", to: ".aws/config")
            try $0.dynamoDB()
        },
        BrokenSetUp(
            "half of a login beside a container's agent",
            says: [
                "is of IAM Identity Center, but sso_account_id and sso_role_name are missing", "Add them, or run aws",
            ]
        ) {
            $0.noKeys()
            try $0.home.write("[default]\nsso_session = corp\n", to: ".aws/config")
            $0.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://127.0.0.1:1/x"
            $0.arguments = ["--offline"]
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
        BrokenSetUp(
            "a proxy where nothing listens",
            says: [
                "no connection to the proxy (", "it goes over the proxy 127.0.0.1:",
                "of https_proxy: check that it runs",
            ]
        ) {
            let proxy = try LoopbackServer { _ in .ok() }
            $0.variables["https_proxy"] = "http://user:planted@127.0.0.1:\(proxy.port)"
            proxy.stop()
        },
        BrokenSetUp(
            "a proxy that refuses",
            says: [
                "the proxy refused the connection with status 403 (", "it goes over the proxy 127.0.0.1:",
                "Check that it runs and lets this host through",
            ]
        ) {
            let proxy = try LoopbackServer { _ in LoopbackAnswer(status: 403) }
            $0.servers.append(proxy)
            $0.variables["HTTPS_PROXY"] = "127.0.0.1:\(proxy.port)"
        },
        BrokenSetUp(
            "a proxy that makes no tunnel without a login",
            says: ["the proxy demands a login (status 407) (", "Give the proxy its user and password in http_proxy or"]
        ) {
            let proxy = try LoopbackServer { _ in LoopbackAnswer(status: 407) }
            $0.servers.append(proxy)
            $0.variables["HTTPS_PROXY"] = "127.0.0.1:\(proxy.port)"
        },
        BrokenSetUp(
            "a proxy that is no URL",
            says: ["the proxy of https_proxy", "use a form such as http://proxy.example.com:3128"]
        ) {
            $0.variables["https_proxy"] = "http://user:planted word@proxy"
        },
        BrokenSetUp(
            "a port that does not speak TLS",
            says: ["no connection within 3.0 seconds", "Check that TLS is spoken there"]
        ) {
            let silent = try LoopbackServer { _ in .ok() }
            $0.servers.append(silent)
            $0.variables["AWS_ENDPOINT_URL_DYNAMODB"] = "https://127.0.0.1:\(silent.port)"
        },
        BrokenSetUp(
            "a proxy that has no name", says: ["the proxy's name was not found (", "it goes over the proxy aaa"]
        ) {
            $0.variables["all_proxy"] = "http://\(String(repeating: "a", count: 64)).invalid:3128"
        },
        BrokenSetUp("nothing listens", says: ["cannot be reached", "Check that something listens there"]) {
            let server = try LoopbackServer { _ in .ok() }
            $0.variables["AWS_ENDPOINT_URL_DYNAMODB"] = server.url
            server.stop()
        },
        BrokenSetUp(
            "headers without end",
            says: [
                "answers, but not as DynamoDB does", "the answer's headers go on beyond 65536 bytes",
                "Check that DynamoDB answers there, https or http as it wants",
            ]
        ) {
            let server = try LoopbackServer { _ in .failing(.endlessHead) }
            $0.servers.append(server)
            $0.variables["AWS_ENDPOINT_URL_DYNAMODB"] = server.url
        },
        BrokenSetUp(
            "an answer of megabytes",
            says: [
                "answers, but not as DynamoDB does", "the answer is larger than the request allows",
                "Check that DynamoDB answers there, https or http as it wants",
            ]
        ) {
            let server = try LoopbackServer { _ in LoopbackAnswer(body: Array(repeating: 0x41, count: 1 << 21)) }
            $0.servers.append(server)
            $0.variables["AWS_ENDPOINT_URL_DYNAMODB"] = server.url
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
            "a redirect",
            says: ["(HTTP 302, 1 attempt)", "a redirect to http://login.example/start?…", "see what redirects"]
        ) {
            try $0.dynamoDB(
                LoopbackAnswer(status: 302, headers: [("Location", "http://login.example/start?t=planted")]))
        },
        BrokenSetUp(
            "a proxy that wants a login",
            says: ["(HTTP 407, 1 attempt)", "a proxy demands a login (Basic)", "Give the proxy its user and password"]
        ) {
            try $0.dynamoDB(
                LoopbackAnswer(status: 407, headers: [("Proxy-Authenticate", "Basic realm=\"planted\"")]))
        },
        BrokenSetUp(
            "a web page in the place of an answer",
            says: ["HTTP 200", "with a web page of 13 bytes", "no proxy or login page answers in its place"]
        ) {
            try $0.dynamoDB(LoopbackAnswer(headers: [("Content-Type", "text/html")], body: Array("<html></html>".utf8)))
        },
        BrokenSetUp(
            "a service that fails",
            says: ["(HTTP 500, InternalServerError, 4 attempts): it broke", "Wait and ask again"]
        ) {
            try $0.dynamoDB(.error(500, type: "InternalServerError", message: "it broke"))
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
