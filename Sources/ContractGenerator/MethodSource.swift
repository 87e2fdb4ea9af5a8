internal import ContractModel

/// Writes the method of a repository that serves an access pattern.
struct MethodSource {
    let plan: EntityPlan
    let method: MethodPlan
    let access: String

    private var operation: PatternOperation { method.operation }
    private var type: String { plan.typeName }
    private var pattern: [String] { ["pattern: \(SwiftText.literal(method.pattern.id))", "options: options"] }
    private let options = "options: CallOptions = CallOptions()"

    func write(into text: inout SwiftText) {
        documentation(&text)
        switch operation.operation {
        case "GetItem": get(&text)
        case "Query": query(&text)
        case "Scan": scan(&text)
        case "PutItem": put(&text)
        case "UpdateItem": update(&text)
        case "DeleteItem": delete(&text)
        case "BatchGetItem": batchGet(&text)
        case "BatchWriteItem": batchWrite(&text)
        case "TransactWriteItems": transactWrite(&text)
        default: transactGet(&text)
        }
    }

    /// A field with its value in a dictionary of key values.
    static func pair(_ property: PropertyPlan, _ value: String) -> String {
        var text = property.type.keyText(value) ?? value
        if property.isOptional, text != value { text = "\(value).map { \(property.type.keyText("$0") ?? "$0") }" }
        return "\(SwiftText.literal(property.field.name)): \(text)"
    }

    // MARK: Documentation

    private func documentation(_ text: inout SwiftText) {
        let summary = SwiftText.prose(method.pattern.summary)
        text.doc("\(method.pattern.id)\(summary.isEmpty ? "" : ": " + summary).", "")
        var words = "\(operation.operation) of `\(operation.table)`"
        if let index = operation.index {
            words = "\(operation.operation) of the index `\(index)` of `\(operation.table)`"
        }
        if let items = operation.itemsPerCall, items > 1 { words += ", about \(Self.number(items)) items a call" }
        if let rate = method.pattern.peakRPS { words += ", \(Self.number(rate)) calls a second at peak" }
        text.doc(words + ".")
        if operation.operation == "Scan" {
            text.doc(
                "", "- Important: No key or index serves it: the whole table is read, and paid for, on every call.")
        }
        if let guess = operation.guess {
            text.doc("", "- Note: Concluded, not written down: \(SwiftText.prose(guess)).")
        }
        if !method.others.isEmpty {
            text.doc(
                "",
                "The same transaction \(operation.isWrite ? "writes" : "reads") to \(method.others.map { "`\($0)`" }.joined(separator: " and "))."
            )
        }
    }

    private static func number(_ value: Double) -> String {
        value.rounded() == value && abs(value) < 1e15 ? String(Int(value)) : String(value)
    }

    // MARK: Keys

    private var keyParameters: [String] { plan.keyProperties.map { "\($0.code): \($0.typeCode)" } }

    private var keyValues: String { "[\(plan.keyProperties.map { Self.pair($0, $0.code) }.joined(separator: ", "))]" }

    /// A declaration, and the one call that it makes.
    private func declare(
        _ text: inout SwiftText, _ parameters: [String], returns: String,
        effects: String = "async throws(TidemarkError) ",
        _ call: String, _ arguments: [String], isDiscardable: Bool = false
    ) {
        if isDiscardable { text.line("@discardableResult") }
        let result = returns.isEmpty ? "" : "-> \(returns) "
        text.call(
            "\(access)func \(SwiftName.escaped(method.name))(", parameters, ") \(effects)\(result){",
            isDeclaration: true)
        text.body { $0.call(call, arguments, ")") }
    }

    // MARK: Reads

    private func get(_ text: inout SwiftText) {
        let isStrong = operation.consistency == .strong
        if isStrong { text.doc("", "The contract asks for a consistent read, which is the default here.") }
        declare(
            &text, keyParameters + [isStrong ? "options: CallOptions = .consistent" : options], returns: "\(type)?",
            "try await items.get(", [keyValues] + pattern)
    }

    private func query(_ text: inout SwiftText) {
        let index = operation.index.flatMap { plan.table.index(named: $0) }
        let partition = index?.partitionKey ?? plan.table.partitionKey
        let sort = index == nil ? plan.table.sortKey : index?.sortKey
        let isWhole = index.map { $0.projection == .all } ?? true
        let read = isWhole ? type : "\(type).\(SwiftName.part(index?.name ?? ""))Entry"
        let key = KeyParameters(partition, plan)
        var parameters = key.parameters
        var arguments: [String] = isWhole ? [] : ["as: \(read).self"]
        arguments.append("[\(key.values.joined(separator: ", "))]")
        if let sort, let range = RangeParameters(sort, plan, besides: key) {
            text.doc("")
            text.doc("- Parameters:")
            for line in range.documentation { text.doc("  " + line) }
            parameters += range.parameters
            arguments += range.arguments
        }
        if let index { arguments.append("index: \(SwiftText.literal(index.name))") }
        parameters += [
            "filter: Expression? = nil", "pageSize: Int? = nil", "startAfter: Item? = nil", "ascending: Bool = true",
            options,
        ]
        arguments +=
            ["filter: filter", "pageSize: pageSize", "startAfter: startAfter", "ascending: ascending"] + pattern
        declare(&text, parameters, returns: "Pages<TypedPage<\(read)>>", effects: "", "items.queryPages(", arguments)
    }

    private func scan(_ text: inout SwiftText) {
        let index = operation.index.flatMap { plan.table.index(named: $0) }
        let isWhole = index.map { $0.projection == .all } ?? true
        let read = isWhole ? type : "\(type).\(SwiftName.part(index?.name ?? ""))Entry"
        var arguments: [String] = isWhole ? [] : ["as: \(read).self"]
        if let index { arguments.append("index: \(SwiftText.literal(index.name))") }
        arguments += ["filter: filter", "pageSize: pageSize", "startAfter: startAfter"] + pattern
        declare(
            &text, ["filter: Expression? = nil", "pageSize: Int? = nil", "startAfter: Item? = nil", options],
            returns: "Pages<TypedPage<\(read)>>", effects: "", "items.scanPages(", arguments)
    }

    private func batchGet(_ text: inout SwiftText) {
        text.doc("", "The values come in no order; those that are not there are left out.")
        declare(
            &text, ["_ keys: [\(type).Key]", options], returns: "[\(type)]", "try await items.batchGet(",
            ["keys.map(\\.values)"] + pattern)
    }

    private func transactGet(_ text: inout SwiftText) {
        text.doc(
            "", "- Parameter reads: what repositories' `items.transactGet(_:)` make; all are read at one moment.",
            "- Returns: an item for each read, nil where there is none; `items.value(of:)` makes a value of it.")
        text.call(
            "\(access)func \(SwiftName.escaped(method.name))(", ["_ reads: [TransactGet]", options],
            ") async throws(TidemarkError) -> [Item?] {", isDeclaration: true)
        text.body { text in
            text.line("var options = options")
            text.line("options.pattern = \(SwiftText.literal(method.pattern.id))")
            text.line("return try await items.client.transactGetItems(reads, options: options).items")
        }
    }

    // MARK: Writes

    private static let creation: Set = [
        "create", "register", "add", "place", "buy", "start", "open", "sign", "insert", "book",
    ]

    /// Whether the pattern's words say that it makes something new.
    private var isCreation: Bool { Self.creation.contains(SwiftName.words(of: method.name).first ?? "") }

    /// The same, where an item that is there already must not be replaced: an "add" may be an addition to what is there.
    private var isStrictCreation: Bool {
        ["create", "register", "sign"].contains(SwiftName.words(of: method.name).first ?? "")
    }

    private var value: String { SwiftName.escaped(SwiftName.property(type)) }

    private func put(_ text: inout SwiftText) {
        if isStrictCreation, !plan.entity.uniqueConstraints.isEmpty { return create(&text) }
        let notThere = ".notExists(\(SwiftText.literal(plan.table.partitionKey.name)))"
        text.doc(
            "",
            "- Parameter condition: what must hold of the item in place"
                + (isStrictCreation ? "; by default that there is none." : "; by default it is replaced."))
        declare(
            &text, ["_ \(value): \(type)", "condition: Expression? = \(isStrictCreation ? notThere : "nil")", options],
            returns: "", "try await items.put(", [value, "condition: condition"] + pattern)
    }

    private func update(_ text: inout SwiftText) {
        text.doc(
            "", "- Parameters:", "  - condition: what must hold of the item besides.",
            "  - createIfMissing: whether an item that is not there is made, of its key and the changes alone.",
            "  - isolation: where the changes are made: where the caller is.",
            "- Returns: the item as it is then.", "- Throws: `conditionFailed` where there is no such item.")
        text.line("@discardableResult")
        // Isolated as its caller is, the method sends the closure nowhere: it may read what an actor holds.
        text.call(
            "\(access)func \(SwiftName.escaped(method.name))(",
            keyParameters + [
                "condition: Expression? = nil", "createIfMissing: Bool = false", options,
                "isolation: isolated (any Actor)? = #isolation", "_ change: (inout \(type).Changes) -> Void",
            ],
            ") async throws(TidemarkError) -> \(type)? {", isDeclaration: true)
        text.body { text in
            text.line("var changes = \(type).Changes()")
            text.line("change(&changes)")
            text.call(
                "return try await items.update(",
                [keyValues, "changes.item", "condition: condition", "createIfMissing: createIfMissing"] + pattern, ")")
        }
    }

    private func delete(_ text: inout SwiftText) {
        declare(
            &text, keyParameters + ["condition: Expression? = nil", options], returns: "", "try await items.delete(",
            [keyValues, "condition: condition"] + pattern)
    }

    private func batchWrite(_ text: inout SwiftText) {
        text.doc("", "Each write stands alone: some may be done and others not.")
        text.call(
            "\(access)func \(SwiftName.escaped(method.name))(",
            ["put values: [\(type)] = []", "delete keys: [\(type).Key] = []", options],
            ") async throws(TidemarkError) {", isDeclaration: true)
        text.body { text in
            text.line("if !values.isEmpty { try await items.batchPut(values, \(pattern.joined(separator: ", "))) }")
            text.line(
                "if !keys.isEmpty { try await items.batchDelete(keys.map(\\.values), \(pattern.joined(separator: ", "))) }"
            )
        }
    }

    private func create(_ text: inout SwiftText) {
        text.doc(
            "", "- Parameters:",
            "  - others: writes of the same transaction, which repositories' `items.transact…` make.",
            "  - token: makes repeating the same transaction within 10 minutes harmless.",
            "- Throws: `conditionFailed` where there is such an item already"
                + (plan.entity.uniqueConstraints.isEmpty ? "." : ", or a unique value is taken."))
        declare(
            &text, ["_ \(value): \(type)", "with others: [TransactWrite] = []", "token: String? = nil", options],
            returns: "", "try await items.create(", [value, "with: others", "token: token"] + pattern)
    }

    private func transactWrite(_ text: inout SwiftText) {
        if isCreation { return create(&text) }
        text.doc(
            "", "- Parameters:", "  - writes: what repositories' `items.transact…` make; all are done or none.",
            "  - token: makes repeating the same transaction within 10 minutes harmless.")
        declare(
            &text, ["_ writes: [TransactWrite]", "token: String? = nil", options], returns: "",
            "try await items.transact(", ["writes", "token: token"] + pattern)
    }
}

/// What a method asks for to make a key of.
struct KeyParameters {
    var parameters: [String] = []
    /// Pairs of a dictionary of key values.
    var values: [String] = []
    /// The fields that are asked for.
    var fields: Set<String> = []

    init(_ key: KeyAttribute, _ plan: EntityPlan) {
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
        guard absent?.placeholders.isEmpty == true, let holes = present?.placeholders, holes.count == 1,
            let property = plan.property(named: holes[0])
        else {
            // The key stands for itself.
            let name = SwiftName.property(key.name)
            parameters.append("\(SwiftName.escaped(name)): String")
            values.append("\(SwiftText.literal(key.name)): \(SwiftName.escaped(name))")
            return
        }
        parameters.append("\(property.code): \(property.type.name)?")
        let text = property.type.keyText("$0") ?? "$0"
        let value = text == "$0" ? property.code : "\(property.code).map { \(text) }"
        values.append("\(SwiftText.literal(holes[0])): \(value)")
        if condition.field != holes[0] { values.append("\(SwiftText.literal(condition.field)): \(value)") }
        fields = [holes[0], condition.field]
    }

    private mutating func addField(_ name: String, _ plan: EntityPlan) {
        guard let property = plan.property(named: name) else {
            let code = SwiftName.escaped(SwiftName.property(name))
            parameters.append("\(code): String")
            values.append("\(SwiftText.literal(name)): \(code)")
            return
        }
        parameters.append("\(property.code): \(property.type.name)")
        values.append("\(SwiftText.literal(name)): \(property.type.keyText(property.code) ?? property.code)")
        fields.insert(name)
    }
}

/// What a query asks for to choose among sort keys: the beginning of their next value, or a range of it.
struct RangeParameters {
    var parameters: [String]
    var arguments: [String]
    var documentation: [String]

    init?(_ key: KeyAttribute, _ plan: EntityPlan, besides partition: KeyParameters) {
        let rule = plan.layout.key(named: key.name)?.rule
        let names = rule?.value?.placeholders ?? [key.name]
        guard rule?.condition == nil, let name = names.first(where: { !partition.fields.contains($0) }) else {
            return nil
        }
        let place = SwiftText.literal(name)
        let isText = key.type == .S
        parameters = (isText ? ["beginning: String? = nil"] : []) + ["from: String? = nil", "through: String? = nil"]
        func pair(_ value: String) -> String { "\(value): \(value).map { [\(place): $0] }" }
        arguments = (isText ? [pair("beginning")] : []) + [pair("from"), pair("through")]
        documentation =
            (isText ? ["- beginning: how `\(name)` begins."] : [])
            + ["- from: the first `\(name)`.", "- through: the last `\(name)`, or how it begins."]
    }
}
