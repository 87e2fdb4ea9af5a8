import JSONBytes

/// One recorded call of a trace: a JSON object a line, as `Examples/` and its README describe.
struct TraceCall: Sendable {
    /// Line of the trace, from 1.
    var line: Int
    /// The access pattern that made the call.
    var pattern: String
    var table: String
    /// DynamoDB's name of the operation: "GetItem".
    var operation: String
    /// The index that is queried or scanned.
    var index: String?
    /// The entity of a multi-entity table.
    var entity: String?
    /// Value of the partition key's placeholder.
    var key: String?
    /// Value of the sort key's placeholder, or its prefix in a query.
    var sort: String?
    /// The items of a batch or transaction.
    var items: [TraceItem]
    /// Text that a scan looks for.
    var filter: String?
    /// Whether a put is made only where no such item is stored.
    var mustBeAbsent: Bool
}

/// One item of a batch or transaction.
struct TraceItem: Sendable {
    var table: String
    var entity: String?
    var key: String
    var sort: String?
    /// PutItem, UpdateItem or DeleteItem; GetItem in reads.
    var operation: String
}

/// A recorded trace, read whole: every line checked before the first call is made.
struct ReplayTrace: Sendable {
    var calls: [TraceCall]

    init(path: String) throws {
        let bytes = try InputFile.read(path)
        calls = []
        var lineNumber = 0
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            lineNumber += 1
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
            calls.append(try ReplayTrace.call(from: Array(line), path: path, line: lineNumber))
        }
        guard !calls.isEmpty else {
            throw CommandFailure(.usage, "\(path) holds no call: a trace is one JSON object a line")
        }
    }

    private static func call(from bytes: [UInt8], path: String, line: Int) throws -> TraceCall {
        let json: JSONValue
        do {
            json = try JSONValue.parse(bytes)
        } catch {
            throw CommandFailure(
                .usage, "\(path):\(line):\(error.column): \(error.reason); a trace is one JSON object a line")
        }
        func required(_ name: String) throws -> String {
            guard let text = json[name]?.stringValue, !text.isEmpty else {
                throw CommandFailure(
                    .usage, "\(path):\(line): \"\(name)\" is missing; each call names pattern, table and operation")
            }
            return text
        }
        let table = try required("table")
        let operation = try required("operation")
        return TraceCall(
            line: line, pattern: try required("pattern"), table: table, operation: operation,
            index: json["index"]?.stringValue, entity: json["entity"]?.stringValue, key: json["key"]?.stringValue,
            sort: json["sort"]?.stringValue, items: items(of: json, table: table, operation: operation),
            filter: json["filter"]?.stringValue, mustBeAbsent: json["condition"]?.stringValue == "absent")
    }

    private static func items(of json: JSONValue, table: String, operation: String) -> [TraceItem] {
        let single = operation.hasSuffix("WriteItems") || operation == "BatchWriteItem" ? "PutItem" : "GetItem"
        return (json["keys"]?.arrayValue ?? json["items"]?.arrayValue ?? []).compactMap { item in
            if let key = item.stringValue {
                return TraceItem(
                    table: table, entity: json["entity"]?.stringValue, key: key, sort: nil, operation: single)
            }
            guard let key = item["key"]?.stringValue else { return nil }
            return TraceItem(
                table: item["table"]?.stringValue ?? table, entity: item["entity"]?.stringValue, key: key,
                sort: item["sort"]?.stringValue, operation: item["operation"]?.stringValue ?? single)
        }
    }
}
