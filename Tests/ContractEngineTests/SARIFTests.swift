import ContractEngine
import JSONBytes
import Testing

/// SARIF as code hosts take it: files from the repository's folder, whole regions, fingerprints that outlive edits.
struct SARIFTests {
    private func report(_ file: String = "docs/contract.json", above: String = "") throws -> LintReport {
        let text =
            "{\(above)\n\"tables\": [{\"table\": \"Bücher\", \"pk\": \"id\", \"attributes\": [{\"name\": \"id\", \"type\": \"M\"}]}]}"
        return LintReport(try ContractDocument.read(contract: SourceText(name: file, text: text)))
    }

    private func run(_ report: LintReport, root: ReportRoot?) throws -> JSONValue {
        let sarif = try JSONValue.parse(Array(report.sarif(root: root, version: "1.2.3").utf8))
        return try #require(sarif["runs"]?[0])
    }

    private func location(_ report: LintReport, root: ReportRoot?, rule: String = "key-type") throws -> JSONValue {
        let results = try #require(try run(report, root: root)["results"]?.arrayValue)
        let result = try #require(results.first { $0["ruleId"]?.stringValue == rule })
        return try #require(result["locations"]?[0]?["physicalLocation"])
    }

    private let root = ReportRoot(path: "/home/me/shop/", workingDirectory: "/home/me/shop/schema")

    @Test(arguments: [
        ("contract.json", "schema/contract.json"), ("./a/../contract.json", "schema/contract.json"),
        ("../contract.json", "contract.json"), ("/home/me/shop/a b/ü.json", "a%20b/%C3%BC.json"),
    ])
    func filesAreNamedFromTheRepositorysFolder(file: String, uri: String) throws {
        let place = try location(try report(file), root: root)["artifactLocation"]
        #expect(place?["uri"]?.stringValue == uri)
        #expect(place?["uriBaseId"]?.stringValue == "%SRCROOT%")
        let base = try run(try report(file), root: root)["originalUriBaseIds"]?["%SRCROOT%"]
        #expect(base?["uri"]?.stringValue == "file:///home/me/shop/")
    }

    @Test(arguments: [
        ("/etc/contract.json", "file:///etc/contract.json"), ("../../x/c.json", "file:///home/me/x/c.json"),
    ])
    func filesOutsideItHaveTheirWholeURI(file: String, uri: String) throws {
        let place = try location(try report(file), root: root)["artifactLocation"]
        #expect(place?["uri"]?.stringValue == uri)
        #expect(place?["uriBaseId"] == nil)
    }

    @Test func theInnermostRepositoryIsTheRoot() {
        let found = ReportRoot.around(workingDirectory: "/home/me/shop/schema/deep") {
            ["/home/me", "/home/me/shop"].contains($0)
        }
        #expect(found == ReportRoot(path: "/home/me/shop", workingDirectory: "/home/me/shop/schema/deep"))
        let none = ReportRoot.around(workingDirectory: "/home/me") { _ in false }
        #expect(none == ReportRoot(path: "/home/me", workingDirectory: "/home/me"))
    }

    @Test func aRegionGoesFromItsColumnToTheLinesEndInUTF16() throws {
        let region = try location(try report(), root: nil)["region"]
        #expect(region?["startLine"]?.intValue == 2 && region?["endLine"]?.intValue == 2)
        // "Bücher" has a byte more than it has characters.
        #expect(region?["startColumn"]?.intValue == 59)
        #expect(region?["endColumn"]?.intValue == 90)
        let bytes = try report().findings.first { $0.rule == "key-type" }?.column
        #expect(bytes == 60)
    }

    @Test func everyResultHasAllThatCodeHostsAskFor() throws {
        let report = LintReport(
            try Bookshop.document(
                contract: [("\"type\": \"N\"", "\"type\": \"M\"")], patterns: [("166 RPS", "200 RPS")]))
        let run = try run(report, root: root)
        let rules = try #require(run["tool"]?["driver"]?["rules"]?.arrayValue)
        let ids = Set(rules.compactMap { $0["id"]?.stringValue })
        for rule in rules {
            for text in ["shortDescription", "fullDescription", "help"] {
                #expect(rule[text]?["text"]?.stringValue?.isEmpty == false)
                #expect((rule[text]?["text"]?.stringValue?.count ?? 0) < 1_024)
            }
            #expect(["error", "warning", "note"].contains(rule["defaultConfiguration"]?["level"]?.stringValue))
        }
        #expect(run["tool"]?["driver"]?["semanticVersion"]?.stringValue == "1.2.3")
        let results = try #require(run["results"]?.arrayValue)
        #expect(results.count == report.findings.count && results.count > 2)
        for result in results {
            #expect(ids.contains(result["ruleId"]?.stringValue ?? ""))
            let region = result["locations"]?[0]?["physicalLocation"]?["region"]
            for name in ["startLine", "startColumn", "endLine", "endColumn"] {
                #expect((region?[name]?.intValue ?? 0) >= 1)
            }
            #expect(result["partialFingerprints"]?["primaryLocationLineHash"]?.stringValue?.hasSuffix(":1") == true)
        }
    }

    @Test func aFingerprintStaysWhereverItsLineGoes() throws {
        func prints(_ report: LintReport) throws -> [String?] {
            let results = try run(report, root: root)["results"]?.arrayValue ?? []
            return results.map { $0["partialFingerprints"]?["primaryLocationLineHash"]?.stringValue }
        }
        #expect(try prints(report()) == prints(report(above: "\n\n\n")))
        #expect(Set(try prints(report())).count == (try prints(report())).count)
    }

    @Test func whatWasGuessedStandsAmongTheNotifications() throws {
        let document = try ContractDocument.read(
            contract: SourceText(
                name: "c.json",
                text: #"[{"table": "T", "type": "Table", "pk": "id", "attributes": {"id": {"type": "S"}}}]"#),
            patterns: SourceText(name: "p.md", text: "| ID | RPS |\n|---|---|\n| AP1 | 0,5 |\n"))
        let notes = try run(LintReport(document), root: nil)["invocations"]?[0]?["toolExecutionNotifications"]
        #expect(notes?[0]?["message"]?["text"]?.stringValue?.contains("is read as 0.5") == true)
    }
}
