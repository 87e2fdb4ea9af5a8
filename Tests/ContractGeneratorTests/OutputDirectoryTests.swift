import ContractEngine
import ContractGenerator
import Foundation
import TestSupport
import Testing

struct OutputDirectoryTests {
    private func code() throws -> GeneratedCode {
        try GeneratedCode.make(GoldenCodeTests.example(), hints: GoldenCodeTests.hints())
    }

    @Test func generatingAgainWritesNothing() throws {
        let folder = try TemporaryDirectory()
        let directory = OutputDirectory(path: "\(folder.path)/a/b")
        let code = try code()
        let first = try directory.compare(code)
        #expect(first.changed.count == 12 && first.stale.isEmpty && first.foreign.isEmpty)
        try directory.write(code, first)
        #expect(try directory.compare(code).isEmpty)
    }

    @Test func aFileOfSomebodysOwnIsNeverWrittenOrRemoved() throws {
        let folder = try TemporaryDirectory()
        let directory = OutputDirectory(path: folder.path)
        let own = "extension Bike {}\n"
        try own.write(toFile: "\(folder.path)/Bike.swift", atomically: true, encoding: .utf8)
        try own.write(toFile: "\(folder.path)/Bike+Own.swift", atomically: true, encoding: .utf8)
        let code = try code()
        let difference = try directory.compare(code)
        #expect(difference.foreign == ["Bike.swift"])
        #expect(!difference.changed.contains("Bike.swift"))
        try directory.write(code, difference)
        #expect(try String(contentsOfFile: "\(folder.path)/Bike.swift", encoding: .utf8) == own)
        #expect(try String(contentsOfFile: "\(folder.path)/Bike+Own.swift", encoding: .utf8) == own)
    }

    @Test func aGeneratedFileThatWasEditedOrIsNotMadeAnyMoreIsFound() throws {
        let folder = try TemporaryDirectory()
        let directory = OutputDirectory(path: folder.path)
        let code = try code()
        try directory.write(code, try directory.compare(code))
        let bike = "\(folder.path)/Bike.swift"
        let text = try String(contentsOfFile: bike, encoding: .utf8)
        try (text + "// edited\n").write(toFile: bike, atomically: true, encoding: .utf8)
        let header = text.split(separator: "\n")[0] + "\n"
        try header.write(toFile: "\(folder.path)/Boat.swift", atomically: true, encoding: .utf8)
        try (GeneratedCode.mark + "another.json.\n").write(
            toFile: "\(folder.path)/Other.swift", atomically: true, encoding: .utf8)
        let difference = try directory.compare(code)
        #expect(difference.changed == ["Bike.swift"])
        #expect(difference.stale == ["Boat.swift"])
        try directory.write(code, difference)
        #expect(try directory.compare(code).isEmpty)
        #expect(FileManager.default.fileExists(atPath: "\(folder.path)/Other.swift"))
    }

    @Test func aDirectoryThatCannotBeMadeIsNamed() throws {
        let folder = try TemporaryDirectory()
        try "".write(toFile: "\(folder.path)/file", atomically: true, encoding: .utf8)
        let directory = OutputDirectory(path: "\(folder.path)/file/below")
        let code = try code()
        let failure = #expect(throws: OutputDirectory.Failure.self) {
            try directory.write(code, try directory.compare(code))
        }
        #expect(failure?.description.contains("/file") == true)
    }
}
