internal import ContractModel

extension Linter {
    /// Reads that DynamoDB refuses, and reads that bring more than they are for.
    func reads() -> [Finding] {
        let nested = NestedKinds()
        var told: Set<ResourceName> = []
        return patterns.flatMap { pattern -> [Finding] in
            let steps = works[pattern.id]?.steps ?? []
            var found = Array(steps.lazy.compactMap { consistentIndexRead($0, pattern) }.prefix(1))
            if let finding = getFromIndex(pattern) { found.append(finding) }
            for operation in steps.flatMap(\.calls).map(\.operation) {
                guard let table = known.table(named: operation.table), let entity = operation.entity else { continue }
                let kinds = nested.kinds(besides: operation, of: pattern, in: table)
                guard !kinds.isEmpty,
                    told.insert(ResourceName(OperationCost.place(operation), entity)).inserted
                else { continue }
                found.append(mixedRead(of: entity, kinds, in: OperationCost.place(operation), by: pattern))
            }
            return found
        }
    }

    /// An index that is read where the documents want what is true now: at the end, and not only to find the item that is then read.
    private func consistentIndexRead(_ step: PatternStep, _ pattern: AccessPattern) -> Finding? {
        guard !step.asked.isWrite, let consistency = step.asked.consistency, consistency != .eventual,
            let operation = step.calls.last?.operation, let index = operation.index
        else { return nil }
        let (file, position) = place(of: pattern)
        return finding(
            .consistentIndexRead, in: file, at: position, about: pattern.id,
            "\(pattern.id) reads \(operation.table).\(index) with \(consistency.rawValue) consistency, which DynamoDB refuses: an "
                + "index follows its table a moment later.",
            advice: "Read the table by its key, or say that this read may be eventually consistent.")
    }

    /// A GetItem of an index. Where a row names several operations or places, another of them may be meant.
    private func getFromIndex(_ pattern: AccessPattern) -> Finding? {
        guard let operation = pattern.operations.first(where: { $0.calledOnIndex != nil }),
            let called = operation.calledOnIndex, pattern.isServed
        else { return nil }
        if !isOutright(pattern.id) {
            guard let row = known.mappingRow(of: pattern.id), row.names.count == 1,
                OperationText(row.operations).operations.count == 1
            else { return nil }
        }
        let (file, position) = place(of: pattern)
        return finding(
            .getFromIndex, in: file, at: position, about: pattern.id,
            "\(pattern.id) is \(called) on \(OperationCost.place(operation)): DynamoDB has it of tables alone, by the whole key of an "
                + "item. It is taken as a Query.",
            advice:
                "Write Query, which gives all items of a key; or name \(operation.table), where the caller knows its key."
        )
    }

    private func mixedRead(
        of entity: String, _ kinds: [String], in place: String, by pattern: AccessPattern
    ) -> Finding {
        let (file, position) = self.place(of: pattern)
        let name = Figures.list(kinds)
        return finding(
            .kindsReadTogether, in: file, at: position, about: "\(place) \(entity)",
            "The sort keys of \(name) in \(place) begin as those of \(entity) do: the Query of \(pattern.id) reads them too, "
                + "pays for them, and drops them.",
            advice: "Give \(entity) a beginning of its own, or let the pattern use what it reads.")
    }
}
