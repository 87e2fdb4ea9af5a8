import AWSCore
import CurlTransport
import TestSupport
import Testing

@Suite struct FailureTests {
    @Test func refusedConnectionSaysSoAndSentNothing() async throws {
        let refusing = try RefusingPort()
        let error = await failure(
            try makeTransport(), HTTPRequest(url: "http://127.0.0.1:\(refusing.port)/", timeouts: patient))
        #expect(error.code == .connect)
        #expect(error.sent == .nothing)
        #expect(
            error.message.hasPrefix("http://127.0.0.1:\(refusing.port): no connection: check that the service runs"))
    }

    @Test func unknownNameIsADNSFailure() async throws {
        // A label of 64 letters exists in no zone and is refused without asking a server.
        let name = String(repeating: "a", count: 64)
        let error = await failure(
            try makeTransport(), HTTPRequest(url: "http://\(name).invalid/", timeouts: patient))
        #expect(error.code == .dns)
        #expect(error.sent == .nothing)
        #expect(error.phases.dns > .zero && error.phases.firstByte == .zero)
    }

    @Test(arguments: [LoopbackAnswer.Course.closeBeforeAnswer, .reset])
    func connectionLostBeforeTheAnswerIsReset(_ course: LoopbackAnswer.Course) async throws {
        let server = try LoopbackServer(answers: [.failing(course)])
        let error = await failure(try makeTransport(), request(server))
        #expect(error.code == .connectionReset)
        #expect(error.sent == .all)
        #expect(server.requests.count == 1)
    }

    @Test(arguments: [LoopbackAnswer.Course.closeBeforeAnswer, .reset])
    func aRequestLostOnAKeptConnectionIsNotSentASecondTime(_ course: LoopbackAnswer.Course) async throws {
        let server = try LoopbackServer(answers: [.ok(), .failing(course), .ok()])
        let transport = try makeTransport()
        _ = try await transport.send(request(server))
        let error = await failure(transport, request(server))
        #expect(error.code == .connectionReset)
        #expect(error.sent == .all)
        #expect(server.requests.count == 2)
        #expect(try await transport.send(request(server)).status == 200)
    }

    @Test func aKeptConnectionThatTheServerClosedIsReplacedUnseen() async throws {
        let server = try LoopbackServer(answers: [LoopbackAnswer(course: .completeThenClose), .ok()])
        let transport = try makeTransport()
        _ = try await transport.send(request(server))
        // The close may still be on its way; either the connection is found dead, or the attempt fails as a reset.
        let second = await failure(transport, request(server))
        #expect(second.code == .connectionReset || second.message == "unexpected answer 200")
    }

    @Test(arguments: [
        LoopbackAnswer.Course.closeInsideHead(bytes: 30), .closeInsideHead(bytes: 5), .closeInsideBody(bytes: 4),
        .closeInsideBody(bytes: 0),
    ])
    func anAnswerCutShortIsNoAnswer(_ course: LoopbackAnswer.Course) async throws {
        for isChunked in [false, true] {
            let answer = LoopbackAnswer(body: Array("0123456789".utf8), course: course, isChunked: isChunked)
            let server = try LoopbackServer(answers: [answer])
            let error = await failure(try makeTransport(), request(server))
            // Five bytes are no status line yet, so libcurl may see nothing or something that is not HTTP.
            let isHead = course == .closeInsideHead(bytes: 5)
            #expect(
                error.code == .truncated || (isHead && [.connectionReset, .malformedResponse].contains(error.code)),
                "\(course): \(error)")
            #expect(error.sent == .all)
        }
    }

    @Test func answersLargerThanAllowedAreEnded() async throws {
        let body = [UInt8](repeating: 65, count: 5_000)
        for isChunked in [false, true] {
            let server = try LoopbackServer(answers: [LoopbackAnswer(body: body, isChunked: isChunked)])
            let transport = try makeTransport()
            let error = await failure(transport, request(server, maximumResponseBytes: 4_999))
            #expect(error.code == .tooLarge, "\(error)")
            let whole = try await transport.send(request(server, maximumResponseBytes: 5_000))
            #expect(whole.body.count == 5_000)
        }
    }

    @Test func endlessHeadersAreEnded() async throws {
        let server = try LoopbackServer(answers: [.failing(.endlessHead)])
        let error = await failure(try makeTransport(), request(server))
        #expect(error.code == .tooLarge && error.message.contains("headers go on beyond 65536 bytes"), "\(error)")
        #expect(error.phases.bytesReceived > 65_536 && error.phases.bytesReceived <= 131_072)
        // The other side goes on until the connection is closed under it.
        try await server.waitForAbandoned(1)
    }

    /// What it says then is not of the whole request.
    @Test func anAnswerSaysWhetherTheWholeRequestHadLeft() async throws {
        let deaf = try HalfDeafPort(.answer("HTTP/1.1 500 Failed\r\nContent-Length: 0\r\n\r\n"))
        let transport = try makeTransport()
        let early = HTTPRequest(
            url: "http://127.0.0.1:\(deaf.port)/", body: Array(repeating: 0x20, count: 8 << 20), timeouts: patient)
        let refused = try await transport.send(early)
        #expect(refused.status == 500 && !refused.isRequestSent)
        let server = try LoopbackServer(answers: [.error(500, type: "InternalServerError")])
        let failed = try await transport.send(request(server))
        #expect(failed.status == 500 && failed.isRequestSent)
    }

    @Test(arguments: ["SSH-2.0-OpenSSH_9.2\r\n", "\u{0}\u{1}\u{2}\u{3}\r\n\r\n", "HTTP/9.9 banana\r\n\r\n"])
    func whatIsNotHTTPIsMalformed(_ text: String) async throws {
        let server = try LoopbackServer(answers: [.failing(.garbage(Array(text.utf8)))])
        let error = await failure(try makeTransport(), request(server))
        #expect(error.code == .malformedResponse, "\(error)")
        #expect(error.sent == .all)
    }
}
