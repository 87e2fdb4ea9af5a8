internal import ContractModel

extension ContractReader {
    private static let entityFields =
        ([
            "entity_type", "source_table", "pk_template", "sk_template", "attributes", "estimated_item_size_bytes",
            "unique_constraints", "gsi_keys", "gsi_mappings", "index_keys", "estimated_item_count",
        ] as Set).union(DesignWords.fields.keys)
    /// Bounds far beyond any design, below what would let a small file take much time or memory.
    static let mostEntities = 250
    static let mostIndexes = 100
    static let mostAttributes = 2_000
    static let mostSharedAttributes = 100_000

    mutating func readEntities(_ entry: DocumentNode, label: String, marks: inout TableMarks) -> [ContractEntity] {
        guard let list = entry["entities"] else {
            return [readSingleEntity(entry, label: label, marks: &marks)]
        }
        var entities: [ContractEntity] = []
        var lines: [String: Int] = [:]
        let elements = array(list, called: "`entities`")
        guard elements.count <= ContractReader.mostEntities else {
            problem(
                list,
                "\(label) has \(elements.count) entities; more than \(ContractReader.mostEntities) kinds of items in one table "
                    + "are not read")
            return []
        }
        for (place, element) in elements.enumerated() {
            guard element.objectValue != nil else {
                problem(element, "an entity of \(label) is \(element.kindName); it must be an object")
                continue
            }
            guard let entity = readEntity(element, place: place, label: label, marks: &marks) else { continue }
            if let line = lines.updateValue(element.line, forKey: entity.name) {
                problem(
                    element,
                    "the entity \(entity.name) stands twice in \(label), first on line \(line); give each its own name")
            }
            entities.append(entity)
        }
        if entities.isEmpty && problems.isEmpty {
            problem(list, "\(label) has no entities; give at least one, or `attributes` in place of `entities`")
        }
        share(entry, with: &entities, label: label, marks: &marks)
        return entities
    }

    /// Attributes that stand at a table with entities belong to each of them.
    private mutating func share(
        _ entry: DocumentNode, with entities: inout [ContractEntity], label: String, marks: inout TableMarks
    ) {
        guard let list = entry["attributes"], list.arrayValue?.isEmpty != true, list.objectValue?.isEmpty != true
        else { return }
        var shared = EntityMarks(start: entry.position)
        let source = entry["source_table"]?.stringValue
        let attributes = readAttributes(list, of: label, source: source, marks: &shared)
        guard attributes.count * entities.count <= ContractReader.mostSharedAttributes else {
            problem(
                list,
                "\(label) shares \(attributes.count) attributes with \(entities.count) entities; give each entity its own"
            )
            return
        }
        guess(list, "\(label)'s own attributes belong to each of its entities that does not have them itself.")
        for index in entities.indices {
            let own = Set(entities[index].attributes.map(\.name))
            entities[index].attributes += attributes.filter { !own.contains($0.name) }
            marks.entities[index].attributes.merge(shared.attributes) { own, _ in own }
        }
    }

    private mutating func readSingleEntity(
        _ entry: DocumentNode, label: String, marks: inout TableMarks
    ) -> ContractEntity {
        if entry["attributes"] == nil { problem(entry, "\(label) has no `attributes`; list them, keys included") }
        return entity(entry, named: label, label: label, marks: &marks)
    }

    /// - Parameter place: the entity's place in the list, by which messages call one without a name; what else is wrong in it is
    ///   told all the same.
    private mutating func readEntity(
        _ element: DocumentNode, place: Int, label: String, marks: inout TableMarks
    ) -> ContractEntity? {
        let given = requiredText("entity_type", in: element, of: "entity \(place + 1) of \(label)")
        let name = given ?? "entity \(place + 1)"
        checkShape(ofEntity: element, name: name)
        var entity = entity(element, named: name, label: "\(label)'s \(name)", marks: &marks)
        entity.estimatedItemSizeInBytes = readSize(element)
        entity.estimatedItemCount = count("estimated_item_count", in: element)
        let last = marks.entities.count - 1
        marks.entities[last].itemSize = element["estimated_item_size_bytes"]?.position
        entity.unknownFields = unknownFields(
            of: element, known: ContractReader.entityFields,
            owner: "the entity \(name)")
        return entity
    }

    private mutating func entity(
        _ element: DocumentNode, named name: String, label: String, marks: inout TableMarks
    ) -> ContractEntity {
        var entityMarks = EntityMarks(start: element.position)
        let source = optionalText("source_table", in: element)
        let attributes =
            element["attributes"].map { readAttributes($0, of: label, source: source, marks: &entityMarks) } ?? []
        entityMarks.partitionKeyTemplate = element["pk_template"]?.position
        entityMarks.sortKeyTemplate = element["sk_template"]?.position
        var entity = ContractEntity(
            name: name, sourceTable: source, partitionKeyTemplate: readTemplate("pk_template", in: element),
            sortKeyTemplate: readTemplate("sk_template", in: element), attributes: attributes)
        entity.indexKeys = readIndexKeys(element, of: label, marks: &entityMarks)
        entity.uniqueConstraints = readUniqueConstraints(element, of: label, marks: &entityMarks)
        marks.entities.append(entityMarks)
        return entity
    }

    /// Both forms: an array of objects with a `name`, and an object keyed by name.
    mutating func readAttributes(
        _ list: DocumentNode, of label: String, source: String?, marks: inout EntityMarks
    ) -> [ContractAttribute] {
        var reader = AttributeListReader(label: label, source: source)
        switch list.value {
        case .array(let elements):
            guard isBounded(elements.count, list, label) else { return [] }
            reader.learnColumns(elements)
            for (place, element) in elements.enumerated() {
                let called = "number \(place + 1)"
                let name = requiredText("name", in: element, of: "attribute \(place + 1) of \(label)")
                guard name != nil || element.objectValue != nil else { continue }
                add(element, name: name ?? called, to: &reader, marks: &marks)
            }
        case .object(let members):
            guard isBounded(members.count, list, label) else { return [] }
            reader.learnColumns(members.map(\.value))
            if !members.isEmpty {
                note(
                    list, "attributes by name",
                    "The contract's schema has `attributes` as an array; \(label) has them as an object.",
                    "Nothing to do here: both are read. Other tools may look for an array.")
            }
            for member in members {
                guard member.name.isPrintable, !member.name.isEmpty else {
                    problem(
                        member.value, "an attribute of \(label) has a name that is empty or holds control characters")
                    continue
                }
                add(member.value, name: member.name, to: &reader, marks: &marks)
            }
        case .null: break
        default:
            problem(
                list, "`attributes` of \(label) is \(list.kindName); it must be an array, or an object keyed by name")
        }
        return reader.attributes
    }

    private mutating func isBounded(_ count: Int, _ list: DocumentNode, _ label: String) -> Bool {
        guard count > ContractReader.mostAttributes else { return true }
        problem(
            list,
            "\(label) has \(count) attributes; more than \(ContractReader.mostAttributes) of one kind of item are not read"
        )
        return false
    }

    private mutating func add(
        _ element: DocumentNode, name: String, to reader: inout AttributeListReader, marks: inout EntityMarks
    ) {
        guard let attribute = readAttribute(element, name: name, in: reader) else { return }
        if let first = marks.attributes[name] {
            problem(
                element,
                "the attribute \(name) stands twice in \(reader.label), first on line \(first.start.line); keep one")
            return
        }
        reader.attributes.append(attribute)
        marks.attributes[name] = AttributeMarks(
            start: element.position, type: element["type"]?.position, join: element["join"]?.position,
            calculation: element["calculation"]?.position, transformation: element["transformation"]?.position,
            format: element["transformation"]?["format"]?.position)
    }

    private mutating func readUniqueConstraints(
        _ element: DocumentNode, of label: String, marks: inout EntityMarks
    ) -> [UniqueConstraint] {
        guard let list = element["unique_constraints"], !list.isNull else { return [] }
        var constraints: [UniqueConstraint] = []
        for entry in array(list, called: "`unique_constraints`") {
            let named = entry.first("attributes", "attribute", "columns", "column") ?? entry
            let names = named.stringValue.map { [$0] } ?? named.arrayValue?.compactMap(\.stringValue) ?? []
            guard !names.isEmpty else {
                problem(entry, "a unique constraint of \(label) names no attribute; list them in `attributes`")
                continue
            }
            _ = unknownFields(
                of: entry, known: ContractReader.constraintFields, owner: "a unique constraint of \(label)")
            constraints.append(UniqueConstraint(attributes: names, lookup: lookup(entry)))
            marks.uniqueConstraints.append(entry.position)
        }
        return constraints
    }

    private static let constraintFields: Set<String> = [
        "attributes", "attribute", "columns", "column", "lookup", "lookup_item", "lookup_table", "table",
        "lookup_entity",
        "entity", "pk_template", "sk_template",
    ]

    /// Without a table's name it is in the table of the items whose values it holds, which is filled in there.
    private mutating func lookup(_ entry: DocumentNode) -> UniqueConstraint.LookupItem? {
        let lookup = entry.first("lookup", "lookup_item") ?? entry
        let table = lookup.first("lookup_table", "table")?.stringValue
        guard table != nil || lookup["pk_template"] != nil else { return nil }
        return UniqueConstraint.LookupItem(
            table: table ?? "", entity: lookup.first("lookup_entity", "entity")?.stringValue,
            partitionKeyTemplate: readTemplate("pk_template", in: lookup),
            sortKeyTemplate: readTemplate("sk_template", in: lookup))
    }
}

extension [ContractEntity] {
    /// Lookup items whose table is not said lie beside their owners.
    mutating func fill(lookupTable name: String) {
        for place in indices {
            for constraint in self[place].uniqueConstraints.indices
            where self[place].uniqueConstraints[constraint].lookup?.table.isEmpty == true {
                self[place].uniqueConstraints[constraint].lookup?.table = name
            }
        }
    }
}

/// A list of attributes that is being read.
struct AttributeListReader {
    let label: String
    /// The entity's own relational table.
    let source: String?
    var attributes: [ContractAttribute] = []
    /// The columns that the list's attributes read: what a bare name in a value may mean.
    private(set) var columns: Set<String> = []

    init(label: String, source: String?) {
        self.label = label
        self.source = source
    }

    /// Takes the columns of all attributes in front, since an attribute may compute with another's.
    mutating func learnColumns(_ elements: [DocumentNode]) {
        for element in elements {
            let given = element["source_column"]
            columns.formUnion(given?.stringValue.map { [$0] } ?? given?.arrayValue?.compactMap(\.stringValue) ?? [])
        }
    }
}
