internal import ContractModel

/// What a cell such as "Query + BatchGetItem" or "PutItem/UpdateItem/DeleteItem" says.
struct OperationText {
    /// The operations named, in order.
    var operations: [String]
    /// Whether a call does one of them ("/", "or") rather than all of them ("+").
    var areAlternatives: Bool

    /// DynamoDB's own name of an operation, however it is written; nil for a word that names none.
    static func named(_ word: String) -> String? { OperationWords.operation(word.trimmed) }

    /// What a cell says that an update changes, beside the operation's name: "SET due_on" of "UpdateItem (SET due_on)".
    static func change(in cell: String) -> String? {
        let words = cell.split { $0.isWhitespace || "()[]`".contains($0) }
        let verbs: Set = ["SET", "REMOVE", "Set", "Sets", "sets", "Removes", "removes"]
        guard let first = words.firstIndex(where: { verbs.contains($0.filter(\.isLetter)) }) else { return nil }
        // Of "SET a = :a, b = :b" what is set, as a list.
        return words[first...].reduce(into: "") { text, word in
            let isValue = word.first == ":" || word == "="
            guard !isValue else {
                if word.last == "," { text += "," }
                return
            }
            text += (text.isEmpty ? "" : " ") + word
        }
    }

    init(_ cell: String) {
        let text = OperationText.withoutParentheses(cell)
        operations = OperationWords.all(in: text)
        areAlternatives = operations.count > 1 && (text.contains("/") || text.lowercased().contains(" or "))
    }

    /// "ProductsByCategory" of "ProductsByCategory GSI", "Orders" of "Orders Table".
    static func bareName(_ name: String) -> String {
        let words = name.split(separator: " ").filter { !["gsi", "table", "index"].contains($0.lowercased()) }
        return words.joined(separator: " ")
    }

    static func withoutParentheses(_ text: String) -> String {
        var depth = 0
        var plain = ""
        for character in Markdown.plain(text) {
            if character == "(" { depth += 1 }
            if depth == 0 { plain.append(character) }
            if character == ")" && depth > 0 { depth -= 1 }
        }
        return plain.trimmed
    }

    /// The one of the alternatives that a pattern means, by its type and the verb of its description.
    static func choose(among operations: [String], for pattern: AccessPattern) -> String? {
        let fitting = operations.filter { PatternOperation.writes.contains($0) == (pattern.type == .write) }
        guard pattern.type == .write, let meant = writeMeant(by: pattern.summary) else { return fitting.first }
        return fitting.first { $0 == meant } ?? fitting.first
    }

    /// The write that a description speaks of: by its first word, else by the first that can be nothing but such a verb.
    static func writeMeant(by summary: String) -> String? {
        let words = NameStem.words(summary)
        return words.first.flatMap { verbs[$0] } ?? words.lazy.compactMap { plainVerbs[$0] }.first
    }

    private static func table(_ words: KeyValuePairs<String, String>) -> [String: String] {
        words.reduce(into: [:]) { table, entry in
            for word in entry.value.split(separator: " ") { table[String(word)] = entry.key }
        }
    }

    private static let plainVerbs = table([
        "PutItem": "create add insert new register place buy save start",
        "DeleteItem": "delete remove clear drop purge",
        "UpdateItem": "update change upgrade set modify mark edit cancel report end",
    ])

    /// Verbs that are things too where they are not the first word: "Flag a comment".
    private static let verbs = plainVerbs.merging(
        table([
            "PutItem":
                "store put upsert import upload append ingest send open book sign borrow lend rent hire reserve enroll subscribe issue "
                + "schedule generate request apply follow like join invite favorite favourite bookmark review comment",
            "UpdateItem":
                "approve acknowledge confirm accept reject complete close finish activate deactivate enable disable archive unarchive "
                + "restore lock unlock verify assign reassign move rename return ship deliver pay refund resolve escalate increment "
                + "decrement increase decrease extend renew adjust toggle suspend resume reopen reschedule",
        ])
    ) { $1 }
}

/// Names reduced to what they share when one document says "ShoppingCarts" and another "shopping_carts".
enum NameStem {
    /// Lower case, letters and digits only, without a plural's ending.
    static func of(_ name: some StringProtocol) -> String {
        let letters = String(name.lowercased().filter { $0.isLetter || $0.isNumber })
        if letters.hasSuffix("ies") && letters.count > 4 { return letters.dropLast(3) + "y" }
        if letters.hasSuffix("sses") { return String(letters.dropLast(2)) }
        if letters.hasSuffix("s") && !letters.hasSuffix("ss") && letters.count > 3 { return String(letters.dropLast()) }
        return letters
    }

    /// The stem of a column without the "_id" that says that it points to something.
    static func ofColumn(_ column: String) -> String {
        let last = column.split(separator: ".").last.map(String.init) ?? column
        let lower = last.lowercased()
        for suffix in ["_id", "_uuid"] where lower.hasSuffix(suffix) && lower.count > suffix.count {
            return of(last.dropLast(suffix.count))
        }
        return of(last)
    }

    /// The words of a text in lower case: "cart_items" gives two.
    static func words(_ text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }
}
