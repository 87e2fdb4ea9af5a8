internal import AWSCore

/// Values as the texts by which keys are looked for, of those that are none.
public enum KeyText {
    /// A binary's: base64.
    public static func of(_ bytes: [UInt8]) -> String { Base64.encode(bytes) }
}
