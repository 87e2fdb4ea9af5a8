internal import CZlib

/// zlib could not compress; it ran out of memory or was linked against another version.
public struct GzipError: Error, Sendable, CustomStringConvertible {
    /// zlib's own code, such as -4 (no memory).
    public var code: Int32

    /// One sentence for a log line.
    public var description: String { "zlib could not compress the request (code \(code))." }
}

/// 16 on top of the window bits asks zlib for a gzip header and trailer. https://zlib.net/manual.html
private let gzipWindowBits = MAX_WBITS + 16

/// Compresses bytes as gzip, for `Content-Encoding: gzip`.
///
/// - Parameter level: 1 (fast) to 9 (small); 6, zlib's own default, gives a sixth to a fortieth of a PutMetricData body.
public func gzip(_ bytes: [UInt8], level: Int32 = 6) throws(GzipError) -> [UInt8] {
    var stream = z_stream()
    let started = deflateInit2_(
        &stream, level, Z_DEFLATED, gzipWindowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size))
    guard started == Z_OK else { throw GzipError(code: started) }
    defer { deflateEnd(&stream) }
    var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
    var input = bytes
    let (code, produced) = input.withUnsafeMutableBufferPointer { source in
        output.withUnsafeMutableBufferPointer { target in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            stream.next_out = target.baseAddress
            stream.avail_out = UInt32(target.count)
            let code = deflate(&stream, Z_FINISH)
            return (code, target.count - Int(stream.avail_out))
        }
    }
    guard code == Z_STREAM_END else { throw GzipError(code: code) }
    output.removeLast(output.count - produced)
    return output
}
