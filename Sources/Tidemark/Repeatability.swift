internal import JSONBytes

/// Whether a write whose answer was lost may be sent again without doing its work twice.
///
/// A pure function of the request as it is on the wire, asked only after an attempt whose fate is unknown, so that it costs
/// nothing else. Safe is: what leaves the same item and gives the same answer when it is done twice, what carries a token, and
/// what its own condition refuses the second time.
package enum Repeatability {
    /// Table operations that find their work done, or refuse it.
    private static let administration: Set<String> = [
        "CreateTable", "DeleteTable", "UpdateTable", "UpdateTimeToLive", "TagResource", "UntagResource",
        "UpdateContinuousBackups", "UpdateContributorInsights",
    ]

    /// - Parameters:
    ///   - target: "DynamoDB_20120810.UpdateItem".
    ///   - body: the request.
    package static func isRepeatable(target: String, body: [UInt8]) -> Bool {
        let operation = String(target.split(separator: ".").last ?? "")
        if operation == "BatchWriteItem" || administration.contains(operation) { return true }
        guard let request = try? JSONValue.parse(body) else { return false }
        switch operation {
        case "PutItem", "DeleteItem":
            // A second put would give back what the first one stored, a second delete nothing.
            return returnsNothing(request) || Guard(request).refusesRepetition(of: operation)
        case "UpdateItem":
            let update = UpdateText(request)
            return (update.isIdempotent && !returnsOldValues(request)) || Guard(request).isBroken(by: update)
        case "TransactWriteItems", "ExecuteTransaction": return request["ClientRequestToken"]?.stringValue != nil
        case "ExecuteStatement": return isRepeatable(statement: request)
        case "BatchExecuteStatement":
            return (request["Statements"]?.arrayValue ?? []).allSatisfy { isRepeatable(statement: $0) }
        default: return false
        }
    }

    /// An insertion refuses an item that is there, a deletion finds nothing; of a PartiQL update nothing is assumed.
    private static func isRepeatable(statement: JSONValue) -> Bool {
        let words = (statement["Statement"]?.stringValue ?? "").split(whereSeparator: \.isWhitespace).map {
            $0.uppercased()
        }
        switch words.first {
        case "INSERT", "SELECT": return true
        case "DELETE": return !words.contains("RETURNING")
        default: return false
        }
    }

    private static func returnsNothing(_ request: JSONValue) -> Bool {
        (request["ReturnValues"]?.stringValue ?? "NONE") == "NONE"
    }

    private static func returnsOldValues(_ request: JSONValue) -> Bool {
        request["ReturnValues"]?.stringValue?.hasSuffix("_OLD") == true
    }
}

/// The words and marks of an expression; names stand for what their placeholders mean.
struct ExpressionTokens {
    let tokens: [String]

    init(_ text: String, names: JSONValue?) {
        var tokens: [String] = []
        var word = ""
        func end(_ word: inout String, _ tokens: inout [String]) {
            if !word.isEmpty { tokens.append(word.hasPrefix("#") ? "\"\(names?[word]?.stringValue ?? word)\"" : word) }
            word = ""
        }
        for character in text {
            if character.isLetter || character.isNumber || "_#:".contains(character) {
                word.append(character)
                continue
            }
            end(&word, &tokens)
            if !character.isWhitespace { tokens.append(String(character)) }
        }
        end(&word, &tokens)
        self.tokens = tokens
    }

    /// A path as one text, whether its names were written out or bound.
    static func path(_ tokens: some Sequence<String>) -> String {
        tokens.map { $0.hasPrefix("\"") ? String($0.dropFirst().dropLast()) : $0 }.joined()
    }
}

/// What an update expression does, clause by clause.
struct UpdateText {
    enum Change: Equatable {
        /// A value of the request.
        case value(String)
        /// A value of the request where the path has none.
        case valueIfMissing(of: String)
        /// Another path's value.
        case copy(of: String)
        /// The path's own number, changed by a value of the request.
        case counted(String)
        case removed
        /// A number added, or members put into a set.
        case added(String)
        case membersDeleted
        /// Anything else.
        case computed
    }

    let clauses: [(path: String, change: Change)]
    private let values: JSONValue?

    init(_ request: JSONValue) {
        values = request["ExpressionAttributeValues"]
        guard let text = request["UpdateExpression"]?.stringValue else {
            // Without an expression only the key is written; the old AttributeUpdates are not looked into.
            clauses = request["AttributeUpdates"] == nil ? [] : [("", .computed)]
            return
        }
        let names = request["ExpressionAttributeNames"]
        clauses = UpdateText.split(ExpressionTokens(text, names: names).tokens).map { UpdateText.clause($0, $1) }
    }

    /// Whether doing it twice leaves what doing it once leaves.
    var isIdempotent: Bool {
        let changed = Set(clauses.map { UpdateText.root($0.path) })
        return clauses.allSatisfy { path, change in
            // Beyond a list's end an element is appended, and removing one moves the later ones up.
            guard !path.contains("[") else { return false }
            switch change {
            case .value, .removed, .membersDeleted: return true
            case .valueIfMissing(let other): return other == path || !changed.contains(UpdateText.root(other))
            case .copy(let other): return !changed.contains(UpdateText.root(other))
            case .added(let value): return isSet(value) || isZero(value)
            case .counted(let value): return isZero(value)
            case .computed: return false
            }
        }
    }

    /// Whether the path does not have that value once the update is done.
    func leaves(_ path: String, otherThan value: String) -> Bool {
        clauses.contains { clause in
            guard clause.path == path else { return false }
            switch clause.change {
            case .value(let new): return isDifferent(new, value)
            case .counted(let step): return !isZero(step) && values?[step]?["N"] != nil
            case .added(let step): return values?[step]?["N"] != nil && !isZero(step)
            case .removed: return true
            case .valueIfMissing, .copy, .membersDeleted, .computed: return false
            }
        }
    }

    /// Whether the path has a value once the update is done.
    func fills(_ path: String) -> Bool {
        clauses.contains { clause in
            guard clause.path == path else { return false }
            return clause.change != .removed && clause.change != .membersDeleted
        }
    }

    private func isDifferent(_ left: String, _ right: String) -> Bool {
        guard let left = values?[left], let right = values?[right] else { return false }
        if let first = left["N"]?.stringValue, let second = right["N"]?.stringValue {
            // "1" and "1.0" are one number to DynamoDB.
            guard let first = Double(first), let second = Double(second) else { return false }
            return first != second
        }
        return left != right
    }

    private func isSet(_ value: String) -> Bool {
        ["SS", "NS", "BS"].contains { values?[value]?[$0] != nil }
    }

    private func isZero(_ value: String) -> Bool {
        values?[value]?["N"]?.stringValue.flatMap { Double($0) } == 0
    }

    private static func root(_ path: String) -> Substring { path.prefix { $0 != "." && $0 != "[" } }

    private static func split(_ tokens: [String]) -> [(section: String, tokens: [String])] {
        var clauses: [(section: String, tokens: [String])] = []
        var (section, clause, depth) = ("", [String](), 0)
        for token in tokens {
            let word = token.uppercased()
            if depth == 0, ["SET", "REMOVE", "ADD", "DELETE"].contains(word) || token == "," {
                if !clause.isEmpty { clauses.append((section, clause)) }
                clause = []
                if token != "," { section = word }
                continue
            }
            if token == "(" { depth += 1 }
            if token == ")" { depth -= 1 }
            clause.append(token)
        }
        if !clause.isEmpty { clauses.append((section, clause)) }
        return clauses
    }

    private static func clause(_ section: String, _ tokens: [String]) -> (path: String, change: Change) {
        switch section {
        case "REMOVE": return (ExpressionTokens.path(tokens), .removed)
        case "ADD", "DELETE":
            let path = ExpressionTokens.path(tokens.dropLast())
            return (path, section == "ADD" ? .added(tokens.last ?? "") : .membersDeleted)
        case "SET":
            guard let equals = tokens.firstIndex(of: "=") else { return ("", .computed) }
            let path = ExpressionTokens.path(tokens[..<equals])
            return (path, operand(Array(tokens[(equals + 1)...]), of: path))
        default: return ("", .computed)
        }
    }

    private static func operand(_ tokens: [String], of path: String) -> Change {
        guard let first = tokens.first else { return .computed }
        if tokens.count == 1, first.hasPrefix(":") { return .value(first) }
        if first.lowercased() == "if_not_exists", let comma = tokens.firstIndex(of: ","), tokens.count == comma + 3 {
            guard tokens[comma + 1].hasPrefix(":") else { return .computed }
            return .valueIfMissing(of: ExpressionTokens.path(tokens[2..<comma]))
        }
        if let sign = tokens.firstIndex(where: { $0 == "+" || $0 == "-" }), tokens.count == sign + 2,
            tokens[sign + 1].hasPrefix(":"), ExpressionTokens.path(tokens[..<sign]) == path
        {
            return .counted(tokens[sign + 1])
        }
        guard !tokens.contains(where: { "+-(),:".contains($0.prefix(1)) }) else { return .computed }
        return .copy(of: ExpressionTokens.path(tokens))
    }
}

/// The parts of a condition all of which have to hold, as far as they are of a simple form.
struct Guard {
    private enum Part: Equatable {
        case equal(path: String, value: String)
        case missing(path: String)
        case present(path: String)
    }

    private let parts: [Part]
    private let request: JSONValue

    init(_ request: JSONValue) {
        self.request = request
        guard let text = request["ConditionExpression"]?.stringValue else {
            parts = []
            return
        }
        let tokens = ExpressionTokens(text, names: request["ExpressionAttributeNames"]).tokens
        let isAlternative = tokens.contains { $0.uppercased() == "OR" || $0.uppercased() == "NOT" }
        parts = isAlternative ? [] : tokens.split { $0.uppercased() == "AND" }.compactMap { Guard.part(Array($0)) }
    }

    /// Whether the condition cannot hold any more once the update is done.
    func isBroken(by update: UpdateText) -> Bool {
        parts.contains { part in
            switch part {
            case .equal(let path, let value): update.leaves(path, otherThan: value)
            case .missing(let path): update.fills(path)
            case .present(let path): update.clauses.contains { $0.path == path && $0.change == .removed }
            }
        }
    }

    /// The same of an item that was put or deleted.
    func refusesRepetition(of operation: String) -> Bool {
        parts.contains { part in
            switch part {
            case .equal(let path, let value):
                guard operation == "PutItem" else { return true }
                let (stored, wanted) = (request["Item"]?[path], request["ExpressionAttributeValues"]?[value])
                guard let wanted, !path.contains("["), !path.contains(".") else { return false }
                return stored.map { Guard.isDifferent($0, wanted) } ?? true
            case .missing(let path): return operation == "PutItem" && request["Item"]?[path] != nil
            case .present(let path):
                return operation == "DeleteItem" || (request["Item"]?[path] == nil && !path.contains("."))
            }
        }
    }

    private static func isDifferent(_ left: JSONValue, _ right: JSONValue) -> Bool {
        if let first = left["N"]?.stringValue, let second = right["N"]?.stringValue {
            guard let first = Double(first), let second = Double(second) else { return false }
            return first != second
        }
        return left != right
    }

    private static func part(_ tokens: [String]) -> Part? {
        let name = tokens.first { $0 != "(" }?.lowercased()
        // Without alternatives and negations a parenthesis only groups.
        let plain = tokens.filter { $0 != "(" && $0 != ")" }
        if name == "attribute_not_exists" || name == "attribute_exists" {
            let path = ExpressionTokens.path(plain.dropFirst())
            return name == "attribute_exists" ? .present(path: path) : .missing(path: path)
        }
        guard let equals = plain.firstIndex(of: "="), equals > 0, !["<", ">"].contains(plain[equals - 1]) else {
            return nil
        }
        let (left, right) = (Array(plain[..<equals]), Array(plain[(equals + 1)...]))
        if right.count == 1, right[0].hasPrefix(":"), !left[0].hasPrefix(":") {
            return .equal(path: ExpressionTokens.path(left), value: right[0])
        }
        if left.count == 1, left[0].hasPrefix(":"), let first = right.first, !first.hasPrefix(":") {
            return .equal(path: ExpressionTokens.path(right), value: left[0])
        }
        return nil
    }
}
