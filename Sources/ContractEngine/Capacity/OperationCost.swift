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
    private mutating func taken(_ size: ItemSizes.Size, _ what: String, at place: String? = nil) -> Double {
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

    /// An index's share of a write: nothing where the item is not in it; transactions do not double it.
    private mutating func share(of index: ContractIndex, items: Double, size: Double, many: String) -> Charge? {
        guard isInIndex(index) else { return nil }
        let place = "\(table.name).\(index.name)"
        let entry = writesOfEntry(in: index, at: place)
        guard entry != .none else { return nil }
        let projected = taken(sizes.projected(size, of: operation.entity, in: index), "write units", at: place)
        let blocks = CapacityUnit.blocks(projected, of: CapacityUnit.writeBlockInBytes)
        // What is removed was there.
        let share = entry == .removed ? IndexShare() : defaults.share(of: index, in: table)
        if let text = share.assumption { assume(text, "write units", at: place) }
        let (factor, formula) = entry.factor(share)
        return Charge(
            table: table.name, index: index.name, entity: entity?.name, operation: operation.operation,
            callsPerSecond: rate,
            readUnitsPerCall: 0, writeUnitsPerCall: items * blocks * factor,
            formula: many + "⌈\(Figures.short(projected)) B / 1 KB⌉" + formula)
    }

    /// What a write does to an item's entry in an index.
    private enum EntryWrite {
        case none
        /// It is put, deleted or overwritten, where the item is in the index.
        case written
        /// Another key takes the place of its own: an entry is put, and the old one deleted where there was one.
        case moved
        case removed

        /// Writes of the index for each, and how a formula tells them.
        func factor(_ share: IndexShare) -> (Double, String) {
            switch self {
            case .none: (0, " × 0")
            case .removed: (1, "")
            case .written: (share.share, share.factor)
            case .moved where share.share == 1:
                (CapacityUnit.keyChangeFactor, " × \(Figures.short(CapacityUnit.keyChangeFactor))")
            case .moved:
                (CapacityUnit.keyChangeFactor - 1 + share.share, " × (1 + \(Figures.percent(share.share)))")
            }
        }
    }

    /// What the write does to the entry: an insert or a delete writes it once, an update 0, 1 or 2 times.
    private mutating func writesOfEntry(in index: ContractIndex, at place: String) -> EntryWrite {
        guard operation.operation == "UpdateItem" || operation.operation == "TransactWriteItems" else {
            return .written
        }
        let kinds = entity.map { [$0] } ?? table.entities.filter { $0.appears(in: index, of: table) }
        let keys = [index.partitionKey, index.sortKey].compactMap(\.self)
        let parts = kinds.map { KeyParts(table: table, entity: $0) }
        if let changed = defaults.changedAttributes[pattern.id] {
            let made = parts.flatMap { part in keys.map { part.names(of: $0, in: index) } }
            if made.contains(where: { !$0.isDisjoint(with: changed) }) { return .moved }
            let attributes = parts.reduce(changed) { $0.union($1.attributes(called: changed)) }
            let isHeld = index.projection == .all || !attributes.isDisjoint(with: sizes.projectedNames(index))
            return isHeld ? .written : .none
        }
        guard operation.operation == "UpdateItem" else {
            assume(
                isNew
                    ? "by its description it puts a new item: 1 write of the index"
                    : "a transaction puts an item, or changes a projected attribute and leaves the index's key alone: 1 write, "
                        + "not 0 or 2",
                "write units", at: place)
            return .written
        }
        return writesOfUpdate(keys, in: index, parts, at: place)
    }

    /// The same of an update of which nobody says what it changes, but its own words.
    private mutating func writesOfUpdate(
        _ keys: [KeyAttribute], in index: ContractIndex, _ parts: [KeyParts], at place: String
    ) -> EntryWrite {
        if let told = keyNamedByPattern(keys, in: index, parts) {
            switch told.change {
            case .removed:
                assume(
                    "the documents' notes say that it removes \(told.name) of the index: its entry is deleted, 1 write",
                    "write units", at: place)
                return .removed
            case .changed:
                let who = told.isNote ? "the documents' notes say" : "the pattern's name says"
                assume(
                    "\(who) that it changes \(told.name) of the index: its entry is deleted and put anew, 2 writes",
                    "write units", at: place)
                return .moved
            }
        }
        if index.projection == .keysOnly {
            assume(
                "an update leaves the index's key alone, so an index of keys only is not written", "write units",
                at: place)
            return .none
        }
        assume(
            "an update changes a projected attribute and leaves the index's key alone: 1 write, not 0 or 2",
            "write units", at: place)
        return .written
    }

    /// A key of which the documents' words say that the update changes it: "status, a key", "status, of which GSI1SK is made, a key".
    private struct NamedKey {
        var name: String
        var change: KeyChange
        var isNote: Bool
    }

    /// What of the index's key the pattern's words name. Of the table's key no update changes anything.
    private func keyNamedByPattern(
        _ keys: [KeyAttribute], in index: ContractIndex, _ parts: [KeyParts]
    ) -> NamedKey? {
        let words = ChangeWords(pattern, kind: entity, in: table)
        func said(_ name: String) -> NamedKey? {
            if let change = words.note(on: name) { return NamedKey(name: name, change: change, isNote: true) }
            guard isNamedByPattern(name) || words.changesID(name) else { return nil }
            return NamedKey(name: name, change: .changed, isNote: false)
        }
        for key in keys {
            let names = parts.reduce(into: Set<String>()) { $0.formUnion($1.names(of: key, in: index)) }
            let fixed = parts.reduce(into: Set<String>()) { $0.formUnion($1.fixed) }
            // The key's own name first, then what the items have, then what its column is called.
            func rank(_ name: String) -> (Int, String) {
                (name == key.name ? 0 : parts.contains { $0.isAttribute(name) } ? 1 : 2, name)
            }
            let changeable = names.subtracting(fixed).sorted { rank($0) < rank($1) }
            guard var told = changeable.lazy.compactMap(said).first else { continue }
            told.name += told.name == key.name ? ", a key" : ", of which \(key.name) is made, a key"
            return told
        }
        return nil
    }

    private static let creation: Set = ["create", "register", "add", "place", "buy", "open", "sign", "insert", "book"]

    /// Whether the pattern's words say that a transaction makes a new item, which is of the kind that it touches first.
    private var isNew: Bool {
        let first = pattern.operations.first { $0.isTransactional }
        return first?.table == operation.table && first?.entity == operation.entity
            && NameStem.words(pattern.summary).first.map(OperationCost.creation.contains) == true
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

    private func isInIndex(_ index: ContractIndex) -> Bool {
        if let name = operation.entity, let entity = table.entity(named: name) {
            return entity.appears(in: index, of: table)
        }
        return table.entities.contains { $0.appears(in: index, of: table) }
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
