import AWSCore
import CurlTransport
import TestSupport
import Testing
import Tidemark

@Suite struct LayerTests {
    private let home: TemporaryDirectory
    private var variables: [String: String]

    init() throws {
        home = try TemporaryDirectory()
        variables = ["HOME": home.path, "TIDEMARK_ENVIRONMENT": "test", "AWS_EC2_METADATA_DISABLED": "true"]
    }

    private func line(_ name: String, _ configuration: TidemarkConfiguration) -> String {
        let line = configuration.report().lines.first { $0.name == name }
        return "\(line?.value ?? "none"), \(line?.origin ?? "none")"
    }

    private func message(file: String? = nil, code: [String: SettingValue] = [:]) -> String {
        do {
            _ = try TidemarkConfiguration.load(file: file, code: code, environment: variables)
            return "it is valid"
        } catch {
            return error.message
        }
    }

    /// What of the environment may be printed with a client.
    @Test func ofTheEnvironmentOnlyWhatDirectoriesNeedIsKept() throws {
        var variables = variables
        variables["AWS_REGION"] = "eu-central-1"
        for name in ["DATABASE_URL", "MYSQL_PWD", "https_proxy", "SLACK_WEBHOOK", "TIDEMARK_SECRET", "PATH"] {
            variables[name] = "planted"
        }
        variables["STATE_DIRECTORY"] = "/var/lib/x"
        let configuration = try TidemarkConfiguration.load(environment: variables)
        #expect(Set(configuration.environmentVariables.keys) == ["HOME", "STATE_DIRECTORY", "TIDEMARK_ENVIRONMENT"])
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!dumped.contains("planted"))
    }

    /// Which says that no variable counts; neither hides the file's.
    @Test func anIgnoredVariableLeavesTheFilesEndpoint() throws {
        var variables = variables
        variables["AWS_REGION"] = "eu-central-1"
        let file = try home.write("endpoint: http://127.0.0.1:8\n", to: "endpoint.yaml")
        variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true"
        for url in [nil, "http://127.0.0.1:7"] {
            variables["AWS_ENDPOINT_URL"] = url
            let configuration = try TidemarkConfiguration.load(file: file, environment: variables)
            #expect(configuration.endpoint.url == "http://127.0.0.1:8/")
            #expect(line("endpoint", configuration) == "http://127.0.0.1:8/, \(file):1")
        }
        #expect(try TidemarkConfiguration.load(environment: variables).endpoint.url.contains("amazonaws.com"))
    }

    @Test func codeComesBeforeTheEnvironmentBeforeTheFileBeforeTheProfileBeforeTheDefault() throws {
        var variables = variables
        let path = try home.write("max-attempts: 3\ncall-timeout-ms: 3000\nregion: eu-west-3\n", to: "s.yaml")
        try home.write("[default]\nregion = eu-west-4\n", to: ".aws/config")
        func load(_ code: [String: SettingValue] = [:], file: String? = nil) throws -> TidemarkConfiguration {
            try .load(file: file, code: code, environment: variables)
        }
        #expect(line("max-attempts", try load()) == "4, default")
        #expect(line("region", try load()) == "eu-west-4, profile \"default\" in \(home.path)/.aws/config")
        #expect(line("max-attempts", try load(file: path)) == "3, \(path):1")
        #expect(line("region", try load(file: path)) == "eu-west-3, \(path):3")
        variables["AWS_MAX_ATTEMPTS"] = "2"
        variables["AWS_DEFAULT_REGION"] = "eu-west-2"
        #expect(line("max-attempts", try load(file: path)) == "2, environment, AWS_MAX_ATTEMPTS")
        #expect(line("region", try load(file: path)) == "eu-west-2, environment, AWS_DEFAULT_REGION")
        let all = try load(["max-attempts": 1, "region": "eu-west-1"], file: path)
        #expect(line("max-attempts", all) == "1, code")
        #expect(line("region", all) == "eu-west-1, code")
        #expect(line("call-timeout-ms", all) == "3000, \(path):2")
        #expect(all.retry.maximumAttempts == 1)
        #expect(all.endpoint.region == "eu-west-1")
        #expect(all.callTimeout == .seconds(3))
    }

    @Test func whatTheProgramChangesAfterwardsComesFromCode() throws {
        var variables = variables
        variables["AWS_REGION"] = "eu-west-1"
        var configuration = try TidemarkConfiguration.load(environment: variables)
        configuration.callTimeout = .seconds(2)
        configuration.endpoint.url = "http://127.0.0.1:1/"
        #expect(line("call-timeout-ms", configuration) == "2000, code")
        #expect(line("endpoint", configuration) == "http://127.0.0.1:1/, code")
        #expect(line("region", configuration) == "eu-west-1, environment, AWS_REGION")
        configuration.credentials = StaticCredentials(Credentials(accessKeyID: "A", secretAccessKey: "planted"))
        #expect(line("credentials", configuration) == "StaticCredentials, code")
    }

    @Test func everySettingIsTakenFromAFileAndFromItsVariable() throws {
        let samples: [String: SettingValue] = [
            "service": "checkout", "environment": "test-2", "region": "eu-west-1",
            "endpoint": "https://vpce-1.example.com/", "profile": "p", "use-fips-endpoint": false,
            "use-dualstack-endpoint": false, "account-id-endpoint-mode": "disabled", "credential-process": false,
            "certificate-authorities": "/x/ca.pem", "max-attempts": 7, "retry-mode": "adaptive",
            "new-retries-2026": false, "retry-unsafe-writes": true, "circuit-breaker": false, "hedge-reads": true,
            "call-timeout-ms": 7_001,
            "attempt-timeout-ms": 7_002, "connect-timeout-ms": 7_003, "first-byte-timeout-ms": 7_004,
            "max-connections": 8, "max-queued-requests": 9, "connection-lifetime-seconds": 10, "use-proxy": false,
            "telemetry-directory": "/x/files", "record-calls": false, "slow-call-ms": 11, "log-one-success-in": 12,
        ]
        try home.write("[profile p]\n", to: ".aws/config")
        #expect(Set(samples.keys) == Set(TidemarkSetting.all.map(\.name)), "a sample for each")
        let yaml = TidemarkSetting.all.map { "\($0.name): \(samples[$0.name]?.text ?? "")\n" }.joined()
        let path = try home.write(yaml, to: "all.yaml")
        let fromFile = try TidemarkConfiguration.load(file: path, environment: ["HOME": home.path])
        var variables = ["HOME": home.path]
        for setting in TidemarkSetting.all { variables[setting.variables[0]] = samples[setting.name]?.text }
        let fromVariables = try TidemarkConfiguration.load(environment: variables)
        for setting in TidemarkSetting.all {
            let value = samples[setting.name]?.text ?? ""
            #expect(line(setting.name, fromFile).hasPrefix("\(value), \(path):"), "\(setting.name)")
            #expect(line(setting.name, fromVariables) == "\(value), environment, \(setting.variables[0])")
        }
        #expect(
            fromFile.timeouts
                == Timeouts(
                    connect: .milliseconds(7_003), firstByte: .milliseconds(7_004), attempt: .milliseconds(7_002)))
        #expect(fromFile.transport.maximumConnections == 8)
        #expect(fromFile.transport.usesProxyFromEnvironment == false)
        #expect(fromFile.logging.successSampling == 12)
        #expect(fromFile.recordsCalls == false)
        #expect(fromFile.endpoint.account == nil)
    }

    @Test func pathsOfAFileAreBesideIt() throws {
        let path = try home.write("region: eu-west-1\ntelemetry-directory: files\n", to: "etc/s.yaml")
        let configuration = try TidemarkConfiguration.load(file: path, environment: variables)
        #expect(configuration.telemetryDirectory == home.path("etc/files"))
    }

    /// It stays as it is, so that who opens it says what is wrong with it; beside the file there would be a folder of that name.
    @Test func aPathThatOnlyAShellUnderstandsIsNotBesideTheFile() throws {
        let path = try home.write("region: eu-west-1\ntelemetry-directory: '~/files'\n", to: "etc/s.yaml")
        let configuration = try TidemarkConfiguration.load(file: path, environment: variables)
        #expect(configuration.telemetryDirectory == "~/files")
    }

    @Test func theFileMayBeNamedByTheEnvironment() throws {
        var variables = variables
        variables["TIDEMARK_CONFIG"] = try home.write(#"{"region": "eu-west-1", "max-attempts": 3}"#, to: "s.json")
        #expect(try TidemarkConfiguration.fromEnvironment(variables).retry.maximumAttempts == 3)
        variables["TIDEMARK_CONFIG"] = home.path("nowhere")
        let error = #expect(throws: TidemarkError.self) { try TidemarkConfiguration.fromEnvironment(variables) }
        #expect(error?.message.contains("check TIDEMARK_CONFIG, which names it") == true)
    }

    @Test(arguments: [
        ("regoin: x", "1:1: `regoin` is no setting: did you mean `region`?"),
        ("region: eu-west-1\nmax-attempts: 0", "2:15: `max-attempts` is \"0\": use a whole number from 1 to 100"),
        ("record-calls: maybe", "1:15: `record-calls` is \"maybe\": use true or false"),
        (
            "call-timeout-ms: '100'",
            "1:18: `call-timeout-ms` is \"100\": use a whole number from 1 to 3600000, without quotes"
        ),
        ("call-timeout-ms: '0'", "1:18: `call-timeout-ms` is \"0\": use a whole number from 1 to 3600000"),
        ("service: 5", "1:10: `service` is \"5\": use text that is not empty, in quotes"),
        ("endpoint: 127.0.0.1:8000", "1:11: write an address as a URL with http:// or https://"),
        ("endpoint: 127.0.0.1", "1:11: write an address as a URL with http:// or https://"),
        (
            "account-id-endpoint-mode: always",
            "1:27: `account-id-endpoint-mode` is \"always\": use one of preferred, disabled, required"
        ),
        ("colour: red", "1:1: `colour` is no setting: the article"),
        ("service: ''", "1:10: `service` is \"\": use text"),
        ("region: a\nregion: b", "2:1: `region` stands in line 1 already"),
        ("service:\n  - a", "1:9: `service` has no value"), (" service: a", "1:1: settings begin at the line's start"),
        ("service: [a]", "1:10: lists, maps, anchors"),
        (
            "record-calls: yes",
            "1:15: `record-calls` is yes without quotes, which readers of YAML take differently: write true or false, or "
                + "\"yes\" where text is meant"
        ),
        ("service: ok\nenvironment: No # x", "2:14: `environment` is No without quotes, which readers"),
        (
            "service: 2026-11-26",
            "1:10: `service` is 2026-11-26 without quotes, which YAML takes for a date: write \"2026-11-26\" where text "
                + "is meant"
        ),
        ("service: 2026-1-6", "1:10: `service` is 2026-1-6 without quotes, which YAML takes for a date"),
        (
            "region: a\nservice: 2026-11-26T10:00:00Z",
            "2:10: `service` is 2026-11-26T10:00:00Z without quotes, which YAML takes for a date"
        ),
        (
            "service: 2026-11-26 10:00:00",
            "1:10: `service` is 2026-11-26 10:00:00 without quotes, which YAML takes for a"
        ),
        (
            "service: 1.10",
            "1:10: `service` is 1.10 without quotes, which YAML takes for a number with decimals: write \"1.10\""
        ),
        ("service: 1.10.2", "1:10: `service` is 1.10.2 without quotes: write a whole number"),
        ("service: -.5", "1:10: `service` is -.5 without quotes, which YAML takes for a number with decimals"),
        ("environment: true", "1:14: `environment` is \"true\": use text that is not empty, in quotes"),
        ("max-attempts: 010", "1:15: `max-attempts` is 010 without quotes: write a whole number"),
        ("max-attempts: 0x10", "1:15: `max-attempts` is 0x10 without quotes: write a whole number"),
        ("max-attempts: 1_0", "1:15: `max-attempts` is 1_0 without quotes: write a whole number"),
        ("max-attempts: 1.0", "1:15: `max-attempts` is 1.0 without quotes, which YAML takes for a number"),
        ("service: 12:30", "1:10: `service` is 12:30 without quotes: write a whole number"),
        ("service: \"a", "1:10: the quote is not closed"),
        ("service: a: b", "1:10: put this value in quotes"), ("service: 'a' b", "1:14: nothing but a comment"),
        ("just words", "1:5: write `name: value`"), ("service:a", "1:9: a space must follow the colon"),
    ])
    func aMistakeInYAMLIsNamedWithItsPlace(_ text: String, _ expected: String) throws {
        let path = try home.write(text, to: "s.yaml")
        let said = message(file: path)
        #expect(said.hasPrefix("\(path):\(expected)"), "\(said)")
    }

    @Test func whatIsSaidOfProxiesHoldsForThoseWhoHandOutCredentials() throws {
        func uses(_ provider: any CredentialProvider) -> Bool? { (provider as? CredentialChain)?.usesProxy }
        var variables = variables
        variables["AWS_REGION"] = "eu-west-1"
        var configuration = try TidemarkConfiguration.load(environment: variables)
        #expect(uses(configuration.credentials) == true && uses(configuration.safeCredentials) == true)
        // A program's last word.
        configuration.transport.usesProxyFromEnvironment = false
        #expect(uses(configuration.safeCredentials) == false)
        let path = try home.write("use-proxy: false", to: "s.yaml")
        configuration = try TidemarkConfiguration.load(file: path, environment: variables)
        #expect(uses(configuration.credentials) == false && uses(configuration.safeCredentials) == false)
        variables["TIDEMARK_USE_PROXY"] = "False"
        #expect(uses(try TidemarkConfiguration.load(environment: variables).safeCredentials) == false)
        // What doctor asks with where the rest of the settings cannot be read.
        variables["AWS_MAX_ATTEMPTS"] = "0"
        guard case .failure(let problems) = TidemarkConfiguration.diagnosed(environment: variables) else {
            Issue.record("0 attempts are none")
            return
        }
        #expect(uses(problems.credentials) == false)
    }

    /// What begins like a number or a date, and is text to every reader of YAML.
    @Test(arguments: ["2026-service", "2026-11-service", "3d-shop", "v1.10", "on-call", "truer"])
    func textThatBeginsLikeSomethingElseIsTakenAsWritten(_ text: String) throws {
        let path = try home.write("region: eu-west-1\nservice: \(text)\nenvironment: \"\(text)\"", to: "s.yaml")
        var variables = variables
        variables["TIDEMARK_ENVIRONMENT"] = nil
        let configuration = try TidemarkConfiguration.load(file: path, environment: variables)
        #expect(configuration.service == text && configuration.environment == text)
    }

    @Test(arguments: [
        (#"{"regoin": "x"}"#, "1:2: `regoin` is no setting: did you mean `region`?"),
        ("{\n  \"max-attempts\": 101}", "2:19: `max-attempts` is \"101\""),
        (#"{"max-attempts": 1.5}"#, "1:18: `max-attempts` must be"),
        (#"{"service": null}"#, "1:13: `service` must be text"),
        (#"{"service": ["a"]}"#, "1:13: `service` must be text"),
        ("[]", "1:1: the file must be one object"), ("{", "1:2: "),
        (#"{"region": "a", "region": "b"}"#, "1:17: `region` stands in line 1 already"),
        (
            #"{"max-attempts": "4"}"#,
            "1:18: `max-attempts` is \"4\": use a whole number from 1 to 100, without quotes"
        ),
        (#"{"use-proxy": "True"}"#, "1:15: `use-proxy` is \"True\": use true or false, without quotes"),
    ])
    func aMistakeInJSONIsNamedWithItsPlace(_ text: String, _ expected: String) throws {
        let path = try home.write(text, to: "s.json")
        let said = message(file: path)
        #expect(said.hasPrefix("\(path):\(expected)"), "\(said)")
    }

    @Test func aNameThatStandsTwiceInJSONHidesNoOtherMistake() throws {
        let path = try home.write(
            "{\"regoin\": \"x\",\n\"service\": \"a\", \"service\": [1],\n\"max-attempts\": 0}", to: "s.json")
        #expect(
            message(file: path).split(separator: "\n") == [
                "\(path):1:2: `regoin` is no setting: did you mean `region`?",
                "\(path):2:17: `service` stands in line 2 already",
                "\(path):3:17: `max-attempts` is \"0\": use a whole number from 1 to 100",
            ])
    }

    /// These are found behind the layers, where everything is a variable.
    @Test(arguments: [
        ("region: us east 1", "the region \"us east 1\" of `region` in FILE:1:9 is not one"),
        (
            "region: eu-west-1\nuse-fips-endpoint: true\nendpoint: https://x.example.com",
            "of `endpoint` in FILE:3:11 cannot be had as a FIPS endpoint: unset `use-fips-endpoint` in FILE:2:20 or name"
        ),
        (
            "region: eu-west-1\nuse-dualstack-endpoint: true\nendpoint: https://x.example.com",
            "unset `use-dualstack-endpoint` in FILE:2:25 or name"
        ),
        (
            "region: cn-north-1\naccount-id-endpoint-mode: required",
            "`account-id-endpoint-mode` in FILE:2:27 is required and asks for an account's own endpoint"
        ),
        (
            "region: eu-west-1\nendpoint: localhost:8000",
            "the endpoint URL \"localhost:8000\" of `endpoint` in FILE:2:11 does not start with http:// or https://"
        ),
        ("region: eu-west-1\nservice: é", "the service's name must be 1 to 256 printable ASCII"),
        ("region: eu-west-1\nenvironment: é", "correct `environment` in FILE:2:14"),
    ])
    func aMistakeOfTheFileIsNotBlamedOnAVariable(_ text: String, _ expected: String) throws {
        let path = try home.write(text, to: "s.yaml")
        var copy = self
        copy.variables["TIDEMARK_ENVIRONMENT"] = nil
        let said = copy.message(file: path)
        #expect(said.contains(expected.replacing("FILE", with: path)), "\(said)")
        #expect(!said.contains("AWS_") && !said.contains("TIDEMARK_"), "\(said)")
    }

    @Test func aMistakeOfTheCodeAndOfAVariableIsBlamedOnThem() throws {
        var copy = self
        #expect(copy.message(code: ["region": "a b"]).contains("the region \"a b\" of `region`, given in code, is"))
        copy.variables["AWS_REGION"] = "a b"
        #expect(copy.message().contains("the region \"a b\" of AWS_REGION is not one"))
        copy.variables["AWS_REGION"] = "eu-west-1"
        copy.variables["AWS_USE_FIPS_ENDPOINT"] = "true"
        copy.variables["AWS_ENDPOINT_URL"] = "https://x.example.com"
        #expect(
            copy.message().contains("of AWS_ENDPOINT_URL cannot be had as a FIPS endpoint: unset AWS_USE_FIPS_ENDPOINT")
        )
    }

    @Test(arguments: [
        ("max_attempts = lots", "max_attempts of PROFILE:3 is 'lots': set it to a whole number from 1 to 100"),
        ("retry_mode = fast", "retry_mode of PROFILE:3 is 'fast'"),
        ("\nuse_fips_endpoint = yes", "use_fips_endpoint of PROFILE:4 is \"yes\""),
        (
            "use_fips_endpoint = true\nendpoint_url = https://x.example.com",
            "unset use_fips_endpoint of PROFILE:3 or name"
        ),
        ("account_id_endpoint_mode = never", "account_id_endpoint_mode of PROFILE:3 is \"never\""),
        ("endpoint_url = x", "the endpoint URL \"x\" of PROFILE:3 does not start with"),
        ("region = EU!", "the region \"EU!\" of PROFILE:3 is not one"),
        (
            "services = own\n[services own]\ndynamodb =\n  endpoint_url = x",
            "the endpoint URL \"x\" of [services own] of PROFILE:6 does not start with"
        ),
    ])
    func aMistakeOfAProfileNamesProfileFileAndLine(_ text: String, _ expected: String) throws {
        try home.write("[profile work]\nregion = eu-west-1\n\(text)\n", to: ".aws/config")
        var copy = self
        copy.variables["AWS_PROFILE"] = "work"
        let place = "profile \"work\" in \(home.path)/.aws/config"
        #expect(copy.message().contains(expected.replacing("PROFILE", with: place)), "\(copy.message())")
    }

    @Test func everyMistakeOfTheEndpointIsSaidInOneRun() throws {
        var copy = self
        copy.variables["AWS_USE_FIPS_ENDPOINT"] = "maybe"
        copy.variables["TIDEMARK_ENVIRONMENT"] = " "
        copy.variables["AWS_RETRY_MODE"] = "fast"
        let path = try home.write("region: EU!\nendpoint: ftp://x\nmax-attempts: 0\nuse-fips: true\n", to: "s.yaml")
        try home.write("[default]\nuse_dualstack_endpoint = 1\naccount_id_endpoint_mode = never\n", to: ".aws/config")
        let message = copy.message(file: path)
        for part in [
            "max-attempts", "AWS_RETRY_MODE", "AWS_USE_FIPS_ENDPOINT", "use_dualstack_endpoint of",
            "account_id_endpoint_mode of", "TIDEMARK_ENVIRONMENT", "`region` in \(path):1", "`endpoint` in \(path):2",
        ] {
            #expect(message.split(separator: "\n").filter { $0.contains(part) }.count == 1, "\(part): \(message)")
        }
    }

    /// A region of the wrong kind is wrong, and not missing too; what else is wrong is said beside it.
    @Test func aSettingThatIsWrongIsNotMissingToo() throws {
        let path = try home.write("region: [a]\nendpoint: ftp://x\n", to: "s.yaml")
        let message = message(file: path)
        #expect(message.contains("\(path):1") && message.contains("ftp://x"))
        #expect(!message.contains("no AWS region is configured"), "\(message)")
    }

    @Test func aFileThatCannotBeReadIsSaidOnce() throws {
        try home.write("nonsense\n", to: ".aws/config")
        #expect(message().split(separator: "\n").count == 1, "\(message())")
    }

    @Test func aProfileThatIsNotThereIsNamedWithWhoAskedForIt() throws {
        let path = try home.write("region: eu-west-1\nprofile: wrok\n", to: "s.yaml")
        #expect(message(file: path).contains("the profile \"wrok\" of `profile` in \(path):2:10 is neither in"))
    }

    /// As in the SDKs for Java and Rust; botocore takes small letters alone, and makes no retries of anything else.
    @Test(arguments: ["adaptive", "Adaptive", "ADAPTIVE"])
    func lettersCaseDoesNotMatterInWords(_ mode: String) throws {
        var variables = variables
        variables["AWS_REGION"] = "eu-west-1"
        let path = try home.write("retry-mode: \(mode)\n", to: "s.yaml")
        #expect(try TidemarkConfiguration.load(file: path, environment: variables).retry.mode == .adaptive)
        #expect(
            try TidemarkConfiguration.load(code: ["retry-mode": .text(mode)], environment: variables).retry.mode
                == .adaptive)
        try home.write("[default]\nretry_mode = \(mode)\n", to: ".aws/config")
        #expect(try TidemarkConfiguration.load(environment: variables).retry.mode == .adaptive)
        variables["AWS_RETRY_MODE"] = mode
        #expect(try TidemarkConfiguration.load(environment: variables).retry.mode == .adaptive)
    }

    @Test func everyMistakeIsSaidAtOnce() throws {
        var copy = self
        copy.variables["TIDEMARK_CALL_TIMEOUT_MS"] = "soon"
        let path = try home.write("regoin: x\nmax-attempts: 0\n", to: "s.yaml")
        let lines = copy.message(file: path, code: ["max-conections": 1, "use-proxy": "no"]).split(separator: "\n")
        #expect(lines.count == 5)
        #expect(lines.contains("TIDEMARK_CALL_TIMEOUT_MS is \"soon\": use a whole number from 1 to 3600000"))
        #expect(lines.contains("`max-conections`, given in code, is no setting: did you mean `max-connections`?"))
        #expect(lines.contains("`use-proxy`, given in code, is \"no\": use true or false"))
    }

    @Test func aProfileGivenInCodeHidesTheEnvironmentsKeys() async throws {
        var variables = variables
        variables["AWS_ACCESS_KEY_ID"] = "AKIAENVIRONMENT"
        variables["AWS_SECRET_ACCESS_KEY"] = "planted"
        variables["AWS_REGION"] = "eu-west-1"
        try home.write(
            "[p]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = planted\n", to: ".aws/credentials")
        func keyID(_ code: [String: SettingValue]) async throws -> String {
            let configuration = try TidemarkConfiguration.load(code: code, environment: variables)
            return try await configuration.credentials.credentials(now: .now()).accessKeyID
        }
        #expect(try await keyID([:]) == "AKIAENVIRONMENT")
        #expect(try await keyID(["profile": "p"]) == "AKIAPROFILE")
    }
}
