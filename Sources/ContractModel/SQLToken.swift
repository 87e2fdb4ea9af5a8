/// A word, name, text, number or sign of SQL.
enum SQLToken: Equatable {
    case word(String)
    case quotedName(String)
    case text(String)
    case number(String)
    case symbol(String)

    /// The tokens of a text; nil where it holds what is none.
    static func tokens(of source: String) -> [SQLToken]? {
        var tokenizer = SQLTokenizer(source)
        var tokens: [SQLToken] = []
        while true {
            switch tokenizer.take() {
            case .token(let token): tokens.append(token)
            case .end: return tokens
            case .nothing: return nil
            }
        }
    }
}

private struct SQLTokenizer {
    enum Taken {
        case token(SQLToken)
        case end
        case nothing
    }

    private let characters: [Character]
    private var index = 0

    init(_ source: String) { characters = Array(source) }

    private var peek: Character? { index < characters.count ? characters[index] : nil }

    mutating func take() -> Taken {
        while let next = peek, next.isWhitespace { index += 1 }
        guard let next = peek else { return .end }
        if next == "'" || next == "\"" { return quoted(next).map { .token(.text($0)) } ?? .nothing }
        if next == "`" { return quoted(next).map { .token(.quotedName($0)) } ?? .nothing }
        if next.isASCII && next.isNumber { return .token(number()) }
        if next.isLetter || next == "_" { return .token(word()) }
        return symbol(next)
    }

    /// What stands between two equal marks; the mark itself stands there doubled or after a backslash.
    private mutating func quoted(_ mark: Character) -> String? {
        index += 1
        var text = ""
        while let next = peek {
            index += 1
            if next == mark {
                guard peek == mark else { return text }
                index += 1
            } else if next == "\\", mark != "`", let escaped = peek {
                index += 1
                text.append(escaped)
                continue
            }
            text.append(next)
        }
        return nil
    }

    private mutating func number() -> SQLToken {
        let start = index
        while let next = peek, next.isASCII, next.isNumber || next == "." { index += 1 }
        if let next = peek, next.isLetter || next == "_" {
            // MySQL allows a name that starts with digits; what looks like one is one.
            return .word(String(characters[start..<index]) + wordText())
        }
        return .number(String(characters[start..<index]))
    }

    private mutating func word() -> SQLToken { .word(wordText()) }

    private mutating func wordText() -> String {
        let start = index
        while let next = peek, next.isLetter || next.isNumber || next == "_" || next == "$" { index += 1 }
        return String(characters[start..<index])
    }

    private mutating func symbol(_ first: Character) -> Taken {
        index += 1
        if let second = peek, ["<=", ">=", "<>", "!=", "=="].contains(String([first, second])) {
            index += 1
            return .token(.symbol(String([first, second])))
        }
        return "=<>+-*/%(),.".contains(first) ? .token(.symbol(String(first))) : .nothing
    }
}
