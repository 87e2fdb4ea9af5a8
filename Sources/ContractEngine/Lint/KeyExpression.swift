internal import ContractModel

/// A key as the documents write it where they name an operation: "GSI1PK = CARD#{card_no}", "begins_with(SK, SUBM#{course_id}#)".
struct KeyExpression {
    /// The key's name; nil where none stands there, which means the sort key.
    let key: String?
    /// The key's beginning, or all of it.
    let template: KeyTemplate

    /// Those of a text, in its order.
    static func all(in text: String, keys: [String]) -> [KeyExpression] {
        let text = text.filter { !"`\"'".contains($0) }
        return keys.flatMap { equalities(of: $0, in: text) } + beginnings(in: text, keys: keys)
    }

    /// "PK = USER#{user_id}".
    private static func equalities(of key: String, in text: String) -> [KeyExpression] {
        text.split(separator: key, omittingEmptySubsequences: false).dropFirst().compactMap { rest in
            let rest = rest.drop { $0 == " " }
            guard rest.first == "=" else { return nil }
            return KeyExpression(key: key, value: rest.dropFirst())
        }
    }

    /// "begins_with(SK, ORDER#)", "SK begins_with ORDER#", "begins_with ORDER#".
    private static func beginnings(in text: String, keys: [String]) -> [KeyExpression] {
        let parts = text.split(separator: "begins_with", omittingEmptySubsequences: false)
        return zip(parts, parts.dropFirst()).compactMap { before, rest in
            let inside = rest.drop { " (".contains($0) }
            if let key = keys.first(where: { inside.hasPrefix($0) }) {
                let value = inside.dropFirst(key.count).drop { $0 == " " }
                if value.first == "," { return KeyExpression(key: key, value: value.dropFirst()) }
            }
            let word = before.split(separator: " ").last.map(String.init)
            return KeyExpression(key: word.flatMap { keys.contains($0) ? $0 : nil }, value: inside)
        }
    }

    private init?(key: String?, value: Substring) {
        guard let template = KeyExpression.template(of: value) else { return nil }
        self.key = key
        self.template = template
    }

    /// The template that a text begins with: "USER#{user_id}" of "USER#<user_id> and SK = PROFILE"; nil where none stands there.
    static func template(of value: Substring) -> KeyTemplate? {
        var text = ""
        var depth = 0
        for character in value.drop(while: { $0 == " " }) {
            if depth == 0, character.isWhitespace || "),;|&".contains(character) { break }
            switch character {
            case "{", "<":
                depth += 1
                text.append("{")
            case "}", ">":
                depth -= 1
                text.append("}")
            case "$": continue
            default: text.append(character)
            }
        }
        return text.isEmpty || depth != 0 ? nil : KeyTemplate(text)
    }
}
