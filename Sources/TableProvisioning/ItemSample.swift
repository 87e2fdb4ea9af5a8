public import ContractModel
public import Tidemark

/// Items of a table held against the contract. It counts, and names attributes; it holds no value of any item.
public struct ItemSample: Sendable, Equatable {
    /// What items have in common that the contract does not foresee.
    public enum Kind: String, Sendable, CaseIterable {
        /// Keys of no kind of item.
        case unknownKind
        /// A key that its template does not make.
        case keyTemplate
        /// An attribute of another type.
        case type
        /// A date or a number that is not written in its format, or a value that no case gives.
        case format
        /// An attribute that each item has by the contract.
        case missing
        /// An attribute that the contract does not have.
        case unknownAttribute
        /// A copy of another item's value that is not there.
        case missingCopy
        /// A unique value without the lookup item that holds its place: another item can take it.
        case missingLookup
        /// A lookup item that holds the place of a value which no item has: nobody can take it.
        case orphanLookup
        /// Items larger than estimated, on average by a tenth or more.
        case size
        /// An attribute of the contract that no item has.
        case neverSeen
        /// Items less than half as large as estimated.
        case smallSize
        /// A copy that is not what its original in the sample has now.
        case otherCopy
        /// A unique value and a lookup item of which only one is in the sample, which is not of the whole table.
        case unseenLookup

        init(_ departure: StoredItemCheck.Departure.Kind) {
            switch departure {
            case .key: self = .keyTemplate
            case .format: self = .format
            case .missing: self = .missing
            }
        }

        /// Whether it breaks the contract; the others are for people to know: a copy may be meant to keep what was.
        public var isDrift: Bool { ![.neverSeen, .smallSize, .otherCopy, .unseenLookup].contains(self) }
    }

    /// One finding.
    public struct Finding: Sendable, Equatable {
        /// What it is.
        public var kind: Kind
        /// The kind of item; "" for items of none.
        public var entity: String
        /// The attribute; "" where it is about whole items.
        public var attribute: String
        /// What was found, as a sentence without its end: "price is S, the contract says N".
        public var words: String
        /// How many items it concerns.
        public var count: Int
        /// Of how many that were sampled.
        public var of: Int
    }

    /// The items of one kind.
    public struct EntityFigures: Sendable, Equatable {
        /// The kind.
        public var entity: String
        /// How many were sampled.
        public var count = 0
        /// Bytes of all of them.
        public var bytes = 0
        /// Bytes of the largest.
        public var largest = 0
        /// What the contract estimates; nil where it does not.
        public var estimate: Int?

        /// Bytes on average.
        public var average: Int { count > 0 ? Int((Double(bytes) / Double(count)).rounded()) : 0 }
    }

    /// The table.
    public var table: String
    /// Items that were read.
    public private(set) var count = 0
    /// Whether these are all items of the table, so that what is not among them is nowhere.
    public var isWhole = false
    /// Each kind of item of the contract, in its order.
    public private(set) var entities: [EntityFigures]
    private var broken: [Breach: Int] = [:]
    private var seen: [String: Set<String>] = [:]
    private let contract: ContractTable
    private let ignored: Set<String>
    private let checks: [StoredItemCheck]
    private var copies: CopySample
    private var lookups: LookupSample
    private var compared: [Finding] = []

    private struct Breach: Hashable {
        var kind: Kind
        var entity: String
        var attribute: String
        var words: String
    }

    /// Starts without items.
    ///
    /// - Parameters:
    ///   - timeToLive: the attribute by which items expire, which may be absent from the contract.
    ///   - whole: the contract that the table is of, for copies of what other tables hold; nil for this table alone.
    public init(of table: ContractTable, timeToLive: String? = nil, in whole: MigrationContract? = nil) {
        self.table = table.name
        contract = table
        ignored = Set([timeToLive].compactMap(\.self))
        checks = table.entities.map { StoredItemCheck(table: table, entity: $0) }
        copies = CopySample(of: table, in: whole ?? MigrationContract(tables: [table]))
        lookups = LookupSample(of: table, in: whole ?? MigrationContract(tables: [table]))
        entities = table.entities.map {
            EntityFigures(entity: $0.name, estimate: table.estimatedItemSizeInBytes(of: $0.name))
        }
    }

    /// Takes one item in.
    public mutating func add(_ item: Item) {
        count += 1
        if isLookup(item) { return lookups.hold(item) }
        guard let place = contract.entities.indices.first(where: { isOf(contract.entities[$0], item) }) else {
            note(.unknownKind, "", "", "keys that no kind of item of the contract has")
            return
        }
        let entity = contract.entities[place]
        lookups.take(item, of: place)
        let size = ItemSize.bytes(of: item)
        entities[place].count += 1
        entities[place].bytes += size
        entities[place].largest = max(entities[place].largest, size)
        var told: Set<String> = []
        for departure in checks[place].departures(of: item) {
            note(Kind(departure.kind), entity.name, departure.attribute, departure.words)
            told.insert(departure.attribute)
        }
        for attribute in copies.take(item, of: entity) where !told.contains(attribute) {
            note(.missingCopy, entity.name, attribute, "\(attribute), a copy of another item's value, is missing")
        }
        for (name, value) in item {
            seen[entity.name, default: []].insert(name)
            let wanted = entity.attribute(named: name)?.type ?? indexKeyType(name)
            guard let wanted else {
                if !ignored.contains(name), !isKey(name) {
                    note(.unknownAttribute, entity.name, name, "\(name) is not in the contract")
                }
                continue
            }
            guard value.type != wanted else { continue }
            note(
                .type, entity.name, name,
                "\(name) is \(value.type.rawValue), the contract says \(wanted.rawValue)")
        }
    }

    /// Whether the item only holds the place of a unique value, as repositories write it: that is no kind of its own.
    private func isLookup(_ item: Item) -> Bool {
        contract.lookupItems.contains { lookup in
            guard let template = lookup.partitionKeyTemplate,
                item.keys.allSatisfy({ isKey($0) || lookup.copies.contains($0) }),
                let text = text(of: contract.partitionKey, in: item), KeyForm(template, known: [:]).matches(text)
            else { return false }
            guard let sort = contract.sortKey else { return true }
            guard let own = self.text(of: sort, in: item) else { return false }
            return lookup.sortKeyTemplate.map { KeyForm($0, known: [:]).matches(own) } ?? (own == text)
        }
    }

    /// A key's text as templates make it, of a value of the key's own type.
    private func text(of key: KeyAttribute, in item: Item) -> String? {
        item[key.name].flatMap { $0.type == key.type ? $0.keyText : nil }
    }

    private func isKey(_ name: String) -> Bool { contract.partitionKey.name == name || contract.sortKey?.name == name }

    /// Of an index's key that templates make, which stands among no entity's attributes.
    private func indexKeyType(_ name: String) -> AttributeType? {
        let keys = contract.indexes.flatMap { [$0.partitionKey, $0.sortKey] }
        return keys.compactMap(\.self).first { $0.name == name }?.type
    }

    private mutating func note(_ kind: Kind, _ entity: String, _ attribute: String, _ words: String) {
        broken[Breach(kind: kind, entity: entity, attribute: attribute, words: words), default: 0] += 1
    }

    // MARK: Keys

    /// Whether the item's keys have the fixed texts of the entity's templates.
    private func isOf(_ entity: ContractEntity, _ item: Item) -> Bool {
        [contract.partitionKey, contract.sortKey].compactMap(\.self).allSatisfy { key in
            guard let template = template(of: key, entity), let text = item[key.name]?.stringValue else { return true }
            return KeyForm(template, known: [:]).matches(text)
        }
    }

    private func template(of key: KeyAttribute, _ entity: ContractEntity) -> KeyTemplate? {
        if key == contract.partitionKey {
            return entity.partitionKeyTemplate ?? entity.attribute(named: key.name)?.format
        }
        return entity.sortKeyTemplate ?? entity.attribute(named: key.name)?.format
    }

    /// Holds copies and unique values in these items against their originals and lookup items, as far as those are in one of the
    /// samples.
    public mutating func compare(with samples: [ItemSample]) {
        compared = copies.comparison(with: samples.map(\.copies)).map { result in
            Finding(
                kind: .otherCopy, entity: result.entity, attribute: result.attribute,
                words:
                    "\(result.attribute) is not what \(result.original) has now, of those whose original is in the sample",
                count: result.others, of: result.compared)
        }
        let whole = Set(samples.filter(\.isWhole).map(\.table))
        compared += lookups.findings(among: samples.map(\.lookups), whole: whole)
    }

    // MARK: Findings

    /// An average above this multiple of the estimate is drift.
    private static let tolerance = 1.1
    /// An average below this share of the estimate makes capacity too dear.
    private static let smallShare = 0.5
    /// From so many items on their not having an attribute says something.
    private static let enough = 10

    /// What was found, drift first.
    public var findings: [Finding] {
        var found = broken.map { breach, count in
            Finding(
                kind: breach.kind, entity: breach.entity, attribute: breach.attribute, words: breach.words,
                count: count,
                of: breach.entity.isEmpty ? self.count : figures(breach.entity)?.count ?? self.count)
        }
        for figures in entities where figures.count > 0 { found += sizes(figures) + absent(figures) }
        found += compared
        let order = Kind.allCases
        return found.sorted {
            let (left, right) = (order.firstIndex(of: $0.kind) ?? 0, order.firstIndex(of: $1.kind) ?? 0)
            return (left, $0.entity, $0.attribute, $0.words) < (right, $1.entity, $1.attribute, $1.words)
        }
    }

    private func figures(_ entity: String) -> EntityFigures? { entities.first { $0.entity == entity } }

    private func sizes(_ figures: EntityFigures) -> [Finding] {
        guard let estimate = figures.estimate, estimate > 0 else { return [] }
        let average = Double(figures.average)
        let words = "\(Words.number(figures.average)) bytes on average, the estimate says \(Words.number(estimate))"
        let kind: Kind? =
            average > Double(estimate) * ItemSample.tolerance
            ? .size : average < Double(estimate) * ItemSample.smallShare ? .smallSize : nil
        return kind.map {
            [
                Finding(
                    kind: $0, entity: figures.entity, attribute: "", words: words, count: figures.count,
                    of: figures.count)
            ]
        } ?? []
    }

    private func absent(_ figures: EntityFigures) -> [Finding] {
        guard figures.count >= ItemSample.enough, let entity = contract.entity(named: figures.entity) else { return [] }
        let known = seen[entity.name] ?? []
        return entity.attributes.map(\.name).filter { !known.contains($0) }.map {
            Finding(
                kind: .neverSeen, entity: entity.name, attribute: $0, words: "\($0) is in no item", count: 0,
                of: figures.count)
        }
    }
}
