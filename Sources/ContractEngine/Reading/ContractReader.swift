package import ContractModel

/// Reads a contract of either dialect and remembers where everything stands. It goes on after a problem, so that one
/// run tells them all.
///
/// The dialects: an object with `tables`, whose attributes are arrays and whose indexes are named by `index_name`; and the
/// older bare array of `"type": "Table"` entries with attributes as an object keyed by their names, and indexes named by
/// `name` or standing beside the tables as entries of `"type": "GSI"`. Fragments are read too: one table alone, tables whose
/// keys only their templates imply, keys that name several attributes.
struct ContractReader {
    let file: String
    var problems: [ContractError.Problem] = []
    var marks = ContractMarks()
    var patterns: [PatternRow] = []
    /// Ids of patterns that were read, ranges taken apart.
    var ids = 0
    /// Whether the document has the form that the schema describes; of a fragment the schema says nothing.
    var isUnderSchema = false
    private var notes: [SchemaNote] = []
    private var noteIndex: [String: Int] = [:]

    init(file: String) { self.file = file }

    static func read(_ source: SourceText) throws(ContractError) -> ContractReading {
        let isYAML = DocumentFormat.of(source) == .yaml
        let parsed = try DocumentTree.parse(source, as: isYAML ? .yaml : .json)
        var reader = ContractReader(file: source.name)
        reader.problems = parsed.problems
        let contract = reader.readRoot(parsed.root)
        guard reader.problems.isEmpty else { throw ContractError(problems: reader.problems.inOrder) }
        return ContractReading(
            contract: contract, marks: reader.marks, schemaNotes: reader.notes, patterns: reader.patterns)
    }

    private mutating func readRoot(_ root: DocumentNode) -> MigrationContract {
        var entries: [DocumentNode] = []
        var unknown: [ContractField] = []
        switch root.value {
        case .array(let elements): entries = elements
        case .object where root["tables"] == nil && root["table"] != nil:
            entries = [root]
            guess(root, "The document is one table alone.")
        case .object:
            isUnderSchema = true
            if let tables = required("tables", in: root, of: "the contract") {
                entries = array(tables, called: "`tables`")
            }
            if let inline = root["access_patterns"] { readPatterns(inline, table: nil) }
            unknown = unknownFields(of: root, known: ["tables", "access_patterns"], owner: "the contract")
        default:
            problem(root, "the contract is \(root.kindName); it must be an object with `tables`, or an array of tables")
        }
        if entries.isEmpty && problems.isEmpty {
            problem(root, "the contract has no tables; give at least one")
        }
        var contract = readTables(entries)
        contract.unknownFields = unknown
        return contract
    }

    private mutating func readTables(_ entries: [DocumentNode]) -> MigrationContract {
        var contract = MigrationContract(tables: [])
        var lines: [String: Int] = [:]
        func isIndex(_ entry: DocumentNode) -> Bool { entry["type"]?.stringValue?.lowercased() == "gsi" }
        for (place, entry) in entries.enumerated() where !isIndex(entry) {
            guard !ContractReader.isLocalIndex(entry) else {
                let table = entry["table"]?.stringValue
                refuseLocalIndex(entry, called: ContractReader.indexName(entry) ?? table, of: nil, nil)
                continue
            }
            guard let table = readTable(entry, place: place) else { continue }
            if let line = lines.updateValue(entry.line, forKey: table.name) {
                problem(
                    entry, "the table \(table.name) stands twice, first on line \(line); give each table one entry")
            }
            contract.tables.append(table)
        }
        let owners = TableNames(contract)
        for entry in entries where isIndex(entry) { attachLooseIndex(entry, to: &contract, owners) }
        contract.settleKeyTypes()
        contract.placeLookups()
        return contract
    }

    mutating func guess(_ place: DocumentNode, _ text: String) {
        marks.guesses.append(ReadingGuess(position: place.position, text: text))
    }

    /// Notes a departure from the schema. The same one is counted and not told again: of 60,000 tables without a type people read
    /// one sentence.
    ///
    /// - Parameter kind: what is the same wherever it occurs; the message may name where it is first.
    mutating func note(_ place: DocumentNode, _ kind: String, _ message: @autoclosure () -> String, _ advice: String) {
        guard isUnderSchema else { return }
        if let known = noteIndex[kind] {
            notes[known].count += 1
        } else {
            noteIndex[kind] = notes.count
            notes.append(SchemaNote(position: place.position, message: message(), advice: advice))
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
