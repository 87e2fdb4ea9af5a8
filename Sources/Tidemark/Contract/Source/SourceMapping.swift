public import ContractModel

/// Turns a row of the relational source into the item that the contract makes of it, and an item into the row again.
///
///     let orders = SourceMapping(table: users, entity: order)
///     let item = try orders.item(
///         from: ["id": .integer(7), "user_id": .integer(3), "total_amount": .decimal("19.90"), …],
///         related: ["users": [["id": .integer(3), "email": .text("a@b.c")]]])
///
/// Joins, calculations and transformations of the contract are carried out over the rows that are given; nothing is looked
/// up. Decimals keep every digit: nothing passes through floating point.
public struct SourceMapping: Sendable {
    /// The table.
    public let table: ContractTable
    /// The kind of item.
    public let entity: ContractEntity

    /// The mapping of one kind of item.
    public init(table: ContractTable, entity: ContractEntity) {
        self.table = table
        self.entity = entity
    }

    /// The item of a row.
    ///
    /// - Parameters:
    ///   - row: the row, each column that the contract reads under its name; NULL is `.null`, not a name left out.
    ///   - related: rows of the tables that joins and aggregates read, by the tables' names, or
    ///     by the join's alias: those that belong to this row, or more. A table of which there are none has an empty list.
    /// - Throws: where a table or column is not given, a value cannot be cast to the contract's type, a key cannot be made, or the
    ///   contract says what cannot be computed. The error names attributes and columns, never values.
    public func item(from row: SourceRow, related: [String: [SourceRow]] = [:]) throws(ContractBreach) -> Item {
        let reading = SourceReading(
            mapping: self, scope: SourceScope(ownTable: entity.sourceTable ?? table.sourceTable, own: row),
            related: related)
        return try reading.item()
    }

    var place: String { entity.name == table.name ? table.name : "\(table.name) \(entity.name)" }

    /// The key attributes of the table and its indexes that are made by templates.
    var templates: [(key: KeyAttribute, template: KeyTemplate)] {
        var found: [(key: KeyAttribute, template: KeyTemplate)] = []
        for key in [table.partitionKey, table.sortKey].compactMap(\.self) {
            if let template = entity.template(of: key, in: table) { found.append((key, template)) }
        }
        for index in table.indexes {
            for key in [index.partitionKey, index.sortKey].compactMap(\.self)
            where !found.contains(where: { $0.key.name == key.name }) {
                if let template = entity.template(of: key, of: index, in: table) { found.append((key, template)) }
            }
        }
        return found
    }
}

/// One row on its way to an item.
struct SourceReading {
    let mapping: SourceMapping
    let scope: SourceScope
    let related: [String: [SourceRow]]

    func item() throws(ContractBreach) -> Item {
        var item: Item = [:]
        let templates = mapping.templates
        let made = Set(templates.map(\.key.name))
        for attribute in mapping.entity.attributes where !made.contains(attribute.name) {
            if let value = try value(of: attribute) { item[attribute.name] = value }
        }
        for (key, template) in templates { item[key.name] = try self.key(key, template, item, made) }
        for key in [mapping.table.partitionKey, mapping.table.sortKey].compactMap(\.self) where item[key.name] == nil {
            throw ContractBreach(reason: "\(mapping.place)'s row makes no '\(key.name)', which is its key")
        }
        do {
            _ = try ItemSize.checkedBytes(of: item)
            try KeySchema(mapping.table).checkIndexKeys(of: item)
        } catch {
            throw ContractBreach(reason: "\(mapping.place)'s row makes no item: \(error.reason)")
        }
        return item
    }

    // MARK: Keys

    /// - Parameter made: the keys that templates make. Where an attribute of that name stands in a hole, its own value is meant.
    private func key(
        _ key: KeyAttribute, _ template: KeyTemplate, _ item: Item, _ made: Set<String>
    ) throws(ContractBreach) -> AttributeValue? {
        var texts: [String: String] = [:]
        for hole in template.placeholders {
            let text = try text(of: hole, in: key, item, made)
            guard let text, !text.isEmpty else {
                let isOfTable = key.name == mapping.table.partitionKey.name || key.name == mapping.table.sortKey?.name
                guard isOfTable else { return nil }
                throw ContractBreach(
                    reason:
                        "\(mapping.place)'s key '\(key.name)' is made by '\(template.source)', and the row has no value "
                        + "for '\(hole)'")
            }
            texts[hole] = text
        }
        if case .separatorInValue(let hole, let separator)? = template.ambiguity(of: texts) {
            throw ContractBreach(
                reason:
                    "\(mapping.place)'s key '\(key.name)' is made by '\(template.source)', and the value of '\(hole)' "
                    + "holds '\(separator)': keys of different items would be one")
        }
        return try SourceCast(attribute: key.name, place: mapping.place).value(
            .text(template.render(texts) ?? ""), as: key.type)
    }

    private func text(
        of hole: String, in key: KeyAttribute, _ item: Item, _ made: Set<String>
    ) throws(ContractBreach) -> String? {
        switch mapping.entity.source(ofPlaceholder: hole, inTemplateOf: key.name) {
        case .attribute(let name):
            guard made.contains(name), let attribute = mapping.entity.attribute(named: name) else {
                return item[name]?.keyText
            }
            return try value(of: attribute)?.keyText
        case .column(let column):
            guard let value = scope.own[column] else { throw missing(column: column, for: key.name) }
            return value.keyText
        case .join(let name):
            guard let attribute = mapping.entity.attribute(named: name) else { return nil }
            return try source(of: attribute).keyText
        case nil:
            guard let value = scope.own[hole] else {
                throw ContractBreach(
                    reason:
                        "\(mapping.place)'s key '\(key.name)' has a hole '\(hole)' for which the contract names no source"
                )
            }
            return value.keyText
        }
    }

    // MARK: Attributes

    /// The attribute's value; nil for one that the item then lacks.
    private func value(of attribute: ContractAttribute) throws(ContractBreach) -> AttributeValue? {
        let cast = SourceCast(attribute: attribute.name, place: mapping.place)
        if attribute.calculation == nil, case .jsonConstruction(let construction)? = attribute.join?.kind {
            guard let built = try constructed(construction, of: attribute) else { return try null(attribute, cast) }
            return try cast.value(built, as: attribute.type)
        }
        let source = try cast.naming { () throws(ContractBreach) in try self.source(of: attribute) }
        if source.isNull { return try null(attribute, cast) }
        return try transformed(source, attribute, cast)
    }

    private func null(
        _ attribute: ContractAttribute, _ cast: SourceCast
    ) throws(ContractBreach) -> AttributeValue? {
        guard let text = attribute.nullValue ?? attribute.join?.nullValue else {
            guard attribute.isNullable != false else {
                throw ContractBreach(
                    reason:
                        "\(mapping.place)'s attribute '\(attribute.name)' is required by the contract, and the row has no "
                        + "value for it")
            }
            return attribute.type == .NULL ? .null : nil
        }
        return try cast.value(.text(text), as: attribute.type)
    }

    private func transformed(
        _ source: SourceValue, _ attribute: ContractAttribute, _ cast: SourceCast
    ) throws(ContractBreach) -> AttributeValue? {
        switch attribute.transformation {
        case nil: return try cast.value(source, as: attribute.type)
        case .dateFormat(let format, let sourceFormat):
            guard let date = source.date(in: sourceFormat) else { throw cast.breach("is made of what is no date") }
            // A moment has a time of day in each text of it.
            guard let text = (attribute.isMoment ? date.atMidnight : date).text(in: format) else {
                throw cast.breach("has the date format '\(format.source)', which cannot be read")
            }
            return try cast.value(.text(text), as: attribute.type)
        case .numberFormat(let format):
            guard let shape = format.shape else {
                throw cast.breach("has the number format '\(format.source)', which cannot be read")
            }
            guard let number = source.number else { throw cast.breach("is made of what is no number") }
            return try cast.value(.text(shape.text(of: number)), as: attribute.type)
        case .stringFormat(let template): return try filled(template, source, attribute, cast)
        case .jsonParse: return try cast.value(.json(source.text ?? ""), as: attribute.type)
        case .unknown(let construct):
            throw cast.breach("has a transformation '\(construct.type)', which is not known")
        }
    }

    /// A text with holes for columns; a hole that nothing else names is the attribute's own value.
    private func filled(
        _ template: KeyTemplate, _ source: SourceValue, _ attribute: ContractAttribute, _ cast: SourceCast
    ) throws(ContractBreach) -> AttributeValue? {
        var texts: [String: String] = [:]
        for hole in template.placeholders {
            let value = scope.own[hole] ?? (template.placeholders.count == 1 ? source : nil)
            guard let value else { throw missing(column: hole, for: attribute.name) }
            guard let text = value.text else { return try null(attribute, cast) }
            texts[hole] = text
        }
        return try cast.value(.text(template.render(texts) ?? ""), as: attribute.type)
    }

    func missing(column: String, for attribute: String) -> ContractBreach {
        ContractBreach(
            reason:
                "\(mapping.place)'s attribute '\(attribute)' is made of the column '\(column)', which the row has not: "
                + "give it, or null")
    }
}

extension SourceValue {
    /// The value as it stands in a key: a number as DynamoDB would give it back, "19.9" for 19.90.
    fileprivate var keyText: String? {
        switch self {
        case .decimal, .double: text.map(AttributeValue.keyText(ofNumber:))
        default: text
        }
    }

    /// The date that it is, or that its text is in the format, or in MySQL's or ISO 8601's.
    func date(in format: DateFormat?) -> SourceDate? {
        if case .date(let date) = self { return date }
        guard let text else { return nil }
        return format.flatMap { SourceDate(text, in: $0) } ?? SourceDate(text)
    }
}
