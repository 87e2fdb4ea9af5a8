public import CloudWatch

/// A composite alarm's rule, read and evaluated as CloudWatch does.
///
/// `expr := or; or := and (OR and)*; and := un (AND un)*; un := NOT un | ( expr ) | TRUE | FALSE | STATE(ref) |
/// AT_LEAST(count|percent%, [NOT] STATE, (ref, …))`. That AND binds closer than OR is the usual reading; it is not documented.
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html
public struct CompositeRule: Sendable, Hashable {
    /// A part of the rule.
    public indirect enum Expression: Sendable, Hashable {
        case constant(Bool)
        case state(AlarmState, of: String)
        case not(Expression)
        case and([Expression])
        case or([Expression])
        case atLeast(Amount, negated: Bool, AlarmState, of: [String])
    }

    /// How many of AT_LEAST's alarms must match.
    public enum Amount: Sendable, Hashable {
        case count(Int)
        case percent(Int)

        func isReached(by matching: Int, of total: Int) -> Bool {
            switch self {
            case .count(let count): matching >= count
            case .percent(let percent): matching * 100 >= percent * total
            }
        }
    }

    /// The rule as it was written.
    public let text: String
    /// The rule as it was read.
    public let expression: Expression
    /// The alarms that it names, each once, in order.
    public let children: [String]

    /// Reads a rule, and refuses one that PutCompositeAlarm would refuse.
    public init(_ text: String) throws(CompositeRuleError) {
        guard text.count <= AlarmLimits.maximumRuleLength else {
            throw CompositeRuleError(
                "has \(text.count) characters; \(AlarmLimits.maximumRuleLength) is the most", at: 0)
        }
        var parser = CompositeRuleParser(text)
        expression = try parser.parse()
        children = parser.children
        self.text = text
        guard children.count <= AlarmLimits.maximumChildren else {
            throw CompositeRuleError(
                "names \(children.count) alarms; \(AlarmLimits.maximumChildren) is the most", at: 0)
        }
        guard parser.elements <= AlarmLimits.maximumRuleElements else {
            throw CompositeRuleError(
                "has \(parser.elements) elements; \(AlarmLimits.maximumRuleElements) is the most", at: 0)
        }
    }

    /// ALARM where the rule is true, else OK. A child without a known state, one that was deleted, makes all of its
    /// conditions false.
    ///
    /// - Parameter states: by name; an ARN in the rule is looked up whole and then by the name in it.
    public func evaluate(_ states: [String: AlarmState]) -> AlarmState {
        holds(expression, states) ? .alarm : .ok
    }

    private func holds(_ expression: Expression, _ states: [String: AlarmState]) -> Bool {
        switch expression {
        case .constant(let value): value
        case .state(let state, let reference): Self.state(of: reference, in: states) == state
        case .not(let operand): !holds(operand, states)
        case .and(let operands): operands.allSatisfy { holds($0, states) }
        case .or(let operands): operands.contains { holds($0, states) }
        case .atLeast(let amount, let negated, let state, let references):
            amount.isReached(
                by: references.count { reference in
                    guard let actual = Self.state(of: reference, in: states) else { return false }
                    return (actual == state) != negated
                }, of: references.count)
        }
    }

    private static func state(of reference: String, in states: [String: AlarmState]) -> AlarmState? {
        if let state = states[reference] { return state }
        guard reference.hasPrefix("arn:") else { return nil }
        // arn:aws:cloudwatch:region:account:alarm:name, where a name may hold colons.
        let fields = reference.split(separator: ":", maxSplits: 6, omittingEmptySubsequences: false)
        return fields.count == 7 ? states[String(fields[6])] : nil
    }

    /// An alarm's name as a quoted reference.
    public static func quoted(_ name: String) -> String {
        var text = "\""
        for character in name {
            if character == "\"" || character == "\\" { text.append("\\") }
            text.append(character)
        }
        return text + "\""
    }

    /// Names in an order in which each comes after those that its rule names, or nil where they form a cycle, whose
    /// evaluation CloudWatch stops.
    public static func evaluationOrder(of rules: [String: CompositeRule]) -> [String]? {
        var order: [String] = []
        var done: Set<String> = []
        var open: Set<String> = []
        func visit(_ name: String) -> Bool {
            if done.contains(name) { return true }
            guard open.insert(name).inserted, let rule = rules[name] else { return false }
            for child in rule.children where rules[child] != nil {
                if !visit(child) { return false }
            }
            done.insert(name)
            order.append(name)
            return true
        }
        for name in rules.keys.sorted() where !visit(name) { return nil }
        return order
    }
}

/// Why a rule cannot be read.
public struct CompositeRuleError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, without a subject.
    public var reason: String
    /// Where in the rule, in characters from 0.
    public var offset: Int

    init(_ reason: String, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// One sentence.
    public var description: String { "The composite rule \(reason) (at character \(offset))." }
}
