import AWSCore
import AgentCore
import Foundation
import TestSupport
import Testing

@Suite struct ConfigurationTests {
    private let environment = ["TIDEMARK_DIR": "/t", "TIDEMARK_DATA": "/d"]

    private func load(_ text: String) throws -> AgentConfiguration {
        let directory = try TemporaryDirectory()
        let path = try directory.write(text, to: "agent.yaml")
        return try AgentConfiguration.load(path: path, environment: environment)
    }

    /// Every mistake without the file's name in front.
    private func problems(_ text: String) -> [String] {
        do {
            _ = try load(text)
            return []
        } catch let error as AgentError {
            #expect(error.code == .configuration)
            let lines = error.message.split(separator: "\n").map(String.init)
            return (lines.count > 1 ? Array(lines.dropFirst()) : lines).map { line in
                String(line.split(separator: "agent.yaml", maxSplits: 1).last ?? "")
            }
        } catch {
            return ["\(error)"]
        }
    }

    /// No shell has put a home directory in its place, and services would look elsewhere.
    @Test func aDirectoryThatOnlyAShellUnderstandsIsRefusedWherever() throws {
        let shell = "begins with ~, which means something to a shell alone: write the whole path."
        for (name, variable) in [("telemetry", "TIDEMARK_DIR"), ("data", "TIDEMARK_DATA")] {
            for path in ["~", "~/tide"] {
                var variables = environment
                variables[variable] = path
                let ofVariable = #expect(throws: AgentError.self) {
                    try EffectiveConfiguration.load(path: nil, environment: variables)
                }
                #expect(ofVariable?.message == "the \(name) directory \(path) \(shell)")
                let option = AgentOption("\(name)-directory", option: "--\(name)", value: path)
                let ofOption = #expect(throws: AgentError.self) {
                    try EffectiveConfiguration.load(path: nil, options: [option], environment: environment)
                }
                #expect(ofOption?.message == ofVariable?.message && ofOption?.code == .configuration)
                // As an embedded agent is given it.
                let directory = try TemporaryDirectory()
                var settings = AgentConfiguration(
                    telemetryDirectory: directory.path("t"), dataDirectory: directory.path("d"))
                if name == "data" { settings.dataDirectory = path } else { settings.telemetryDirectory = path }
                let ofAgent = #expect(throws: AgentError.self) { try Agent(configuration: settings, cloudWatch: nil) }
                #expect(ofAgent?.message == ofVariable?.message)
            }
        }
        #expect(FileManager.default.fileExists(atPath: "~") == false)
    }

    @Test func aFileFromAWindowsEditorIsReadAlike() throws {
        let configuration = try load("\u{FEFF}service: checkout\r\npublish: false\r\nperiod: 10\r\n")
        #expect(configuration.service == "checkout")
        #expect(!configuration.publish)
        #expect(configuration.publishPeriod == .tenSeconds)
    }

    @Test func everySettingIsTaken() throws {
        let configuration = try load(
            """
            ---
            # beside the checkout service
            telemetry-directory: /run/tidemark
            data-directory: "/var/lib/tide # mark"   # quotes keep the sign
            service: checkout
            environment: production
            period: 10
            publish: false
            resend-ambiguous: false
            keep-plain-keys: false
            region: eu-west-1
            cloudwatch-endpoint: http://127.0.0.1:4566
            store-budget-mb: 64
            hot-key-capacity: 200
            metrics: [pattern, index]
            budget-dollars-a-month: 12.5
            percentile-error-percent: 2
            keep-fine-hours: 24
            keep-5m-days: 7
            keep-1h-days: 90
            status-port: 8080
            log-level: debug
            """)
        #expect(configuration.telemetryDirectory == "/run/tidemark")
        #expect(configuration.dataDirectory == "/var/lib/tide # mark")
        #expect(configuration.service == "checkout")
        #expect(configuration.environment == "production")
        #expect(configuration.publishPeriod == .tenSeconds)
        #expect(!configuration.publish && !configuration.resendAmbiguous && !configuration.keepPlainKeys)
        #expect(configuration.region == "eu-west-1")
        #expect(configuration.cloudWatchEndpoint == "http://127.0.0.1:4566")
        #expect(configuration.storeBudgetInBytes == 64 << 20)
        #expect(configuration.hotKeyCapacity == 200)
        #expect(configuration.metrics == [.pattern, .index])
        #expect(configuration.budgetInDollarsAMonth == 12.5)
        #expect(configuration.percentileErrorInPercent == 2)
        #expect(configuration.history.fineHours == 24 && configuration.history.fiveMinuteDays == 7)
        #expect(configuration.history.hourDays == 90)
        #expect(configuration.statusPort == 8_080)
        #expect(configuration.logLevel == .debug)
    }

    @Test(arguments: ["", "\n# nothing\n", "---\n", "~\n"])
    func anEmptyFileGivesTheDefaults(_ text: String) throws {
        let configuration = try load(text)
        #expect(configuration.telemetryDirectory == "/t")
        #expect(configuration.dataDirectory == "/d")
        #expect(configuration.publishPeriod == .sixtySeconds)
        #expect(configuration.publish && configuration.resendAmbiguous && configuration.keepPlainKeys)
        #expect(configuration.metrics == MetricGrouping.standard && configuration.statusPort == nil)
    }

    @Test(arguments: [
        (
            "service: a\nperiod: 15\n",
            ":2:9: `period` is the number \"15\", and must be one of 10, 20, 30, 60, in seconds."
        ),
        ("publish: maybe", ":1:10: `publish` is the text \"maybe\", and must be true or false."),
        ("publish: \"true\"", ":1:10: `publish` is the text \"true\", and must be true or false."),
        ("colour: red", ":1:1: `colour` is no setting; there are telemetry-directory, "),
        ("perid: 10", ":1:1: `perid` is no setting; did you mean `period`."),
        ("region: eu-west-1\n\nregion: eu-west-2", ":3:1: `region` is there already in line 1; leave one of them."),
        ("service:", ":1:1: `service` has no value, and must be text that is not empty."),
        ("service: 7", ":1:10: `service` is the number \"7\", and must be text that is not empty."),
        (
            "store-budget-mb: 0",
            ":1:18: `store-budget-mb` is the number \"0\", and must be a whole number from 1 to 1000000, in MB."
        ),
        ("store-budget-mb: 1.5", ":1:18: `store-budget-mb` is the number \"1.5\", and must be a whole number"),
        (
            "metrics: pattern",
            ":1:10: `metrics` is the text \"pattern\", and must be a list of one or more of pattern, "
        ),
        ("metrics: [pattern, pattern]", ":1:20: `metrics` has \"pattern\" again as item 2, and must be a list of"),
        ("metrics:\n  - pattern\n  - tabel\n", ":3:5: `metrics` has the text \"tabel\" as item 2, and must be"),
        ("metrics: [service, 7]", ":1:20: `metrics` has the number \"7\" as item 2, and must be a list of one or more"),
        ("metrics: [service, [table]]", ":1:20: `metrics` has the list [table] as item 2, and must be"),
        ("metrics: []", ":1:10: `metrics` is the list [], and must be a list of one or more"),
        ("service: {a: b}", ":1:10: `service` is a mapping, and must be text"),
        ("service: \"checkout", ": this is not YAML"),
        ("service: a\n  region: b", ":2:"),
        ("hello", ":1:1: a configuration is one `name: value` a line"),
        ("- a\n- b", ":1:1: a configuration is one `name: value` a line"),
        ("patterns: p.md", ":1:11: `patterns` needs a `contract` beside it; add it."),
        ("\ncontract: gone.json", ":2:11: `contract` names /"),
        (
            "cloudwatch-endpoint: ftp://x",
            ":1:22: `cloudwatch-endpoint` cannot be used: the endpoint URL \"ftp://x\" of the given endpoint does not start with "
        ),
        ("region: EU West", ":1:9: `region` names no region: "),
        ("keep-fine-hours: 100\nkeep-5m-days: 2", ":1:18: `keep-fine-hours` makes the fine windows stay 100 h"),
        (
            "keep-5m-days: 1",
            ":1:15: `keep-5m-days` makes the fine windows stay 48 h, longer than those of five minutes "
                + "(1 day); keep-5m-days must"
        ),
        (
            "telemetry-directory: /tmp\ndata-directory: /tmp/.",
            ":2:17: `data-directory` cannot stay: telemetry and data directory are both /tmp: name two, since services write to "
        ),
        (
            "telemetry-directory: ~/tel",
            ":1:22: `telemetry-directory` is \"~/tel\", and `~` means nothing here; write the whole path."
        ),
        ("keep-1h-days: 10", ":1:15: `keep-1h-days` makes the windows of five minutes stay 15 days"),
    ])
    func aMistakeIsNamedWithItsPlaceAndWhatIsAllowed(_ text: String, _ expected: String) throws {
        let found = problems(text)
        #expect(found.count == 1, "\(found)")
        // The scanner says where a quote that is never closed began to hurt, which is the end of the file.
        let first = try #require(found.first)
        #expect(
            expected.hasPrefix(":") && expected.contains("YAML") ? first.contains(expected) : first.hasPrefix(expected),
            "\(first)")
    }

    @Test func anEndpointThatIsNoneIsAnsweredWithOneOfItsOwnService() throws {
        #expect(problems("cloudwatch-endpoint: ftp://x").first?.contains("https://monitoring.eu-central-1.") == true)
        let error = #expect(throws: AWSConfigurationError.self) {
            try AWSEndpoint.resolve(service: .dynamoDB, explicit: "x", region: "eu-west-1", environment: [:])
        }
        #expect(error?.message.contains("https://dynamodb.eu-central-1.") == true)
    }

    @Test func noMessageEndsWithTwoFullStops() {
        let problem = problems("budget-dollars-a-month: 0.1").first
        #expect(problem?.hasSuffix("publish fewer sets with `metrics`.") == true, "\(problem ?? "nothing")")
        #expect(problem?.hasSuffix("..") == false)
    }

    @Test func allMistakesOfAFileAreNamedAtOnce() {
        let found = problems(
            """
            colour: red
            period: 15
            publish: true
            publish: 3
            region: eu-west-1
            metrics: [none]
            region: 5
            contract: nowhere.json
            """)
        #expect(
            found.map { String($0.prefix(5)) } == [":1:1:", ":2:9:", ":4:1:", ":6:11", ":7:1:", ":8:11"], "\(found)")
    }

    @Test func aContractThatIsWrongIsBlamedOnItsLine() throws {
        let directory = try TemporaryDirectory()
        try directory.write("{\"tables\": [", to: "bad.json")
        let path = try directory.write("service: a\ncontract: bad.json\n", to: "agent.yaml")
        let error = #expect(throws: AgentError.self) { try AgentConfiguration.load(path: path, environment: [:]) }
        #expect(
            error?.message.hasPrefix("\(path):2:11: `contract` cannot be used: \(directory.path("bad.json")):1") == true
        )
    }

    @Test func aMissingFileIsOneSentence() {
        let error = #expect(throws: AgentError.self) {
            try AgentConfiguration.load(path: "/nowhere/agent.yaml", environment: [:])
        }
        #expect(
            error?.message == "/nowhere/agent.yaml: the configuration cannot be read: no such file or directory; "
                + "name another file with --config.")
    }

    @Test func theDataDirectoryFollowsTheEnvironment() {
        #expect(
            AgentConfiguration.defaultDataDirectory(environment: ["TIDEMARK_DATA": "/x", "STATE_DIRECTORY": "/y"])
                == "/x")
        #expect(AgentConfiguration.defaultDataDirectory(environment: ["STATE_DIRECTORY": "/y:/z"]) == "/y")
    }

    @Test func optionsWinOverTheFileAndTheFileOverTheEnvironment() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("period: 20\nservice: shop\nlog-level: error\n", to: "agent.yaml")
        let effective = try EffectiveConfiguration.load(
            path: path, options: [AgentOption("period", option: "--period", value: "10")], environment: environment)
        #expect(effective.configuration.publishPeriod == .tenSeconds && effective.configuration.service == "shop")
        #expect(effective.origins["period"] == .option("--period"))
        #expect(effective.origins["service"] == .file(line: 2))
        #expect(effective.origins["telemetry-directory"] == .variable("TIDEMARK_DIR"))
        #expect(effective.origins["metrics"] == nil)
        let text = effective.text(environment: ["AWS_REGION": "eu-west-1"])
        for line in [
            "telemetry-directory       /t ", "$TIDEMARK_DIR", "period                    10 seconds ", "--period",
            "\(path):3", "https://monitoring.eu-west-1.amazonaws.com/",
        ] {
            #expect(text.contains(line), "\(text)")
        }
    }

    @Test func anOptionThatIsWrongIsNamedAsTheOption() {
        let error = #expect(throws: AgentError.self) {
            try EffectiveConfiguration.load(
                path: nil, options: [AgentOption("period", option: "--period", value: "15")], environment: [:])
        }
        #expect(error?.message == "--period is \"15\", and must be one of 10, 20, 30, 60, in seconds.")
    }

    @Test func whatNeedsARestartIsTold() throws {
        let directory = try TemporaryDirectory()
        let before = try directory.write("period: 20\nmetrics: [pattern]\n", to: "a.yaml")
        let after = try directory.write("period: 10\nmetrics: [table]\nlog-level: debug\n", to: "b.yaml")
        let (old, new) = (
            try EffectiveConfiguration.load(path: before, environment: environment),
            try EffectiveConfiguration.load(path: after, environment: environment)
        )
        let changes = old.changes(to: new)
        #expect(changes.reloadable == ["metrics", "log-level"] && changes.needRestart == ["period"])
    }
}
