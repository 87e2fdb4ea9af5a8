internal import JSONBytes

/// Leaves out of DynamoDB's messages what they quote from a request.
package enum Redaction {
    /// The message without any value of the request, wherever and however DynamoDB quotes it, and without what its usual forms
    /// quote.
    ///
    /// - Parameter body: the request. Values are those of attributes, and the literals of PartiQL statements.
    package static func withoutValues(_ message: String, of body: [UInt8]) -> String {
        guard let request = try? JSONValue.parse(body) else { return withoutQuotedValues(message) }
        var values: Set<String> = []
        collect(request, into: &values)
        var bytes = Array(message.utf8)
        // The longer first: it may hold a shorter one.
        for value in values.sorted(by: { ($0.utf8.count, $0) > ($1.utf8.count, $1) }) {
            cut(Array(value.utf8), from: &bytes)
        }
        return withoutQuotedValues(String(decoding: bytes, as: UTF8.self))
    }

    private static let valueTypes: Set<String> = ["S", "N", "B", "SS", "NS", "BS"]

    private static func collect(_ value: JSONValue, into values: inout Set<String>) {
        switch value {
        case .array(let elements): for element in elements { collect(element, into: &values) }
        case .object(let members):
            for member in members {
                switch member.value {
                case .string(let text) where valueTypes.contains(member.name): values.insert(text)
                case .string(let text) where member.name == "Statement": literals(of: text, into: &values)
                case .array(let elements) where valueTypes.contains(member.name):
                    values.formUnion(elements.compactMap(\.stringValue))
                default: collect(member.value, into: &values)
                }
            }
        default: break
        }
    }

    /// What stands between quotes in a PartiQL statement, a doubled quote being one; names of tables with it.
    private static func literals(of statement: String, into values: inout Set<String>) {
        let parts = statement.split(separator: "'", omittingEmptySubsequences: false)
        for (place, part) in parts.enumerated() where place % 2 == 1 { values.insert(String(part)) }
    }

    /// Cuts a text out where it stands by itself, not within a longer word.
    private static func cut(_ value: [UInt8], from message: inout [UInt8]) {
        guard !value.isEmpty, value.count <= message.count else { return }
        func isWord(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte >= 0x80
        }
        var place = 0
        while place + value.count <= message.count {
            let end = place + value.count
            let isWhole =
                (place == 0 || !isWord(message[place - 1]) || !isWord(value[0]))
                && (end == message.count || !isWord(message[end]) || !isWord(value[value.count - 1]))
            guard isWhole, message[place..<end].elementsEqual(value) else {
                place += 1
                continue
            }
            let dots = Array("…".utf8)
            message.replaceSubrange(place..<end, with: dots)
            place += dots.count
        }
    }

    /// `Value 'alice' at 'key' failed…` and `{S: alice}` become `Value '…' at 'key' failed…` and `{…}`.
    package static func withoutQuotedValues(_ message: String) -> String {
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
