internal import CCurl
internal import Glibc

/// A proxy that connections go over.
package struct ProxyInUse: Equatable, Sendable, CustomStringConvertible {
    /// Host and port, without a name and password.
    package var address: String
    /// The variable that names it.
    package var variable: String

    /// "the proxy proxy.corp:3128 of https_proxy"
    package var description: String { "the proxy \(address) of \(variable)" }

    /// What to do where nothing comes through it.
    package static let advice =
        "check that it runs and lets this host through, or name the endpoint's host in no_proxy"

    /// What to do where it wants to know who asks.
    package static let loginAdvice =
        "give the proxy its user and password in http_proxy or https_proxy, or go past it with no_proxy"
}

extension ProxyVariables {
    /// The proxy that libcurl takes for the URL; nil for none.
    ///
    /// https://curl.se/libcurl/c/CURLOPT_PROXY.html and CURLOPT_NOPROXY.html: the scheme's own variable before the one for all,
    /// small letters before capitals, and HTTP_PROXY never.
    func proxy(for url: String) -> ProxyInUse? {
        guard !isEmpty else { return nil }
        let target = LibcurlURL(url)
        let scheme = target?[CURLUPART_SCHEME].lowercased() ?? ""
        guard let host = target?[CURLUPART_HOST], !host.isEmpty, !isExcepted(host) else { return nil }
        let names = (scheme == "http" ? ["http_proxy"] : ["https_proxy", "HTTPS_PROXY"]) + ["all_proxy", "ALL_PROXY"]
        for name in names {
            guard let url = self.url(of: name), let parts = LibcurlURL(url) else { continue }
            let said = parts[CURLUPART_PORT]
            let port = !said.isEmpty ? said : parts[CURLUPART_SCHEME].lowercased() == "https" ? "443" : "1080"
            return ProxyInUse(address: "\(parts[CURLUPART_HOST]):\(port)", variable: name)
        }
        return nil
    }

    /// Whether `no_proxy` names the host: itself, a domain that it is in, or a network.
    private func isExcepted(_ host: String) -> Bool {
        if isOff { return true }
        let isBracketed = host.hasPrefix("[")
        let name = isBracketed ? String(host.dropFirst().dropLast()) : Self.withoutDot(host.lowercased()[...])
        let address = Self.address(name)
        return exceptions.split(whereSeparator: { $0 == "," || $0.isWhitespace }).contains { entry in
            if let address { return Self.isIn(entry, address) }
            let domain = Self.withoutDot(entry.lowercased().drop { $0 == "." })
            return !domain.isEmpty && (name == domain || name.hasSuffix("." + domain))
        }
    }

    private static func withoutDot(_ text: Substring) -> String {
        String(text.hasSuffix(".") ? text.dropLast() : text)
    }

    /// Whether the address is the entry, or in its network.
    private static func isIn(_ entry: Substring, _ address: [UInt8]) -> Bool {
        let parts = entry.split(separator: "/", maxSplits: 1)
        guard let first = parts.first, let network = self.address(String(first)), network.count == address.count else {
            return false
        }
        guard let bits = parts.count == 1 ? address.count * 8 : Int(parts[1]), (0...address.count * 8).contains(bits)
        else {
            return false
        }
        return (0..<bits).allSatisfy { bit in
            let mask = UInt8(0x80) >> UInt8(bit & 7)
            return network[bit / 8] & mask == address[bit / 8] & mask
        }
    }

    /// The bytes of an address of IPv4 or IPv6; nil for a name.
    private static func address(_ text: String) -> [UInt8]? {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }
}

/// A URL's parts as libcurl itself reads them.
final class LibcurlURL {
    private let handle: OpaquePointer

    /// Nil for what it cannot read.
    init?(_ url: String) {
        guard let handle = curl_url() else { return nil }
        let flags = UInt32(CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME)
        guard curl_url_set(handle, CURLUPART_URL, url, flags) == CURLUE_OK else {
            curl_url_cleanup(handle)
            return nil
        }
        self.handle = handle
    }

    deinit { curl_url_cleanup(handle) }

    /// The part; empty where there is none.
    subscript(part: CURLUPart) -> String {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &text, 0) == CURLUE_OK, let text else { return "" }
        defer { curl_free(text) }
        return String(cString: text)
    }
}

extension CurlTransport.Configuration {
    /// The proxy that connections to the URL go over; nil for none.
    package func proxy(for url: String) -> ProxyInUse? {
        usesProxyFromEnvironment ? ProxyVariables.current.proxy(for: url) : nil
    }
}
