import AWSCore
import Foundation
import TestSupport
import Testing

/// What a process meets whose own surroundings are at fault, and not the service.
@Suite struct StrainedProcessTests {
    private func start(_ server: LoopbackServer, calls: Int, seconds: Int, shell: String = "") throws -> (Process, Pipe)
    {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [
            "-c", "\(shell) exec \"$0\" strained \"$1\" \"$2\" \"$3\"", try LeakTests.program().path, server.url,
            "\(calls)",
            "\(seconds)",
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return (process, output)
    }

    private func said(_ output: Pipe) -> [String] {
        String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            .split(separator: "\n").map(String.init)
    }

    /// A frozen container or a host that sleeps: answers that have come meanwhile are answers.
    @Test func aProcessThatWasStoppedReadsWhatHasComeMeanwhile() async throws {
        let (arrived, stopped) = (Lock(0), Lock(pid_t(0)))
        // On the server's threads, which no other test keeps waiting.
        let server = try LoopbackServer { _ in
            let count = arrived.withLock { count in
                count += 1
                return count
            }
            while stopped.withLock({ $0 }) == 0 { usleep(1_000) }
            if count == 8 {
                let pid = stopped.withLock { $0 }
                kill(pid, SIGSTOP)
                Thread.detachNewThread {
                    // Longer than the calls wait for a first byte.
                    usleep(7_000_000)
                    kill(pid, SIGCONT)
                }
            }
            while arrived.withLock({ $0 }) < 8 { usleep(1_000) }
            // Until it stands still.
            usleep(200_000)
            return .ok()
        }
        let (process, output) = try start(server, calls: 8, seconds: 6)
        stopped.withLock { $0 = process.processIdentifier }
        #expect(said(output) == ["ok 8"])
        process.waitUntilExit()
    }

    /// The service is well: nothing may be held against it.
    @Test func aProcessWithoutDescriptorsSaysSoAndOpensNoCircuit() async throws {
        let isOpen = Lock(false)
        let server = try LoopbackServer { _ in
            while !isOpen.withLock({ $0 }) { usleep(1_000) }
            return .ok()
        }
        let (process, output) = try start(server, calls: 300, seconds: 50, shell: "ulimit -n 200;")
        // Those that have a connection keep it until the others have failed.
        try await waitUntil("some requests at the server") { server.requests.count >= 20 }
        try await Task.sleep(for: .milliseconds(500))
        isOpen.withLock { $0 = true }
        let lines = said(output)
        process.waitUntilExit()
        #expect(lines.count == 2, "\(lines)")
        #expect(
            lines.contains { $0.hasPrefix("client/NoDescriptors ") } && lines.contains { $0.hasPrefix("ok ") },
            "\(lines)")
    }
}
