internal import ContractModel

extension ContractReader {
    mutating func readEntities(_ entry: DocumentNode, label: String, marks: inout TableMarks) -> [ContractEntity] {
        guard let list = entry["entities"] else {
            return [readSingleEntity(entry, label: label, marks: &marks)]
        }
        var entities: [ContractEntity] = []
        for element in array(list, called: "`entities`") {
            guard element.objectValue != nil else {
                problem(element, "an entity of \(label) is \(element.kindName); it must be an object")
                continue
            }
            guard let entity = readEntity(element, label: label, marks: &marks) else { continue }
            if entities.contains(where: { $0.name == entity.name }) {
                problem(element, "the entity \(entity.name) stands twice in \(label); give each its own name")
            }
            entities.append(entity)
        }
        if entities.isEmpty && problems.isEmpty {
            problem(list, "\(label) has no entities; give at least one, or `attributes` in place of `entities`")
        }
        return entities
    }

    private mutating func readSingleEntity(
        _ entry: DocumentNode, label: String, marks: inout TableMarks
    ) -> ContractEntity {
        var entityMarks = EntityMarks(start: entry.position)
        let source = entry["source_table"]?.stringValue
        let attributes = readAttributes(entry, of: label, source: source, marks: &entityMarks)
        let partitionTemplate = readTemplate("pk_template", in: entry, marks: &entityMarks.partitionKeyTemplate)
        let sortTemplate = readTemplate("sk_template", in: entry, marks: &entityMarks.sortKeyTemplate)
        marks.entities.append(entityMarks)
        return ContractEntity(
            name: label, sourceTable: source, partitionKeyTemplate: partitionTemplate, sortKeyTemplate: sortTemplate,
            attributes: attributes)
    }

    private mutating func readEntity(
        _ element: DocumentNode, label: String, marks: inout TableMarks
    ) -> ContractEntity? {
        guard let name = requiredText("entity_type", in: element, of: "an entity of \(label)") else { return nil }
        var entityMarks = EntityMarks(start: element.position)
        let source = optionalText("source_table", in: element)
        let attributes = readAttributes(element, of: "\(label)'s \(name)", source: source, marks: &entityMarks)
        let partitionTemplate = readTemplate("pk_template", in: element, marks: &entityMarks.partitionKeyTemplate)
        let sortTemplate = readTemplate("sk_template", in: element, marks: &entityMarks.sortKeyTemplate)
        marks.entities.append(entityMarks)
        return ContractEntity(
            name: name, sourceTable: source, partitionKeyTemplate: partitionTemplate, sortKeyTemplate: sortTemplate,
            attributes: attributes, estimatedItemSizeInBytes: readSize(element))
    }

    private mutating func readTemplate(
        _ name: String, in element: DocumentNode, marks: inout Position?
    ) -> KeyTemplate? {
        guard let text = optionalText(name, in: element) else { return nil }
        marks = element[name]?.position
        return KeyTemplate(text)
    }

    /// Both forms: an array of objects with a `name`, and an object keyed by name.
    private mutating func readAttributes(
        _ owner: DocumentNode, of label: String, source: String?, marks: inout EntityMarks
    ) -> [ContractAttribute] {
        guard let list = owner["attributes"] else {
            problem(owner, "\(label) has no `attributes`; list them, keys included")
            return []
        }
        var attributes: [ContractAttribute] = []
        func add(_ attribute: ContractAttribute?, at place: DocumentNode, to marks: inout EntityMarks) {
            guard let attribute else { return }
            if marks.attributes[attribute.name] != nil {
                problem(place, "the attribute \(attribute.name) stands twice in \(label); keep one")
            }
            attributes.append(attribute)
            marks.attributes[attribute.name] = place.position
            if let format = place["transformation"]?["format"] { marks.formats[attribute.name] = format.position }
        }
        switch list.value {
        case .array(let elements):
            for element in elements {
                guard let name = requiredText("name", in: element, of: "an attribute of \(label)") else { continue }
                add(readAttribute(element, name: name, source: source), at: element, to: &marks)
            }
        case .object(let members):
            for member in members {
                guard member.name.isPrintable, !member.name.isEmpty else {
                    problem(
                        member.value, "an attribute of \(label) has a name that is empty or holds control characters")
                    continue
                }
                add(readAttribute(member.value, name: member.name, source: source), at: member.value, to: &marks)
            }
        default:
            problem(
                list, "`attributes` of \(label) is \(list.kindName); it must be an array, or an object keyed by name")
        }
        return attributes
    }

    private mutating func readAttribute(_ element: DocumentNode, name: String, source: String?) -> ContractAttribute? {
        guard let typeName = requiredText("type", in: element, of: "the attribute \(name)") else { return nil }
        guard let type = AttributeType(rawValue: typeName) else {
            let known = AttributeType.allCases.map(\.rawValue).joined(separator: ", ")
            problem(
                element["type"] ?? element, "the attribute \(name) has the type \(typeName); it must be one of \(known)"
            )
            return nil
        }
        let from = optionalText("source_table", in: element)
        checkShape(ofAttribute: element, name: name)
        let join = element["join"]
        return ContractAttribute(
            name: name, type: type, sourceTable: from, sourceColumns: readColumns(element),
            format: readFormat(element),
            joinedTable: join?["target_table"]?.stringValue ?? joinedSource(join, from, source),
            joinedColumn: join?["select_column"]?.stringValue ?? join?["source_column"]?.stringValue,
            denormalized: element["denormalized"]?.boolValue ?? false,
            justification: element["justification"]?.stringValue)
    }

    /// In the older dialect a join names no table: the attribute's own source is the joined one.
    private func joinedSource(_ join: DocumentNode?, _ from: String?, _ owner: String?) -> String? {
        join?["local_column"] != nil && from != owner ? from : nil
    }

    private func readFormat(_ element: DocumentNode) -> KeyTemplate? {
        guard let transformation = element["transformation"], transformation["type"]?.stringValue == "string-format"
        else { return nil }
        return transformation["format"]?.stringValue.map { KeyTemplate($0) }
    }

    private mutating func readColumns(_ element: DocumentNode) -> [String] {
        guard let given = element["source_column"], !given.isNull else { return [] }
        if let one = given.stringValue { return [one] }
        if let several = given.arrayValue { return several.compactMap(\.stringValue) }
        problem(given, "`source_column` is \(given.kindName); it must be a column's name, or an array of them")
        return []
    }
}
