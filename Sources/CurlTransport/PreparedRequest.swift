internal import AWSCore

/// A request as the bytes that go over the connection: request line, headers and body in one piece.
///
/// Made in the caller's task, so that the loop's thread only hands it on.
struct PreparedRequest: Sendable {
    let bytes: [UInt8]

    /// Throws `.invalidRequest` for what would break a header's line or contradict the framing.
    init(_ request: HTTPRequest, to target: Target) throws(TransportError) {
        try RequestCheck.checkMethod(request.method)
        try RequestCheck.checkHeaders(request.headers)
        let length = String(request.body.count)
        var capacity =
            PreparedRequest.fixedBytes + request.method.utf8.count + target.requestLineEnd.count + target.hostLine.count
            + request.body.count
        for header in request.headers { capacity += header.name.utf8.count + header.value.utf8.count + 4 }
        bytes = [UInt8](unsafeUninitializedCapacity: capacity) { memory, count in
            var writer = ByteWriter(memory)
            writer.append(request.method)
            writer.append(target.requestLineEnd)
            if request.header("Host") == nil { writer.append(target.hostLine) }
            for header in request.headers {
                writer.append(header.name)
                writer.append(": ")
                writer.append(header.value)
                writer.append("\r\n")
            }
            if !request.body.isEmpty || (request.method != "GET" && request.method != "HEAD") {
                writer.append("Content-Length: ")
                writer.append(length)
                writer.append("\r\n")
            }
            writer.append("\r\n")
            writer.append(request.body)
            count = writer.count
        }
    }

    /// Room for the length's header and the empty line.
    private static let fixedBytes = 64
}
