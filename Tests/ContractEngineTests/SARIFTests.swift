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

    // MARK: documents that cannot be used

    private let unusable = SourceText(name: "docs/contract.json", text: "{\n\"Bücher\": \"x\" \"y\"}")

    private func refused(_ source: SourceText) throws -> LintReport {
        do throws(ContractError) {
            _ = try ContractDocument.read(contract: source)
        } catch {
            return LintReport(refused: error, texts: [source])
        }
        throw WasRead()
    }

    private struct WasRead: Error {}

    @Test func aDocumentThatCannotBeUsedIsAResultInItsPlace() throws {
        let run = try run(refused(unusable), root: root)
        #expect(run["invocations"]?[0]?["executionSuccessful"]?.boolValue == false)
        let results = try #require(run["results"]?.arrayValue)
        #expect(results.count == 1)
        let result = try #require(results.first)
        #expect(result["ruleId"]?.stringValue == "file-refused" && result["level"]?.stringValue == "error")
        let rules = run["tool"]?["driver"]?["rules"]?.arrayValue ?? []
        #expect(rules.contains { $0["id"]?.stringValue == "file-refused" })
        let place = result["locations"]?[0]?["physicalLocation"]
        #expect(place?["artifactLocation"]?["uri"]?.stringValue == "schema/docs/contract.json")
        let region = place?["region"]
        #expect(region?["startLine"]?.intValue == 2 && region?["startColumn"]?.intValue == 15, "\(run)")
        #expect(result["message"]?["text"]?.stringValue?.hasSuffix(" ") == false)
        #expect(try self.run(report(), root: root)["invocations"]?[0]?["executionSuccessful"]?.boolValue == true)
    }

    @Test func ofVeryManyProblemsTheFirstAreTold() {
        let problem = ContractError.Problem(file: "c.json", line: 7, text: "wrong")
        let report = LintReport(refused: ContractError(problems: Array(repeating: problem, count: 1_000)))
        #expect(report.findings.count == 201)
        #expect(report.findings.last?.message == "there are 800 more at least; mend these first")
    }

    @Test func aFileThatIsNotThereIsAResultToo() throws {
        let error = ContractError(file: "none.json", text: "cannot be read: No such file or directory")
        let region = try location(LintReport(refused: error), root: root, rule: "file-refused")["region"]
        #expect(region?["startLine"]?.intValue == 1 && region?["startColumn"]?.intValue == 1)
    }

    @Test func jsonSaysWhyADocumentCannotBeUsed() throws {
        let report = try JSONValue.parse(Array(try refused(unusable).json().utf8))
        #expect(report["errors"]?.intValue == 1 && report["guesses"]?.arrayValue?.isEmpty == true)
        let finding = report["findings"]?[0]
        #expect(finding?["rule"]?.stringValue == "file-refused" && finding?["line"]?.intValue == 2)
        #expect(finding?["message"]?.stringValue?.isEmpty == false)
    }
}
