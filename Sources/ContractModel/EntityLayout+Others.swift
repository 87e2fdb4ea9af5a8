extension EntityLayout {
    /// Another kind of item in the table that a read of this kind can come upon, by what its keys are made of: the lines
    /// `ORDER#{order_id}#LINE#{line}` of orders `ORDER#{order_id}`.
    public struct Other: Sendable, Hashable {
        /// The partition key's templates.
        public var partition: [KeyTemplate]
        /// The sort key's; empty where the table has none.
        public var sort: [KeyTemplate]

        /// Names the templates of another kind.
        public init(partition: [KeyTemplate], sort: [KeyTemplate] = []) {
            self.partition = partition
            self.sort = sort
        }
    }
}

/// The kinds of items of a table by what their keys begin with. Made once for a table.
package struct TableKinds {
    private struct Kind {
        var name: String
        var keys: EntityLayout.Other
        /// What stands in front of the first hole of each template of the sort key.
        var leads: [String]
        /// What its keys of each index that it appears in are made of.
        var indexes: [String: EntityLayout.Other] = [:]
    }

    private let kinds: [Kind]

    package init(_ table: ContractTable) {
        guard table.entities.count > 1 else {
            kinds = []
            return
        }
        kinds = table.entities.map { entity in
            let layout = EntityLayout(table: table, entity: entity)
            func templates(_ key: KeyAttribute?) -> [KeyTemplate] {
                guard let key else { return [] }
                return layout.key(named: key.name)?.rule.templates ?? [KeyTemplate("{\(key.name)}")]
            }
            let keys = EntityLayout.Other(partition: templates(table.partitionKey), sort: templates(table.sortKey))
            var kind = Kind(name: entity.name, keys: keys, leads: keys.sort.map(\.leadingLiteral))
            for index in table.indexes where entity.appears(in: index, of: table) {
                kind.indexes[index.name] = EntityLayout.Other(
                    partition: templates(index.partitionKey), sort: templates(index.sortKey))
            }
            return kind
        }
    }

    /// The kinds that a Query or a Scan of one kind can come upon, in the contract's order.
    package func others(of entity: String) -> [EntityLayout.Other] {
        guard let own = kinds.first(where: { $0.name == entity }) else { return [] }
        return kinds.filter { $0.name != entity && Self.canMeet(own, $0) }.map(\.keys)
    }

    /// The kinds whose keys have the form of this kind's, and more: "ORDER#{order_id}#LINE#{line}" beside "ORDER#{order_id}". A
    /// Query of this kind by what its sort keys begin with reads them too.
    package func within(_ entity: String) -> [String] {
        guard let own = kinds.first(where: { $0.name == entity }), own.leads.contains(where: { !$0.isEmpty }) else {
            return []
        }
        return kinds.filter { $0.name != entity && $0.keys.isNarrower(than: own.keys) }.map(\.name)
    }

    /// The kinds that a Query of this kind by what its sort keys in the index begin with reads too: those whose keys there have the
    /// form of this kind's. Other than in a table, they may be the same.
    package func within(_ entity: String, index: String) -> [String] {
        guard let own = kinds.first(where: { $0.name == entity })?.indexes[index] else { return [] }
        let hasLead = own.sort.contains { !$0.leadingLiteral.isEmpty }
        return kinds.filter { kind in
            guard kind.name != entity, let keys = kind.indexes[index], keys.isWithin(own) else { return false }
            return hasLead || keys.sort.allSatisfy(\.leadingLiteral.isEmpty)
        }.map(\.name)
    }

    private static func canMeet(_ own: Kind, _ other: Kind) -> Bool {
        if canBegin(own.keys.partition.map(\.leadingLiteral), other.keys.partition.map(\.leadingLiteral)),
            canBegin(own.leads, other.leads)
        {
            return true
        }
        return own.indexes.contains { name, keys in
            guard let theirs = other.indexes[name] else { return false }
            return canBegin(keys.partition.map(\.leadingLiteral), theirs.partition.map(\.leadingLiteral))
                && canBegin(keys.sort.map(\.leadingLiteral), theirs.sort.map(\.leadingLiteral))
        }
    }

    /// Whether a text of one can begin as one of the other does; nothing to begin with is no difference.
    private static func canBegin(_ left: [String], _ right: [String]) -> Bool {
        if left.isEmpty || right.isEmpty { return true }
        return left.contains { one in right.contains { one.hasPrefix($0) || $0.hasPrefix(one) } }
    }
}

extension EntityLayout.Other {
    /// Whether a key of these templates has their form.
    package func matches(partition: String, sort: String?) -> Bool {
        self.partition.contains { $0.matches(partition) }
            && (sort.map { text in self.sort.contains { $0.matches(text) } } ?? true)
    }

    /// Whether all keys of this kind have the form of the other's too, and not the other way round.
    package func isNarrower(than other: EntityLayout.Other) -> Bool { isWithin(other) && !other.isWithin(self) }

    fileprivate func isWithin(_ other: EntityLayout.Other) -> Bool {
        func fits(_ own: [KeyTemplate], _ theirs: [KeyTemplate]) -> Bool {
            own.isEmpty ? theirs.isEmpty : own.allSatisfy { one in theirs.contains { $0.matches(one.sample) } }
        }
        return fits(partition, other.partition) && fits(sort, other.sort)
    }
}

extension KeyTemplate {
    /// Whether the text has the template's form, whatever stands in its holes.
    package func matches(_ text: String) -> Bool { KeyForm(self, known: [:]).matches(text) }

    /// A key of the template whose values are of a character that no separator is made of.
    fileprivate var sample: String {
        pieces.map { if case .literal(let text) = $0 { text } else { "\u{1}" } }.joined()
    }
}
