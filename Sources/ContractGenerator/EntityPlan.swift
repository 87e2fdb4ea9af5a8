internal import ContractEngine
internal import ContractModel

/// One kind of item as it is generated.
struct EntityPlan {
    let table: ContractTable
    let entity: ContractEntity
    let layout: EntityLayout
    /// The constant that the table is, in `ContractTables`.
    let tableConstant: String
    let typeName: String
    let protocolName: String?
    let properties: [PropertyPlan]

    var repositoryName: String { typeName + "Repository" }

    /// What lookup items keep unique.
    var guarded: [UniqueConstraint] { layout.guarded(entity.uniqueConstraints) }

    /// The attributes that are keys of the table or of one of its indexes.
    var keyNames: Set<String> {
        var names: Set = [table.partitionKey.name]
        names.formUnion([table.sortKey?.name].compactMap(\.self))
        for index in table.indexes {
            names.insert(index.partitionKey.name)
            names.formUnion([index.sortKey?.name].compactMap(\.self))
        }
        return names
    }

    /// The properties that the table's key is made of, each once.
    var keyProperties: [PropertyPlan] {
        var found: [PropertyPlan] = []
        for key in layout.keys where key.role != .index {
            for name in key.rule.fields {
                if let property = property(named: name), !found.contains(where: { $0.field.name == name }) {
                    found.append(property)
                }
            }
        }
        return found
    }

    /// The type of what an index holds of an item: "ByStationEntry". Two indexes may be called alike but for what no name in
    /// Swift has.
    func entryName(of index: ContractIndex) -> String {
        var taken: Set<String> = []
        for one in table.indexes {
            var name = SwiftName.part(one.name) + "Entry"
            while !taken.insert(name).inserted { name += "\(taken.count)" }
            if one.name == index.name { return name }
        }
        return SwiftName.part(index.name) + "Entry"
    }

    /// The property of a field.
    func property(named field: String) -> PropertyPlan? { properties.first { $0.field.name == field } }
}

/// A property of a generated type.
struct PropertyPlan {
    let field: EntityLayout.Field
    let attribute: ContractAttribute?
    /// The property's name, without backticks.
    let name: String
    let type: SwiftType
    let isOptional: Bool

    /// The property's name in code.
    var code: String { SwiftName.escaped(name) }

    /// The property's name as an argument's label, where one word of the language alone cannot stand as it is.
    var label: String { name == "inout" ? code : name }

    /// The property's type in code.
    var typeCode: String { type.name + (isOptional ? "?" : "") }

    /// What an item must have counts as required also where only its key says so.
    init(
        field: EntityLayout.Field, attribute: ContractAttribute?, name: String, type: SwiftType, isRequired: Bool
    ) {
        self.field = field
        self.attribute = attribute
        self.name = name
        self.type = type
        isOptional = !isRequired
    }
}

/// Makes plans of a contract and hints, and finds what is wrong with the hints.
struct EntityPlanner {
    let hints: GenerationHints
    private(set) var problems: [ContractError.Problem] = []
    private var typeNames: Set<String> = ["ContractTables", "AccessPatterns"]

    init(hints: GenerationHints) { self.hints = hints }

    /// - Parameter file: the contract's, for what is wrong with it.
    mutating func plans(of contract: MigrationContract, file: String) -> [EntityPlan] {
        var plans: [EntityPlan] = []
        var known: Set<String> = []
        let constants = LayoutSource.constants(of: contract.tables)
        for (place, table) in contract.tables.enumerated() {
            let kinds = TableKinds(table)
            for entity in table.entities {
                let label = entity.name == table.name ? table.name : "\(table.name).\(entity.name)"
                known.insert(label)
                let hint = hints.entities[label] ?? GenerationHints.Entity()
                var layout = EntityLayout(table: table, entity: entity)
                layout.others = kinds.others(of: entity.name)
                let properties = properties(of: layout, entity, in: table, hint, label)
                checkKeys(of: layout, properties, label, in: file)
                plans.append(
                    EntityPlan(
                        table: table, entity: entity, layout: layout, tableConstant: constants[place],
                        typeName: typeName(of: entity, in: table, hint, label), protocolName: hint.protocolName,
                        properties: properties))
            }
        }
        for label in hints.entities.keys.sorted() where !known.contains(label) {
            problem("the contract has no '\(label)'; name one of \(known.sorted().joined(separator: ", "))")
        }
        return plans
    }

    private mutating func typeName(
        of entity: ContractEntity, in table: ContractTable, _ hint: GenerationHints.Entity, _ label: String
    ) -> String {
        if let name = hint.name, !SwiftName.isIdentifier(name) || SwiftName.isKeyword(name) {
            problem("the name '\(name)' of \(label) is none that Swift takes")
        }
        var name =
            hint.name
            ?? (entity.name == table.name ? SwiftName.singularType(table.name) : SwiftName.type(entity.name))
        if Self.takenTypes.contains(name) { name += "Record" }
        // The name of its repository is taken with it.
        func take(_ name: String) -> Bool {
            guard typeNames.isDisjoint(with: [name, name + "Repository"]) else { return false }
            typeNames.formUnion([name, name + "Repository"])
            return true
        }
        guard take(name) else {
            let longer = SwiftName.singularType(table.name) + name
            if hint.name != nil || !take(longer) {
                problem("two kinds of items are called '\(name)'; give \(label) another `name`")
            }
            return longer
        }
        return name
    }

    private mutating func properties(
        of layout: EntityLayout, _ entity: ContractEntity, in table: ContractTable, _ hint: GenerationHints.Entity,
        _ label: String
    ) -> [PropertyPlan] {
        var names = Self.takenMembers
        var properties: [PropertyPlan] = []
        for field in layout.fields {
            let said = hint.attributes[field.name]
            let attribute = entity.attribute(named: field.name)
            var name = said?.name ?? SwiftName.property(field.name)
            if !SwiftName.isIdentifier(name) { name = SwiftName.property("field_" + field.name) }
            let isParameter =
                layout.keys.contains { $0.rule.fields.contains(field.name) } || isIndexKey(field.name, of: table)
            if isParameter, Self.takenParameters.contains(name) { name += "Field" }
            while !names.insert(name).inserted { name += "Field" }
            var type = SwiftType(attribute, type: field.type)
            if let wanted = said?.type {
                if let hinted = SwiftType(hint: wanted, type: field.type) {
                    type = hinted
                    if let why = Self.loss(of: hinted, field, attribute) {
                        problem("'\(wanted)' cannot hold '\(field.name)' of \(label), \(why)", line: said?.line)
                    }
                } else {
                    problem(
                        "'\(wanted)' cannot hold '\(field.name)' of \(label), which is \(field.type.rawValue)",
                        line: said?.line)
                }
            }
            properties.append(
                PropertyPlan(
                    field: field, attribute: attribute, name: name, type: type,
                    isRequired: said?.isRequired ?? field.isRequired || isKey(field, of: layout)))
        }
        for name in hint.attributes.keys.sorted() where layout.field(named: name) == nil {
            problem("\(label) has no field '\(name)'", line: hint.attributes[name]?.line)
        }
        // What a value cannot be without comes first.
        return properties.filter { !$0.isOptional } + properties.filter(\.isOptional)
    }

    /// Types that generated code names.
    private static let takenTypes: Set = [
        "Item", "ItemChanges", "ItemReader", "ItemWriter", "ItemCodingError", "Page", "Pages", "TypedPage",
        "TypedRepository",
        "Path", "Expression", "KeyValues", "AttributeValue", "CallOptions", "DynamoDBClient", "DynamoDBNumber",
        "TidemarkError", "TransactGet", "TransactWrite", "ContractItem", "ProjectedItem", "ContractTable",
        "ContractIndex",
        "EntityLayout", "KeyRule", "KeyTemplate", "KeyAttribute", "UniqueConstraint", "DateFormat", "String", "Int",
        "UInt",
        "Bool", "Set", "Array", "Optional", "Sendable", "Hashable", "Void", "Any", "Type", "Protocol", "Self", "Error",
        "Actor", "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "UpdateAction", "Tidemark",
        "ContractModel", "Swift", "Hasher", "Equatable", "Key", "Changes",
        // Of the standard library, what a program that uses the generated types may name.
        "AnyHashable", "AsyncSequence", "AsyncStream", "AsyncThrowingStream", "Character", "Clock", "Codable",
        "CodingKey",
        "Collection", "Comparable", "CaseIterable", "ClosedRange", "ContinuousClock", "Decodable", "Decoder",
        "Dictionary",
        "Double", "Duration", "Encodable", "Encoder", "Float", "Identifiable", "InstantProtocol", "Int128", "KeyPath",
        "MainActor", "Mirror", "Never", "ObjectIdentifier", "OptionSet", "Range", "RawRepresentable", "Regex", "Result",
        "Sequence", "Slice", "StaticString", "Substring", "SuspendingClock", "Task", "TaskGroup", "TaskLocal",
        "UInt128",
        "Unicode", "UnsafeContinuation",
    ]
    /// Names that a generated type has for itself.
    private static let takenMembers: Set = [
        "key", "table", "layout", "uniqueConstraints", "item", "attribute", "parts", "self", "init", "Type", "Protocol",
        "hashValue",
    ]
    /// Names of parameters beside those of keys.
    private static let takenParameters: Set = [
        "options", "filter", "pageSize", "startAfter", "ascending", "from", "through", "beginning", "condition",
        "change",
        "changes", "items", "token", "others", "values", "keys", "reads", "writes", "isolation",
        "createIfMissing", "found", "limit",
    ]

    /// What a method that looks for a property's value calls it.
    static func parameterName(_ property: PropertyPlan) -> String {
        isTakenParameter(property.name) ? property.name + "Field" : property.name
    }

    /// Whether methods have a parameter of that name already.
    static func isTakenParameter(_ name: String) -> Bool { takenParameters.contains(name) }

    private func isIndexKey(_ name: String, of table: ContractTable) -> Bool {
        table.indexes.contains { $0.partitionKey.name == name || $0.sortKey?.name == name }
    }

    /// Why a type that hints name would lose what the contract maps; nil where it would not.
    private static func loss(
        of type: SwiftType, _ field: EntityLayout.Field, _ attribute: ContractAttribute?
    ) -> String? {
        switch type {
        case .integer, .integerText: break
        default: return nil
        }
        if let dates = field.dates {
            switch dates.form {
            case .epochSeconds, .epochMilliseconds, .unreadable: break
            case .iso8601, .database, .pieces: return "whose dates have the form '\(dates.source)'"
            }
        }
        let source = attribute?.sourceType?.lowercased() ?? ""
        let isFraction = ["float", "double", "real"].contains(where: source.hasPrefix)
        let isDecimal = ["decimal", "numeric"].contains(where: source.hasPrefix)
        let scale = source.split(separator: ",").dropFirst().first?.filter(\.isNumber) ?? ""
        guard isFraction || isDecimal && (Int(scale) ?? 0) > 0 else { return nil }
        return "whose source is \(attribute?.sourceType ?? "")"
    }

    /// Whether the table's key always has the field in it.
    private func isKey(_ field: EntityLayout.Field, of layout: EntityLayout) -> Bool {
        layout.keys.contains { key in
            key.role != .index && key.rule.condition == nil && key.rule.fields.contains(field.name)
        }
    }

    /// Keys that are made of what no key is made of: there is no code for them.
    private mutating func checkKeys(
        of layout: EntityLayout, _ properties: [PropertyPlan], _ label: String, in file: String
    ) {
        for key in layout.keys {
            for name in key.rule.templates.flatMap(\.placeholders) {
                guard let property = properties.first(where: { $0.field.name == name }),
                    property.type.keyText("") == nil
                else { continue }
                problems.append(
                    ContractError.Problem(
                        file: file, line: nil,
                        text: "the key '\(key.attribute)' of \(label) is made of '\(name)', which is "
                            + "\(property.field.type.rawValue): a key is made of texts, numbers and binaries"))
            }
        }
    }

    private mutating func problem(_ text: String, line: Int? = nil) {
        problems.append(ContractError.Problem(file: hints.file, line: line, text: text))
    }
}
