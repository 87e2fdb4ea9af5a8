internal import JSONBytes

/// Leaves out of DynamoDB's messages what they quote from a request.
package enum Redaction {
    /// Bytes of a message that is looked through; DynamoDB's have some hundreds. A longer one quotes much, and is not shown at
    /// all: a part of it could end within a value.
    package static let maximumMessageBytes = 2_048

    /// The message without any value of the request, wherever and however DynamoDB quotes it, and without what its usual forms
    /// quote.
    ///
    /// The request is read once, without making anything of it but the values that the message quotes, so that it may be as
    /// large as requests get.
    ///
    /// - Parameter body: the request; empty where it is known that nothing of it is quoted. Values are those of attributes, and
    ///   the literals of PartiQL statements.
    package static func withoutValues(_ message: String, of body: [UInt8]) -> String {
        guard message.utf8.count <= maximumMessageBytes else {
            return "a message of \(message.utf8.count) bytes, which is not shown"
        }
        guard !body.isEmpty else { return withoutQuotedValues(message) }
        var quoted = QuotedValues(message)
        guard quoted.read(body) else { return withoutQuotedValues(message) }
        return withoutQuotedValues(quoted.cutMessage)
    }

    /// `Value 'alice' at 'key' failed…` and `{S: alice}` become `Value '…' at 'key' failed…` and `{…}`.
    package static func withoutQuotedValues(_ message: String) -> String {
        guard message.utf8.contains(where: { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "'") }) else {
            return message
        }
        var text = ""
        var rest = message[...]
        while let brace = rest.firstIndex(where: { $0 == "{" || $0 == "'" }) {
            let isValue = rest[brace] == "{" || rest[..<brace].lowercased().hasSuffix("value ")
            let after = rest.index(after: brace)
            let closing: Character = rest[brace] == "{" ? "}" : "'"
            let isOurs = rest[brace] == "'" && !isValue
            guard let end = rest[after...].firstIndex(of: closing) else {
                return text + (isOurs ? String(rest) : rest[..<after] + "…")
            }
            text += isOurs ? String(rest[...end]) : rest[..<after] + "…" + String(closing)
            rest = rest[rest.index(after: end)...]
        }
        return text + rest
    }
}

/// The values of a request that a message quotes.
private struct QuotedValues {
    private static let valueTypes: Set<String> = ["S", "N", "B", "SS", "NS", "BS"]
    /// Stands for what was cut out until all of it is: no letter, so that what stands beside it stands by itself.
    private static let mark: UInt8 = 0

    private let message: [UInt8]
    /// Where each byte stands in the message.
    private var places = [[Int]](repeating: [], count: 256)
    private var values: Set<[UInt8]> = []

    init(_ text: String) {
        message = text.utf8.map { $0 == QuotedValues.mark ? UInt8(ascii: " ") : $0 }
        for (place, byte) in message.enumerated() { places[Int(byte)].append(place) }
    }

    // MARK: Reading the request

    /// Whether the request could be read.
    mutating func read(_ body: [UInt8]) -> Bool {
        var scanner = JSONScanner(body)
        do throws(JSONError) {
            try read(&scanner, named: "")
            return true
        } catch {
            return false
        }
    }

    private mutating func read(_ scanner: inout JSONScanner, named name: String) throws(JSONError) {
        switch try scanner.peekKind() {
        case .object:
            try scanner.beginObject()
            while let member = try scanner.nextKey() { try read(&scanner, named: member) }
        case .array:
            try scanner.beginArray()
            while try scanner.nextElement() { try read(&scanner, named: name) }
        case .string where QuotedValues.valueTypes.contains(name): note(Array(try scanner.readString().utf8))
        case .string where name == "Statement": literals(of: try scanner.readString())
        default: try scanner.skipValue()
        }
    }

    /// What stands between quotes in a PartiQL statement, a doubled quote being one, and its numbers; names of tables with it.
    private mutating func literals(of statement: String) {
        let parts = statement.split(separator: "'", omittingEmptySubsequences: false)
        for (place, part) in parts.enumerated() {
            if place % 2 == 1 { note(Array(part.utf8)) } else { numbers(of: Array(part.utf8)) }
        }
    }

    /// Words that begin with a digit, with the sign of their exponent.
    private mutating func numbers(of text: [UInt8]) {
        func isOfWord(_ place: Int) -> Bool {
            if isWord(text[place]) || text[place] == UInt8(ascii: ".") || text[place] == UInt8(ascii: "_") {
                return true
            }
            let isSign = text[place] == UInt8(ascii: "+") || text[place] == UInt8(ascii: "-")
            return isSign && place > 0 && text[place - 1] | 0x20 == UInt8(ascii: "e")
        }
        var place = 0
        while place < text.count {
            let start = place
            while place < text.count, isOfWord(place) { place += 1 }
            let word = text[start..<place].drop { $0 == UInt8(ascii: ".") }
            if let first = word.first, (0x30...0x39).contains(first) { note(Array(word)) }
            place = max(place, start + 1)
        }
    }

    private mutating func note(_ value: [UInt8]) {
        guard let first = value.first, value.count <= message.count else { return }
        let backslash = UInt8(ascii: "\\")
        let isFound =
            places[Int(first)].contains { quoted(value, in: message, at: $0) != nil }
            || first != backslash && places[Int(backslash)].contains { quoted(value, in: message, at: $0) != nil }
        if isFound { values.insert(value) }
    }

    // MARK: The message

    /// The message with an ellipsis in the place of each value. The longer are cut first: they may hold a shorter one.
    var cutMessage: String {
        var bytes = message
        for value in values.sorted(by: { ($0.count, $0[0]) > ($1.count, $1[0]) }) {
            var place = 0
            while place + value.count <= bytes.count {
                if let end = quoted(value, in: bytes, at: place) {
                    bytes.replaceSubrange(place..<end, with: [QuotedValues.mark])
                }
                place += 1
            }
        }
        let dots = Array("…".utf8)
        return String(decoding: bytes.flatMap { $0 == QuotedValues.mark ? dots : [$0] }, as: UTF8.self)
    }

    /// Where a value ends that stands there by itself, not within a longer word, as it is or as JSON writes it.
    private func quoted(_ value: [UInt8], in text: [UInt8], at place: Int) -> Int? {
        let plain = place + value.count
        let isPlain = plain <= text.count && text[place..<plain].elementsEqual(value)
        guard let end = isPlain ? plain : JSONEscapes.end(of: value, in: text, at: place) else { return nil }
        let standsAlone =
            (place == 0 || !isWord(text[place - 1]) || !isWord(value[0]))
            && (end == text.count || !isWord(text[end]) || !isWord(value[value.count - 1]))
        return standsAlone ? end : nil
    }

    private func isWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte >= 0x80
    }
}

/// A value within a text, as JSON writes it: `\"` for a quote, `\u00e9` for a letter.
private enum JSONEscapes {
    /// Where the value ends that begins there, any of its characters written as an escape; nil where it does not.
    static func end(of value: [UInt8], in text: [UInt8], at start: Int) -> Int? {
        var (place, matched) = (start, 0)
        while matched < value.count {
            guard place < text.count else { return nil }
            if text[place] == UInt8(ascii: "\\") {
                guard let (bytes, length) = escape(in: text, at: place),
                    value[matched...].starts(with: bytes)
                else { return nil }
                matched += bytes.count
                place += length
            } else {
                guard text[place] == value[matched] else { return nil }
                matched += 1
                place += 1
            }
        }
        return place
    }

    private static let short: [UInt8: UInt8] = [
        UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F, UInt8(ascii: "b"): 0x08,
        UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
        UInt8(ascii: "'"): 0x27,
    ]

    /// What the escape at the backslash stands for, and how long it is.
    private static func escape(in text: [UInt8], at place: Int) -> (bytes: [UInt8], length: Int)? {
        guard place + 1 < text.count else { return nil }
        if let byte = short[text[place + 1]] { return ([byte], 2) }
        guard let high = unit(in: text, at: place) else { return nil }
        if let scalar = Unicode.Scalar(high) { return (Array(String(scalar).utf8), 6) }
        guard let low = unit(in: text, at: place + 6) else { return nil }
        let pair = String(decoding: [high, low], as: UTF16.self)
        return (Array(pair.utf8), 12)
    }

    /// The number of `\u0041` there.
    private static func unit(in text: [UInt8], at place: Int) -> UInt16? {
        guard place + 6 <= text.count, text[place] == UInt8(ascii: "\\"), text[place + 1] == UInt8(ascii: "u") else {
            return nil
        }
        let digits = text[(place + 2)..<(place + 6)]
        guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
        return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
