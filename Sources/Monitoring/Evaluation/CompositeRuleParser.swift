internal import CloudWatch

/// Reads a composite alarm's rule by recursive descent.
struct CompositeRuleParser {
    private let characters: [Character]
    private var position = 0
    private var depth = 0
    /// The alarms named so far, each once.
    private(set) var children: [String] = []
    /// States, constants and operators so far.
    private(set) var elements = 0
    /// Nesting beyond this is refused, so that no rule can exhaust the stack.
    private static let maximumDepth = 200

    init(_ text: String) {
        characters = Array(text)
    }

    mutating func parse() throws(CompositeRuleError) -> CompositeRule.Expression {
        let expression = try parseOr()
        skipSpace()
        guard position == characters.count else { throw error("has more after its end") }
        return expression
    }

    private mutating func parseOr() throws(CompositeRuleError) -> CompositeRule.Expression {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw error("is nested too deep") }
        var operands = [try parseAnd()]
        while takeWord("OR") {
            elements += 1
            operands.append(try parseAnd())
        }
        return operands.count == 1 ? operands[0] : .or(operands)
    }

    private mutating func parseAnd() throws(CompositeRuleError) -> CompositeRule.Expression {
        var operands = [try parseUnary()]
        while takeWord("AND") {
            elements += 1
            operands.append(try parseUnary())
        }
        return operands.count == 1 ? operands[0] : .and(operands)
    }

    private mutating func parseUnary() throws(CompositeRuleError) -> CompositeRule.Expression {
        var negations = 0
        while takeWord("NOT") {
            elements += 1
            negations += 1
        }
        var expression = try parseOperand()
        // Each NOT is kept, so that the rule reads back as it was written.
        guard negations <= Self.maximumDepth else { throw error("has too many NOTs") }
        for _ in 0..<negations { expression = .not(expression) }
        return expression
    }

    private mutating func parseOperand() throws(CompositeRuleError) -> CompositeRule.Expression {
        if take("(") {
            let inner = try parseOr()
            try expect(")")
            return inner
        }
        elements += 1
        if takeWord("TRUE") { return .constant(true) }
        if takeWord("FALSE") { return .constant(false) }
        if takeWord("AT_LEAST") { return try parseAtLeast() }
        guard let state = takeState() else {
            throw error("needs NOT, (, TRUE, FALSE, ALARM(…), OK(…), INSUFFICIENT_DATA(…) or AT_LEAST(…)")
        }
        try expect("(")
        let reference = try parseReference()
        try expect(")")
        return .state(state, of: reference)
    }

    private mutating func parseAtLeast() throws(CompositeRuleError) -> CompositeRule.Expression {
        try expect("(")
        skipSpace()
        let start = position
        let digits = takeWhile { $0.isASCII && $0.isNumber }
        guard let number = Int(digits) else { throw error("needs a count or a percentage in AT_LEAST") }
        let isPercent = position < characters.count && characters[position] == "%"
        if isPercent { position += 1 }
        try expect(",")
        let negated = takeWord("NOT")
        guard let state = takeState() else { throw error("needs ALARM, OK or INSUFFICIENT_DATA in AT_LEAST") }
        try expect(",")
        try expect("(")
        var references = [try parseReference()]
        while take(",") { references.append(try parseReference()) }
        try expect(")")
        try expect(")")
        let most = isPercent ? 100 : references.count
        guard (1...most).contains(number) else {
            throw CompositeRuleError(
                "has AT_LEAST with \(digits)\(isPercent ? "%" : "") of \(references.count)", at: start)
        }
        elements += references.count - 1
        return .atLeast(isPercent ? .percent(number) : .count(number), negated: negated, state, of: references)
    }

    private mutating func parseReference() throws(CompositeRuleError) -> String {
        skipSpace()
        let name = position < characters.count && characters[position] == "\"" ? try quotedText() : bareText()
        guard !name.isEmpty else { throw error("needs an alarm's name or ARN") }
        if !children.contains(name) { children.append(name) }
        return name
    }

    private mutating func quotedText() throws(CompositeRuleError) -> String {
        position += 1
        var text = ""
        while position < characters.count {
            let character = characters[position]
            position += 1
            if character == "\"" { return text }
            if character == "\\", position < characters.count {
                text.append(characters[position])
                position += 1
            } else {
                text.append(character)
            }
        }
        throw error("has a quoted name without its end")
    }

    private mutating func bareText() -> String {
        takeWhile { !$0.isWhitespace && $0 != "(" && $0 != ")" && $0 != "," && $0 != "\"" }
    }

    // MARK: Tokens

    private mutating func takeState() -> AlarmState? {
        for state in AlarmState.allCases where takeWord(state.rawValue) { return state }
        return nil
    }

    private mutating func takeWord(_ word: String) -> Bool {
        skipSpace()
        let end = position + word.count
        guard end <= characters.count, characters[position..<end].elementsEqual(word) else { return false }
        if end < characters.count {
            let next = characters[end]
            if next.isLetter || next.isNumber || next == "_" { return false }
        }
        position = end
        return true
    }

    private mutating func take(_ character: Character) -> Bool {
        skipSpace()
        guard position < characters.count, characters[position] == character else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Character) throws(CompositeRuleError) {
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

    private func error(_ reason: String) -> CompositeRuleError { CompositeRuleError(reason, at: position) }
}
