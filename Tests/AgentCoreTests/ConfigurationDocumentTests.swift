import AgentCore
import Foundation
import JSONBytes
import TestSupport
import Testing

@Suite struct ConfigurationDocumentTests {
    @Test func theSchemaIsWrittenFromTheSettings() throws {
        #expect(try golden("docs/agent.schema.json", actual: AgentSetting.schema()) == AgentSetting.schema())
    }

    @Test func theExampleIsReadAndNamesEverySetting() throws {
        let path = SharedFiles.packageRoot + "/Examples/agent.yaml"
        let effective = try EffectiveConfiguration.load(path: path, environment: [:])
        #expect(effective.configuration.contract != nil)
        let text = try packageText("Examples/agent.yaml")
        for setting in AgentSetting.all { #expect(text.contains("\(setting.name):"), "\(setting.name)") }
    }

    @Test func theManualNamesEverySettingAsItIs() throws {
        let text = try packageText("docs/AGENT.md")
        let head = try #require(text.range(of: "<!-- settings: written from AgentSetting -->\n"))
        let tail = try #require(text.range(of: "<!-- settings: end -->\n"))
        let now = text[..<head.upperBound] + AgentSetting.markdown() + text[tail.lowerBound...]
        #expect(try golden("docs/AGENT.md", actual: String(now)) == now)
    }

    /// Values at and beyond each border: what the reader takes the schema allows, and the other way round.
    @Test func schemaAndReaderAgreeOnEveryBorder() throws {
        let judge = try SchemaJudge(try packageText("docs/agent.schema.json"))
        // The schema cannot say that one retention is longer than another, nor read a contract.
        let left = ["contract", "patterns", "model", "mapping", "keep-5m-days", "keep-1h-days"]
        for setting in AgentSetting.all where !left.contains(setting.name) {
            for (yaml, json) in Self.candidates {
                // The schema does not know what a URL or a region looks like.
                if ["region", "cloudwatch-endpoint"].contains(setting.name), ["word", "debug", "\"10\""].contains(yaml)
                {
                    continue
                }
                let isAllowed = judge.allows(try JSONValue.parse(Array(json.utf8)), setting.name)
                #expect(reads("\(setting.name): \(yaml)") == isAllowed, "\(setting.name): \(yaml)")
            }
        }
    }

    private static let candidates: [(yaml: String, json: String)] =
        [
            "-1", "0", "1", "9", "10", "15", "20", "60", "128", "360", "361", "456", "3651", "10001", "65535", "65536",
            "1000001", "0.5", "0.8", "10.5", "true", "false", "\"10\"", "\"\"", "[]", "null", "{}",
        ].map { ($0, $0) } + [
            ("word", "\"word\""), ("debug", "\"debug\""), ("[pattern]", "[\"pattern\"]"), ("[x]", "[\"x\"]"),
            ("[table, index]", "[\"table\", \"index\"]"), ("[pattern, pattern]", "[\"pattern\", \"pattern\"]"),
        ]

    private func reads(_ text: String) -> Bool {
        guard let directory = try? TemporaryDirectory(), let path = try? directory.write(text, to: "agent.yaml") else {
            return false
        }
        return (try? AgentConfiguration.load(path: path, environment: [:])) != nil
    }
}
