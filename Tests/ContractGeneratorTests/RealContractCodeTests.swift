import ContractEngine
import ContractGenerator
import TestSupport
import Testing

/// What is generated of the real contract: the code that was read and signed, known by what it says of each pattern and by a
/// digest of each file. `scripts/check-plugin` compiles it.
@Suite(.enabled(if: SharedFiles.folder != nil, "../shared is not here"))
struct RealContractCodeTests {
    private static func code() throws -> GeneratedCode {
        let folder = try #require(SharedFiles.folder) + "/modernizer/artifacts/stage-02"
        return try GeneratedCode.make(
            ContractDocument.load(
                contractPath: "\(folder)/migrationContract.json", patternsPath: "\(folder)/access_patterns_with_rps.md",
                modelPath: "\(folder)/dynamodb_data_model.md"))
    }

    /// FNV-1a, 64 bits.
    private static func digest(_ text: String) -> String {
        let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    @Test func theCodeIsTheOneThatWasReadAndSigned() throws {
        let code = try Self.code()
        let files = code.files.map { "\(Self.digest($0.text)) \($0.name), \($0.text.utf8.count) bytes" }
        let text = (code.patterns + [""] + files).joined(separator: "\n") + "\n"
        let signed = try golden("Tests/ContractGeneratorTests/Golden/real-contract.txt", actual: text)
        #expect(text == signed)
    }

    private func repository(_ name: String) throws -> String {
        try #require(try Self.code().files.first { $0.name == "\(name)Repository.swift" }).text
    }

    @Test func updatesAreUpdatesOfTheTablesKey() throws {
        let orders = try repository("Order")
        #expect(!orders.contains("InGSI3"))
        #expect(
            orders.contains(
                #"let found = try await items.findKey(["order_id": orderID], index: "GSI3", pattern: "AP34", options: options)"#
            ))
        let users = try repository("User")
        #expect(!users.contains("InGSI1") && !users.contains("InGSI2"))
        #expect(users.contains(#"items.find(["username": username], index: "GSI2", pattern: "AP2", options: options)"#))
    }

    @Test func rootCategoriesNeedNoParentAndChildrenMayNameNone() throws {
        let categories = try repository("Category")
        let signature = try #require(categories.split(separator: "func getRootCategories(").last)
        #expect(!signature.prefix(60).contains("parentID"))
        #expect(signature.contains(#"["parent_id": nil], beginning"#))
        #expect(categories.contains("- parentID: nil for those at `ROOT`."))
    }

    @Test func categoriesAreFoundByTheirIDThroughAScanAlone() throws {
        let categories = try repository("Category")
        for name in ["getCategoryPathBreadcrumb", "getSingleCategoryByID", "updateCategory", "deleteCategory"] {
            let signature = try #require(categories.split(separator: "func \(name)(").last)
            #expect(signature.drop { $0.isWhitespace }.hasPrefix("categoryID: String,"), "\(name)")
        }
    }

    @Test func theWholeCartIsClearedAndRecentOrdersComeFirst() throws {
        #expect(
            try repository("Cart").contains(
                #"try await items.deleteAll(["user_email": userEmail], pattern: "AP42", options: options)"#))
        let recent = try #require(try repository("Order").split(separator: "func getRecentOrdersForUser(").last)
        #expect(recent.prefix(400).contains("ascending: Bool = false"))
    }

    @Test func theTypesSpeakEnglish() throws {
        let code = try Self.code()
        #expect(!code.files.contains { $0.text.contains("An user") || $0.text.contains(" 1 calls") })
    }

    /// What `lint` calls a Scan is generated as one, and nothing else is.
    @Test func lintAndGeneratorAgreeOnWhatNeedsAScan() throws {
        let folder = try #require(SharedFiles.folder) + "/modernizer/artifacts/stage-02"
        let document = try ContractDocument.load(
            contractPath: "\(folder)/migrationContract.json", patternsPath: "\(folder)/access_patterns_with_rps.md",
            modelPath: "\(folder)/dynamodb_data_model.md")
        let found = Set(lint(document).filter { $0.rule == "pattern-needs-scan" }.map(\.subject))
        let made = Set(
            try Self.code().patterns.filter { $0.split(separator: "\t").last?.hasPrefix("Scan") == true }.map {
                String($0.prefix { $0 != "\t" })
            })
        #expect(found == made)
        #expect(made == ["AP19", "AP20", "AP23", "AP24", "AP27", "AP28"])
    }
}
