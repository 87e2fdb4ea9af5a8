internal import ContractModel

extension Linter {
    /// Writes whose kind of item is a guess.
    func kindsTold() -> [Finding] {
        patterns.filter(\.isServed).compactMap { pattern in
            guard let operation = pattern.operations.first(where: \.isEntityGuess), let entity = operation.entity else {
                return nil
            }
            let isRefused = (works[pattern.id]?.steps ?? []).contains { $0.asked == operation && $0.refusal != nil }
            let place = place(of: pattern)
            return finding(
                .kindGuessed, in: place.file, at: place.position, about: pattern.id,
                "\(pattern.id)\(pattern.summary.isEmpty ? "" : " (\(pattern.summary))") is \(operation.operation) on "
                    + "\(operation.table), which holds several kinds of items, and which one it means is a guess: \(entity) is taken"
                    + (isRefused ? ", and no method is generated that deletes one." : "."),
                advice:
                    "Name the kind: `entity: \(entity)` in the overlay (`--mapping`), a column Entity, or its key in the mapping."
            )
        }
    }

    /// Updates of what the item's own key is made of.
    func keyChanges() -> [Finding] {
        patterns.filter(\.isServed).compactMap { pattern in
            let steps = works[pattern.id]?.steps ?? []
            guard let step = steps.first(where: { $0.changedKey != nil }), let changed = step.changedKey,
                let view = access.view(of: step.asked)
            else { return nil }
            let place = place(of: pattern)
            return finding(
                .updateChangesKey, in: place.file, at: place.position, about: pattern.id,
                "\(pattern.id)\(pattern.summary.isEmpty ? "" : " (\(pattern.summary))") is UpdateItem and changes \(changed), of which the "
                    + "key of \(view.name) is made: DynamoDB changes no key of an item. It is charged as a transaction of a delete and a put, "
                    + "and no method is generated.",
                advice:
                    "Let it be TransactWriteItems, which deletes the item and puts it with its new key, or move \(changed) out of the "
                    + "table's key into an index's.")
        }
    }

    /// Queries of several kinds of items at once, of which one is taken.
    func collections() -> [Finding] {
        let choices = TableChoices()
        return patterns.filter(\.isServed).compactMap { pattern in
            let queries = pattern.operations.filter { $0.operation == "Query" }
            guard queries.count == 1, let query = queries.first, let entity = query.entity,
                let table = known.table(named: query.table),
                document.sources.overlay?.operations[pattern.id]?.contains(where: { $0.entity != nil }) != true
            else { return nil }
            let named = namedKinds(pattern).compactMap { table.entity(called: $0)?.name }
            guard named.isEmpty || Set(named).count > 1 else { return nil }
            let sharing = known.views(of: table.name).sharing(query)
            let kinds =
                named.isEmpty
                ? choices.choice(in: table)?.together(in: pattern.summary, of: sharing) ?? []
                : named.filter(sharing.contains)
            guard kinds.contains(where: { $0 != entity }) else { return nil }
            let place = place(of: pattern)
            let all = Figures.list((kinds.contains(entity) ? [] : [entity]) + kinds)
            return finding(
                .collectionRead, in: place.file, at: place.position, about: pattern.id,
                "\(pattern.id) (\(pattern.summary)) reads \(all) in one Query of \(OperationCost.place(query)): it is charged as a "
                    + "Query of \(entity) alone, and its method gives nothing else.",
                advice:
                    "Write one Query with its `entity` and `items` for each kind in the overlay (`--mapping`): each is charged and gets a "
                    + "method. Where \(entity) alone is meant, name it there."
            )
        }
    }

    /// The kinds of items that a document names itself.
    private func namedKinds(_ pattern: AccessPattern) -> [String] {
        let own = known.row(of: pattern.id)?.entities ?? []
        return own.isEmpty ? known.mappingRow(of: pattern.id)?.entities ?? [] : own
    }
}

extension [EntityView] {
    /// The kinds whose items stand in one partition with those that the operation reads.
    fileprivate func sharing(_ query: PatternOperation) -> [String] {
        func partition(_ view: EntityView) -> String? {
            guard let index = query.index.flatMap({ view.table.index(named: $0) }) else {
                return view.entity.template(of: view.table.partitionKey, in: view.table)?.source
            }
            return view.appears(in: index)
                ? view.entity.template(of: index.partitionKey, of: index, in: view.table)?.source : nil
        }
        guard let own = first(where: { $0.entity.name == query.entity }).flatMap(partition) else { return [] }
        return filter { partition($0) == own }.map(\.entity.name)
    }
}
