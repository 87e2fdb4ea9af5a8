import AWSCore
import CurlTransport
import Logging
import Telemetry
import TestSupport
import Testing
import Tidemark

@Suite struct ProductionTests {
    private static let aws = "https://dynamodb.eu-central-1.amazonaws.com/"
    private static let real = "AKIAZZ7REALREALREALR"
    private static let secret = "planted/AbCdEfGhIjKlMnOpQrStUvWxYz012345"

    /// How many reasons there are against this set-up.
    private func refusals(
        _ environment: String, _ url: String, credentials: (any CredentialProvider)? = nil, key: String = real,
        secret: String = secret
    ) throws -> [String] {
        let chain = CredentialChain.default(environment: [
            "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "HOME": "/nonexistent",
        ])
        return try TidemarkConfiguration(
            endpoint: AWSEndpoint(url: url, region: "eu-central-1"), credentials: credentials ?? chain, service: "shop",
            environment: environment
        ).refusals
    }

    @Test(arguments: [
        "http://127.0.0.1:8000/", "https://127.0.0.1/", "http://127.1/", "http://0x7f000001/", "http://2130706433/",
        "http://0.0.0.0:4566/", "http://[::1]:8000/", "http://[::ffff:127.0.0.1]/", "http://localhost:8000/",
        "https://db.localhost/", "http://localhost./", "http://169.254.1.1/", "http://[fe80::1]/", "https://10.1.2.3/",
        "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.1.1/", "http://100.64.0.1/",
        "http://[fd00::1]/",
        "http://ministack:4566/", "http://localstack/", "https://ministack.example.com/", "http://db.local/",
        "http://host.docker.internal:8000/", "https://ddb.internal/", "http://dynamodb-local:8000/",
        "https://localhost6.localdomain6/", "https://127.0.0.1.nip.io/", "https://localtest.me/", "https://x.lvh.me/",
        "https://[fec0::1]/", "https://my-laptop.fritz.box/", "https://kubernetes.default.svc/", "https://127.0.0.1./",
        "https://[::127.0.0.1]/",
    ])
    func aLocalEndpointIsForDevelopmentAndTestAlone(_ url: String) throws {
        for environment in ["production", "Production", "prod", "live", "production-eu", "staging", "default", "demo"] {
            let said = try refusals(environment, url)
            #expect(said.count == 1, "\(environment)")
            #expect(said.first?.contains("set TIDEMARK_ENVIRONMENT to development or test") == true)
        }
        for environment in ["development", "dev", "test", "Test", "test-eu", "development-anna"] {
            #expect(try refusals(environment, url).isEmpty, "\(environment)")
        }
    }

    @Test(arguments: [
        aws, "https://123456789012.ddb.eu-central-1.amazonaws.com/", "https://172.15.0.1/", "https://172.32.0.1/",
        "https://vpce-1.dynamodb.eu-central-1.vpce.amazonaws.com/", "https://[2001:db8::1]/",
        "https://localhost.example.com/", "https://nip.io.example.com/", "https://notlocaltest.me/",
    ])
    func anythingElseIsForEverybody(_ url: String) throws {
        for environment in ["production", "staging", "default", "test"] {
            #expect(try refusals(environment, url) == [], "\(environment)")
        }
    }

    @Test func productionWantsTLS() throws {
        let plain = "http://dynamodb.eu-central-1.amazonaws.com/"
        #expect(try refusals("production", plain).first?.contains("is without TLS") == true)
        #expect(try refusals("staging", plain).isEmpty)
    }

    @Test(arguments: [
        "test", "TEST", "dummy", "fake", "local", "foo", "AKIAIOSFODNN7EXAMPLE", "AKIDEXAMPLE", "123456789012",
        "AKIASHORT", "test-access-key-0001", "AKIADUMMY00000000001", "AKIAFAKEFAKEFAKEFAKE", "AKIATESTTESTTESTTEST",
        "AKIALOCALSTACKTEST22", "AKIAEXAMPLE777777777", "AKIAAAAAAAAAAAAAAAAA", "0000000000000000",
        "AKIA0000000000000000",
        "my-local-dynamodb-key", "YOUR_ACCESS_KEY_ID_HERE", "AKIA1234567890ABCDEF", "changemechangeme",
        "AKIAPLACEHOLDER22222",
    ])
    func productionTakesNoStandInForAKey(_ key: String) throws {
        let said = try refusals("production", Self.aws, key: key)
        #expect(said.count == 1)
        #expect(said.first?.contains("is a stand-in for one") == true)
        #expect(try refusals("staging", Self.aws, key: key).isEmpty)
    }

    /// One in some thousand keys spells a word of four letters.
    @Test(arguments: ["ASIAZZ7TESTQ2W3E4R5T", "AKIAFAKEQ2W3E4R5T6Y7", "AKIAZLOCALZ2W3E4R5T6", real])
    func aKeyThatSpellsAWordByChanceIsTaken(_ key: String) throws {
        #expect(try refusals("production", Self.aws, key: key) == [])
    }

    /// At hand as it is, it is refused before there is a client; one that is fetched, when it comes.
    @Test(arguments: [
        "planted", String(repeating: "p", count: 40), "plantedplantedplantedEXAMPLEplantedplanted",
        "YOUR_SECRET_ACCESS_KEY_GOES_HERE_planted_PLEASE", "1234567890plantedplantedplantedplantedplanted",
    ])
    func productionTakesNoStandInForASecret(_ secret: String) throws {
        let home = try TemporaryDirectory()
        try home.write(
            "[default]\naws_access_key_id = \(Self.real)\naws_secret_access_key = \(secret)\n", to: ".aws/credentials")
        let variables = ["AWS_ACCESS_KEY_ID": Self.real, "AWS_SECRET_ACCESS_KEY": secret]
        let sources: [any CredentialProvider] = [
            CredentialChain.default(environment: variables), EnvironmentCredentials(environment: variables),
            CredentialChain.default(environment: ["HOME": home.path]),
        ]
        for source in sources {
            let said = try refusals("production", Self.aws, credentials: source)
            #expect(said.count == 1 && said.first?.contains("the secret of the access key \"\(Self.real)\"") == true)
            #expect(said.first?.contains("is a stand-in for one") == true && !said.joined().contains(secret))
            #expect(try refusals("staging", Self.aws, credentials: source).isEmpty)
            var configuration = try TidemarkConfiguration(
                endpoint: AWSEndpoint(url: Self.aws, region: "eu-central-1"), credentials: source, service: "shop",
                environment: "production")
            configuration.recordsCalls = false
            #expect(throws: TidemarkError.self) { try DynamoDBClient(configuration: configuration) }
        }
    }

    @Test func aSecretInThePlaceOfTheIDIsNotShown() throws {
        let said = try refusals("production", Self.aws, key: Self.secret, secret: Self.real)
        #expect(said.count == 1 && !said[0].contains("planted"), "\(said)")
        #expect(said[0].contains("it looks like an access key's id: exchange the two"))
        // Words that are none either.
        let words = try refusals("production", Self.aws, key: "EXAMPLE\(Self.secret)", secret: Self.real)
        #expect(words.count == 1 && !words[0].contains("planted"), "\(words)")
    }

    @Test func productionTakesNoKeysOfTheProgramsCode() throws {
        let held = StaticCredentials(Credentials(accessKeyID: Self.real, secretAccessKey: "planted"))
        let said = try refusals("production", Self.aws, credentials: held)
        #expect(said.first?.contains("stand in the program's code") == true)
        #expect(!said.joined().contains("planted"))
        #expect(try refusals("test", Self.aws, credentials: held).isEmpty)
    }

    @Test func eachReasonIsSaid() throws {
        let held = StaticCredentials(Credentials(accessKeyID: "test", secretAccessKey: "test"))
        #expect(try refusals("production", "http://127.0.0.1/", credentials: held).count == 2)
    }

    @Test func aClientIsNotMadeOfARefusedConfiguration() throws {
        var configuration = try TidemarkConfiguration.fromEnvironment([
            "AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
            "TIDEMARK_ENVIRONMENT": "production", "HOME": "/nonexistent",
        ])
        configuration.recordsCalls = false
        let error = #expect(throws: TidemarkError.self) { try DynamoDBClient(configuration: configuration) }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("is a stand-in for one") == true)
        configuration.environment = "test"
        _ = try DynamoDBClient(configuration: configuration)
    }

    @Test func overAGivenTransportItSendsNothing() async throws {
        let server = try LoopbackServer { _ in .ok() }
        var configuration = try TidemarkConfiguration(
            endpoint: AWSEndpoint(url: server.url, region: "eu-central-1"),
            credentials: StaticCredentials(Credentials(accessKeyID: "test", secretAccessKey: "test")), service: "shop",
            environment: "production")
        configuration.logger.logLevel = .critical
        var recording = TelemetryWriter.Configuration(service: "shop", environment: "production")
        recording.isEnabled = false
        let client = DynamoDBClient(
            configuration: configuration, transport: try CurlTransport(), telemetry: TelemetryWriter.open(recording))
        let error = await failure { () throws(TidemarkError) in
            _ = try await client.getItem(table: "T", key: ["id": "1"])
        }
        #expect(error.message.contains("is this machine"))
        #expect(error.message.contains("stand in the program's code"))
        #expect(server.requests.isEmpty)
    }

    @Test func aStandInThatComesLaterIsRefusedWhenItComes() async throws {
        let home = try TemporaryDirectory()
        var variables = [
            "AWS_REGION": "eu-central-1", "TIDEMARK_ENVIRONMENT": "production", "HOME": home.path,
            "AWS_EC2_METADATA_DISABLED": "true",
        ]
        try home.write(
            "[default]\ncredential_process = echo '{\"Version\": 1, \"AccessKeyId\": \"test\", \"SecretAccessKey\": \"s\"}'\n",
            to: ".aws/config")
        func message() async throws -> String {
            let credentials = try TidemarkConfiguration.fromEnvironment(variables).credentials
            do { return try await credentials.credentials(now: .now()).accessKeyID } catch { return "\(error)" }
        }
        #expect(try await message().contains("is a stand-in for one"))
        variables["TIDEMARK_ENVIRONMENT"] = "test"
        #expect(try await message() == "test")
    }
}
