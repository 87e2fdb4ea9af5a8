internal import CZlib

/// The bytes that a complete gzip file unpacks to; nil when it is broken, cut, followed by other bytes, or unpacks to more
/// than `limit` bytes.
public func gunzip(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
    var stream = z_stream()
    guard tidemark_inflate_init(&stream, MAX_WBITS + 16) == Z_OK else { return nil }
    defer { inflateEnd(&stream) }
    var output = [UInt8](repeating: 0, count: limit + 1)
    var input = bytes
    let (code, produced, left) = input.withUnsafeMutableBufferPointer { source in
        output.withUnsafeMutableBufferPointer { target in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            stream.next_out = target.baseAddress
            stream.avail_out = UInt32(target.count)
            let code = inflate(&stream, Z_FINISH)
            return (code, target.count - Int(stream.avail_out), stream.avail_in)
        }
    }
    guard code == Z_STREAM_END, produced <= limit, left == 0 else { return nil }
    return Array(output[..<produced])
}
