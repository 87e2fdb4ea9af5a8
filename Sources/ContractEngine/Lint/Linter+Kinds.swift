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
}
