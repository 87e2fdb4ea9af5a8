package import JSONBytes

/// The requests and answers of the two transactions.
package enum TransactCodec {
    typealias SchemaOf = (String) -> KeySchema?

    static func write(_ gets: [TransactGet], schema: SchemaOf) throws(ItemProblem) -> PreparedRequest {
        try checkCount(gets.count)
        var writer = RequestWriter(reserving: 64 + gets.count * 96)
        var touched: [TouchedKey] = []
        writer.json.key("TransactItems")
        writer.json.beginArray()
        for get in gets {
            let keySchema = schema(get.table)
            writer.json.beginObject()
            writer.json.key("Get")
            writer.json.beginObject()
            try writer.table(get.table)
            try writer.key(get.key, as: "Key", schema: keySchema)
            try writer.expressions([(get.projection, "ProjectionExpression")])
            writer.json.endObject()
            writer.json.endObject()
            touched += KeySchema.touchedKeys(
                ofKey: get.key, in: get.table, schema: keySchema, weight: 2 * TouchedKey.oneUnit)
        }
        writer.json.endArray()
        return writer.finish(keys: touched)
    }

    static func write(
        _ writes: [TransactWrite], token: String, schema: SchemaOf
    ) throws(ItemProblem) -> PreparedRequest {
        try checkCount(writes.count)
        try check(token: token)
        try ItemIdentities.checkDistinct(writes, schema: schema)
        var writer = RequestWriter(reserving: 128 + writes.count * 256)
        var touched: [TouchedKey] = []
        writer.json.member("ClientRequestToken", token)
        writer.json.key("TransactItems")
        writer.json.beginArray()
        for write in writes { touched += try self.write(write, schema: schema(write.table), into: &writer) }
        writer.json.endArray()
        guard writer.itemBytes <= DynamoDBLimits.maximumTransactionBytes else {
            throw ItemProblem(
                reason: "the transaction's items have \(writer.itemBytes) bytes, more than DynamoDB's "
                    + "\(DynamoDBLimits.maximumTransactionBytes)")
        }
        var request = writer.finish(keys: touched)
        request.items = writes.count
        return request
    }

    static func check(token: String) throws(ItemProblem) {
        guard (1...36).contains(token.utf8.count) else {
            throw ItemProblem(reason: "the transaction's token must have 1 to 36 characters")
        }
    }

    static func checkCount(_ count: Int) throws(ItemProblem) {
        guard (1...DynamoDBLimits.maximumTransactionItems).contains(count) else {
            throw ItemProblem(
                reason: "a transaction has 1 to \(DynamoDBLimits.maximumTransactionItems) items, not \(count)")
        }
    }

    private static func write(
        _ write: TransactWrite, schema: KeySchema?, into writer: inout RequestWriter
    ) throws(ItemProblem) -> [TouchedKey] {
        let touched: [TouchedKey]
        var update: Expression?
        writer.json.beginObject()
        switch write.action {
        case .put(let item):
            writer.open("Put")
            let size = try writer.item(item, as: "Item", schema: schema)
            touched = KeySchema.touchedKeys(
                ofItem: item, in: write.table, schema: schema, weight: 2 * TouchedKey.writeWeight(itemBytes: size))
        case .update(let key, let expression):
            update = expression
            touched = try writer.keyed("Update", key, of: write.table, schema: schema)
        case .delete(let key): touched = try writer.keyed("Delete", key, of: write.table, schema: schema)
        case .check(let key): touched = try writer.keyed("ConditionCheck", key, of: write.table, schema: schema)
        }
        try writer.table(write.table)
        try writer.expressions(
            [(update, "UpdateExpression"), (write.condition, "ConditionExpression")], schema: schema)
        writer.returning(.none, onConditionFailure: write.returnItemOnConditionFailure)
        writer.json.endObject()
        writer.json.endObject()
        return touched
    }

    package static func readItems(from scanner: inout JSONScanner) throws(JSONError) -> [Item?] {
        var items: [Item?] = []
        try scanner.beginArray()
        while try scanner.nextElement() {
            var item: Item?
            if try scanner.peekKind() == .null {
                try scanner.readNull()
            } else {
                try scanner.beginObject()
                while let name = try scanner.nextKey() {
                    if name == "Item", try scanner.peekKind() == .object {
                        item = try ItemCodec.readItem(from: &scanner)
                    } else {
                        try scanner.skipValue()
                    }
                }
            }
            items.append(item)
        }
        return items
    }
}

extension RequestWriter {
    fileprivate mutating func open(_ member: String) {
        json.key(member)
        json.beginObject()
    }

    fileprivate mutating func keyed(
        _ member: String, _ key: Item, of table: String, schema: KeySchema?
    ) throws(ItemProblem) -> [TouchedKey] {
        open(member)
        try self.key(key, as: "Key", schema: schema)
        return KeySchema.touchedKeys(
            ofKey: key, in: table, schema: schema, weight: 2 * TouchedKey.oneUnit)
    }
}
