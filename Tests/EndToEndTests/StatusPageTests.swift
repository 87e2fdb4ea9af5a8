import Foundation
import JSONBytes
import TestSupport
import Testing

@Suite(.enabled(if: LocalAWS.endpoint != nil, LocalAWS.reason))
struct StatusPageTests {
    @Test func theStatusPageAnswersThisMachineAlone() async throws {
        try await Stage.play { stage in
            let agent = try await stage.startAgent(["--status-port", "0"])
            let port = try await agent.statusPort()
            try await eventually("a store to show") { try PlainHTTP.request("/healthz", port: port).status == 200 }
            try expectPages(port)
            try expectForeignHostsToBeRefused(port)
            expectLoopbackOnly(port)
            #expect(try await agent.stop().status == 0)
        }
    }

    private func expectPages(_ port: UInt16) throws {
        #expect(try PlainHTTP.request("/healthz", port: port).text == "ok\n")
        let page = try PlainHTTP.request("/", port: port)
        #expect(page.status == 200 && page.head.lowercased().contains("content-type: text/html"))
        #expect(page.text.contains("<!doctype html>") && page.text.contains("calls recorded"))
        let json = try JSONValue.parse(try PlainHTTP.request("/summary.json", port: port).body)
        #expect(json["ledger"]?["calls"]?["recorded"]?.intValue == 0)
        #expect(try PlainHTTP.request("/other", port: port).status == 404)
        #expect(try PlainHTTP.request("/", port: port, method: "POST").status != 200)
    }

    private func expectForeignHostsToBeRefused(_ port: UInt16) throws {
        for host in ["evil.example", "evil.example:\(port)", "127.0.0.1.evil.example", "localhost.evil.example", ""] {
            for path in ["/", "/healthz", "/summary.json"] {
                let answer = try PlainHTTP.request(path, port: port, host: host)
                #expect(answer.status == 403 || answer.status == 400, "\(host) \(path)")
                #expect(!answer.text.contains("recorded"))
            }
        }
        for host in ["localhost:\(port)", "127.0.0.1", "[::1]:\(port)"] {
            #expect(try PlainHTTP.request("/healthz", port: port, host: host).status == 200, "\(host)")
        }
    }

    /// The kernel's own list of listening sockets: this port on 127.0.0.1, and on no other address.
    private func expectLoopbackOnly(_ port: UInt16) {
        let suffix = ":" + String(port, radix: 16, uppercase: true)
        // The list is walked while other tests open and close sockets, so that one reading may leave some out.
        var listening: Set<String> = []
        for _ in 0..<20 {
            for path in ["/proc/net/tcp", "/proc/net/tcp6"] {
                let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
                listening.formUnion(
                    text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
                        .filter { $0.count > 3 && $0[3] == "0A" && $0[1].hasSuffix(suffix) }.map { $0[1] })
            }
        }
        #expect(listening == ["0100007F" + suffix])
        #expect(throws: PlainHTTP.Failure.self) {
            try PlainHTTP.request("/healthz", port: port, address: 0x7F00_0002)
        }
    }
}
