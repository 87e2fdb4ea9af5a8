/// What may stand where an expression takes a value: a value, a path, or what a function makes of them.
///
/// Strings, numbers, truth values, arrays, dictionaries and sets are values; `Path("limit")` is what the item has there.
public protocol ExpressionOperand: Sendable {
    /// The operand.
    var operand: Operand { get }
}

/// What an update stores or a condition compares with.
///
///     .set("total", to: Path("total") + 5)
///     .set("visits", to: Path("visits").ifNotExists(0) + 1)
///     .set("log", to: Path("log").ifNotExists([String]()).appending(["paid"]))
public struct Operand: ExpressionOperand, Hashable {
    indirect enum Node: Hashable, Sendable {
        case value(AttributeValue)
        case path(Path)
        case ifNotExists(Path, Node)
        case listAppend(Node, Node)
        case sum(Node, Node)
        case difference(Node, Node)
        case problem(String)
    }

    let node: Node
    /// Functions and operators in it.
    let operators: Int

    /// Itself.
    public var operand: Operand { self }

    /// More than DynamoDB takes are not kept: that also bounds how deep the tree can be.
    init(_ node: Node, operators: Int = 0) {
        let isExcessive = operators > DynamoDBLimits.maximumExpressionOperators
        self.node = isExcessive ? .problem(Expression.tooManyOperators) : node
        self.operators = isExcessive ? 0 : operators
    }

    /// The number here and another one added up.
    public static func + (left: Operand, right: some ExpressionOperand) -> Operand {
        let right = right.operand
        return Operand(.sum(left.node, right.node), operators: left.operators + right.operators + 1)
    }

    /// The number here less another one.
    public static func - (left: Operand, right: some ExpressionOperand) -> Operand {
        let right = right.operand
        return Operand(.difference(left.node, right.node), operators: left.operators + right.operators + 1)
    }

    /// The list here with another one's elements after it.
    public func appending(_ list: some ExpressionOperand) -> Operand {
        let list = list.operand
        return Operand(.listAppend(node, list.node), operators: operators + list.operators + 1)
    }

    /// The list here with another one's elements before it.
    public func prepending(_ list: some ExpressionOperand) -> Operand { list.operand.appending(self) }
}

extension Path: ExpressionOperand {
    /// What the item has at this path.
    public var operand: Operand { Operand(.path(self)) }

    /// What the item has at this path or, where it has nothing there, something else.
    public func ifNotExists(_ other: some ExpressionOperand) -> Operand {
        let other = other.operand
        return Operand(.ifNotExists(self, other.node), operators: other.operators + 1)
    }

    /// The list at this path with another one's elements after it.
    public func appending(_ list: some ExpressionOperand) -> Operand { operand.appending(list) }

    /// The list at this path with another one's elements before it.
    public func prepending(_ list: some ExpressionOperand) -> Operand { operand.prepending(list) }

    /// The number at this path and another one added up.
    public static func + (left: Path, right: some ExpressionOperand) -> Operand { left.operand + right }

    /// The number at this path less another one.
    public static func - (left: Path, right: some ExpressionOperand) -> Operand { left.operand - right }
}
