internal import AWSCore
internal import CCurl
internal import Glibc

/// A request checked and laid out in memory that libcurl reads in place: the header list's nodes, their lines, the body.
///
/// libcurl copies none of it (`CURLOPT_HTTPHEADER`, `CURLOPT_POSTFIELDS`), so the transfer keeps it until its end.
/// Sendable because nothing changes after `init`.
final class PreparedRequest: @unchecked Sendable {
    /// The first node of the header list.
    let headers: UnsafeMutablePointer<curl_slist>
    let body: UnsafeMutableRawPointer
    let bodyCount: Int
    /// Scheme, host and port, for messages.
    let origin: String
    private let memory: UnsafeMutableRawPointer

    init(_ request: HTTPRequest) throws(TransportError) {
        origin = try RequestCheck.origin(of: request)
        try RequestCheck.checkHeaders(request)
        var unwanted = ["Expect:", "Accept:"]
        if request.header("Content-Type") == nil { unwanted.append("Content-Type:") }
        var lineBytes = 0
        for line in unwanted { lineBytes += line.utf8.count + 1 }
        for header in request.headers { lineBytes += header.name.utf8.count + header.value.utf8.count + 3 }
        let count = request.headers.count + unwanted.count
        let nodeBytes = count * MemoryLayout<curl_slist>.stride
        memory = .allocate(
            byteCount: nodeBytes + lineBytes + request.body.count, alignment: MemoryLayout<curl_slist>.alignment)
        headers = memory.bindMemory(to: curl_slist.self, capacity: count)
        var writer = LineWriter(next: memory + nodeBytes)
        var node = headers
        for line in unwanted {
            node.initialize(to: curl_slist(data: writer.write(line), next: node + 1))
            node += 1
        }
        for header in request.headers {
            node.initialize(to: curl_slist(data: writer.write(header), next: node + 1))
            node += 1
        }
        (node - 1).pointee.next = nil
        body = writer.next
        bodyCount = request.body.count
        request.body.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { writer.next.copyMemory(from: start, byteCount: bytes.count) }
        }
    }

    deinit {
        memory.deallocate()
    }
}

/// Writes header lines one after the other, each ended by a zero byte.
private struct LineWriter {
    var next: UnsafeMutableRawPointer

    mutating func write(_ line: String) -> UnsafeMutablePointer<CChar> {
        let start = next
        append(line)
        append(byte: 0)
        return start.assumingMemoryBound(to: CChar.self)
    }

    /// `Name: value`, and `Name;` for an empty value, which libcurl would take for the wish to leave the header out.
    mutating func write(_ header: HTTPHeader) -> UnsafeMutablePointer<CChar> {
        let start = next
        append(header.name)
        if header.value.isEmpty {
            append(byte: UInt8(ascii: ";"))
        } else {
            append(byte: UInt8(ascii: ":"))
            append(byte: UInt8(ascii: " "))
            append(header.value)
        }
        append(byte: 0)
        return start.assumingMemoryBound(to: CChar.self)
    }

    private mutating func append(byte: UInt8) {
        next.storeBytes(of: byte, as: UInt8.self)
        next += 1
    }

    private mutating func append(_ text: String) {
        var text = text
        next = text.withUTF8 { bytes in
            guard let start = bytes.baseAddress else { return next }
            next.copyMemory(from: start, byteCount: bytes.count)
            return next + bytes.count
        }
    }
}

/// What may not be sent, found before the request reaches the loop.
enum RequestCheck {
    /// Checks method and URL; the URL's scheme, host and port.
    static func origin(of request: HTTPRequest) throws(TransportError) -> String {
        guard !request.method.isEmpty, request.method.utf8.allSatisfy(isTokenByte) else {
            throw refusal("the method is not one: use POST or GET")
        }
        let url = request.url
        guard let schemeEnd = url.utf8.firstIndex(of: UInt8(ascii: ":")),
            ["http", "https"].contains(String(url[..<schemeEnd])), url[schemeEnd...].hasPrefix("://")
        else { throw refusal("the URL does not start with http:// or https://: give an absolute one") }
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw refusal("the URL has a space or another character that must be percent-encoded")
        }
        let authority = url[url.utf8.index(schemeEnd, offsetBy: 3)...]
        let end = authority.utf8.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }
        guard !authority[..<(end ?? authority.endIndex)].utf8.contains(UInt8(ascii: "@")) else {
            throw refusal("the URL holds a user name, which would be sent beside the signature: remove it")
        }
        return String(url[..<(end ?? url.endIndex)])
    }

    /// Refuses what would break a header's line, or contradict the framing that libcurl writes.
    static func checkHeaders(_ request: HTTPRequest) throws(TransportError) {
        for header in request.headers {
            guard !header.name.isEmpty, header.name.utf8.allSatisfy(isTokenByte) else {
                throw refusal("a header's name has a character that names cannot have: use letters, digits and hyphens")
            }
            guard header.value.utf8.allSatisfy({ $0 != 0 && $0 != 0x0A && $0 != 0x0D }) else {
                throw refusal("the header \(header.name) has a line end or zero byte in its value: remove it")
            }
            if header.name.equalsIgnoringASCIICase("Content-Length")
                || header.name.equalsIgnoringASCIICase("Transfer-Encoding")
            {
                throw refusal("the header \(header.name) is the transport's own work: leave it out")
            }
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
