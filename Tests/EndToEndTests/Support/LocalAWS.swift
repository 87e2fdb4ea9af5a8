import Foundation
import TestSupport
import Testing

/// Where the tests find what they run against.
enum LocalAWS {
    /// The URL of a local AWS; `scripts/test` starts one and says where.
    static let endpoint: String? = ProcessInfo.processInfo.environment["TIDEMARK_TEST_ENDPOINT"]
    /// Said where the tests are skipped.
    static let reason: Comment = "TIDEMARK_TEST_ENDPOINT names no local AWS: scripts/test starts one"
    /// Region of everything here.
    static let region = "us-east-1"
}

/// The built command.
enum Binary {
    /// `TIDEMARK_TEST_BINARY`, else the one beside the test bundle.
    static let path: String = {
        let variables = ProcessInfo.processInfo.environment
        if let named = variables["TIDEMARK_TEST_BINARY"] ?? variables["TIDEMARK_BINARY"], !named.isEmpty {
            return named
        }
        let running = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let folders = ([running] + CommandLine.arguments).map {
            URL(fileURLWithPath: $0).deletingLastPathComponent().path
        }
        let places = folders + ["\(SharedFiles.packageRoot)/.build/debug"]
        let found = places.map { "\($0)/tidemark" }.first { FileManager.default.isExecutableFile(atPath: $0) }
        return found ?? "tidemark-was-not-built"
    }()
}

/// The documents of the example business.
enum Example {
    static let folder = "\(SharedFiles.packageRoot)/Examples"
    static let contract = "\(folder)/migrationContract.json"
    static let trace = "\(folder)/trace.jsonl"
    /// Contract and documents as the commands take them.
    static let documents = [
        contract, "--patterns", "\(folder)/access_patterns_with_rps.md", "--model", "\(folder)/dynamodb_data_model.md",
    ]
}

/// Waits until the condition holds; the limit is against hanging, not a measurement.
func eventually(
    _ what: String, limit: Duration = .seconds(120), _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now.advanced(by: limit)
    while try await !condition() {
        guard ContinuousClock.now < end else { throw WaitingFailed(description: "waited in vain: \(what)") }
        try await Task.sleep(for: .milliseconds(100))
    }
}
