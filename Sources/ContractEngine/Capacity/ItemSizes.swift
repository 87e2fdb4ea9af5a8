internal import ContractModel

/// How large the items of a table are, whole and in its indexes, by the contract's estimates.
struct ItemSizes {
    let table: ContractTable
    /// Taken where the contract gives no size.
    let standard: Int

    /// A size in bytes, and what was assumed to give it.
    struct Size: Equatable {
        var bytes: Double
        var assumption: String?
    }

    /// An item of that kind; of any kind where none is named.
    func whole(_ entity: String?) -> Size {
        guard let size = table.estimatedItemSizeInBytes(of: entity) else {
            return Size(bytes: Double(standard), assumption: "the contract gives no item size: \(standard) bytes")
        }
        let isShared =
            table.entities.count > 1
            && entity.flatMap { table.entity(named: $0)?.estimatedItemSizeInBytes } == nil
        let words = "every kind of item of \(table.name) has \(Figures.short(Double(size))) bytes"
        return Size(bytes: Double(size), assumption: isShared ? words : nil)
    }

    /// What of an item an index holds: the keys of the table and its own always, by what they are made of; of other attributes what
    /// their types and declared lengths say, and those of which nothing is known share what is left of the item equally.
    func projected(_ size: Double, of entity: String?, in index: ContractIndex) -> Size {
        guard index.projection != .all else { return Size(bytes: size) }
        let kind =
            entity.flatMap { table.entity(named: $0) } ?? table.entities.first { $0.appears(in: index, of: table) }
        guard let kind else { return Size(bytes: size) }
        let keys = KeyBytes(table: table, entity: kind).ofEntry(in: index)
        let keysText =
            "the keys in \(index.name) have about \(Figures.short(keys)) bytes by their templates and columns"
        guard case .include(let names) = index.projection else {
            let bytes = min(size, keys)
            return Size(bytes: bytes, assumption: bytes < keys ? sizeText(bytes) : keysText)
        }
        let included = Set(names).subtracting(keyNames(index))
        let held = kind.attributes.filter { included.contains($0.name) }
        let shares = AttributeShares(kind, size: size)
        let share = held.reduce(0) { $0 + shares.bytes(of: $1) }
        let bytes = min(size, (keys + share).rounded(.up))
        let words =
            "\(keysText), and \(held.count) of \(kind.attributes.count) attributes besides, \(shares.words): "
            + "\(Figures.short(bytes)) bytes"
        return Size(bytes: bytes, assumption: bytes < (keys + share).rounded(.up) ? sizeText(bytes) : words)
    }

    private func sizeText(_ bytes: Double) -> String {
        "an entry is no larger than the item: \(Figures.short(bytes)) bytes"
    }

    private func keyNames(_ index: ContractIndex) -> Set<String> {
        Set([table.partitionKey, table.sortKey, index.partitionKey, index.sortKey].compactMap { $0?.name })
    }

    /// The attributes that an index which does not hold all of them holds.
    func projectedNames(_ index: ContractIndex) -> Set<String> {
        var names = keyNames(index)
        if case .include(let included) = index.projection { names.formUnion(included) }
        return names
    }
}

/// What the items of a table, or their entries in an index, take to keep.
///
/// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html (an item is billed
/// with 100 bytes more) and
/// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.StorageConsiderations (so is each entry)
struct StorageEstimate {
    /// Bytes that each item, and each entry of an index, is billed more than its own.
    static let overheadInBytes = 100.0
    /// Bytes that an item which only holds the place of a unique value is taken to have: its key, twice at most, and little besides.
    static let lookupInBytes = 100.0

    private let table: ContractTable
    private let assumptions: CapacityAssumptions
    /// Items that hold places of unique values of kinds whose number is known.
    private let lookups: Double

    /// - Parameter contract: the contract that the table is of: kinds in any of its tables may have their places in this one.
    init(table: ContractTable, of contract: MigrationContract, assumptions: CapacityAssumptions) {
        self.table = table
        self.assumptions = assumptions
        guard !table.lookupItems.isEmpty else {
            lookups = 0
            return
        }
        lookups = contract.tables.reduce(0) { sum, owner in
            sum
                + owner.entities.reduce(0) { sum, entity in
                    guard let count = assumptions.itemCount(of: entity, in: owner) else { return sum }
                    let guarded = EntityLayout(table: owner, entity: entity).guarded(entity.uniqueConstraints)
                    let here = guarded.filter { constraint in
                        guard let lookup = constraint.lookup, lookup.table == table.name else { return false }
                        // Who counts the items of a table that only holds places, or of their kind, has counted these.
                        if owner.name != table.name, assumptions.itemCount(of: table) != nil { return false }
                        let kind = lookup.entity.flatMap { table.entity(named: $0) }
                        return kind.flatMap { assumptions.itemCount(of: $0, in: table) } == nil
                    }
                    return sum + count * Double(here.count)
                }
        }
    }

    /// Bytes of the table, or of one index; nil where nobody said how many items there are.
    func bytes(index: ContractIndex?) -> Double? {
        let places = index == nil ? lookups * (Self.lookupInBytes + Self.overheadInBytes) : 0
        return items(index: index).map { $0 + places } ?? (places > 0 ? places : nil)
    }

    /// What was assumed to say how many of the table's items are in it, or of which size.
    func assumptions(index: ContractIndex?) -> [String] {
        guard bytes(index: index) != nil else { return [] }
        return [assumptionOfKinds(index: index), index.flatMap { assumptions.share(of: $0, in: table).assumption }]
            .compactMap(\.self)
    }

    private func assumptionOfKinds(index: ContractIndex?) -> String? {
        guard table.entities.count > 1 else { return nil }
        let isCounted = table.entities.contains { assumptions.itemCount(of: $0, in: table) != nil }
        guard isCounted else {
            return assumptions.itemCount(of: table) == nil ? nil : CapacityAssumptions.equalSplit(of: table)
        }
        let inside = table.entities.filter { entity in index.map { entity.appears(in: $0, of: table) } ?? true }
        return assumptions.assumption(ofKinds: inside, in: table)
    }

    private func items(index: ContractIndex?) -> Double? {
        let share = index.map { assumptions.share(of: $0, in: table).share } ?? 1
        return ofKinds(index: index).map { $0 * share }
            ?? index.flatMap { index in index.estimatedItemCount.map { Double($0) * meanEntry(in: index) } }
    }

    private func meanEntry(in index: ContractIndex) -> Double {
        let kinds = table.entities.filter { $0.appears(in: index, of: table) }
        return kinds.reduce(0) { $0 + entry($1, in: index) } / Double(max(1, kinds.count))
    }

    /// Bytes that an item, or its entry in the index, is billed; 0 where its kind is not in it.
    private func entry(_ entity: ContractEntity, in index: ContractIndex?) -> Double {
        let sizes = ItemSizes(table: table, standard: assumptions.itemSizeInBytes)
        let whole = sizes.whole(entity.name).bytes
        guard let index else { return whole + StorageEstimate.overheadInBytes }
        guard entity.appears(in: index, of: table) else { return 0 }
        return sizes.projected(whole, of: entity.name, in: index).bytes + StorageEstimate.overheadInBytes
    }

    /// Of all items whose kinds have the index's keys.
    private func ofKinds(index: ContractIndex?) -> Double? {
        let counts = table.entities.map { ($0, assumptions.itemCount(of: $0, in: table)) }
        if counts.contains(where: { $0.1 != nil }) {
            let known = counts.filter { entity, count in
                count != nil && (index.map { entity.appears(in: $0, of: table) } ?? true)
            }
            return known.isEmpty ? nil : known.reduce(0) { $0 + ($1.1 ?? 0) * entry($1.0, in: index) }
        }
        guard let total = assumptions.itemCount(of: table), !table.entities.isEmpty else { return nil }
        return total * table.entities.reduce(0) { $0 + entry($1, in: index) } / Double(table.entities.count)
    }
}
