internal import ContractModel
package import JSONBytes

/// Writes a request's JSON and checks what goes into it.
struct RequestWriter {
    var json: JSONWriter
    private(set) var items = 0
    private(set) var itemBytes = 0

    /// A request that asks what it consumes, by table and by index.
    init(reserving capacity: Int = 256) {
        json = JSONWriter(reserving: capacity)
        json.beginObject()
        json.member("ReturnConsumedCapacity", "INDEXES")
    }

    /// A request about tables, which consumes nothing.
    static func plain() -> RequestWriter {
        var writer = RequestWriter()
        writer.json = JSONWriter()
        writer.json.beginObject()
        return writer
    }

    mutating func table(_ name: String) throws(ItemProblem) {
        guard !name.isEmpty else { throw ItemProblem(reason: "the table's name is empty: name the table") }
        json.member("TableName", name)
    }

    /// Writes an item to be stored and gives its size.
    @discardableResult
    mutating func item(_ item: Item, as member: String, schema: KeySchema?) throws(ItemProblem) -> Int {
        let size = try ItemSize.checkedBytes(of: item)
        guard !item.isEmpty else { throw ItemProblem(reason: "the item has no attributes: it needs its key at least") }
        if let keys = schema?.table {
            try Self.checkKey(
                item[keys.partition], named: keys.partition, limit: DynamoDBLimits.maximumPartitionKeyBytes)
            if let sort = keys.sort {
                try Self.checkKey(item[sort], named: sort, limit: DynamoDBLimits.maximumSortKeyBytes)
            }
        }
        try schema?.checkIndexKeys(of: item)
        json.key(member)
        ItemCodec.write(item, into: &json)
        items += 1
        itemBytes += size
        return size
    }

    /// Counts an item that is written by other means.
    mutating func count(itemOf size: Int) {
        items += 1
        itemBytes += size
    }

    /// Writes a key.
    mutating func key(_ key: Item, as member: String, schema: KeySchema?) throws(ItemProblem) {
        try Self.checkKey(key, schema: schema)
        json.key(member)
        ItemCodec.write(key, into: &json)
    }

    /// - Parameter schema: the table's keys where they are known, which no update may change.
    mutating func expressions(
        _ expressions: [(Expression?, String)], schema: KeySchema? = nil
    ) throws(ItemProblem) {
        var set = ExpressionSet()
        for (expression, member) in expressions { try set.add(expression, as: member, schema: schema) }
        try set.write(into: &json)
    }

    /// The finished request.
    mutating func finish(keys: [TouchedKey]) -> PreparedRequest {
        json.endObject()
        return PreparedRequest(body: json.take(), keys: keys, items: items, itemBytes: itemBytes)
    }

    // MARK: Keys

    static func checkKey(_ key: Item, schema: KeySchema?) throws(ItemProblem) {
        guard (1...2).contains(key.count) else {
            throw ItemProblem(reason: "a key has one or two attributes, not \(key.count)")
        }
        guard let keys = schema?.table else {
            for (name, value) in key {
                try checkKey(value, named: name, limit: DynamoDBLimits.maximumPartitionKeyBytes)
            }
            return
        }
        try checkKey(key[keys.partition], named: keys.partition, limit: DynamoDBLimits.maximumPartitionKeyBytes)
        if let sort = keys.sort {
            try checkKey(key[sort], named: sort, limit: DynamoDBLimits.maximumSortKeyBytes)
        }
        guard key.count == (keys.sort == nil ? 1 : 2) else {
            throw ItemProblem(reason: "the key has an attribute that is not one of the table's key attributes")
        }
    }

    static func checkKey(_ value: AttributeValue?, named name: String, limit: Int) throws(ItemProblem) {
        guard let value else { throw ItemProblem(reason: "the key attribute '\(name)' is missing") }
        guard value.type.isAllowedInKey else {
            throw ItemProblem(reason: "the key attribute '\(name)' is neither a string nor a number nor a binary")
        }
        let size = try ItemSize.checkedBytes(of: value, named: name)
        guard size > 0 else {
            throw ItemProblem(reason: "the key attribute '\(name)' is empty, which DynamoDB refuses")
        }
        guard size <= limit else {
            throw ItemProblem(
                reason: "the key attribute '\(name)' has \(size) bytes, more than DynamoDB's \(limit) for such a key")
        }
    }
}

/// Reads an answer's members; those that are not wanted are skipped.
package enum ResponseReader {
    package static func read(
        _ bytes: [UInt8], member: (JSONName, inout JSONScanner) throws(JSONError) -> Bool
    ) throws(JSONError) {
        var scanner = JSONScanner(bytes)
        try scanner.beginObject()
        while let name = try scanner.nextName() {
            if try scanner.peekKind() == .null {
                try scanner.readNull()
            } else if try !member(name, &scanner) {
                // Whatever the status says: it is an error's, and nothing was done as far as one may say.
                if name == "__type" { throw JSONError(offset: 0, in: bytes, reason: "this is an error's name") }
                try scanner.skipValue()
            }
        }
        try scanner.finish()
    }
}
