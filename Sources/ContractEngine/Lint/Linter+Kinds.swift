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
}
