import Foundation
import JSONBytes
import TestSupport
import Testing

/// `tidemark permissions` as a person runs it: policies on standard output, for a file or a pipe.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: Binary.path), "the command is not built"))
struct PermissionsCommandTests {
    private func run(_ arguments: [String]) async throws -> ChildProcess.End {
        let folder = try TemporaryDirectory()
        let end = try await ChildProcess(
            Binary.path, ["permissions"] + arguments, environment: [:], logs: "\(folder.path)/permissions"
        ).end()
        withExtendedLifetime(folder) {}
        return end
    }

    @Test func aServiceIsAllowedWhatItsContractNeeds() async throws {
        let place = ["--region", "eu-west-1", "--account", "123456789012"]
        let end = try await run(["service"] + Example.documents + place)
        let policy = try JSONValue.parse(Array(end.output.utf8))
        let statements = policy["Statement"]?.arrayValue ?? []
        #expect(end.status == 0 && statements.count > 3, "\(end.errors)")
        #expect(end.output.contains("arn:aws:dynamodb:eu-west-1:123456789012:table/Bikes/index/ByStation"))
        #expect(!end.output.contains("dynamodb:DeleteTable") && !end.output.contains("dynamodb:*"))
    }

    @Test func theOthersAreThoseOfTheFiles() async throws {
        for name in ["agent", "operator", "tables"] {
            let file = try String(
                contentsOfFile: "\(SharedFiles.packageRoot)/policies/\(name).json", encoding: .utf8)
            #expect(try await run([name]).output == file)
        }
        let own = try await run(["tables", Example.contract])
        #expect(own.output.contains(":table/Stations") && !own.output.contains(":table/*"))
    }

    @Test func whatCannotBeAPlaceIsRefused() async throws {
        let end = try await run(["service", Example.contract, "--account", "12"])
        #expect(end.status == 2 && end.errors.contains("--account is '12': give its 12 digits, or * for any"))
    }
}
