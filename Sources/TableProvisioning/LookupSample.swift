internal import ContractModel
internal import Tidemark

/// Unique values and the lookup items that hold their places, as sampled items have them. It keeps fingerprints, which say whether
/// two keys are equal and nothing else; each run's are its own.
struct LookupSample: Sendable, Equatable {
    /// Unique values of a kind of item, and the table that their lookup items are in.
    private struct Constraint: Sendable, Hashable {
        var entity: String
        /// "email", "region+nickname".
        var attributes: String
        var table: String
    }

    private let table: ContractTable
    private let places: [UniquePlaces]
    /// The tables whose items have their places in this one.
    private let owners: Set<String>
    private var needed: [Constraint: [Int]] = [:]
    private var held: [Int] = []

    init(of table: ContractTable, in contract: MigrationContract) {
        self.table = table
        places = table.entities.map { UniquePlaces(table: table, entity: $0) }
        owners = Set(
            contract.tables.filter { owner in
                owner.entities.contains { $0.uniqueConstraints.contains { $0.lookup?.table == table.name } }
            }.map(\.name))
    }

    /// Takes in an item of the kind at that place of the table's entities.
    mutating func take(_ item: Item, of place: Int) {
        for needed in places[place].places(of: item) {
            let constraint = Constraint(
                entity: table.entities[place].name, attributes: needed.attributes.joined(separator: "+"),
                table: needed.table)
            self.needed[constraint, default: []].append(LookupSample.fingerprint(needed.key))
        }
    }

    /// Takes in a lookup item.
    mutating func hold(_ item: Item) {
        let names = [table.partitionKey.name, table.sortKey?.name]
        held.append(LookupSample.fingerprint(item.filter { names.contains($0.key) }))
    }

    /// What these items and those of the other samples have of each other.
    ///
    /// - Parameter whole: tables of which every item is in a sample: of the others nobody can say that something is not there.
    func findings(among samples: [LookupSample], whole: Set<String>) -> [ItemSample.Finding] {
        withoutLookup(among: samples, whole: whole) + withoutOwner(among: samples, whole: whole)
    }

    private func withoutLookup(among samples: [LookupSample], whole: Set<String>) -> [ItemSample.Finding] {
        needed.compactMap { constraint, values in
            guard let holder = samples.first(where: { $0.table.name == constraint.table }) else { return nil }
            let there = Set(holder.held)
            let missing = values.count { !there.contains($0) }
            guard missing > 0 else { return nil }
            let isSure = whole.contains(constraint.table)
            let words =
                isSure
                ? "\(constraint.attributes) has no lookup item in \(constraint.table) that holds its place"
                : "the lookup item of \(constraint.attributes) is not in the sample of \(constraint.table): only one of the "
                    + "whole table shows whether it is missing"
            return ItemSample.Finding(
                kind: isSure ? .missingLookup : .unseenLookup, entity: constraint.entity,
                attribute: constraint.attributes, words: words, count: missing, of: values.count)
        }
    }

    private func withoutOwner(among samples: [LookupSample], whole: Set<String>) -> [ItemSample.Finding] {
        guard !held.isEmpty else { return [] }
        let wanted = samples.reduce(into: Set<Int>()) { wanted, sample in
            for (constraint, values) in sample.needed where constraint.table == table.name { wanted.formUnion(values) }
        }
        let orphans = held.count { !wanted.contains($0) }
        guard orphans > 0 else { return [] }
        let isSure = owners.isSubset(of: whole)
        let words =
            isSure
            ? "lookup items that hold the place of a value which no item has"
            : "lookup items whose owner is not in the sample: only one of the whole table shows whether there is one"
        return [
            ItemSample.Finding(
                kind: isSure ? .orphanLookup : .unseenLookup, entity: "", attribute: "", words: words, count: orphans,
                of: held.count)
        ]
    }

    private static func fingerprint(_ key: Item) -> Int {
        var hasher = Hasher()
        for (name, value) in key.sorted(by: { $0.key < $1.key }) {
            hasher.combine(name)
            hasher.combine(value.keyIdentity)
        }
        return hasher.finalize()
    }
}
