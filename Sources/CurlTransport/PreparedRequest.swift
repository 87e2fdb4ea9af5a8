internal import AWSCore

/// A request as the bytes that go over the connection: request line, headers and body in one piece.
///
/// Made in the caller's task, so that the loop's thread only hands it on.
struct PreparedRequest: Sendable {
    let bytes: [UInt8]

    /// Throws `.invalidRequest` for what would break a header's line or contradict the framing.
    init(_ request: HTTPRequest) throws(TransportError) {
        try RequestCheck.checkMethod(request.method)
        try RequestCheck.checkHeaders(request.headers)
        var lineBytes = request.method.utf8.count + 2 * request.url.utf8.count + PreparedRequest.fixedBytes
        for header in request.headers { lineBytes += header.name.utf8.count + header.value.utf8.count + 4 }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(lineBytes + request.body.count)
        PreparedRequest.appendLines(of: request, to: &bytes)
        bytes.append(contentsOf: request.body)
        self.bytes = bytes
    }

    /// Room for the words of the request line, the host's and the length's header.
    private static let fixedBytes = 96

    private static func appendLines(of request: HTTPRequest, to bytes: inout [UInt8]) {
        var url = request.url
        url.withUTF8 { url in
            let parts = URLParts(url)
            append(request.method, to: &bytes)
            bytes.append(UInt8(ascii: " "))
            bytes.append(contentsOf: parts.path.isEmpty ? "/".utf8.prefix(1).map { $0 } : Array(url[parts.path]))
            if !parts.query.isEmpty {
                bytes.append(UInt8(ascii: "?"))
                bytes.append(contentsOf: url[parts.query])
            }
            append(" HTTP/1.1\r\n", to: &bytes)
            if request.header("Host") == nil {
                append("Host: ", to: &bytes)
                bytes.append(contentsOf: url[parts.hostAsSent])
                append("\r\n", to: &bytes)
            }
        }
        for header in request.headers {
            append(header.name, to: &bytes)
            append(": ", to: &bytes)
            append(header.value, to: &bytes)
            append("\r\n", to: &bytes)
        }
        if !request.body.isEmpty || (request.method != "GET" && request.method != "HEAD") {
            append("Content-Length: ", to: &bytes)
            append(String(request.body.count), to: &bytes)
            append("\r\n", to: &bytes)
        }
        append("\r\n", to: &bytes)
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }
}
