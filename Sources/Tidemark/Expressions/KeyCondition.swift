/// What a key condition says of the partition key, and what makes one.
package enum KeyCondition {
    /// The value that the condition sets equal to the partition key: by its name where that is known. Else the first
    /// equality of one that was built from paths; of one that was given as text, the only equality there is, nil when
    /// neither shows it.
    package static func partitionKey(of condition: Expression, named name: String?) -> AttributeValue? {
        guard let built = condition.built else { return partitionKey(ofText: condition, named: name) }
        guard case .condition(let node, _) = built else { return nil }
        for clause in clauses(of: node) {
            guard case .compare(let path, .equal, .value(let value)) = clause else { continue }
            if path == Path(path.name), path.name == name ?? path.name { return value }
        }
        return nil
    }

    private static func clauses(of node: ConditionNode) -> [ConditionNode] {
        if case .all(let nodes) = node { nodes } else { [node] }
    }

    // MARK: Built from paths

    /// Refuses what DynamoDB does not take as a key condition. (An index may have several key attributes of each kind.)
    /// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.KeyConditionExpressions.html
    static func check(_ node: ConditionNode) throws(ItemProblem) {
        var names: Set<String> = []
        var equalities = 0
        var others = 0
        for clause in clauses(of: node) {
            let path: Path
            switch clause {
            case .problem(let reason): throw ItemProblem(reason: reason)
            // DynamoDB reads a given text itself.
            case .given: return
            case .compare(let key, .equal, .value):
                path = key
                equalities += 1
            case .compare(let key, let comparison, .value) where comparison != .notEqual:
                path = key
                others += 1
            case .between(let key, .value, .value), .call(.beginsWith, let key, .value):
                path = key
                others += 1
            default: throw notAKeyCondition
            }
            guard path == Path(path.name) else {
                throw ItemProblem(reason: "the key condition is about '\(path)', and only an attribute can be a key")
            }
            guard names.insert(path.name).inserted else {
                throw ItemProblem(reason: "the key condition is about '\(path)' twice: use between for a range")
            }
        }
        guard equalities > 0, others <= 1 else { throw notAKeyCondition }
    }

    private static let notAKeyCondition = ItemProblem(
        reason:
            "a key condition sets the partition key equal to a value and, joined by &&, may compare the sort key with "
            + "values by ==, <, <=, >, >=, between or beginsWith: put the rest into the filter")

    // MARK: Given as text

    private static func partitionKey(ofText condition: Expression, named name: String?) -> AttributeValue? {
        var equalities: [(name: String, value: AttributeValue)] = []
        for clause in clauses(of: condition.text) {
            guard let (left, right) = equality(in: clause), let value = condition.values[right] else { continue }
            equalities.append((condition.names[left] ?? left, value))
        }
        if let name { return equalities.first { $0.name == name }?.value }
        return equalities.count == 1 ? equalities.first?.value : nil
    }

    /// The parts between the words AND, parentheses taken as spaces.
    private static func clauses(of text: String) -> [[Substring]] {
        let words = text.split { $0 == " " || $0 == "\n" || $0 == "\t" || $0 == "(" || $0 == ")" }
        return words.split { $0.uppercased() == "AND" }.map(Array.init)
    }

    private static func equality(in clause: [Substring]) -> (String, String)? {
        let joined = clause.joined()
        guard !joined.contains("<"), !joined.contains(">") else { return nil }
        let sides = joined.split(separator: "=", omittingEmptySubsequences: false)
        guard sides.count == 2, !sides[0].isEmpty, sides[1].first == ":" else { return nil }
        return (String(sides[0]), String(sides[1]))
    }
}
