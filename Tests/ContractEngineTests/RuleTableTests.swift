import ContractEngine
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The rules' table in docs/CONTRACT.md is made from the rules. `TIDEMARK_UPDATE_GOLDEN=1` writes it anew.
struct RuleTableTests {
    private let path = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/docs/CONTRACT.md"
    private let heading = "## The rules\n\n"

    @Test func documentHasTheRulesAsTheyAre() throws {
        let text = String(decoding: try SourceText.read(path: path).bytes, as: UTF8.self)
        let start = try #require(text.range(of: heading)?.upperBound)
        if getenv("TIDEMARK_UPDATE_GOLDEN") != nil {
            let updated = String(text[..<start]) + LintRule.markdownTable()
            let file = fopen(path, "w")
            defer { fclose(file) }
            #expect(fputs(updated, file) >= 0)
            return
        }
        #expect(String(text[start...]) == LintRule.markdownTable())
    }
}

extension String {
    fileprivate func range(of text: String) -> Range<String.Index>? { firstRange(of: text) }
}
