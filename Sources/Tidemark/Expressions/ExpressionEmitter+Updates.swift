internal import ContractModel

extension ExpressionEmitter {
    /// Writes the expression once it is one that DynamoDB can take.
    mutating func emit(_ built: BuiltExpression) throws(ItemProblem) {
        switch built {
        case .condition(let node, _): try emit(node)
        case .update(let actions): try emit(actions)
        case .projection(let paths):
            guard !paths.isEmpty else {
                throw ItemProblem(reason: "the projection has no attributes: leave it out to read all of them")
            }
            if let (outer, inner) = Path.overlap(in: paths) {
                throw ItemProblem(reason: "the projection reads \(Self.twice(outer, inner))")
            }
            for (place, path) in paths.enumerated() {
                if place > 0 { text += ", " }
                try emit(path, as: "a projection")
            }
        }
    }

    private static func twice(_ outer: Path, _ inner: Path) -> String {
        outer == inner ? "'\(outer)' twice" : "'\(inner)' and also '\(outer)', in which it lies"
    }

    private mutating func emit(_ actions: [UpdateAction]) throws(ItemProblem) {
        guard !actions.isEmpty else { throw ItemProblem(reason: "the update changes nothing: name an attribute") }
        if let (outer, inner) = Path.overlap(in: actions.map(\.path)) {
            throw ItemProblem(reason: "the update changes \(Self.twice(outer, inner))")
        }
        var operators = 0
        for keyword in ["SET", "REMOVE", "ADD", "DELETE"] {
            var isFirst = true
            for action in actions where action.change.keyword == keyword {
                text += isFirst ? (text.isEmpty ? "" : " ") + keyword + " " : ", "
                isFirst = false
                try emit(action)
                if case .set(_, let count) = action.change { operators += count }
            }
        }
        guard operators <= DynamoDBLimits.maximumExpressionOperators else {
            throw ItemProblem(reason: Expression.tooManyOperators)
        }
    }

    private mutating func emit(_ action: UpdateAction) throws(ItemProblem) {
        try emit(action.path, as: "an update")
        switch action.change {
        case .set(let node, _):
            text += " = "
            try emit(node, at: action.path, sums: true, functions: true)
        case .remove: break
        case .add(let value):
            guard [.N, .SS, .NS, .BS].contains(value.type) else {
                throw ItemProblem(reason: "only numbers and sets can be added, and '\(action.path)' is given neither")
            }
            text += " "
            try emit(value, at: action.path)
        case .delete(let value):
            guard [.SS, .NS, .BS].contains(value.type) else {
                throw ItemProblem(reason: "only a set's members can be deleted from '\(action.path)': give a set")
            }
            text += " "
            try emit(value, at: action.path)
        }
    }
}

extension UpdateAction.Change {
    fileprivate var keyword: String {
        switch self {
        case .set: "SET"
        case .remove: "REMOVE"
        case .add: "ADD"
        case .delete: "DELETE"
        }
    }
}
