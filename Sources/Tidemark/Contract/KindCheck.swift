internal import ContractModel

/// Tells the items of one kind from others of its table that a read by the beginning of a key, or of an index, brings with them.
struct KindCheck: Sendable {
    private let partition: String
    private let sort: String?
    private let own: EntityLayout.Other
    /// Kinds whose keys have this kind's form too.
    private let narrower: [EntityLayout.Other]

    /// Nil where a read of this kind comes upon no other.
    init?(_ layout: EntityLayout) {
        guard !layout.others.isEmpty, let partition = layout.keys.first(where: { $0.role == .partition }) else {
            return nil
        }
        let sort = layout.keys.first { $0.role == .sort }
        self.partition = partition.attribute
        self.sort = sort?.attribute
        let own = EntityLayout.Other(partition: partition.rule.templates, sort: sort?.rule.templates ?? [])
        self.own = own
        narrower = layout.others.filter { $0.isNarrower(than: own) }
    }

    /// Whether an item, or an index's entry of it, is of this kind.
    func isOwn(_ item: Item) -> Bool {
        guard let partition = item[partition]?.keyText else { return true }
        let sort = sort.flatMap { item[$0]?.keyText }
        return own.matches(partition: partition, sort: sort)
            && !narrower.contains { $0.matches(partition: partition, sort: sort) }
    }
}
