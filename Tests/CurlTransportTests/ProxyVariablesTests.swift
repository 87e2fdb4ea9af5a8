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

    // MARK: Which one is taken

    private static let aws = "https://dynamodb.eu-west-1.amazonaws.com"

    @Test(arguments: [
        (["https_proxy": "http://user:PLANTED@proxy.corp:3128"], aws, "the proxy proxy.corp:3128 of https_proxy"),
        (["HTTPS_PROXY": "proxy.corp"], aws, "the proxy proxy.corp:1080 of HTTPS_PROXY"),
        (["HTTPS_PROXY": "https://proxy.corp"], aws, "the proxy proxy.corp:443 of HTTPS_PROXY"),
        (["all_proxy": "socks5h://[::1]:9"], aws, "the proxy [::1]:9 of all_proxy"),
        (["https_proxy": "", "HTTPS_PROXY": "a:1", "ALL_PROXY": "b:2"], aws, "the proxy a:1 of HTTPS_PROXY"),
        (["https_proxy": "a:1", "http_proxy": "b:2"], "http://127.0.0.1:8000", "the proxy b:2 of http_proxy"),
        (["ALL_PROXY": "b:2"], "http://127.0.0.1:8000", "the proxy b:2 of ALL_PROXY"),
    ])
    func theProxyIsTheOneThatLibcurlTakes(_ variables: [String: String], _ url: String, _ expected: String) {
        let found = ProxyVariables { variables[$0] }.proxy(for: url)
        #expect(found?.description == expected)
    }

    @Test(arguments: [
        ([String: String](), aws), (["http_proxy": "a:1", "HTTP_PROXY": "b:1"], aws),
        (["HTTP_PROXY": "a:1"], "http://10.0.0.1"),
    ])
    func whereNoneIsMeantThereIsNone(_ variables: [String: String], _ url: String) {
        #expect(ProxyVariables { variables[$0] }.proxy(for: url) == nil)
    }

    @Test(arguments: [
        ("*", aws, true), ("amazonaws.com", aws, true), (".amazonaws.com", aws, true), ("AMAZONAWS.COM.", aws, true),
        ("localhost, dynamodb.eu-west-1.amazonaws.com", aws, true), ("a b\tamazonaws.com", aws, true),
        ("naws.com", aws, false), ("dynamodb", aws, false), ("", aws, false), (",", aws, false),
        ("10.0.0.0/8", "http://10.1.2.3:8000", true), ("10.0.0.0/8", "http://11.1.2.3", false),
        ("10.1.2.3", "http://10.1.2.3", true), ("10.1.2", "http://10.1.2.3", false),
        ("10.1.2.3/33", "http://10.1.2.3", false),
        ("fd00::/8", "https://[fd12::1]:8000", true), ("::1", "http://[::1]", true), ("::1", "http://[::2]", false),
    ])
    func exceptionsAreReadAsLibcurlReadsThem(_ exceptions: String, _ url: String, _ isExcepted: Bool) {
        for name in ["no_proxy", "NO_PROXY"] {
            let variables = ["all_proxy": "proxy.corp:3128", name: exceptions]
            let found = ProxyVariables { variables[$0] }.proxy(for: url)
            #expect((found == nil) == isExcepted, "\(name) \(exceptions) \(url)")
        }
    }
}
