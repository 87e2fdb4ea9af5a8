import AWSCore
import Foundation
import Logging
import TestSupport
import Testing
import Tidemark

/// What is allowed and hardly meant, and what is found before there is a client.
@Suite struct WarningTests {
    private let home: TemporaryDirectory
    private let variables: [String: String]

    init() throws {
        home = try TemporaryDirectory()
        variables = ["HOME": home.path, "TIDEMARK_ENVIRONMENT": "test", "AWS_EC2_METADATA_DISABLED": "true"]
    }

    @Test(arguments: [
        ("TIDEMARK_ENDPOINT", "did you mean AWS_ENDPOINT_URL_DYNAMODB?"),
        ("TIDEMARK_REGION", "did you mean AWS_REGION?"),
        ("TIDEMARK_AWS_REGION", "did you mean AWS_REGION?"), ("TIDEMARK_MAX_ATTEMPT", "did you mean AWS_MAX_ATTEMPTS?"),
        ("TIDEMARK_TELEMETRY_DIRECTORY", "did you mean TIDEMARK_DIR?"),
        ("TIDEMARK_ENV", "did you mean TIDEMARK_ENVIRONMENT?"),
        ("TIDEMARK_ENVIROMENT", "did you mean TIDEMARK_ENVIRONMENT?"),
        ("TIDEMARK_CONFG", "did you mean TIDEMARK_CONFIG?"),
        ("TIDEMARK_CALL_TIMEOUT", "did you mean TIDEMARK_CALL_TIMEOUT_MS?"),
        ("TIDEMARK_COLOUR", "unset it; the article"), ("TIDEMARK_EN", "unset it; the article"),
        ("TIDEMARK_SERVICE_NAME", "did you mean TIDEMARK_SERVICE?"),
        ("TIDEMARK_CALL", "did you mean TIDEMARK_CALL_TIMEOUT_MS?"),
        (
            "TIDEMARK_MAX",
            "did you mean AWS_MAX_ATTEMPTS or TIDEMARK_MAX_CONNECTIONS or TIDEMARK_MAX_QUEUED_REQUESTS?"
        ),
    ])
    func aVariableThatNothingReadsIsNamedWithTheOneThatWasMeant(_ name: String, _ advice: String) throws {
        var variables = variables
        variables["AWS_REGION"] = "eu-west-1"
        #expect(try TidemarkConfiguration.load(environment: variables).warnings == [])
        variables[name] = "x"
        let warnings = try TidemarkConfiguration.load(environment: variables).warnings
        #expect(warnings.count == 1)
        #expect(warnings.first?.hasPrefix("\(name) is set, and nothing reads it: \(advice)") == true, "\(warnings)")
    }

    /// What keeps accidents out of production hangs on this one name.
    @Test(arguments: ["TIDEMARK_ENV", "TIDEMARK_ENVIROMENT", "TIDEMARK_ENVIRONMENT_NAME"])
    func aVariableThatWasToSayProductionMakesNoClient(_ name: String) throws {
        var variables = variables
        variables["AWS_REGION"] = "eu-west-1"
        func refusals(_ value: String, _ environment: String?) throws -> [String] {
            variables[name] = value
            variables["TIDEMARK_ENVIRONMENT"] = environment
            let configuration = try TidemarkConfiguration.load(environment: variables)
            #expect(configuration.warnings.count + configuration.refusals.count == 1)
            return configuration.refusals
        }
        for environment in [nil, "test", "staging"] {
            #expect(
                try refusals("production", environment) == [
                    "\(name) is set, and nothing reads it: it says production, and the environment "
                        + "\"\(environment ?? "default")\" is none: did you mean TIDEMARK_ENVIRONMENT?"
                ])
        }
        #expect(try refusals("production", "production-eu") == [])
        #expect(try refusals("staging", nil) == [])
        variables[name] = "prod"
        variables["TIDEMARK_ENVIRONMENT"] = nil
        var configuration = try TidemarkConfiguration.load(environment: variables)
        #expect(throws: TidemarkError.self) { try DynamoDBClient(configuration: configuration) }
        configuration.environment = "production"
        #expect(configuration.refusals == [] && configuration.warnings.count == 1)
    }

    /// Whatever our own scripts and tests set, or the agent reads, is known.
    @Test func noVariableOfOursIsCalledAStranger() throws {
        let root = URL(fileURLWithPath: #filePath.components(separatedBy: "/Tests/")[0])
        var names: Set<String> = []
        for folder in ["scripts", "Tests", "Sources", ".ci"] {
            let files = FileManager.default.enumerator(
                at: root.appendingPathComponent(folder), includingPropertiesForKeys: nil)
            while let file = files?.nextObject() as? URL {
                guard let text = try? String(contentsOf: file, encoding: .utf8) else { continue }
                let uses =
                    /(?:environ(?:ment)?(?:\.get\(|\[)|variables\[|export |getenv\()"?(TIDEMARK_[A-Z_]+)|\$\{?(TIDEMARK_[A-Z_]+)/
                for use in text.matches(of: uses) { names.insert(String(use.1 ?? use.2 ?? "")) }
            }
        }
        #expect(
            names.isSuperset(of: ["TIDEMARK_DIR", "TIDEMARK_UPDATE_GOLDEN", "TIDEMARK_TEST_ENDPOINT", "TIDEMARK_FUZZ"]))
        // Those of the tests that are about strangers.
        names.subtract([
            "TIDEMARK_ENVIROMENT", "TIDEMARK_ENV", "TIDEMARK_ENDPOINT", "TIDEMARK_COLOUR", "TIDEMARK_REGION",
        ])
        #expect(OwnVariables.strangers(in: names).map(\.name) == [])
    }

    @Test func aCallWithLessTimeThanAnAttemptIsWarnedOf() throws {
        var variables = variables
        variables["AWS_REGION"] = "eu-west-1"
        variables["TIDEMARK_CALL_TIMEOUT_MS"] = "2000"
        var configuration = try TidemarkConfiguration.load(environment: variables)
        #expect(configuration.warnings.count == 1)
        #expect(configuration.warnings.first?.hasPrefix("`call-timeout-ms` (2.0 seconds) is below") == true)
        configuration.timeouts.attempt = .seconds(2)
        #expect(configuration.warnings.isEmpty)
    }

    /// Stalls are noticed where silence has the time to tell.
    @Test func callsTooShortForACircuitAreWarnedOf() throws {
        var variables = variables
        variables["AWS_REGION"] = "eu-west-1"
        var configuration = try TidemarkConfiguration.load(environment: variables)
        func isWarned(_ milliseconds: Int) -> Bool {
            configuration.callTimeout = .milliseconds(milliseconds)
            return configuration.warnings.contains { $0.contains("open the circuit of a table that answers nothing") }
        }
        #expect([1, 124, 125, 200, 500, 2_000].map(isWarned) == [true, true, false, false, false, false])
        configuration.circuit?.stall = .milliseconds(10)
        #expect(!isWarned(20) && isWarned(12))
        configuration.circuit = CircuitPolicy()
        configuration.timeouts.firstByte = .milliseconds(50)
        #expect(!isWarned(100))
        configuration.timeouts.firstByte = .seconds(3)
        configuration.circuit = nil
        #expect(!isWarned(100))
    }

    @Test func aClientSaysInItsLogWhatIsHardlyMeant() throws {
        var variables = variables
        variables["AWS_REGION"] = "eu-west-1"
        variables["TIDEMARK_ENDPOINT"] = "http://127.0.0.1:8000"
        let log = RecordingLog()
        var configuration = try TidemarkConfiguration.load(environment: variables)
        configuration.recordsCalls = false
        configuration.logger = Logger(label: "test") { _ in log }
        let client = try DynamoDBClient(configuration: configuration)
        let lines = log.lines.withLock { $0 }
        #expect(lines.map(\.level) == [.warning] && lines.first?.message.hasPrefix("TIDEMARK_ENDPOINT is set") == true)
        withExtendedLifetime(client) {}
    }

    /// As where a service changes its user and keeps `HOME`: AWS's tools start too.
    @Test func aSharedFileThatCannotBeReadAndNobodyAskedForIsAWarning() throws {
        var variables = variables
        variables["AWS_REGION"] = "eu-west-1"
        for name in ["config", "credentials"] {
            try FileManager.default.createDirectory(
                atPath: home.path(".aws/\(name)"), withIntermediateDirectories: true)
        }
        let warnings = try TidemarkConfiguration.load(environment: variables).warnings
        #expect(warnings.count == 2)
        #expect(
            warnings.first
                == "\(home.path)/.aws/config cannot be read (Is a directory) and is taken for one that is not there: set HOME "
                + "to this user's own home directory, or put a file there that this user can read")
        variables["AWS_REGION"] = nil
        let error = #expect(throws: TidemarkError.self) { try TidemarkConfiguration.load(environment: variables) }
        #expect(
            error?.message
                == "no AWS region is configured: set AWS_REGION, or `region` in profile \"default\" in "
                + "\(home.path)/.aws/config, since \(home.path)/.aws/config cannot be read (Is a directory): set HOME to "
                + "this user's own home directory, or put a file there that this user can read")
    }

    /// Whoever names a file or a profile means what is in it.
    @Test(arguments: ["AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])
    func aSharedFileThatSomebodyAskedForHasToBeReadable(_ variable: String) throws {
        var variables = variables
        variables["AWS_REGION"] = "eu-west-1"
        try FileManager.default.createDirectory(
            atPath: home.path(".aws/config"), withIntermediateDirectories: true)
        variables[variable] = variable == "AWS_PROFILE" ? "default" : home.path(".aws/config")
        let error = #expect(throws: TidemarkError.self) { try TidemarkConfiguration.load(environment: variables) }
        #expect(error?.message.hasPrefix("\(home.path)/.aws/config cannot be read (Is a directory): ") == true)
        if variable == "AWS_PROFILE" { #expect(error?.message.contains(": set HOME to this user's own") == true) }
    }

    /// botocore takes it first, other SDKs not at all: whose account it is must not hang on that unseen.
    @Test func aProfileThatNotAllToolsWouldTakeIsAWarning() throws {
        try home.write("[profile a]\nregion = eu-west-1\n[profile b]\nregion = eu-west-2\n", to: ".aws/config")
        func loaded(_ more: [String: String], code: [String: SettingValue] = [:]) throws -> (String, [String]) {
            let found = try TidemarkConfiguration.load(code: code, environment: variables.merging(more) { $1 })
            return (found.endpoint.region, found.warnings)
        }
        var (region, warnings) = try loaded(["AWS_DEFAULT_PROFILE": "a"])
        #expect(region == "eu-west-1" && warnings.count == 1)
        #expect(warnings.first?.hasPrefix("AWS_DEFAULT_PROFILE alone names the profile, \"a\", which other") == true)
        #expect(warnings.first?.hasSuffix(": set AWS_PROFILE instead") == true)
        (region, warnings) = try loaded(["AWS_DEFAULT_PROFILE": "a", "AWS_PROFILE": "b"])
        #expect(region == "eu-west-2" && warnings.count == 1)
        #expect(
            warnings.first?.hasPrefix("the profile is \"b\", and AWS_DEFAULT_PROFILE, which botocore") == true,
            "\(warnings)")
        (region, warnings) = try loaded(["AWS_DEFAULT_PROFILE": "a"], code: ["profile": "b"])
        #expect(region == "eu-west-2" && warnings.count == 1)
        (region, warnings) = try loaded(["AWS_DEFAULT_PROFILE": "a", "AWS_PROFILE": "a"])
        #expect(region == "eu-west-1" && warnings == [])
        (region, warnings) = try loaded(["AWS_DEFAULT_PROFILE": "", "AWS_PROFILE": "a"])
        #expect(region == "eu-west-1" && warnings == [])
        let error = #expect(throws: TidemarkError.self) { try loaded(["AWS_DEFAULT_PROFILE": "c"]) }
        #expect(error?.message.contains("the profile \"c\" of AWS_DEFAULT_PROFILE is neither in") == true)
    }

    /// A window of nothing counts nothing: the circuit would never open.
    @Test func aCircuitThatCannotWorkMakesNoClient() throws {
        var variables = variables
        variables["AWS_REGION"] = "eu-west-1"
        var configuration = try TidemarkConfiguration.load(environment: variables)
        configuration.recordsCalls = false
        let changes: [(String, (inout CircuitPolicy) -> Void)] = [
            ("window` is 0.0 seconds: use a time above zero", { $0.window = .zero }),
            ("openFor` is -1.0 seconds: use a time above zero", { $0.openFor = .seconds(-1) }),
            ("maximumOpen` is 0.0 seconds: use a time above zero", { $0.maximumOpen = .zero }),
            ("forgetAfter` is 0.0 seconds: use a time above zero", { $0.forgetAfter = .zero }),
            ("stall` is 0.0 seconds: use a time above zero", { $0.stall = .zero }),
            ("minimumFailures` is 0: use 1 or more", { $0.minimumFailures = 0 }),
            ("probes` is -1: use 1 or more", { $0.probes = -1 }),
            ("successesToClose` is 0: use 1 or more", { $0.successesToClose = 0 }),
            ("failureShare` is 1.5: use a share from 0 to 1", { $0.failureShare = 1.5 }),
            ("failureShare` is nan: use a share from 0 to 1", { $0.failureShare = .nan }),
        ]
        for (said, change) in changes {
            var policy = CircuitPolicy()
            change(&policy)
            configuration.circuit = policy
            #expect(configuration.refusals == ["`circuit.\(said), or nil for no circuit"])
            let error = #expect(throws: TidemarkError.self) { try DynamoDBClient(configuration: configuration) }
            #expect(error?.code == .configuration)
        }
        configuration.circuit = CircuitPolicy(failureShare: 0)
        #expect(configuration.refusals == [])
        configuration.circuit = nil
        #expect(configuration.refusals == [])
    }

    @Test func aFileOfAuthoritiesWithoutAnyMakesNoClient() throws {
        var variables = variables
        variables["AWS_REGION"] = "eu-west-1"
        variables["AWS_CA_BUNDLE"] = try home.write("nothing\n", to: "ca.pem")
        var configuration = try TidemarkConfiguration.load(environment: variables)
        configuration.recordsCalls = false
        let error = #expect(throws: TidemarkError.self) { try DynamoDBClient(configuration: configuration) }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("ca.pem holds no certificate") == true)
    }

    /// Three for each connection that is being made, and a few besides.
    @Test func moreConnectionsThanThereAreDescriptorsForAreWarnedOf() {
        #expect(TidemarkConfiguration.descriptorWarning(connections: 64, limit: 256) == nil)
        #expect(TidemarkConfiguration.descriptorWarning(connections: 330, limit: 1_024) == nil)
        #expect(TidemarkConfiguration.descriptorWarning(connections: 10_000, limit: .max) == nil)
        let warning = TidemarkConfiguration.descriptorWarning(connections: 400, limit: 1_024)
        #expect(
            warning?.message.hasPrefix(
                "`max-connections` (400) needs about 1232 file descriptors, and this process may have 1024") == true)
    }
}
