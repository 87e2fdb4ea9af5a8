import LoopbackAWS
import TestSupport
import Testing

@testable import AWSCore

/// Credentials that the machine or the container gives.
@Suite struct HostCredentialTests {
    private static let hour: Duration = .seconds(3_600)

    private func instance() throws -> (IdentitySetUp, LoopbackMetadata) {
        var setUp = try IdentitySetUp()
        let metadata = try LoopbackMetadata(expiration: setUp.now.advanced(by: Self.hour))
        setUp.variables["AWS_EC2_METADATA_DISABLED"] = "false"
        setUp.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = metadata.url
        return (setUp, metadata)
    }

    // MARK: Instance

    @Test func theInstancesRoleComesThroughATokenOfVersion2() async throws {
        let (setUp, metadata) = try instance()
        let found = try await setUp.chain.credentials(now: setUp.now)
        #expect(found.accessKeyID == "ASIAINSTANCE")
        #expect(found.sessionToken == "planted-instance-token")
        #expect(found.expiration == setUp.now.advanced(by: Self.hour))
        #expect(
            metadata.requests.map { "\($0.method) \($0.target)" } == [
                "PUT /latest/api/token", "GET /latest/meta-data/iam/security-credentials/",
                "GET /latest/meta-data/iam/security-credentials/reader",
            ])
        #expect(metadata.requests[0].header("X-aws-ec2-metadata-token-ttl-seconds") == "21600")
    }

    /// 17 to 25 minutes, so that a fleet does not come back at the same moment; never sooner than the real end.
    @Test func theEndThatIsReckonedWithIsSpread() {
        let now = Timestamp(secondsSince1970: 1_795_435_200)
        func minutes(_ random: Double, left: Int) -> Double {
            let end = now.advanced(by: .seconds(left * 60))
            return now.duration(to: InstanceMetadata.extended(end, at: now, random: random)) / .seconds(60)
        }
        #expect([0, 0.5, 1].map { minutes($0, left: 5) } == [17, 21, 25])
        #expect(minutes(0.5, left: -5) == 21 && minutes(1, left: 60) == 60)
    }

    /// The instance's keys are good for nothing without their session.
    @Test(arguments: ["", #","Token":null"#, #","Token":"" "#])
    func anInstancesKeysWithoutTheirSessionAreNoCredentials(token: String) async throws {
        let (setUp, metadata) = try instance()
        metadata.set {
            $0.document =
                #"{"Code":"Success","AccessKeyId":"ASIAINSTANCE","SecretAccessKey":"planted","Expiration":"2026-11-23T20:00:00Z"\#(token)}"#
        }
        #expect(await setUp.outcome().contains(#"no whole credentials of the role reader: "Token" is missing"#))
    }

    @Test func theServerRefusesWhatTheRealOneRefuses() async throws {
        let (_, metadata) = try instance()
        let transport = try IdentitySetUp.tools.makeTransport(.host)
        func status(_ method: String, _ path: String, _ headers: [(String, String)]) async throws -> Int {
            let request = HTTPRequest(
                method: method, url: metadata.url + path, headers: headers.map { HTTPHeader(name: $0, value: $1) })
            return try await transport.send(request).status
        }
        let lifetime = "X-aws-ec2-metadata-token-ttl-seconds"
        #expect(try await status("GET", "latest/meta-data/iam/security-credentials/", []) == 401)
        #expect(try await status("PUT", "latest/api/token", []) == 400)
        #expect(try await status("PUT", "latest/api/token", [(lifetime, "21601")]) == 400)
        #expect(
            try await status("PUT", "latest/api/token", [(lifetime, "60"), ("X-Forwarded-For", "10.0.0.1")]) == 403)
        #expect(try await status("GET", "latest/api/token", [(lifetime, "60")]) == 405)
    }

    @Test func credentialsThatTheServiceCannotRenewAreUsedOn() async throws {
        let (setUp, metadata) = try instance()
        metadata.set { $0.document = LoopbackMetadata.document(keyID: "OLD", expiration: setUp.now) }
        let later = setUp.now.advanced(by: .seconds(60))
        let found = try await setUp.chain.credentials(now: later)
        // With no chance in it: a quarter of an hour and two minutes, so that no renewal is due at once.
        #expect(found.accessKeyID == "OLD")
        #expect(found.expiration == later.advanced(by: .seconds(1_020)))
    }

    @Test func eachTroubleOfTheInstanceSaysWhatItIs() async throws {
        let (setUp, metadata) = try instance()
        metadata.set { $0.role = nil }
        #expect(await setUp.outcome().contains("attach an instance profile"))
        metadata.set {
            $0.role = "reader"
            $0.document = #"{"Code": "AssumeRoleUnauthorizedAccess", "Message": "EC2 cannot assume the role"}"#
        }
        #expect(await setUp.outcome().contains("AssumeRoleUnauthorizedAccess: "))
        metadata.set { $0.document = "<html>" }
        #expect(await setUp.outcome().contains("bytes that hold no credentials"))
        metadata.set { $0.answer = LoopbackAnswer(status: 403, body: []) }
        #expect(await setUp.outcome().contains("gives no session token: status 403"))
        metadata.set { $0.answer = .failing(.reset) }
        let said = await setUp.outcome()
        #expect(
            said.hasPrefix("no AWS credentials: looked for AWS_ACCESS_KEY_ID in the environment (not set), in profile"))
        #expect(said.contains("cannot be reached"))
        #expect(said.contains("HttpPutResponseHopLimit"))
    }

    @Test func aBlockedServiceEndsAtItsOwnLimit() async throws {
        var (setUp, metadata) = try instance()
        metadata.set { $0.isBlocked = true }
        setUp.variables["AWS_METADATA_SERVICE_TIMEOUT"] = "0.05"
        setUp.variables["AWS_METADATA_SERVICE_NUM_ATTEMPTS"] = "2"
        #expect(await setUp.outcome().contains("cannot be reached"))
        try await metadata.waitForRequests(2)
    }

    @Test(arguments: [
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipv5"), ("AWS_METADATA_SERVICE_TIMEOUT", "soon"),
        ("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "0"), ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "metadata"),
    ])
    func wrongSettingsOfTheInstanceAreNamed(_ name: String, _ value: String) async throws {
        var (setUp, _) = try instance()
        setUp.variables[name] = value
        #expect(await setUp.outcome().contains("\(name)"))
    }

    @Test(arguments: [
        "http://metadata.example.com/", "http://8.8.8.8", "http://10.0.0.1/", "http://metadata/", "HTTP://192.168.0.1",
        "http://[fd00:ec2::253]/", "http://169.254.169.254.example.com/", "http://127.0.0.1.example.com/",
    ])
    func plainHTTPGoesNoFartherThanTheLink(_ url: String) throws {
        let variables = ["AWS_EC2_METADATA_SERVICE_ENDPOINT": url]
        let error = #expect(throws: AWSConfigurationError.self) {
            try InstanceMetadata(environment: variables, profile: [:])
        }
        #expect(error?.cause.contains("AWS_EC2_METADATA_SERVICE_ENDPOINT names the host") == true)
        #expect(throws: AWSConfigurationError.self) {
            try InstanceMetadata(environment: [:], profile: ["ec2_metadata_service_endpoint": url])
        }
    }

    @Test(arguments: [
        "http://169.254.169.254", "http://[fd00:ec2::254]/", "http://127.0.0.1:1338", "http://localhost:1338/",
        "http://[::1]:1338/", "http://[fe80::1]/", "https://metadata.example.com/",
    ])
    func theLinkAndTLSAreAllowed(_ url: String) throws {
        _ = try InstanceMetadata(environment: ["AWS_EC2_METADATA_SERVICE_ENDPOINT": url], profile: [:])
        _ = try InstanceMetadata(environment: ["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "ipv6"], profile: [:])
    }

    @Test func aRoleOpenedByTheInstanceIsRenewedThroughIt() async throws {
        var (setUp, metadata) = try instance()
        let now = setUp.now
        let sts = try LoopbackSTS { now }
        sts.set {
            $0.known["ASIAINSTANCE"] = KnownCredentials(
                secretAccessKey: "planted-instance-secret", sessionToken: "planted-instance-token")
            $0.roles["arn:aws:iam::123456789012:role/r"] = .init(keys: ["ASIAINSTANCE"])
        }
        setUp.variables["AWS_ENDPOINT_URL_STS"] = sts.url
        try setUp.configure(
            "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\ncredential_source = Ec2InstanceMetadata\n")
        #expect(await setUp.outcome() == "ASIAROLE1")
        #expect(metadata.requests.count == 3)
    }

    // MARK: Container

    private func container() throws -> (IdentitySetUp, LoopbackContainer) {
        var setUp = try IdentitySetUp()
        let container = try LoopbackContainer(
            token: "planted-token", expiration: setUp.now.advanced(by: Self.hour), accountID: "123456789012")
        setUp.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = container.url
        setUp.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "planted-token"
        return (setUp, container)
    }

    @Test func theContainersAgentIsAskedWithItsToken() async throws {
        let (setUp, container) = try container()
        let found = try await setUp.chain.credentials(now: setUp.now)
        #expect(found.accessKeyID == "ASIACONTAINER")
        #expect(found.accountID == "123456789012")
        #expect(container.requests.count == 1)
    }

    @Test func theTokensFileComesFirstAndIsReadAnewEachTime() async throws {
        var (setUp, container) = try container()
        setUp.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = try setUp.home.write("one", to: "token")
        container.rotate(to: "one")
        let chain = setUp.chain
        _ = try await chain.credentials(now: setUp.now)
        try setUp.home.write("two", to: "token")
        container.rotate(to: "two")
        _ = try await chain.credentials(now: setUp.now.advanced(by: .seconds(3_000)))
        #expect(container.requests.map { $0.header("Authorization") } == ["one", "two"])
    }

    @Test func aMissingOrWrongTokenSaysSo() async throws {
        var (setUp, container) = try container()
        setUp.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = ""
        #expect(await setUp.outcome().contains("status 401, AuthenticationError"))
        setUp.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "a\nb"
        #expect(await setUp.outcome().contains("holds a line end"))
        setUp.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = setUp.home.path("nowhere")
        #expect(await setUp.outcome().contains("is not there"))
        #expect(container.requests.count == 1)
    }

    @Test func answersThatHoldNoCredentialsAreRefused() async throws {
        let (setUp, container) = try container()
        for body in ["", "[]", "{}", #"{"AccessKeyId":"A","SecretAccessKey":"s","Expiration":"soon"}"#] {
            container.answer(.ok(body))
            #expect(await setUp.outcome().contains("bytes that hold no credentials"))
        }
    }

    @Test(arguments: [
        ("http://evil.example/x", "over plain HTTP"), ("http://10.0.0.1/x", "over plain HTTP"),
        ("http://169.254.169.254/x", "over plain HTTP"), ("http://127.0.0.1.evil.example/x", "over plain HTTP"),
        ("ftp://127.0.0.1/x", "is no URL"), ("http://u@127.0.0.1/x", "is no URL"), ("x", "is no URL"),
    ])
    func credentialsAreNotAskedOfOtherHosts(_ url: String, _ expected: String) async throws {
        var setUp = try IdentitySetUp()
        setUp.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = url
        #expect(await setUp.outcome().contains(expected))
    }

    @Test(arguments: [
        ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/planted", "http://169.254.170.2"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1", "http://169.254.170.23"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://[fd00:ec2::23]/v1", "http://[fd00:ec2::23]"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost:80/v1", "http://localhost:80"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://[::1]/v1", "http://[::1]"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "https://agent.example/v1", "https://agent.example"),
    ])
    func allowedAgents(_ name: String, _ value: String, _ url: String) throws {
        var setUp = try IdentitySetUp()
        setUp.variables[name] = value
        #expect(try setUp.chain.origin().description == "the container's agent (\(url))")
    }
}
