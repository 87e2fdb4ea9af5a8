import ContractEngine
import Testing

/// Keys that are the same for all items, and keys that items can lack.
struct FixedKeyTests {
    private func users(_ partition: String, _ sort: String, more: String = "") -> String {
        """
        {"tables": [{"table": "Users", "type": "multi-entity", "source_table": "users", "pk": "PK", "sk": "SK", "entities": [
         {"entity_type": "USER", "source_table": "users", "pk_template": "\(partition)", "sk_template": "\(sort)",
          "estimated_item_size_bytes": 300, "attributes": [
           {"name": "user_id", "type": "S", "source_table": "users", "source_column": "user_id"},
           {"name": "country", "type": "S", "source_table": "users", "source_column": "country"}]}\(more)],
         "satisfies": ["U1", "U2"], "estimated_item_size_bytes": 300, "attributes": [], "access_patterns": [
          {"id": "U1", "description": "Get user", "type": "read", "peak_rps": 5, "operation": "GetItem",
           "key_attributes": ["user_id"]},
          {"id": "U2", "description": "Create user", "type": "write", "peak_rps": 5, "operation": "PutItem",
           "key_attributes": ["user_id"]}]}]}
        """
    }

    private func rules(_ contract: String) throws -> [String] {
        try GivenDocuments.findings(contract).map { "\($0.rule) \($0.severity)" }.sorted()
    }

    @Test(arguments: [
        "USER#<user_id>", "USER#:user_id", "USER#%s", "USER#[user_id]", "USER#$user_id", "USER#user_id",
        "USER#%(user_id)s", "USER#<USER_ID>", "USER#$(user_id)", "USER#%d", "USER#@user_id",
    ])
    func placeholdersOfAnotherNotationAreFound(template: String) throws {
        let found = try rules(users(template, "PROFILE"))
        #expect(found.contains("template-other-notation error"), "\(found)")
        #expect(found.contains("key-constant error"), "\(found)")
    }

    @Test func aDollarInFrontOfAHoleIsFound() throws {
        #expect(try rules(users("USER#${user_id}", "PROFILE")) == ["template-other-notation error"])
    }

    @Test(arguments: [
        ("USER#{user_id}", "PROFILE"), ("USER:{user_id}", "A:B"), ("U<{user_id}>", "PROFILE"), ("{user_id}", "100%"),
        ("USER#{user_id}", "#META"), ("USER#{user_id}", "v1[draft]"), ("USER#{user_id}", "PRICE#$"),
    ])
    func whatIsMeantAsItStandsIsNotFound(partition: String, sort: String) throws {
        #expect(try rules(users(partition, sort)) == [])
    }

    @Test func aWholeKeyThatIsConstantIsAnErrorAndAPartitionAWarning() throws {
        let whole = try GivenDocuments.findings(users("USERS", "PROFILE"))
        #expect(whole.map { "\($0.rule) \($0.severity)" } == ["key-constant error"])
        #expect(
            whole.first?.message
                == "Every USER of Users has the same key (\"USERS\", \"PROFILE\"): there can be one such item, and each that is written "
                + "takes the place of the one before.")
        let partition = try GivenDocuments.findings(users("USERS", "{user_id}"))
        #expect(partition.map { "\($0.rule) \($0.severity)" } == ["key-constant warning"])
        #expect(
            partition.first?.message
                == "Every USER of Users has the partition key \"USERS\": all of them are in one partition, which serves 3,000 read and "
                + "1,000 write units a second.")
    }

    private func plain(_ partition: String = "", _ sort: String = "") -> String {
        """
        {"tables": [{"table": "Plain", "type": "single-entity", "source_table": "plain", "pk": "a", "sk": "b",
         "estimated_item_size_bytes": 300, "attributes": [
          {"name": "a", "type": "S", "source_table": "plain", "source_column": "a"\(partition)},
          {"name": "b", "type": "S", "source_table": "plain", "source_column": "b"\(sort)}],
         "satisfies": ["C2"], "access_patterns": [{"id": "C2", "description": "Get plain", "type": "read", "peak_rps": 5,
          "operation": "GetItem", "key_attributes": ["a", "b"]}]}]}
        """
    }

    @Test(arguments: [
        (#", "nullable": true"#, "", 1), ("", #", "nullable": true"#, 1),
        (#", "nullable": true, "null_value": "NONE""#, "", 0), (#", "nullable": false"#, "", 0),
        (#", "nullable": true"#, #", "optional": true"#, 2),
    ])
    func aKeyOfTheTableThatMayBeNullIsFound(partition: String, sort: String, count: Int) throws {
        let found = try GivenDocuments.findings(plain(partition, sort))
        #expect(
            found.map { "\($0.rule) \($0.severity)" } == Array(repeating: "table-key-can-be-absent error", count: count)
        )
        if partition == #", "nullable": true"#, sort.isEmpty {
            #expect(
                found.first?.message
                    == "a, the partition key of Plain, can be absent (its source may be NULL): DynamoDB refuses an item without it."
            )
        }
    }

    @Test func aHoleOfTheKeyThatMayBeNullIsFound() throws {
        let lines = """
            , {"entity_type": "LINE", "source_table": "lines", "pk_template": "USER#{user_id}", "sk_template": "LINE#{product_id}",
             "estimated_item_size_bytes": 300, "attributes": [
              {"name": "user_id", "type": "S", "source_table": "lines", "source_column": "user_id"},
              {"name": "product_id", "type": "S", "source_table": "lines", "source_column": "product_id", "nullable": true}]}
            """
        let found = try GivenDocuments.findings(users("USER#{user_id}", "PROFILE", more: lines))
        #expect(found.map { "\($0.rule) \($0.subject)" } == ["table-key-can-be-absent Users LINE.SK"])
    }

    /// The table that a joined value is read from is its source in some contracts; the row that joins is the item's.
    @Test func aForeignKeyThatNamesTheOtherTableAsItsSourceIsNoSelfJoin() throws {
        let contract = """
            {"tables": [{"table": "Books", "type": "single-entity", "source_table": "books", "pk": "book_id",
             "estimated_item_size_bytes": 300, "attributes": [
              {"name": "book_id", "type": "S", "source_table": "books", "source_column": "book_id"},
              {"name": "author_name", "type": "S", "source_table": "authors", "source_column": "name", "denormalized": true,
               "justification": "shown in lists", "join": {"type": "foreign-key", "target_table": "authors",
               "join_condition": "books.author_id = authors.author_id", "select_column": "authors.name"}}],
             "satisfies": ["C1"], "access_patterns": [{"id": "C1", "description": "Get book", "type": "read", "peak_rps": 5,
              "operation": "GetItem", "key_attributes": ["book_id"]}]}]}
            """
        #expect(try GivenDocuments.findings(contract).map(\.rule).contains("join-null-unsaid") == false)
    }

    @Test(arguments: [("", 1), (#", "nullable": false"#, 0), (#", "null_value": "NOBODY""#, 0)])
    func aJoinThatMakesTheKeySaysWhatIsThereWithoutARow(more: String, count: Int) throws {
        let contract = """
            {"tables": [{"table": "Carts", "type": "single-entity", "source_table": "carts", "pk": "email", "sk": "product_id",
             "estimated_item_size_bytes": 300, "attributes": [
              {"name": "email", "type": "S", "source_table": "carts", "source_column": "user_id", "denormalized": true,
               "justification": "x", "join": {"type": "lookup-table", "target_table": "users",
               "join_condition": "users.id = carts.user_id", "select_column": "users.email"}\(more)},
              {"name": "product_id", "type": "S", "source_table": "carts", "source_column": "product_id"}],
             "satisfies": ["C1"], "access_patterns": [{"id": "C1", "description": "Get line", "type": "read", "peak_rps": 5,
              "operation": "GetItem", "key_attributes": ["email", "product_id"]}]}]}
            """
        let found = try GivenDocuments.findings(contract)
        #expect(found.map(\.rule) == Array(repeating: "join-null-unsaid", count: count))
        if count > 0 {
            #expect(
                found.first?.message
                    == "The join of email of Carts can find nothing (an item without it cannot be written, since it is a key of Carts), "
                    + "and what then stands there is unsaid.")
        }
    }
}
