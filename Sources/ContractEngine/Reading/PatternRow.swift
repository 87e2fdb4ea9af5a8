package import ContractModel

/// One access pattern as a document lists it, and where.
package struct PatternRow: Sendable {
    package var pattern: AccessPattern
    package var file: String
    package var position: Position
    /// Operations that the row itself gives, not yet resolved against the contract's tables.
    package var operations: [WrittenOperation] = []
    /// Consistency that the row gives for whatever the pattern reads.
    package var consistency: ReadConsistency?
    /// Items a call that the row gives for whatever the pattern does.
    package var itemsPerCall: Double?
    /// Kinds of items that the row names, as its cell has them.
    package var entities: [String] = []
    /// Numbers of the row that could be read otherwise.
    var amounts: [ReadAmount] = []
    /// Whether the row says what type the pattern has, by itself or by its operation.
    var saysType = true
    /// Whether it says so in so many words, and of reads or writes alone.
    var typeIsOwn = false

    /// Takes from another row of the same pattern what this one leaves open.
    mutating func complete(from other: PatternRow) {
        if pattern.summary.isEmpty { pattern.summary = other.pattern.summary }
        if pattern.keyAttributes.isEmpty { pattern.keyAttributes = other.pattern.keyAttributes }
        if !saysType, other.saysType {
            (pattern.type, saysType, typeIsOwn) = (other.pattern.type, true, other.typeIsOwn)
        }
        if operations.isEmpty { operations = other.operations }
        pattern.peakRPS = pattern.peakRPS ?? other.pattern.peakRPS
        pattern.averageRPS = pattern.averageRPS ?? other.pattern.averageRPS
        pattern.serviceLevel = pattern.serviceLevel ?? other.pattern.serviceLevel
        pattern.notes += other.pattern.notes
        consistency = consistency ?? other.consistency
        itemsPerCall = itemsPerCall ?? other.itemsPerCall
        if entities.isEmpty { entities = other.entities }
        amounts += other.amounts
    }
}

/// An operation as a document writes it: names that may or may not be the contract's.
package struct WrittenOperation: Sendable {
    package var operation: String?
    package var table: String?
    package var index: String?
    package var entity: String?
    package var consistency: ReadConsistency?
    package var itemsPerCall: Double?
    /// Whether a Query reads the greatest sort keys first.
    package var isDescending: Bool?
    /// What a table's cell names, "Products.ByCategory" or whatever people call it: to be found by the rules for names. Empty
    /// where the row names nothing, and it is the mapping or `satisfies` that tells.
    package var cell: String?
    /// What the row says of how it is done: "Query (SK begins_with ORDER#)".
    package var text = ""
    /// Words that stand beside the operation, "ByAuthor" in "Query ByAuthor": where one is a name of the contract, it is meant.
    var words: [String] = []
    /// Indexes that the row names beside several tables: each is that table's which has it.
    var indexes: [String] = []
    package var position: Position
}

/// Reading patterns and operations that stand in JSON or YAML: `access_patterns` of a contract, a pattern file, an overlay.
struct PatternTreeReader {
    let file: String
    var problems: [ContractError.Problem] = []
    /// Members that nothing knows.
    var unknown: [UnknownFieldMark] = []
    /// Numbers that could be read otherwise, of the operations that are being read.
    var amounts: [ReadAmount] = []

    private static let operationFields: Set<String> = [
        "operation", "table", "index", "entity", "consistency", "items_per_call", "items",
        "scan_index_forward",
    ]
    private static let patternFields: Set<String> = [
        "id", "pattern", "description", "type", "rps", "operations", "key_attributes", "slo",
        "notes", "design_considerations", "peak", "average", "avg", "tables",
    ]

    /// `[{id, description, type, table, index, operation, rps: {peak, average}, consistency, items_per_call,
    /// slo: {p99_ms, availability}}]`, where several operations stand in `operations`.
    mutating func readPatterns(_ list: DocumentNode, table: String?) -> [PatternRow] {
        guard let elements = list.arrayValue else {
            problem(list, "`access_patterns` is \(list.kindName); it must be an array of patterns")
            return []
        }
        return elements.compactMap { readPattern($0, table: table) }
    }

    private mutating func readPattern(_ element: DocumentNode, table: String?) -> PatternRow? {
        guard element.objectValue != nil, let given = (element["id"] ?? element["pattern"])?.scalarText, !given.isEmpty
        else {
            problem(element, "an access pattern has no `id`; give it one, such as \"AP1\"")
            return nil
        }
        let id = PatternID.canonical(given)
        let owner = "the pattern \(id.shown)"
        amounts = []
        let keys = element.first("key_attributes") == nil ? PatternTreeReader.keys(in: element) : nil
        lookFor(
            PatternTreeReader.patternFields.union(PatternTreeReader.operationFields).union(
                [keys?.name].compactMap(\.self)),
            in: element, of: owner)
        let rate = PatternTreeReader.rate("rps", in: element)
        lookFor(["peak", "average", "avg"], in: rate, of: "the rate of \(owner)")
        lookFor(["p99_ms", "availability"], in: element["slo"], of: "the `slo` of \(owner)")
        let peak = number(
            rate?["peak"] ?? rate ?? PatternTreeReader.rate("peakrps", in: element) ?? element["peak"],
            "the rate of \(id.shown)", .rate)
        let average = number(
            rate?["average"] ?? rate?["avg"] ?? PatternTreeReader.rate("averagerps", in: element)
                ?? element.first("average", "avg"), "the average rate of \(id.shown)", .rate)
        let operations = readOperations(of: element, table: table)
        let type = readType(element["type"], of: id.shown)
        let writes = operations.contains { $0.operation.map(PatternOperation.writes.contains) ?? false }
        let attributes = readNames(
            element.first("key_attributes") ?? keys?.value, "`key_attributes` of \(id.shown)")
        var row = PatternRow(
            pattern: AccessPattern(
                id: id, summary: Markdown.plain(readText("description", in: element, of: id.shown) ?? ""),
                peakRPS: peak ?? average, averageRPS: average, type: type ?? (writes ? .write : .read),
                keyAttributes: attributes, serviceLevel: readServiceLevel(element["slo"], of: id.shown),
                notes: readNotes(element, of: id.shown)),
            file: file, position: element.position, operations: operations,
            consistency: readConsistency(element["consistency"]),
            itemsPerCall: number(element["items_per_call"], "`items_per_call` of \(id.shown)", .count))
        if operations.count > 1, element["tables"] != nil {
            // Of one call's items each of its tables has a share.
            row.itemsPerCall = row.itemsPerCall ?? operations[0].itemsPerCall
            for place in row.operations.indices { row.operations[place].itemsPerCall = nil }
        }
        row.amounts = amounts
        // A kind of item alone, of which tables and operations are told elsewhere.
        if operations.isEmpty, let entity = readText("entity", in: element) { row.entities = [entity] }
        row.saysType = type != nil || operations.contains { $0.operation != nil }
        row.typeIsOwn = type != nil && !PatternType.isBoth(element["type"]?.stringValue ?? "")
        return row
    }

    /// `key: user_id`, `keys: [site_id, path]`: what is neither a name nor a list of names means something else.
    private static func keys(in element: DocumentNode) -> (name: String, value: DocumentNode)? {
        element.objectValue?.first { name, value in
            ["key", "keys"].contains(name)
                && (value.stringValue != nil || value.arrayValue?.allSatisfy { $0.stringValue != nil } == true)
        }
    }

    /// A rate's member, however its words are joined: `peak_rps`, `peakRps`, `peakRPS`.
    private static func rate(_ name: String, in element: DocumentNode) -> DocumentNode? {
        element.objectValue?.first { joined($0.name) == name }?.value
    }

    private static func joined(_ name: String) -> String { name.lowercased().filter { $0 != "_" && $0 != "-" } }

    /// `["site_id", "path"]`, or as in a table's cell "site_id, path".
    private mutating func readNames(_ given: DocumentNode?, _ what: String) -> [String] {
        guard let given, !given.isNull else { return [] }
        if let text = given.stringValue {
            return PatternHeader.names(in: text).filter { !$0.isEmpty }
        }
        let names = given.arrayValue?.map(\.stringValue)
        guard let names, !names.contains(nil) else {
            problem(given, "\(what) must be a list of names")
            return []
        }
        return names.compactMap(\.self)
    }

    private mutating func readNotes(_ element: DocumentNode, of id: String) -> [String] {
        guard let given = element.first("notes", "design_considerations"), !given.isNull else { return [] }
        let isText = given.stringValue != nil || given.arrayValue?.allSatisfy { $0.stringValue != nil } == true
        if !isText {
            problem(given, "`notes` of \(id) is \(given.kindName); it must be a text, or a list of texts")
        }
        return (given.arrayValue?.compactMap(\.stringValue) ?? [given.stringValue ?? ""]).map { Markdown.plain($0) }
            .filter { !$0.isEmpty }
    }

    private mutating func readOperations(of element: DocumentNode, table: String?) -> [WrittenOperation] {
        if let several = element["operations"] { return readOperationList(several, table: table) }
        let hasOwn = element["operation"] != nil || element["table"] != nil || element["index"] != nil
        if let several = element["tables"], !several.isNull {
            // One call that touches each.
            let names = readNames(several, "`tables`")
            let first = readOperation(element, table: nil)
            return names.compactMap { name in
                var operation = first
                operation?.table = name
                return operation
            }
        }
        return hasOwn || table != nil ? [readOperation(element, table: table)].compactMap(\.self) : []
    }

    /// `[{table, index, operation, items_per_call, consistency, entity}]`.
    mutating func readOperationList(_ list: DocumentNode, table: String?) -> [WrittenOperation] {
        let elements = list.arrayValue ?? [list]
        for element in elements { lookFor(PatternTreeReader.operationFields, in: element, of: "an operation") }
        return elements.compactMap { readOperation($0, table: table) }
    }

    private mutating func readOperation(_ element: DocumentNode, table: String?) -> WrittenOperation? {
        guard element.objectValue != nil else {
            problem(element, "an operation is \(element.kindName); it must be an object with `operation` and `table`")
            return nil
        }
        let name = readText("operation", in: element)
        if let name, OperationText.named(name) == nil {
            problem(
                element["operation"] ?? element,
                "\(name.shown) is not an operation that Tidemark knows; name one as DynamoDB does: GetItem")
        }
        return WrittenOperation(
            operation: name.flatMap(OperationText.named), table: readText("table", in: element) ?? table,
            index: readText("index", in: element), entity: readText("entity", in: element),
            consistency: readConsistency(element["consistency"]),
            itemsPerCall: number(element["items_per_call"] ?? element["items"], "`items_per_call`", .count),
            isDescending: readOrder(element["scan_index_forward"]), position: element.position)
    }

    private mutating func readType(_ given: DocumentNode?, of id: String) -> PatternType? {
        guard let given, !given.isNull else { return nil }
        if let text = given.stringValue, let type = PatternType(word: text) { return type }
        let told = given.stringValue.map { "\"\($0.shown)\"" } ?? given.kindName
        problem(given, "the type of \(id) is \(told); it must be Read, Write or None")
        return nil
    }

    /// A member that is a text; nil where it is not there.
    private mutating func readText(_ name: String, in element: DocumentNode, of id: String? = nil) -> String? {
        guard let given = element[name], !given.isNull else { return nil }
        guard let text = given.stringValue else {
            problem(given, "`\(name)`\(id.map { " of \($0)" } ?? "") is \(given.kindName); it must be a text")
            return nil
        }
        return text
    }

    /// `"scan_index_forward": false`.
    private mutating func readOrder(_ given: DocumentNode?) -> Bool? {
        guard let given, !given.isNull else { return nil }
        if let isForward = given.boolValue { return !isForward }
        problem(given, "`scan_index_forward` is \(given.kindName); it must be true or false")
        return nil
    }

    private mutating func readConsistency(_ given: DocumentNode?) -> ReadConsistency? {
        guard let given, !given.isNull else { return nil }
        guard let consistency = given.stringValue.flatMap({ ReadConsistency(word: $0) }) else {
            problem(given, "the consistency must be eventual, strong or transactional")
            return nil
        }
        return consistency
    }

    private mutating func readServiceLevel(_ given: DocumentNode?, of id: String) -> ServiceLevel? {
        guard let given, !given.isNull else { return nil }
        guard given.objectValue != nil else {
            problem(
                given, "`slo` of \(id) is \(given.kindName); it must be an object with `p99_ms` and `availability`")
            return nil
        }
        let p99 = number(given["p99_ms"], "`p99_ms`", .milliseconds)
        let availability = number(given["availability"], "`availability`", .share)
        return ServiceLevel(milliseconds: p99, availability: availability)
    }

    /// Rates, sizes and counts beyond this are slips of the pen, and would overflow what is reckoned from them.
    static let largestNumber = 1e9

    private mutating func number(_ given: DocumentNode?, _ what: String, _ quantity: Amount.Quantity) -> Double? {
        guard let given, !given.isNull, given.objectValue == nil else { return nil }
        var value = given.doubleValue
        if let text = given.stringValue {
            guard let amount = Amount(text, as: quantity) else {
                problem(given, Amount.refusal(of: text, what, quantity))
                return nil
            }
            if let read = ReadAmount(amount, what, text, at: given.position) { amounts.append(read) }
            value = amount.value
        }
        guard let value, value >= 0, value <= PatternTreeReader.largestNumber else {
            problem(given, "\(what) must be a number from 0 to a thousand million")
            return nil
        }
        return value
    }

    private mutating func lookFor(_ known: Set<String>, in element: DocumentNode?, of owner: String) {
        for member in element?.objectValue ?? []
        where !known.contains(member.name) && !DesignWords.isForPeople(member.name)
            && !["peakrps", "averagerps", "rps"].contains(PatternTreeReader.joined(member.name))
        {
            unknown.append(UnknownFieldMark(name: member.name.shown, owner: owner, position: member.value.position))
        }
    }

    private mutating func problem(_ place: DocumentNode, _ text: String) {
        problems.append(ContractError.Problem(file: file, at: place.position, text: text))
    }
}

extension ContractReader {
    mutating func readPatterns(_ list: DocumentNode, table: String?) {
        var reader = PatternTreeReader(file: file)
        patterns += reader.readPatterns(list, table: table)
        marks.unknownFields += reader.unknown
        problems += reader.problems
    }
}

extension ServiceLevel {
    /// 99.9 is a percentage, 0.999 a share: nobody promises one per cent.
    init(milliseconds: Double?, availability: Double?) {
        // Rounded to a millionth, so that 99.9% is the same number as 0.999.
        let share = availability.map { $0 > 1 ? ($0 * 10_000).rounded() / 1_000_000 : $0 }
        self.init(p99: milliseconds.map { .nanoseconds(Int64($0 * 1_000_000)) }, availability: share)
    }
}

extension ReadConsistency {
    /// "Strong", "strongly consistent" and their like.
    init?(word: String) {
        let lower = word.trimmed.lowercased()
        if lower.hasPrefix("event") {
            self = .eventual
        } else if lower.hasPrefix("strong") {
            self = .strong
        } else if lower.hasPrefix("trans") {
            self = .transactional
        } else {
            return nil
        }
    }
}
