internal import ContractModel

/// Writes the method of a repository that serves an access pattern.
struct MethodSource {
    let plan: EntityPlan
    let method: MethodPlan
    let access: String

    var operation: PatternOperation { method.operation }
    var type: String { plan.typeName }
    var pattern: [String] { ["pattern: \(SwiftText.literal(method.pattern.id))", "options: options"] }
    let options = "options: CallOptions = CallOptions()"
    /// The same of a read that the contract wants to be consistent. An index cannot be read so.
    var readOptions: String {
        isConsistent ? "options: CallOptions = .consistent" : options
    }
    private var isConsistent: Bool {
        guard !operation.isWrite, operation.consistency == .strong, operation.index == nil else { return false }
        if case .index(let index) = method.way { return operation.operation == "GetItem" && index.projection != .all }
        return true
    }

    /// Says that a read is consistent where the contract asks for it.
    func consistency(_ text: inout SwiftText) {
        guard isConsistent else { return }
        text.doc("", "The contract asks for a consistent read, which is the default here.")
    }

    func write(into text: inout SwiftText) {
        documentation(&text)
        switch method.way {
        case .index(let index): found(through: index, &text)
        case .scan(let property): found(byScanFor: property, &text)
        case .partition: operation.isWrite ? deleteAll(&text) : query(&text)
        case .key: direct(&text)
        }
    }

    private func direct(_ text: inout SwiftText) {
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

    // MARK: Keys

    var keyParameters: [String] { plan.keyProperties.map { "\($0.code): \($0.typeCode)" } }

    var keyValues: String { SwiftText.dictionary(plan.keyProperties.map { Self.pair($0, $0.code) }) }

    /// A declaration, and the one call that it makes.
    func declare(
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
        consistency(&text)
        declare(
            &text, keyParameters + [readOptions], returns: "\(type)?", "try await items.get(", [keyValues] + pattern)
    }

    private func query(_ text: inout SwiftText) {
        query(operation.index.flatMap { plan.table.index(named: $0) }, &text)
    }

    /// A Query of an index, or of the table where none is named.
    func query(_ index: ContractIndex?, _ text: inout SwiftText) {
        let partition = index?.partitionKey ?? plan.table.partitionKey
        let sort = index == nil ? plan.table.sortKey : index?.sortKey
        let isWhole = index.map { $0.projection == .all } ?? true
        let read = isWhole ? type : index.map { "\(type).\(plan.entryName(of: $0))" } ?? type
        var key = KeyParameters(partition, plan, in: method.pattern)
        key.add(first: method.sortValues, of: sort, plan)
        var parameters = key.parameters
        var arguments: [String] = isWhole ? [] : ["as: \(read).self"]
        arguments.append(SwiftText.dictionary(key.values))
        let range = sort.flatMap { RangeParameters($0, plan, besides: key) }
        consistency(&text)
        let words = Set(SwiftName.words(of: method.pattern.summary))
        if !key.documentation.isEmpty, !words.isDisjoint(with: ["tree", "hierarchy"]) {
            text.doc("", "One level of it: a tree is read level by level, with a call for each parent.")
        }
        let order = sort.map {
            QueryOrder(operation, of: method.pattern, sorted: range?.field, key: $0, plan)
        }
        let isDescending = order?.isDescending ?? false
        var lines = key.documentation + (range?.documentation ?? [])
        if let range {
            parameters += range.parameters
            arguments += range.arguments
        }
        if let order, isDescending {
            lines.append("- ascending: whether the \(order.last) come first; by default the \(order.first) do.")
        }
        let limit = order?.limit
        if limit != nil { lines.append("- limit: how many are read at most; nil for all that there are.") }
        if !lines.isEmpty {
            text.doc("")
            text.doc("- Parameters:")
            for line in lines { text.doc("  " + line) }
        }
        if let index { arguments.append("index: \(SwiftText.literal(index.name))") }
        parameters += ["filter: Expression? = nil"] + (limit.map { ["limit: Int? = \($0)"] } ?? [])
        parameters += [
            "pageSize: Int? = nil", "startAfter: Item? = nil", "ascending: Bool = \(!isDescending)", readOptions,
        ]
        arguments += ["filter: filter"] + (limit == nil ? [] : ["limit: limit"])
        arguments += ["pageSize: pageSize", "startAfter: startAfter", "ascending: ascending"] + pattern
        declare(&text, parameters, returns: "Pages<TypedPage<\(read)>>", effects: "", "items.queryPages(", arguments)
    }

    private func scan(_ text: inout SwiftText) {
        let index = operation.index.flatMap { plan.table.index(named: $0) }
        let isWhole = index.map { $0.projection == .all } ?? true
        let read = isWhole ? type : index.map { "\(type).\(plan.entryName(of: $0))" } ?? type
        var arguments: [String] = isWhole ? [] : ["as: \(read).self"]
        if let index { arguments.append("index: \(SwiftText.literal(index.name))") }
        arguments += ["filter: filter", "pageSize: pageSize", "startAfter: startAfter"] + pattern
        consistency(&text)
        declare(
            &text, ["filter: Expression? = nil", "pageSize: Int? = nil", "startAfter: Item? = nil", readOptions],
            returns: "Pages<TypedPage<\(read)>>", effects: "", "items.scanPages(", arguments)
    }

    private func batchGet(_ text: inout SwiftText) {
        text.doc("", "The values come in no order; those that are not there are left out.")
        consistency(&text)
        declare(
            &text, ["_ keys: [\(type).Key]", readOptions], returns: "[\(type)]", "try await items.batchGet(",
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

    /// What a method calls the value that it is given.
    private var value: String {
        let name = SwiftName.property(type)
        return SwiftName.escaped(EntityPlanner.isTakenParameter(name) ? name + "Value" : name)
    }

    private func put(_ text: inout SwiftText) {
        if isStrictCreation, !plan.guarded.isEmpty { return create(&text) }
        uniqueness(of: .store, &text)
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
        uniqueness(of: .change, &text)
        text.doc(
            "", "- Parameters:", "  - condition: what must hold of the item besides.",
            "  - createIfMissing: whether an item that is not there is made, of its key and the changes alone.",
            "  - isolation: where the changes are made: where the caller is.",
            "- Returns: the item as it is then.", "- Throws: `conditionFailed` where there is no such item.")
        change(
            keyParameters + ["condition: Expression? = nil", "createIfMissing: Bool = false"], &text
        ) { text in
            text.call(
                "return try await items.update(",
                [keyValues, "changes.item", "condition: condition", "createIfMissing: createIfMissing"] + pattern, ")")
        }
    }

    /// A method that takes changes as a closure. Isolated as its caller is, it sends the closure nowhere: that may read what an
    /// actor holds.
    func change(_ parameters: [String], _ text: inout SwiftText, _ body: (inout SwiftText) -> Void) {
        text.line("@discardableResult")
        text.call(
            "\(access)func \(SwiftName.escaped(method.name))(",
            parameters + [
                options, "isolation: isolated (any Actor)? = #isolation", "_ change: (inout \(type).Changes) -> Void",
            ],
            ") async throws(TidemarkError) -> \(type)? {", isDeclaration: true)
        text.body { text in
            text.line("var changes = \(type).Changes()")
            text.line("change(&changes)")
            body(&text)
        }
    }

    private func delete(_ text: inout SwiftText) {
        uniqueness(of: .delete, &text)
        declare(
            &text, keyParameters + ["condition: Expression? = nil", options], returns: "", "try await items.delete(",
            [keyValues, "condition: condition"] + pattern)
    }

    private func batchWrite(_ text: inout SwiftText) {
        text.doc("", "Each write stands alone: some may be done and others not.")
        if !plan.guarded.isEmpty {
            text.doc("A batch keeps no unique values, so the writes are made one after the other.")
        }
        text.call(
            "\(access)func \(SwiftName.escaped(method.name))(",
            ["put values: [\(type)] = []", "delete keys: [\(type).Key] = []", options],
            ") async throws(TidemarkError) {", isDeclaration: true)
        let ending = pattern.joined(separator: ", ")
        text.body { text in
            guard plan.guarded.isEmpty else {
                text.line("for value in values { try await items.put(value, \(ending)) }")
                text.line("for key in keys { try await items.delete(key.values, \(ending)) }")
                return
            }
            text.line("if !values.isEmpty { try await items.batchPut(values, \(ending)) }")
            text.line("if !keys.isEmpty { try await items.batchDelete(keys.map(\\.values), \(ending)) }")
        }
    }

    private func create(_ text: inout SwiftText) {
        text.doc(
            "", "- Parameters:",
            "  - others: writes of the same transaction, which repositories' `items.transact…` make.",
            "  - token: makes repeating the same transaction within 10 minutes harmless.",
            "- Throws: `conditionFailed` where there is such an item already"
                + (plan.guarded.isEmpty ? "." : ", or a unique value is taken: its `takenAttributes` say which."))
        declare(
            &text, ["_ \(value): \(type)", "with others: [TransactWrite] = []", "token: String? = nil", options],
            returns: "", "try await items.create(", [value, "with: others", "token: token"] + pattern)
    }

    private func transactWrite(_ text: inout SwiftText) {
        if isCreation {
            text.doc(
                "",
                "- Note: Concluded from its description, not written down: what this transaction does to the "
                    + "\(SwiftName.spoken(type)) is to put a new one.")
            return create(&text)
        }
        text.doc(
            "", "- Parameters:", "  - writes: what repositories' `items.transact…` make; all are done or none.",
            "  - token: makes repeating the same transaction within 10 minutes harmless.")
        declare(
            &text, ["_ writes: [TransactWrite]", "token: String? = nil", options], returns: "",
            "try await items.transact(", ["writes", "token: token"] + pattern)
    }
}
