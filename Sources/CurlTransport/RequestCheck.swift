internal import AWSCore
internal import Glibc

/// What may not be sent.
enum RequestCheck {
    static func checkMethod(_ method: String) throws(TransportError) {
        guard method == "POST" || method == "GET" || isToken(method) else {
            throw refusal("the method is not one: use POST or GET")
        }
    }

    /// What stands before the URL's path: scheme, host and port.
    static func origin(of url: String) -> String {
        guard let separator = url.firstRange(of: "://") else { return "" }
        let rest = url[separator.upperBound...].utf8
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }
        return String(url[..<(end ?? url.endIndex)])
    }

    /// Refuses a URL that is not absolute, or not encoded, or would send a user's name.
    static func checkURL(_ url: String) throws(TransportError) {
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

    /// Refuses what would break a header's line, or contradict the framing.
    static func checkHeaders(_ headers: [HTTPHeader]) throws(TransportError) {
        for header in headers {
            guard isToken(header.name) else {
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

    private static func isToken(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { bytes in
            for byte in bytes where !isTokenByte(byte) { return false }
            return !bytes.isEmpty
        }
    }

    /// Whether the value has a byte that would end the header's line.
    private static func endsLine(_ value: String) -> Bool {
        var value = value
        return value.withUTF8 { bytes in
            guard let start = bytes.baseAddress else { return false }
            return memchr(start, 0x0A, bytes.count) != nil || memchr(start, 0x0D, bytes.count) != nil
                || memchr(start, 0, bytes.count) != nil
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
        TransportError(code: .invalidRequest, message: reason, wasTried: false)
    }

    /// Letters, digits and ``!#$%&'*+-.^_`|~``, a bit each. https://www.rfc-editor.org/rfc/rfc9110#name-tokens
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        let bits: UInt64 = byte < 64 ? 0x03FF_6CFA_0000_0000 : 0x57FF_FFFF_C7FF_FFFE
        return byte < 128 && bits >> UInt64(byte & 63) & 1 == 1
    }
}
