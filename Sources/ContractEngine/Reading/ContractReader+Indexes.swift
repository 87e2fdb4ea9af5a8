internal import ContractModel

extension ContractReader {
    private static let indexFields =
        ([
            "index_name", "name", "pk", "sk", "projection", "projected_attributes", "pk_template", "sk_template",
            "type",
            "table", "source_table", "satisfies", "estimated_item_size_bytes", "attributes", "estimated_distinct_keys",
            "estimated_item_count",
        ] as Set).union(DesignWords.fields.keys)

    mutating func readIndexes(
        _ entry: DocumentNode, label: String, types: KeyTypes, entities: inout [ContractEntity], marks: inout TableMarks
    ) -> [ContractIndex] {
        guard let list = entry["gsis"], !list.isNull else { return [] }
        var indexes: [ContractIndex] = []
        var lines: [String: Int] = [:]
        let elements = array(list, called: "`gsis`")
        guard elements.count <= ContractReader.mostIndexes else {
            problem(
                list,
                "\(label) has \(elements.count) indexes; more than \(ContractReader.mostIndexes) of one table are not read"
            )
            return []
        }
        for element in elements {
            let named = element["index_name"] ?? element["name"]
            guard let name = named?.stringValue, !name.isEmpty else {
                problem(named ?? element, "an index of \(label) has no name; give it an `index_name`")
                continue
            }
            if let line = lines.updateValue(element.line, forKey: name) {
                problem(
                    element, "the index \(name) stands twice in \(label), first on line \(line); name each its own way")
            }
            guard !ContractReader.isLocalIndex(element) else {
                refuseLocalIndex(element, called: name, of: label, entry["pk"]?.stringValue)
                continue
            }
            if element["index_name"] == nil {
                note(
                    element, "index name",
                    "The contract's schema names an index by `index_name`; \(label) has one by `name`.",
                    "Nothing to do here: both are read. Other tools may look for `index_name`.")
            }
            guard var index = readIndex(element, name: name, of: label, types: types, entities: &entities) else {
                continue
            }
            index.satisfies = readIndexClaims(element, marks: &marks)
            indexes.append(index)
            marks.indexes.append(ContractReader.marks(of: element))
        }
        entities.name(indexKeysLike: indexes)
        return indexes
    }

    private static func marks(of element: DocumentNode) -> IndexMarks {
        let isInclude = element["projection"]?.stringValue?.uppercased() == "INCLUDE"
        let list = element.first("projected_attributes")
        return IndexMarks(
            start: element.position, partitionKey: element["pk"]?.position, sortKey: element["sk"]?.position,
            projection: element["projection"]?.position,
            unusedAttributes: isInclude || list?.arrayValue?.isEmpty == true ? nil : list?.position)
    }

    private mutating func readIndex(
        _ element: DocumentNode, name: String, of label: String, types: KeyTypes, entities: inout [ContractEntity]
    ) -> ContractIndex? {
        let owner = "the index \(name) of \(label)"
        let templates = IndexKeyTemplates(
            index: name, partitionKey: readTemplate("pk_template", in: element),
            sortKey: readTemplate("sk_template", in: element))
        guard let partition = requiredText("pk", in: element, of: "the index \(name)") else { return nil }
        var partitionKey = key(partition, of: owner, types, at: element["pk"])
        let sortKey = optionalText("sk", in: element).map { key($0, of: owner, types, at: element["sk"]) }
        partitionKey.estimatedDistinctValues = count("estimated_distinct_keys", in: element)
        let made = IndexKeyTemplates(
            index: name, partitionKey: templates.partitionKey ?? partitionKey.composite,
            sortKey: templates.sortKey ?? sortKey?.composite)
        if made.partitionKey != nil || made.sortKey != nil { entities.add(made) }
        return ContractIndex(
            name: name, partitionKey: partitionKey, sortKey: sortKey, projection: readProjection(element),
            estimatedItemCount: count("estimated_item_count", in: element),
            reasons: readReasons(element),
            unknownFields: unknownFields(
                of: element, known: ContractReader.indexFields, owner: owner))
    }

    private mutating func readProjection(_ index: DocumentNode) -> Projection {
        guard let given = index["projection"], !given.isNull else { return .all }
        switch given.stringValue?.uppercased() {
        case "ALL": return .all
        case "KEYS_ONLY": return .keysOnly
        case "INCLUDE":
            let names = index["projected_attributes"].map { array($0, called: "`projected_attributes`") } ?? []
            if names.isEmpty { problem(given, "the projection INCLUDE needs `projected_attributes`; list them") }
            if !names.allSatisfy({ $0.stringValue?.isPrintable == true }) {
                problem(given, "`projected_attributes` must hold names of attributes and nothing else")
            }
            return .include(names.compactMap(\.stringValue))
        default:
            problem(given, "the projection must be ALL, KEYS_ONLY or INCLUDE")
            return .all
        }
    }

    /// The older dialect may give an index an entry of its own. It names its table by `table`, beside its own `name`; or by its
    /// source, and then `table` may be the index's name.
    mutating func attachLooseIndex(_ entry: DocumentNode, to contract: inout MigrationContract, _ names: TableNames) {
        let named = entry.first("index_name", "name")
        let member = entry.first("index_name") != nil ? "index_name" : named != nil ? "name" : "table"
        guard let name = requiredText(member, in: entry, of: "an index") else { return }
        let source = optionalText("source_table", in: entry)
        let given = named == nil ? nil : optionalText("table", in: entry)
        guard let owner = names.owner(table: given, source: source) else {
            let why =
                given.map { "the index \(name) names the table \($0.shown), which the contract has not" }
                ?? "no single table has the source of the index \(name)"
            problem(entry, "\(why); put the index into its table's `gsis`, or name its table by `table`")
            return
        }
        guard contract.tables[owner].indexes.count < ContractReader.mostIndexes else {
            problem(
                entry,
                "\(contract.tables[owner].name) has more than \(ContractReader.mostIndexes) indexes; they are not read")
            return
        }
        let label = contract.tables[owner].name
        if contract.tables[owner].index(named: name) != nil {
            problem(entry, "the index \(name) stands twice in \(label); name each its own way")
            return
        }
        let types = KeyTypes(entities: contract.tables[owner].entities)
        var entities = contract.tables[owner].entities
        guard var index = readIndex(entry, name: name, of: label, types: types, entities: &entities) else { return }
        var tableMarks = marks.tables.indices.contains(owner) ? marks.tables[owner] : TableMarks(start: entry.position)
        index.satisfies = readIndexClaims(entry, marks: &tableMarks)
        contract.tables[owner].entities = entities
        contract.tables[owner].indexes.append(index)
        contract.tables[owner].entities.name(indexKeysLike: contract.tables[owner].indexes)
        let claimed = contract.tables[owner].satisfies
        contract.tables[owner].satisfies += index.satisfies.uniqued(besides: claimed)
        if given == nil {
            guess(
                entry, "The index \(name) belongs to \(label), the only table from \(source ?? "no source").")
        }
        if marks.tables.indices.contains(owner) {
            tableMarks.indexes.append(ContractReader.marks(of: entry))
            marks.tables[owner] = tableMarks
        }
    }

    /// The keys that an entity makes for indexes: `gsi_keys` as an array with the index's name in each, or as an object keyed
    /// by it; or `gsi1_pk_template` beside `pk_template`.
    mutating func readIndexKeys(_ entity: DocumentNode, of label: String, marks: inout EntityMarks)
        -> [IndexKeyTemplates]
    {
        var found: [IndexKeyTemplates] = []
        var places: [String: Int] = [:]
        func add(_ templates: IndexKeyTemplates, at place: DocumentNode, to marks: inout EntityMarks) {
            if places[templates.index] == nil { places[templates.index] = found.count }
            found.append(templates)
            marks.indexTemplates[templates.index] = place.position
        }
        let list = entity.first("gsi_keys", "gsi_mappings", "index_keys")
        for element in list?.arrayValue ?? [] {
            guard let name = element.first("index_name", "name", "index")?.stringValue else {
                problem(element, "a key template of \(label) names no index; give it an `index_name`")
                continue
            }
            add(templates(element, index: name), at: element, to: &marks)
        }
        for member in list?.objectValue ?? [] {
            add(templates(member.value, index: member.name), at: member.value, to: &marks)
        }
        if let list, list.arrayValue == nil, list.objectValue == nil {
            problem(list, "the index keys of \(label) are \(list.kindName); give an array with an `index_name` in each")
        }
        for member in entity.objectValue ?? [] {
            guard let (index, isSort) = ContractReader.indexTemplate(member.name),
                let template = readTemplate(member.value, called: member.name)
            else { continue }
            if places[index] == nil { add(IndexKeyTemplates(index: index), at: member.value, to: &marks) }
            guard let place = places[index] else { continue }
            if isSort { found[place].sortKey = template } else { found[place].partitionKey = template }
        }
        return found
    }

    /// The index that "gsi1_pk_template" belongs to, and whether it makes the sort key.
    static func indexTemplate(_ name: String) -> (index: String, isSort: Bool)? {
        for (ending, isSort) in [("_pk_template", false), ("_sk_template", true)] where name.hasSuffix(ending) {
            return (String(name.dropLast(ending.count)), isSort)
        }
        return nil
    }

    private mutating func templates(_ element: DocumentNode, index: String) -> IndexKeyTemplates {
        IndexKeyTemplates(
            index: index, partitionKey: readTemplate("pk_template", in: element),
            sortKey: readTemplate("sk_template", in: element))
    }

    mutating func readTemplate(_ name: String, in element: DocumentNode) -> KeyTemplate? {
        element[name].flatMap { readTemplate($0, called: name) }
    }

    private mutating func readTemplate(_ value: DocumentNode, called name: String) -> KeyTemplate? {
        optionalText(value, called: name).flatMap { template($0, at: value) }
    }

    /// A key has 2,048 bytes at most; a template that is much longer is no template.
    mutating func template(_ text: String, at place: DocumentNode) -> KeyTemplate? {
        guard text.utf8.count <= 4_096 else {
            problem(place, "the template has \(text.utf8.count) bytes; a key has 2,048 at most, so shorten it")
            return nil
        }
        return KeyTemplate(text)
    }
}

extension [ContractEntity] {
    /// Templates may name their index in other capitals: "gsi1" of `gsi1_pk_template` is GSI1.
    fileprivate mutating func name(indexKeysLike indexes: [ContractIndex]) {
        let names = Dictionary(indexes.map { ($0.name.lowercased(), $0.name) }, uniquingKeysWith: { first, _ in first })
        for entity in indices {
            for place in self[entity].indexKeys.indices {
                let given = self[entity].indexKeys[place].index
                self[entity].indexKeys[place].index = names[given.lowercased()] ?? given
            }
        }
    }

    /// Gives an index's templates to the kinds of items that can fill them, unless they have their own.
    fileprivate mutating func add(_ templates: IndexKeyTemplates) {
        let holes = [templates.partitionKey, templates.sortKey].compactMap(\.self).flatMap(\.placeholders)
        for index in indices {
            guard !self[index].indexKeys.contains(where: { $0.index == templates.index }) else { continue }
            let entity = self[index]
            if count == 1 || holes.allSatisfy({ entity.source(ofPlaceholder: $0) != nil }) {
                self[index].indexKeys.append(templates)
            }
        }
    }
}

/// Tables by what an index beside them may call them.
struct TableNames {
    private var tables: [String: Int] = [:]
    private var sources: [String?: [Int]] = [:]

    init(_ contract: MigrationContract) {
        for (place, table) in contract.tables.enumerated() {
            for name in [table.name, table.name.lowercased()] where tables[name] == nil { tables[name] = place }
            sources[table.sourceTable, default: []].append(place)
        }
    }

    /// The table of that name; without one, the only table from that source, or the table that the source names.
    func owner(table: String?, source: String?) -> Int? {
        if let table { return tables[table] ?? tables[table.lowercased()] }
        let owners = sources[source] ?? []
        if owners.count == 1 { return owners[0] }
        guard owners.isEmpty, let source else { return nil }
        return tables[source] ?? tables[source.lowercased()]
    }
}
