package import JSONBytes

/// The requests and left-overs of the two batch operations.
package enum BatchCodec {
    typealias SchemaOf = (String) -> KeySchema?

    // MARK: BatchGetItem

    static func writeGets(
        _ gets: [BatchGet], consistent: Bool, schema: SchemaOf
    ) throws(ItemProblem) -> PreparedRequest {
        let count = gets.reduce(0) { $0 + $1.keys.count }
        guard (1...DynamoDBLimits.maximumBatchGetKeys).contains(count) else {
            throw ItemProblem(reason: "a batch reads 1 to \(DynamoDBLimits.maximumBatchGetKeys) keys, not \(count)")
        }
        guard Set(gets.map(\.table)).count == gets.count else {
            throw ItemProblem(reason: "a table stands twice in the batch: put all of its keys into one BatchGet")
        }
        try ItemIdentities.checkDistinct(gets)
        var writer = RequestWriter(reserving: 64 + count * 64)
        var touched: [TouchedKey] = []
        writer.json.key("RequestItems")
        writer.json.beginObject()
        for get in gets where !get.keys.isEmpty {
            let keySchema = schema(get.table)
            writer.json.key(get.table)
            writer.json.beginObject()
            if consistent { writer.json.member("ConsistentRead", true) }
            try writer.expressions([(get.projection, "ProjectionExpression")])
            writer.json.key("Keys")
            writer.json.beginArray()
            for key in get.keys {
                try RequestWriter.checkKey(key, schema: keySchema)
                ItemCodec.write(key, into: &writer.json)
                touched += KeySchema.touchedKeys(ofKey: key, in: get.table, schema: keySchema)
            }
            writer.json.endArray()
            writer.json.endObject()
        }
        writer.json.endObject()
        return writer.finish(keys: touched)
    }

    /// The keys that were left, with the projection that they were asked with.
    package static func readGets(from scanner: inout JSONScanner, asked: [BatchGet]) throws(JSONError) -> [BatchGet] {
        var left: [BatchGet] = []
        try scanner.beginObject()
        while let table = try scanner.nextKey() {
            var get = BatchGet(table: table, keys: [], projection: asked.first { $0.table == table }?.projection)
            try scanner.beginObject()
            while let name = try scanner.nextKey() {
                if name == "Keys" {
                    get.keys = try ItemCodec.readItems(from: &scanner)
                } else {
                    try scanner.skipValue()
                }
            }
            left.append(get)
        }
        return left
    }

    // MARK: BatchWriteItem

    static func write(_ writes: [BatchWrite], schema: SchemaOf) throws(ItemProblem) -> PreparedRequest {
        guard (1...DynamoDBLimits.maximumBatchWrites).contains(writes.count) else {
            throw ItemProblem(
                reason: "a batch writes 1 to \(DynamoDBLimits.maximumBatchWrites) items, not \(writes.count)")
        }
        try ItemIdentities.checkDistinct(writes, schema: schema)
        var writer = RequestWriter(reserving: 64 + writes.count * 256)
        var touched: [TouchedKey] = []
        var tables: [String] = []
        for write in writes where !tables.contains(write.table) { tables.append(write.table) }
        writer.json.key("RequestItems")
        writer.json.beginObject()
        for table in tables {
            writer.json.key(table)
            writer.json.beginArray()
            for write in writes where write.table == table {
                touched += try self.write(write, schema: schema(table), into: &writer)
            }
            writer.json.endArray()
        }
        writer.json.endObject()
        var request = writer.finish(keys: touched)
        guard BatchChunks.fits(request.body.count) else {
            throw ItemProblem(
                reason: "the batch has \(request.body.count) bytes on the wire, more than DynamoDB's "
                    + "\(BatchChunks.maximumBytes): batchWriteAll cuts it to size")
        }
        request.items = writes.count
        return request
    }

    private static func write(
        _ write: BatchWrite, schema: KeySchema?, into writer: inout RequestWriter
    ) throws(ItemProblem) -> [TouchedKey] {
        let touched: [TouchedKey]
        writer.json.beginObject()
        switch write.action {
        case .put(let item):
            writer.json.key("PutRequest")
            writer.json.beginObject()
            let size = try writer.item(item, as: "Item", schema: schema)
            touched = KeySchema.touchedKeys(
                ofItem: item, in: write.table, schema: schema, weight: TouchedKey.writeWeight(itemBytes: size))
        case .delete(let key):
            writer.json.key("DeleteRequest")
            writer.json.beginObject()
            try writer.key(key, as: "Key", schema: schema)
            touched = KeySchema.touchedKeys(ofKey: key, in: write.table, schema: schema)
        }
        writer.json.endObject()
        writer.json.endObject()
        return touched
    }

    package static func readWrites(from scanner: inout JSONScanner) throws(JSONError) -> [BatchWrite] {
        var left: [BatchWrite] = []
        try scanner.beginObject()
        while let table = try scanner.nextKey() {
            try scanner.beginArray()
            while try scanner.nextElement() {
                try scanner.beginObject()
                while let name = try scanner.nextKey() {
                    guard let item = try readItem(of: name, from: &scanner) else { continue }
                    left.append(
                        name == "PutRequest" ? .put(table: table, item: item) : .delete(table: table, key: item))
                }
            }
        }
        return left
    }

    private static func readItem(of name: String, from scanner: inout JSONScanner) throws(JSONError) -> Item? {
        guard name == "PutRequest" || name == "DeleteRequest", try scanner.peekKind() == .object else {
            try scanner.skipValue()
            return nil
        }
        var item: Item?
        try scanner.beginObject()
        while let part = try scanner.nextKey() {
            if part == "Item" || part == "Key" {
                item = try ItemCodec.readItem(from: &scanner)
            } else {
                try scanner.skipValue()
            }
        }
        return item
    }
}

/// Which of a batch's keys its capacity was spent on, and in what proportion.
enum BatchKeys {
    private struct Place: Hashable {
        var table: String
        var value: AttributeValue
    }

    /// Keys without those that were left; each weighs what the items found under it take, one block at least.
    static func served(_ keys: [TouchedKey], found: [String: [Item]], unprocessed: [BatchGet]) -> [TouchedKey] {
        var served = keys
        for get in unprocessed { for key in get.keys { take(key, of: get.table, from: &served) } }
        let attributes = Dictionary(served.map { ($0.table, $0.attribute) }, uniquingKeysWith: { first, _ in first })
        let positions = Dictionary(
            served.enumerated().map { (Place(table: $1.table, value: $1.value.keyIdentity), $0) },
            uniquingKeysWith: { first, _ in first })
        for (table, items) in found {
            guard let attribute = attributes[table] else { continue }
            for item in items {
                guard let value = item[attribute],
                    let position = positions[Place(table: table, value: value.keyIdentity)]
                else { continue }
                // Each key counts one block already.
                served[position].weight +=
                    TouchedKey.readWeight(itemBytes: ItemSize.bytes(of: item)) - TouchedKey.oneUnit
            }
        }
        return served
    }

    /// Keys without those of the writes that were left.
    static func served(_ keys: [TouchedKey], unprocessed: [BatchWrite]) -> [TouchedKey] {
        var served = keys
        for write in unprocessed {
            switch write.action {
            case .put(let item), .delete(let item): take(item, of: write.table, from: &served)
            }
        }
        return served
    }

    /// Takes away the item's key, and with it its keys in indexes.
    private static func take(_ item: Item, of table: String, from keys: inout [TouchedKey]) {
        for index in Set(keys.map(\.index)) {
            let position = keys.firstIndex { key in
                key.table == table && key.index == index
                    && item[key.attribute]?.keyIdentity == key.value.keyIdentity
            }
            if let position { keys.remove(at: position) }
        }
    }
}
