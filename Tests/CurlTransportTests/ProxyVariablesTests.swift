import AWSCore
import Testing

@testable import CurlTransport

/// A proxy's URL may hold a password. Nothing of it leaves, however it is written.
@Suite struct ProxyVariablesTests {
    private func refusal(_ variables: [String: String]) -> String? {
        do throws(TransportError) {
            try ProxyVariables { variables[$0] }.check()
            return nil
        } catch {
            return error.message
        }
    }

    @Test(arguments: [
        "http://user:PLANTED/PW@proxy.corp:3128", "http://user:PLANTED#PW@proxy.corp:3128",
        "http://user:PLANTED?PW@proxy.corp:3128", "http://user:PLANTED PW@proxy.corp:3128",
        "htp://user:PLANTEDPW@proxy.corp:3128", "socks9://user:PLANTEDPW@proxy.corp:1080",
        "http://user:12/PLANTEDPW@proxy.corp:3128", "http://user/PLANTEDPW@proxy.corp:3128",
        "http://user:PLANTED@PW@proxy.corp:3128", "user:PLANTED/PW@proxy.corp:3128", "http://user:PLANTEDPW@:3128",
        "http://user:PLANTEDPW@proxy.corp:port", "http://user:PLANTEDPW@proxy.corp:3128\n",
    ])
    func whatCannotBeReadIsRefusedWithoutBeingShown(_ url: String) throws {
        for name in ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
            let said = try #require(refusal([name: url]), "\(url)")
            #expect(said.contains(name) && !said.contains("PLANTED") && !said.contains("PW"), "\(said)")
        }
        #expect(refusal(["https_proxy": url, "no_proxy": "*"]) == nil)
    }

    @Test(arguments: [
        "http://proxy.corp:3128", "http://proxy.corp:3128/", "proxy.corp:3128", "proxy.corp", "127.0.0.1:3128",
        "http://user:p%40%2F%23w@proxy.corp:3128", "user:password@proxy.corp:3128", "https://proxy.corp",
        "HTTP://proxy.corp:3128", "socks5h://127.0.0.1:1080", "socks4a://proxy.corp", "http://[::1]:3128", "",
    ])
    func whatLibcurlTakesIsTaken(_ url: String) {
        #expect(refusal(["https_proxy": url]) == nil)
    }

    /// `HTTP_PROXY` is not followed: a web server may take it from a request.
    @Test func whatIsNotFollowedIsNotLookedAt() {
        #expect(refusal(["HTTP_PROXY": "htp://x"]) == nil)
        #expect(refusal([:]) == nil)
    }

    @Test(arguments: [
        ("http://user:PLANTED/PW@proxy.corp:3128", "Unsupported proxy syntax in '%': Port number was not a decimal"),
        ("htp://user:PLANTEDPW@proxy.corp:3128", "Unsupported proxy scheme for '%'"),
        ("user:PLANTED/PW@proxy.corp:3128", "something new about % of libcurl"),
        ("http://user:PLANTED/PW@proxy.corp:3128", "something new about % of libcurl"),
        ("http://other.corp:3128", "something new about http://user:PLANTED//PW@proxy.corp and mail@corp"),
        (
            "http://user:PLANTED\(String(repeating: "x", count: 300))@proxy.corp",
            "Unsupported proxy syntax in 'http://user:PLANTEDxx"
        ),
    ])
    func whatLibcurlSaysHoldsNoPassword(_ url: String, _ said: String) {
        let shown = ProxyVariables { $0 == "https_proxy" ? url : nil }.without(said.replacing("%", with: url))
        #expect(!shown.contains("PLANTED") && !shown.contains("PW"), "\(shown)")
        #expect(shown.contains("Unsupported proxy") || shown.contains("something new about"))
    }

    @Test func theRestOfWhatLibcurlSaysStays() {
        let none = ProxyVariables { _ in nil }
        for said in ["Could not resolve host: a.invalid", "SSL: see https://curl.se/docs/sslcerts.html", ""] {
            #expect(none.without(said) == said)
        }
    }
}
