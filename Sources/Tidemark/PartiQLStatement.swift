/// One PartiQL statement with the values of its question marks.
///
///     PartiQLStatement(#"SELECT * FROM "Orders" WHERE customer = ?"#, parameters: ["c-7"])
///
/// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html
public struct PartiQLStatement: Sendable, Hashable, ExpressibleByStringLiteral {
    /// The statement, 1 to 8,192 characters. A value belongs into `parameters`, not into the text.
    public var text: String
    /// The value of each `?`, in order.
    public var parameters: [AttributeValue]
    /// Brings the item in the way with the error, where a write's condition does not hold. Default false.
    public var returnItemOnConditionFailure = false

    /// Makes a statement.
    public init(
        _ text: String, parameters: [AttributeValue] = [], returnItemOnConditionFailure: Bool = false
    ) {
        self.text = text
        self.parameters = parameters
        self.returnItemOnConditionFailure = returnItemOnConditionFailure
    }

    /// A statement without parameters.
    public init(stringLiteral value: String) { self.init(value) }
}

extension PartiQLStatement {
    /// Characters of a statement.
    /// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExecuteStatement.html
    static let maximumCharacters = 8_192

    /// What a statement's text plainly shows.
    package struct Target: Equatable {
        /// The statement's first word in capitals: "SELECT".
        package var verb = ""
        /// The one table that it names in its first words; "" where that is not plain.
        package var table = ""
        /// The index that it reads; "" for the table itself.
        package var index = ""

        /// Puts the parts together.
        package init(verb: String = "", table: String = "", index: String = "") {
            self.verb = verb
            self.table = table
            self.index = index
        }

        var isWrite: Bool { verb == "INSERT" || verb == "UPDATE" || verb == "DELETE" }
    }

    /// Where the statement goes, read from its first words alone: FROM "T", FROM "T"."I", INTO "T", UPDATE "T".
    package var target: Target {
        var words = StatementWords(text)
        guard case .word(let first)? = words.next() else { return Target() }
        var target = Target(verb: first.uppercased())
        switch target.verb {
        case "UPDATE": break
        case "INSERT": guard words.skip(past: "INTO") else { return target }
        case "SELECT", "DELETE", "EXISTS": guard words.skip(past: "FROM") else { return target }
        default: return target
        }
        guard let table = words.nextName() else { return target }
        target.table = table
        if words.takeDot() { target.index = words.nextName() ?? "" }
        return target
    }

    /// Checks what DynamoDB would refuse for sure.
    func check() throws(ItemProblem) {
        guard (1...Self.maximumCharacters).contains(text.unicodeScalars.count) else {
            throw ItemProblem(
                reason: "a PartiQL statement has 1 to \(Self.maximumCharacters) characters: put values into parameters")
        }
        for (place, value) in parameters.enumerated() {
            try ItemSize.check(value, of: "parameter \(place + 1)", depth: 0)
        }
        // What an INSERT takes goes into one item; of other statements at least no single value fits better.
        let sizes = parameters.map { ItemSize.bytes(of: $0) }
        let size = target.verb == "INSERT" ? sizes.reduce(0, +) : sizes.max() ?? 0
        guard size <= DynamoDBLimits.maximumItemBytes else {
            throw ItemProblem(
                reason: "the statement's parameters have \(size) bytes, more than the "
                    + "\(DynamoDBLimits.maximumItemBytes) of an item")
        }
    }
}

/// The words of a statement: names, texts in quotes and single signs, comments left out.
private struct StatementWords {
    enum Piece: Equatable {
        case word(String)
        case quotedName(String)
        case sign(Unicode.Scalar)
        case text
    }

    private var rest: Substring.UnicodeScalarView

    init(_ text: String) { rest = text[...].unicodeScalars }

    mutating func next() -> Piece? {
        skipSpace()
        guard let first = rest.popFirst() else { return nil }
        switch first {
        case "\"": return quoted(until: "\"").map(Piece.quotedName)
        case "'": return quoted(until: "'").map { _ in Piece.text }
        case _ where Self.isName(first):
            var word = String.UnicodeScalarView([first])
            while let letter = rest.first, Self.isName(letter) {
                word.append(letter)
                rest.removeFirst()
            }
            return .word(String(word))
        default: return .sign(first)
        }
    }

    /// Whether the word comes at all; what follows it is next then.
    mutating func skip(past word: String) -> Bool {
        while let piece = next() {
            if case .word(let found) = piece, found.uppercased() == word { return true }
        }
        return false
    }

    /// A table's or index's name, if that is what comes next and DynamoDB allows it.
    mutating func nextName() -> String? {
        let name: String
        switch next() {
        case .word(let word): name = word
        case .quotedName(let quoted): name = quoted
        default: return nil
        }
        let isAllowed = name.unicodeScalars.allSatisfy { Self.isName($0) || $0 == "." || $0 == "-" }
        return isAllowed && (3...255).contains(name.utf8.count) ? name : nil
    }

    mutating func takeDot() -> Bool {
        var ahead = self
        guard ahead.next() == .sign(".") else { return false }
        self = ahead
        return true
    }

    private static func isName(_ letter: Unicode.Scalar) -> Bool {
        switch letter {
        case "a"..."z", "A"..."Z", "0"..."9", "_": true
        default: false
        }
    }

    /// The text up to the closing sign, which stands for itself when it is doubled; nil when none closes.
    private mutating func quoted(until quote: Unicode.Scalar) -> String? {
        var text = String.UnicodeScalarView()
        while let letter = rest.popFirst() {
            if letter != quote {
                text.append(letter)
            } else if rest.first == quote {
                text.append(quote)
                rest.removeFirst()
            } else {
                return String(text)
            }
        }
        return nil
    }

    private mutating func skipSpace() {
        while let letter = rest.first {
            if letter.properties.isWhitespace {
                rest.removeFirst()
            } else if letter == "-", rest.dropFirst().first == "-" {
                rest = rest.drop { $0 != "\n" }
            } else {
                return
            }
        }
    }
}
