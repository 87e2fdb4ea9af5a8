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
    private let memory: UnsafeMutableRawPointer

    init(_ request: HTTPRequest) throws(TransportError) {
        try RequestCheck.checkMethod(request.method)
        try RequestCheck.checkHeaders(request.headers)
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
