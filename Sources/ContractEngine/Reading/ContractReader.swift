package import ContractModel

/// Reads a contract of either dialect and remembers where everything stands. It goes on after a problem, so that one
/// run tells them all.
///
/// The dialects: an object with `tables`, whose attributes are arrays and whose indexes are named by `index_name`; and the
/// older bare array of `"type": "Table"` entries with attributes as an object keyed by their names, and indexes named by
/// `name` or standing beside the tables as entries of `"type": "GSI"`.
struct ContractReader {
    let file: String
    var problems: [ContractError.Problem] = []
    var notes: [SchemaNote] = []
    var marks = ContractMarks()
    var patterns: [PatternRow] = []

    static func read(_ source: SourceText) throws(ContractError) -> ContractReading {
        let root = try DocumentTree.parse(source, as: .json)
        var reader = ContractReader(file: source.name)
        let contract = reader.readRoot(root)
        guard reader.problems.isEmpty else { throw ContractError(problems: reader.problems) }
        return ContractReading(
            contract: contract, marks: reader.marks, schemaNotes: reader.notes, patterns: reader.patterns)
    }

    private mutating func readRoot(_ root: DocumentNode) -> MigrationContract {
        var entries: [DocumentNode] = []
        switch root.value {
        case .array(let elements): entries = elements
        case .object:
            if let tables = required("tables", in: root, of: "the contract") {
                entries = array(tables, called: "`tables`")
            }
            if let inline = root["access_patterns"] { readPatterns(inline, table: nil) }
        default:
            problem(root, "the contract is \(root.kindName); it must be an object with `tables`, or an array of tables")
        }
        if entries.isEmpty && problems.isEmpty {
            problem(root, "the contract has no tables; give at least one")
        }
        return readTables(entries)
    }

    private mutating func readTables(_ entries: [DocumentNode]) -> MigrationContract {
        var contract = MigrationContract(tables: [])
        let loose = entries.filter { $0["type"]?.stringValue?.lowercased() == "gsi" }
        for entry in entries where entry["type"]?.stringValue?.lowercased() != "gsi" {
            guard let table = readTable(entry) else { continue }
            if contract.table(named: table.name) != nil {
                problem(entry, "the table \(table.name) stands twice; give each table one entry")
            }
            contract.tables.append(table)
        }
        for entry in loose { attachLooseIndex(entry, to: &contract) }
        return contract
    }

    /// The older dialect may give an index an entry of its own; it belongs to the table of the same source.
    private mutating func attachLooseIndex(_ entry: DocumentNode, to contract: inout MigrationContract) {
        guard let name = requiredText("table", in: entry, of: "an index"),
            let key = requiredText("pk", in: entry, of: name)
        else { return }
        let owners = contract.tables.indices.filter {
            contract.tables[$0].sourceTable == entry["source_table"]?.stringValue
        }
        guard owners.count == 1 else {
            problem(entry, "no single table has the source of the index \(name); put the index into its table's `gsis`")
            return
        }
        let types = KeyTypes(entities: contract.tables[owners[0]].entities)
        contract.tables[owners[0]].indexes.append(
            ContractIndex(
                name: name, partitionKey: types.key(key), sortKey: entry["sk"]?.stringValue.map(types.key),
                projection: readProjection(entry)))
        if marks.tables.indices.contains(owners[0]) { marks.tables[owners[0]].indexes.append(entry.position) }
    }

    private mutating func readTable(_ entry: DocumentNode) -> ContractTable? {
        guard entry.objectValue != nil else {
            problem(entry, "a table is \(entry.kindName); it must be an object")
            return nil
        }
        let name = requiredText("table", in: entry, of: "a table")
        let label = name ?? "the table"
        let partitionKey = requiredText("pk", in: entry, of: label)
        let sortKey = optionalText("sk", in: entry)
        var tableMarks = TableMarks(start: entry.position)
        let isMultiEntity = entry["entities"] != nil
        checkShape(of: entry, label: label, isMultiEntity: isMultiEntity)
        let entities = readEntities(entry, label: label, marks: &tableMarks)
        let types = KeyTypes(entities: entities)
        let indexes = readIndexes(entry, label: label, types: types, marks: &tableMarks)
        let satisfies = readSatisfies(entry, marks: &tableMarks)
        let size = readSize(entry)
        tableMarks.itemSize = size == nil ? nil : entry["estimated_item_size_bytes"]?.position
        guard let name, let partitionKey else { return nil }
        if let inline = entry["access_patterns"] { readPatterns(inline, table: name) }
        marks.tables.append(tableMarks)
        return ContractTable(
            name: name, isMultiEntity: isMultiEntity, sourceTable: optionalText("source_table", in: entry),
            partitionKey: types.key(partitionKey), sortKey: sortKey.map(types.key), indexes: indexes,
            entities: entities, satisfies: satisfies, estimatedItemSizeInBytes: size)
    }

    private mutating func readSatisfies(_ entry: DocumentNode, marks: inout TableMarks) -> [String] {
        guard let list = entry["satisfies"] else { return [] }
        marks.satisfies = list.position
        var ids: [String] = []
        for element in array(list, called: "`satisfies`") {
            guard let text = element.stringValue else {
                problem(element, "`satisfies` holds \(element.kindName); it must hold ids of access patterns")
                continue
            }
            let expanded = PatternID.expand(text)
            for id in expanded.isEmpty ? [PatternID.canonical(text)] : expanded where marks.satisfied[id] == nil {
                ids.append(id)
                marks.satisfied[id] = element.position
            }
        }
        return ids
    }

    private mutating func readIndexes(
        _ entry: DocumentNode, label: String, types: KeyTypes, marks: inout TableMarks
    ) -> [ContractIndex] {
        guard let list = entry["gsis"], !list.isNull else { return [] }
        var indexes: [ContractIndex] = []
        for element in array(list, called: "`gsis`") {
            let named = element["index_name"] ?? element["name"]
            guard let name = named?.stringValue else {
                problem(named ?? element, "an index of \(label) has no name; give it an `index_name`")
                continue
            }
            guard let key = requiredText("pk", in: element, of: "the index \(name)") else { continue }
            if indexes.contains(where: { $0.name == name }) {
                problem(element, "the index \(name) stands twice in \(label); give each index its own name")
            }
            indexes.append(
                ContractIndex(
                    name: name, partitionKey: types.key(key),
                    sortKey: optionalText("sk", in: element).map(types.key), projection: readProjection(element)))
            marks.indexes.append(element.position)
        }
        return indexes
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
}

/// What a contract's file says.
package struct ContractReading: Sendable {
    package var contract: MigrationContract
    package var marks: ContractMarks
    package var schemaNotes: [SchemaNote]
    package var patterns: [PatternRow]
}

/// The types of attributes by name, for keys that are named without one.
struct KeyTypes {
    private var types: [String: AttributeType] = [:]

    init(entities: [ContractEntity]) {
        for attribute in entities.flatMap(\.attributes) where types[attribute.name] == nil {
            types[attribute.name] = attribute.type
        }
    }

    func key(_ name: String) -> KeyAttribute { KeyAttribute(name: name, type: types[name] ?? .S) }
}
