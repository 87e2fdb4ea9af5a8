internal import ContractModel

/// What the words of a cell say of one of its operations.
extension PatternResolver {
    /// Where an operation of a cell with several is done: at what the cell names behind it ("Query, then BatchGetItem Orders"), and a read
    /// by key beside an index's Query at the table, since of an index DynamoDB gets no item.
    func redirected(_ place: ResolvedName, _ operation: String?, by cell: String) -> ResolvedName {
        let text = OperationText(cell)
        guard let operation, text.operations.count > 1, !text.areAlternatives else { return place }
        let isByKey = ["GetItem", "BatchGetItem", "TransactGetItems"].contains(operation)
        let parts = OperationWords.parts(of: OperationText.withoutParentheses(cell))
        let words = parts.first { $0.operation == operation }?.words ?? []
        for found in words.lazy.compactMap({ names.named($0) }) {
            // "Query the customer's orders" names no other place than the index of Orders that its row does.
            let isOwnTable = found.index == nil && found.table == place.table
            guard !isOwnTable || isByKey else { continue }
            return isOwnTable ? table(of: place, for: operation) : found
        }
        guard isByKey, place.index != nil, text.operations.contains("Query") else { return place }
        return table(of: place, for: operation)
    }

    private func table(of place: ResolvedName, for operation: String) -> ResolvedName {
        guard let index = place.index else { return place }
        let reason = "its \(operation) is of \(place.table): of the index \(index) DynamoDB gets no item by key"
        let guess = ([place.guess].compactMap(\.self) + [reason]).joined(separator: "; ")
        return ResolvedName(table: place.table, entity: place.entity, guess: guess)
    }

    /// How current a read is by the mapping's column, or by the words beside it. Of several operations in one cell those on an index are not
    /// meant, nor is a guess: what they find may be read again by its key.
    func consistency(
        of operation: PatternOperation, by row: PatternRow, for pattern: AccessPattern
    ) -> ReadConsistency? {
        guard operation.operation != "TransactGetItems" else { return nil }
        let rows = mapped[pattern.id] ?? []
        let cells = row.operations.map(\.text) + rows.map(\.operations)
        if operation.index != nil {
            guard !operation.isGuess, cells.allSatisfy({ OperationText($0).operations.count < 2 }) else { return nil }
        }
        if let told = rows.lazy.compactMap(\.consistency).first { return told }
        return (cells + [pattern.summary] + pattern.notes).lazy.compactMap(ReadConsistency.told).first
    }
}
