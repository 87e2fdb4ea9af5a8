extension EntityLayout {
    /// The layout of one kind of item of a table.
    public init(table: ContractTable, entity: ContractEntity) {
        var reading = LayoutReading(table: table, entity: entity)
        self = reading.layout()
    }
}

/// What an attribute's value is, however the contract spells it: two attributes of one origin hold the same value.
enum Origin: Hashable {
    /// A column of the entity's own row.
    case column(String)
    /// A column of the row that own columns lead to.
    case joined(table: String, by: [String], column: String)
}

/// Finds out which attributes are fields and which are made of them.
struct LayoutReading {
    let table: ContractTable
    let entity: ContractEntity
    private var fields: [EntityLayout.Field] = []
    private var keys: [EntityLayout.Key] = []
    /// Fields that only keys hold, by what they are.
    private var unstored: [Origin: String] = [:]

    init(table: ContractTable, entity: ContractEntity) {
        self.table = table
        self.entity = entity
    }

    mutating func layout() -> EntityLayout {
        let made = keyAttributes.compactMap { key in rule(of: key).map { (key, $0) } }
        let derived = Set(made.map(\.0.name))
        for attribute in entity.attributes where !derived.contains(attribute.name) { fields.append(field(attribute)) }
        for (key, rule) in made {
            for name in rule.fields where !fields.contains(where: { $0.name == name }) {
                let isCopy = rule.copiedField == name
                fields.append(
                    EntityLayout.Field(
                        name: name, type: isCopy ? key.type : .S, isStored: false, isRequired: false))
            }
            keys.append(EntityLayout.Key(attribute: key.name, type: key.type, role: role(of: key.name), rule: rule))
        }
        for key in [table.partitionKey, table.sortKey].compactMap(\.self) { addPlain(key, unless: derived) }
        requireWhatKeysNeed()
        return EntityLayout(table: table.name, entity: entity.name, fields: fields, keys: keys)
    }

    /// A key of the table that no rule makes is a field of its own name, also where the contract forgot to list it.
    private mutating func addPlain(_ key: KeyAttribute, unless derived: Set<String>) {
        guard !derived.contains(key.name) else { return }
        if !fields.contains(where: { $0.name == key.name }) {
            fields.append(EntityLayout.Field(name: key.name, type: key.type))
        }
        keys.append(
            EntityLayout.Key(
                attribute: key.name, type: key.type, role: role(of: key.name),
                rule: KeyRule(KeyTemplate("{\(key.name)}"))))
        keys.sort { $0.role.order < $1.role.order }
    }

    private mutating func requireWhatKeysNeed() {
        for key in keys where key.role != .index && key.rule.condition == nil {
            for name in key.rule.fields {
                guard let index = fields.firstIndex(where: { $0.name == name }) else { continue }
                fields[index].isRequired = true
            }
        }
    }

    private func field(_ attribute: ContractAttribute) -> EntityLayout.Field {
        var dates: DateFormat?
        var numbers: NumberFormat?
        if case .dateFormat(let format, _)? = attribute.transformation { dates = format }
        // A number that is one to DynamoDB too keeps no zeros.
        if case .numberFormat(let format)? = attribute.transformation, attribute.type == .S { numbers = format }
        let deciding = decidingFields(of: attribute)
        return EntityLayout.Field(
            name: attribute.name, type: attribute.type, isRequired: attribute.isNullable == false,
            nullText: attribute.textForNull, dates: dates, isMoment: attribute.isMoment, numbers: numbers,
            madeOf: deciding,
            isAskedFor: !deciding.isEmpty && holdsOnlyStored(attribute))
    }

    // MARK: Keys

    /// The key attributes of the table, then of its indexes, each once.
    private var keyAttributes: [KeyAttribute] {
        var found = [table.partitionKey] + [table.sortKey].compactMap(\.self)
        for index in table.indexes where entity.appears(in: index, of: table) {
            for key in [index.partitionKey, index.sortKey].compactMap(\.self)
            where !found.contains(where: { $0.name == key.name }) {
                found.append(key)
            }
        }
        return found
    }

    private func role(of key: String) -> EntityLayout.Key.Role {
        if key == table.partitionKey.name { return .partition }
        return key == table.sortKey?.name ? .sort : .index
    }

    /// How the key is made; nil where it is a field itself.
    private mutating func rule(of key: KeyAttribute) -> KeyRule? {
        if let template = template(of: key) { return KeyRule(named(template, for: key.name)) }
        guard let attribute = entity.attribute(named: key.name) else { return nil }
        if let rule = conditionalRule(of: attribute) { return rule }
        guard attribute.calculation == nil, attribute.transformation == nil, let origin = origin(of: attribute),
            KeyName.isSynthetic(key.name)
        else { return nil }
        let name = fieldName(of: origin, for: key.name)
        let copy = KeyTemplate("{\(name)}")
        guard let text = attribute.textForNull else { return KeyRule(copy) }
        return KeyRule(
            condition: KeyRule.Condition(field: name, isAbsent: true), value: KeyTemplate(text), otherwise: copy)
    }

    private func template(of key: KeyAttribute) -> KeyTemplate? {
        if let template = entity.template(of: key, in: table) { return template }
        for index in table.indexes where [index.partitionKey.name, index.sortKey?.name].contains(key.name) {
            if let template = entity.template(of: key, of: index, in: table) { return template }
        }
        return nil
    }

    /// The template with its holes named as fields.
    private mutating func named(_ template: KeyTemplate, for key: String) -> KeyTemplate {
        var text = ""
        for piece in template.pieces {
            switch piece {
            case .literal(let literal): text += literal
            case .placeholder(let hole): text += "{\(fieldName(ofHole: hole, for: key))}"
            }
        }
        return KeyTemplate(text)
    }

    private mutating func fieldName(ofHole hole: String, for key: String) -> String {
        var found: Origin?
        switch entity.source(ofPlaceholder: hole, inTemplateOf: key) {
        case .attribute(let name): return name
        case .column(let column): found = .column(column)
        case .join(let attribute): found = entity.attribute(named: attribute).flatMap(origin)
        case nil: break
        }
        guard let origin = found else { return hole }
        return storedField(of: origin) ?? remember(origin, as: hole)
    }

    // MARK: Origins

    func origin(of attribute: ContractAttribute) -> Origin? {
        guard attribute.calculation == nil else { return nil }
        guard let join = attribute.join else {
            guard attribute.sourceColumns.count == 1, let column = attribute.sourceColumns.first else { return nil }
            return .column(column.split(separator: ".").last.map(String.init) ?? column)
        }
        switch join.kind {
        case .selfJoin(let step), .foreignKey(let step), .multiColumn(let step), .lookupTable(let step):
            return step.select.column.flatMap { origin(of: $0, in: step) }
        case .conditional, .chain, .jsonConstruction, .unknown: return nil
        }
    }

    /// A column that the join sets equal to an own one is that one.
    func origin(of column: SourceColumn, in step: JoinStep) -> Origin? {
        guard let pairs = step.columnPairs else { return nil }
        if let pair = pairs.first(where: { $0.joined.name == column.name }) { return .column(pair.local.name) }
        return .joined(
            table: step.table, by: pairs.map { "\($0.joined.name)=\($0.local.name)" }.sorted(), column: column.name)
    }

    /// The attribute that stores just this, unless it is a key made for an index or the table.
    ///
    /// - Parameter transformation: how it is written.
    func storedField(
        of origin: Origin, besides name: String? = nil, writtenBy transformation: ContractTransformation? = nil
    ) -> String? {
        storedAttribute(of: origin, besides: name) { $0.transformation == transformation }?.name
    }

    func storedAttribute(
        of origin: Origin, besides name: String?, where isMeant: (ContractAttribute) -> Bool
    ) -> ContractAttribute? {
        entity.attributes.first { attribute in
            attribute.name != name && !KeyName.isSynthetic(attribute.name) && self.origin(of: attribute) == origin
                && isMeant(attribute)
        }
    }

    private mutating func fieldName(of origin: Origin, for key: String) -> String {
        if let stored = storedField(of: origin, besides: key) { return stored }
        if let known = unstored[origin] { return known }
        switch origin {
        case .column(let name): return remember(origin, as: name)
        case .joined(let table, _, let column): return remember(origin, as: "\(table)_\(column)")
        }
    }

    private mutating func remember(_ origin: Origin, as name: String) -> String {
        if let known = unstored[origin] { return known }
        let isTaken = entity.attribute(named: name) != nil || unstored.values.contains(name)
        unstored[origin] = isTaken ? "key_\(name)" : name
        return unstored[origin] ?? name
    }
}

extension EntityLayout.Key.Role {
    fileprivate var order: Int {
        switch self {
        case .partition: 0
        case .sort: 1
        case .index: 2
        }
    }
}

/// Names of attributes that are keys and nothing else, by the custom of single-table designs.
package enum KeyName {
    /// "PK", "SK", "GSI1PK", "gsi2_sk", "LSI1SK": a name that says nothing but that it is a key.
    package static func isSynthetic(_ name: String) -> Bool {
        let lower = name.lowercased()
        guard lower.hasSuffix("pk") || lower.hasSuffix("sk") else { return false }
        let rest = lower.dropLast(2).filter { $0 != "_" && $0 != "-" }
        if rest.isEmpty { return true }
        guard rest.hasPrefix("gsi") || rest.hasPrefix("lsi") else { return false }
        return rest.dropFirst(3).allSatisfy(\.isNumber)
    }
}
