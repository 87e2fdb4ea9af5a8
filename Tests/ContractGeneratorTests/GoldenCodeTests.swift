import ContractEngine
import ContractGenerator
import TestSupport
import Testing

/// What is generated of the example's contract is what stands in `Tests/GeneratedRepositories`, where it is compiled.
struct GoldenCodeTests {
    static func example() throws -> ContractDocument {
        let folder = "\(SharedFiles.packageRoot)/Examples"
        return try ContractDocument.load(
            contractPath: "\(folder)/migrationContract.json", patternsPath: "\(folder)/access_patterns_with_rps.md",
            modelPath: "\(folder)/dynamodb_data_model.md")
    }

    static func hints() throws -> GenerationHints {
        try GenerationHints.load(path: "\(SharedFiles.packageRoot)/Examples/tidemark-generate.yaml")
    }

    @Test func everyGeneratedFileIsTheOneThatWasReadAndSigned() throws {
        let code = try GeneratedCode.make(Self.example(), hints: Self.hints())
        #expect(code.files.count == 12)
        for file in code.files {
            let signed = try golden("Tests/GeneratedRepositories/\(file.name)", actual: file.text)
            #expect(file.text == signed, "\(file.name) differs")
        }
    }

    @Test func theSameContractGivesTheSameBytes() throws {
        let first = try GeneratedCode.make(Self.example(), hints: Self.hints())
        let second = try GeneratedCode.make(Self.example(), hints: Self.hints())
        #expect(first.files == second.files)
        let single = try GeneratedCode.makeSingleFile(Self.example(), hints: Self.hints(), name: "All.swift")
        #expect(single.files.count == 1)
        for file in first.files {
            // Behind the header and the imports.
            let body = file.text.split(separator: "\n").first { $0.hasPrefix("///") } ?? "?"
            #expect(single.files[0].text.contains(body))
        }
    }

    @Test func everyPatternOfTheExampleHasAMethod() throws {
        let code = try GeneratedCode.make(Self.example(), hints: Self.hints())
        #expect(code.patterns.count == 18)
        #expect(!code.patterns.contains { $0.contains("not generated") })
    }

    @Test(.enabled(if: SharedFiles.folder != nil))
    func theRealContractsPatternsAreServedScannedOrNamed() throws {
        let folder = try #require(SharedFiles.folder) + "/modernizer/artifacts/stage-02"
        let document = try ContractDocument.load(
            contractPath: "\(folder)/migrationContract.json", patternsPath: "\(folder)/access_patterns_with_rps.md",
            modelPath: "\(folder)/dynamodb_data_model.md")
        let code = try GeneratedCode.make(document)
        let lines = code.patterns.map { $0.split(separator: "\t").map(String.init) }
        #expect(Set(lines.map { $0[0] }).count == 48)
        #expect(lines.filter { $0[1] == "not generated" }.map { $0[0] } == ["AP6", "AP9", "AP18", "AP36"])
        #expect(
            lines.filter { $0[2].hasPrefix("Scan") }.map { $0[0] } == ["AP19", "AP20", "AP23", "AP24", "AP27", "AP28"])
        let category = try #require(code.files.first { $0.name == "Category.swift" })
        #expect(category.text.contains("item.key(\"PK\", \"ROOT\")"))
        let order = try #require(code.files.first { $0.name == "Order.swift" })
        #expect(order.text.contains(##"before: "#"))#\(item.part("order_id", orderID))"##))
        let patterns = try #require(code.files.first { $0.name == "AccessPatterns.swift" })
        #expect(patterns.text.contains("Only a Scan serves AP19, AP20, AP23, AP24, AP27, AP28."))
        #expect(patterns.text.contains("- AP6, Logout user: no work in DynamoDB."))
    }
}
