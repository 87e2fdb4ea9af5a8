import AgentCore
import TestSupport
import Testing

@Suite struct ConfigurationTests {
    private func load(_ text: String) throws -> AgentConfiguration {
        let directory = try TemporaryDirectory()
        let path = try directory.write(text, to: "agent.yaml")
        return try AgentConfiguration.load(
            path: path, environment: ["TIDEMARK_DIR": "/t", "TIDEMARK_DATA": "/d"])
    }

    private func problem(_ text: String) -> String {
        do {
            _ = try load(text)
            return "none"
        } catch let error as AgentError {
            #expect(error.code == .configuration)
            return String(error.message.drop { $0 != ":" }.dropFirst())
        } catch {
            return "\(error)"
        }
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
            resend-ambiguous: no
            keep-plain-keys: off
            region: eu-west-1
            cloudwatch-endpoint: http://127.0.0.1:4566
            store-budget-mb: 64
            hot-key-capacity: 200
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
    }

    @Test func anEmptyFileGivesTheDefaults() throws {
        let configuration = try load("\n# nothing\n")
        #expect(configuration.telemetryDirectory == "/t")
        #expect(configuration.dataDirectory == "/d")
        #expect(configuration.publishPeriod == .sixtySeconds)
        #expect(configuration.publish && configuration.resendAmbiguous && configuration.keepPlainKeys)
    }

    @Test func aMistakeIsNamedWithItsLineAndKey() {
        #expect(
            problem("service: a\nperiod: 15\n")
                == "2: `period` is 15, and CloudWatch takes 60, or 10, 20, 30 in high resolution.")
        #expect(problem("publish: maybe") == "1: `publish` is \"maybe\", and must be true or false.")
        #expect(problem("colour: red").hasPrefix("1: `colour` is no setting"))
        #expect(problem("region: a\n\nregion: b") == "3: `region` is there already in line 1; leave one of them.")
        #expect(problem("service:").hasPrefix("1: `service` has no value"))
        #expect(problem("service: a\n  region: b").hasPrefix("2: "))
        #expect(problem("hello").hasPrefix("1: \"hello\" is not `name: value`"))
        #expect(problem("patterns: p.md").contains("need a `contract`"))
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
}
