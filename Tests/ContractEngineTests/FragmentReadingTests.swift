import ContractEngine
import ContractModel
import Testing

/// Contracts as teams write them: pieces, keys that only templates imply, keys of several attributes.
struct FragmentReadingTests {
    private func table(_ text: String) throws -> ContractTable {
        let contract = try ContractDocument.read(contract: SourceText(name: "c.json", text: text)).contract
        return try #require(contract.tables.first)
    }

    @Test func keysThatTemplatesImply() throws {
        let table = try table(
            """
            {"table": "UserData", "type": "multi-entity", "entities": [
              {"entity_type": "USER", "source_table": "users", "pk_template": "USER#{id}", "sk_template": "PROFILE",
               "attributes": [{"name": "name", "type": "S", "source_table": "users", "source_column": "id"}]},
              {"entity_type": "ADDRESS", "source_table": "addresses", "pk_template": "USER#{user_id}",
               "sk_template": "ADDRESS#{kind}", "attributes": []}]}
            """)
        #expect(table.partitionKey == KeyAttribute(name: "PK"))
        #expect(table.sortKey == KeyAttribute(name: "SK"))
        #expect(table.sourceTable == "users")
        #expect(table.entities.map(\.name) == ["USER", "ADDRESS"])
    }

    @Test func impliedKeysHaveTheNameThatItemsUse() throws {
        let table = try table(
            """
            [{"table": "T", "entities": [{"entity_type": "A", "pk_template": "A#{id}", "sk_template": "X", "attributes": [
              {"name": "pk", "type": "S", "source_column": "id"}, {"name": "sk", "type": "S", "source_column": "id"}]}]}]
            """)
        #expect(table.partitionKey.name == "pk")
        #expect(table.sortKey?.name == "sk")
    }

    @Test func keyOfSeveralAttributes() throws {
        let table = try table(
            """
            {"table": "History", "source_table": "items", "pk": "user_id", "sk": "product_id#order_date",
             "gsis": [{"index_name": "ByMonth", "pk": "month", "sk": "user_id#order_date"}],
             "attributes": [{"name": "user_id", "type": "S"}, {"name": "product_id", "type": "S"},
              {"name": "order_date", "type": "S"}, {"name": "month", "type": "S"}]}
            """)
        #expect(table.sortKey?.name == "product_id#order_date")
        #expect(table.sortKey?.composite == KeyTemplate("{product_id}#{order_date}"))
        #expect(table.entities[0].sortKeyTemplate == KeyTemplate("{product_id}#{order_date}"))
        #expect(
            table.entities[0].indexKeys
                == [IndexKeyTemplates(index: "ByMonth", sortKey: KeyTemplate("{user_id}#{order_date}"))])
        #expect(table.entities[0].appears(in: table.indexes[0], of: table))
    }

    @Test func nameWithASignThatIsAnAttributeIsNoComposite() throws {
        let table = try table(
            "{\"table\": \"T\", \"pk\": \"a#b\", \"attributes\": [{\"name\": \"a#b\", \"type\": \"N\"}]}")
        #expect(table.partitionKey == KeyAttribute(name: "a#b", type: .N))
    }

    @Test(arguments: [
        "\"gsi_keys\": [{\"index_name\": \"ByState\", \"pk_template\": \"STATE#{state}\", \"sk_template\": \"{at}\"}]",
        "\"gsi_mappings\": {\"ByState\": {\"pk_template\": \"STATE#{state}\", \"sk_template\": \"{at}\"}}",
        "\"bystate_pk_template\": \"STATE#{state}\", \"bystate_sk_template\": \"{at}\"",
    ])
    func indexKeysHaveTemplates(_ members: String) throws {
        let table = try table(
            """
            {"table": "T", "pk": "PK", "sk": "SK", "gsis": [{"index_name": "ByState", "pk": "G1PK", "sk": "G1SK"}],
             "entities": [{"entity_type": "E", "pk_template": "E#{id}", "sk_template": "X", \(members), "attributes": [
              {"name": "id", "type": "S"}, {"name": "state", "type": "S"}, {"name": "at", "type": "S"}]}]}
            """)
        let entity = table.entities[0]
        #expect(entity.appears(in: table.indexes[0], of: table))
        #expect(
            entity.template(of: table.indexes[0].partitionKey, of: table.indexes[0], in: table)
                == KeyTemplate("STATE#{state}"))
        #expect(entity.unknownFields == [])
    }

    @Test func indexTemplatesGoToTheEntitiesThatCanFillThem() throws {
        let table = try table(
            """
            {"table": "T", "pk": "PK", "sk": "SK",
             "gsis": [{"index_name": "G", "pk": "GPK", "sk": null, "pk_template": "STATE#{state}"}],
             "entities": [{"entity_type": "A", "pk_template": "A#{id}", "sk_template": "A", "attributes": [
               {"name": "id", "type": "S"}, {"name": "state", "type": "S"}]},
              {"entity_type": "B", "pk_template": "B#{id}", "sk_template": "B", "attributes": [
               {"name": "id", "type": "S"}]}]}
            """)
        #expect(table.entities.map { $0.appears(in: table.indexes[0], of: table) } == [true, false])
    }

    @Test func attributesOfATableWithEntitiesBelongToAll() throws {
        let table = try table(
            """
            {"table": "T", "pk": "PK", "attributes": [{"name": "at", "type": "S"}, {"name": "v", "type": "N"}],
             "entities": [{"entity_type": "A", "pk_template": "A#{id}", "attributes": [{"name": "v", "type": "S"}]}]}
            """)
        #expect(table.entities[0].attributes.map(\.name) == ["v", "at"])
        #expect(table.entities[0].attribute(named: "v")?.type == .S)
    }

    @Test func settingsAndConstraintsAreTyped() throws {
        let table = try table(
            """
            {"table": "T", "pk": "id", "ttl_attribute": "ends", "billing_mode": "provisioned", "tags": {"team": "a"},
             "point_in_time_recovery": true, "deletion_protection": false, "estimated_item_count": 12,
             "unique_constraints": ["email", {"attributes": ["first", "last"], "lookup_table": "Names",
              "pk_template": "N#{first}#{last}"}],
             "hot_partition_notes": "one seller in ten sells most", "owner": "shop",
             "attributes": [{"name": "id", "type": "S"}]}
            """)
        #expect(
            table.settings
                == TableSettings(
                    billingMode: .provisioned, timeToLiveAttribute: "ends", pointInTimeRecovery: true,
                    deletionProtection: false, tags: ["team": "a"]))
        #expect(table.estimatedItemCount == 12)
        #expect(
            table.entities[0].uniqueConstraints == [
                UniqueConstraint(attributes: ["email"]),
                UniqueConstraint(
                    attributes: ["first", "last"],
                    lookup: .init(table: "Names", partitionKeyTemplate: KeyTemplate("N#{first}#{last}"))),
            ])
        #expect(table.reasons.map(\.topic) == [.hotPartition])
        #expect(table.unknownFields == [ContractField(name: "owner", text: "shop")])
    }

    @Test func placeholdersFindTheirSource() throws {
        let table = try table(
            """
            {"table": "T", "pk": "PK", "sk": "SK", "entities": [{"entity_type": "O", "source_table": "orders",
              "pk_template": "{user_email}", "sk_template": "O#{order_id}#{id}", "attributes": [
               {"name": "PK", "type": "S", "source_table": "orders", "source_column": "user_id",
                "join": {"type": "foreign-key", "target_table": "users", "join_condition": "users.id = orders.user_id",
                 "select_column": "users.email"}},
               {"name": "order_id", "type": "S", "source_table": "orders", "source_column": "id"}]}]}
            """)
        let entity = table.entities[0]
        #expect(entity.source(ofPlaceholder: "user_email", inTemplateOf: "PK") == .join(attribute: "PK"))
        #expect(entity.source(ofPlaceholder: "order_id", inTemplateOf: "SK") == .attribute("order_id"))
        #expect(entity.source(ofPlaceholder: "id", inTemplateOf: "SK") == .column("id"))
        #expect(entity.source(ofPlaceholder: "user_id") == .column("user_id"))
        #expect(entity.source(ofPlaceholder: "shop") == nil)
    }

    @Test func repeatedNamesAreProblemsWithTheirPlaces() {
        do {
            _ = try table("{\"table\": \"T\", \"pk\": \"a\", \"pk\": \"b\",\n \"attributes\": [], \"attributes\": []}")
            Issue.record("repeated names were read")
        } catch let error as ContractError {
            #expect(error.problems.map(\.pointer) == ["/pk", "/attributes"])
            #expect(error.problems.allSatisfy { $0.text.contains("stands twice") })
        } catch {
            Issue.record("\(error)")
        }
    }

    /// A composite that a contract lists among its attributes too, with nothing but a type, is put together all the same.
    @Test func aCompositeKeyThatIsListedWithoutASourceIsPutTogether() throws {
        func table(_ composite: String, _ parts: String) throws -> ContractTable {
            let text = """
                {"table": "Reviews", "source_table": "reviews", "pk": "user_id", "sk": "product_id#review_date",
                 "attributes": [{"name": "user_id", "type": "S"}, {"name": "product_id#review_date", "type": "S"\(composite)}\(parts)]}
                """
            return try ContractDocument.read(contract: SourceText(name: "c.json", text: text)).contract.tables[0]
        }
        let parts = #", {"name": "product_id", "type": "S"}, {"name": "review_date", "type": "S"}"#
        let made = try table("", parts)
        #expect(made.sortKey?.composite == KeyTemplate("{product_id}#{review_date}"))
        let layout = EntityLayout(table: made, entity: made.entities[0])
        #expect(layout.key(named: "product_id#review_date")?.rule.fields == ["product_id", "review_date"])
        #expect(layout.fields.map(\.name) == ["user_id", "product_id", "review_date"])
        // What has a source of its own, or no parts, is what it is.
        #expect(try table(#", "source_column": "review_key""#, parts).sortKey?.composite == nil)
        #expect(try table("", "").sortKey?.composite == nil)
    }
}
