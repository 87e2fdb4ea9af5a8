import ContractModel
import Tidemark

extension Probe {
    private static func partition(_ name: String) -> Expression { Expression("pk = :p", values: [":p": .string(name)]) }
    private static let open = Expression("#s = :s", names: ["#s": "state"], values: [":s": "open"])

    private static func numbers(_ items: Items<Pages<Page>>) async throws -> [Int] {
        var numbers: [Int] = []
        for try await item in items { numbers.append(item["sk"]?.intValue ?? -1) }
        return numbers
    }

    /// Query and Scan.
    static let queries: [Probe] = [
        Probe("Query", "query.pages", "pages give every item once in order, both ways") { context in
            try await context.fill(23)
            for ascending in [true, false] {
                let found = try await numbers(
                    context.client.queryPages(
                        table: context.table, keyCondition: partition("p"), pageSize: 5, ascending: ascending
                    ).items)
                try context.expect(found == (ascending ? Array(1...23) : (1...23).reversed()), "other items or order")
            }
        },
        Probe("Query", "query.index", "an index is read in pages, with its own and the table's key in lastKey") {
            context in
            try await context.fill(12)
            let first = try await context.client.query(
                table: context.table, index: ProbeContext.index, keyCondition: open, limit: 5)
            let names = first.lastKey?.keys.sorted() ?? []
            try context.expect(names == ["pk", "sk", "state"], "lastKey has \(names.joined(separator: ", "))")
            let found = try await numbers(
                context.client.queryPages(
                    table: context.table, index: ProbeContext.index, keyCondition: open, pageSize: 5
                ).items)
            try context.expect(found == Array(1...12), "other items or order")
        },
        Probe("Query", "query.filter", "a filter is counted apart from what was read") { context in
            try await context.fill(10)
            let page = try await context.client.query(
                table: context.table, keyCondition: Expression("pk = :p AND sk > :k", values: [":p": "p", ":k": 2]),
                filter: Expression(
                    "sk2 = :x OR begins_with(#s, :o)", names: ["#s": "state"], values: [":x": 1, ":o": "op"]))
            try context.expect(page.count == 8 && page.scannedCount == 8, "\(page.count) of \(page.scannedCount)")
            let none = try await context.client.query(
                table: context.table, keyCondition: partition("p"), filter: "attribute_exists(nothing)")
            try context.expect(none.count == 0 && none.scannedCount == 10, "\(none.count) of \(none.scannedCount)")
        },
        Probe("Query", "query.count", "a count brings no items") { context in
            try await context.fill(7)
            let page = try await context.client.query(
                table: context.table, keyCondition: partition("p"), countOnly: true)
            try context.expect(page.count == 7 && page.items.isEmpty, "\(page.count), with \(page.items.count) items")
        },
        Probe("Query", "query.megabyte", "a page ends after 1 MB") { context in
            try await context.makeTable()
            let note = String(repeating: "x", count: 300_000)
            for number in 1...5 {
                try await context.client.putItem(
                    table: context.table, item: context.item("p", number, note: note))
            }
            let page = try await context.client.query(table: context.table, keyCondition: partition("p"))
            try context.expect(page.count < 5 && page.lastKey != nil, "\(page.count) items of 300 KB in one page")
        },
        Probe("Query", "query.capacity", "a query of an index costs the index and not the table") { context in
            try await context.fill(3)
            let consumed = try await context.client.query(
                table: context.table, index: ProbeContext.index, keyCondition: open
            ).consumed.first
            let (own, index) = (consumed?.tableUnits.readMilliUnits, consumed?.indexUnits[ProbeContext.index])
            try context.expect(
                own == 0 && index?.readMilliUnits == 500,
                "\(units(own)) on the table, \(units(index?.readMilliUnits)) on the index")
        },
        Probe("Query", "query.consistentIndex", "a consistent read of a global index is refused") { context in
            try await context.fill(1)
            let error = try await context.failure("it is answered") { () throws(TidemarkError) in
                _ = try await context.client.query(
                    table: context.table, index: ProbeContext.index, keyCondition: open, options: .consistent)
            }
            try context.expect(error.code == .validation, "it fails as \(error.code)")
        },
        Probe("Scan", "scan.pages", "pages give every item once") { context in
            try await context.fill(23)
            let found = try await numbers(context.client.scanPages(table: context.table, pageSize: 5).items)
            try context.expect(found.sorted() == Array(1...23), "other items")
        },
        Probe("Scan", "scan.segments", "parallel segments give every item once between them") { context in
            try await context.makeTable()
            try await context.client.batchWriteAll(
                (1...40).map { .put(table: context.table, item: context.item("p\($0)", $0)) })
            var found: [Int] = []
            for try await item in context.client.parallelScan(table: context.table, segments: 4, pageSize: 3).items {
                found.append(item["sk"]?.intValue ?? -1)
            }
            try context.expect(found.sorted() == Array(1...40), "\(found.count) items for 40")
        },
        Probe("Scan", "scan.index", "an index without an item's key does not have the item") { context in
            try await context.fill(3)
            try await context.client.putItem(table: context.table, item: context.key("p", 9))
            let page = try await context.client.scan(table: context.table, index: ProbeContext.index)
            try context.expect(page.count == 3, "\(page.count) items for 3")
        },
        Probe("Scan", "scan.capacity", "a scan costs half a unit for each 4 KB read, whatever the filter leaves") {
            context in
            try await context.makeTable()
            let note = String(repeating: "x", count: 3_000)
            for number in 1...4 {
                try await context.client.putItem(table: context.table, item: context.item("p", number, note: note))
            }
            let page = try await context.client.scan(table: context.table, filter: "attribute_exists(nothing)")
            let found = page.consumed.first?.total.readMilliUnits
            try context.expect(found == 1_500, "\(units(found)) for 12 KB")
        },
    ]

    /// Batches.
    static let batches: [Probe] = [
        Probe("BatchGetItem", "batchGet.found", "items of several tables are found, missing ones left out") { context in
            try await context.fill(5)
            try await context.client.createTable(context.schema("2"))
            try await context.client.waitUntilActive(context.table + "2", interval: .milliseconds(20))
            try await context.client.putItem(table: context.table + "2", item: context.item("q", 1))
            let found = try await context.client.batchGetAll([
                BatchGet(table: context.table, keys: (1...9).map { context.key("p", $0) }, projection: "sk"),
                BatchGet(table: context.table + "2", keys: [context.key("q", 1)]),
            ])
            try await context.client.deleteTable(context.table + "2")
            try context.expect(
                Set(found[context.table] ?? []) == Set((1...5).map { ["sk": .number($0)] })
                    && found[context.table + "2"] == [context.item("q", 1)], "other items")
        },
        Probe("BatchGetItem", "batchGet.unprocessed", "what does not fit 16 MB is left for the next request") {
            context in
            try await context.makeTable()
            let note = String(repeating: "x", count: 390_000)
            try await context.client.batchWriteAll(
                (1...46).map { .put(table: context.table, item: context.item("p", $0, note: note)) })
            let output = try await context.client.batchGetItem(
                [BatchGet(table: context.table, keys: (1...46).map { context.key("p", $0) })])
            let left = output.unprocessed.reduce(0) { $0 + $1.keys.count }
            let found = output.items[context.table]?.count ?? 0
            try context.expect(left > 0 && found + left == 46, "\(found) items of 390 KB found, \(left) left")
        },
        Probe("BatchGetItem", "batchGet.twice", "a key that stands twice is refused") { context in
            try await context.fill(1)
            let key = #"{"pk":{"S":"p"},"sk":{"N":"1"}}"#
            try await context.expectRefusal(
                "BatchGetItem", #"{"RequestItems":{"\#(context.table)":{"Keys":[\#(key),\#(key)]}}}"#,
                "ValidationException", "it is answered")
        },
        Probe("BatchGetItem", "batchGet.tooMany", "101 keys are refused") { context in
            try await context.fill(1)
            let keys = (1...101).map { #"{"pk":{"S":"p"},"sk":{"N":"\#($0)"}}"# }.joined(separator: ",")
            try await context.expectRefusal(
                "BatchGetItem", #"{"RequestItems":{"\#(context.table)":{"Keys":[\#(keys)]}}}"#,
                "ValidationException", "they are answered")
        },
        Probe("BatchGetItem", "batchGet.capacity", "each item costs by its own size") { context in
            try await context.fill(3)
            let output = try await context.client.batchGetItem(
                [BatchGet(table: context.table, keys: (1...3).map { context.key("p", $0) })])
            let found = output.consumed.first?.total.readMilliUnits
            try context.expect(found == 1_500, "\(units(found)) for 3 small items")
        },
        Probe("BatchWriteItem", "batchWrite.done", "items are stored and deleted") { context in
            try await context.fill(30)
            try await context.client.batchWriteAll(
                (1...28).map { .delete(table: context.table, key: context.key("p", $0)) })
            let count = try await context.client.scan(table: context.table).count
            try context.expect(count == 2, "\(count) items are left for 2")
        },
        Probe("BatchWriteItem", "batchWrite.twice", "two writes of one item are refused") { context in
            try await context.makeTable()
            let put = #"{"PutRequest":{"Item":{"pk":{"S":"p"},"sk":{"N":"1"}}}}"#
            try await context.expectRefusal(
                "BatchWriteItem", #"{"RequestItems":{"\#(context.table)":[\#(put),\#(put)]}}"#,
                "ValidationException", "they are taken")
        },
        Probe("BatchWriteItem", "batchWrite.tooMany", "26 writes are refused") { context in
            try await context.makeTable()
            let puts = (1...26).map { #"{"PutRequest":{"Item":{"pk":{"S":"p"},"sk":{"N":"\#($0)"}}}}"# }
            try await context.expectRefusal(
                "BatchWriteItem", #"{"RequestItems":{"\#(context.table)":[\#(puts.joined(separator: ","))]}}"#,
                "ValidationException", "they are taken")
        },
        Probe("BatchWriteItem", "batchWrite.capacity", "table and index are charged for each item") { context in
            try await context.makeTable()
            let output = try await context.client.batchWriteItem(
                (1...3).map { .put(table: context.table, item: context.item("p", $0)) })
            let consumed = output.consumed.first
            let (own, index) = (consumed?.tableUnits.writeMilliUnits, consumed?.indexUnits[ProbeContext.index])
            try context.expect(
                own == 3_000 && index?.writeMilliUnits == 3_000,
                "\(units(own)) on the table, \(units(index?.writeMilliUnits)) on the index")
        },
    ]
}
