import Foundation
import TestSupport
import Testing

/// How rates were read that could mean something else is said by whatever command reads them.
@Suite(.enabled(if: LocalAWS.endpoint != nil, LocalAWS.reason))
struct PatternNotesTests {
    private static let contract = """
        {"tables": [{"table": "Things", "source_table": "things", "pk": "id", "satisfies": ["AP1"],
         "estimated_item_size_bytes": 100, "attributes": [{"name": "id", "type": "S", "source_column": "id"}]}]}
        """

    @Test(arguments: [
        ["contract", "show"], ["contract", "capacity"], ["contract", "capacity", "--format", "json"],
        ["tables", "render"], ["tables", "plan"], ["generate", "-o", "OUT"],
    ])
    func everyCommandThatReadsPatternsSaysIt(command: [String]) async throws {
        try await Stage.play { stage in
            let folder = try TemporaryDirectory()
            let (contract, patterns) = ("\(folder.path)/c.json", "\(folder.path)/p.md")
            try Self.contract.write(toFile: contract, atomically: true, encoding: .utf8)
            try "| ID | RPS | Type |\n|---|---|---|\n| AP1 | 0,5 | Read |\n".write(
                toFile: patterns, atomically: true, encoding: .utf8)
            let arguments = command.map { $0 == "OUT" ? "\(folder.path)/out" : $0 }
            let end = try await stage.run(arguments + [contract, "--patterns", patterns])
            let note =
                "note: \(patterns):3: the rate of AP1, \"0,5\", is read as 0.5: its comma is taken for the decimal sign\n"
            #expect(end.errors.contains(note), "\(end.errors)")
            #expect(!end.output.contains("note:"))
        }
    }
}
