internal import ContractModel

extension Linter {
    /// Estimated sizes against each other, against the limit, and against the attributes themselves.
    func sizes() -> [Finding] { oneForAll() + estimates() }

    private func oneForAll() -> [Finding] {
        tables.enumerated().compactMap { index, table in
            guard let size = table.estimatedItemSizeInBytes, table.entities.count > 1,
                table.entities.allSatisfy({ $0.estimatedItemSizeInBytes == nil })
            else { return nil }
            return finding(
                .oneSizeForAllEntities, at: marks(of: index)?.itemSize, about: table.name,
                "\(table.name) gives \(Figures.whole(Double(size))) bytes for every kind of its items: "
                    + "\(Figures.list(table.entities.map(\.name))) alike.",
                advice: "Give each entity its own `estimated_item_size_bytes`: units and dollars follow it.")
        }
    }

    private func estimates() -> [Finding] {
        entities.compactMap { view in
            guard let size = view.table.estimatedItemSizeInBytes(of: view.entity.name) else { return nil }
            let number = known.number(of: view.table.name) ?? 0
            let position = view.marks?.itemSize ?? marks(of: number)?.itemSize
            if size > ItemLimit.bytes {
                return finding(
                    .itemTooLarge, at: position, about: view.name,
                    "An item of \(view.name) is estimated at \(Figures.whole(Double(size))) bytes; DynamoDB takes "
                        + "\(Figures.whole(Double(ItemLimit.bytes))), names included.",
                    advice: "Split it, or put the large part elsewhere and keep its address.")
            }
            let least = view.leastBytes
            guard size < least else { return growing(view, beyond: size, at: position) }
            return finding(
                .itemSizeTooSmall, at: position, about: view.name,
                "An item of \(view.name) is estimated at \(Figures.whole(Double(size))) bytes; its \(view.entity.attributes.count) "
                    + "attributes have \(Figures.whole(Double(least))) in names and shortest values alone.",
                advice: "Reckon names plus values: units and dollars follow the size.")
        }
    }

    /// A warning: most items stay below what their columns could take.
    private func growing(_ view: EntityView, beyond size: Int, at position: Position?) -> Finding? {
        let lengths = view.entity.attributes.filter { $0.calculation == nil }.map { attribute in
            (name: attribute.name, bytes: attribute.maximumLengthInBytes ?? 0)
        }
        let most = lengths.reduce(0) { min($0 + min($1.bytes, 1 << 40), 1 << 40) }
        guard most > ItemLimit.bytes, let longest = lengths.max(by: { $0.bytes < $1.bytes }) else { return nil }
        var found = finding(
            .itemTooLarge, at: view.marks(of: longest.name)?.start ?? position, about: view.name,
            "An item of \(view.name) is estimated at \(Figures.whole(Double(size))) bytes and can have \(Figures.whole(Double(most))) by "
                + "its attributes' greatest lengths, \(longest.name) alone \(Figures.whole(Double(longest.bytes))); DynamoDB takes "
                + "\(Figures.whole(Double(ItemLimit.bytes))), names included.",
            advice: "Give its real greatest length (`max_length`), or put it elsewhere and keep its address.")
        found.severity = .warning
        return found
    }

    /// Demand against what partitions, tables and accounts serve.
    func limits() -> [Finding] { overloaded() + resources() + account() + indexCounts() }

    private func overloaded() -> [Finding] {
        tables.enumerated().flatMap { number, table -> [Finding] in
            let places =
                [(nil, table.partitionKey, nil)]
                + table.indexes.enumerated().map {
                    ($1 as ContractIndex?, $1.partitionKey, marks(of: number, index: $0))
                }
            return places.flatMap { index, key, marks -> [Finding] in
                guard let demand = known.demand(table: table.name, index: index?.name) else { return [] }
                let position = marks?.start ?? self.marks(of: number)?.partitionKey
                let whole = PartitionDemand(reads: demand.readUnitsPerSecond, writes: demand.writeUnitsPerSecond)
                if let values = cardinality(of: key, index: index, in: table),
                    let found = overloaded(table, index, key, nil, whole, values, at: position)
                        ?? overloadedByNewItems(table, index, key, at: position)
                {
                    return [found]
                }
                guard table.entities.count > 1, key.estimatedDistinctValues == nil else { return [] }
                return groups(of: key, index: index, in: table).compactMap { group in
                    overloaded(
                        table, index, key, group.kinds, self.demand(on: table, index, of: group.kinds), group.values,
                        at: position)
                }
            }
        }
    }

    /// Units a second.
    struct PartitionDemand {
        var reads = 0.0
        var writes = 0.0
    }

    private typealias FewValues = (count: Int, why: String, isByName: Bool)

    private func overloaded(
        _ table: ContractTable, _ index: ContractIndex?, _ key: KeyAttribute, _ kinds: [String]?,
        _ demand: PartitionDemand, _ values: FewValues, at position: Position?
    ) -> Finding? {
        let needed = PartitionLimit.load(reads: demand.reads, writes: demand.writes)
        guard needed > Double(values.count) else { return nil }
        let place = index.map { "\(table.name).\($0.name)" } ?? table.name
        let who = kinds.map { "\(Figures.list($0)) of \(place)" } ?? place
        let verb = (kinds?.count ?? 1) == 1 ? "is" : "are"
        var found = finding(
            .onePartitionOverloaded, at: position,
            about: kinds.map { "\(place) \($0.joined(separator: "+"))" } ?? place,
            "\(who) \(verb) asked for \(Figures.whole(demand.reads)) read and \(Figures.whole(demand.writes)) write units a "
                + "second, which takes \(Figures.short(needed.rounded(.up))) partitions, while the key \(key.name) has "
                + "\(values.count == 1 ? "one value" : "\(values.count) values") there (\(values.why)).",
            advice: values.isByName
                ? "Say how many it has (`estimated_distinct_keys`), or add a shard to the key, or choose one with more values."
                : "Add a shard to the key, or choose one with more values.")
        // A name is a sign and no proof.
        if values.isByName { found.severity = .warning }
        return found
    }

    /// About how many values a partition key has, where the contract gives a sign that they are few.
    private func cardinality(of key: KeyAttribute, index: ContractIndex?, in table: ContractTable) -> FewValues? {
        if let count = key.estimatedDistinctValues { return (count, "as the contract says", false) }
        let views = known.views(of: table.name).filter { view in index.map { view.appears(in: $0) } ?? true }
        let groups = groups(of: key, index: index, in: table)
        guard let first = groups.first, groups.reduce(0, { $0 + $1.kinds.count }) == views.count else { return nil }
        return (
            groups.reduce(0) { $0 + $1.values.count }, first.values.why, groups.contains { $0.values.isByName }
        )
    }

    /// Kinds of items with few values of a key; those with the same constant share its one partition.
    private func groups(
        of key: KeyAttribute, index: ContractIndex?, in table: ContractTable
    ) -> [(kinds: [String], values: FewValues)] {
        var groups: [(kinds: [String], values: FewValues)] = []
        for view in known.views(of: table.name) where index.map(view.appears) ?? true {
            guard let values = view.cardinality(of: key, index: index) else { continue }
            // A single value is a constant, which the reason quotes.
            if values.count == 1, let same = groups.firstIndex(where: { $0.values == values }) {
                groups[same].kinds.append(view.entity.name)
            } else {
                groups.append(([view.entity.name], values))
            }
        }
        return groups
    }

    func demand(on table: ContractTable, _ index: ContractIndex?, of kinds: [String]) -> PartitionDemand {
        known.charges(table: table.name, index: index?.name).filter { $0.entity.map(kinds.contains) ?? false }.reduce(
            into: PartitionDemand()
        ) {
            $0.reads += $1.readUnitsPerSecond
            $0.writes += $1.writeUnitsPerSecond
        }
    }

    private func resources() -> [Finding] {
        plan.resources.compactMap { demand in
            let place = demand.index.map { "\(demand.table).\($0)" } ?? demand.table
            let number = known.number(of: demand.table) ?? 0
            let indexNumber = demand.index.flatMap { name in tables[number].indexes.firstIndex { $0.name == name } }
            let position = indexNumber.flatMap { marks(of: number, index: $0)?.start } ?? marks(of: number)?.start
            let (reads, writes) = (demand.readUnitsPerSecond, demand.writeUnitsPerSecond)
            let told =
                "\(place) is asked for \(Figures.whole(reads)) read and \(Figures.whole(writes)) write units a second at peak"
            if reads > TableQuota.readUnits || writes > TableQuota.writeUnits {
                return finding(
                    .aboveQuota, at: position, about: place, "\(told); 40,000 of each are a table's default quota.",
                    advice: "Ask for a higher quota in time, or spread the load.")
            }
            guard reads > WarmThroughput.readUnitsPerSecond || writes > WarmThroughput.writeUnitsPerSecond else {
                return nil
            }
            return finding(
                .aboveWarmThroughput, at: position, about: place,
                "\(told); a new on-demand table serves 12,000 and 4,000 at once.",
                advice: "Set warm throughput before the first load, or let the load rise over hours.")
        }
    }

    /// All tables together: the quota is one of provisioned units, and is not asked about where every table is on demand.
    private func account() -> [Finding] {
        let onDemand = Set(tables.filter { $0.settings.billingMode == .onDemand }.map(\.name))
        let asked = plan.resources.filter { !onDemand.contains($0.table) }
        return [
            ("read", asked.reduce(0) { $0 + $1.readUnitsPerSecond }),
            ("write", asked.reduce(0) { $0 + $1.writeUnitsPerSecond }),
        ].compactMap { kind, units in
            guard units > AccountQuota.units, asked.count > 1 else { return nil }
            var found = finding(
                .aboveQuota, at: marks(of: 0)?.start, about: "account \(kind)s",
                "All tables and indexes together are asked for \(Figures.whole(units)) \(kind) units a second at peak; 80,000 of each are "
                    + "an account's default quota in a region where tables are provisioned.",
                advice:
                    "Ask for a higher quota in time, say that the tables are on demand (`billing_mode`), or spread them over accounts."
            )
            found.severity = .warning
            return found
        }
    }

    private func indexCounts() -> [Finding] {
        tables.enumerated().compactMap { number, table in
            guard table.indexes.count > TableQuota.indexes else { return nil }
            return finding(
                .tooManyIndexes, at: marks(of: number)?.start, about: table.name,
                "\(table.name) has \(table.indexes.count) global secondary indexes; \(TableQuota.indexes) are the default quota.",
                advice: "Let patterns share an index by overloading its keys.")
        }
    }
}

/// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
enum ItemLimit {
    /// Bytes of an item, names and values.
    static let bytes = 400 * 1024
}

/// What all provisioned tables of an account may have in a region without asking.
/// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
enum AccountQuota {
    static let units = 80_000.0
}

/// What a table may have without asking.
/// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
enum TableQuota {
    static let readUnits = 40_000.0
    static let writeUnits = 40_000.0
    static let indexes = 20
}

extension EntityView {
    /// The bytes of the names of all attributes that every item has, and of their shortest values.
    /// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    var leastBytes: Int {
        entity.attributes.reduce(0) { sum, attribute in
            guard attribute.isNullable != true, attribute.calculation == nil else { return sum }
            return sum + attribute.name.utf8.count + EntityView.leastBytes(attribute.type)
        }
    }

    private static func leastBytes(_ type: AttributeType) -> Int {
        switch type {
        case .S, .B, .BOOL, .NULL: 1
        case .N: 2
        case .SS, .NS, .BS, .M, .L: 3
        }
    }

    /// About how many values this kind of item gives a partition key; nil where nothing says that they are few.
    func cardinality(of key: KeyAttribute, index: ContractIndex?) -> (count: Int, why: String, isByName: Bool)? {
        let template = index.map { entity.template(of: key, of: $0, in: table) } ?? entity.template(of: key, in: table)
        if let template {
            if template.placeholders.isEmpty { return (1, "\"\(template.source.shown)\" is constant", false) }
            guard template.placeholders.count == 1 else { return nil }
            return source(of: template.placeholders[0], key: key.name).flatMap(few)
        }
        return attribute(key.name).flatMap(few)
    }

    private func few(_ attribute: ContractAttribute) -> (count: Int, why: String, isByName: Bool)? {
        if attribute.type == .BOOL { return (2, "a truth value", false) }
        if case .cases(let cases)? = attribute.calculation {
            let constants = (cases.branches.map(\.then) + [cases.otherwise].compactMap(\.self)).map(\.constantText)
            guard constants.allSatisfy({ $0 != nil }) else { return nil }
            return (Set(constants).count, "the values of its case", false)
        }
        guard attribute.join == nil else { return nil }
        if let count = LikelyValues.ofType(attribute.sourceType) {
            return (count, "its source's type lists them", false)
        }
        let names = [attribute.name] + attribute.sourceColumns
        return names.lazy.compactMap(LikelyValues.ofName).first.map { ($0.count, $0.why, true) }
    }
}

/// About how many values a column has whose name or type says that they are few.
private enum LikelyValues {
    private static let byWord: [String: Int] = [
        "flag": 2, "active": 2, "enabled": 2, "deleted": 2, "gender": 3, "sex": 3,
        "status": 5, "state": 5, "type": 5, "kind": 5, "level": 5, "priority": 5, "role": 5, "tier": 5, "severity": 5,
        "stage": 5, "currency": 20, "language": 20, "locale": 20, "country": 20, "category": 20, "region": 20,
    ]

    /// By the last word, which tells what the value is: `order_status` is a status, `status_note` is none. An id of one is not it.
    static func ofName(_ name: String) -> (count: Int, why: String)? {
        let words = NameStem.words(name)
        guard let first = words.first, let last = words.last else { return nil }
        if words.count > 1, first == "is" || first == "has" {
            return (2, "about 2, since the name \(name) is that of a yes or no")
        }
        let word = byWord[last] != nil ? last : last == "code" && words.count > 1 ? words[words.count - 2] : last
        return byWord[word].map { ($0, "about \($0), since the name \(name) is that of a \(word)") }
    }

    /// Of "ENUM('new', 'sent')" the number of its values.
    static func ofType(_ type: String?) -> Int? {
        guard let type, type.lowercased().hasPrefix("enum("), type.hasSuffix(")") else { return nil }
        return max(1, type.split(separator: ",").count)
    }
}
