/// The name under which a partition key is shown where the key itself must not be: HMAC-SHA256 under a secret, so that a
/// name cannot be turned back into its key by trying keys.
///
/// A service and an agent that know the same secret give a key the same name.
public enum KeyName {
    /// Bytes that a secret needs at least.
    public static let minimumSecretBytes = 32

    /// 32 hexadecimal digits. The hash is of the whole key, the text may be cut: together they tell keys apart.
    public static func make(secret: [UInt8], hash: UInt64, text: String) -> String {
        var message = Array(text.utf8)
        for shift in stride(from: 56, through: 0, by: -8) {
            message.append(UInt8(truncatingIfNeeded: hash >> UInt64(shift)))
        }
        return String(Hex.string(hmacSHA256(key: secret, message: message)).prefix(32))
    }
}
