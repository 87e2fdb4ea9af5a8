internal import ContractModel

/// What one operation of a pattern costs, with what was assumed to say so.
///
/// Source of the formulas: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html and,
/// for indexes, https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations
struct OperationCost {
    let operation: PatternOperation
    private let items: PatternCall.Items
    private let nested: NestedKinds
    let pattern: AccessPattern
    let table: ContractTable
    let rate: Double
    let defaults: CapacityAssumptions
    private(set) var assumptions: [Assumption] = []
    let sizes: ItemSizes

    init(
        _ call: PatternCall, of pattern: AccessPattern, table: ContractTable, rate: Double,
        defaults: CapacityAssumptions, nested: NestedKinds
    ) {
        self.nested = nested
        operation = call.operation
        items = call.items
        self.pattern = pattern
        self.table = table
        self.rate = rate
        self.defaults = defaults
        sizes = ItemSizes(table: table, standard: defaults.itemSizeInBytes)
    }

    static func place(_ operation: PatternOperation) -> String {
        operation.index.map { "\(operation.table).\($0)" } ?? operation.table
    }

    private var place: String { OperationCost.place(operation) }

    mutating func assume(_ text: String, _ what: String, at place: String? = nil) {
        assumptions.append(Assumption(text: text, moved: "\(what) of \(place ?? self.place)"))
    }

    /// A size, with its assumption filed.
    mutating func taken(_ size: ItemSizes.Size, _ what: String, at place: String? = nil) -> Double {
        if let text = size.assumption { assume(text, what, at: place) }
        return size.bytes
    }

    // MARK: Reads

    mutating func read() -> Charge {
        let items = itemsPerCall(what: "read units")
        let whole = taken(sizes.whole(operation.entity), "read units")
        let size =
            operation.index.flatMap { table.index(named: $0) }.map {
                taken(sizes.projected(whole, of: operation.entity, in: $0), "read units")
            } ?? whole
        let factor = consistency().unitsPerBlock
        let others = othersRead(beside: items)
        var charge = Charge(
            table: table.name, index: operation.index, entity: entity?.name, operation: operation.operation,
            callsPerSecond: rate,
            readUnitsPerCall: 0, writeUnitsPerCall: 0, formula: "")
        if operation.operation == "Query" || operation.operation == "Scan" {
            // A page counts the sum of its items, before any filter, and ends at 1 MB.
            let bytes = items * size + others.reduce(0) { $0 + $1.count * $1.size }
            charge.pagesPerCall = max(1, (bytes / CapacityUnit.pageInBytes).rounded(.up))
            if charge.pagesPerCall > 1 {
                assume("a page ends at 1 MB, so a call reads more than one", "read units")
            }
            charge.readUnitsPerCall = CapacityUnit.blocks(bytes, of: CapacityUnit.readBlockInBytes) * factor
            let terms = ([(items, size)] + others).map { "\(Figures.short($0.0)) × \(Figures.short($0.1)) B" }
            let sum = terms.count == 1 ? terms[0] : "(\(terms.joined(separator: " + ")))"
            charge.formula = "⌈\(sum) / 4 KB⌉ × \(Figures.short(factor))"
            if bytes == 0 { charge.formula = "1 × \(Figures.short(factor)), the least that a page costs" }
            if charge.pagesPerCall > 1 { charge.formula += " in \(Figures.short(charge.pagesPerCall)) pages" }
        } else {
            charge.readUnitsPerCall = items * CapacityUnit.blocks(size, of: CapacityUnit.readBlockInBytes) * factor
            charge.formula =
                (items == 1 ? "" : "\(Figures.short(items)) × ")
                + "⌈\(Figures.short(size)) B / 4 KB⌉ × \(Figures.short(factor))"
        }
        return charge
    }

    private mutating func consistency() -> ReadConsistency {
        if operation.operation == "TransactGetItems" { return .transactional }
        if operation.index != nil {
            guard let given = operation.consistency, given != .eventual else { return .eventual }
            assume(
                "\(given.rawValue) reads of a global secondary index are refused by DynamoDB: it is charged as it is asked for",
                "read units")
            return given
        }
        if let given = operation.consistency { return given }
        assume("no document gives the consistency: \(defaults.consistency.rawValue)", "read units")
        return defaults.consistency
    }

    /// Other kinds of items whose keys begin as this kind's do: a Query of the partition brings them too, for each item of its own
    /// as many as there are.
    private mutating func othersRead(beside items: Double) -> [(count: Double, size: Double)] {
        let names = nested.kinds(besides: operation, of: pattern, in: table)
        guard !names.isEmpty, let entity else { return [] }
        let kinds = names.compactMap { table.entity(named: $0) }
        let perItem = kinds.map { nested.number(of: $0, for: entity, in: table, defaults) }
        func begin(_ names: [String]) -> String {
            "the keys of \(Figures.list(names)) begin as those of \(entity.name) do: a Query reads and is charged for "
                + (names.count == 1 ? "it" : "them") + " too"
        }
        var others: [(count: Double, size: Double)] = []
        for (kind, number) in zip(kinds, perItem) {
            guard let number else { continue }
            assume(
                "\(begin([kind.name])), \(Figures.short(number.count)) for each \(entity.name) (\(number.source))",
                "read units")
            others.append((items * number.count, taken(sizes.whole(kind.name), "read units")))
        }
        let uncounted = zip(kinds, perItem).filter { $0.1 == nil }.map(\.0.name)
        if !uncounted.isEmpty {
            let words = ([entity.name] + uncounted).map { "items.\(table.name).\($0)" }
            assume(
                "\(begin(uncounted)), and no document says how many there are for each: none are counted "
                    + "(\(Figures.list(words)) tell)", "read units")
        }
        return others
    }

    // MARK: Writes

    mutating func write() -> [Charge] {
        let items = itemsPerCall(what: "write units")
        let size = taken(sizes.whole(operation.entity), "write units")
        let blocks = CapacityUnit.blocks(size, of: CapacityUnit.writeBlockInBytes)
        let work = uniqueWork()
        let isTransaction = operation.isTransactional || work.isTransaction
        let factor = isTransaction ? CapacityUnit.transactionFactor : 1
        let many = items == 1 ? "" : "\(Figures.short(items)) × "
        let own = Charge(
            table: table.name, index: nil, entity: entity?.name,
            operation: isTransaction ? "TransactWriteItems" : operation.operation, callsPerSecond: rate,
            readUnitsPerCall: 0, writeUnitsPerCall: items * blocks * factor,
            formula: many + "⌈\(Figures.short(size)) B / 1 KB⌉" + (factor == 1 ? "" : " × \(Figures.short(factor))"))
        return [own] + table.indexes.compactMap { index in share(of: index, items: items, size: size, many: many) }
            + charges(of: work, items: items, size: size, many: many)
    }

    /// Whether "Update order status" speaks of a key that is made of the column `status`. Of an id, which items are found by, more
    /// has to be said: `ChangeWords` tells.
    func isNamedByPattern(_ key: String) -> Bool {
        let words = Set(pattern.summary.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init))
        let attribute = (operation.entity.flatMap { table.entity(named: $0) } ?? table.entities.first)?
            .attribute(named: key)
        let columns = attribute?.sourceColumns.count == 1 ? attribute?.sourceColumns ?? [] : []
        return ([key] + columns).contains { name in
            let parts = name.lowercased().split { $0 == "_" || $0 == "-" }.map(String.init)
            return !parts.isEmpty && parts.last != "id" && parts.allSatisfy(words.contains)
        }
    }

    // MARK: Items

    private mutating func itemsPerCall(what: String) -> Double {
        if items == .one { return 1 }
        if let items = defaults.itemsPerCall(of: pattern.id, table: table.name) { return items }
        if let items = operation.itemsPerCall { return items }
        if items == .partition {
            assume("no document gives the items of a partition: \(OperationCost.taken(defaults.itemsPerQuery))", what)
            return defaults.itemsPerQuery
        }
        switch operation.operation {
        case "GetItem", "PutItem", "UpdateItem", "DeleteItem": return 1
        case "Query":
            if let most = operation.limit ?? ReadLimit.most(ofSummary: pattern.summary) {
                let page = most == 1 ? "1 item" : "\(Figures.whole(Double(most))) items, as many as there may be"
                assume(
                    "no document gives the items of a Query but that it asks for no more than so many: \(page)", what)
                return Double(most)
            }
            assume("no document gives the items of a Query: \(OperationCost.taken(defaults.itemsPerQuery))", what)
            return defaults.itemsPerQuery
        case "Scan":
            // A scan reads the whole table or index: whoever said how many items there are has said this too.
            let index = operation.index.flatMap { table.index(named: $0) }
            if let count = defaults.itemCount(in: index, of: table) {
                for text in count.assumptions { assume(text, what) }
                return max(1, count.items)
            }
            assume("no document gives the items that a Scan reads: \(Figures.short(defaults.itemsPerScan))", what)
            return defaults.itemsPerScan
        default:
            let items = OperationCost.taken(defaults.itemsPerBatch)
            assume("no document gives the items of a \(operation.operation): \(items)", what)
            return defaults.itemsPerBatch
        }
    }

    /// One item is the least there can be; more is what somebody has given.
    private static func taken(_ items: Double) -> String {
        Figures.short(items) + (items == 1 ? ", a lower bound" : "")
    }
}
