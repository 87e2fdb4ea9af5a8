import ContractEngine
import ContractModel
import Testing

/// The overlay that docs/CONTRACT.md shows, on the real contract.
@Suite(.enabled(if: SharedDocuments.exist, "../shared is not here"))
struct OverlayExampleTests {
    private func overlay() throws -> String {
        let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let text = String(decoding: try SourceText.read(path: root + "/docs/CONTRACT.md").bytes, as: UTF8.self)
        let block = try #require(text.split(separator: "```yaml\n").dropFirst().first)
        return String(try #require(block.split(separator: "```").first))
    }

    @Test func isUnderstoodAndCharged() throws {
        let document = try ContractDocument.read(
            contract: SourceText(name: "c.json", text: try SharedDocuments.text(SharedDocuments.contract)),
            patterns: SourceText(name: "p.md", text: try SharedDocuments.text(SharedDocuments.patterns)),
            model: SourceText(name: "m.md", text: try SharedDocuments.text(SharedDocuments.model)),
            mapping: SourceText(name: "mapping.yaml", text: try overlay()))
        #expect(document.pattern("AP27")?.operations.map(\.operation) == ["UpdateItem"])
        let cart = capacity(of: document).pattern("AP38")
        #expect(
            cart?.charges.map { "\($0.operation) \($0.table) \($0.index ?? "")" } == [
                "Query Users GSI1", "Query Users ",
            ])
        // 100 × ⌈4,096 / 4,096⌉ × 0.5 for the user, 100 × ⌈12 × 4,096 / 4,096⌉ × 1 for the cart.
        #expect(cart?.charges.map(\.readUnitsPerSecond) == [50, 1200])
        #expect(!lint(document).contains { $0.rule == "operation-lacks-key" && $0.subject == "AP38" })
    }
}
