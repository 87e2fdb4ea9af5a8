/// How a value is computed from the source's values.
public enum ContractCalculation: Sendable, Hashable {
    /// A sum, count or the like over the rows of a table.
    case aggregate(Aggregate)
    /// The first of several values whose condition holds.
    case cases(CaseCalculation)
    /// Texts put together.
    case concat(ConcatCalculation)
    /// A date moved, or the time between two.
    case dateMath(DateMath)
    /// A type that is not one of these.
    case unknown(UnknownConstruct)

    /// The calculation's type, as contracts write it.
    public var type: String {
        switch self {
        case .aggregate: "aggregate"
        case .cases: "case"
        case .concat: "concat"
        case .dateMath: "date-math"
        case .unknown(let construct): construct.type
        }
    }
}

/// One number over the rows of a table.
public struct Aggregate: Sendable, Hashable {
    /// What is done with the rows' values.
    public enum Operation: String, Sendable, Hashable, CaseIterable {
        case sum = "SUM"
        case count = "COUNT"
        case average = "AVG"
        case minimum = "MIN"
        case maximum = "MAX"
    }

    /// What is done with the rows' values.
    public var operation: Operation
    /// The table whose rows are taken.
    public var table: String
    /// The name by which conditions call its rows; nil where they call them by the table.
    public var alias: String?
    /// Which rows: those for which all of these hold.
    public var conditions: [SourceCondition]
    /// What is taken from each row. NULL counts for nothing, as in SQL.
    public var select: SourceExpression

    /// Makes an aggregate.
    public init(
        operation: Operation, table: String, alias: String? = nil, conditions: [SourceCondition],
        select: SourceExpression
    ) {
        self.operation = operation
        self.table = table
        self.alias = alias
        self.conditions = conditions
        self.select = select
    }
}

/// SQL's CASE.
public struct CaseCalculation: Sendable, Hashable {
    /// A condition with its value.
    public struct Branch: Sendable, Hashable {
        /// When the value applies.
        public var when: SourceCondition
        /// The value.
        public var then: SourceExpression

        /// Makes a branch.
        public init(when: SourceCondition, then: SourceExpression) {
            self.when = when
            self.then = then
        }
    }

    /// The branches; the first whose condition holds gives the value.
    public var branches: [Branch]
    /// The value where none holds; nil where the item then has no such attribute.
    public var otherwise: SourceExpression?

    /// Makes a case.
    public init(branches: [Branch], otherwise: SourceExpression? = nil) {
        self.branches = branches
        self.otherwise = otherwise
    }
}

/// Texts put together. A NULL among them is left out, and its separator with it, as CONCAT_WS does.
public struct ConcatCalculation: Sendable, Hashable {
    /// What is put together, in order.
    public var parts: [SourceExpression]
    /// What stands between them.
    public var separator: String

    /// Makes a concatenation.
    public init(parts: [SourceExpression], separator: String = "") {
        self.parts = parts
        self.separator = separator
    }
}

/// A date moved by an amount, or the time between two dates. The contract's schema names this type and none of its members,
/// so what a contract leaves out is nil, and whoever computes must refuse what does not suffice.
public struct DateMath: Sendable, Hashable {
    /// What is done.
    public enum Operation: String, Sendable, Hashable, CaseIterable {
        case add
        case subtract
        /// From `date` to `other`, in `unit`.
        case difference
    }

    /// Units of dates, small to large.
    public enum Unit: String, Sendable, Hashable, CaseIterable {
        case second, minute, hour, day, week, month, year

        /// Reads "DAY", "days", "Day"; nil for anything else.
        public init?(word: String) {
            let lower = word.lowercased()
            self.init(rawValue: lower.hasSuffix("s") ? String(lower.dropLast()) : lower)
        }
    }

    /// What is done; nil where the contract does not say.
    public var operation: Operation?
    /// The date that is moved, or the earlier one.
    public var date: SourceExpression?
    /// The other date of a difference.
    public var other: SourceExpression?
    /// How far the date is moved.
    public var amount: SourceExpression?
    /// The unit of the amount or of the difference.
    public var unit: Unit?
    /// Members that this software does not know.
    public var fields: [ContractField]

    /// Makes a date calculation.
    public init(
        operation: Operation? = nil, date: SourceExpression? = nil, other: SourceExpression? = nil,
        amount: SourceExpression? = nil, unit: Unit? = nil, fields: [ContractField] = []
    ) {
        self.operation = operation
        self.date = date
        self.other = other
        self.amount = amount
        self.unit = unit
        self.fields = fields
    }
}
