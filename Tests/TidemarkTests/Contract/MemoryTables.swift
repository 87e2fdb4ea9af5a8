import AWSCore
import JSONBytes
import TestSupport
import Tidemark

/// Tables in memory that answer what repositories ask: items one by one, conditions of equal, there and not there, and
/// transactions. Any other condition fails the request.
final class MemoryTables: Sendable {
    private let keys: [String: [String]]
    private let state = Lock<[String: [Item: Item]]>([:])
    private let hook = Lock<(@Sendable (String) -> Void)?>(nil)
    private let conflicts = Lock<Int>(0)

    /// - Parameter keys: the names of each table's keys.
    init(keys: [String: [String]]) { self.keys = keys }

    /// What is in a table, by key.
    func items(_ table: String) -> [Item] { state.withLock { Array($0[table, default: [:]].values) } }

    /// Called before a request of the operation is carried out: to write in between. It is called once.
    func once(before operation: String, _ body: @escaping @Sendable () -> Void) {
        hook.withLock { hook in hook = { if $0 == operation { body() } } }
    }

    /// The next transactions that fail since another one is at work on their second item.
    func conflictNext(_ count: Int) { conflicts.withLock { $0 = count } }

    func put(_ table: String, _ item: Item) { state.withLock { $0[table, default: [:]][key(of: item, table)] = item } }

    func change(_ table: String, _ key: Item, _ body: (inout Item) -> Void) {
        state.withLock { state in
            if var item = state[table]?[key] {
                body(&item)
                state[table]?[key] = item
            }
        }
    }

    // MARK: Requests

    @Sendable func answer(_ request: HTTPRequest, _ number: Int) -> HTTPResponse {
        let operation = (request.header("X-Amz-Target") ?? "").split(separator: ".").last.map(String.init) ?? ""
        let waiting = hook.withLock { hook in
            defer { if operation != "GetItem" || hook == nil { hook = nil } }
            return hook
        }
        waiting?(operation)
        guard let body = try? JSONValue.parse(request.body) else { return failed("SerializationException") }
        return state.withLock { state in
            switch operation {
            case "GetItem": return get(body, state)
            case "TransactWriteItems": return transact(body, &state)
            default: return write(operation, body, &state)
            }
        }
    }

    private func get(_ body: JSONValue, _ state: [String: [Item: Item]]) -> HTTPResponse {
        let table = body["TableName"]?.stringValue ?? ""
        guard let item = state[table]?[Self.item(body["Key"])] else { return Self.ok("{}") }
        return Self.ok("{\"Item\":\(Self.text(item))}")
    }

    private func write(
        _ operation: String, _ body: JSONValue, _ state: inout [String: [Item: Item]]
    ) -> HTTPResponse {
        let (table, key) = place(operation, body)
        guard Self.holds(body, state[table]?[key]) else { return failed("ConditionalCheckFailedException") }
        apply(operation, body, table, key, &state)
        guard operation == "UpdateItem", let item = state[table]?[key] else { return Self.ok("{}") }
        return Self.ok("{\"Attributes\":\(Self.text(item))}")
    }

    private func transact(_ body: JSONValue, _ state: inout [String: [Item: Item]]) -> HTTPResponse {
        let writes = (body["TransactItems"]?.arrayValue ?? []).compactMap { $0.objectValue?.first }
        let names = ["Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "Check"]
        let isConflict = conflicts.withLock { count in
            defer { count = max(0, count - 1) }
            return count > 0
        }
        let codes = writes.enumerated().map { number, write -> String in
            if isConflict { return number == 1 ? "TransactionConflict" : "None" }
            let (table, key) = place(names[write.name] ?? "", write.value)
            return Self.holds(write.value, state[table]?[key]) ? "None" : "ConditionalCheckFailed"
        }
        guard codes.allSatisfy({ $0 == "None" }) else {
            let reasons = codes.map { "{\"Code\":\"\($0)\"}" }.joined(separator: ",")
            return failed("TransactionCanceledException", more: ",\"CancellationReasons\":[\(reasons)]")
        }
        for write in writes {
            let operation = names[write.name] ?? ""
            let (table, key) = place(operation, write.value)
            apply(operation, write.value, table, key, &state)
        }
        return Self.ok("{}")
    }

    private func place(_ operation: String, _ body: JSONValue) -> (table: String, key: Item) {
        let table = body["TableName"]?.stringValue ?? ""
        let given = Self.item(operation == "PutItem" ? body["Item"] : body["Key"])
        return (table, key(of: given, table))
    }

    private func key(of item: Item, _ table: String) -> Item {
        item.filter { keys[table, default: []].contains($0.key) }
    }

    private func apply(
        _ operation: String, _ body: JSONValue, _ table: String, _ key: Item, _ state: inout [String: [Item: Item]]
    ) {
        switch operation {
        case "PutItem": state[table, default: [:]][key] = Self.item(body["Item"])
        case "DeleteItem": state[table]?[key] = nil
        case "UpdateItem":
            var item = state[table]?[key] ?? key
            let text = body["UpdateExpression"]?.stringValue ?? ""
            let parts = text.split(separator: "REMOVE ", maxSplits: 1)
            for change in (text.hasPrefix("REMOVE") ? "" : String(parts.first ?? "")).dropFirst(4).split(separator: ",")
            {
                let sides = change.split(separator: "=").map { String($0).filter { $0 != " " } }
                item[Self.name(sides[0], body)] = Self.value(body["ExpressionAttributeValues"]?[sides[1]])
            }
            if text.contains("REMOVE ") {
                for name in (parts.last ?? "").split(separator: ",") {
                    item[Self.name(String(name).filter { $0 != " " }, body)] = nil
                }
            }
            state[table, default: [:]][key] = item
        default: break
        }
    }

    // MARK: Pieces

    private static func holds(_ body: JSONValue, _ item: Item?) -> Bool {
        guard let text = body["ConditionExpression"]?.stringValue else { return true }
        return text.replacing(" AND ", with: "&").split(separator: "&").allSatisfy { clause in
            let clause = clause.trimmingPrefix("(")
            if let name = argument(of: "attribute_not_exists", clause) { return item?[Self.name(name, body)] == nil }
            if let name = argument(of: "attribute_exists", clause) { return item?[Self.name(name, body)] != nil }
            let sides = clause.split(separator: "=").map { String($0).filter { $0 != " " && $0 != ")" } }
            guard sides.count == 2, let value = value(body["ExpressionAttributeValues"]?[sides[1]]) else {
                return false
            }
            return item?[Self.name(sides[0], body)] == value
        }
    }

    private static func argument(of function: String, _ clause: Substring) -> String? {
        guard clause.hasPrefix(function + "(") else { return nil }
        return String(clause.dropFirst(function.count + 1).prefix { $0 != ")" })
    }

    private static func name(_ text: String, _ body: JSONValue) -> String {
        body["ExpressionAttributeNames"]?[text]?.stringValue ?? text
    }

    private static func item(_ json: JSONValue?) -> Item {
        var item: Item = [:]
        for member in json?.objectValue ?? [] { item[member.name] = value(member.value) }
        return item
    }

    private static func value(_ json: JSONValue?) -> AttributeValue? {
        if let text = json?["S"]?.stringValue { return .string(text) }
        if let text = json?["N"]?.stringValue { return .number(text) }
        return json?["BOOL"]?.boolValue.map { .bool($0) }
    }

    private static func text(_ item: Item) -> String { String(decoding: ItemCodec.encode(item), as: UTF8.self) }

    private static func ok(_ json: String) -> HTTPResponse {
        HTTPResponse(status: 200, headers: [], body: Array(json.utf8))
    }

    private func failed(_ code: String, more: String = "") -> HTTPResponse { refusal(code, more: more) }
}
