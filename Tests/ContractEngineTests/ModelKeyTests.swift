import ContractEngine
import Testing

/// Keys as the model gives them, in whatever way it writes them, against the contract's.
struct ModelKeyTests {
    private func findings(_ section: String) throws -> [String] {
        let contract = """
            {"tables": [
              {"table": "shipments", "pk": "shipment_id", "source_table": "shipment",
               "gsis": [{"index_name": "byDepot", "pk": "depot_id", "sk": "due_on", "projection": "ALL"}],
               "attributes": [{"name": "shipment_id", "type": "S", "source_column": "id"}, {"name": "tracking_no", "type": "S"},
                {"name": "depot_id", "type": "S"}, {"name": "due_on", "type": "S"}]},
              {"table": "steps", "pk": "shipment_id", "sk": "done_at#step_id",
               "attributes": [{"name": "shipment_id", "type": "S"}, {"name": "done_at", "type": "S"}, {"name": "step_id", "type": "S"}]},
              {"table": "Shop", "type": "multi-entity", "pk": "PK", "sk": "SK",
               "gsis": [{"index_name": "GSI1", "pk": "GSI1PK", "sk": "GSI1SK", "projection": "ALL"}], "entities": [
               {"entity_type": "STEPS", "pk_template": "STEP#{step_id}", "sk_template": "STEP", "attributes": [{"name": "step_id", "type": "S"}]},
               {"entity_type": "USER", "pk_template": "USER#{user_id}", "sk_template": "META",
                "attributes": [{"name": "user_id", "type": "S"}, {"name": "email", "type": "S"}]},
               {"entity_type": "ORDER", "source_table": "shop_orders", "pk_template": "USER#{user_id}", "sk_template": "ORDER#{placed_at}#{order_id}",
                "gsi_keys": [{"index_name": "GSI1", "pk_template": "ORDER#{order_id}", "sk_template": "ORDER"}],
                "attributes": [{"name": "user_id", "type": "S"}, {"name": "placed_at", "type": "S"}, {"name": "order_id", "type": "S"}]}]}]}
            """
        let document = try ContractDocument.read(
            contract: SourceText(name: "c.json", text: contract), model: SourceText(name: "m.md", text: section))
        return lint(document).filter { $0.rule == "model-key-differs" }.map(\.message)
    }

    @Test(arguments: [
        "### shipments\n- **Partition Key**: `tracking_no`",
        "### shipments Table\n- **Partition Key**: `tracking_no` - by number",
        "### Table: shipments\n\n- Partition key: tracking_no (S)\n- Sort key: none", "### shipments\nPK: tracking_no",
        "### shipments\n- **Partition Key**: `PK = tracking_no`", "### shipments\n- **Partition Key:** tracking_no",
        "### shipments\n\n| Key | Attribute |\n|---|---|\n| Partition key | tracking_no |",
        "## Tables\n\n| Table | Partition key | Sort key |\n|---|---|---|\n| shipments | `tracking_no` | - |",
        "### shipments\n- **Partition Key**: `shipment_id`\n- **Sort Key**: `due_on`",
        "### byDepot GSI\n- **Partition Key**: `due_on`", "### GSI byDepot of shipments\n- **Sort Key**: `depot_id`",
        "### steps\n- **Sort Key**: `step_id#done_at`", "### steps\n- **Sort Key**: `step_id`",
        "### steps\n- **Sort Key**: none",
        "### Shop\n- **Partition Key**: `USER#{email}`", "### Shop\n- **Partition Key**: `PK = USER#<email>`",
        "### Shop\n- **Partition Key**: `email`", "### Shop\n- **Sort Key**: `ORDER#{order_id}`",
    ])
    func anotherKeyIsTold(_ section: String) throws {
        #expect(try findings(section).count == 1)
    }

    @Test func whatBothSayIsTold() throws {
        #expect(
            try findings("### shipments\n- **Partition Key**: `tracking_no`")
                == ["The model has tracking_no as the partition key of shipments, the contract shipment_id."])
        #expect(
            try findings("### steps\n- **Sort Key**: none") == [
                "The model gives steps no sort key, and the contract has done_at#step_id."
            ])
        #expect(
            try findings("### shipments\n- **Sort Key**: `due_on`")
                == ["The model gives shipments the sort key due_on, and the contract has none there."])
    }

    @Test(arguments: [
        "### shipments\n- **Partition Key**: `shipment_id` - spreads well\n- **Sort Key**: none",
        "### shipments\n- **Partition Key**: the shipment's number", "### shipments\n- **Partition Key**: `id`",
        "### shipments\n- **Partition Key**: `shipmentId`",
        "### shipments\n- **Partition Key**: `shipment_id` or `tracking_no`",
        "### steps\n- **Partition Key**: `shipment_id`\n- **Sort Key**: `done_at#step_id`",
        "### steps\n- **Sort Key**: `done_at`",
        "### steps\n- **Sort Key**: `done_at` + `step_id`", "### byDepot: what is due\n- **Partition Key**: `depot_id`",
        "### Shop\n- **Partition Key**: `PK`\n- **Sort Key**: `SK`",
        "### Shop\n- **Partition Key**: `PK = USER#<user_id>`",
        "### Shop\n- **Partition Key**: `user_id`", "### Shop\n- **Sort Key**: `ORDER#{placed_at}`",
        // An index or a kind of item inside the section has keys of its own.
        "### shipments\n- **GSI byDepot**:\n  - **Partition Key**: `depot_id`",
        "### shipments\n\n**byDepot**\n- **Partition Key**: `depot_id`",
        "### Shop\n\n**ORDER Entity**:\n- **Sort Key**: `ORDER#<date>#<order_id>`",
        "### Orders and tracking_no\n- **Partition Key**: `tracking_no`",
        // A pattern's row says what its caller knows.
        "| Pattern | Table | Partition Key |\n|---|---|---|\n| AP1 | shipments | tracking_no |",
    ])
    func theSameKeyInOtherWordsIsNot(_ section: String) throws {
        #expect(try findings(section) == [])
    }

    // MARK: Kinds of items

    @Test(arguments: [
        "### Shop\n\n#### USER\n- **PK**: `USER#<email>`", "**Shop Order Entity** (`PK = ORDER#<order_id>`)",
        "### Shop\n\n#### USER entity\n- PK: USER#{email}",
        "### Shop\n\n#### USER\n\n##### Keys\n- **Partition Key**: `USER#<email>` - one user",
        "### Shop\n\n**ORDER Entity**:\n- **Sort Key**: `order_id`",
        "### Shop\n\n**ORDER Entity** (`PK = USER#<user_id>`, `SK = ORDER#<order_id>`):\n- `SK` (S): the order's key",
        "### Shop\n- **USER**: `PK = USER#<email>`, `SK = META`",
        "### Shop\n- ORDER: PK=USER#{user_id} and SK=ORDERS#{placed_at}#{order_id}",
        "### Shop\n\n| Entity | PK | SK |\n|---|---|---|\n| USER | USER#<email> | META |\n| ORDER | USER#<user_id> | ORDER#<placed_at> |",
        "| Item | Partition Key | Sort Key |\n|---|---|---|\n| USER | USER#user_id | PROFILE |",
        "| Entity | Keys |\n|---|---|\n| USER | PK = USER#<user_id>, SK = #META |",
        "| Entity | PK | SK | GSI1PK |\n|---|---|---|---|\n| USER | USER#<user_id> | META | EMAIL#<email> |",
        "| Entity | PK | SK | GSI1PK |\n|---|---|---|---|\n| ORDER | USER#<user_id> | ORDER#<placed_at>#<order_id> | - |",
        // USER has both, so that they are no two names of one value.
        "#### ORDER\n- PK: USER#<email>", "#### ORDER items\n- GSI1 PK: ORDER#{placed_at}",
        "#### ORDER\n- GSI1SK: `USER#<user_id>`",
    ])
    func anotherKeyOfAKindIsTold(_ section: String) throws {
        #expect(try findings(section).count == 1)
    }

    @Test(arguments: [
        "### Shop\n\n#### USER\n- **PK**: `USER#<userId>`\n- **SK**: `META`",
        "### Shop\n\n#### ORDER\n- **PK**: `USER#<user_id>`\n- **SK**: `ORDER#<timestamp>#<id>`",
        "### Shop\n\n#### ORDER\n- **SK**: `ORDER#...`\n- **PK**: the user's key\n- GSI1PK: `ORDER#ID`",
        "### Shop\n\n**USER Entity** (`PK = USER#<user_id>`, `SK = META`):\n- `PK` (S): user email\n- `email` (S): address",
        "### Shop\n- **USER**: 250 bytes\n- **Sort Key**: `ORDER#<placed_at>`", "#### USER\n- **SK**: `M...`",
        "#### USER\n- **PK**: `USER#<email>` or `USER#<user_id>`",
        "| Entity | PK | SK | GSI1PK | GSI1SK |\n|---|---|---|---|---|\n| USER | USER#{user id} | META | - | n/a |\n"
            + "| ORDER | USER#user_id | ORDER#<placed_at>#<order_id> | ORDER#<order_id> | `ORDER` |",
        // An index's own keys may be called PK and SK.
        "#### ORDER\n- PK: USER#<user_id>\n- **GSI1**: PK = `ORDER#<order_id>`, SK = `ORDER`\n- SK: `ORDER#<placed_at>`",
        "#### ORDER\n- **GSI1**:\n  - PK: `ORDER#<order_id>`\n  - SK: `ORDER`\n- PK: `USER#<user_id>`",
        "#### ORDER\n\n**GSI1**\n- PK: `ORDER#<order_id>`\n- SK: `ORDER`",
        "- ORDER: PK = USER#<user_id>, GSI1: PK = ORDER#<order_id>, SK = ORDER",
        "| Entity | PK | GSI1 |\n|---|---|---|\n| ORDER | USER#<user_id> | PK=ORDER#<order_id>, SK=ORDER |",
        // What a pattern asks for is no key of a kind.
        "| Pattern | Entity | PK | SK |\n|---|---|---|---|\n| AP1 | USER | USER#<user_id> | - |",
        "### USERS\n- **PK**: `USER#<email>`", "#### ORDER\n- PK: USER#<customer_id>",
    ])
    func theSameKeyOfAKindIsNot(_ section: String) throws {
        #expect(try findings(section) == [])
    }

    @Test func whatBothSayOfAKindIsTold() throws {
        #expect(
            try findings("| Table | Entity | PK | SK |\n|---|---|---|---|\n| Shop | USER | USER#<user_id> | - |")
                == ["The model gives USER no SK, and the contract makes it \"META\"."])
        #expect(
            try findings("#### USER\n- SK: ORDER#<date>") == [
                "The model makes SK of USER \"ORDER#{date}\", the contract \"META\": the one begins with \"ORDER#\", the other with "
                    + "\"META\"."
            ])
        #expect(
            try findings("#### USER\n- **PK**: `USER#<email>`\n- **SK**: `PROFILE`\n- **GSI1PK**: `<email>`") == [
                "The model makes PK of USER \"USER#{email}\", the contract \"USER#{user_id}\": email stands in the one where user_id "
                    + "stands in the other.",
                "The model makes SK of USER \"PROFILE\", the contract \"META\": they are not the same text.",
                "The model makes GSI1PK of USER \"{email}\", and the contract gives it none.",
            ])
        #expect(
            try findings("#### ORDER\n- **SK**: `ORDER#<order_id>`\n- **GSI1PK**: none\n- **PK**: `MEMBER#<user_id>`")
                == [
                    "The model makes SK of ORDER \"ORDER#{order_id}\", the contract \"ORDER#{placed_at}#{order_id}\": order_id stands first in "
                        + "the one, placed_at in the other.",
                    "The model gives ORDER no GSI1PK, and the contract makes it \"ORDER#{order_id}\".",
                    "The model makes PK of ORDER \"MEMBER#{user_id}\", the contract \"USER#{user_id}\": the one begins with \"MEMBER#\", the "
                        + "other with \"USER#\".",
                ])
    }
}
