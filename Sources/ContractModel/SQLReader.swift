/// Reads the part of SQL that contracts use. It nests as deep as `deepest` and no deeper; everything else is unreadable.
enum SQLReader {
    /// More parentheses or functions inside each other than any contract has; it bounds the recursion.
    static let deepest = 24
    /// Longer texts are not read: no column or condition needs them.
    static let longest = 10_000

    static func expression(_ source: String) -> SourceExpression.Form {
        guard var parser = SQLParser(source), let form = parser.expression(), parser.isAtEnd else {
            return .unreadable(source)
        }
        return form
    }

    static func condition(_ source: String) -> SourceCondition.Form {
        guard var parser = SQLParser(source), let form = parser.condition(), parser.isAtEnd else {
            return .unreadable(source)
        }
        return form
    }

    static func columns(of form: SourceExpression.Form) -> [SourceColumn] {
        var found: [SourceColumn] = []
        collect(form, into: &found)
        return found
    }

    static func columns(of form: SourceCondition.Form) -> [SourceColumn] {
        var found: [SourceColumn] = []
        collect(form, into: &found)
        return found
    }

    private static func collect(_ form: SourceExpression.Form, into found: inout [SourceColumn]) {
        switch form {
        case .column(let column): if !found.contains(column) { found.append(column) }
        case .arithmetic(let left, _, let right):
            collect(left, into: &found)
            collect(right, into: &found)
        case .call(_, let arguments): for argument in arguments { collect(argument, into: &found) }
        case .null, .bool, .text, .number, .unreadable: break
        }
    }

    private static func collect(_ form: SourceCondition.Form, into found: inout [SourceColumn]) {
        switch form {
        case .comparison(let left, _, let right):
            collect(left, into: &found)
            collect(right, into: &found)
        case .isNull(let value), .isNotNull(let value), .isLike(let value, _), .isTrue(let value):
            collect(value, into: &found)
        case .isOneOf(let value, let others):
            collect(value, into: &found)
            for other in others { collect(other, into: &found) }
        case .and(let parts), .or(let parts): for part in parts { collect(part, into: &found) }
        case .not(let part): collect(part, into: &found)
        case .unreadable: break
        }
    }

    static func isReadable(_ form: SourceExpression.Form) -> Bool {
        switch form {
        case .unreadable: false
        case .arithmetic(let left, _, let right): isReadable(left) && isReadable(right)
        case .call(_, let arguments): arguments.allSatisfy(isReadable)
        case .null, .bool, .text, .number, .column: true
        }
    }

    static func isReadable(_ form: SourceCondition.Form) -> Bool {
        switch form {
        case .unreadable: false
        case .comparison(let left, _, let right): isReadable(left) && isReadable(right)
        case .isNull(let value), .isNotNull(let value), .isLike(let value, _), .isTrue(let value): isReadable(value)
        case .isOneOf(let value, let others): isReadable(value) && others.allSatisfy(isReadable)
        case .and(let parts), .or(let parts): parts.allSatisfy(isReadable)
        case .not(let part): isReadable(part)
        }
    }
}

/// A recursive descent over the tokens of a text.
private struct SQLParser {
    private let tokens: [SQLToken]
    private var index = 0
    private var depth = 0

    init?(_ source: String) {
        guard source.utf8.count <= SQLReader.longest, let tokens = SQLToken.tokens(of: source), !tokens.isEmpty else {
            return nil
        }
        self.tokens = tokens
    }

    var isAtEnd: Bool { index == tokens.count }

    private var next: SQLToken? { index < tokens.count ? tokens[index] : nil }

    private mutating func take(_ symbol: String) -> Bool {
        guard next == .symbol(symbol) else { return false }
        index += 1
        return true
    }

    private mutating func takeWord(_ word: String) -> Bool {
        guard case .word(let text)? = next, text.uppercased() == word else { return false }
        index += 1
        return true
    }

    /// Goes one level deeper, and gives nil where that is too deep.
    private mutating func deeper<Value>(_ body: (inout SQLParser) -> Value?) -> Value? {
        guard depth < SQLReader.deepest else { return nil }
        depth += 1
        defer { depth -= 1 }
        return body(&self)
    }

    // MARK: Conditions

    mutating func condition() -> SourceCondition.Form? {
        deeper { parser in
            guard let first = parser.conjunction() else { return nil }
            var parts = [first]
            while parser.takeWord("OR") {
                guard let part = parser.conjunction() else { return nil }
                parts.append(part)
            }
            return parts.count == 1 ? first : .or(parts)
        }
    }

    private mutating func conjunction() -> SourceCondition.Form? {
        guard let first = negation() else { return nil }
        var parts = [first]
        while takeWord("AND") {
            guard let part = negation() else { return nil }
            parts.append(part)
        }
        return parts.count == 1 ? first : .and(parts)
    }

    private mutating func negation() -> SourceCondition.Form? {
        if takeWord("NOT") { return deeper { $0.negation() }.map { .not($0) } }
        let start = index
        if take("("), let inner = condition(), take(")"), isBetweenConditions { return inner }
        // What stands in the parenthesis was no condition of its own: "(a + b) > 3".
        index = start
        return predicate()
    }

    private var isBetweenConditions: Bool {
        guard let next else { return true }
        if next == .symbol(")") { return true }
        guard case .word(let word) = next else { return false }
        return ["AND", "OR"].contains(word.uppercased())
    }

    private mutating func predicate() -> SourceCondition.Form? {
        guard let left = expression() else { return nil }
        if takeWord("IS") {
            let isNegated = takeWord("NOT")
            guard takeWord("NULL") else { return nil }
            return isNegated ? .isNotNull(left) : .isNull(left)
        }
        let isNegated = takeWord("NOT")
        if takeWord("IN") { return members(of: left).map { isNegated ? .not($0) : $0 } }
        if takeWord("LIKE") {
            guard case .text(let pattern)? = next else { return nil }
            index += 1
            return isNegated ? .not(.isLike(left, pattern)) : .isLike(left, pattern)
        }
        if takeWord("BETWEEN") { return range(of: left).map { isNegated ? .not($0) : $0 } }
        guard !isNegated else { return nil }
        return comparison(with: left)
    }

    private mutating func members(of left: SourceExpression.Form) -> SourceCondition.Form? {
        guard take("("), let values = list() else { return nil }
        return .isOneOf(left, values)
    }

    private mutating func range(of left: SourceExpression.Form) -> SourceCondition.Form? {
        guard let low = expression(), takeWord("AND"), let high = expression() else { return nil }
        return .and([.comparison(left, .greaterOrEqual, low), .comparison(left, .lessOrEqual, high)])
    }

    private mutating func comparison(with left: SourceExpression.Form) -> SourceCondition.Form? {
        guard case .symbol(let symbol)? = next else { return .isTrue(left) }
        let spelling = ["==": "=", "!=": "<>"][symbol] ?? symbol
        guard let relation = SourceCondition.ComparisonOperator(rawValue: spelling) else { return .isTrue(left) }
        index += 1
        return expression().map { .comparison(left, relation, $0) }
    }

    // MARK: Expressions

    mutating func expression() -> SourceExpression.Form? {
        deeper { parser in
            guard var left = parser.product() else { return nil }
            while case .symbol(let symbol)? = parser.next, symbol == "+" || symbol == "-",
                let operation = SourceExpression.ArithmeticOperator(rawValue: symbol)
            {
                parser.index += 1
                guard let right = parser.product() else { return nil }
                left = .arithmetic(left, operation, right)
            }
            return left
        }
    }

    private mutating func product() -> SourceExpression.Form? {
        guard var left = operand() else { return nil }
        while case .symbol(let symbol)? = next, symbol == "*" || symbol == "/" || symbol == "%",
            let operation = SourceExpression.ArithmeticOperator(rawValue: symbol)
        {
            index += 1
            guard let right = operand() else { return nil }
            left = .arithmetic(left, operation, right)
        }
        return left
    }

    private mutating func operand() -> SourceExpression.Form? {
        guard let token = next else { return nil }
        index += 1
        switch token {
        case .text(let text): return .text(text)
        case .number(let text): return .number(text)
        case .quotedName(let name): return column(startingWith: name)
        case .word(let word): return named(word)
        case .symbol("-"):
            guard case .number(let text)? = next else { return nil }
            index += 1
            return .number("-" + text)
        case .symbol("("):
            guard let inner = expression(), take(")") else { return nil }
            return inner
        case .symbol: return nil
        }
    }

    private mutating func named(_ word: String) -> SourceExpression.Form? {
        if take("(") { return deeper { $0.list() }.map { .call(word.uppercased(), $0) } }
        switch word.uppercased() {
        case "NULL": return .null
        case "TRUE": return .bool(true)
        case "FALSE": return .bool(false)
        case "AND", "OR", "NOT", "IS", "IN", "LIKE", "BETWEEN", "CASE", "WHEN", "THEN", "ELSE", "END": return nil
        default: return column(startingWith: word)
        }
    }

    /// A column, and the table in front of it; a schema in front of both is dropped.
    private mutating func column(startingWith first: String) -> SourceExpression.Form? {
        var names = [first]
        while take(".") {
            switch next {
            case .word(let name)?, .quotedName(let name)?: names.append(name)
            case .symbol("*")?: names.append("*")
            default: return nil
            }
            index += 1
        }
        guard names.count <= 3, let name = names.popLast() else { return nil }
        return .column(SourceColumn(table: names.last, name: name))
    }

    /// What stands up to the closing parenthesis, the opening one already taken.
    private mutating func list() -> [SourceExpression.Form]? {
        if take(")") { return [] }
        if take("*") { return take(")") ? [.column(SourceColumn(name: "*"))] : nil }
        var values: [SourceExpression.Form] = []
        repeat {
            guard let value = expression() else { return nil }
            values.append(value)
        } while take(",")
        return take(")") ? values : nil
    }
}
