internal import AWSCore
internal import CCurl
internal import Glibc

/// The proxies that libcurl takes from the environment. Their URLs may hold a password, which libcurl quotes when it cannot
/// read them.
struct ProxyVariables {
    private struct Proxy {
        let name: String
        let url: String
    }

    private static let names = ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
    private static let schemes: Set<String> = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]

    private let proxies: [Proxy]
    let exceptions: String
    var isOff: Bool { exceptions == "*" }

    /// - Parameter variable: the environment; libcurl takes an empty one for none.
    init(variable: (String) -> String?) {
        proxies = Self.names.compactMap { name in
            variable(name).flatMap { $0.isEmpty ? nil : Proxy(name: name, url: $0) }
        }
        exceptions = ["no_proxy", "NO_PROXY"].compactMap(variable).first { !$0.isEmpty } ?? ""
    }

    /// The process's own.
    static var current: ProxyVariables {
        ProxyVariables { name in getenv(name).map { String(cString: $0) } }
    }

    /// Whether no variable names a proxy.
    var isEmpty: Bool { proxies.isEmpty }

    /// The proxy's URL of that variable; it may hold a password.
    func url(of name: String) -> String? { proxies.first { $0.name == name }?.url }

    // MARK: Reading

    /// Throws where libcurl could not read a proxy, or would read a part of its password as something else.
    func check() throws(TransportError) {
        guard !isOff else { return }
        for proxy in proxies {
            guard let problem = Self.problem(of: proxy.url) else { continue }
            throw TransportError(
                code: .invalidRequest,
                message: "the proxy of \(proxy.name) \(problem): use a form such as http://proxy.example.com:3128, "
                    + "with @ : / ? # and % of a name or password as %40 %3A %2F %3F %23 and %25 (its value is not shown)"
            )
        }
    }

    /// What is wrong with it, without a word of it.
    private static func problem(of url: String) -> String? {
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return "holds a space or line end" }
        guard let parts = LibcurlURL(url) else { return "is no URL" }
        guard !parts[CURLUPART_HOST].isEmpty else { return "names no host" }
        let hasScheme = url.contains("://")
        guard !hasScheme || schemes.contains(parts[CURLUPART_SCHEME].lowercased()) else {
            return "has a scheme other than http, https, socks4, socks4a, socks5 and socks5h"
        }
        let rest = [CURLUPART_PATH, CURLUPART_QUERY, CURLUPART_FRAGMENT].map { parts[$0] }
        guard !rest.contains(where: { $0.contains("@") }) else {
            return "has an @ behind its host, as if a / ? or # stood in its password"
        }
        return nil
    }

    // MARK: Showing

    /// What libcurl says, without any proxy's URL and without what may be a name and password of one.
    func without(_ detail: String) -> String {
        // Cut off by libcurl at 255 bytes, so that what is left of a URL is no longer found by itself.
        if detail.hasPrefix("Unsupported proxy"), let quote = detail.firstIndex(of: "'") {
            return detail[..<quote] + "'…'"
        }
        var text = detail
        for proxy in proxies.sorted(by: { $0.url.utf8.count > $1.url.utf8.count }) where proxy.url.contains("@") {
            text = text.replacing(proxy.url, with: "…")
        }
        guard let slashes = text.firstRange(of: "//"), let at = text.lastIndex(of: "@"), at >= slashes.upperBound else {
            return text
        }
        return text[..<slashes.upperBound] + "…" + text[at...]
    }
}
