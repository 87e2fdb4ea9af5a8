internal import ContractModel

extension SourceScope {
    /// What an expression is worth.
    func value(of expression: SourceExpression) throws(ContractBreach) -> SourceValue { try value(of: expression.form) }

    /// Whether a condition holds; what is compared with NULL does not.
    func holds(_ condition: SourceCondition) throws(ContractBreach) -> Bool { try holds(condition.form) ?? false }

    // MARK: Expressions

    private func value(of form: SourceExpression.Form) throws(ContractBreach) -> SourceValue {
        switch form {
        case .null: return .null
        case .bool(let flag): return .integer(flag ? 1 : 0)
        case .text(let text): return .text(text)
        case .number(let text): return Int128(text).map(SourceValue.integer) ?? .decimal(text)
        case .column(let column):
            guard let value = value(of: column) else {
                throw ContractBreach(reason: "no row that is given has a column '\(column.text)': give it, or null")
            }
            return value
        case .arithmetic(let left, let operation, let right):
            return try Self.computed(try value(of: left), operation, try value(of: right))
        case .call(let name, let arguments):
            var values: [SourceValue] = []
            for argument in arguments { values.append(try value(of: argument)) }
            return try Self.call(name, values)
        case .unreadable(let text):
            throw ContractBreach(reason: "'\(text)' is no expression that can be computed")
        }
    }

    private static func computed(
        _ left: SourceValue, _ operation: SourceExpression.ArithmeticOperator, _ right: SourceValue
    ) throws(ContractBreach) -> SourceValue {
        guard !left.isNull, !right.isNull else { return .null }
        guard let one = left.number, let other = right.number else {
            throw ContractBreach(reason: "'\(operation.rawValue)' stands between values of which one is no number")
        }
        let result: ExactDecimal? =
            switch operation {
            case .add: one + other
            case .subtract: one + -other
            case .multiply: one * other
            case .divide: one.divided(by: other)
            case .remainder: one.remainder(by: other)
            }
        return result.map(SourceValue.init) ?? .null
    }

    private static func call(_ name: String, _ values: [SourceValue]) throws(ContractBreach) -> SourceValue {
        switch (name, values.count) {
        case ("CONCAT", 1...):
            guard !values.contains(.null) else { return .null }
            return .text(values.map { $0.text ?? "" }.joined())
        case ("CONCAT_WS", 2...):
            guard let separator = values[0].text else { return .null }
            return .text(values.dropFirst().compactMap(\.text).joined(separator: separator))
        case ("COALESCE", 1...), ("IFNULL", 2): return values.first { !$0.isNull } ?? .null
        case ("NULLIF", 2): return values[0].compares(with: values[1]) == .equal ? .null : values[0]
        case ("UPPER", 1), ("UCASE", 1): return values[0].text.map { .text($0.uppercased()) } ?? .null
        case ("LOWER", 1), ("LCASE", 1): return values[0].text.map { .text($0.lowercased()) } ?? .null
        case ("TRIM", 1): return values[0].text.map { .text(trimmed($0)) } ?? .null
        case ("ABS", 1):
            return values[0].number.map { SourceValue($0.isNegative ? -$0 : $0) } ?? .null
        case ("ROUND", 1...2):
            guard let number = values[0].number, let places = values.count == 2 ? places(values[1]) : 0 else {
                return .null
            }
            return SourceValue(number.rounded(to: places))
        case ("LENGTH", 1): return values[0].text.map { SourceValue($0.utf8.count) } ?? .null
        default:
            throw ContractBreach(reason: "the function '\(name)' with \(values.count) arguments cannot be computed")
        }
    }

    /// Digits to round to, of which no number has more than 30 behind the point in MySQL; nil for NULL.
    private static func places(_ value: SourceValue) -> Int? {
        guard let whole = value.number?.rounded(to: 0) else { return nil }
        return Int(whole.text).map { min(max($0, -ExactDecimal.mostDigits), 30) }
            ?? (whole.isNegative ? -ExactDecimal.mostDigits : 30)
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    // MARK: Conditions

    /// True, false, or nil for SQL's unknown.
    private func holds(_ form: SourceCondition.Form) throws(ContractBreach) -> Bool? {
        switch form {
        case .comparison(let left, let relation, let right):
            return Self.relation(relation, try value(of: left), try value(of: right))
        case .isNull(let expression): return try value(of: expression).isNull
        case .isNotNull(let expression): return try !value(of: expression).isNull
        case .isOneOf(let expression, let others):
            var results: [Bool?] = []
            let value = try value(of: expression)
            for other in others { results.append(Self.relation(.equal, value, try self.value(of: other))) }
            return results.contains(true) ? true : results.contains(nil) ? nil : false
        case .isLike(let expression, let pattern):
            return try value(of: expression).text.map { Self.matches(Array($0)[...], Array(pattern)[...]) }
        case .and(let parts):
            var isUnknown = false
            for part in parts {
                guard let result = try holds(part) else {
                    isUnknown = true
                    continue
                }
                if !result { return false }
            }
            return isUnknown ? nil : true
        case .or(let parts):
            var isUnknown = false
            for part in parts {
                let result = try holds(part)
                if result == true { return true }
                isUnknown = isUnknown || result == nil
            }
            return isUnknown ? nil : false
        case .not(let part): return try holds(part).map { !$0 }
        case .isTrue(let expression):
            let value = try value(of: expression)
            return value.isNull ? nil : value.number.map { !$0.isZero } ?? false
        case .unreadable(let text):
            throw ContractBreach(reason: "'\(text)' is no condition that can be evaluated")
        }
    }

    private static func relation(
        _ relation: SourceCondition.ComparisonOperator, _ left: SourceValue, _ right: SourceValue
    ) -> Bool? {
        guard let order = left.compares(with: right) else { return nil }
        return switch relation {
        case .equal: order == .equal
        case .notEqual: order != .equal
        case .less: order == .less
        case .lessOrEqual: order != .greater
        case .greater: order == .greater
        case .greaterOrEqual: order != .less
        }
    }

    /// SQL's LIKE: `%` is any text, `_` any one character.
    private static func matches(_ text: ArraySlice<Character>, _ pattern: ArraySlice<Character>) -> Bool {
        // Reached[n]: whether what has been read of the pattern ends at n characters of the text.
        var reached = [true] + [Bool](repeating: false, count: text.count)
        for sign in pattern {
            var next = [Bool](repeating: false, count: text.count + 1)
            for place in 0...text.count {
                if sign == "%" {
                    next[place] = reached[place] || (place > 0 && next[place - 1])
                } else if place > 0, reached[place - 1] {
                    next[place] = sign == "_" || text[text.startIndex + place - 1] == sign
                }
            }
            reached = next
        }
        return reached[text.count]
    }
}

/// How two values stand to each other.
enum Order {
    case less
    case equal
    case greater

    init<Value: Comparable>(_ left: Value, _ right: Value) {
        self = left < right ? .less : right < left ? .greater : .equal
    }
}

extension SourceValue {
    /// The number that it is, or that its text is.
    var number: ExactDecimal? {
        switch self {
        case .integer(let value): ExactDecimal(String(value))
        case .decimal(let text), .text(let text): ExactDecimal(text)
        case .double(let value): value.isFinite ? ExactDecimal("\(value)") : nil
        case .null, .bytes, .date, .json: nil
        }
    }

    init(_ number: ExactDecimal) {
        self =
            number.scale == 0
            ? Int128(number.text).map(SourceValue.integer) ?? .decimal(number.text)
            : .decimal(number.text)
    }

    /// How the value stands to another; nil where one is NULL. Numbers are compared by their worth, dates by their time,
    /// texts by their characters: a collation that takes "a" for "A" is not known here.
    func compares(with other: SourceValue) -> Order? {
        switch (self, other) {
        case (.null, _), (_, .null): return nil
        case (.bytes(let left), .bytes(let right)):
            return left == right ? .equal : left.lexicographicallyPrecedes(right) ? .less : .greater
        case (.date(let left), .date(let right)): return Order(left, right)
        case (.date(let left), .text(let right)):
            guard let right = SourceDate(right) else { return nil }
            return Order(left, right)
        case (.text(let left), .date(let right)):
            guard let left = SourceDate(left) else { return nil }
            return Order(left, right)
        case (.text(let left), .text(let right)): return Order(left, right)
        default:
            if let left = number, let right = other.number { return Order(left, right) }
            guard let left = text, let right = other.text else { return nil }
            return Order(left, right)
        }
    }
}
