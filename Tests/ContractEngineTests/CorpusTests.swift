import ContractEngine
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Contracts as files: `Corpus/correct/NAME`, in which nothing may be found, and `Corpus/broken/RULE`, in which exactly that
/// rule must speak, and nothing once it is disabled.
enum Corpus {
    static let correct = names(in: "correct")
    static let broken = names(in: "broken")

    private static let root: String = {
        let parts = #filePath.split(separator: "/").dropLast()
        return "/" + parts.joined(separator: "/") + "/Corpus"
    }()

    private static func names(in folder: String) -> [String] {
        guard let directory = opendir("\(root)/\(folder)") else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// The report on a case, with whatever documents stand in its folder.
    static func report(_ folder: String, _ name: String, disabled: Set<String> = []) throws -> LintReport {
        func file(_ stem: String, _ endings: String...) -> String? {
            endings.map { "\(root)/\(folder)/\(name)/\(stem).\($0)" }.first { access($0, R_OK) == 0 }
        }
        let contract = try #require(file("contract", "json", "yaml"))
        let document = try ContractDocument.load(
            contractPath: contract, patternsPath: file("patterns", "md", "csv", "json", "yaml"),
            modelPath: file("model", "md"), mappingPath: file("mapping", "yaml"),
            interfacesPath: file("interfaces", "ts"))
        let suppressions = try file("suppressions", "yaml").map { try Suppressions.load(path: $0) }
        return LintReport(document, suppressions: suppressions, disabled: disabled)
    }
}

struct CorpusTests {
    @Test(arguments: Corpus.correct)
    func correctContractGivesNoFinding(_ name: String) throws {
        let report = try Corpus.report("correct", name)
        #expect(report.findings.map { "\($0.rule): \($0.message)" } == [])
    }

    /// What is asked of each rule's broken contract: that this rule speaks, and no other.
    private func passes(_ rule: String, disabled: Set<String> = []) throws -> Bool {
        Set(try Corpus.report("broken", rule, disabled: disabled).findings.map(\.rule)) == [rule]
    }

    @Test(arguments: LintRule.all.map(\.id))
    func brokenContractGivesItsRuleAndNoOther(_ rule: String) throws {
        #expect(try passes(rule))
    }

    /// Of every rule there is, whether it was here yesterday or is new: without it its test fails, without all others it does not.
    @Test(arguments: LintRule.all.map(\.id))
    func disablingTheRuleMakesItsTestFail(_ rule: String) throws {
        let all = Set(LintRule.all.map(\.id))
        #expect(try passes(rule, disabled: [rule]) == false)
        #expect(try Corpus.report("broken", rule, disabled: [rule]).findings.map(\.rule) == [])
        // Whether a suppression is of use is judged together with the rule that it suppresses.
        guard rule != "suppression-unused" else { return }
        #expect(try passes(rule, disabled: all.subtracting([rule])))
    }

    @Test func theExamplesContractGivesNotesAlone() throws {
        let folder = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Examples"
        let document = try ContractDocument.load(
            contractPath: "\(folder)/migrationContract.json", patternsPath: "\(folder)/access_patterns_with_rps.md",
            modelPath: "\(folder)/dynamodb_data_model.md")
        #expect(LintReport(document).findings.filter { $0.severity != .note }.map(\.message) == [])
    }

    @Test func everyRuleHasABrokenContract() {
        #expect(Set(Corpus.broken) == Set(LintRule.all.map(\.id)))
        #expect(Corpus.correct.count >= 20)
    }

    @Test(arguments: Corpus.broken)
    func everyFindingHasAPlaceASubjectAndAdvice(_ rule: String) throws {
        for finding in try Corpus.report("broken", rule).findings {
            #expect(finding.line >= 1 && finding.message.hasSuffix(".") && !finding.advice.isEmpty)
            #expect(finding.file.hasSuffix(".md") || finding.file.hasSuffix(".ts") || finding.column != nil)
            #expect(!finding.subject.isEmpty || finding.rule == "schema-violation")
        }
    }
}
