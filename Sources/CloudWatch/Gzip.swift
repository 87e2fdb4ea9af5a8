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

/// What comes out of zlib at a time.
private let pieceSize = 16 << 10

/// Compresses bytes as gzip, for `Content-Encoding: gzip`.
///
/// - Parameter level: 1 (fast) to 9 (small). Of a PutMetricData body 4, the default, makes a tenth more than zlib's own 6, in a
///   quarter of its time; CloudWatch asks money for metrics and requests, not for bytes.
public func gzip(_ bytes: [UInt8], level: Int32 = 4) throws(GzipError) -> [UInt8] {
    var stream = z_stream()
    let started = deflateInit2_(
        &stream, level, Z_DEFLATED, gzipWindowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size))
    guard started == Z_OK else { throw GzipError(code: started) }
    defer { deflateEnd(&stream) }
    // zlib only reads through the pointer, whatever its type says. https://zlib.net/manual.html (next_in)
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count / 4 + 64)
    let code = bytes.withUnsafeBufferPointer { source in
        stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
        stream.avail_in = UInt32(source.count)
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: pieceSize) { piece in
            var code = Z_OK
            repeat {
                stream.next_out = piece.baseAddress
                stream.avail_out = UInt32(piece.count)
                code = deflate(&stream, Z_FINISH)
                output.append(contentsOf: piece[..<(piece.count - Int(stream.avail_out))])
            } while code == Z_OK || (code == Z_BUF_ERROR && stream.avail_out == 0)
            return code
        }
    }
    guard code == Z_STREAM_END else { throw GzipError(code: code) }
    return output
}
