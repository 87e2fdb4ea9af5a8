import Foundation
import JSONBytes
import TestSupport
import Testing

/// What a person meets who gives a wrong file, a wrong address or no room: one clear sentence and the right exit code.
@Suite(.enabled(if: LocalAWS.endpoint != nil, LocalAWS.reason))
struct BadInputTests {
    @Test(arguments: BadInput.documents + BadInput.surroundings)
    func isAnsweredByOneSentenceAndItsExitCode(_ input: BadInput) async throws {
        try await Stage.play { stage in
            let arguments = try await input.arguments(stage)
            let end = try await stage.run(arguments, environment: input.environment)
            #expect(end.status == input.status, "\(end.errors)")
            expectOneSentence(end.errors)
            for words in input.sentence { #expect(end.errors.contains(words), "\"\(words)\" in: \(end.errors)") }
        }
    }

    @Test(arguments: [
        ["agent", "--no-such-option"], ["no-such-command"], ["replay"], ["agent", "--status-port"],
    ])
    func aCommandLineThatCannotBeReadNamesTheHelp(_ arguments: [String]) async throws {
        try await Stage.play { stage in
            let end = try await stage.run(arguments)
            #expect(end.status == 2, "\(end.errors)")
            #expect(end.errors.hasPrefix("Error: ") && end.errors.contains("--help' for more information"))
            #expect(end.output.isEmpty)
        }
    }

    /// One line, from us, in which a person finds no stack trace.
    private func expectOneSentence(_ errors: String, sourceLocation: SourceLocation = #_sourceLocation) {
        let lines = errors.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 2 && lines.last == "", "one line: \(errors)", sourceLocation: sourceLocation)
        #expect(errors.hasPrefix("tidemark: "), "\(errors)", sourceLocation: sourceLocation)
        for word in ["Fatal error", "Stack dump", "Optional(", ".swift:"] {
            #expect(!errors.contains(word), "\(errors)", sourceLocation: sourceLocation)
        }
    }

    @Test(.enabled(if: SmallFileSystem.isPossible, "a tmpfs can be mounted by root alone"))
    func twoServicesOnAFullTmpfsBothServe() async throws {
        let system = try #require(SmallFileSystem(bytes: 40 << 20))
        try await Stage.play { stage in
            try await stage.prepareTables()
            let calls = 400
            let place = ["--telemetry-dir", system.path, "--rate", "80"]
            let services = [try stage.startReplay(calls: calls, place), try stage.startReplay(calls: calls, place)]
            let before = try stage.proxy.seen("DynamoDB")
            try await eventually("the services' first calls") { try stage.proxy.seen("DynamoDB") > before + 40 }
            system.fill()
            #expect(system.freeBytes == 0)
            for service in services {
                let end = try await service.end()
                #expect(end.status == 0 && end.errors.isEmpty, "\(end.errors)")
            }
            #expect(try stage.tally().values.reduce(0, +) == 2 * calls)
            #expect(try stage.tally().keys.allSatisfy { $0.hasSuffix(" success") || $0.hasSuffix(" conditionFailed") })
            let late = try await stage.startReplay(calls: 50, ["--telemetry-dir", system.path]).end()
            #expect(late.status == 0, "a service that starts on a full tmpfs serves")
            expectOneSentence(late.errors)
            #expect(late.errors.contains(system.path) && late.errors.contains("not recorded"))
        }
    }

    @Test(arguments: ["random bytes", "nothing", "zeros"])
    func aTelemetryFileThatIsNoneIsSetAsideAndTheAgentGoesOn(_ content: String) async throws {
        try await Stage.play { stage in
            let file = "\(stage.telemetry)/stranger.tidemark"
            var generator = SeededGenerator(seed: 11)
            let bytes: [UInt8] =
                switch content {
                case "random bytes": (0..<300_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
                case "zeros": [UInt8](repeating: 0, count: 300_000)
                default: []
                }
            try Data(bytes).write(to: URL(fileURLWithPath: file))
            try await stage.prepareTables()
            let agent = try await stage.startAgent()
            try await eventually("the file is set aside") { FileManager.default.fileExists(atPath: file + ".refused") }
            #expect(!FileManager.default.fileExists(atPath: file))
            let replay = try await stage.startReplay(calls: 60).end()
            #expect(replay.status == 0)
            let end = try await agent.stop()
            #expect(end.status == 0)
            #expect(end.errors.split(separator: "\n").count { $0.contains("set aside as \(file).refused") } == 1)
            #expect(try await stage.storeTotals().calls == stage.tally(), "what is sound is counted")
        }
    }

    @Test func aServiceWhoseTelemetryDirectoryIsReadOnlyServesAllTheSame() async throws {
        let system = SmallFileSystem(bytes: 1 << 20, isReadOnly: true)
        try await Stage.play { stage in
            try await stage.prepareTables()
            let place = system?.path ?? stage.folder.path("read-only")
            if system == nil {
                try FileManager.default.createDirectory(
                    atPath: place, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o500])
            }
            let end = try await stage.startReplay(calls: 60, ["--telemetry-dir", place]).end()
            #expect(end.status == 0)
            #expect(try stage.tally().values.reduce(0, +) == 60)
            expectOneSentence(end.errors)
            #expect(
                end.errors.contains(place) && end.errors.contains("not recorded") && end.errors.contains("TIDEMARK_DIR")
            )
        }
    }
}
