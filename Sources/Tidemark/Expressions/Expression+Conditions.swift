public import ContractModel

extension Path {
    /// Whether what is here equals the other.
    public static func == (left: Path, right: some ExpressionOperand) -> Expression { left.compared(.equal, right) }

    /// Whether what is here differs from the other.
    public static func != (left: Path, right: some ExpressionOperand) -> Expression { left.compared(.notEqual, right) }

    /// Whether what is here is smaller than the other.
    public static func < (left: Path, right: some ExpressionOperand) -> Expression { left.compared(.less, right) }

    /// Whether what is here is at most the other.
    public static func <= (left: Path, right: some ExpressionOperand) -> Expression { left.compared(.atMost, right) }

    /// Whether what is here is larger than the other.
    public static func > (left: Path, right: some ExpressionOperand) -> Expression { left.compared(.greater, right) }

    /// Whether what is here is at least the other.
    public static func >= (left: Path, right: some ExpressionOperand) -> Expression { left.compared(.atLeast, right) }

    private func compared(_ comparison: ConditionNode.Comparison, _ right: some ExpressionOperand) -> Expression {
        .condition(.compare(self, comparison, right.operand.node))
    }
}

extension Expression {
    /// Whether the item has something at this path.
    public static func exists(_ path: Path) -> Expression { condition(.call(.exists, path, nil)) }

    /// Whether the item has nothing at this path; of a key attribute, whether there is no such item.
    public static func notExists(_ path: Path) -> Expression { condition(.call(.notExists, path, nil)) }

    /// Whether what is at this path is of the type.
    public static func type(of path: Path, is type: AttributeType) -> Expression {
        condition(.call(.type, path, .value(.string(type.rawValue))))
    }

    /// Whether the string or binary at this path begins so.
    public static func beginsWith(_ path: Path, _ beginning: some ExpressionOperand) -> Expression {
        condition(.call(.beginsWith, path, beginning.operand.node))
    }

    /// Whether the string at this path contains the text, or the set or list has the element.
    public static func contains(_ path: Path, _ element: some ExpressionOperand) -> Expression {
        condition(.call(.contains, path, element.operand.node))
    }

    /// Whether what is at this path is neither below the one nor above the other.
    public static func between<Bound: ExpressionOperand>(
        _ path: Path, _ lowest: Bound, and highest: Bound
    ) -> Expression {
        condition(.between(path, lowest.operand.node, highest.operand.node))
    }

    /// Whether what is at this path is one of up to 100 values.
    public static func `in`(_ path: Path, _ values: [some ExpressionOperand]) -> Expression {
        condition(.isIn(path, values.map(\.operand.node)))
    }

    /// Which attributes, and parts of attributes, are read.
    public static func attributes(_ paths: [Path]) -> Expression { Expression(.projection(paths)) }
}
