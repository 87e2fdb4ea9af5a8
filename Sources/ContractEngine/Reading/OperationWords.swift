internal import ContractModel

/// DynamoDB's operations in a text, each as a word of its own: `ScanIndexForward` is the order of a Query and no Scan.
enum OperationWords {
    /// Operations by their names' words joined: "getitem" for `GetItem`, `get_item` and `get-item`.
    private static let names: [String: String] = {
        var names = ["transactwrite": "TransactWriteItems", "transactget": "TransactGetItems", "queries": "Query"]
        names.merge(["batchwrite": "BatchWriteItem", "batchget": "BatchGetItem"]) { $1 }
        names.merge(["conditionalput": "PutItem", "conditionalupdate": "UpdateItem"]) { $1 }
        names["conditionaldelete"] = "DeleteItem"
        for name in PatternOperation.reads.union(PatternOperation.writes) {
            let word = name.lowercased()
            names[word] = name
            names[word.hasSuffix("s") ? String(word.dropLast()) : word + "s"] = name
        }
        return names
    }()
    /// The most words that a name is made of.
    private static let mostWords = 3

    /// Parameters of calls that begin with an operation's name: `--no-scan-index-forward` too.
    private static let parameters: Set = ["scanindexforward", "scanfilter", "queryfilter", "queryrequest"]

    /// The operation that a word names, in whatever way it is written; nil where it names none.
    static func operation(_ word: some StringProtocol) -> String? {
        names[word.lowercased().filter { $0 != "_" && $0 != "-" }]
    }

    /// All that are named, in their order, each once.
    static func all(in text: String) -> [String] {
        var found: [String] = []
        let spelt = words(text)
        var place = 0
        while place < spelt.count {
            // The order of a Query, in three words.
            if spelt[place...].prefix(3).map({ $0.lowercased() }) == ["scan", "index", "forward"] {
                place += 3
                continue
            }
            for operation in operations(inWord: spelt[place]) where !found.contains(operation) {
                found.append(operation)
            }
            place += 1
        }
        return found.isEmpty ? [conditional(text)].compactMap(\.self) : found
    }

    /// The words behind each operation that is named, up to the next one.
    static func parts(of text: String) -> [(operation: String, words: [String])] {
        var parts: [(operation: String, words: [String])] = []
        for word in text.split(whereSeparator: { " ,;:+()".contains($0) }) {
            if let operation = all(in: String(word)).first {
                parts.append((operation, []))
            } else if !parts.isEmpty {
                parts[parts.count - 1].words.append(String(word))
            }
        }
        return parts
    }

    /// "QueryGSI1" names Query, "ParallelScan" Scan.
    private static func operations(inWord word: Substring) -> [String] {
        let joined = word.lowercased().filter { $0 != "_" && $0 != "-" }
        if let whole = names[joined] { return [whole] }
        guard !parameters.contains(where: joined.hasSuffix) else { return [] }
        let parts = NameStem.wordsOfName(String(word))
        var found: [String] = []
        var place = 0
        while place < parts.count {
            let counts = (1...mostWords).reversed().filter { place + $0 <= parts.count }
            let count = counts.first { names[parts[place..<place + $0].joined()] != nil }
            if let count, let operation = names[parts[place..<place + count].joined()] { found.append(operation) }
            place += count ?? 1
        }
        return found
    }

    /// "Update with ConditionExpression", "conditional put": of writes that stand alone these words are DynamoDB's, "update" is anybody's.
    private static func conditional(_ text: String) -> String? {
        let parts = NameStem.wordsOfName(text)
        guard parts.contains(where: { ["condition", "conditional", "conditionexpression"].contains($0) }) else {
            return nil
        }
        return parts.lazy.compactMap { ["put", "update", "delete"].contains($0) ? names["conditional" + $0] : nil }
            .first
    }

    private static func words(_ text: String) -> [Substring] {
        text.split { !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != "-" }
    }
}
