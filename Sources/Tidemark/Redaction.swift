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

    /// What stands between quotes in a PartiQL statement, a doubled quote being one; names of tables with it.
    private mutating func literals(of statement: String) {
        let parts = statement.split(separator: "'", omittingEmptySubsequences: false)
        for (place, part) in parts.enumerated() where place % 2 == 1 { note(Array(part.utf8)) }
    }

    private mutating func note(_ value: [UInt8]) {
        guard let first = value.first, value.count <= message.count else { return }
        if places[Int(first)].contains(where: { isQuoted(value, in: message, at: $0) }) { values.insert(value) }
    }

    // MARK: The message

    /// The message with an ellipsis in the place of each value. The longer are cut first: they may hold a shorter one.
    var cutMessage: String {
        var bytes = message
        for value in values.sorted(by: { ($0.count, $0[0]) > ($1.count, $1[0]) }) {
            var place = 0
            while place + value.count <= bytes.count {
                if isQuoted(value, in: bytes, at: place) {
                    bytes.replaceSubrange(place..<place + value.count, with: [QuotedValues.mark])
                }
                place += 1
            }
        }
        let dots = Array("…".utf8)
        return String(decoding: bytes.flatMap { $0 == QuotedValues.mark ? dots : [$0] }, as: UTF8.self)
    }

    /// Whether a value stands there by itself, not within a longer word.
    private func isQuoted(_ value: [UInt8], in text: [UInt8], at place: Int) -> Bool {
        let end = place + value.count
        guard end <= text.count, text[place..<end].elementsEqual(value) else { return false }
        return (place == 0 || !isWord(text[place - 1]) || !isWord(value[0]))
            && (end == text.count || !isWord(text[end]) || !isWord(value[value.count - 1]))
    }

    private func isWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte >= 0x80
    }
}
