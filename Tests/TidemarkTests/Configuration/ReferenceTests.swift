import Foundation
import Testing
import Tidemark

/// The article "Configuration reference" says what the code does, since the code writes its table.
@Suite struct ReferenceTests {
    private static let path =
        #filePath.components(separatedBy: "/Tests/")[0]
        + "/Sources/Tidemark/Tidemark.docc/ConfigurationReference.md"
    private static let (begin, end) = ("<!-- settings: begin -->\n", "<!-- settings: end -->")

    @Test func theTableIsTheCodesOwn() throws {
        let text = try String(contentsOfFile: Self.path, encoding: .utf8)
        let before = try #require(text.range(of: Self.begin))
        let after = try #require(text.range(of: Self.end))
        let table = "\n" + TidemarkSetting.reference() + "\n"
        let now = text[..<before.upperBound] + table + text[after.lowerBound...]
        if ProcessInfo.processInfo.environment["TIDEMARK_UPDATE_GOLDEN"] == "1" {
            try now.write(toFile: Self.path, atomically: true, encoding: .utf8)
        }
        #expect(text == now, "TIDEMARK_UPDATE_GOLDEN=1 writes it anew")
    }

    @Test func noVariableStandsForTwoSettings() {
        let names = TidemarkSetting.all.flatMap(\.variables)
        #expect(Set(names).count == names.count)
        #expect(Set(TidemarkSetting.all.map(\.name)).count == TidemarkSetting.all.count)
        #expect(
            TidemarkSetting.all.allSatisfy {
                $0.about.hasSuffix(".") && !$0.standard.isEmpty && !$0.about.contains("|")
            })
    }
}
