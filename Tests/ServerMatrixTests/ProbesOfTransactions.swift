import AWSCore
import ContractModel
import Tidemark

extension Probe {
    private static let absent: Expression = "attribute_not_exists(pk)"

    /// Transactions.
    static let transactions: [Probe] = [
        Probe(
            "TransactGetItems", "transactGet.order", "items come in the order of the request, missing ones as nothing"
        ) { context in
            try await context.fill(3)
            let output = try await context.client.transactGetItems(
                [3, 9, 1].map { TransactGet(table: context.table, key: context.key("p", $0), projection: "sk") })
            let numbers = output.items.map { $0?["sk"]?.intValue }
            try context.expect(numbers == [3, nil, 1], "other items or order")
            try context.expect(output.items[0] == ["sk": 3], "the projection is not applied")
        },
        Probe("TransactGetItems", "transactGet.capacity", "a read costs 2 units") { context in
            try await context.fill(1)
            let output = try await context.client.transactGetItems(
                [TransactGet(table: context.table, key: context.key("p", 1))])
            let found = output.consumed.first?.total.readMilliUnits
            try context.expect(found == 2_000, units(found))
        },
        Probe("TransactWriteItems", "transactWrite.allOrNone", "a failed condition leaves nothing written") { context in
            try await context.fill(2)
            let error = try await context.failure("the transaction is done") { () throws(TidemarkError) in
                try await context.client.transactWriteItems([
                    .put(table: context.table, item: context.item("p", 7)),
                    .delete(table: context.table, key: context.key("p", 1)),
                    .put(table: context.table, item: context.item("p", 2), condition: absent),
                ])
            }
            try context.expect(error.code == .conditionFailed, "it fails as \(error.code)")
            let left = try await context.client.scan(table: context.table).items.compactMap { $0["sk"]?.intValue }
            try context.expect(left.sorted() == [1, 2], "something is written")
        },
        Probe(
            "TransactWriteItems", "transactWrite.reasons", "each part has its reason in order, with the item in the way"
        ) { context in
            try await context.fill(2)
            var put = TransactWrite.put(table: context.table, item: context.item("p", 2), condition: absent)
            put.returnItemOnConditionFailure = true
            let writes = [TransactWrite.put(table: context.table, item: context.item("p", 7)), put]
            let error = try await context.failure("the transaction is done") { () throws(TidemarkError) in
                try await context.client.transactWriteItems(writes)
            }
            let codes = error.cancellationReasons.map(\.code)
            try context.expect(codes == ["None", "ConditionalCheckFailed"], "the reasons are \(codes)")
            try context.expect(
                error.cancellationReasons.last?.item == context.item("p", 2), "the item in the way is not brought")
        },
        Probe("TransactWriteItems", "transactWrite.kinds", "put, update, delete and check go together") { context in
            try await context.fill(3)
            try await context.client.transactWriteItems([
                .put(table: context.table, item: context.item("p", 4)),
                .update(
                    table: context.table, key: context.key("p", 1),
                    update: Expression("SET note = :n", values: [":n": "changed"])),
                .delete(table: context.table, key: context.key("p", 2)),
                .check(table: context.table, key: context.key("p", 3), condition: "attribute_exists(pk)"),
            ])
            let items = try await context.client.scan(table: context.table).items
            let notes = Dictionary(
                items.map { ($0["sk"]?.intValue ?? 0, $0["note"]?.stringValue ?? "") }, uniquingKeysWith: { $1 })
            try context.expect(notes == [1: "changed", 3: "", 4: ""], "other items")
        },
        Probe("TransactWriteItems", "transactWrite.token", "the same token does the same transaction once") { context in
            try await context.fill(1)
            let add = TransactWrite.update(
                table: context.table, key: context.key("p", 1),
                update: Expression("ADD n :one", values: [":one": 1]))
            for _ in 1...2 {
                try await context.client.transactWriteItems([add], token: "token-\(context.table)".suffix36)
            }
            let found = try await context.client.getItem(table: context.table, key: context.key("p", 1)).item
            let times = found?["n"]?.intValue ?? 0
            try context.expect(times == 1, "it is done \(times) times")
        },
        Probe("TransactWriteItems", "transactWrite.otherToken", "the same token for another transaction is refused") {
            context in
            try await context.fill(1)
            let token = "token-\(context.table)".suffix36
            let first = TransactWrite.delete(table: context.table, key: context.key("p", 1))
            let second = TransactWrite.delete(table: context.table, key: context.key("p", 2))
            try await context.client.transactWriteItems([first], token: token)
            let error = try await context.failure("it is done") { () throws(TidemarkError) in
                try await context.client.transactWriteItems([second], token: token)
            }
            let code = error.underlying?.code ?? ""
            try context.expect(code == "IdempotentParameterMismatchException", "it fails as \(code)")
        },
        Probe("TransactWriteItems", "transactWrite.twice", "two parts about one item are refused") { context in
            try await context.makeTable()
            let key = #""TableName":"\#(context.table)","Key":{"pk":{"S":"p"},"sk":{"N":"1"}}"#
            try await context.expectRefusal(
                "TransactWriteItems", #"{"TransactItems":[{"Delete":{\#(key)}},{"Delete":{\#(key)}}]}"#,
                "ValidationException", "they are taken")
        },
        Probe("TransactWriteItems", "transactWrite.capacity", "a write costs 2 units on the table and 2 on the index") {
            context in
            try await context.makeTable()
            let output = try await context.client.transactWriteItems(
                [.put(table: context.table, item: context.item("p", 1))])
            let consumed = output.consumed.first
            let (own, index) = (consumed?.tableUnits.writeMilliUnits, consumed?.indexUnits[ProbeContext.index])
            try context.expect(
                own == 2_000 && index?.writeMilliUnits == 2_000,
                "\(units(own)) on the table, \(units(index?.writeMilliUnits)) on the index")
        },
    ]

    /// PartiQL.
    static let statements: [Probe] = [
        Probe("ExecuteStatement", "statement.write", "INSERT, UPDATE and DELETE do what they say") { context in
            try await context.makeTable()
            let client = context.client
            try await client.executeStatement(
                PartiQLStatement(
                    #"INSERT INTO "\#(context.table)" VALUE {'pk': ?, 'sk': ?, 'note': ?}"#, parameters: ["p", 1, "a"]))
            try await client.executeStatement(
                PartiQLStatement(
                    #"UPDATE "\#(context.table)" SET note = ? WHERE pk = ? AND sk = ?"#, parameters: ["b", "p", 1]))
            let changed = try await client.getItem(table: context.table, key: context.key("p", 1)).item
            try context.expect(changed == context.key("p", 1).merging(["note": "b"]) { $1 }, "the item is another")
            try await client.executeStatement(
                PartiQLStatement(
                    #"DELETE FROM "\#(context.table)" WHERE pk = ? AND sk = ?"#, parameters: ["p", 1]))
            let gone = try await client.getItem(table: context.table, key: context.key("p", 1)).item
            try context.expect(gone == nil, "the item is not deleted")
        },
        Probe("ExecuteStatement", "statement.duplicate", "an INSERT of a key that is there is refused") { context in
            try await context.fill(1)
            let error = try await context.failure("it is taken") { () throws(TidemarkError) in
                try await context.client.executeStatement(
                    PartiQLStatement(
                        #"INSERT INTO "\#(context.table)" VALUE {'pk': ?, 'sk': ?}"#, parameters: ["p", 1]))
            }
            let code = error.underlying?.code ?? ""
            try context.expect(code == "DuplicateItemException", "it fails as \(code)")
        },
        Probe("ExecuteStatement", "statement.pages", "a SELECT with a limit is read in pages by its token") { context in
            try await context.fill(7)
            let statement = PartiQLStatement(
                #"SELECT sk FROM "\#(context.table)" WHERE pk = ?"#, parameters: ["p"])
            var (numbers, pages): ([Int], Int) = ([], 0)
            for try await page in context.client.statementPages(statement, pageSize: 3) {
                numbers += page.items.map { $0["sk"]?.intValue ?? -1 }
                pages += 1
                if pages > 10 { break }
            }
            try context.expect(numbers == Array(1...7), "\(numbers.count) items for 7")
            try context.expect(pages >= 3, "\(pages) page for 7 items with a limit of 3")
        },
        Probe("ExecuteStatement", "statement.index", "an index is read by its name after the table's") { context in
            try await context.fill(2)
            let page = try await context.client.executeStatement(
                PartiQLStatement(
                    #"SELECT * FROM "\#(context.table)"."\#(ProbeContext.index)" WHERE state = ?"#, parameters: ["open"]
                ))
            try context.expect(page.items.count == 2, "\(page.items.count) items for 2")
        },
        Probe("ExecuteStatement", "statement.capacity", "capacity is told") { context in
            try await context.fill(1)
            let page = try await context.client.executeStatement(
                PartiQLStatement(
                    #"SELECT * FROM "\#(context.table)" WHERE pk = ? AND sk = ?"#, parameters: ["p", 1]))
            let found = page.consumed.first?.total.readMilliUnits
            try context.expect(found == 500, units(found))
        },
        Probe(
            "BatchExecuteStatement", "statements.batch", "a statement that fails leaves the others done, and says why"
        ) { context in
            try await context.fill(1)
            let output = try await context.client.batchExecuteStatement(
                [2, 1].map {
                    PartiQLStatement(
                        #"INSERT INTO "\#(context.table)" VALUE {'pk': ?, 'sk': ?}"#,
                        parameters: ["p", .number($0)])
                })
            let names = output.results.map { $0.failure?.name ?? "done" }
            try context.expect(names == ["done", "DuplicateItem"], "the results are \(names)")
            let count = try await context.client.scan(table: context.table).count
            try context.expect(count == 2, "\(count) items for 2")
        },
        Probe("BatchExecuteStatement", "statements.batchRead", "each SELECT gives its item in order") { context in
            try await context.fill(2)
            let output = try await context.client.batchExecuteStatement(
                [2, 9, 1].map {
                    PartiQLStatement(
                        #"SELECT sk FROM "\#(context.table)" WHERE pk = ? AND sk = ?"#, parameters: ["p", .number($0)])
                })
            try context.expectRead(output)
        },
        Probe("ExecuteTransaction", "statements.transaction", "a failed condition leaves nothing written, with reasons")
        { context in
            try await context.fill(1)
            let error = try await context.failure("the transaction is done") { () throws(TidemarkError) in
                try await context.client.executeTransaction(
                    [2, 1].map {
                        PartiQLStatement(
                            #"INSERT INTO "\#(context.table)" VALUE {'pk': ?, 'sk': ?}"#,
                            parameters: ["p", .number($0)])
                    })
            }
            let codes = error.cancellationReasons.map(\.code)
            try context.expect(
                codes == ["None", "DuplicateItem"], "\(error.underlying?.code ?? ""), the reasons are \(codes)")
            let count = try await context.client.scan(table: context.table).count
            try context.expect(count == 1, "\(count) items for 1")
        },
        Probe("ExecuteTransaction", "statements.transactionRead", "each SELECT gives its item in order") { context in
            try await context.fill(2)
            let output = try await context.client.executeTransaction(
                [2, 9, 1].map {
                    PartiQLStatement(
                        #"SELECT sk FROM "\#(context.table)" WHERE pk = ? AND sk = ?"#, parameters: ["p", .number($0)])
                })
            try context.expectRead(output)
        },
    ]
}

extension ProbeContext {
    /// Items 2 and 1 with the sort key alone, and nothing between them.
    fileprivate func expectRead(_ output: StatementsOutput) throws {
        let found = output.results.map { result in
            result.failure?.name ?? result.item?["sk"]?.numberText ?? "nothing"
        }
        try expect(found == ["2", "nothing", "1"], "the results are \(found)")
        try expect(output.results[0].item == ["sk": 2], "the projection is not applied")
    }
}

extension String {
    /// The last 36 characters: what a transaction's token may have.
    fileprivate var suffix36: String { String(suffix(36)) }
}
