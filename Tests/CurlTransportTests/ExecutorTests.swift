import AWSCore
import CurlTransport
import Foundation
import TestSupport
import Testing

/// The name of the thread that this runs on.
private func threadName() -> String {
    let name = try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
    return name?.trimmingCharacters(in: .newlines) ?? "unknown"
}

@Suite struct ExecutorTests {
    private static let loopName = "tidemark-http"

    @Test func tasksAndTheirChildrenRunOnTheLoopsThread() async throws {
        let server = try LoopbackServer(answers: [.ok()])
        let transport = try makeTransport()
        let names = try await withTaskExecutorPreference(transport.taskExecutor) {
            var names = [threadName()]
            _ = try await transport.send(request(server))
            names.append(threadName())
            async let child = threadName()
            names.append(await child)
            names += await withTaskGroup(of: String.self) { group in
                for _ in 0..<3 { group.addTask { threadName() } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            try await Task.sleep(for: .milliseconds(1))
            names.append(threadName())
            return names
        }
        #expect(names.count == 7)
        #expect(names.allSatisfy { $0 == ExecutorTests.loopName }, "\(names)")
    }

    @Test func unstructuredTasksLeaveTheLoop() async throws {
        let transport = try makeTransport()
        let names = await withTaskExecutorPreference(transport.taskExecutor) {
            [await Task { threadName() }.value, await Task.detached { threadName() }.value]
        }
        #expect(names.allSatisfy { $0 != ExecutorTests.loopName }, "\(names)")
    }

    @Test func manyTasksOnTheLoopAndBesideItGetTheirOwnAnswers() async throws {
        let server = try LoopbackServer { LoopbackAnswer(body: $0.body) }
        let transport = try makeTransport(connections: 8)
        let wrong = await withTaskGroup(of: Int.self) { group in
            for sender in 0..<20 {
                let executor = sender % 2 == 0 ? transport.taskExecutor : globalConcurrentExecutor
                group.addTask(executorPreference: executor) {
                    var wrong = 0
                    for number in 0..<20 {
                        let text = "\(sender)-\(number)"
                        let response = try? await transport.send(request(server, body: text))
                        if response?.body != Array(text.utf8) { wrong += 1 }
                    }
                    return wrong
                }
            }
            return await group.reduce(0, +)
        }
        #expect(wrong == 0)
        #expect(server.requests.count == 400)
    }

    @Test func aTaskGoesOnWhenItsLoopIsShutDown() async throws {
        let server = try LoopbackServer(answers: [.failing(.never)])
        let transport = try makeTransport()
        let pending = Task(executorPreference: transport.taskExecutor) { await failure(transport, request(server)) }
        try await server.waitForRequests(1)
        let name = try await Task(executorPreference: transport.taskExecutor) {
            transport.shutdown()
            // Wakes up from outside the loop, which takes nothing more.
            try await Task.sleep(for: .milliseconds(1))
            return threadName()
        }.value
        #expect(name != ExecutorTests.loopName)
        #expect(await pending.value.code == .shutDown)
        let late = Task(executorPreference: transport.taskExecutor) { await failure(transport, request(server)) }
        #expect(await late.value.code == .shutDown)
    }

    @Test func cancellingATaskOnTheLoopEndsItsTransfer() async throws {
        let server = try LoopbackServer(answers: [.failing(.never)])
        let transport = try makeTransport()
        let sending = Task(executorPreference: transport.taskExecutor) { await failure(transport, request(server)) }
        try await server.waitForRequests(1)
        sending.cancel()
        #expect(await sending.value.code == .cancelled)
        try await server.waitForAbandoned(1)
    }

    @Test(arguments: [1, 2, 3])
    func aStormOfCancellationsLeavesNothingBehind(_ seed: UInt64) async throws {
        let server = try LoopbackServer { LoopbackAnswer(body: $0.body) }
        let transport = try makeTransport(connections: 6, queue: 1_000)
        var random = SeededGenerator(seed: seed)
        var codes: [TransportError.Code: Int] = [:]
        for round in 0..<6 {
            let executor = round % 2 == 0 ? transport.taskExecutor : globalConcurrentExecutor
            let sends = (0..<100).map { _ in
                Task(executorPreference: executor) { await failure(transport, request(server)).code }
            }
            for send in sends where Int.random(in: 0..<3, using: &random) == 0 {
                for _ in 0..<Int.random(in: 0..<4, using: &random) { await Task.yield() }
                send.cancel()
            }
            for send in sends { codes[await send.value, default: 0] += 1 }
        }
        // `failure` reports an answer as `.other`.
        #expect(codes.keys.allSatisfy { $0 == .cancelled || $0 == .other }, "seed \(seed): \(codes)")
        #expect(codes.values.reduce(0, +) == 600)
        for _ in 0..<20 { #expect(try await transport.send(request(server)).status == 200) }
        transport.shutdown()
        try await waitUntil("every connection closed") { server.openConnectionCount == 0 }
    }
}
