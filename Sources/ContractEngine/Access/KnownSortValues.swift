internal import ContractModel

/// What of a sort key a pattern's caller knows: the first values stand in the key condition, the next is open to a range.
extension OperationAccessReader {
    /// Words of patterns that are about some of the values, and not one.
    private static let ranges: Set = [
        "search", "prefix", "begin", "begins", "beginning", "start", "starts", "starting", "autocomplete", "range",
        "between", "since", "before", "after", "like", "matching", "suggest",
    ]

    /// The same of deletions, which must not take more than is meant.
    private static let parts = ranges.union([
        "older", "newer", "than", "until", "expired", "old", "outdated", "stale", "except", "but",
    ])

    /// Narrows the step to what its caller knows.
    func confine(_ step: inout PatternStep, of pattern: AccessPattern, _ view: EntityView) {
        let texts = [pattern.summary] + pattern.keyAttributes
        if step.way == .partition, step.operation.isWrite {
            let isRange = texts.contains { !Self.parts.isDisjoint(with: NameStem.words($0)) }
            let deletion = PartitionDeletion(of: view, knowing: names.known(to: pattern), isRange: isRange)
            (step.sortValues, step.filters, step.refusal) = (deletion.sortValues, deletion.filters, deletion.refusal)
            return
        }
        readByKey(&step, of: pattern, view)
        step.sortValues = sortValues(step, of: pattern, view)
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

    /// The values of the sort key that the caller knows, from the left: the order whose lines are read. The last one of a key is left
    /// open, since a Query is of several items, and so is a time, of which a Query may read a stretch, unless a value behind it is
    /// known.
    private func sortValues(_ step: PatternStep, of pattern: AccessPattern, _ view: EntityView) -> Int {
        let index: ContractIndex?
        switch step.way {
        case .index(let found): index = found
        case .partition: index = nil
        default: index = step.operation.index.flatMap { view.table.index(named: $0) }
        }
        guard step.operation.operation == "Query" || step.way == .partition,
            Self.ranges.isDisjoint(with: NameStem.words(pattern.summary)),
            let needs = index == nil ? view.sort : index.flatMap({ view.sort(of: $0) })
        else { return 0 }
        let exact = pattern.keyAttributes.filter { Self.ranges.isDisjoint(with: NameStem.words($0)) }
        var told = pattern
        told.keyAttributes = exact
        let known = names.words(knownTo: told)
        let partition =
            (index == nil ? view.partition : index.flatMap { view.partition(of: $0) })?.values.map(\.name) ?? []
        let count = needs.values.prefix { partition.contains($0.name) || !$0.words.isDisjoint(with: known) }.count
        guard count > 0 else { return 0 }
        let last = needs.values[count - 1].name
        let isTime = view.attribute(last).map { EntityView.isTime($0) } ?? EntityView.isTime(last)
        return count == needs.values.count || isTime && !partition.contains(last) ? count - 1 : count
    }
}
