internal import CCrypto

/// SHA-256 over OpenSSL's low-level calls, which cost a fifth of the EVP interface on a short message.
public enum SHA256Hash {
    /// Bytes of a digest.
    public static let digestLength = 32

    /// The digest of the bytes.
    public static func digest(_ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes { SHA256Digest(of: $0).array }
    }

    /// The digest of the bytes, in lower-case hexadecimal.
    public static func hex(_ bytes: [UInt8]) -> String {
        Hex.string(digest(bytes))
    }
}

/// The HMAC-SHA-256 of the message (https://www.rfc-editor.org/rfc/rfc2104).
public func hmacSHA256(key: [UInt8], message: [UInt8]) -> [UInt8] {
    message.withUnsafeBytes { HMACKey(key).authenticate($0).array }
}

/// An HMAC key with both its blocks already hashed, so that a message costs two compressions less.
struct HMACKey: Sendable {
    private static let blockLength = 64

    private var inner: SHA256_CTX
    private var outer: SHA256_CTX

    init(_ key: [UInt8]) {
        var block = key.count > HMACKey.blockLength ? SHA256Hash.digest(key) : key
        block.append(contentsOf: repeatElement(0, count: HMACKey.blockLength - block.count))
        inner = HMACKey.context(block.map { $0 ^ 0x36 })
        outer = HMACKey.context(block.map { $0 ^ 0x5C })
    }

    private static func context(_ block: [UInt8]) -> SHA256_CTX {
        var context = SHA256_CTX()
        tidemark_sha256_init(&context)
        block.withUnsafeBytes { tidemark_sha256_update(&context, $0.baseAddress, $0.count) }
        return context
    }

    func authenticate(_ message: UnsafeRawBufferPointer) -> SHA256Digest {
        var context = inner
        tidemark_sha256_update(&context, message.baseAddress, message.count)
        let digest = SHA256Digest(finishing: &context)
        context = outer
        withUnsafeBytes(of: digest.bytes) { tidemark_sha256_update(&context, $0.baseAddress, $0.count) }
        return SHA256Digest(finishing: &context)
    }
}

/// Lower-case hexadecimal.
public enum Hex {
    /// Two digits a byte.
    public static func string(_ bytes: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
            for (index, byte) in bytes.enumerated() {
                buffer[index * 2] = digit(byte >> 4)
                buffer[index * 2 + 1] = digit(byte & 0xF)
            }
            return bytes.count * 2
        }
    }

    @inline(__always)
    static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + (nibble - 10)
    }
}

/// SHA-1, which names the files of AWS's SSO cache and proves nothing.
enum SHA1 {
    /// 40 hexadecimal digits.
    static func hex(_ bytes: [UInt8]) -> String {
        var digest = [UInt8](repeating: 0, count: 20)
        tidemark_sha1(bytes, bytes.count, &digest)
        return Hex.string(digest)
    }
}
