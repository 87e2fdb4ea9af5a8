internal import ContractModel

/// Deletions of several items that an index or a Scan finds. A DeleteItem takes one, and where exactly one is found, it may be one that is
/// not meant.
extension OperationAccessReader {
    /// Takes a DeleteItem that is of several items, or of a part of those that are found, for a read of them and a deletion of each.
    func refuseSeveral(_ step: inout PatternStep, of pattern: AccessPattern, _ view: EntityView) {
        guard step.asked.operation == "DeleteItem", view.isOfSeveral(pattern, items: step.asked.itemsPerCall) else {
            return
        }
        let read: String
        switch step.way {
        case .index(let index): read = "a Query of \(view.table.name).\(index.name)"
        case .scan: read = "a Scan"
        case .key, .partition: return
        }
        step.isOfSeveral = true
        step.refusal =
            "the documents speak of several items or a part of them, which \(read) finds, and a DeleteItem takes one: read the keys, "
            + "and delete those that are meant with a BatchWriteItem"
        step.reasons.append("the documents speak of several items or a part of them: each one found is deleted")
    }

    /// The calls of a deletion of several items: what finds them, and the deletion of each.
    func callsOfSeveral(_ step: PatternStep, isGuarded: Bool) -> [PatternCall] {
        var (read, deletion) = (step.operation, step.operation)
        read.consistency = nil
        if !isGuarded { deletion.operation = "BatchWriteItem" }
        let deletions = PatternCall(operation: deletion, items: .partition)
        guard case .index(let index) = step.way else {
            (read.operation, read.itemsPerCall) = ("Scan", nil)
            return [PatternCall(operation: read), deletions]
        }
        (read.operation, read.index) = ("Query", index.name)
        return [PatternCall(operation: read, items: .partition), deletions]
    }
}

extension EntityView {
    /// Whether a deletion of items of this kind is of several, or of a part of those that are found: "all jobs of an owner", "an owner's
    /// jobs", "a user's expired session", and not "an owner's job".
    ///
    /// - Parameter items: how many the documents say that a call is about.
    func isOfSeveral(_ pattern: AccessPattern, items: Double?) -> Bool {
        if let items, items > 1 { return true }
        return NameStem.words(pattern.summary).dropFirst().prefix { !Self.turns.contains($0) }.contains { word in
            Self.several.contains(word) || Self.states.contains(word)
                || Self.isPlural(word) && callNames.contains(NameStem.of(word))
        }
    }

    private static func isPlural(_ word: String) -> Bool {
        NameStem.of(word) != word && !word.hasSuffix("us") && !word.hasSuffix("is")
    }

    private static let several: Set = [
        "all", "every", "everything", "everywhere", "entire", "whole", "each", "several", "many", "multiple",
    ]
    private static let states: Set = [
        "pending", "expired", "old", "stale", "outdated", "open", "closed", "active", "inactive", "read", "unread",
        "finished", "completed", "failed", "cancelled", "canceled", "archived", "flagged", "unpaid", "unused",
    ]
}
