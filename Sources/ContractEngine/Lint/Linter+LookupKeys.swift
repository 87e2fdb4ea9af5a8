internal import ContractModel

extension Linter {
    /// Lookup items whose keys can be longer than DynamoDB takes: whoever creates an item with such a value is refused.
    func lookupLengths() -> [Finding] {
        entities.flatMap { view in
            view.entity.uniqueConstraints.enumerated().compactMap { number, constraint in
                let marks = view.marks?.uniqueConstraints ?? []
                return tooLong(constraint, of: view, at: marks.indices.contains(number) ? marks[number] : nil)
            }
        }
    }

    /// What 320 characters take at most, of which an e-mail address may have so many: columns are made as wide by habit, and no value in
    /// them is.
    private static let widthOfHabit = 1_280

    private func tooLong(_ constraint: UniqueConstraint, of view: EntityView, at position: Position?) -> Finding? {
        // What the contract describes as a kind of item has keys of its own, which are judged there.
        guard constraint.flaw == nil, let lookup = constraint.lookup, lookup.entity == nil, let keys = lookup.keys,
            let partition = lookup.partitionKeyTemplate
        else { return nil }
        var parts = [(keys.partition, partition, true)]
        if let sort = keys.sort { parts.append((sort, lookup.sortKeyTemplate ?? partition, false)) }
        return parts.lazy.compactMap { attribute, template, isPartition -> Finding? in
            let limit = isPartition ? KeyLimit.partitionBytes : KeyLimit.sortBytes
            let key = EntityView.Key(
                attribute: attribute, isPartition: isPartition, place: lookup.table, template: template)
            let texts = template.pieces.reduce(0) { sum, piece in
                if case .literal(let text) = piece { sum + text.utf8.count } else { sum }
            }
            guard let bytes = view.longest(key), bytes > limit, bytes - texts > Self.widthOfHabit else { return nil }
            let names = Figures.list(constraint.attributes)
            return finding(
                .keyTooLong, at: position ?? view.marks?.start,
                about: view.subject(constraint.attributes.joined(separator: "+")),
                "\(attribute.name), the \(isPartition ? "partition" : "sort") key of the lookup item of \(names) of \(view.name), can "
                    + "have \(Figures.whole(Double(bytes))) bytes by its sources' lengths; DynamoDB takes "
                    + "\(Figures.whole(Double(limit))).",
                advice: isPartition || lookup.sortKeyTemplate != nil
                    ? "Make it from shorter values or from a hash, or say the real `max_length`."
                    : "Give it a short `sk_template`, since without one the sort key is the partition key's text; or say the real "
                        + "`max_length`.")
        }.first
    }
}
