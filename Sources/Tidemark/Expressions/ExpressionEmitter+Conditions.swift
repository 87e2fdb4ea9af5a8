extension ExpressionEmitter {
    mutating func emit(_ node: ConditionNode) throws(ItemProblem) {
        switch node {
        case .compare(let path, let comparison, let operand):
            try emit(path)
            text += " \(comparison.rawValue) "
            try emit(operand, at: path)
        case .between(let path, let lowest, let highest):
            try emit(path)
            text += " BETWEEN "
            try emit(lowest, at: path)
            text += " AND "
            try emit(highest, at: path)
        case .isIn(let path, let operands):
            try emit(path)
            try emit(in: operands, at: path)
        case .call(let function, let path, let operand):
            text += function.rawValue + "("
            try emit(path, as: function.rawValue)
            if let operand {
                text += ", "
                try emit(operand, at: path)
            }
            text += ")"
        case .not(let inner):
            text += "NOT "
            try emit(inner, inParentheses: inner.isJoined)
        case .all(let nodes):
            try emit(nodes, joinedBy: " AND ") { node in if case .any = node { true } else { false } }
        case .any(let nodes): try emit(nodes, joinedBy: " OR ") { _ in false }
        case .given(let given): text += given.text
        case .problem(let reason): throw ItemProblem(reason: reason)
        }
    }

    private mutating func emit(in operands: [Operand.Node], at path: Path) throws(ItemProblem) {
        let limit = DynamoDBLimits.maximumInOperands
        guard (1...limit).contains(operands.count) else {
            throw ItemProblem(
                reason: "'\(path)' is compared with \(operands.count) values by IN, which takes 1 to \(limit)")
        }
        for (place, operand) in operands.enumerated() {
            text += place == 0 ? " IN (" : ", "
            try emit(operand, at: path)
        }
        text += ")"
    }

    private mutating func emit(
        _ nodes: [ConditionNode], joinedBy word: String, needsParentheses: (ConditionNode) -> Bool
    ) throws(ItemProblem) {
        for (place, node) in nodes.enumerated() {
            if place > 0 { text += word }
            try emit(node, inParentheses: node.isGiven || needsParentheses(node))
        }
    }

    /// DynamoDB refuses parentheses around parentheses, so that none are added to a given text that has them.
    private mutating func emit(_ node: ConditionNode, inParentheses: Bool) throws(ItemProblem) {
        if case .given(let given) = node, given.isInParentheses { return text += given.text }
        if inParentheses { text += "(" }
        try emit(node)
        if inParentheses { text += ")" }
    }
}

extension ConditionNode {
    fileprivate var isGiven: Bool { if case .given = self { true } else { false } }

    fileprivate var isJoined: Bool {
        switch self {
        case .all, .any, .given, .not: true
        default: false
        }
    }
}

extension RawExpression {
    /// Whether the first parenthesis is at the beginning and is closed at the end. (There are no quotes in expressions.)
    fileprivate var isInParentheses: Bool {
        var depth = 0
        var closings = 0
        let bytes = text.utf8
        guard bytes.first == UInt8(ascii: "("), bytes.last == UInt8(ascii: ")") else { return false }
        for byte in bytes {
            if byte == UInt8(ascii: "(") { depth += 1 }
            guard byte == UInt8(ascii: ")") else { continue }
            depth -= 1
            if depth == 0 { closings += 1 }
        }
        return closings == 1 && depth == 0
    }
}
