/// A metric-math expression, evaluated over series of one period as CloudWatch does.
///
/// There is: numbers, ids, `[a, b]`, `METRICS()`, `+ - * / ^`, comparisons, `AND`/`OR` (also `&&`, `||`), `FILL`, `IF`, `ABS`,
/// `CEIL`, `FLOOR`, `SUM`, `AVG`, `MIN`, `MAX`, `RUNNING_SUM`, `PERIOD`, `TIME_SERIES`. Anything else is refused by name.
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
public struct MetricMath: Sendable, Hashable {
    /// The expression as it was written.
    public let text: String
    let root: MathNode
    /// The ids that it names, each once, in order.
    public let identifiers: [String]

    /// Reads an expression.
    public init(_ text: String) throws(MetricMathError) {
        var parser = MetricMathParser(text)
        root = try parser.parse()
        identifiers = parser.identifiers
        self.text = text
    }

    /// The expression's points, oldest first, nil where it gives none.
    ///
    /// - Parameters:
    ///   - metrics: the series by id, all of one length, nil where a point is missing.
    ///   - period: seconds, for `PERIOD`.
    public func evaluate(_ metrics: [String: [Double?]], period: Int = 60) throws(MetricMathError) -> [Double?] {
        let lengths = Set(metrics.values.map(\.count))
        guard lengths.count <= 1 else { throw MetricMathError("has series of different lengths", at: 0) }
        let context = MathContext(metrics: metrics, length: lengths.first ?? 0, period: period)
        switch try context.value(of: root) {
        case .series(let points): return points
        case .scalar(let number): return Array(repeating: number, count: context.length)
        case .array: throw MetricMathError("gives several series; an alarm needs one", at: 0)
        }
    }
}

/// Why an expression cannot be read or evaluated.
public struct MetricMathError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, without a subject.
    public var reason: String
    /// Where in the expression, in characters from 0.
    public var offset: Int

    init(_ reason: String, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// One sentence.
    public var description: String { "The metric-math expression \(reason) (at character \(offset))." }
}

/// An expression as it was read.
indirect enum MathNode: Sendable, Hashable {
    case number(Double)
    case identifier(String, at: Int)
    case array([MathNode])
    case negate(MathNode)
    case binary(MathOperator, MathNode, MathNode)
    case call(String, [MathNode], at: Int)
}

enum MathOperator: String, Sendable, Hashable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case power = "^"
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case equal = "=="
    case notEqual = "!="
    case and = "AND"
    case or = "OR"

    /// How close it binds: larger is closer.
    var precedence: Int {
        switch self {
        case .or: 1
        case .and: 2
        case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual: 3
        case .add, .subtract: 4
        case .multiply, .divide: 5
        case .power: 6
        }
    }
}

/// What a part of an expression gives.
enum MathValue {
    /// One number for all points; nil where a function found no data.
    case scalar(Double?)
    case series([Double?])
    case array([[Double?]])
}
