import ContractEngine
import ContractGenerator
import Testing

/// Methods ask for what their patterns' callers know of the sort key too: the lines of an order, not of all the customer's orders.
struct KnownSortValueTests {
    private static let contract = """
        {"tables": [{"table": "Shop", "type": "multi-entity", "source_table": "orders", "pk": "PK", "sk": "SK",
          "gsis": [{"index_name": "ByShop", "pk": "G", "sk": "H", "projection": "ALL"}], "entities": [
          {"entity_type": "ORDER", "pk_template": "C#{customer_id}", "sk_template": "ORDER#{order_id}",
           "attributes": [{"name": "customer_id", "type": "S"}, {"name": "order_id", "type": "S"}]},
          {"entity_type": "LINE", "pk_template": "C#{customer_id}", "sk_template": "ORDER#{order_id}#LINE#{line_no}",
           "gsi_keys": [{"index_name": "ByShop", "pk_template": "S#{shop_id}", "sk_template": "{shop_id}#{state}#{line_no}"}],
           "attributes": [{"name": "customer_id", "type": "S"}, {"name": "order_id", "type": "N"},
             {"name": "line_no", "type": "S"}, {"name": "shop_id", "type": "S"}, {"name": "state", "type": "S"}]},
          {"entity_type": "VISIT", "pk_template": "C#{customer_id}", "sk_template": "VISIT#{visited_at}#{page}",
           "attributes": [{"name": "customer_id", "type": "S"}, {"name": "visited_at", "type": "S"},
             {"name": "page", "type": "S"}]}]}]}
        """

    private func method(
        _ description: String, _ entity: String, _ operation: String, _ keys: String, index: String = ""
    ) throws -> String {
        let patterns = """
            id,description,operation,table,index,entity,peak rps,key attributes
            AP1,\(description),\(operation),Shop,\(index),\(entity),1,"\(keys)"
            """
        let code = try GeneratedCode.make(
            ContractDocument.read(
                contract: SourceText(name: "c.json", text: Self.contract),
                patterns: SourceText(name: "p.csv", text: patterns)))
        let type = entity.prefix(1) + entity.dropFirst().lowercased()
        let file = try #require(code.files.first { $0.name == "\(type)Repository.swift" }).text
        let start = try #require(file.firstRange(of: "/// AP1"))
        return file[start.lowerBound...].split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    @Test func linesOfAnOrderAreAskedForByCustomerAndOrder() throws {
        let lines = try method("List lines of an order", "LINE", "Query", "customer_id, order_id")
        #expect(
            lines.contains(
                "func listLinesOfOrder( customerID: String, orderID: DynamoDBNumber, beginning: String? = nil,"))
        #expect(
            lines.contains(
                #"["customer_id": customerID, "order_id": orderID.description], beginning: beginning.map { ["line_no": $0] }"#
            ))
        #expect(lines.contains("- beginning: how `line_no` begins."))
    }

    @Test func whoKnowsTheCustomerAloneIsAskedForNoMore() throws {
        let lines = try method("List lines of a customer", "LINE", "Query", "customer_id")
        #expect(
            lines.contains("(customerID: String, beginning: String?")
                || lines.contains("( customerID: String, beginning: String?"))
        #expect(lines.contains(#"["customer_id": customerID], beginning: beginning.map { ["order_id": $0] }"#))
    }

    @Test func theLastValueIsLeftOpen() throws {
        // "order_id" stands in the list since it is part of the key: a Query of orders is of several.
        let orders = try method("List orders of a customer", "ORDER", "Query", "customer_id, order_id")
        #expect(orders.contains(#"["customer_id": customerID], beginning: beginning.map { ["order_id": $0] }"#))
        let line = try method("List lines of an order", "LINE", "Query", "customer_id, order_id, line_no")
        #expect(line.contains(#"beginning: beginning.map { ["line_no": $0] }"#))
    }

    @Test(arguments: [
        ("List visits of a customer", "customer_id, visited_at", "visited_at"),
        ("List lines since an order", "customer_id, order_id", "order_id"),
        ("Search lines by order", "customer_id, order_id", "order_id"),
        ("List lines of an order", "customer_id, order_id prefix", "order_id"),
    ])
    func timesAndBeginningsStayRanges(_ description: String, _ keys: String, _ open: String) throws {
        let entity = open == "visited_at" ? "VISIT" : "LINE"
        let found = try method(description, entity, "Query", keys)
        #expect(found.contains("[\"customer_id\": customerID], beginning: beginning.map { [\"\(open)\": $0] }"))
    }

    @Test func deletingTheLinesOfAnOrderLeavesThoseOfOthers() throws {
        let deletion = try method("Remove all lines of an order", "LINE", "DeleteItem", "customer_id, order_id")
        #expect(
            deletion.contains(
                #"items.deleteAll( ["customer_id": customerID, "order_id": orderID.description], pattern: "AP1""#))
    }

    @Test func anIndexsSortKeyIsAskedForAlike() throws {
        // Its first value is the partition's.
        let lines = try method("List lines of a shop by state", "LINE", "Query", "shop_id, state", index: "ByShop")
        #expect(lines.contains(#"["shop_id": shopID, "state": state], beginning: beginning.map { ["line_no": $0] }"#))
        let all = try method("List lines of a shop", "LINE", "Query", "shop_id", index: "ByShop")
        #expect(all.contains(#"["shop_id": shopID], beginning: beginning.map { ["state": $0] }"#))
    }
}

/// What a pattern's caller knows beside what the contract's key is made of, in the method's own words.
struct CallersKnowledgeTests {
    private static let contract = """
        {"tables": [{"table": "Members", "type": "multi-entity", "source_table": "members", "pk": "PK", "sk": "SK",
          "gsis": [{"index_name": "ById", "pk": "ById", "projection": "ALL"}],
          "entities": [
            {"entity_type": "MEMBER", "source_table": "members", "pk_template": "{email}", "sk_template": "#",
             "attributes": [{"name": "email", "type": "S", "source_column": "email"},
               {"name": "ById", "type": "S", "source_column": "id"}]},
            {"entity_type": "LOAN", "source_table": "loans", "pk_template": "{member_email}", "sk_template": "LOAN#{book}",
             "attributes": [
               {"name": "PK", "type": "S", "source_table": "loans", "source_column": "member_id", "join": {
                 "type": "foreign-key", "target_table": "members", "join_condition": "members.id = loans.member_id",
                 "select_column": "members.email"}},
               {"name": "book", "type": "S", "source_column": "book"}]}]}]}
        """

    private func document(_ operation: String, _ keys: String) throws -> ContractDocument {
        try ContractDocument.read(
            contract: SourceText(name: "c.json", text: Self.contract),
            patterns: SourceText(
                name: "p.csv",
                text:
                    "id,description,operation,table,entity,peak rps,key attributes\nAP1,Lend it,\(operation),Members,LOAN,1,\"\(keys)\"\n"
            ))
    }

    private func note(_ operation: String, _ keys: String) throws -> String? {
        let code = try GeneratedCode.make(document(operation, keys))
        let text = try #require(code.files.first { $0.name == "LoanRepository.swift" }).text
        let words = text.split { $0.isWhitespace || $0 == "/" }.joined(separator: " ")
        return words.split(separator: "- Note: ").dropFirst().first { $0.hasPrefix("By the documents") }
            .map { $0.split(separator: " there first.").first.map { $0 + " there first." } ?? "" }
    }

    @Test(arguments: ["Query", "PutItem", "UpdateItem", "TransactWriteItems"])
    func aKeyThatAJoinBroughtIsSaidToBeReadFirst(_ operation: String) throws {
        #expect(
            try note(operation, "member_id, book")
                == "By the documents it is \(operation), which needs `member_email`; its caller knows `member_id` and `book`. "
                + "`Members.ById` has `member_email` by that: read it there first.")
        let told = lint(try document(operation, "member_id, book")).filter { $0.rule == "operation-lacks-key" }
        #expect(told.map(\.subject) == ["AP1"])
        #expect(told.first?.message.contains("which needs member_email; its caller knows member_id and book") == true)
        // The read that brings it is said not to be charged.
        let assumed =
            capacity(of: try document(operation, "member_id, book")).pattern("AP1")?.assumptions.map(\.text) ?? []
        #expect(assumed.contains { $0.contains("has to hand in: a read of Members.ById for that is not charged") })
    }

    @Test(arguments: ["Query", "PutItem", "UpdateItem", "TransactWriteItems"])
    func whoKnowsTheKeyIsToldNothing(_ operation: String) throws {
        #expect(try note(operation, "member_email, book") == nil)
        #expect(!lint(try document(operation, "member_email, book")).contains { $0.rule == "operation-lacks-key" })
    }
}
