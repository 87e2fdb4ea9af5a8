internal import ContractModel

/// What a write costs an index.
extension OperationCost {
    /// An index's share of a write: nothing where the item is not in it; transactions do not double it.
    mutating func share(of index: ContractIndex, items: Double, size: Double, many: String) -> Charge? {
        guard isInIndex(index) else { return nil }
        let place = "\(table.name).\(index.name)"
        let entry = writesOfEntry(in: index, at: place)
        guard entry != .none else { return nil }
        let projected = taken(sizes.projected(size, of: operation.entity, in: index), "write units", at: place)
        let blocks = CapacityUnit.blocks(projected, of: CapacityUnit.writeBlockInBytes)
        // What is removed was there.
        var share = entry == .removed ? IndexShare() : defaults.share(of: index, in: table)
        if entry == .written, let given = defaults.writeShare(of: pattern.id, in: index.name) {
            share = IndexShare(share: given)
        } else if entry == .written, share.share < 1, share.assumption != nil {
            assume(
                "of the writes the same share enters \(place) as of the items, \(Figures.percent(share.share)): a call that always sets "
                    + "its keys enters it always (write-share-percent.\(pattern.id)=100 tells)", "write units",
                at: place)
        }
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

    /// What the write does to the entry: an insert or a delete writes it once, an update 0, 1 or 2 times, and an item that
    /// is put in place of another as often as is said.
    private mutating func writesOfEntry(in index: ContractIndex, at place: String) -> EntryWrite {
        let isPut = operation.operation == "PutItem" || operation.operation == "BatchWriteItem"
        let isTransaction = operation.operation == "TransactWriteItems"
        guard operation.operation == "UpdateItem" || isTransaction || isPut else { return .written }
        let kinds = entity.map { [$0] } ?? table.entities.filter { $0.appears(in: index, of: table) }
        let keys = [index.partitionKey, index.sortKey].compactMap(\.self)
        let parts = kinds.map { KeyParts(table: table, entity: $0) }
        if let changed = defaults.changedAttributes[pattern.id] {
            let made = parts.flatMap { part in keys.map { part.names(of: $0, in: index) } }
            if made.contains(where: { !$0.isDisjoint(with: changed) }) { return .moved }
            // An item that is put is written whole.
            if isPut { return .written }
            let attributes = parts.reduce(changed) { $0.union($1.attributes(called: changed)) }
            let isHeld = index.projection == .all || !attributes.isDisjoint(with: sizes.projectedNames(index))
            return isHeld ? .written : .none
        }
        if operation.operation == "UpdateItem" { return writesOfUpdate(keys, in: index, parts, at: place) }
        if operation.operation == "PutItem", replaces { return writesOfReplacement(keys, parts, in: index, at: place) }
        guard isTransaction else { return .written }
        if changesWhatIsThere, let said = saidChange(keys, in: index, parts, at: place) { return said }
        assume(
            isNew
                ? "by its description it puts a new item: 1 write of the index"
                : "a transaction puts an item, or changes a projected attribute and leaves the index's key alone: 1 write, "
                    + "not 0 or 2",
            "write units", at: place)
        return .written
    }

    /// Verbs of what is there already as often as not.
    private static let replacing: Set = [
        "save", "update", "upsert", "overwrite", "replace", "set", "store", "refresh", "sync", "renew", "edit",
        "change",
    ]
    /// Words of what is another with every write.
    private static let moving: Set = [
        "updated", "modified", "changed", "watched", "viewed", "seen", "played", "accessed", "last", "latest", "synced",
        "saved", "checked", "refreshed",
    ]

    /// Whether the pattern's first word says that a put may take the place of an item.
    private var replaces: Bool {
        NameStem.words(pattern.summary).first.map(OperationCost.replacing.contains) ?? false
    }

    /// What an item that is put in place of another costs an index.
    private mutating func writesOfReplacement(
        _ keys: [KeyAttribute], _ parts: [KeyParts], in index: ContractIndex, at place: String
    ) -> EntryWrite {
        if let said = saidChange(keys, in: index, parts, at: place) { return said }
        let fixed = parts.reduce(into: Set<String>()) { $0.formUnion($1.fixed) }
        let names = Set(keys.flatMap { key in parts.flatMap { $0.names(of: key, in: index) } }).subtracting(fixed)
            .sorted()
        guard let first = names.first else { return .written }
        if let time = names.first(where: { !OperationCost.moving.isDisjoint(with: NameStem.words($0)) }) {
            assume(
                "by its description it takes the place of an item, of which \(time) was another: its entry is deleted and put anew, 2 writes "
                    + "(changes.\(pattern.id) tells what it changes)", "write units", at: place)
            return .moved
        }
        assume(
            "by its description it may take the place of an item, with the same \(first): 1 write, not 2 (changes.\(pattern.id) tells "
                + "what it changes)", "write units", at: place)
        return .written
    }

    /// Whether the pattern's first word leaves it open that a transaction changes items, as an update does.
    private var changesWhatIsThere: Bool {
        NameStem.words(pattern.summary).first.map { !OperationCost.creation.contains($0) } ?? false
    }

    /// What the documents' words say of the entry; nil where they say nothing.
    private mutating func saidChange(
        _ keys: [KeyAttribute], in index: ContractIndex, _ parts: [KeyParts], at place: String
    ) -> EntryWrite? {
        guard let told = keyNamedByPattern(keys, in: index, parts) else { return nil }
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

    /// The same of an update of which nobody says what it changes, but its own words.
    private mutating func writesOfUpdate(
        _ keys: [KeyAttribute], in index: ContractIndex, _ parts: [KeyParts], at place: String
    ) -> EntryWrite {
        if let said = saidChange(keys, in: index, parts, at: place) { return said }
        if index.projection == .keysOnly {
            assume(
                "an update leaves the index's key alone, so an index of keys only is not written", "write units",
                at: place)
            return .none
        }
        if let changed = changedOutside(index) {
            assume(
                "the documents' words say that it changes \(Figures.list(changed)), which the index does not hold: it is not written",
                "write units", at: place)
            return .none
        }
        assume(
            "an update changes a projected attribute and leaves the index's key alone: 1 write, not 0 or 2",
            "write units", at: place)
        return .written
    }

    /// What the update changes, where its words name all of it and the index holds nothing of that; nil where it may hold some.
    private func changedOutside(_ index: ContractIndex) -> [String]? {
        guard case .include = index.projection, let entity else { return nil }
        let held = sizes.projectedNames(index)
        // Whatever an update changes, it notes when.
        guard
            held.allSatisfy({ Set(NameStem.words($0)).isDisjoint(with: ["updated", "modified", "changed", "version"]) })
        else { return nil }
        let words = ChangeWords(pattern, kind: entity, in: table)
        let changed = words.objects(among: entity.attributes) ?? words.stated(among: entity.attributes)
        guard let changed, changed.allSatisfy({ !held.contains($0) }) else { return nil }
        return changed
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

    private func isInIndex(_ index: ContractIndex) -> Bool {
        if let name = operation.entity, let entity = table.entity(named: name) {
            return entity.appears(in: index, of: table)
        }
        return table.entities.contains { $0.appears(in: index, of: table) }
    }
}
