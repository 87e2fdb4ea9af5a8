import Foundation
import TestSupport
import Testing

/// `tidemark generate` as a person runs it: its files, what it prints, and its exit codes.
@Suite(.enabled(if: LocalAWS.endpoint != nil, LocalAWS.reason))
struct GenerateCommandTests {
    private static let examples = "\(SharedFiles.packageRoot)/Examples"

    private func arguments(_ output: String, _ more: [String] = []) -> [String] {
        [
            "generate", "\(Self.examples)/migrationContract.json", "--patterns",
            "\(Self.examples)/access_patterns_with_rps.md", "--model", "\(Self.examples)/dynamodb_data_model.md",
            "--hints", "\(Self.examples)/tidemark-generate.yaml", "-o", output,
        ] + more
    }

    @Test func itWritesChecksAndLeavesAloneWhatIsNotItsOwn() async throws {
        try await Stage.play { stage in
            let folder = try TemporaryDirectory()
            let output = "\(folder.path)/Model"
            let before = try await stage.run(arguments(output, ["--check"]))
            #expect(before.status == 1 && before.output.contains("\(output)/Bike.swift would change"))
            #expect(!FileManager.default.fileExists(atPath: output))
            let first = try await stage.run(arguments(output))
            #expect(first.status == 0 && first.output.contains("12 files, 12 written, 0 removed"), "\(first.errors)")
            #expect(first.output.contains("AP8   RideRepository.listRiderRides            Query"))
            #expect(try await stage.run(arguments(output, ["--check"])).status == 0)
            let bike = "\(output)/Bike.swift"
            try "struct Bike {}\n".write(toFile: bike, atomically: true, encoding: .utf8)
            let refused = try await stage.run(arguments(output))
            #expect(refused.status == 4 && refused.errors.contains("Bike.swift was not generated and is left alone"))
            #expect(try String(contentsOfFile: bike, encoding: .utf8) == "struct Bike {}\n")
        }
    }

    @Test func whatItIsGeneratedFromMustBeRight() async throws {
        try await Stage.play { stage in
            let folder = try TemporaryDirectory()
            let hints = "\(folder.path)/hints.yaml"
            try "entities: {Boats: {name: Boat}}".write(toFile: hints, atomically: true, encoding: .utf8)
            let contract = "\(Self.examples)/migrationContract.json"
            let end = try await stage.run(["generate", contract, "--hints", hints, "-o", folder.path])
            #expect(end.status == 2 && end.errors.contains("the contract has no 'Boats'"))
            let missing = try await stage.run(["generate", "\(folder.path)/none.json", "-o", folder.path])
            #expect(missing.status == 2)
        }
    }
}
