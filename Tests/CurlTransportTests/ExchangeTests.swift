import AWSCore
import CurlTransport
import TestSupport
import Testing

@Suite struct ExchangeTests {
    @Test func requestArrivesAsGivenAndTheAnswerAsSent() async throws {
        let server = try LoopbackServer { _ in
            LoopbackAnswer(status: 400, headers: [("X-Amzn-RequestId", "R1"), ("X-Empty", "")], body: [0, 255, 10])
        }
        let transport = try makeTransport()
        var request = request(server, body: "body")
        request.headers.append(HTTPHeader(name: "X-Blank", value: ""))
        let response = try await transport.send(request)
        #expect(response.status == 400)
        #expect(response.header("x-amzn-requestid") == "R1")
        #expect(response.header("x-empty") == "")
        #expect(response.body == [0, 255, 10])
        let seen = try #require(server.requests.first)
        #expect(seen.method == "POST" && seen.target == "/")
        #expect(seen.body == Array("body".utf8))
        #expect(
            seen.headers.map(\.name).sorted() == ["Content-Length", "Content-Type", "Host", "X-Blank"])
        #expect(seen.header("Host") == "127.0.0.1:\(server.port)")
    }

    @Test func connectionsAreKeptAndPhasesSaySo() async throws {
        let server = try LoopbackServer(answers: [.ok("{\"a\":1}")])
        let transport = try makeTransport()
        let first = try await transport.send(request(server))
        let second = try await transport.send(request(server, body: "{\"longer\":true}"))
        #expect(server.connectionCount == 1)
        #expect(!first.phases.reusedConnection && second.phases.reusedConnection)
        #expect(first.phases.connect > .zero)
        #expect(second.phases.connect == .zero && second.phases.dns == .zero && second.phases.tls == .zero)
        for (response, seen) in zip([first, second], server.requests) {
            #expect(response.phases.bytesSent == seen.sizeInBytes)
            #expect(
                response.phases.bytesReceived == "HTTP/1.1 200 Scripted\r\nContent-Length: 7\r\n\r\n".utf8.count + 7)
            let phases = response.phases
            let parts = [phases.queue, phases.dns, phases.connect, phases.tls, phases.firstByte, phases.transfer]
            #expect(parts.allSatisfy { $0 >= .zero })
            #expect(parts.reduce(.zero, +) <= phases.total)
            #expect(phases.firstByte > .zero)
        }
    }

    @Test func largeBodiesGoBothWaysUnchanged() async throws {
        let server = try LoopbackServer { LoopbackAnswer(body: $0.body.reversed(), isChunked: $0.body.count % 2 == 1) }
        let transport = try makeTransport()
        var random = SeededGenerator(seed: 11)
        for count in [0, 1, 65_535, 65_536, 1_000_001] {
            var request = request(server, maximumResponseBytes: 4_000_000)
            request.body = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            let response = try await transport.send(request)
            #expect(response.body == request.body.reversed())
            #expect(response.phases.bytesSent == server.requests.last?.sizeInBytes)
        }
        #expect(server.requests.allSatisfy { $0.header("Expect") == nil })
        #expect(server.connectionCount == 1)
    }

    @Test func otherMethodsTakeTurnsOnOneHandle() async throws {
        let server = try LoopbackServer { request in
            LoopbackAnswer(headers: [("X-Method", request.method)], body: Array("\(request.body.count)".utf8))
        }
        let transport = try makeTransport(connections: 1)
        for (method, body) in [
            ("POST", 3), ("GET", 0), ("PUT", 2), ("DELETE", 0), ("POST", 0), ("GET", 0), ("POST", 1),
        ] {
            var request = request(server)
            request.method = method
            request.body = [UInt8](repeating: 1, count: body)
            let response = try await transport.send(request)
            #expect(response.header("X-Method") == method)
            #expect(response.body == Array("\(body)".utf8))
        }
    }

    @Test func redirectsAreAnswersAndNotFollowed() async throws {
        let server = try LoopbackServer { _ in LoopbackAnswer(status: 302, headers: [("Location", "/elsewhere")]) }
        let response = try await makeTransport().send(request(server))
        #expect(response.status == 302)
        #expect(server.requests.count == 1)
    }

    @Test func compressedBodiesComeAsTheyWereOnTheWire() async throws {
        let server = try LoopbackServer { _ in
            LoopbackAnswer(headers: [("Content-Encoding", "gzip")], body: [0x1F, 0x8B, 1, 2])
        }
        let response = try await makeTransport().send(request(server))
        #expect(response.body == [0x1F, 0x8B, 1, 2])
        #expect(server.requests.first?.header("Accept-Encoding") == nil)
    }

    @Test func twoHundredSendsAtATimeAllGetTheirOwnAnswer() async throws {
        let server = try LoopbackServer { LoopbackAnswer(body: $0.body) }
        let transport = try makeTransport(connections: 16)
        let wrong = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let response = try? await transport.send(request(server, body: "\(number)"))
                    return response?.body != Array("\(number)".utf8)
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(wrong == 0)
        #expect(server.requests.count == 200)
        #expect(server.connectionCount <= 16)
    }

    @Test func manySendersInSequenceNeverStall() async throws {
        let server = try LoopbackServer(answers: [.ok()])
        let transport = try makeTransport(connections: 4)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<100 { _ = try? await transport.send(request(server)) }
                }
            }
        }
        #expect(server.requests.count == 800)
    }

    @Test(arguments: [
        HTTPRequest(url: "ftp://127.0.0.1/"), HTTPRequest(url: "127.0.0.1"), HTTPRequest(url: "http://x/a b"),
        HTTPRequest(url: "http://user:hush@127.0.0.1/"), HTTPRequest(method: "GE T", url: "http://127.0.0.1/"),
        HTTPRequest(url: "http://127.0.0.1/", headers: [HTTPHeader(name: "A b", value: "")]),
        HTTPRequest(url: "http://127.0.0.1/", headers: [HTTPHeader(name: "A", value: "1\r\nB: 2")]),
        HTTPRequest(url: "http://127.0.0.1/", headers: [HTTPHeader(name: "content-length", value: "1")]),
        HTTPRequest(url: "http://127.0.0.1:99999999/"), HTTPRequest(url: "http://"),
    ])
    func whatCannotBeSentIsRefusedBeforeItLeaves(_ request: HTTPRequest) async throws {
        let error = await failure(try makeTransport(), request)
        #expect(error.code == .invalidRequest)
        #expect(error.sent == .nothing)
        #expect(!error.message.contains("hush"))
    }

    @Test func configurationsThatCannotWorkAreRefused() {
        var configuration = CurlTransport.Configuration()
        configuration.certificateAuthorityFile = "/nowhere/ca.pem"
        #expect(throws: TransportError.self) { try CurlTransport(configuration: configuration) }
        configuration.certificateAuthorityFile = nil
        configuration.maximumConnections = 0
        #expect(throws: TransportError.self) { try CurlTransport(configuration: configuration) }
    }
}
