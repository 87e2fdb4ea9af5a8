import AWSCore
import TestSupport
import Testing
import Tidemark

/// What production asks of the names of environments, of services that hand out credentials, and of sources of the
/// program's own.
@Suite struct ProductionSourcesTests {
    private static let aws = "https://dynamodb.eu-central-1.amazonaws.com/"
    private static let real = "AKIAZZ7REALREALREALR"
    private static let secret = "planted/AbCdEfGhIjKlMnOpQrStUvWxYz012345"

    // MARK: Names

    @Test(arguments: [
        "production", "prod", "prd", "live", "PROD", " production", "production ", "Production-EU", "eu-production",
        "eu_prod", "shop.prd.eu", "shop/live", "prod1", "prd2", "2prd", "euprod", "prod-eu-2", "productive", "novaprod",
        "test-production", "production-test", "dev-prod", "staging-prod", "prod-non-eu",
    ])
    func aNameThatSaysProductionIsTakenForIt(_ name: String) {
        #expect(EnvironmentKind(name) == .production)
    }

    @Test(arguments: ["development", "dev", "test", "Test", " test ", "test-eu", "dev1", "development_anna", "test 2"])
    func aNameThatBeginsWithTestOrDevelopmentIsOne(_ name: String) {
        #expect(EnvironmentKind(name) == .local)
    }

    @Test(arguments: [
        "", " ", "default", "staging", "stage", "demo", "nonprod", "non-prod", "pre-prod", "preprod", "preproduction-2",
        "not_production", "nonlive", "pre-live", "test-preprod", "test-staging", "dev-non-prod", "eu-test", "testing",
        "delivery", "olive", "nonprod-pre-live",
    ])
    func anythingElseIsNeither(_ name: String) {
        #expect(EnvironmentKind(name) == .other)
    }

    @Test func aNameThatSaysBothIsRefusedALocalEndpointAndSaysWhy() throws {
        let configuration = try TidemarkConfiguration(
            endpoint: AWSEndpoint(url: "http://127.0.0.1:8000/", region: "eu-central-1"),
            credentials: RefreshingCredentials { _ in FetchedCredentials(Self.temporary()) }, service: "shop",
            environment: "test-production")
        #expect(configuration.refusals.count == 1)
        #expect(
            configuration.refusals.first?.contains(
                "the environment is \"test-production\", which is taken for production") == true)
    }

    @Test(arguments: ["", "  ", "é", String(repeating: "x", count: 257), "a\nb"])
    func aNameThatIsNoneIsRefusedWheneverItIsSet(_ name: String) throws {
        var configuration = try TidemarkConfiguration(
            endpoint: AWSEndpoint(url: Self.aws, region: "eu-central-1"),
            credentials: RefreshingCredentials { _ in FetchedCredentials(Self.temporary()) }, service: "shop",
            environment: "production")
        configuration.recordsCalls = false
        #expect(configuration.refusals.isEmpty)
        configuration.environment = name
        let error = #expect(throws: TidemarkError.self) { try DynamoDBClient(configuration: configuration) }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("the environment's name must be 1 to 256 printable ASCII") == true)
        configuration.environment = "production"
        configuration.service = name
        #expect(configuration.refusals.first?.contains("the service's name must be") == true)
    }

    // MARK: Services that hand out credentials

    private func variables(_ home: TemporaryDirectory, _ more: [String: String] = [:]) -> [String: String] {
        [
            "HOME": home.path, "AWS_REGION": "eu-central-1", "TIDEMARK_ENVIRONMENT": "production",
            "AWS_EC2_METADATA_DISABLED": "true",
        ].merging(more) { $1 }
    }

    private static let role = "arn:aws:iam::123456789012:role/reader"

    @Test func aTokenGoesToNoSTSThatIsLocalOrPlain() async throws {
        let home = try TemporaryDirectory()
        let server = try LoopbackServer { _ in .ok() }
        let variables = variables(
            home,
            [
                "AWS_ENDPOINT_URL_STS": server.url, "AWS_ROLE_ARN": Self.role,
                "AWS_WEB_IDENTITY_TOKEN_FILE": try home.write("planted-token", to: "token"),
            ])
        var configuration = try TidemarkConfiguration.fromEnvironment(variables)
        #expect(configuration.refusals.count == 1)
        #expect(
            configuration.refusals.first?.contains("the endpoint of STS, which hands out credentials, http") == true)
        #expect(throws: TidemarkError.self) { try DynamoDBClient(configuration: configuration) }
        // Whoever asks the chain itself sends nothing either.
        let error = await #expect(throws: AWSConfigurationError.self) {
            try await configuration.credentials.credentials(now: .now())
        }
        #expect(error?.cause.contains("is this machine, and the environment is \"production\"") == true)
        #expect(server.requests.isEmpty)
        configuration.environment = "test"
        #expect(configuration.refusals.isEmpty)
    }

    @Test func plainHTTPIsRefusedWhereverItStands() throws {
        let home = try TemporaryDirectory()
        let plain = "http://sts.eu-central-1.amazonaws.com"
        func refusals(_ configuration: String, _ more: [String: String] = [:]) throws -> [String] {
            try home.write(configuration, to: ".aws/config")
            return try TidemarkConfiguration.fromEnvironment(variables(home, more)).refusals
        }
        try home.write("[base]\naws_access_key_id = \(Self.real)\naws_secret_access_key = x\n", to: ".aws/credentials")
        let assume = "[default]\nrole_arn = \(Self.role)\nsource_profile = base\n"
        #expect(try refusals(assume) == [])
        #expect(try refusals(assume, ["AWS_ENDPOINT_URL_STS": plain]).first?.contains("is without TLS") == true)
        let section = "services = s\n[services s]\nsts =\n  endpoint_url = \(plain)\n"
        #expect(
            try refusals(assume + section).first?.contains("of STS, which hands out credentials, \(plain)/") == true)
        let center = """
            [default]
            sso_session = corp
            sso_account_id = 123456789012
            sso_role_name = r
            [sso-session corp]
            sso_start_url = https://corp.awsapps.com/start
            sso_region = us-east-1
            """
        #expect(try refusals(center) == [])
        for name in ["AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_SSO_OIDC"] {
            let said = try refusals(center, [name: "https://10.0.0.1"])
            #expect(said.count == 1)
            #expect(said.first?.contains("IAM Identity Center, which hands out credentials, https://10.0.0.1/") == true)
        }
    }

    @Test func theAgentsOfContainersKeepRulesOfTheirOwn() throws {
        let home = try TemporaryDirectory()
        let variables = variables(home, ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials"])
        #expect(try TidemarkConfiguration.fromEnvironment(variables).refusals == [])
    }

    // MARK: Sources of the program's own

    private static func temporary(_ id: String = "ASIAZZ7REALREALREALR") -> Credentials {
        Credentials(accessKeyID: id, secretAccessKey: Self.secret, sessionToken: "planted-token")
    }

    private struct OwnSource: CredentialProvider {
        let given: Lock<Credentials>
        func credentials(now: Timestamp) async throws(AWSConfigurationError) -> Credentials { given.withLock { $0 } }
    }

    private func harness(_ source: any CredentialProvider, environment: String = "production") throws -> Harness {
        try Harness(configure: {
            $0.endpoint = AWSEndpoint(url: Self.aws, region: "eu-central-1")
            $0.environment = environment
            $0.credentials = source
        }) { _, _ in answer("{}") }
    }

    private func read(_ harness: Harness) async -> String {
        do {
            _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
            return "sent"
        } catch {
            return error.message
        }
    }

    @Test func whatASourceOfOnesOwnGivesIsLookedAtWhenItComes() async throws {
        let source = OwnSource(given: Lock(Self.temporary()))
        let harness = try harness(source)
        #expect(await read(harness) == "sent")
        #expect(await read(harness) == "sent")
        source.given.withLock { $0 = Self.temporary("test") }
        #expect(await read(harness).contains("the access key \"test\" is a stand-in for one"))
        source.given.withLock { $0 = Credentials(accessKeyID: Self.real, secretAccessKey: Self.secret) }
        let said = await read(harness)
        #expect(said.contains("the program's own source gave a long-lived key \"\(Self.real)\""))
        #expect(!said.contains("planted"))
        #expect(harness.transport.requests.count == 2)
        source.given.withLock { $0 = Self.temporary() }
        #expect(await read(harness) == "sent")
    }

    @Test(arguments: ["test", "AKIAIOSFODNN7EXAMPLE", real])
    func refreshingCredentialsHideNothing(_ id: String) async throws {
        let source = RefreshingCredentials { _ in
            FetchedCredentials(Credentials(accessKeyID: id, secretAccessKey: Self.secret))
        }
        let harness = try harness(source)
        #expect(await read(harness).contains("the environment is \"production\""))
        #expect(harness.transport.requests.isEmpty)
        #expect(await read(try self.harness(source, environment: "staging")) == "sent")
    }

    @Test func keysOfVariablesAreNoKeysOfTheCode() async throws {
        func source(_ id: String, secret: String = Self.secret) -> EnvironmentCredentials {
            EnvironmentCredentials(environment: ["AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": secret])
        }
        #expect(await read(try harness(source(Self.real))) == "sent")
        #expect(await read(try harness(source("dummy"))).contains("is a stand-in for one"))
        let secrets = [
            "planted", String(repeating: "p", count: 40), "planted-secret-for-the-local-machine-of-anna",
            "plantedplantedplantedEXAMPLEplantedplanted",
        ]
        for secret in secrets {
            for id in [Self.real, "ASIAZZ7REALREALREALR"] {
                let said = await read(try harness(source(id, secret: secret)))
                #expect(said.contains("the secret of the access key \"\(id)\" is a stand-in for one (it is"))
                #expect(!said.contains("planted") && !said.contains("pppp"))
            }
        }
        let own = OwnSource(given: Lock(Self.temporary()))
        own.given.withLock { $0.secretAccessKey = "short" }
        #expect(await read(try harness(own)).contains("shorter than 40"))
    }

    @Test func aChainOfAnotherEnvironmentFollowsTheNewOne() async throws {
        let home = try TemporaryDirectory()
        var configuration = try TidemarkConfiguration.fromEnvironment(
            variables(home, ["AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"]))
        #expect(!configuration.refusals.isEmpty)
        configuration.environment = "test"
        let chain = configuration.credentials
        #expect(await read(try harness(chain, environment: "test")) == "sent")
    }
}
