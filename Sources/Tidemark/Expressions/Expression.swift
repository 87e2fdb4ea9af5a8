/// One of DynamoDB's expressions: a condition, a filter, a key condition, an update or a projection.
///
/// Built from paths and values, it needs no text: names and values get their placeholders by themselves.
///
///     condition: .exists("id") && "total" > 10
///     keyCondition: "customer" == "c-1" && "placed" >= "2026-01-01"
///     update: [.set("status", to: "paid"), .remove("note"), .add(1, to: "version")]
///     projection: .attributes(["id", Path("address")["city"]])
///
/// What contradicts itself, such as two updates of one path, is refused before anything is sent: the call throws
/// `validation`. DynamoDB's own text can be given too, and stand beside the others or inside of them:
///
///     Expression("#s = :open AND amount > :min", names: ["#s": "status"], values: [":open": "OPEN", ":min": 10])
///
/// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
public struct Expression: Sendable, Hashable, ExpressibleByStringLiteral {
    private var raw = RawExpression()
    /// What the expression was built from; nil where it was given as text.
    private(set) var built: BuiltExpression?

    /// Makes an expression. Placeholders of several expressions of one call share one space.
    public init(_ text: String, names: [String: String] = [:], values: [String: AttributeValue] = [:]) {
        raw = RawExpression(text: text, names: names, values: values)
    }

    /// An expression without values.
    public init(stringLiteral value: String) { self.init(value) }

    init(_ built: BuiltExpression) { self.built = built }

    // Edits go to the stored texts in place, so that filling in a name copies no dictionary.

    /// The expression as DynamoDB reads it; "" where it contradicts itself. One that was built has other placeholders in
    /// a request that has several expressions. Setting it makes the expression one that was given as text.
    public var text: String {
        get { given.text }
        _modify {
            becomeGiven()
            yield &raw.text
        }
    }

    /// What each `#name` stands for.
    public var names: [String: String] {
        get { given.names }
        _modify {
            becomeGiven()
            yield &raw.names
        }
    }

    /// What each `:value` stands for.
    public var values: [String: AttributeValue] {
        get { given.values }
        _modify {
            becomeGiven()
            yield &raw.values
        }
    }

    /// The expression as text, by itself.
    var given: RawExpression {
        guard let built else { return raw }
        var emitter = ExpressionEmitter()
        do {
            for given in built.givenParts { try emitter.reserve(given) }
            try emitter.emit(built)
            return emitter.takeAll()
        } catch {
            return RawExpression()
        }
    }

    private mutating func becomeGiven() {
        guard built != nil else { return }
        raw = given
        built = nil
    }
}

/// An expression as DynamoDB takes it.
struct RawExpression: Sendable, Hashable {
    var text = ""
    var names: [String: String] = [:]
    var values: [String: AttributeValue] = [:]
}

/// What an expression was built from.
enum BuiltExpression: Sendable, Hashable {
    case condition(ConditionNode, operators: Int)
    case update([UpdateAction])
    case projection([Path])

    /// "a condition", as errors name it.
    var kind: String {
        switch self {
        case .condition: "a condition"
        case .update: "an update"
        case .projection: "a projection"
        }
    }

    /// The expressions in it that were given as text.
    var givenParts: [RawExpression] {
        guard case .condition(let node, _) = self else { return [] }
        var parts: [RawExpression] = []
        node.collectGiven(into: &parts)
        return parts
    }
}
