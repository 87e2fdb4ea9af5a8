internal import AWSCore
internal import JSONBytes

/// The keys that a batch reads from one table.
public struct BatchGet: Sendable, Hashable {
    /// The table.
    public var table: String
    /// The keys; none may stand twice in one request, numbers compared by their value.
    public var keys: [Item]
    /// The attributes to be read; all where none is given.
    public var projection: Expression?

    /// Puts the parts together.
    public init(table: String, keys: [Item], projection: Expression? = nil) {
        self.table = table
        self.keys = keys
        self.projection = projection
    }
}

/// What BatchGetItem found.
public struct BatchGetOutput: CallOutput, OperationResult {
    /// What is known of the call.
    public internal(set) var report = CallReport()
    /// The items by table, in no order; keys without an item are left out.
    public internal(set) var items: [String: [Item]] = [:]
    /// The keys that DynamoDB did not get to: to be asked for again.
    public internal(set) var unprocessed: [BatchGet] = []

    func carried(by request: PreparedRequest) -> (items: Int, bytes: Int) {
        items.values.joined().reduce((0, 0)) { ($0.0 + 1, $0.1 + ItemSize.bytes(of: $1)) }
    }

    /// Whether what is left was left for the answer's size alone.
    var isFull: Bool { BatchChunks.isFull(items.values.joined().reduce(0) { $0 + ItemSize.bytes(of: $1) }) }

    /// The keys that were read, each with the weight of the items found under it.
    func servedKeys(of request: PreparedRequest) -> [TouchedKey] {
        BatchKeys.served(request.keys, found: items, unprocessed: unprocessed)
    }
}

/// One write of a batch.
public struct BatchWrite: Sendable, Hashable {
    /// What is done to the item.
    public enum Action: Sendable, Hashable {
        /// The item is stored in place of one with the same key.
        case put(Item)
        /// The item with this key is deleted.
        case delete(Item)
    }

    /// The table.
    public var table: String
    /// What is done.
    public var action: Action

    /// Stores an item.
    public static func put(table: String, item: Item) -> BatchWrite { BatchWrite(table: table, action: .put(item)) }
    /// Deletes an item.
    public static func delete(table: String, key: Item) -> BatchWrite { BatchWrite(table: table, action: .delete(key)) }
}

/// What BatchWriteItem left undone.
public struct BatchWriteOutput: CallOutput, OperationResult {
    /// What is known of the call.
    public internal(set) var report = CallReport()
    /// The writes that DynamoDB did not get to: to be sent again.
    public internal(set) var unprocessed: [BatchWrite] = []

    func carried(by request: PreparedRequest) -> (items: Int, bytes: Int) {
        let left = unprocessed.reduce(0) { sum, write in
            if case .put(let item) = write.action { sum + ItemSize.bytes(of: item) } else { sum }
        }
        return (max(0, request.items - unprocessed.count), max(0, request.itemBytes - left))
    }

    func servedKeys(of request: PreparedRequest) -> [TouchedKey] {
        BatchKeys.served(request.keys, unprocessed: unprocessed)
    }
}

extension DynamoDBClient {
    /// Reads up to 100 items by their keys in one request.
    ///
    /// - Throws: `validation` before anything is sent when a key stands twice; any failure of the request as a whole. Keys that DynamoDB did not get to are no failure: they are in
    ///   `unprocessed`, and `batchGetAll` asks again.
    public func batchGetItem(
        _ gets: [BatchGet], options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> BatchGetOutput {
        let site = CallSite(
            operation: .batchGetItem, table: Self.onlyTable(of: gets.map(\.table)), tables: gets.map(\.table),
            options: options)
        let output = try await perform(site) { () throws(ItemProblem) in
            try BatchCodec.writeGets(gets, consistent: options.consistentRead, schema: directory.schema(of:))
        } decode: { response throws(JSONError) in
            var output = BatchGetOutput()
            try ResponseReader.read(response.body) { name, scanner throws(JSONError) in
                switch name {
                case "Responses":
                    try scanner.beginObject()
                    while let table = try scanner.nextKey() {
                        output.items[table] = try ItemCodec.readItems(from: &scanner)
                    }
                case "UnprocessedKeys": output.unprocessed = try BatchCodec.readGets(from: &scanner, asked: gets)
                case "ConsumedCapacity":
                    output.report.consumed = try CapacityReader(isWrite: false).read(from: &scanner)
                default: return false
                }
                return true
            }
            return output
        }
        if !output.unprocessed.isEmpty, !output.isFull { recordThrottle(of: output.unprocessed, at: site) }
        return output
    }

    /// Stores and deletes up to 25 items in one request. Each write stands alone: some may be done and others not.
    ///
    /// - Throws: `validation` before anything is sent when two writes are about one item; any failure of the request as
    ///   a whole. Writes that DynamoDB did not get to are no failure: they are in
    ///   `unprocessed`, and `batchWriteAll` sends them again.
    @discardableResult
    public func batchWriteItem(
        _ writes: [BatchWrite], options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> BatchWriteOutput {
        let site = CallSite(
            operation: .batchWriteItem, table: Self.onlyTable(of: writes.map(\.table)), tables: writes.map(\.table),
            options: options)
        let output = try await perform(site) { () throws(ItemProblem) in
            try BatchCodec.write(writes, schema: directory.schema(of:))
        } decode: { response throws(JSONError) in
            var output = BatchWriteOutput()
            try ResponseReader.read(response.body) { name, scanner throws(JSONError) in
                switch name {
                case "UnprocessedItems": output.unprocessed = try BatchCodec.readWrites(from: &scanner)
                case "ConsumedCapacity": output.report.consumed = try CapacityReader(isWrite: true).read(from: &scanner)
                default: return false
                }
                return true
            }
            return output
        }
        if !output.unprocessed.isEmpty { recordThrottle(of: output.unprocessed, at: site) }
        return output
    }
}
