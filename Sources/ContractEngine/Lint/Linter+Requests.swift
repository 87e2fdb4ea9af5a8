internal import ContractModel

extension Linter {
    /// Batches and transactions of more than one request holds, as far as the documents say how many items a call has.
    func requests() -> [Finding] {
        patterns.filter(\.isServed).flatMap { pattern -> [Finding] in
            let operations = works[pattern.id]?.steps.map(\.operation) ?? []
            return operations.compactMap { batch($0, of: pattern) }
                + ["TransactGetItems", "TransactWriteItems"].compactMap { name in
                    transaction(name, operations.filter { $0.operation == name }, of: pattern)
                }
        }
    }

    private func batch(_ operation: PatternOperation, of pattern: AccessPattern) -> Finding? {
        guard let most = RequestLimit.items(of: operation.operation), !operation.isTransactional,
            let items = operation.itemsPerCall, items > most
        else { return nil }
        let requests = Figures.whole((items / most).rounded(.up))
        var found = tooLarge(
            pattern,
            "is \(operation.operation) of \(Figures.short(items)) items of \(place(operation)); one request takes "
                + "\(Figures.whole(most)): that is \(requests) requests, of which some may be done and others not.",
            advice: "Generated code cuts it by itself. Whoever calls DynamoDB by hand has to.")
        // DynamoDB refuses nothing of what is cut.
        found.severity = .note
        return found
    }

    private func transaction(_ name: String, _ operations: [PatternOperation], of pattern: AccessPattern) -> Finding? {
        guard let most = RequestLimit.items(of: name), operations.contains(where: { $0.itemsPerCall != nil }) else {
            return nil
        }
        let items = operations.reduce(0) { $0 + ($1.itemsPerCall ?? 1) }
        let parts = operations.map { "\(Figures.short($0.itemsPerCall ?? 1)) of \(place($0))" }
        let told = "is one \(name) of \(parts.joined(separator: " and "))"
        if items > most {
            return tooLarge(
                pattern,
                "\(told)\(parts.count > 1 ? ", \(Figures.short(items)) items" : ""); DynamoDB takes \(Figures.whole(most)).",
                advice: RequestLimit.advice)
        }
        let sizes = operations.map { operation in
            known.table(named: operation.table)?.estimatedItemSizeInBytes(of: operation.entity ?? operation.table)
        }
        let bytes = zip(operations, sizes).reduce(0.0) { $0 + ($1.0.itemsPerCall ?? 1) * Double($1.1 ?? 0) }
        guard bytes > RequestLimit.transactionBytes else { return nil }
        return tooLarge(
            pattern, "\(told), about \(Figures.whole(bytes)) bytes; DynamoDB takes 4 MB.", advice: RequestLimit.advice)
    }

    private func place(_ operation: PatternOperation) -> String {
        access.view(of: operation)?.name ?? OperationCost.place(operation)
    }

    private func tooLarge(_ pattern: AccessPattern, _ text: String, advice: String) -> Finding {
        let place = place(of: pattern)
        let summary = pattern.summary.isEmpty ? "" : " (\(pattern.summary))"
        return finding(
            .requestTooLarge, in: place.file, at: place.position, about: pattern.id, "\(pattern.id)\(summary) \(text)",
            advice: advice)
    }
}

/// What one request holds.
/// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
private enum RequestLimit {
    /// Bytes of the items of one transaction: 4 MB.
    static let transactionBytes = Double(4 << 20)
    static let advice =
        "Make several transactions of it, each of which leaves the data whole, or write the items one by one and so that "
        + "repeating it does no harm. Generated code refuses it before it is sent."

    /// Items of one request; nil for what is about one item, or ends with its page.
    static func items(of operation: String) -> Double? {
        switch operation {
        case "BatchGetItem", "TransactGetItems", "TransactWriteItems": 100
        case "BatchWriteItem": 25
        default: nil
        }
    }
}
