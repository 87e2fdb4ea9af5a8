/// A condition as a tree. Nested alls and anys of the same kind are one node, and no tree has more operators than
/// DynamoDB takes, which bounds its depth too.
indirect enum ConditionNode: Sendable, Hashable {
    enum Comparison: String {
        case equal = "="
        case notEqual = "<>"
        case less = "<"
        case atMost = "<="
        case greater = ">"
        case atLeast = ">="
    }

    enum Function: String {
        case exists = "attribute_exists"
        case notExists = "attribute_not_exists"
        case type = "attribute_type"
        case beginsWith = "begins_with"
        case contains = "contains"
    }

    case compare(Path, Comparison, Operand.Node)
    case between(Path, Operand.Node, Operand.Node)
    case isIn(Path, [Operand.Node])
    case call(Function, Path, Operand.Node?)
    case not(ConditionNode)
    case all([ConditionNode])
    case any([ConditionNode])
    case given(RawExpression)
    case problem(String)

    func collectGiven(into parts: inout [RawExpression]) {
        switch self {
        case .given(let given): parts.append(given)
        case .not(let node): node.collectGiven(into: &parts)
        case .all(let nodes), .any(let nodes): for node in nodes { node.collectGiven(into: &parts) }
        case .compare, .between, .isIn, .call, .problem: break
        }
    }
}

extension Expression {
    static let tooManyOperators =
        "the expression has more than DynamoDB's \(DynamoDBLimits.maximumExpressionOperators) operators and functions"

    static func condition(_ node: ConditionNode, operators: Int = 1) -> Expression {
        guard operators <= DynamoDBLimits.maximumExpressionOperators else {
            return Expression(.condition(.problem(tooManyOperators), operators: 0))
        }
        return Expression(.condition(node, operators: operators))
    }

    /// The expression as a part of a condition.
    private var conditionPart: (node: ConditionNode, operators: Int) {
        switch built {
        case nil: (.given(given), 0)
        case .condition(let node, let operators): (node, operators)
        case .update, .projection: (.problem("\(built?.kind ?? "") stands where a condition is expected"), 0)
        }
    }

    /// Whether every one of these conditions holds; one at least has to be there.
    public static func all(_ conditions: [Expression]) -> Expression {
        join(conditions, named: "all", ConditionNode.all) { if case .all(let nodes) = $0 { nodes } else { nil } }
    }

    /// Whether one of these conditions holds at least; one at least has to be there.
    public static func any(_ conditions: [Expression]) -> Expression {
        join(conditions, named: "any", ConditionNode.any) { if case .any(let nodes) = $0 { nodes } else { nil } }
    }

    private static func join(
        _ conditions: [Expression], named name: String, _ make: ([ConditionNode]) -> ConditionNode,
        members: (ConditionNode) -> [ConditionNode]?
    ) -> Expression {
        guard let first = conditions.first else {
            return condition(.problem("\(name) of no conditions: give one at least"), operators: 0)
        }
        guard conditions.count > 1 else { return first }
        var nodes: [ConditionNode] = []
        var operators = -1
        for condition in conditions {
            let part = condition.conditionPart
            let joined = members(part.node)
            // What a nested node joins with is counted in it already; only what joins the parts comes on top.
            operators += part.operators + 1
            if let joined { nodes += joined } else { nodes.append(part.node) }
        }
        return condition(make(nodes), operators: operators)
    }

    /// Whether both conditions hold. Binds more tightly than `||`, as in DynamoDB.
    public static func && (left: Expression, right: Expression) -> Expression { all([left, right]) }

    /// Whether one of the conditions holds at least.
    public static func || (left: Expression, right: Expression) -> Expression { any([left, right]) }

    /// Whether the condition does not hold.
    public static prefix func ! (condition: Expression) -> Expression {
        let part = condition.conditionPart
        return self.condition(.not(part.node), operators: part.operators + 1)
    }
}
