import TestSupport

/// JSON documents in many spellings, which a seed repeats: any white space, any escape, any of Unicode.
struct DocumentGenerator {
    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    /// A document that is JSON.
    mutating func document() -> [UInt8] { Array((space() + value(depth: 0) + space()).utf8) }

    /// The document with one to three changes, most of which make it no JSON.
    mutating func damaged(_ document: [UInt8]) -> [UInt8] {
        let pieces = [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "0", "-", "e", ".", " ", "\\u12", "null", "t", "\\ud800",
        ]
        var bytes = document
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let place = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            // NUL bytes make Foundation see UTF-16, a first byte of EF or more a byte order mark.
            case 0: bytes[place] = UInt8.random(in: 1...0xED, using: &random)
            case 1 where bytes.count > 1: bytes.remove(at: place)
            case 2 where place > 0: bytes.removeSubrange(place...)
            default: bytes.insert(contentsOf: (pieces.randomElement(using: &random) ?? "").utf8, at: place)
            }
        }
        return bytes
    }

    private mutating func value(depth: Int) -> String {
        switch Int.random(in: 0..<(depth < 5 ? 8 : 5), using: &random) {
        case 0: return "null"
        case 1: return Bool.random(using: &random) ? "true" : "false"
        case 2: return number()
        case 3, 4: return string()
        case 5, 6:
            var names: Set<String> = []
            let members = (0..<Int.random(in: 0...4, using: &random)).map { place in
                let name = "\"\(place)\(string().dropFirst())"
                names.insert(name)
                return space() + name + space() + ":" + space() + value(depth: depth + 1) + space()
            }
            return "{" + (members.isEmpty ? space() : members.joined(separator: ",")) + "}"
        default:
            let elements = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                space() + value(depth: depth + 1) + space()
            }
            return "[" + (elements.isEmpty ? space() : elements.joined(separator: ",")) + "]"
        }
    }

    private mutating func number() -> String {
        var text = Bool.random(using: &random) ? "-" : ""
        text += Bool.random(using: &random) ? "0" : "\(UInt32.random(in: 1 ... .max, using: &random))"
        if Bool.random(using: &random) { text += ".\(UInt16.random(in: 0 ... .max, using: &random))" }
        if Bool.random(using: &random) {
            text += ["e", "E", "e+", "E-"][Int.random(in: 0..<4, using: &random)]
            text += "\(Int.random(in: 0...60, using: &random))"
        }
        return text
    }

    private mutating func string() -> String {
        var text = "\""
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                text += ["\\\"", "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t"].randomElement(using: &random) ?? ""
            case 1: for unit in Character(scalar()).utf16 { text += escape(unit) }
            case 2, 3: text.unicodeScalars.append(scalar())
            default: text += "plain text "
            }
        }
        return text + "\""
    }

    private mutating func escape(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16, uppercase: Bool.random(using: &random))
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// Any scalar that may stand in a string as it is.
    private mutating func scalar() -> Unicode.Scalar {
        while true {
            let limit: UInt32 = [0x7F, 0x7FF, 0xFFFF, 0x10FFFF][Int.random(in: 0..<4, using: &random)]
            if let scalar = Unicode.Scalar(UInt32.random(in: 0x20...limit, using: &random)), scalar != "\"",
                scalar != "\\"
            {
                return scalar
            }
        }
    }

    private mutating func space() -> String {
        ["", "", "", " ", "\n", "\t\r\n  "][Int.random(in: 0..<6, using: &random)]
    }
}
