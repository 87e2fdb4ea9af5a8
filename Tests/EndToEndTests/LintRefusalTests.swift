import Foundation
import JSONBytes
import TestSupport
import Testing

/// A pipeline that reads lint's report has one to read where the documents cannot be used, too. Needs no AWS.
struct LintRefusalTests {
    private func lint(_ text: String?, _ format: String) async throws -> ChildProcess.End {
        let folder = try TemporaryDirectory()
        let contract = folder.path("c.json")
        if let text { try text.write(toFile: contract, atomically: true, encoding: .utf8) }
        return try await ChildProcess(
            Binary.path, ["contract", "lint", contract, "--format", format], environment: [:], logs: folder.path("lint")
        ).end()
    }

    @Test(arguments: ["{\"tables\": [}", "[1]", nil])
    func sarifIsAWholeDocument(_ text: String?) async throws {
        let end = try await lint(text, "sarif")
        #expect(end.status == 2 && end.errors.hasPrefix("tidemark: "), "\(end.errors)")
        let run = try JSONValue.parse(Array(end.output.utf8))["runs"]?[0]
        #expect(run?["invocations"]?[0]?["executionSuccessful"]?.boolValue == false)
        let result = run?["results"]?[0]
        #expect(result?["ruleId"]?.stringValue == "file-refused")
        let place = result?["locations"]?[0]?["physicalLocation"]
        #expect(place?["artifactLocation"]?["uri"]?.stringValue?.hasSuffix("c.json") == true)
        #expect((place?["region"]?["startLine"]?.intValue ?? 0) >= 1)
    }

    @Test(arguments: ["{\"tables\": [}", "[1]", nil])
    func jsonSaysTheErrors(_ text: String?) async throws {
        let end = try await lint(text, "json")
        #expect(end.status == 2)
        let report = try JSONValue.parse(Array(end.output.utf8))
        #expect((report["errors"]?.intValue ?? 0) >= 1)
        let finding = report["findings"]?[0]
        let words = try #require(finding?["message"]?.stringValue)
        #expect(!words.isEmpty && end.errors.contains(words), "\(end.errors)")
    }

    @Test func textIsSaidOnStandardErrorAlone() async throws {
        let end = try await lint("{", "text")
        #expect(end.status == 2 && end.output.isEmpty && end.errors.hasPrefix("tidemark: "))
    }
}
