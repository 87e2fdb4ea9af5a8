/// A column of a relational table, as SQL names it: "users.email", "email".
public struct SourceColumn: Sendable, Hashable {
    /// The table or the alias in front of the dot; nil where the column stands alone.
    public var table: String?
    /// The column's name.
    public var name: String

    /// Names a column.
    public init(table: String? = nil, name: String) {
        self.table = table
        self.name = name
    }

    /// The column as SQL writes it.
    public var text: String { table.map { "\($0).\(name)" } ?? name }
}

/// What a contract computes from columns, in the part of SQL that contracts use: "users.email",
/// "CONCAT(variants.name, ' - ', variants.size)", "items.price * items.quantity", "'ROOT'".
public struct SourceExpression: Sendable, Hashable {
    /// The expression as the contract writes it.
    public let source: String
    /// What it says.
    public let form: Form

    /// The forms of an expression.
    public indirect enum Form: Sendable, Hashable {
        case null
        case bool(Bool)
        case text(String)
        /// A number as it is written, so that no digit is lost.
        case number(String)
        case column(SourceColumn)
        case arithmetic(Form, ArithmeticOperator, Form)
        /// A function by its name in upper case: "CONCAT", "COALESCE". Which of them can be computed is for whoever computes.
        case call(String, [Form])
        /// Text that is no expression of this part of SQL; whoever computes must refuse it with this text.
        case unreadable(String)
    }

    /// The four operations and the remainder.
    public enum ArithmeticOperator: String, Sendable, Hashable, CaseIterable {
        case add = "+"
        case subtract = "-"
        case multiply = "*"
        case divide = "/"
        case remainder = "%"
    }

    /// Reads an expression; what cannot be read is kept as `unreadable`.
    public init(_ source: String) {
        self.source = source
        form = SQLReader.expression(source)
    }

    /// Takes a form as it is, with the text that stands for it.
    public init(source: String, form: Form) {
        self.source = source
        self.form = form
    }

    /// A column.
    public init(_ column: SourceColumn) { self.init(source: column.text, form: .column(column)) }

    /// Reads a value of `else_value`, `then` and their like, which contracts write with quotes, without them, or as a column:
    /// "'Pending'" and "Anonymous" are texts, "parent.name" is a column, and so is a bare name among `columns`.
    public init(value source: String, columns: Set<String> = []) {
        let form = SQLReader.expression(source)
        let isValue =
            switch form {
            case .text, .null, .call: true
            case .column(let column): column.table != nil || columns.contains(column.name)
            case .arithmetic: SQLReader.columns(of: form).contains { $0.table != nil || columns.contains($0.name) }
            case .number, .bool, .unreadable: false
            }
        self.init(source: source, form: isValue ? form : .text(source))
    }

    /// The columns that it reads, in order, each once.
    public var columns: [SourceColumn] { SQLReader.columns(of: form) }

    /// The column, where the expression is one and nothing else.
    public var column: SourceColumn? { if case .column(let column) = form { column } else { nil } }

    /// The text, where the expression is a constant text.
    public var constantText: String? { if case .text(let text) = form { text } else { nil } }

    /// Whether the text could be read.
    public var isReadable: Bool { SQLReader.isReadable(form) }
}

/// When a join holds or a case applies: "parent.id = categories.parent_id", "parent_id IS NULL".
public struct SourceCondition: Sendable, Hashable {
    /// The condition as the contract writes it.
    public let source: String
    /// What it says.
    public let form: Form

    /// The forms of a condition.
    public indirect enum Form: Sendable, Hashable {
        case comparison(SourceExpression.Form, ComparisonOperator, SourceExpression.Form)
        case isNull(SourceExpression.Form)
        case isNotNull(SourceExpression.Form)
        case isOneOf(SourceExpression.Form, [SourceExpression.Form])
        /// SQL's LIKE, with its `%` and `_`.
        case isLike(SourceExpression.Form, String)
        case and([Form])
        case or([Form])
        case not(Form)
        /// An expression that is true or false by itself: "is_active".
        case isTrue(SourceExpression.Form)
        /// Text that is no condition of this part of SQL; whoever evaluates must refuse it with this text.
        case unreadable(String)
    }

    /// How two values are compared.
    public enum ComparisonOperator: String, Sendable, Hashable, CaseIterable {
        case equal = "="
        case notEqual = "<>"
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
    }

    /// Reads a condition; what cannot be read is kept as `unreadable`.
    public init(_ source: String) {
        self.source = source
        form = SQLReader.condition(source)
    }

    /// The condition that two columns are equal.
    public init(_ left: SourceColumn, equals right: SourceColumn) {
        source = "\(left.text) = \(right.text)"
        form = .comparison(.column(left), .equal, .column(right))
    }

    /// The columns that it reads, in order, each once.
    public var columns: [SourceColumn] { SQLReader.columns(of: form) }

    /// Pairs of columns that must be equal, where the condition says that and nothing else; nil otherwise.
    public var equalColumns: [(left: SourceColumn, right: SourceColumn)]? {
        let parts = if case .and(let parts) = form { parts } else { [form] }
        var pairs: [(left: SourceColumn, right: SourceColumn)] = []
        for part in parts {
            guard case .comparison(.column(let left), .equal, .column(let right)) = part else { return nil }
            pairs.append((left, right))
        }
        return pairs
    }

    /// The column whose absence the condition asks for: of "parent_id IS NULL"; nil for any other condition.
    public var absentColumn: SourceColumn? {
        if case .isNull(.column(let column)) = form { column } else { nil }
    }

    /// The column whose presence the condition asks for: of "user_id IS NOT NULL"; nil for any other condition.
    public var presentColumn: SourceColumn? {
        switch form {
        case .isNotNull(.column(let column)), .not(.isNull(.column(let column))): column
        default: nil
        }
    }

    /// Whether the text could be read.
    public var isReadable: Bool { SQLReader.isReadable(form) }
}
