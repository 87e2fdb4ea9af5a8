/// One element of a small XML document: as much of XML as STS's answers are written in.
///
/// Refused rather than guessed at: document types, comments, processing instructions after the first line, character
/// data beside elements other than white space, unknown entities, more than 32 levels, anything that is not UTF-8.
/// Attributes are skipped, prefixes of names kept.
struct XMLElement: Equatable {
    private(set) var name: String
    private(set) var children: [XMLElement] = []
    /// The text of an element without children.
    private(set) var text: String = ""

    struct Malformed: Error, Equatable {
        var offset: Int
        var reason: String
    }

    static let maximumDepth = 32

    init(parsing bytes: [UInt8]) throws(Malformed) {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw Malformed(offset: 0, reason: "not UTF-8") }
        var reader = Reader(bytes: bytes)
        reader.skipByteOrderMark()
        reader.skipSpace()
        if reader.starts(with: "<?xml") { try reader.skip(through: "?>") }
        reader.skipSpace()
        self = try reader.element(depth: 0)
        reader.skipSpace()
        guard reader.isAtEnd else { throw reader.malformed("something follows the document") }
    }

    fileprivate init(name: String, children: [XMLElement], text: String) {
        (self.name, self.children, self.text) = (name, children, text)
    }

    /// The first child of that name.
    func child(_ name: String) -> XMLElement? { children.first { $0.name == name } }
}

private struct Reader {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position >= bytes.count }
    func malformed(_ reason: String) -> XMLElement.Malformed { .init(offset: position, reason: reason) }

    func starts(with text: String) -> Bool { bytes[position...].starts(with: text.utf8) }

    mutating func skipByteOrderMark() {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    mutating func skipSpace() {
        while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
    }

    mutating func skip(through end: String) throws(XMLElement.Malformed) {
        while position < bytes.count {
            if starts(with: end) {
                position += end.utf8.count
                return
            }
            position += 1
        }
        throw malformed("it ends inside a tag")
    }

    private mutating func take(_ text: String) throws(XMLElement.Malformed) {
        guard starts(with: text) else { throw malformed("\(text) is missing") }
        position += text.utf8.count
    }

    mutating func element(depth: Int) throws(XMLElement.Malformed) -> XMLElement {
        guard depth < XMLElement.maximumDepth else { throw malformed("it is nested too deeply") }
        try take("<")
        let name = try takeName()
        if try skipAttributes() { return XMLElement(name: name, children: [], text: "") }
        var children: [XMLElement] = []
        var text: [UInt8] = []
        while true {
            guard position < bytes.count else { throw malformed("\(name) is not closed") }
            if starts(with: "</") { break }
            if bytes[position] == UInt8(ascii: "<") {
                children.append(try element(depth: depth + 1))
            } else {
                try takeCharacter(into: &text)
            }
        }
        try take("</")
        guard try takeName() == name else { throw malformed("another element than \(name) is closed") }
        skipSpace()
        try take(">")
        if !children.isEmpty {
            guard text.allSatisfy(Self.isSpace) else { throw malformed("\(name) mixes text and elements") }
            text = []
        }
        return XMLElement(name: name, children: children, text: String(decoding: text, as: UTF8.self))
    }

    private mutating func takeName() throws(XMLElement.Malformed) -> String {
        let start = position
        while position < bytes.count, Self.isName(bytes[position]) { position += 1 }
        guard position > start else { throw malformed("a name is missing") }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// To the tag's end; whether the element ends with it.
    private mutating func skipAttributes() throws(XMLElement.Malformed) -> Bool {
        while true {
            skipSpace()
            if starts(with: "/>") {
                position += 2
                return true
            }
            if starts(with: ">") {
                position += 1
                return false
            }
            _ = try takeName()
            skipSpace()
            try take("=")
            skipSpace()
            guard position < bytes.count, [UInt8(ascii: "\""), UInt8(ascii: "'")].contains(bytes[position]) else {
                throw malformed("an attribute has no quotes")
            }
            let quote = bytes[position]
            position += 1
            guard let end = bytes[position...].firstIndex(of: quote) else { throw malformed("a quote is not closed") }
            position = end + 1
        }
    }

    private mutating func takeCharacter(into text: inout [UInt8]) throws(XMLElement.Malformed) {
        guard bytes[position] == UInt8(ascii: "&") else {
            text.append(bytes[position])
            position += 1
            return
        }
        guard let end = bytes[position...].prefix(12).firstIndex(of: UInt8(ascii: ";")),
            let character = Self.entity(String(decoding: bytes[(position + 1)..<end], as: UTF8.self))
        else { throw malformed("an entity is not known") }
        text.append(contentsOf: String(Character(character)).utf8)
        position = end + 1
    }

    private static func entity(_ name: String) -> Unicode.Scalar? {
        switch name {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default:
            guard name.hasPrefix("#") else { return nil }
            let isHexadecimal = name.dropFirst().first == "x"
            let number = UInt32(name.dropFirst(isHexadecimal ? 2 : 1), radix: isHexadecimal ? 16 : 10)
            return number.flatMap { $0 == 0 ? nil : Unicode.Scalar($0) }
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    private static func isName(_ byte: UInt8) -> Bool {
        byte.isASCIIDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte >= 0x80
            || "_-.:".utf8.contains(byte)
    }
}
