import AWSCore
import CurlTransport
import TestSupport
import Testing

@Suite struct ResponseParserTests {
    /// What a parser made of an answer.
    private struct Outcome: Equatable {
        var failure: ResponseParser.Failure?
        var isComplete = false
        var status = 0
        var headers: [HTTPHeader] = []
        var body: [UInt8] = []
        var keepsConnection = false
    }

    /// Reads pieces until one fails, then the connection's end.
    private func read(_ pieces: [[UInt8]], maximum: Int = 1_000, isBodiless: Bool = false) -> Outcome {
        var parser = ResponseParser(maximumBodyBytes: maximum, isBodiless: isBodiless)
        var outcome = Outcome()
        do throws(ResponseParser.Failure) {
            for piece in pieces {
                try piece.withUnsafeBufferPointer { piece throws(ResponseParser.Failure) in
                    try parser.take(UnsafeRawBufferPointer(piece))
                }
            }
        } catch {
            outcome.failure = error
            return outcome
        }
        let keeps = parser.keepsConnection && parser.isComplete
        guard parser.takeEnd() else { return outcome }
        let response = parser.takeResponse(phases: AttemptPhases())
        return Outcome(
            isComplete: true, status: response.status, headers: response.headers, body: response.body,
            keepsConnection: keeps)
    }

    private func read(_ text: String, maximum: Int = 1_000, isBodiless: Bool = false) -> Outcome {
        read([Array(text.utf8)], maximum: maximum, isBodiless: isBodiless)
    }

    private static let answers = [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A:  b \r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0A\r\n0123456789\r\n0\r\nT: 1\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 201 \r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.0 200 OK\r\n\r\nto the end",
        "HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n",
        "HTTP/1.1 500 x\nContent-Length: 1\nX-Folded: a\n b\n\n!",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    ]

    @Test(arguments: answers)
    func piecesOfAnySizeGiveTheSameAnswer(_ text: String) {
        let bytes = Array(text.utf8)
        let whole = read([bytes])
        #expect(whole.isComplete && whole.failure == nil, "\(whole)")
        #expect(read(bytes.map { [$0] }) == whole)
        for seed in 0..<100 {
            var random = SeededGenerator(seed: UInt64(seed))
            var rest = bytes[...]
            var pieces: [[UInt8]] = []
            while !rest.isEmpty {
                let count = Int.random(in: 1...max(1, rest.count), using: &random)
                pieces.append(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            #expect(read(pieces) == whole, "seed \(seed)")
        }
    }

    @Test func whatTheAnswersSayIsRead() {
        let answers = ResponseParserTests.answers.map { read($0) }
        #expect(answers.map(\.status) == [200, 200, 201, 200, 204, 500, 200, 200])
        #expect(
            answers.map { String(decoding: $0.body, as: UTF8.self) }
                == ["hello", "abc0123456789", "ok", "to the end", "", "!", "", "abc"])
        #expect(answers.map(\.keepsConnection) == [true, true, true, false, false, true, false, true])
        #expect(answers[0].headers == [.init(name: "Content-Length", value: "5"), .init(name: "X-A", value: "b")])
        #expect(answers[5].headers.last == HTTPHeader(name: "X-Folded", value: "a b"))
        #expect(answers[1].headers == [HTTPHeader(name: "Transfer-Encoding", value: "chunked")])
    }

    @Test func theAnswerToHEADHasNoBody() {
        let outcome = read("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n", isBodiless: true)
        #expect(outcome.isComplete && outcome.body.isEmpty && outcome.keepsConnection)
    }

    @Test func bytesBeyondTheAnswerSpoilTheConnectionAndNotTheAnswer() {
        let outcome = read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok HTTP/1.1 200 OK\r\n\r\n")
        #expect(outcome.isComplete && outcome.body == Array("ok".utf8) && !outcome.keepsConnection)
    }

    @Test func chunkedWinsOverALength() {
        for head in [
            "Content-Length: 1\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 1",
        ] {
            let outcome = read("HTTP/1.1 200 OK\r\n\(head)\r\n\r\n2\r\nab\r\n0\r\n\r\n")
            #expect(outcome.isComplete && outcome.body == Array("ab".utf8), "\(head)")
        }
    }

    @Test(arguments: [
        "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 20\r\n\r\n", "HTTP/1.1 999 x\r\n\r\n", "\u{0}",
        "HTTP/1.1 2000 x\r\n\r\n", "http/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc",
    ])
    func whatIsNotHTTPOrContradictsItselfIsRefused(_ text: String) {
        #expect(read(text).failure == .malformed)
    }

    @Test func limitsHoldForBodiesAndHeads() {
        #expect(read("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n").failure == .tooLarge)
        #expect(read("HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 1_001)).failure == .tooLarge)
        let chunk = "3E9\r\n" + String(repeating: "x", count: 1_001)
        #expect(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk).failure == .tooLarge)
        let hexes = String(repeating: "F", count: 16)
        #expect(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(hexes)\r\n").failure == .tooLarge)
        let endless = Array("HTTP/1.1 200 OK\r\nA: ".utf8) + [UInt8](repeating: 65, count: 70_000)
        #expect(read([endless]).failure == .headTooLarge)
        #expect(read(endless.map { [$0] }).failure == .headTooLarge)
        let interim = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
        #expect(read([[UInt8]](repeating: interim, count: 4_000)).failure == .headTooLarge)
    }

    @Test func cutAnswersAreNotComplete() {
        for answer in ["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "HTTP/1.1 200 OK\r\nContent-Len", ""] {
            #expect(!read(answer).isComplete)
        }
        #expect(!read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n").isComplete)
    }

    @Test func noBytesTrapIt() {
        for seed in 0..<20_000 {
            var random = SeededGenerator(seed: UInt64(seed))
            var bytes = Array((ResponseParserTests.answers.randomElement(using: &random) ?? "").utf8)
            for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(UInt8.random(in: .min ... .max, using: &random), at: place)
                default: bytes.insert(contentsOf: bytes[..<place], at: place)
                }
            }
            let whole = read([bytes])
            #expect(read(bytes.map { [$0] }) == whole, "seed \(seed)")
        }
    }
}
