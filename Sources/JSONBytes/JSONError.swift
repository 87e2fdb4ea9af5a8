/// Why bytes are not the JSON that was expected, and where.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Offset of the offending byte from the start of the input.
    public var offset: Int
    /// Line of the offending byte, from 1.
    public var line: Int
    /// Column of the offending byte in bytes, from 1.
    public var column: Int
    /// What is wrong, as half a sentence: "a comma or '}' was expected".
    public var reason: String

    /// Makes an error whose line and column are counted from the input.
    public init(offset: Int, in bytes: [UInt8], reason: String) {
        let position = JSONError.position(of: offset, in: bytes)
        self.offset = offset
        self.line = position.line
        self.column = position.column
        self.reason = reason
    }

    /// "line 3, column 14: a comma or '}' was expected".
    public var description: String { "line \(line), column \(column): \(reason)" }

    static func position(of offset: Int, in bytes: [UInt8]) -> (line: Int, column: Int) {
        var line = 1
        var lineStart = 0
        for index in 0..<min(offset, bytes.count) where bytes[index] == UInt8(ascii: "\n") {
            line += 1
            lineStart = index + 1
        }
        return (line, min(offset, bytes.count) - lineStart + 1)
    }
}
