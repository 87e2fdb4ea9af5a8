import ContractModel
import Tidemark

extension Probe {
    private static let absent: Expression = "attribute_not_exists(pk)"

    /// Single items.
    static let items: [Probe] = [
        Probe("PutItem", "put.types", "all ten types come back as they were written") { context in
            try await context.makeTable()
            let values: Item = [
                "S": "é😀\u{1}\"\\", "N": .number("-12345678901234567890.123456789"), "B": .binary([0, 255]),
                "SS": .stringSet(["a"]), "NS": .numberSet(["2.5"]), "BS": .binarySet([[2, 3]]),
                "L": ["x", 1, nil, [true]],
                "M": ["inner": ["deep": .binary([9])], "empty": .string("")], "BOOL": false, "NULL": nil,
            ]
            let item = values.merging(context.key("p", 1)) { $1 }
            try await context.client.putItem(table: context.table, item: item)
            let found = try await context.client.getItem(table: context.table, key: context.key("p", 1)).item ?? [:]
            let changed = item.keys.filter { found[$0] != item[$0] }.sorted()
            try context.expect(changed.isEmpty, "changed: \(changed.joined(separator: ", "))")
        },
        Probe("PutItem", "put.numbers", "a number comes back without its superfluous zeros") { context in
            try await context.makeTable()
            try await context.client.putItem(
                table: context.table, item: context.key("p", 1).merging(["n": .number("0012.50")]) { $1 })
            let found = try await context.client.getItem(table: context.table, key: context.key("p", 1)).item
            let text = found?["n"]?.numberText ?? "nothing"
            try context.expect(text == "12.5", "0012.50 comes back as \(text)")
        },
        Probe("PutItem", "put.oneKey", "1 and 1.0 are one sort key") { context in
            try await context.makeTable()
            for text in ["1", "1.0"] {
                try await context.client.putItem(
                    table: context.table, item: ["pk": "p", "sk": .number(text), "text": .string(text)])
            }
            let count = try await context.client.scan(table: context.table).count
            try context.expect(count == 1, "they are \(count) items")
        },
        Probe("PutItem", "put.condition", "a condition that does not hold brings the item in the way") { context in
            try await context.makeTable()
            let item = context.item("p", 1, note: "first")
            try await context.client.putItem(table: context.table, item: item, condition: absent)
            let error = try await context.failure("the condition holds") { () throws(TidemarkError) in
                try await context.client.putItem(
                    table: context.table, item: context.item("p", 1), condition: absent,
                    returnItemOnConditionFailure: true)
            }
            try context.expect(error.code == .conditionFailed, "it fails as \(error.code)")
            try context.expect(error.conflictingItem == item, "the item in the way is not brought")
        },
        Probe("PutItem", "put.old", "the item that was replaced comes back") { context in
            try await context.makeTable()
            try await context.client.putItem(table: context.table, item: context.item("p", 1, note: "first"))
            let old = try await context.client.putItem(
                table: context.table, item: context.item("p", 1), returning: .allOld)
            try context.expect(old.attributes?["note"] == "first", "it does not")
        },
        Probe("PutItem", "put.capacity", "9 KB cost 9 write units on the table and 9 on the index") { context in
            try await context.makeTable()
            let large = context.item("p", 1, note: String(repeating: "x", count: 9_000))
            let consumed = try await context.client.putItem(table: context.table, item: large).consumed.first
            let (own, index) = (consumed?.tableUnits.writeMilliUnits, consumed?.indexUnits[ProbeContext.index])
            try context.expect(
                own == 9_000 && index?.writeMilliUnits == 9_000,
                "\(units(own)) on the table, \(units(index?.writeMilliUnits)) on the index")
        },
        Probe("PutItem", "put.tooLarge", "an item over 400 KB is refused") { context in
            try await context.makeTable()
            let text = String(repeating: "x", count: 410_000)
            try await context.expectRefusal(
                "PutItem",
                #"{"TableName":"\#(context.table)","Item":{"pk":{"S":"p"},"sk":{"N":"1"},"t":{"S":"\#(text)"}}}"#,
                "ValidationException", "it is taken")
        },
        Probe("PutItem", "put.keyType", "a key of the wrong type is refused") { context in
            try await context.makeTable()
            try await context.expectRefusal(
                "PutItem", #"{"TableName":"\#(context.table)","Item":{"pk":{"N":"1"},"sk":{"N":"1"}}}"#,
                "ValidationException", "it is taken")
        },
        Probe("PutItem", "put.emptyKey", "an empty key is refused") { context in
            try await context.makeTable()
            try await context.expectRefusal(
                "PutItem", #"{"TableName":"\#(context.table)","Item":{"pk":{"S":""},"sk":{"N":"1"}}}"#,
                "ValidationException", "it is taken")
        },
        Probe("PutItem", "put.emptySet", "an empty set is refused") { context in
            try await context.makeTable()
            try await context.expectRefusal(
                "PutItem", #"{"TableName":"\#(context.table)","Item":{"pk":{"S":"p"},"sk":{"N":"1"},"s":{"SS":[]}}}"#,
                "ValidationException", "it is taken")
        },
        Probe("GetItem", "get.missing", "a key without an item gives nothing, a table that is not there a failure") {
            context in
            try await context.makeTable()
            let found = try await context.client.getItem(table: context.table, key: context.key("p", 1)).item
            try context.expect(found == nil, "an item is made up")
            let error = try await context.failure("the missing table is no failure") { () throws(TidemarkError) in
                _ = try await context.client.getItem(table: context.table + "-no", key: context.key("p", 1))
            }
            try context.expect(error.code == .notFound, "it fails as \(error.code)")
        },
        Probe("GetItem", "get.projection", "only what is projected comes back, nested paths too") { context in
            try await context.makeTable()
            let item = context.item("p", 1).merging(["m": ["a": 1, "b": [2, 3]]]) { $1 }
            try await context.client.putItem(table: context.table, item: item)
            let found = try await context.client.getItem(
                table: context.table, key: context.key("p", 1),
                projection: Expression("#n, m.b[1]", names: ["#n": "note"])
            ).item
            try context.expect(found == ["note": "", "m": ["b": [3]]], "the projection is another")
        },
        Probe("GetItem", "get.reserved", "a reserved word in an expression is refused") { context in
            try await context.makeTable()
            try await context.expectRefusal(
                "GetItem",
                #"{"TableName":"\#(context.table)","Key":{"pk":{"S":"p"},"sk":{"N":"1"}},"ProjectionExpression":"status"}"#,
                "ValidationException", "it is taken")
        },
        Probe("GetItem", "get.capacity", "a small read costs 1 unit consistently and 0.5 otherwise") { context in
            try await context.makeTable()
            let (key, client) = (context.key("p", 1), context.client)
            try await client.putItem(table: context.table, item: context.item("p", 1))
            let strong = try await client.getItem(table: context.table, key: key, options: .consistent).consumed
            let weak = try await client.getItem(table: context.table, key: key).consumed
            let (one, half) = (strong.first?.total.readMilliUnits, weak.first?.total.readMilliUnits)
            try context.expect(one == 1_000 && half == 500, "\(units(one)) and \(units(half))")
        },
        Probe("GetItem", "get.capacityOfLarge", "9 KB cost 1.5 read units, not consistent") { context in
            try await context.makeTable()
            let large = context.item("p", 1, note: String(repeating: "x", count: 9_000))
            try await context.client.putItem(table: context.table, item: large)
            let consumed = try await context.client.getItem(table: context.table, key: context.key("p", 1)).consumed
            let found = consumed.first?.total.readMilliUnits
            try context.expect(found == 1_500, units(found))
        },
        Probe("UpdateItem", "update.returning", "an update gives the attributes that it changed, as they are then") {
            context in
            try await context.makeTable()
            let update = Expression(
                "SET a = if_not_exists(a, :n) + :n REMOVE note ADD tags :t", values: [":n": 2, ":t": .stringSet(["x"])])
            try await context.client.putItem(table: context.table, item: context.item("p", 1))
            let output = try await context.client.updateItem(
                table: context.table, key: context.key("p", 1), update: update, returning: .updatedNew)
            try context.expect(output.attributes == ["a": 4, "tags": .stringSet(["x"])], "others come back")
        },
        Probe("UpdateItem", "update.condition", "a condition that does not hold brings the item in the way") {
            context in
            try await context.makeTable()
            let item = context.item("p", 1)
            try await context.client.putItem(table: context.table, item: item)
            let error = try await context.failure("the condition holds") { () throws(TidemarkError) in
                try await context.client.updateItem(
                    table: context.table, key: context.key("p", 1),
                    update: Expression("SET a = :a", values: [":a": 1]),
                    condition: Expression("#s = :s", names: ["#s": "state"], values: [":s": "done"]),
                    returnItemOnConditionFailure: true)
            }
            try context.expect(error.code == .conditionFailed, "it fails as \(error.code)")
            try context.expect(error.conflictingItem == item, "the item in the way is not brought")
        },
        Probe("UpdateItem", "update.overlap", "two changes of one path are refused") { context in
            try await context.makeTable()
            try await context.expectRefusal(
                "UpdateItem",
                #"{"TableName":"\#(context.table)","Key":{"pk":{"S":"p"},"sk":{"N":"1"}},"UpdateExpression":"SET a = :a, a = :b","ExpressionAttributeValues":{":a":{"N":"1"},":b":{"N":"2"}}}"#,
                "ValidationException", "they are taken")
        },
        Probe("UpdateItem", "update.key", "a change of a key attribute is refused") { context in
            try await context.makeTable()
            try await context.expectRefusal(
                "UpdateItem",
                #"{"TableName":"\#(context.table)","Key":{"pk":{"S":"p"},"sk":{"N":"1"}},"UpdateExpression":"SET pk = :a","ExpressionAttributeValues":{":a":{"S":"1"}}}"#,
                "ValidationException", "it is taken")
        },
        Probe("DeleteItem", "delete.old", "the deleted item comes back, and a second delete is no failure") { context in
            try await context.makeTable()
            let item = context.item("p", 1)
            try await context.client.putItem(table: context.table, item: item)
            let output = try await context.client.deleteItem(
                table: context.table, key: context.key("p", 1), returning: .allOld)
            try context.expect(output.attributes == item, "it does not")
            try await context.client.deleteItem(table: context.table, key: context.key("p", 1))
        },
        Probe("DeleteItem", "delete.condition", "a condition that does not hold brings the item in the way") {
            context in
            try await context.makeTable()
            let item = context.item("p", 1)
            try await context.client.putItem(table: context.table, item: item)
            let error = try await context.failure("the condition holds") { () throws(TidemarkError) in
                try await context.client.deleteItem(
                    table: context.table, key: context.key("p", 1), condition: absent,
                    returnItemOnConditionFailure: true)
            }
            try context.expect(error.code == .conditionFailed, "it fails as \(error.code)")
            try context.expect(error.conflictingItem == item, "the item in the way is not brought")
        },
    ]

    /// Thousandths of a unit for people: "1.5".
    static func units(_ thousandths: UInt64?) -> String {
        guard let thousandths else { return "none" }
        return thousandths % 1_000 == 0 ? "\(thousandths / 1_000)" : "\(Double(thousandths) / 1_000)"
    }
}
