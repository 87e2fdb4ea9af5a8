/// The part of YAML that a file of settings needs: `name: value` lines and comments. Everything that this reads, every
/// reader of YAML 1.1 or 1.2 reads alike; what they read otherwise or differently is refused with its place.
package enum FlatYAML {
    /// Every setting of the file and everything that is wrong with it.
    package static func read(_ bytes: [UInt8]) -> SettingsDocument {
        var document = SettingsDocument()
        guard let whole = String(validating: bytes, as: UTF8.self) else {
            document.problems.append(.init(line: 1, column: 1, sentence: "the file is not UTF-8 text"))
            return document
        }
        let text = whole.hasPrefix("\u{FEFF}") ? whole.dropFirst() : whole[...]
        var seen: [String: Int] = [:]
        // On bytes, since Swift takes CR LF for one character, and other line ends of Unicode are none here.
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, rawLine) in lines.enumerated() {
            let raw = rawLine.last == UInt8(ascii: "\r") ? rawLine.dropLast() : rawLine
            let line = String(Substring(raw))
            if index == 0, line == "---" { continue }
            do throws(SettingsDocument.Problem) {
                var reader = LineReader(line, number: index + 1)
                guard let entry = try reader.entry() else { continue }
                if let first = seen[entry.name] {
                    throw .init(
                        line: entry.line, column: 1, sentence: "`\(entry.name)` stands in line \(first) already")
                }
                seen[entry.name] = entry.line
                document.entries.append(entry)
            } catch {
                document.problems.append(error)
            }
        }
        return document
    }
}

private struct LineReader {
    private let characters: [Character]
    private let number: Int
    private var position = 0

    init(_ line: String, number: Int) {
        characters = Array(line)
        self.number = number
    }

    private func problem(_ sentence: String) -> SettingsDocument.Problem {
        .init(line: number, column: position + 1, sentence: sentence)
    }

    /// The line's setting; nil for an empty line or a comment.
    mutating func entry() throws(SettingsDocument.Problem) -> SettingsDocument.Entry? {
        if characters.allSatisfy({ $0 == " " }) { return nil }
        if let first = characters.first(where: { $0 != " " }), first == "#" { return nil }
        guard let first = characters.first, first != " ", first != "\t" else {
            throw problem("settings begin at the line's start: lists and nested values are not used here")
        }
        if first == "-" { throw problem("lists are not used here: write `name: value`") }
        if first == "%" || characters.starts(with: "...") { throw problem("write `name: value`") }
        let name = try takeName()
        skipSpaces()
        let column = position + 1
        let value = try takeValue(of: name)
        try requireEnd()
        return .init(
            name: name, value: value, line: number, column: column, namePlace: .init(line: number, column: 1))
    }

    private mutating func takeName() throws(SettingsDocument.Problem) -> String {
        let start = position
        while position < characters.count, characters[position].isNamePart { position += 1 }
        let name = String(characters[start..<position])
        guard !name.isEmpty, position < characters.count, characters[position] == ":" else {
            throw problem("write `name: value`, the name without quotes")
        }
        position += 1
        guard position == characters.count || characters[position] == " " else {
            throw problem("a space must follow the colon")
        }
        return name
    }

    private mutating func skipSpaces() {
        while position < characters.count, characters[position] == " " { position += 1 }
    }

    private mutating func takeValue(of name: String) throws(SettingsDocument.Problem) -> SettingValue {
        guard position < characters.count, !isComment else { throw problem("`\(name)` has no value") }
        switch characters[position] {
        case "'": return .text(try takeSingleQuoted())
        case "\"": return .text(try takeDoubleQuoted())
        default: return try takePlain(of: name)
        }
    }

    private var isComment: Bool {
        position < characters.count && characters[position] == "#" && position > 0 && characters[position - 1] == " "
    }

    private mutating func requireEnd() throws(SettingsDocument.Problem) {
        skipSpaces()
        guard position == characters.count || isComment else {
            throw problem("nothing but a comment may follow the value")
        }
    }

    private mutating func takeSingleQuoted() throws(SettingsDocument.Problem) -> String {
        var text = ""
        let start = position
        position += 1
        while position < characters.count {
            let character = characters[position]
            position += 1
            if character != "'" {
                text.append(character)
            } else if position < characters.count, characters[position] == "'" {
                text.append("'")
                position += 1
            } else {
                return text
            }
        }
        position = start
        throw problem("the quote is not closed in this line")
    }

    private mutating func takeDoubleQuoted() throws(SettingsDocument.Problem) -> String {
        var text = ""
        let start = position
        position += 1
        while position < characters.count {
            let character = characters[position]
            position += 1
            if character == "\"" { return text }
            guard character == "\\" else {
                text.append(character)
                continue
            }
            guard position < characters.count, let meant = Self.escapes[characters[position]] else {
                position -= 1
                throw problem("only \\\", \\\\, \\n and \\t are used between double quotes")
            }
            text.append(meant)
            position += 1
        }
        position = start
        throw problem("the quote is not closed in this line")
    }

    private static let escapes: [Character: Character] = ["\"": "\"", "\\": "\\", "n": "\n", "t": "\t"]
    private static let reserved = Set("[]{}&*!|>%@`,?")
    /// What YAML 1.1 takes for flags or nothing, and 1.2 for text.
    private static let ambiguous: Set<String> = ["yes", "no", "on", "off", "y", "n", "null", "~", "=", "<<", "-0"]

    private mutating func takePlain(of name: String) throws(SettingsDocument.Problem) -> SettingValue {
        let isItem =
            characters[position] == "-" && (position + 1 == characters.count || characters[position + 1] == " ")
        guard !Self.reserved.contains(characters[position]), !isItem else {
            throw problem("lists, maps, anchors, tags and blocks are not used here: put text in quotes")
        }
        let start = position
        while position < characters.count, !isComment { position += 1 }
        var plain = characters[start..<position]
        while plain.last == " " { plain.removeLast() }
        let text = String(plain)
        position = start
        if text.contains(": ") || text.hasSuffix(":") || text.contains("\t") || text.contains(where: \.isControl) {
            throw problem("put this value in quotes")
        }
        let word = text.lowercased()
        if Self.ambiguous.contains(word) {
            throw problem(
                "`\(name)` is \(text) without quotes, which readers of YAML take differently: write true or false, or "
                    + "\"\(text)\" where text is meant")
        }
        if word == "true" || word == "false" {
            guard ["true", "false"].contains(text) else { throw problem("write \(word) in small letters") }
            position = start + plain.count
            return .flag(text == "true")
        }
        if let value = try number(text, of: name) {
            position = start + plain.count
            return value
        }
        position = start + plain.count
        return .text(text)
    }

    /// A plain whole number; nil for what no reader of YAML takes for a number or a time.
    private func number(_ text: String, of name: String) throws(SettingsDocument.Problem) -> SettingValue? {
        guard let first = text.first, first.isASCII, first.isNumber || "+-.".contains(first) else { return nil }
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        let isDecimal = !digits.isEmpty && digits.allSatisfy { $0.isASCII && $0.isNumber }
        if isDecimal, digits == "0" || !digits.hasPrefix("0"), let value = Int(text) { return .integer(value) }
        // An address or a path begins like a number, and is none to anybody.
        let isPlainText = text.contains(where: { $0.isLetter && !"eExXoObB_".contains($0) }) || text.contains("/")
        let isDate = PlainForm.isDate(text)
        if isPlainText && !isDate && !text.hasPrefix("0x") && !text.hasPrefix(".inf") && !text.hasPrefix(".nan") {
            return nil
        }
        if PlainForm.isAddress(text) {
            throw problem("write an address as a URL with http:// or https://, or put it in quotes")
        }
        if isDate || PlainForm.isDecimal(text) {
            let taken = isDate ? "a date" : "a number with decimals"
            throw problem(
                "`\(name)` is \(text) without quotes, which YAML takes for \(taken): write \"\(text)\" where text is meant"
            )
        }
        throw problem(
            "`\(name)` is \(text.prefix(64)) without quotes: write a whole number without sign +, leading zeros or other "
                + "letters, or put it in quotes where text is meant")
    }
}

/// What text without quotes looks like.
private enum PlainForm {
    /// Four numbers with dots between, and perhaps a port.
    static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let numbers = parts[0].split(separator: ".", omittingEmptySubsequences: false) + parts.dropFirst()
        return parts[0].count { $0 == "." } == 3 && parts.count <= 2
            && numbers.allSatisfy { !$0.isEmpty && $0.allSatisfy(\.isNumber) }
    }

    /// 2026-11-26, and with a time behind it. https://yaml.org/type/timestamp.html
    static func isDate(_ text: String) -> Bool {
        let date = text.prefix { $0.isASCII && $0.isNumber || $0 == "-" }
        let rest = text[date.endIndex...]
        let parts = date.split(separator: "-", omittingEmptySubsequences: false)
        return parts.count == 3 && parts[0].count == 4 && (1...2).contains(parts[1].count)
            && (1...2).contains(parts[2].count) && (rest.isEmpty || "Tt ".contains(rest.first ?? "x"))
    }

    /// 1.10
    static func isDecimal(_ text: String) -> Bool {
        text.allSatisfy { $0.isASCII && $0.isNumber || "+-.".contains($0) } && text.count { $0 == "." } == 1
    }
}

extension Character {
    fileprivate var isNamePart: Bool { isASCII && (isLetter || isNumber || self == "-" || self == "_") }
    fileprivate var isControl: Bool { unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F } }
}
