/// Names of Swift made of names and sentences of a contract.
enum SwiftName {
    /// "rider_id" is `riderID`, "ImageURL" is `imageURL`.
    static func property(_ name: String) -> String { lowerCamel(words(of: name)) }

    /// "ORDER_ITEM" is `OrderItem`.
    static func type(_ name: String) -> String {
        let joined = words(of: name).map(capital).joined()
        return joined.first.map(isDigit) ?? true ? "Item" + joined : joined
    }

    /// The name as a part of another one: "GSI1" and "ByRide" stay as they are, "by-ride" is `ByRide`.
    static func part(_ name: String) -> String {
        isIdentifier(name) && name.first?.isUppercase ?? false && !name.contains("_") ? name : type(name)
    }

    /// One of what a table has many of: "Categories" is `Category`.
    static func singularType(_ name: String) -> String {
        var words = words(of: name)
        if let last = words.popLast() { words.append(singular(last)) }
        return type(words.joined(separator: "_"))
    }

    /// "List a rider's rides" is `listRiderRides`: articles and what follows a possessive's apostrophe are left out.
    static func method(_ sentence: String, otherwise: String) -> String {
        let quiet: Set = ["a", "an", "the", "its", "their", "of", "with", "for", "from", "in", "at", "and", "by", "to"]
        var kept: [String] = []
        // Up to here a word belongs to the one before it: "in" of "sign-in".
        var bound = 0
        for word in sentence.split(whereSeparator: { !($0.isLetter || $0.isNumber || "'’-".contains($0)) }) {
            var text = String(word.drop { $0 == "-" })
            while text.last == "-" { text.removeLast() }
            if text.hasSuffix("'s") || text.hasSuffix("’s") { text.removeLast(2) }
            text.removeAll { $0 == "'" || $0 == "’" }
            guard !text.isEmpty else { continue }
            let isQuiet = ["a", "an", "the", "its", "their"].contains(text.lowercased())
            if !isQuiet { kept += words(of: text) }
            if text.contains("-") { bound = kept.count }
        }
        while let last = kept.last, quiet.contains(last), kept.count > bound { kept.removeLast() }
        // No word can begin with a digit: "2FA login" is called after its pattern.
        guard let first = kept.first?.first, !isDigit(first) else { return identifier(otherwise) }
        return lowerCamel(kept)
    }

    /// An id of a pattern as a name: "AP7" is `ap7`, "7" is `pattern7`.
    private static func identifier(_ id: String) -> String {
        let words = words(of: id)
        guard let first = words.first?.first else { return "pattern" }
        return isDigit(first) ? lowerCamel(["pattern"] + words) : lowerCamel(words)
    }

    /// The name as it stands in code: a word of the language in backticks.
    static func escaped(_ name: String) -> String { keywords.contains(name) ? "`\(name)`" : name }

    /// The name of a member of a type: four names mean the type itself there, backticks or not.
    static func member(_ name: String, besides suffix: String) -> String {
        ["self", "init", "Type", "Protocol"].contains(name) ? name + suffix : escaped(name)
    }

    /// Whether Swift takes it as a name.
    static func isIdentifier(_ name: String) -> Bool {
        guard let first = name.unicodeScalars.first, first == "_" || first.properties.isAlphabetic else { return false }
        return name.unicodeScalars.allSatisfy {
            $0 == "_" || $0.properties.isAlphabetic || $0.properties.generalCategory == .nonspacingMark
                || ("0"..."9").contains($0)
        }
    }

    /// "Rides" of "Ride".
    static func plural(_ word: String) -> String {
        if word.hasSuffix("y"), let before = word.dropLast().last, !"aeiou".contains(before) {
            return word.dropLast() + "ies"
        }
        for end in ["s", "x", "ch", "sh"] where word.hasSuffix(end) { return word + "es" }
        return word + "s"
    }

    /// A type's name as words of a sentence: "order item" of `OrderItem`.
    static func spoken(_ type: String) -> String { words(of: type).joined(separator: " ") }

    /// "An" before a vowel's sound, "A" before any other: "An order", "A user", "An upload".
    static func article(of words: String) -> String {
        let silent = ["hour", "honest", "honor", "honour", "heir"]
        let like = ["uni", "use", "usa", "usu", "uti", "ute", "ura", "eu", "one ", "once"]
        let padded = words + " "
        if silent.contains(where: words.hasPrefix) { return "An" }
        if like.contains(where: padded.hasPrefix), !words.hasPrefix("unin"), !words.hasPrefix("unim") { return "A" }
        return "aeiou".contains(words.prefix(1)) ? "An" : "A"
    }

    // MARK: Words

    /// The words of a name in lower case: at signs that are neither letters nor digits, and at humps. Letters are those of any
    /// script, as in Swift; digits are 0 to 9.
    static func words(of name: String) -> [String] {
        var words: [String] = []
        var word = ""
        let letters = Array(name)
        for (place, letter) in letters.enumerated() {
            guard isLetter(letter) || isDigit(letter) else {
                if !word.isEmpty { words.append(word) }
                word = ""
                continue
            }
            let before = place > 0 ? letters[place - 1] : nil
            let after = place + 1 < letters.count ? letters[place + 1] : nil
            let isHump =
                letter.isUppercase
                && (before?.isLowercase ?? false || (before?.isUppercase ?? false) && (after?.isLowercase ?? false))
            if isHump, !word.isEmpty {
                words.append(word)
                word = ""
            }
            word.append(contentsOf: letter.lowercased())
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    /// 0 to 9: other numbers, such as 一, are letters.
    private static func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }

    /// Whether Swift takes it inside of a name: a letter with its marks.
    private static func isLetter(_ character: Character) -> Bool {
        guard character.isLetter else { return false }
        return character.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
                .spacingMark:
                true
            default: false
            }
        }
    }

    private static func lowerCamel(_ words: [String]) -> String {
        guard let first = words.first else { return "" }
        let name = first + words.dropFirst().map(capital).joined()
        return name.first.map(isDigit) == true ? "_" + name : name
    }

    private static func capital(_ word: String) -> String {
        if acronyms.contains(word) { return word.uppercased() }
        if word.last == "s", acronyms.contains(String(word.dropLast())) { return word.dropLast().uppercased() + "s" }
        return word.prefix(1).uppercased() + word.dropFirst()
    }

    private static func singular(_ word: String) -> String {
        if word.hasSuffix("ies"), word.count > 4 { return word.dropLast(3) + "y" }
        for end in ["sses", "xes", "ches", "shes"] where word.hasSuffix(end) { return String(word.dropLast(2)) }
        if word.hasSuffix("s"), !word.hasSuffix("ss"), !word.hasSuffix("us") { return String(word.dropLast()) }
        return word
    }

    private static let acronyms: Set = ["id", "url", "uri", "uuid", "json", "api", "http", "sku", "ip", "html", "ttl"]

    /// Whether the language has the word for itself, so that no type can be called so.
    static func isKeyword(_ name: String) -> Bool { keywords.contains(name) }

    /// Words of the language, and such as mean something where an expression begins.
    private static let keywords: Set = [
        "associatedtype", "class", "deinit", "enum", "extension", "fileprivate", "func", "import", "init", "inout",
        "internal", "let", "open", "operator", "private", "protocol", "public", "rethrows", "static", "struct",
        "subscript", "typealias", "var", "break", "case", "continue", "default", "defer", "do", "else", "fallthrough",
        "for", "guard", "if", "in", "repeat", "return", "switch", "where", "while", "as", "catch", "false", "is", "nil",
        "super", "self", "throw", "throws", "true", "try", "Self", "Any", "precedencegroup", "await", "async", "any",
        "some", "each", "consume", "copy", "discard", "borrow", "unsafe", "actor", "macro", "package", "yield", "then",
        "isolated", "nonisolated", "sending", "borrowing", "consuming", "Type", "Protocol",
    ]
}
