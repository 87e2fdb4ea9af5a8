import AWSCore
import Foundation
import TestSupport
import Testing

/// What a process meets whose own surroundings are at fault, and not the service.
@Suite struct StrainedProcessTests {
    private func start(_ server: LoopbackServer, calls: Int, seconds: Int, shell: String = "", leaving: Int = 0) throws
        -> (Process, Pipe)
    {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [
            "-c", "\(shell) exec \"$0\" strained \"$1\" \"$2\" \"$3\" \"$4\"", try LeakTests.program().path, server.url,
            "\(calls)",
            "\(seconds)", "\(leaving)",
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

    /// They wait for the connections that there are; nor does the process end, which Swift's runtime does without descriptors.
    @Test func callsWaitForAConnectionWhereDescriptorsAreScarce() async throws {
        let arrived = Lock(0)
        let server = try LoopbackServer(keepsRequests: false) { _ in
            arrived.withLock { $0 += 1 }
            // As many at a time as there can be, for a while.
            while arrived.withLock({ $0 }) < 20 { usleep(1_000) }
            usleep(100_000)
            return .ok()
        }
        let (process, output) = try start(server, calls: 300, seconds: 50, shell: "ulimit -n 160;")
        #expect(said(output) == ["ok 300"])
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 0)
        #expect(server.connectionCount < 60, "\(server.connectionCount)")
    }

    /// Or a moment without descriptors would leave a client slow for ever.
    @Test func allConnectionsAreUsedAgainWhenDescriptorsAreThere() async throws {
        let arrived = Lock(0)
        let server = try LoopbackServer(keepsRequests: false) { _ in
            let number = arrived.withLock { count in
                count += 1
                return count
            }
            if number <= 12 { return LoopbackAnswer(delay: .milliseconds(20)) }
            // Only forty at a time are answered.
            while arrived.withLock({ $0 }) < 12 + 40 { usleep(1_000) }
            return .ok()
        }
        let (process, output) = try start(server, calls: 40, seconds: 20, shell: "ulimit -n 400;", leaving: 24)
        #expect(said(output) == ["ok 12", "ok 40"])
        process.waitUntilExit()
    }

    /// The service is well: nothing may be held against it.
    @Test func aProcessWithoutDescriptorsSaysSoAndOpensNoCircuit() async throws {
        let server = try LoopbackServer { _ in .ok() }
        let (process, output) = try start(server, calls: 100, seconds: 50, shell: "ulimit -n 200;", leaving: 12)
        #expect(said(output) == ["client/NoDescriptors 100"])
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && server.requests.isEmpty)
    }
}
