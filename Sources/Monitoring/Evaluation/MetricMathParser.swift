/// Reads a metric-math expression by precedence climbing.
struct MetricMathParser {
    private let characters: [Character]
    private var position = 0
    private var depth = 0
    /// The ids named so far, each once.
    private(set) var identifiers: [String] = []
    /// Nesting beyond this is refused, so that no expression can exhaust the stack.
    private static let maximumDepth = 200

    init(_ text: String) {
        characters = Array(text)
    }

    mutating func parse() throws(MetricMathError) -> MathNode {
        let node = try parseExpression(minimum: 1)
        skipSpace()
        guard position == characters.count else { throw error("has more after its end") }
        return node
    }

    private mutating func parseExpression(minimum: Int) throws(MetricMathError) -> MathNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw error("is nested too deep") }
        var left = try parseUnary()
        while true {
            let mark = position
            guard let symbol = takeOperator() else { return left }
            guard symbol.precedence >= minimum else {
                position = mark
                return left
            }
            let right = try parseExpression(minimum: symbol == .power ? symbol.precedence : symbol.precedence + 1)
            left = .binary(symbol, left, right)
        }
    }

    private mutating func parseUnary() throws(MetricMathError) -> MathNode {
        if take("-") {
            depth += 1
            defer { depth -= 1 }
            guard depth <= Self.maximumDepth else { throw error("is nested too deep") }
            return .negate(try parseUnary())
        }
        return try parsePrimary()
    }

    private mutating func parsePrimary() throws(MetricMathError) -> MathNode {
        skipSpace()
        guard position < characters.count else { throw error("ends where a value is needed") }
        let start = position
        let first = characters[position]
        if first.isNumber || first == "." { return .number(try number()) }
        if take("(") {
            let inner = try parseExpression(minimum: 1)
            try expect(")")
            return inner
        }
        if take("[") { return .array(try list(until: "]")) }
        guard first.isLetter || first == "_" else { throw error("has \"\(first)\" where a value is needed") }
        let name = takeWhile { $0.isLetter || $0.isNumber || $0 == "_" }
        if take("(") {
            let arguments = try list(until: ")")
            return .call(name, arguments, at: start)
        }
        if name != "REPEAT", name != "LINEAR", !identifiers.contains(name) { identifiers.append(name) }
        return .identifier(name, at: start)
    }

    private mutating func list(until closing: Character) throws(MetricMathError) -> [MathNode] {
        if take(closing) { return [] }
        var nodes = [try parseExpression(minimum: 1)]
        while take(",") { nodes.append(try parseExpression(minimum: 1)) }
        try expect(closing)
        return nodes
    }

    private mutating func number() throws(MetricMathError) -> Double {
        let start = position
        var text = takeWhile { $0.isNumber || $0 == "." }
        if position < characters.count, characters[position] == "e" || characters[position] == "E" {
            text.append("e")
            position += 1
            if position < characters.count, characters[position] == "-" || characters[position] == "+" {
                text.append(characters[position])
                position += 1
            }
            text += takeWhile { $0.isNumber }
        }
        guard let value = Double(text) else { throw MetricMathError("has \"\(text)\", which is no number", at: start) }
        return value
    }

    private static let operators: [(text: String, symbol: MathOperator)] = [
        ("<=", .lessOrEqual), (">=", .greaterOrEqual), ("==", .equal), ("!=", .notEqual), ("&&", .and), ("||", .or),
        ("<", .less), (">", .greater), ("+", .add), ("-", .subtract), ("*", .multiply), ("/", .divide), ("^", .power),
        ("AND", .and), ("OR", .or),
    ]

    private mutating func takeOperator() -> MathOperator? {
        skipSpace()
        for (text, symbol) in Self.operators {
            let end = position + text.count
            guard end <= characters.count, characters[position..<end].elementsEqual(text) else { continue }
            let isWord = text.first?.isLetter == true
            if isWord, end < characters.count, characters[end].isLetter || characters[end].isNumber { continue }
            position = end
            return symbol
        }
        return nil
    }

    private mutating func take(_ character: Character) -> Bool {
        skipSpace()
        guard position < characters.count, characters[position] == character else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Character) throws(MetricMathError) {
        if !take(character) { throw error("needs \"\(character)\"") }
    }

    private mutating func takeWhile(_ belongs: (Character) -> Bool) -> String {
        let start = position
        while position < characters.count, belongs(characters[position]) { position += 1 }
        return String(characters[start..<position])
    }

    private mutating func skipSpace() {
        while position < characters.count, characters[position].isWhitespace { position += 1 }
    }

    private func error(_ reason: String) -> MetricMathError { MetricMathError(reason, at: position) }
}
