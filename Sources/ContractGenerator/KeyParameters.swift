internal import ContractModel

/// What a method asks for to make a key of.
struct KeyParameters {
    var parameters: [String] = []
    /// Pairs of a dictionary of key values.
    var values: [String] = []
    /// The fields that are asked for.
    var fields: Set<String> = []
    var documentation: [String] = []

    /// - Parameter pattern: whose words may say that it is about what the key's constant stands for: "Get root categories".
    init(_ key: KeyAttribute, _ plan: EntityPlan, in pattern: AccessPattern) {
        let made = plan.layout.key(named: key.name)
        guard let rule = made?.rule else {
            addField(key.name, plan)
            return
        }
        guard let condition = rule.condition else {
            for name in rule.fields { addField(name, plan) }
            return
        }
        // A constant stands for no value: the one parameter is an optional.
        let present = condition.isAbsent ? rule.otherwise : rule.value
        let absent = condition.isAbsent ? rule.value : rule.otherwise
        guard condition.values.isEmpty, absent?.placeholders.isEmpty == true, let holes = present?.placeholders,
            holes.count == 1,
            let property = plan.property(named: holes[0])
        else {
            // The key stands for itself.
            let name = SwiftName.property(key.name)
            parameters.append("\(SwiftName.escaped(name)): String")
            values.append("\(SwiftText.literal(key.name)): \(SwiftName.escaped(name))")
            return
        }
        fields = [holes[0], condition.field]
        if let constant = absent?.source, Self.isNamed(constant, by: pattern) {
            for name in [condition.field, holes[0]]
            where !values.contains(where: { $0.hasPrefix(SwiftText.literal(name)) }) {
                values.append("\(SwiftText.literal(name)): nil")
            }
            return
        }
        parameters.append("\(property.code): \(property.type.name)?")
        documentation.append("- \(property.name): nil for those at `\(absent?.source ?? "")`.")
        let text = property.type.keyText("$0") ?? "$0"
        let value = text == "$0" ? property.code : "\(property.code).map { \(text) }"
        values.append("\(SwiftText.literal(holes[0])): \(value)")
        if condition.field != holes[0] { values.append("\(SwiftText.literal(condition.field)): \(value)") }
    }

    /// Asks for the first values of a sort key too, which the caller knows: those that are not asked for already.
    mutating func add(first count: Int, of key: KeyAttribute?, _ plan: EntityPlan) {
        guard let key, let rule = plan.layout.key(named: key.name)?.rule, rule.condition == nil else { return }
        for name in (rule.value?.placeholders ?? []).prefix(count) where !fields.contains(name) { addField(name, plan) }
    }

    /// Whether the pattern's words name the constant: "ROOT" is what "Get root categories" is about.
    private static func isNamed(_ constant: String, by pattern: AccessPattern) -> Bool {
        let words = SwiftName.words(of: constant)
        return !words.isEmpty && Set(words).isSubset(of: SwiftName.words(of: pattern.summary))
    }

    private mutating func addField(_ name: String, _ plan: EntityPlan) {
        fields.insert(name)
        guard let property = plan.property(named: name) else {
            let code = SwiftName.escaped(SwiftName.property(name))
            parameters.append("\(code): String")
            values.append("\(SwiftText.literal(name)): \(code)")
            return
        }
        parameters.append("\(property.code): \(property.type.name)")
        values.append("\(SwiftText.literal(name)): \(property.type.keyText(property.code) ?? property.code)")
    }
}

/// What a query asks for to choose among sort keys: the beginning of their next value, or a range of it.
struct RangeParameters {
    /// The field whose next value it is.
    var field: String
    var parameters: [String]
    var arguments: [String]
    var documentation: [String]

    init?(_ key: KeyAttribute, _ plan: EntityPlan, besides partition: KeyParameters) {
        let rule = plan.layout.key(named: key.name)?.rule
        let names = rule?.value?.placeholders ?? [key.name]
        guard rule?.condition == nil, let name = names.first(where: { !partition.fields.contains($0) }) else {
            return nil
        }
        field = name
        let place = SwiftText.literal(name)
        guard key.type == .S else {
            // A number is whole: none begins with another.
            let property = plan.property(named: name).flatMap { $0.type.isNumber ? $0.type : nil }
            let text = property?.keyText("$0") ?? "$0"
            parameters = ["from", "through"].map { "\($0): \(property?.name ?? "String")? = nil" }
            arguments = ["from", "through"].map { "\($0): \($0).map { [\(place): \(text)] }" }
            documentation = ["- from: the least `\(name)`.", "- through: the greatest `\(name)`."]
            return
        }
        func pair(_ value: String) -> String { "\(value): \(value).map { [\(place): $0] }" }
        let isNumber = plan.property(named: name)?.type.isNumber ?? false
        parameters = ["beginning: String? = nil", "from: String? = nil", "through: String? = nil"]
        arguments = [pair("beginning"), pair("from"), pair("through")]
        documentation = [
            "- beginning: how `\(name)` begins.",
            "- from: the first `\(name)`" + (isNumber ? ", as a text: 10 comes before 9." : "."),
            "- through: the last `\(name)`, or how it begins: all that begins so is included.",
        ]
    }
}
