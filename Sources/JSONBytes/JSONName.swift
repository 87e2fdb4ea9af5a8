/// A member's name as it stands in the input, to be compared with names that are known: `case "Item":`.
public struct JSONName: Sendable {
    /// The name's UTF-8, its escapes resolved.
    public let utf8: ArraySlice<UInt8>

    /// The name as a String.
    public var text: String { String(decoding: utf8, as: UTF8.self) }

    /// Whether the name has just these characters; no two spellings of one character count as equal.
    public static func == (name: JSONName, text: String) -> Bool {
        guard name.utf8.count == text.utf8.count else { return false }
        let isSame = text.utf8.withContiguousStorageIfAvailable { text in
            name.utf8.withUnsafeBufferPointer { name in text.indices.allSatisfy { text[$0] == name[$0] } }
        }
        return isSame ?? name.utf8.elementsEqual(text.utf8)
    }

    /// Lets a `switch` compare names with literals.
    public static func ~= (text: String, name: JSONName) -> Bool { name == text }
}
