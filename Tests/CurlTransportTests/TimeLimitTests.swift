import AWSCore
import CurlTransport
import TestSupport
import Testing

@Suite struct TimeLimitTests {
    @Test func firstByteLimitEndsASilentServersAttempt() async throws {
        let server = try LoopbackServer(answers: [.failing(.never)])
        var limits = patient
        limits.firstByte = .milliseconds(50)
        let error = await failure(try makeTransport(), request(server, timeouts: limits))
        #expect(error.code == .timeout(.firstByte))
        #expect(error.sent == .all)
        #expect(error.phases.firstByte >= .milliseconds(50) && error.phases.transfer == .zero)
        try await server.waitForAbandoned(1)
    }

    @Test func attemptLimitEndsABodyThatStops() async throws {
        let server = try LoopbackServer(answers: [.failing(.hangInsideBody(bytes: 1))])
        var limits = patient
        limits.attempt = .milliseconds(200)
        let error = await failure(try makeTransport(), request(server, timeouts: limits))
        #expect(error.code == .timeout(.attempt))
        #expect(error.phases.total >= .milliseconds(200))
        try await server.waitForAbandoned(1)
    }

    @Test func aBodyThatHasBegunIsNotUnderTheFirstBytesLimit() async throws {
        let server = try LoopbackServer(answers: [.failing(.hangInsideBody(bytes: 1))])
        let limits = Timeouts(connect: .seconds(60), firstByte: .milliseconds(500), attempt: .milliseconds(1_000))
        let error = await failure(try makeTransport(), request(server, timeouts: limits))
        // On a machine that stalls for half a second the first byte is late, and that is then the truth.
        #expect(error.code == .timeout(error.phases.firstByte < .milliseconds(500) ? .attempt : .firstByte))
    }

    @Test func attemptLimitCountsInTheQueueAndSaysThatNothingWasSent() async throws {
        let server = try LoopbackServer(answers: [.failing(.never)])
        let transport = try makeTransport(connections: 1)
        let blocking = Task { await failure(transport, request(server)) }
        try await server.waitForRequests(1)
        var limits = patient
        limits.attempt = .milliseconds(50)
        let error = await failure(transport, request(server, timeouts: limits))
        #expect(error.code == .timeout(.queue))
        #expect(error.sent == .nothing)
        #expect(error.phases.queue >= .milliseconds(50) && error.phases.queue == error.phases.total)
        blocking.cancel()
        #expect(await blocking.value.code == .cancelled)
        #expect(server.requests.count == 1)
    }

    @Test func connectLimitEndsAHandshakeThatNobodyAnswers() async throws {
        // A plain server that never answers the client's hello: TCP is there, the connection never gets ready.
        let server = try SilentListener()
        var limits = patient
        limits.connect = .milliseconds(100)
        let error = await failure(
            try makeTransport(), HTTPRequest(url: "https://127.0.0.1:\(server.port)/", timeouts: limits))
        #expect(error.code == .timeout(.connect))
        #expect(error.sent == .nothing)
        #expect(error.phases.connect + error.phases.tls > .zero && error.phases.firstByte == .zero)
    }

    @Test func aLimitOfZeroEndsTheAttemptAtOnce() async throws {
        let server = try LoopbackServer(answers: [.failing(.never)])
        let limits = Timeouts(connect: .seconds(60), firstByte: .seconds(60), attempt: .zero)
        let error = await failure(try makeTransport(), request(server, timeouts: limits))
        #expect(error.code == .timeout(.queue))
        #expect(server.requests.isEmpty)
    }

    @Test func aTransportGoesOnAfterEveryKindOfFailure() async throws {
        let courses: [LoopbackAnswer.Course] = [
            .never, .closeBeforeAnswer, .reset, .closeInsideBody(bytes: 1), .hangInsideBody(bytes: 1),
            .garbage(Array("x\r\n\r\n".utf8)),
        ]
        let server = try LoopbackServer(answers: courses.map { .failing($0) } + [.ok()])
        let transport = try makeTransport(connections: 1)
        let limits = Timeouts(connect: .seconds(60), firstByte: .milliseconds(300), attempt: .milliseconds(400))
        for _ in courses { _ = await failure(transport, request(server, timeouts: limits)) }
        #expect(try await transport.send(request(server)).status == 200)
        #expect(server.requests.count == courses.count + 1)
    }
}
