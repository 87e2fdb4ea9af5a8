internal import ContractModel

/// What the words of a description say of whether its pattern reads or writes, where no document gives its type.
enum PatternVerb {
    private static let reads: Set = [
        "get", "read", "show", "view", "display", "find", "fetch", "search", "query", "look", "lookup", "retrieve",
        "select",
        "browse", "check", "verify", "validate", "count", "load", "see", "scan", "filter", "track", "compare", "export",
        "download", "authenticate", "sum", "aggregate", "calculate", "compute", "monitor", "preview", "resolve",
        "return",
    ]
    private static let writes: Set = [
        "create", "add", "insert", "save", "store", "put", "write", "update", "upsert", "change", "edit", "modify",
        "set",
        "replace", "rename", "move", "delete", "remove", "clear", "purge", "drop", "cancel", "record", "register",
        "submit",
        "approve", "reject", "acknowledge", "confirm", "complete", "close", "archive", "publish", "send", "place",
        "buy",
        "pay", "refund", "assign", "unassign", "increment", "decrement", "append", "attach", "detach", "enable",
        "disable",
        "activate", "deactivate", "reserve", "release", "renew", "revoke", "grant", "mark", "expire", "upload",
        "import",
        "ingest", "sync", "adjust", "deduct", "transfer", "withdraw", "deposit", "enroll", "subscribe", "unsubscribe",
        "follow", "unfollow", "unlike", "vote", "checkin", "upgrade", "downgrade", "reset", "restore", "merge", "log",
        "start", "end", "finish", "accept", "decline", "schedule", "reschedule", "apply", "issue", "report", "sign",
        "creation", "insertion", "registration", "deletion", "removal", "cancellation", "submission", "approval",
        "modification", "upload", "ingestion", "placement", "checkout", "enrolment", "enrollment", "refresh", "extend",
        "creating", "adding", "saving", "storing", "updating", "deleting", "removing", "recording", "registering",
    ]
    /// Words that are names of things as well: they say what is done only where the sentence begins with them, and something that
    /// is no property of the thing follows.
    private static let alsoNames: Set = [
        "list", "order", "book", "post", "comment", "rate", "like", "review", "share", "report", "record", "log", "set",
        "start", "end", "issue", "place", "view", "count", "schedule", "track", "mark", "filter", "query", "return",
        "search", "check", "vote", "transfer", "deposit", "import", "export", "sum", "release", "display", "preview",
    ]
    private static let ownReads: Set = [
        "list", "view", "count", "track", "filter", "query", "search", "check", "export", "sum", "display", "preview",
        "return",
    ]
    /// What follows a name: "Order by id", "Post details".
    private static let afterNames: Set = [
        "by", "of", "with", "in", "for", "from", "per", "detail", "details", "page", "pages", "history", "status",
        "list",
        "lists", "count", "summary", "lookup", "id", "ids", "items", "lines", "feed", "statistics", "stats", "overview",
    ]

    /// Whether the description's first telling word reads or writes; nil where it has none.
    static func type(of summary: String) -> PatternType? {
        let words = NameStem.words(summary)
        for (place, word) in words.enumerated() {
            if alsoNames.contains(word) {
                let next = place + 1 < words.count ? words[place + 1] : nil
                if ownReads.contains(word), place == 0 { return .read }
                guard place == 0, let next, !afterNames.contains(next) else { continue }
                return .write
            }
            if reads.contains(word) { return .read }
            if writes.contains(word) { return .write }
        }
        return nil
    }
}

extension PatternType {
    /// "Read", "Point read", "Batch write (conditional)", "PutItem", "None" and their like, case aside; nil for anything else.
    init?(word: String) {
        let lower = word.trimmed.lowercased()
        if ["none", "-", "–", "—", "n/a"].contains(lower) {
            self = .none
            return
        }
        let words = OperationText.withoutParentheses(lower).split { !$0.isLetter }.map(String.init)
        let telling = words.filter { !PatternType.modifiers.contains($0) }
        let kinds = telling.map(PatternType.kind)
        guard !kinds.isEmpty, !kinds.contains(nil) else { return nil }
        self = kinds.contains(.write) ? .write : .read
    }

    /// Whether a word covers reads and writes alike: "Read/Write", "both".
    static func isBoth(_ word: String) -> Bool {
        let words = OperationText.withoutParentheses(word.lowercased()).split { !$0.isLetter }.map(String.init)
        let kinds = Set(words.compactMap(kind))
        return kinds.count > 1 || words.contains("rw") || words.contains("both")
    }

    private static func kind(_ word: String) -> PatternType? {
        if readWords.contains(word) { return .read }
        if writeWords.contains(word) { return .write }
        guard let operation = OperationText.named(word) else { return nil }
        return PatternOperation.writes.contains(operation) ? .write : .read
    }

    private static let readWords: Set = [
        "read", "reads", "r", "query", "queries", "get", "gets", "scan", "select", "list", "search", "lookup", "find",
        "fetch", "view", "reading", "readonly",
    ]
    private static let writeWords: Set = [
        "write", "writes", "w", "update", "updates", "delete", "deletes", "put", "create", "insert", "mutation",
        "mutations", "upsert", "add", "remove", "save", "store", "modify", "set", "append", "increment", "rw",
        "writing",
        "both", "patch", "post",
    ]
    /// Words that say how it reads or writes.
    private static let modifiers: Set = [
        "point", "range", "batch", "bulk", "strong", "strongly", "eventual", "eventually", "consistent", "conditional",
        "transactional", "transaction", "atomic", "single", "multi", "only", "item", "heavy", "and", "or", "then",
        "operation", "op", "access", "request",
    ]

    /// Whether every cell that is not empty names a type in so many words, and one reads or writes.
    static func areTypes(_ cells: [String]) -> Bool {
        let types = cells.filter { !$0.isEmpty }.map { PatternType(word: $0) }
        return !types.contains(nil) && types.contains { $0 == .read || $0 == .write }
    }
}
