package import AWSCore
internal import JSONBytes

/// Whether a write whose answer was lost may be sent again without doing its work twice.
///
/// A pure function of the request as it is on the wire, asked only after an attempt whose fate is unknown, so that it costs
/// nothing else. Safe is: what leaves the same item and gives the same answer when it is done twice, what carries a token, and
/// what its own condition refuses the second time.
package enum Repeatability {
    /// Operations that carry a token, by which DynamoDB knows a repetition.
    private static let transactions: Set<String> = ["TransactWriteItems", "ExecuteTransaction"]

    /// What an attempt may take from going until it is there, in the transport's queue and on its way.
    private static let wayAndQueue: Duration = .seconds(60)

    /// Table operations that find their work done, or refuse it.
    private static let administration: Set<String> = [
        "CreateTable", "DeleteTable", "UpdateTable", "UpdateTimeToLive", "TagResource", "UntagResource",
        "UpdateContinuousBackups", "UpdateContributorInsights",
    ]

    /// - Parameters:
    ///   - target: "DynamoDB_20120810.UpdateItem".
    ///   - body: the request.
    package static func limit(target: String, body: [UInt8]) -> RepetitionLimit {
        let operation = String(target.split(separator: ".").last ?? "")
        guard isRepeatable(operation, body: body) else { return .never }
        return transactions.contains(operation) ? .within(DynamoDBLimits.transactionTokenLife - wayAndQueue) : .always
    }

    private static func isRepeatable(_ operation: String, body: [UInt8]) -> Bool {
        if operation == "BatchWriteItem" || administration.contains(operation) { return true }
        guard let request = try? JSONValue.parse(body) else { return false }
        switch operation {
        case "PutItem", "DeleteItem":
            // A second put would give back what the first one stored, a second delete nothing.
            return returnsNothing(request) || Guard(request).refusesRepetition(of: operation)
        case "UpdateItem":
            let update = UpdateText(request)
            return (update.isIdempotent && !returnsOldValues(request)) || Guard(request).isBroken(by: update)
        case _ where transactions.contains(operation): return request["ClientRequestToken"]?.stringValue != nil
        case "ExecuteStatement": return isRepeatable(statement: request)
        case "BatchExecuteStatement":
            // The second time an insertion or a deletion by more than the key may be refused, and that within an answer that
            // is a success: nothing would say that it was the call's own work.
            return (request["Statements"]?.arrayValue ?? []).allSatisfy { words(of: $0).first == "SELECT" }
        default: return false
        }
    }

    /// An insertion refuses an item that is there, a deletion finds nothing; of a PartiQL update nothing is assumed.
    private static func isRepeatable(statement: JSONValue) -> Bool {
        let words = words(of: statement)
        switch words.first {
        case "INSERT", "SELECT": return true
        case "DELETE": return !words.contains { $0.contains("RETURNING") }
        default: return false
        }
    }

    private static func words(of statement: JSONValue) -> [String] {
        (statement["Statement"]?.stringValue ?? "").split(whereSeparator: \.isWhitespace).map { $0.uppercased() }
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
}

/// Where in an item: names, and indexes of lists, whether the names were written out or bound.
struct DocumentPath: Hashable {
    /// ".name" or "[0]": a name that has a dot in it is one step.
    private let steps: [String]

    /// - Returns: nil for anything but a path, such as a function of one.
    init?(_ tokens: some Sequence<String>) {
        var steps: [String] = []
        var rest = Array(tokens)[...]
        while let token = rest.popFirst() {
            switch token {
            case "[":
                guard !steps.isEmpty, let index = rest.popFirst(), let number = UInt(index), rest.popFirst() == "]"
                else {
                    return nil
                }
                steps.append("[\(number)]")
            case ".":
                guard !steps.isEmpty, let name = rest.popFirst().flatMap(DocumentPath.name) else { return nil }
                steps.append("." + name)
            default:
                guard steps.isEmpty, let name = DocumentPath.name(token) else { return nil }
                steps.append("." + name)
            }
        }
        guard !steps.isEmpty else { return nil }
        self.steps = steps
    }

    private static func name(_ token: String) -> String? {
        if token.hasPrefix("\"") { return String(token.dropFirst().dropLast()) }
        guard let first = token.first, first.isLetter || first == "_" else { return nil }
        return token
    }

    /// Whether it leads into a list. What stands at an index after a write is not known: beyond the list's end an element is
    /// appended, and removing one moves the later ones up.
    var hasIndex: Bool { steps.contains { $0.hasPrefix("[") } }

    /// The attribute that it begins at.
    var root: String { steps[0] }

    /// Whether it is an attribute of the item itself.
    var isRootAlone: Bool { steps.count == 1 }

    /// The value there; nil where there is none. For paths through maps only.
    func value(in item: JSONValue?) -> JSONValue? {
        var value = item
        for (depth, step) in steps.enumerated() {
            value = (depth == 0 ? value : value?["M"])?[String(step.dropFirst())]
        }
        return value
    }
}

/// What DynamoDB takes two values for.
enum ValueComparison {
    /// Whether they are different for certain: sets have no order and numbers many spellings, also inside of maps and lists,
    /// so that of those nothing is said.
    static func isCertainlyDifferent(_ left: JSONValue, _ right: JSONValue) -> Bool {
        let types = ["S", "N", "BOOL", "B", "NULL", "SS", "NS", "BS", "M", "L"]
        guard let first = types.first(where: { left[$0] != nil }), let second = types.first(where: { right[$0] != nil })
        else { return false }
        guard first == second else { return true }
        switch first {
        case "S", "BOOL": return left[first] != right[first]
        case "N":
            guard let left = number(left), let right = number(right) else { return false }
            return left != right
        default: return false
        }
    }

    /// Whether a number changed by another is another number for certain: beside a large one a small one may be lost.
    static func isMoved(_ value: JSONValue, by step: JSONValue) -> Bool {
        guard let value = number(value), let step = number(step) else { return false }
        return value + step != value && value - step != value
    }

    /// A number as DynamoDB spells them; different ones may give the same, the same never different ones.
    static func number(_ value: JSONValue) -> Double? {
        guard let number = value["N"]?.stringValue.flatMap({ Double($0) }), number.isFinite else { return nil }
        return number
    }
}

/// What an update expression does, clause by clause.
struct UpdateText {
    enum Change: Equatable {
        /// A value of the request.
        case value(String)
        /// A value of the request where the path has none.
        case valueIfMissing(of: DocumentPath)
        /// Another path's value.
        case copy(of: DocumentPath)
        /// The path's own number, changed by a value of the request.
        case counted(String)
        case removed
        /// A number added, or members put into a set.
        case added(String)
        case membersDeleted
        /// Anything else.
        case computed
    }

    /// A path is nil where a clause is not understood.
    let clauses: [(path: DocumentPath?, change: Change)]
    private let values: JSONValue?

    init(_ request: JSONValue) {
        values = request["ExpressionAttributeValues"]
        guard let text = request["UpdateExpression"]?.stringValue else {
            // Without an expression only the key is written; the old AttributeUpdates are not looked into.
            clauses = request["AttributeUpdates"] == nil ? [] : [(nil, .computed)]
            return
        }
        let names = request["ExpressionAttributeNames"]
        clauses = UpdateText.split(ExpressionTokens(text, names: names).tokens).map { UpdateText.clause($0, $1) }
    }

    /// Whether doing it twice leaves what doing it once leaves.
    var isIdempotent: Bool {
        let changed = Set(clauses.compactMap { $0.path?.root })
        return clauses.allSatisfy { path, change in
            guard let path, !path.hasIndex else { return false }
            switch change {
            case .value, .removed, .membersDeleted: return true
            case .valueIfMissing(let other): return other == path || !changed.contains(other.root)
            case .copy(let other): return !changed.contains(other.root)
            case .added(let value): return isSet(value) || isZero(value)
            case .counted(let value): return isZero(value)
            case .computed: return false
            }
        }
    }

    /// Whether all of it is understood.
    var isUnderstood: Bool { clauses.allSatisfy { $0.path != nil } }

    /// Whether the path, which had that value, has another or none once the update is done.
    func leaves(_ path: DocumentPath, otherThan value: String) -> Bool {
        guard !path.hasIndex, let old = values?[value] else { return false }
        return clauses.contains { clause in
            guard clause.path == path else { return false }
            switch clause.change {
            case .value(let new): return values?[new].map { ValueComparison.isCertainlyDifferent($0, old) } ?? false
            case .counted(let step), .added(let step):
                return values?[step].map { ValueComparison.isMoved(old, by: $0) } ?? false
            case .removed: return true
            case .valueIfMissing, .copy, .membersDeleted, .computed: return false
            }
        }
    }

    /// Whether the path has a value once the update is done.
    func fills(_ path: DocumentPath) -> Bool {
        !path.hasIndex
            && clauses.contains { $0.path == path && $0.change != .removed && $0.change != .membersDeleted }
    }

    /// Whether the path has no value once the update is done.
    func empties(_ path: DocumentPath) -> Bool {
        !path.hasIndex && clauses.contains { $0.path == path && $0.change == .removed }
    }

    private func isSet(_ value: String) -> Bool {
        ["SS", "NS", "BS"].contains { values?[value]?[$0] != nil }
    }

    private func isZero(_ value: String) -> Bool {
        values?[value].flatMap(ValueComparison.number) == 0
    }

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

    private static func clause(_ section: String, _ tokens: [String]) -> (path: DocumentPath?, change: Change) {
        switch section {
        case "REMOVE": return (DocumentPath(tokens), .removed)
        case "ADD", "DELETE":
            let path = DocumentPath(tokens.dropLast())
            return (path, section == "ADD" ? .added(tokens.last ?? "") : .membersDeleted)
        case "SET":
            guard let equals = tokens.firstIndex(of: "=") else { return (nil, .computed) }
            let path = DocumentPath(tokens[..<equals])
            return (path, operand(Array(tokens[(equals + 1)...]), of: path))
        default: return (nil, .computed)
        }
    }

    private static func operand(_ tokens: [String], of path: DocumentPath?) -> Change {
        guard let first = tokens.first else { return .computed }
        if tokens.count == 1, first.hasPrefix(":") { return .value(first) }
        if first.lowercased() == "if_not_exists", let comma = tokens.firstIndex(of: ","), tokens.count == comma + 3 {
            guard tokens[comma + 1].hasPrefix(":"), let other = DocumentPath(tokens[2..<comma]) else {
                return .computed
            }
            return .valueIfMissing(of: other)
        }
        if let sign = tokens.firstIndex(where: { $0 == "+" || $0 == "-" }), tokens.count == sign + 2,
            tokens[sign + 1].hasPrefix(":"), let path, DocumentPath(tokens[..<sign]) == path
        {
            return .counted(tokens[sign + 1])
        }
        return DocumentPath(tokens).map { .copy(of: $0) } ?? .computed
    }
}

/// The parts of a condition all of which have to hold, as far as they are of a simple form.
struct Guard {
    private enum Part: Equatable {
        case equal(path: DocumentPath, value: String)
        case missing(path: DocumentPath)
        case present(path: DocumentPath)

        /// Whether it asks that the item have no attribute of its key, which is that there be no item.
        func isMissingKey(of request: JSONValue) -> Bool {
            guard case .missing(let path) = self else { return false }
            return !path.hasIndex && path.isRootAlone && path.value(in: request["Key"]) != nil
        }
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
        // Whatever it does, the item has its key then.
        if parts.contains(where: { $0.isMissingKey(of: request) }) { return true }
        guard update.isUnderstood else { return false }
        return parts.contains { part in
            switch part {
            case .equal(let path, let value): update.leaves(path, otherThan: value)
            case .missing(let path): update.fills(path)
            case .present(let path): update.empties(path)
            }
        }
    }

    /// The same of an item that was put or deleted.
    func refusesRepetition(of operation: String) -> Bool {
        parts.contains { part in
            let isPut = operation == "PutItem"
            switch part {
            // Of an item that is not there no path has a value.
            case .equal, .present: if !isPut { return true }
            case .missing: if !isPut { return false }
            }
            switch part {
            case .equal(let path, let value):
                guard !path.hasIndex, let wanted = request["ExpressionAttributeValues"]?[value] else { return false }
                return path.value(in: request["Item"]).map { ValueComparison.isCertainlyDifferent($0, wanted) } ?? true
            case .missing(let path): return !path.hasIndex && path.value(in: request["Item"]) != nil
            case .present(let path): return !path.hasIndex && path.value(in: request["Item"]) == nil
            }
        }
    }

    private static func part(_ tokens: [String]) -> Part? {
        let name = tokens.first { $0 != "(" }?.lowercased()
        // Without alternatives and negations a parenthesis only groups.
        let plain = tokens.filter { $0 != "(" && $0 != ")" }
        if name == "attribute_not_exists" || name == "attribute_exists" {
            guard let path = DocumentPath(plain.dropFirst()) else { return nil }
            return name == "attribute_exists" ? .present(path: path) : .missing(path: path)
        }
        guard let equals = plain.firstIndex(of: "="), equals > 0, !["<", ">"].contains(plain[equals - 1]) else {
            return nil
        }
        let (left, right) = (Array(plain[..<equals]), Array(plain[(equals + 1)...]))
        if right.count == 1, right[0].hasPrefix(":") {
            return DocumentPath(left).map { .equal(path: $0, value: right[0]) }
        }
        if left.count == 1, left[0].hasPrefix(":") {
            return DocumentPath(right).map { .equal(path: $0, value: left[0]) }
        }
        return nil
    }
}
