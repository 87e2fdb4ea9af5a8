/// The request in the one form that both sides hash.
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#create-canonical-request
enum CanonicalRequest {
    /// Gives the canonical form's bytes, and those of its list of signed headers (`content-type;host;x-amz-date`), which
    /// are valid inside the body only.
    static func withBytes<Result>(
        of request: HTTPRequest,
        _ body: (_ canonical: UnsafeRawBufferPointer, _ signedHeaders: UnsafeRawBufferPointer) -> Result
    ) -> Result {
        var url = request.url
        return url.withUTF8 { url in
            let parts = URLParts(url)
            var headerBytes = "host".utf8.count + url.count
            for header in request.headers { headerBytes += header.name.utf8.count + header.value.utf8.count }
            // A byte of the path takes three at most, a name stands twice, each header has three marks of its own.
            let capacity =
                64 + request.method.utf8.count + 3 * url.count + 2 * headerBytes + 3 * (request.headers.count + 1)
                + 2 * SHA256Hash.digestLength
            return CanonicalHeaders.with(request.headers, host: raw(url[parts.hostAsSent]), bytes: headerBytes) {
                headers in
                withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { memory in
                    var writer = ByteWriter(memory)
                    writer.append(request.method)
                    writer.append("\n" as Unicode.Scalar)
                    appendPath(url[parts.path], to: &writer)
                    writer.append("\n" as Unicode.Scalar)
                    appendQuery(url[parts.query], to: &writer)
                    writer.append("\n" as Unicode.Scalar)
                    let names = headers.append(to: &writer)
                    writer.append(hex: request.body.withUnsafeBytes { SHA256Digest(of: $0) })
                    return body(writer.bytes, writer[names])
                }
            }
        }
    }

    /// Removes dot segments and doubled slashes, and encodes what is there once more, so that an encoded path comes out
    /// encoded twice: every service but S3 wants it so.
    private static func appendPath(_ path: Slice<UnsafeBufferPointer<UInt8>>, to writer: inout ByteWriter) {
        let slash = UInt8(ascii: "/")
        if path.count <= 1 { return writer.append(slash) }
        var segments: [Slice<UnsafeBufferPointer<UInt8>>] = []
        for segment in path.split(separator: slash) where !segment.elementsEqual(".".utf8) {
            if segment.elementsEqual("..".utf8) {
                _ = segments.popLast()
            } else {
                segments.append(segment)
            }
        }
        for segment in segments {
            writer.append(slash)
            for byte in segment { appendEncoded(byte, to: &writer) }
        }
        if segments.isEmpty || path.last == slash { writer.append(slash) }
    }

    private static func appendEncoded(_ byte: UInt8, to writer: inout ByteWriter) {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            writer.append(byte)
        default:
            writer.append("%" as Unicode.Scalar)
            writer.append(Hex.digit(byte >> 4).asciiUppercased)
            writer.append(Hex.digit(byte & 0xF).asciiUppercased)
        }
    }

    /// Sorts the pairs by name, then by value; the query is already encoded and stays as it is.
    private static func appendQuery(_ query: Slice<UnsafeBufferPointer<UInt8>>, to writer: inout ByteWriter) {
        if query.isEmpty { return }
        let equals = UInt8(ascii: "=")
        let whole: [Slice<UnsafeBufferPointer<UInt8>>] = query.split(
            separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
        let pairs = whole.map { pair in
            let end = pair.firstIndex(of: equals) ?? pair.endIndex
            return (name: pair[..<end], value: end < pair.endIndex ? pair[(end + 1)...] : pair[end...])
        }
        let sorted = pairs.sorted { left, right in
            left.name.elementsEqual(right.name)
                ? left.value.lexicographicallyPrecedes(right.value) : left.name.lexicographicallyPrecedes(right.name)
        }
        for (index, pair) in sorted.enumerated() {
            if index > 0 { writer.append("&" as Unicode.Scalar) }
            writer.append(raw(pair.name))
            writer.append(equals)
            writer.append(raw(pair.value))
        }
    }

    private static func raw(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> UnsafeRawBufferPointer {
        let whole: UnsafeBufferPointer<UInt8> = UnsafeBufferPointer(rebasing: bytes)
        return UnsafeRawBufferPointer(whole)
    }
}

extension UInt8 {
    fileprivate var asciiUppercased: UInt8 {
        self >= UInt8(ascii: "a") && self <= UInt8(ascii: "z") ? self & 0xDF : self
    }
}
