internal import ContractModel

/// What of an item's own key the documents say that an update changes. DynamoDB changes no key of an item: it takes another item in
/// its place.
extension OperationAccessReader {
    /// "status": a part of the table's key that the update changes, by the documents' words; nil where they say no such thing.
    func changedKey(by operation: PatternOperation, of pattern: AccessPattern, _ view: EntityView) -> String? {
        guard operation.operation == "UpdateItem" else { return nil }
        let words = ChangeWords(pattern, kind: view.entity, in: view.table)
        let parts = KeyParts(table: view.table, entity: view.entity)
        let names = parts.fixed.filter { !KeyName.isSynthetic($0) }.sorted {
            (parts.isAttribute($0) ? 0 : 1, $0) < (parts.isAttribute($1) ? 0 : 1, $1)
        }
        return names.first { words.changesID($0) || words.changesValue($0) || words.note(on: $0) == .changed }
    }

    /// Takes the update for what does that change: the item is deleted and put with its new key, in one transaction.
    func replace(_ changed: String, in step: inout PatternStep, _ view: EntityView) {
        step.refusal =
            "its words say that it changes \(changed), a part of the key of \(view.name): DynamoDB changes no key, so that it takes a "
            + "delete and a put in one TransactWriteItems"
        step.reasons.append(
            "UpdateItem changes no key, and the pattern's words say that it changes \(changed): a transaction deletes the item and puts "
                + "it anew")
        guard step.way == .key else { return }
        var exchange = step.operation
        exchange.operation = "TransactWriteItems"
        exchange.itemsPerCall = 2 * (step.operation.itemsPerCall ?? 1)
        step.calls = [PatternCall(operation: exchange)]
    }
}
