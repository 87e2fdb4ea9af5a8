internal import ContractModel

/// What of a sort key a pattern's caller knows: the first values stand in the key condition, the next is open to a range.
extension OperationAccessReader {
    /// Words of deletions of a part of the items, which must not take more than is meant.
    private static let parts: Set = ["than", "expired", "old", "outdated", "stale", "except", "but"]

    /// Narrows the step to what its caller knows.
    func confine(_ step: inout PatternStep, of pattern: AccessPattern, _ view: EntityView) {
        let texts = [pattern.summary] + pattern.keyAttributes
        if step.way == .partition, step.operation.isWrite {
            let isRange = texts.contains {
                RangeWords.stretch(in: $0) != nil || !Self.parts.isDisjoint(with: NameStem.words($0))
            }
            let deletion = PartitionDeletion(of: view, knowing: names.known(to: pattern), isRange: isRange)
            (step.sortValues, step.filters, step.refusal) = (deletion.sortValues, deletion.filters, deletion.refusal)
            return
        }
        readByKey(&step, of: pattern, view)
        (step.sortValues, step.openTime) = sortValues(step, of: pattern, view)
    }

    /// A Query of one item, whose whole key is known, is a GetItem.
    private func readByKey(_ step: inout PatternStep, of pattern: AccessPattern, _ view: EntityView) {
        let known = names.words(knownTo: pattern)
        guard step.operation.operation == "Query", step.operation.index == nil, step.way == .key,
            view.hasWholeKey(knowing: known),
            view.isOneMoment(in: pattern), step.operation.itemsPerCall ?? 1 <= 1, OperationGuess.isOfOne(pattern)
        else { return }
        step.operation.operation = "GetItem"
        step.reasons.append(
            "\(step.asked.operation) on \(step.asked.table) is of the one item whose whole key its caller knows: GetItem reads it"
        )
    }

    /// How many values of the sort key the caller knows, from the left: the order whose lines are read. The last one of a key is left
    /// open, since a Query is of several items. So is a time, of which a Query may read a stretch, unless a value behind it is known
    /// or the words speak of one; where they speak of no stretch either, it is told too.
    private func sortValues(_ step: PatternStep, of pattern: AccessPattern, _ view: EntityView) -> (Int, String?) {
        let index: ContractIndex?
        switch step.way {
        case .index(let found): index = found
        case .partition: index = nil
        default: index = step.operation.index.flatMap { view.table.index(named: $0) }
        }
        guard step.operation.operation == "Query" || step.way == .partition,
            let values = (index == nil ? view.sort : index.flatMap { view.sort(of: $0) })?.values
        else { return (0, nil) }
        var told = pattern
        told.keyAttributes = pattern.keyAttributes.filter { text in
            // What a placeholder names in "begins_with ORDER#<order_id>" is known whole.
            let isFilled = text.contains { "{<".contains($0) }
            return RangeWords.stretch(in: isFilled ? text.replacing("begins_with", with: "") : text) == nil
        }
        let known = names.words(knownTo: told)
        let partition =
            (index == nil ? view.partition : index.flatMap { view.partition(of: $0) })?.values.map(\.name) ?? []
        let count = values.prefix { partition.contains($0.name) || !$0.words.isDisjoint(with: known) }.count
        func isTime(_ name: String) -> Bool {
            !partition.contains(name) && view.attribute(name).map { EntityView.isTime($0) } ?? EntityView.isTime(name)
        }
        let time = values.firstIndex { isTime($0.name) }
        if let stretch = RangeWords.stretch(in: pattern.summary) {
            if let time { return (min(count, time), nil) }
            if stretch == .values { return (0, nil) }
        }
        guard count > 0 else { return (0, nil) }
        guard count < values.count else { return (count - 1, nil) }
        let last = values[count - 1].name
        guard isTime(last), !RangeWords.areOfOne(last, view.attribute(last), in: pattern.summary) else {
            return (count, nil)
        }
        return (count - 1, last)
    }
}
