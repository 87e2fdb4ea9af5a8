internal import JSONBytes

/// One of DynamoDB's expressions with the names and values that stand behind its placeholders.
///
///     Expression("#s = :open AND amount > :min", names: ["#s": "status"], values: [":open": "OPEN", ":min": 10])
///
/// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
public struct Expression: Sendable, Hashable, ExpressibleByStringLiteral {
    /// The expression as DynamoDB reads it.
    public var text: String
    /// What each `#name` stands for.
    public var names: [String: String]
    /// What each `:value` stands for.
    public var values: [String: AttributeValue]

    /// Makes an expression. Placeholders of several expressions of one call share one space.
    public init(_ text: String, names: [String: String] = [:], values: [String: AttributeValue] = [:]) {
        self.text = text
        self.names = names
        self.values = values
    }

    /// An expression without values.
    public init(stringLiteral value: String) { self.init(value) }
}

/// The expressions of one request, their names and values brought together.
struct ExpressionSet {
    private var members: [(name: String, text: String)] = []
    private var names: [String: String] = [:]
    private var values: [String: AttributeValue] = [:]

    /// Adds an expression under the request's member name, such as "FilterExpression".
    mutating func add(_ expression: Expression?, as member: String) throws(ItemProblem) {
        guard let expression else { return }
        members.append((member, expression.text))
        for (name, meaning) in expression.names {
            guard names.updateValue(meaning, forKey: name) ?? meaning == meaning else {
                throw ItemProblem(
                    reason: "the placeholder '\(name)' stands for two different attributes in one request")
            }
        }
        for (name, value) in expression.values {
            try ItemSize.check(value, of: name, depth: 0)
            guard values.updateValue(value, forKey: name) ?? value == value else {
                throw ItemProblem(reason: "the placeholder '\(name)' stands for two different values in one request")
            }
        }
    }

    func write(into writer: inout JSONWriter) {
        for member in members { writer.member(member.name, member.text) }
        if !names.isEmpty {
            writer.key("ExpressionAttributeNames")
            writer.beginObject()
            for (name, meaning) in names { writer.member(name, meaning) }
            writer.endObject()
        }
        if !values.isEmpty {
            writer.key("ExpressionAttributeValues")
            ItemCodec.write(values, into: &writer)
        }
    }
}

/// The partition key's value in a key condition, as far as its text shows it.
package enum KeyCondition {
    /// The value that the condition sets equal to the partition key: by its name where that is known, else the only
    /// equality there is; nil when neither shows it.
    package static func partitionKey(of condition: Expression, named name: String?) -> AttributeValue? {
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
