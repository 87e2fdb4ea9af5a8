internal import ContractModel

extension ContractReader {
    private static let tableFields =
        ([
            "table", "type", "source_table", "pk", "sk", "pk_template", "sk_template", "gsis", "entities", "attributes",
            "satisfies", "access_patterns", "estimated_item_size_bytes", "estimated_item_count", "unique_constraints",
            "gsi_keys", "gsi_mappings", "index_keys", "estimated_distinct_keys",
        ] as Set).union(settingFields).union(localIndexFields).union(DesignWords.fields.keys)

    /// - Parameter place: the entry's place in the list, by which messages call a table without a name.
    mutating func readTable(_ entry: DocumentNode, place: Int) -> ContractTable? {
        guard entry.objectValue != nil else {
            problem(entry, "a table is \(entry.kindName); it must be an object")
            return nil
        }
        let name = requiredText("table", in: entry, of: "a table")
        let label = name ?? "the unnamed table \(place + 1)"
        var tableMarks = TableMarks(start: entry.position)
        let isMultiEntity = entry["entities"] != nil
        checkShape(of: entry, label: label, isMultiEntity: isMultiEntity)
        var entities = readEntities(entry, label: label, marks: &tableMarks)
        let keys = readKeys(entry, label: label, entities: entities, marks: &tableMarks)
        let types = KeyTypes(entities: entities)
        let indexes = readIndexes(entry, label: label, types: types, entities: &entities, marks: &tableMarks)
        refuseLocalIndexes(of: entry, label: label)
        let own = readSatisfies(entry, marks: &tableMarks)
        let satisfies = own + indexes.flatMap(\.satisfies).uniqued(besides: own)
        let size = readSize(entry)
        tableMarks.itemSize = size == nil ? nil : entry["estimated_item_size_bytes"]?.position
        let settings = readSettings(entry, marks: &tableMarks)
        let unknown = unknownFields(
            of: entry,
            known: ContractReader.tableFields,
            owner: "the table \(label)")
        guard let name, let keys else { return nil }
        if let inline = entry["access_patterns"] { readPatterns(inline, table: name) }
        if let composite = keys.sort?.composite { entities.fill(sortKey: composite) }
        if let composite = keys.partition.composite { entities.fill(partitionKey: composite) }
        entities.fill(lookupTable: name)
        marks.tables.append(tableMarks)
        return ContractTable(
            name: name, isMultiEntity: isMultiEntity,
            sourceTable: optionalText("source_table", in: entry) ?? entities.first?.sourceTable,
            partitionKey: keys.partition, sortKey: keys.sort, indexes: indexes, entities: entities,
            satisfies: satisfies, estimatedItemSizeInBytes: size,
            estimatedItemCount: count("estimated_item_count", in: entry), settings: settings,
            reasons: readReasons(entry), unknownFields: unknown)
    }

    /// The table's keys; where it names none, its templates imply them.
    private mutating func readKeys(
        _ entry: DocumentNode, label: String, entities: [ContractEntity], marks: inout TableMarks
    ) -> (partition: KeyAttribute, sort: KeyAttribute?)? {
        let types = KeyTypes(entities: entities)
        var sort = optionalText("sk", in: entry)
        let hasTemplate = entities.contains { $0.partitionKeyTemplate != nil }
        if sort == nil, entities.contains(where: { $0.sortKeyTemplate != nil }) {
            let implied = types.name(like: "SK")
            guess(entry, "\(label) names no `sk`; its templates make one, called \(implied).")
            sort = implied
        }
        var partition: String?
        if entry.first("pk") == nil, hasTemplate {
            let implied = types.name(like: "PK")
            guess(entry, "\(label) names no `pk`; its templates make one, called \(implied).")
            partition = implied
        } else {
            partition = requiredText("pk", in: entry, of: label)
        }
        marks.partitionKey = entry["pk"]?.position
        marks.sortKey = entry["sk"]?.position
        return partition.map {
            var partition = key($0, of: label, types, at: entry["pk"])
            partition.estimatedDistinctValues = count("estimated_distinct_keys", in: entry)
            return (partition, sort.map { key($0, of: label, types, at: entry["sk"]) })
        }
    }

    /// A key by its name: one attribute, or several that the name puts together.
    mutating func key(_ name: String, of label: String, _ types: KeyTypes, at place: DocumentNode?) -> KeyAttribute {
        let key = types.key(name)
        if let composite = key.composite, let place {
            guess(place, "\(label)'s key \(name) is put together from several values, as \(composite.source).")
        }
        return key
    }

    /// The patterns that a table claims.
    private mutating func readSatisfies(_ entry: DocumentNode, marks: inout TableMarks) -> [String] {
        guard let list = entry["satisfies"] else { return [] }
        marks.satisfies = list.position
        var own = TableMarks(start: marks.start)
        let ids = readIDs(list, marks: &own)
        // Where an index claims it too, the table's own word is the place to point at.
        marks.satisfied.merge(own.satisfied) { $1 }
        marks.satisfiedAgain += own.satisfiedAgain
        return ids
    }

    /// The patterns that an index claims: its table claims them with it.
    mutating func readIndexClaims(_ element: DocumentNode, marks: inout TableMarks) -> [String] {
        guard let list = element["satisfies"], !list.isNull else { return [] }
        var own = TableMarks(start: marks.start)
        let ids = readIDs(list, marks: &own)
        marks.satisfied.merge(own.satisfied) { first, _ in first }
        marks.satisfiedAgain += own.satisfiedAgain
        return ids
    }

    private mutating func readIDs(_ list: DocumentNode, marks: inout TableMarks) -> [String] {
        var claimed: [String] = []
        for element in array(list, called: "`satisfies`") {
            guard let text = element.stringValue else {
                problem(element, "`satisfies` holds \(element.kindName); it must hold ids of access patterns")
                continue
            }
            let expanded = PatternID.expand(text)
            ids += expanded.count
            guard ids <= PatternID.mostInDocument else {
                problem(element, "the contract claims more than 200,000 patterns; are these ranges meant?")
                return claimed
            }
            for id in expanded.isEmpty ? [PatternID.canonical(text)] : expanded {
                if marks.satisfied[id] == nil {
                    claimed.append(id)
                    marks.satisfied[id] = element.position
                } else {
                    marks.satisfiedAgain.append((id, element.position))
                }
            }
        }
        return claimed
    }
}

extension [String] {
    /// Each once, and none of the others.
    func uniqued(besides others: [String]) -> [String] {
        var known = Set(others)
        return filter { known.insert($0).inserted }
    }
}

extension [ContractEntity] {
    fileprivate mutating func fill(partitionKey template: KeyTemplate) {
        for index in indices where self[index].partitionKeyTemplate == nil {
            self[index].partitionKeyTemplate = template
        }
    }

    fileprivate mutating func fill(sortKey template: KeyTemplate) {
        for index in indices where self[index].sortKeyTemplate == nil { self[index].sortKeyTemplate = template }
    }
}

/// The types of attributes by name, for keys that are named without one.
struct KeyTypes {
    private var types: [String: AttributeType] = [:]
    /// Texts of which nothing says where they come from.
    private var sourceless: Set<String> = []

    init(entities: [ContractEntity]) {
        for entity in entities {
            for attribute in entity.attributes where types[attribute.name] == nil {
                types[attribute.name] = attribute.type
                if attribute.type == .S, attribute.isSourceless { sourceless.insert(attribute.name) }
            }
        }
    }

    /// A name that holds "#" or "|" between others puts a key together: "product_id#order_date". It is no attribute, or one of
    /// which nothing but its name says what it holds, made of attributes that there are.
    func key(_ name: String) -> KeyAttribute {
        if let type = types[name], !sourceless.contains(name) { return KeyAttribute(name: name, type: type) }
        for separator in ["#", "|"] where name.contains(separator) {
            let parts = name.split(separator: separator, omittingEmptySubsequences: false)
            guard parts.allSatisfy({ KeyTypes.isName($0) }) else { continue }
            guard types[name] == nil || parts.allSatisfy({ types[String($0)] != nil }) else { continue }
            let template = parts.map { "{\($0)}" }.joined(separator: separator)
            return KeyAttribute(name: name, composite: KeyTemplate(template))
        }
        return KeyAttribute(name: name, type: types[name] ?? .S)
    }

    /// The attribute that has this name, whatever its capitals; else the name as it is.
    func name(like name: String) -> String {
        types[name] != nil ? name : types.keys.sorted().first { $0.lowercased() == name.lowercased() } ?? name
    }

    private static func isName(_ part: Substring) -> Bool {
        guard let first = part.first, first.isLetter || first == "_" else { return false }
        return part.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
    }
}

extension ContractAttribute {
    fileprivate var isSourceless: Bool {
        sourceColumns.isEmpty && join == nil && calculation == nil && transformation == nil
    }
}
