import AWSCore
import Foundation
import Glibc
import Telemetry
import TestSupport
import Testing

@testable import AgentCore

/// A service whose file was refused lives on: it is measured again as soon as it has made a new one, and however often that
/// happens, the directory does not fill.
@Suite struct RefusedFileTests {
    private func damage(_ fixture: AgentFixture) throws -> String {
        let path = try #require(TelemetryDirectory.files(in: fixture.configuration.telemetryDirectory).first)
        let file = open(path, O_WRONLY)
        defer { close(file) }
        // So many series there cannot be.
        var word: UInt64 = 5_000
        #expect(pwrite(file, &word, 8, 136) == 8)
        return path
    }

    private func refused(_ fixture: AgentFixture) -> [String] {
        fixture.telemetryNames.filter { $0.hasSuffix(".refused") }
    }

    @Test func aLivingServiceWhoseFileWasRefusedIsMeasuredAgain() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call(times: 5)
        await fixture.pass(1, agent)
        let path = try damage(fixture)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        await fixture.pass(1, agent)
        #expect(access(path, F_OK) != 0)
        // Behind it stands whose it was.
        #expect(try Data(contentsOf: URL(fileURLWithPath: path + ".refused")).prefix(bytes.count) == bytes)
        service.writer.look()
        service.call(times: 4)
        await fixture.pass(1, agent)
        #expect(try fixture.store().callCount() == 9)
        let said = try fixture.notices("fileRefused")
        #expect(said.count == 1 && said[0].contains("its service makes a new one"), "\(said)")
    }

    @Test func aServiceThatGoesOnWritingBadFilesDoesNotFillTheDirectory() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        var last = ""
        for _ in 0..<AgentLimits.refusedFiles + 4 {
            service.call()
            await fixture.pass(1, agent)
            last = try damage(fixture)
            await fixture.pass(1, agent)
            service.writer.look()
        }
        #expect(refused(fixture).count == AgentLimits.refusedFiles)
        #expect(access(last + ".refused", F_OK) == 0, "the newest is kept")
        #expect(try fixture.store().callCount() == service.made)
        // Nor do the files of processes that have ended.
        service.end()
        for number in 0..<UInt64(AgentLimits.refusedFiles + 2) {
            var file = try HostileFile(id: number, startedAt: fixture.now)
            file.put(5_000, at: 136)
            try file.place(in: fixture)
        }
        await fixture.pass(1, agent)
        #expect(refused(fixture).count == AgentLimits.refusedFiles)
    }

    @Test func theDoctorNamesWhoLivesAndIsNotMeasured() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call()
        await fixture.pass(1, agent)
        let path = try #require(TelemetryDirectory.files(in: fixture.configuration.telemetryDirectory).first)
        func doctor() throws -> [DoctorReport.Check] {
            let found = RefusedFileFacts.all(in: fixture.configuration.telemetryDirectory, measured: [])
            let configuration = try fixture.directory.write(
                "telemetry-directory: \(fixture.configuration.telemetryDirectory)\n"
                    + "data-directory: \(fixture.configuration.dataDirectory)\nregion: eu-west-1\n", to: "agent.yaml")
            var doctor = Doctor(
                effective: try .load(path: configuration, environment: [:]), environment: [:], clock: fixture.agentClock
            )
            doctor.places.parents = []
            doctor.places.processes = nil
            #expect(found.count == 1)
            return doctor.examineHost()
        }
        // As an earlier version set it aside.
        #expect(rename(path, path + ".refused") == 0)
        let held = try doctor()
        let problem = try #require(held.first { $0.what.contains("goes on writing into a file that was set aside") })
        #expect(problem.verdict == .problem && problem.what.contains("checkout in test, process \(getpid())"))
        #expect(problem.fix.contains("restart the service"))
        #expect(!held.contains { $0.what.contains("no service writes there") })
        #expect(rename(path + ".refused", path) == 0)

        _ = try damage(fixture)
        await fixture.pass(1, agent)
        let waiting = try doctor()
        #expect(
            waiting.contains { $0.what.contains("process \(getpid()) was refused, and it has no new one yet") },
            "\(waiting)")
        #expect(!waiting.contains { $0.what.contains("no service writes there") })
        #expect(
            waiting.contains { $0.what.contains("in no figure since \(fixture.clock.timestamp.iso8601)") }, "\(waiting)"
        )
        service.writer.look()
        let measured = try doctor()
        #expect(!measured.contains { $0.what.contains("no new one yet") }, "\(measured)")
        #expect(measured.contains { $0.what.contains("1 damaged file was set aside") })
    }
}
