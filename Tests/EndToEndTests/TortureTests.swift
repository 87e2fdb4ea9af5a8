import Foundation
import TestSupport
import Testing

/// The short form of `scripts/torture`: some rounds of each scenario on the built programs.
@Suite(.serialized) struct TortureTests {
    /// A scenario and how many of its rounds fit into the suite.
    struct Scenario: Sendable, CustomTestStringConvertible {
        var name: String
        var rounds: Int
        var testDescription: String { name }
    }

    static let scenarios = [
        Scenario(name: "kill-service", rounds: 12), Scenario(name: "kill-agent", rounds: 12),
        Scenario(name: "kill-both", rounds: 6), Scenario(name: "kill-publishing", rounds: 10),
        Scenario(name: "process-numbers", rounds: 4), Scenario(name: "interrupted-first-start", rounds: 3),
        Scenario(name: "interrupted-later-start", rounds: 3), Scenario(name: "lost-store", rounds: 6),
        Scenario(name: "damaged-store", rounds: 10), Scenario(name: "damaged-files", rounds: 8),
        Scenario(name: "outage", rounds: 60),
    ]

    @Test(arguments: scenarios) func everyCallIsCountedOnce(scenario: Scenario) async throws {
        let folder = try TemporaryDirectory()
        let scripts = "\(SharedFiles.packageRoot)/scripts"
        let built = URL(fileURLWithPath: Binary.path).deletingLastPathComponent().path
        let faults = folder.path("libfaults.so")
        let script = """
            . '\(scripts)/lib/setup.sh' && compile_faults '\(faults)' && PYTHONDONTWRITEBYTECODE=1 exec python3 \
            '\(scripts)/lib/torture.py' --built '\(built)' --faults '\(faults)' --scenario \(scenario.name) \
            --rounds \(scenario.rounds) --seed 20261126
            """
        let torture = try ChildProcess(
            "/bin/bash", ["-c", script], environment: ProcessInfo.processInfo.environment, logs: folder.path("torture"))
        let end = try await torture.end(limit: .seconds(600))
        #expect(end.status == 0, "\(end.output)\(end.errors)")
        #expect(end.output.contains("exact"), "\(end.output)")
    }
}
