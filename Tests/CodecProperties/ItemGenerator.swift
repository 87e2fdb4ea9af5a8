package import TestSupport
package import Tidemark

/// Items with every type in them, which a seed repeats.
package struct ItemGenerator: Sendable {
    package var random: SeededGenerator

    package init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    /// An item of up to eight attributes, nested up to five levels.
    package mutating func item(depth: Int = 0) -> Item {
        var item: Item = [:]
        for _ in 0..<Int.random(in: 0...(depth == 0 ? 8 : 3), using: &random) { item[text()] = value(depth: depth) }
        return item
    }

    /// A value of any type.
    package mutating func value(depth: Int = 0) -> AttributeValue {
        switch Int.random(in: 0..<(depth < 4 ? 10 : 8), using: &random) {
        case 0: return .string(text())
        case 1: return .number(number())
        case 2: return .binary(bytes())
        case 3: return .stringSet(["a", "b" + text()])
        case 4: return .numberSet([number(), "1E-7", "-0.5"])
        case 5: return .binarySet([[], [255] + bytes()])
        case 6: return .bool(Bool.random(using: &random))
        case 7: return .null
        case 8: return .list((0..<Int.random(in: 0...3, using: &random)).map { _ in value(depth: depth + 1) })
        default: return .map(item(depth: depth + 1))
        }
    }

    /// A number that DynamoDB holds, in any of its spellings.
    package mutating func number() -> String {
        let whole = digits(0...20)
        let fraction = digits((whole.isEmpty ? 1 : 0)...18)
        var text = ["", "-", "+"][Int.random(in: 0..<3, using: &random)] + whole
        if !fraction.isEmpty || Bool.random(using: &random) { text += "." + fraction }
        if Bool.random(using: &random) {
            text += Bool.random(using: &random) ? "e" : "E"
            text += "\(Int.random(in: -100...100, using: &random))"
        }
        return text
    }

    /// Text of any length up to 40, with what JSON escapes, what takes two, three and four bytes, and what ends in NUL.
    package mutating func text() -> String {
        let alphabet: [Unicode.Scalar] = Array(
            "aZ09 \"\\/\u{0}\u{8}\u{1F}\u{7F}\u{80}é漢\u{FFFF}😀\u{10FFFF}\n\t{}[]:,#".unicodeScalars)
        let isPlain = Bool.random(using: &random)
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...40, using: &random) {
            text.append(isPlain ? "x" : alphabet[Int.random(in: alphabet.indices, using: &random)])
        }
        return String(text)
    }

    /// Up to 40 bytes.
    package mutating func bytes() -> [UInt8] {
        (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }

    private mutating func digits(_ count: ClosedRange<Int>) -> String {
        String(
            (0..<Int.random(in: count, using: &random)).map { _ in "0123456789".randomElement(using: &random) ?? "0" })
    }
}
