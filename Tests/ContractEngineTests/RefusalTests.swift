import ContractEngine
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Files that mean harm, or are no contracts: each is refused in a sentence that says what to do.
struct RefusalTests {
    private func refusal(_ bytes: [UInt8], name: String = "c.json") -> String {
        do {
            _ = try ContractDocument.read(contract: SourceText(name: name, bytes: bytes))
            return ""
        } catch {
            return error.message
        }
    }

    @Test(arguments: [
        ("{\"tables\": [NaN]}", "JSON has no NaN and no Infinity; write a number or null"),
        ("{\"tables\": [-Infinity]}", "JSON has no NaN and no Infinity"),
        ("{\"tables\": [] // none\n}", "JSON has no comments; take it out"),
        ("{\"tables\": [],}", "is there a comma too many in front of it?"),
        ("{'tables': []}", "texts stand in double quotes"),
        ("{\"tables\": [", "the file ends too early: is it cut off?"),
    ])
    func almostJSONIsExplained(_ text: String, _ sentence: String) {
        #expect(refusal(Array(text.utf8)).contains(sentence))
    }

    @Test func otherEncodingsAreNamed() {
        #expect(refusal([0xFF, 0xFE, 0x7B, 0x00]).contains("the file is UTF-16 and not UTF-8"))
        #expect(refusal(Array("{\"tables\": \"".utf8) + [0xC3, 0x28] + Array("\"}".utf8)).contains("UTF-8"))
    }

    @Test func repeatedNamesAreAllTold() {
        let text = "{\"tables\": [],\n \"tables\": [],\n \"a\": {\"b\": 1, \"b\": 2}}"
        let told = refusal(Array(text.utf8))
        #expect(
            told.contains(
                "c.json:2:12: the name \"tables\" stands twice in one object, first on line 1; keep one (at /tables)"))
        #expect(told.contains("(at /a/b)"))
    }

    @Test func moreThanAMillionValuesAreRefused() {
        let text = "[" + String(repeating: "0,", count: 1_000_001) + "0]"
        #expect(refusal(Array(text.utf8)).contains("it has more than a million values"))
    }

    @Test func largeFileIsRefusedUnread() throws {
        let path = "/tmp/tidemark-large-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).json"
        let file = try #require(fopen(path, "w"))
        defer { unlink(path) }
        #expect(ftruncate(fileno(file), 50 << 20) == 0)
        fclose(file)
        do {
            _ = try ContractDocument.load(contractPath: path)
            Issue.record("50 MB were read")
        } catch {
            #expect(error.message == "\(path): the file is larger than 16 MB; is this really the document?")
        }
    }

    @Test func largeYAMLIsRefusedUnread() {
        #expect(refusal([UInt8](repeating: 0x20, count: 5 << 20), name: "c.yaml").contains("4 MB at most"))
    }

    @Test func manyProblemsAreCountedAndNotAllTold() {
        let text = "[" + (0..<500).map { _ in "7" }.joined(separator: ",") + "]"
        let told = refusal(Array(text.utf8)).split(separator: "\n")
        #expect(told.count == 201)
        #expect(told.last == "… and 300 more at least; mend these first")
    }

    @Test func idsWithoutEndAreBounded() {
        let cell = String(repeating: "AP1-999, ", count: 50_000)
        #expect(PatternID.all(in: cell).count == 999)
        #expect(PatternID.expand(cell) == [])
    }
}

struct SuppressionTests {
    private func report(_ text: String) throws -> LintReport {
        let document = try Bookshop.document(patterns: [("166 RPS", "200 RPS")])
        return LintReport(document, suppressions: try Suppressions.read(SourceText(name: "s.yaml", text: text)))
    }

    @Test func findingIsLivedWithForItsReason() throws {
        let report = try report("suppressions:\n  - rule: rps-total-differs\n    reason: the text is being rewritten\n")
        #expect(report.findings.map(\.rule) == ["rate-without-work"])
        #expect(report.suppressed.map(\.reason) == ["the text is being rewritten"])
        #expect(report.verdict == "1 warning; 1 suppressed")
        #expect(report.text().contains("· rps-total-differs total 200: the text is being rewritten"))
        #expect(
            report.sarif().contains(
                #""suppressions":[{"kind":"external","justification":"the text is being rewritten"}]"#))
    }

    @Test func subjectAndFileNarrowIt() throws {
        let other = try report("- {rule: rps-total-differs, subject: total 99, reason: x}\n")
        #expect(other.findings.map(\.rule).contains("rps-total-differs"))
        #expect(other.findings.map(\.rule).contains("suppression-unused"))
        let file = try report("- {rule: rps-total-differs, subjects: [total 200], file: patterns.md, reason: x}\n")
        #expect(file.suppressed.count == 1)
        #expect(try report("- {rule: rps-total-differs, file: model.md, reason: x}\n").suppressed.isEmpty)
    }

    @Test(arguments: [
        ("- {rule: rps-total-differs}", "has no `reason`"),
        ("- {rule: no-such, reason: x}", "there is no rule \"no-such\""),
        ("- {reason: x}", "names no `rule`"), ("a: 1", "must be an array"),
    ])
    func suppressionWithoutRuleOrReasonIsRefused(_ text: String, _ sentence: String) {
        do {
            _ = try Suppressions.read(SourceText(name: "s.yaml", text: text))
            Issue.record("it was read")
        } catch {
            #expect(error.message.hasPrefix("s.yaml:1:") && error.message.contains(sentence))
        }
    }
}
