internal import ContractModel

extension Linter {
    /// An index by a state, in which all new items go to one partition: they begin in the same state, however many there are.
    func overloadedByNewItems(
        _ table: ContractTable, _ index: ContractIndex?, _ key: KeyAttribute, at position: Position?
    ) -> Finding? {
        guard let index, key.estimatedDistinctValues ?? 0 <= StateWords.mostStates else { return nil }
        let states = known.views(of: table.name).filter { $0.appears(in: index) }.compactMap { view in
            view.state(of: key, index).map { (kind: view.entity.name, name: $0) }
        }
        guard let state = states.first?.name else { return nil }
        let kinds = Set(states.map(\.kind))
        let writes = known.charges(table: table.name, index: index.name, ofNewItemsOf: kinds)
        let needed = PartitionLimit.load(reads: 0, writes: writes)
        guard needed > 1 else { return nil }
        let place = "\(table.name).\(index.name)"
        var found = finding(
            .onePartitionOverloaded, at: position, about: place,
            "\(place) is asked for \(Figures.whole(writes)) write units a second by items that are put, which takes "
                + "\(Figures.short(needed.rounded(.up))) partitions, while its key is made of \(state) alone: new items begin with one "
                + "value of it, and all go to one partition (by the name \(state)).",
            advice:
                "Put a value that spreads, or a shard, in front of \(state); or leave items out of the index until they have a state that "
                + "somebody looks for.")
        // A name is a sign and no proof.
        found.severity = .warning
        return found
    }
}

/// Names of what an item goes through.
private enum StateWords {
    static let all: Set = ["status", "state", "stage"]
    /// Who counts more values than these speaks of no state.
    static let mostStates = 100
}

extension LintLookup {
    /// The write units a second of an index for items of these kinds that are put anew.
    fileprivate func charges(table: String, index: String, ofNewItemsOf kinds: Set<String>) -> Double {
        puts(table: table, index: index).reduce(0) { sum, charge in
            let isOfThem = charge.entity.map(kinds.contains) ?? (views(of: table).count == 1)
            return isOfThem ? sum + charge.writeUnitsPerSecond : sum
        }
    }
}

extension EntityView {
    /// The state that alone makes an index's partition key; nil where it is made of anything else.
    fileprivate func state(of key: KeyAttribute, _ index: ContractIndex) -> String? {
        guard let made = single(of: key, index), made.join == nil, made.calculation == nil else { return nil }
        return ([made.name] + made.sourceColumns).first {
            NameStem.words($0).last.map(StateWords.all.contains) ?? false
        }
    }

    /// The attribute whose value is all that varies in a key.
    private func single(of key: KeyAttribute, _ index: ContractIndex) -> ContractAttribute? {
        guard let template = entity.template(of: key, of: index, in: table) else { return attribute(key.name) }
        return template.placeholders.count == 1 ? source(of: template.placeholders[0], key: key.name) : nil
    }
}
