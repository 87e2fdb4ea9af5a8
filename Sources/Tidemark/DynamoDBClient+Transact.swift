internal import AWSCore
internal import JSONBytes

/// One read of a transaction.
public struct TransactGet: Sendable, Hashable {
    /// The table.
    public var table: String
    /// The item's key.
    public var key: Item
    /// The attributes to be read; all where none is given.
    public var projection: Expression?

    /// Puts the parts together.
    public init(table: String, key: Item, projection: Expression? = nil) {
        self.table = table
        self.key = key
        self.projection = projection
    }
}

/// What TransactGetItems found.
public struct TransactGetOutput: CallOutput, OperationResult {
    /// What is known of the call.
    public internal(set) var report = CallReport()
    /// An entry for each read, in the order of the request; nil where there is no item.
    public internal(set) var items: [Item?] = []

    func carried(by request: PreparedRequest) -> (items: Int, bytes: Int) {
        items.compactMap { $0 }.reduce((0, 0)) { ($0.0 + 1, $0.1 + ItemSize.bytes(of: $1)) }
    }
}

/// One write of a transaction, or one check without a write.
public struct TransactWrite: Sendable, Hashable {
    /// What is done to the item.
    public enum Action: Sendable, Hashable {
        /// The item is stored in place of one with the same key.
        case put(Item)
        /// The item with this key is changed.
        case update(key: Item, Expression)
        /// The item with this key is deleted.
        case delete(key: Item)
        /// The item with this key only has to meet the condition.
        case check(key: Item)
    }

    /// The table.
    public var table: String
    /// What is done.
    public var action: Action
    /// What must hold of the item before.
    public var condition: Expression?
    /// Brings the item in the way with the error's `cancellationReasons`. Default false.
    public var returnItemOnConditionFailure = false

    /// Stores an item.
    public static func put(table: String, item: Item, condition: Expression? = nil) -> TransactWrite {
        TransactWrite(table: table, action: .put(item), condition: condition)
    }

    /// Changes an item.
    public static func update(
        table: String, key: Item, update: Expression, condition: Expression? = nil
    ) -> TransactWrite {
        TransactWrite(table: table, action: .update(key: key, update), condition: condition)
    }

    /// Deletes an item.
    public static func delete(table: String, key: Item, condition: Expression? = nil) -> TransactWrite {
        TransactWrite(table: table, action: .delete(key: key), condition: condition)
    }

    /// Checks an item.
    public static func check(table: String, key: Item, condition: Expression) -> TransactWrite {
        TransactWrite(table: table, action: .check(key: key), condition: condition)
    }
}

/// What a transaction consumed.
public struct TransactWriteOutput: CallOutput, OperationResult {
    /// What is known of the call.
    public internal(set) var report = CallReport()
}

extension DynamoDBClient {
    /// Reads up to 100 items as they are at one moment; costs twice as much as consistent reads.
    ///
    /// - Throws: `transactionConflict` where a write was under way, with `cancellationReasons` for each item.
    public func transactGetItems(
        _ gets: [TransactGet], options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> TransactGetOutput {
        let site = CallSite(
            operation: .transactGetItems, table: Self.onlyTable(of: gets.map(\.table)), tables: gets.map(\.table),
            options: options)
        return try await perform(site) { () throws(ItemProblem) in
            try TransactCodec.write(gets, schema: directory.schema(of:))
        } decode: { response throws(JSONError) in
            var output = TransactGetOutput()
            try ResponseReader.read(response.body) { name, scanner throws(JSONError) in
                switch name {
                case "Responses": output.items = try TransactCodec.readItems(from: &scanner)
                case "ConsumedCapacity":
                    output.report.consumed = try CapacityReader(isWrite: false).read(from: &scanner)
                default: return false
                }
                return true
            }
            return output
        }
    }

    /// Writes up to 100 items, all or none; costs twice as much as single writes.
    ///
    /// - Parameter token: makes repeating the same transaction within 10 minutes harmless. One is made for the call and
    ///   kept across its attempts; give your own to be safe across calls too. At most 36 characters.
    /// - Throws: `conditionFailed`, `transactionConflict` or `throttled`, with `cancellationReasons` for each item.
    @discardableResult
    public func transactWriteItems(
        _ writes: [TransactWrite], token: String? = nil, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> TransactWriteOutput {
        let site = CallSite(
            operation: .transactWriteItems, table: Self.onlyTable(of: writes.map(\.table)), tables: writes.map(\.table),
            options: options)
        return try await perform(site) { () throws(ItemProblem) in
            var request = try TransactCodec.write(
                writes, token: token ?? caller.identifiers.nextUUID(), schema: directory.schema(of:))
            request.isSafeInItselfOnly = token == nil
            return request
        } decode: { response throws(JSONError) in
            var output = TransactWriteOutput()
            try ResponseReader.read(response.body) { name, scanner throws(JSONError) in
                guard name == "ConsumedCapacity" else { return false }
                output.report.consumed = try CapacityReader(isWrite: true).read(from: &scanner)
                return true
            }
            return output
        }
    }

    /// The table that all parts of a call are about, or "" where there are several.
    static func onlyTable(of tables: [String]) -> String {
        guard let first = tables.first, tables.allSatisfy({ $0 == first }) else { return "" }
        return first
    }
}
