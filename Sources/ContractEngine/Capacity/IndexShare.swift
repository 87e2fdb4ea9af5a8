internal import ContractModel

/// The share of items that are in an index, of those whose kind has its keys.
struct IndexShare: Equatable {
    /// In 0...1. What an index's entries are read, written and stored for on average.
    var share: Double = 1
    /// What says so, or that nothing does, as a sentence without its end; nil where every item is in it by the contract.
    var assumption: String?

    /// " × 5%", which a formula ends with; nothing where all are in it.
    var factor: String { share == 1 ? "" : " × \(Figures.percent(share))" }
}

extension CapacityAssumptions {
    /// The share of an index: as it was given, as items are counted, as the documents say it, else all.
    func share(of index: ContractIndex, in table: ContractTable) -> IndexShare {
        let place = "\(table.name).\(index.name)"
        if let given = indexShares[place] { return IndexShare(share: given) }
        let kinds = table.entities.filter { $0.appears(in: index, of: table) }
        if let counted = countedShare(of: index, kinds, in: table) { return counted }
        let sparse = index.reasons.filter { $0.topic == .sparseness && !$0.deniesSparseness }
        for reason in sparse {
            guard let stated = StatedShare(reason.text, of: kinds, in: table) else { continue }
            return IndexShare(
                share: stated.share,
                assumption:
                    "\(Figures.percent(stated.share)) of the items that can be in \(place) are, as its documents say "
                    + "(\"\(stated.text)\")")
        }
        guard let why = reasonForLess(kinds, in: index, of: table) ?? sparse.first?.text else { return IndexShare() }
        let items = table.isMultiEntity ? "item \(Figures.list(kinds.map(\.name)))" : "item"
        return IndexShare(
            assumption:
                "every \(items) is in the index \(place), though it is sparse (\(why)): no document says how many are "
                + "(share-percent.\(place) tells)")
    }

    private func countedShare(
        of index: ContractIndex, _ kinds: [ContractEntity], in table: ContractTable
    ) -> IndexShare? {
        guard let count = index.estimatedItemCount.map(Double.init) else { return nil }
        let counts = kinds.map { itemCount(of: $0, in: table) }
        let total = counts.reduce(0) { $0 + ($1 ?? 0) }
        guard !counts.contains(nil), total > 0 else { return nil }
        let share = min(1, count / total)
        let text =
            "\(Figures.percent(share)) of the items that can be in \(table.name).\(index.name) are: "
            + "\(Figures.short(count)) of \(Figures.short(total)), as they are counted"
        return IndexShare(share: share, assumption: text)
    }

    /// The first sign that items of these kinds can be without the index's keys.
    private func reasonForLess(_ kinds: [ContractEntity], in index: ContractIndex, of table: ContractTable) -> String? {
        for kind in kinds {
            for key in [index.partitionKey, index.sortKey].compactMap(\.self) {
                let why = KeyAbsence.reason(
                    of: key, in: index, of: table, kind, attribute: kind.attribute, countsCases: true)
                if let why { return "\(key.name) can be absent: \(why)" }
            }
        }
        return nil
    }
}

extension DesignReason {
    /// "Sparse: No - all users have one", and `"sparse": false`.
    var deniesSparseness: Bool {
        topic == .sparseness && (NameStem.words(text).first == "no" || text == "false")
    }
}
