internal import AWSCore
internal import Glibc

/// What may not be sent.
enum RequestCheck {
    static func checkMethod(_ method: String) throws(TransportError) {
        guard method == "POST" || method == "GET" || (!method.isEmpty && method.utf8.allSatisfy(isTokenByte)) else {
            throw refusal("the method is not one: use POST or GET")
        }
    }

    /// What stands before the URL's path: scheme, host and port.
    fileprivate static func origin(of url: String) -> Substring {
        guard let separator = url.firstRange(of: "://") else { return "" }
        let rest = url[separator.upperBound...]
        return url[..<(rest.utf8.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? url.endIndex)]
    }

    /// Refuses a URL that is not absolute, or not encoded, or would send a user's name.
    fileprivate static func checkURL(_ url: String) throws(TransportError) {
        guard let schemeEnd = url.utf8.firstIndex(of: UInt8(ascii: ":")),
            ["http", "https"].contains(String(url[..<schemeEnd])), url[schemeEnd...].hasPrefix("://")
        else { throw refusal("the URL does not start with http:// or https://: give an absolute one") }
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw refusal("the URL has a space or another character that must be percent-encoded")
        }
        guard !origin(of: url).utf8.contains(UInt8(ascii: "@")) else {
            throw refusal("the URL holds a user name, which would be sent beside the signature: remove it")
        }
    }

    /// Refuses what would break a header's line, or contradict the framing that libcurl writes.
    static func checkHeaders(_ headers: [HTTPHeader]) throws(TransportError) {
        for header in headers {
            guard !header.name.isEmpty, header.name.utf8.allSatisfy(isTokenByte) else {
                throw refusal("a header's name has a character that names cannot have: use letters, digits and hyphens")
            }
            guard !endsLine(header.value) else {
                throw refusal("the header \(header.name) has a line end or zero byte in its value: remove it")
            }
            if isFraming(header.name) {
                throw refusal("the header \(header.name) is the transport's own work: leave it out")
            }
        }
    }

    /// Whether the value has a byte that would end the header's line.
    private static func endsLine(_ value: String) -> Bool {
        var value = value
        return value.withUTF8 { bytes in
            guard let start = bytes.baseAddress else { return false }
            return [0, 0x0A, 0x0D].contains { memchr(start, $0, bytes.count) != nil }
        }
    }

    private static func isFraming(_ name: String) -> Bool {
        switch name.utf8.count {
        case 14: name.equalsIgnoringASCIICase("Content-Length")
        case 17: name.equalsIgnoringASCIICase("Transfer-Encoding")
        default: false
        }
    }

    private static func refusal(_ reason: String) -> TransportError {
        TransportError(code: .invalidRequest, message: reason)
    }

    /// https://www.rfc-editor.org/rfc/rfc9110#name-tokens
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        case UInt8(ascii: "!"), UInt8(ascii: "#")...UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
            UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}

/// The origins of the URLs that were checked: endpoints are few, and every call goes to one of them.
final class KnownOrigins: Sendable {
    /// More than this are checked each time.
    private static let maximumCount = 64

    private let known = Lock<[(url: String, origin: String)]>([])

    /// Scheme, host and port of a URL that may be sent to. Throws `.invalidRequest` for one that may not.
    func origin(of url: String) throws(TransportError) -> String {
        if let found = known.withLock({ $0.first { $0.url == url }?.origin }) { return found }
        try RequestCheck.checkURL(url)
        let origin = String(RequestCheck.origin(of: url))
        known.withLock { known in
            if known.count < KnownOrigins.maximumCount { known.append((url, origin)) }
        }
        return origin
    }
}
