import ContractEngine
import ContractModel
import TableProvisioning
import Testing
import Tidemark

/// Sampled items against what the contract makes of their own attributes, by every way in which it may say so.
struct DerivedKeyTests {
    private static let contract = """
        {"tables": [
         {"table": "Categories", "source_table": "categories", "pk": "PK", "sk": "SK",
          "gsis": [{"index_name": "GSI1", "pk": "GSI1PK", "sk": "GSI1SK"}],
          "attributes": [
           {"name": "PK", "type": "S", "source_column": "parent_id", "join": {"type": "conditional",
            "condition": "parent_id IS NULL", "target_table": "categories", "join_condition": "p.id = categories.parent_id",
            "join_alias": "p", "select_column": "'ROOT'", "else_value": "p.name"}},
           {"name": "SK", "type": "S", "source_column": "name"},
           {"name": "GSI1PK", "type": "S", "source_column": "parent_id", "null_value": "ROOT"},
           {"name": "GSI1SK", "type": "S", "source_column": "id"},
           {"name": "category_id", "type": "S", "source_column": "id"},
           {"name": "parent_id", "type": "S", "source_column": "parent_id", "nullable": true},
           {"name": "parent_name", "type": "S", "source_column": "parent_id", "nullable": true, "join": {
            "type": "self-join", "join_alias": "p", "join_condition": "p.id = categories.parent_id",
            "select_column": "p.name"}},
           {"name": "category_name", "type": "S", "source_column": "name"},
           {"name": "made_on", "type": "S", "source_column": "made_on",
            "transformation": {"type": "date-format", "format": "YYYY-MM-DD"}},
           {"name": "fee", "type": "S", "source_column": "fee",
            "transformation": {"type": "number-format", "format": "0.00"}}]},
         {"table": "History", "source_table": "lines", "pk": "user_id", "sk": "product_id#order_date", "attributes": [
           {"name": "user_id", "type": "S", "source_column": "user_id"},
           {"name": "product_id", "type": "S", "source_column": "product_id"},
           {"name": "order_date", "type": "S", "source_column": "order_date"},
           {"name": "category", "type": "S", "source_column": "category_id"},
           {"name": "category_name", "type": "S", "source_table": "lines", "source_column": "category_id",
            "denormalized": true, "justification": "shown", "join": {"type": "foreign-key", "target_table": "categories",
             "join_condition": "categories.id = lines.category_id", "select_column": "categories.name"}}]}]}
        """

    private static let root: Item = [
        "PK": "ROOT", "SK": "Bikes", "GSI1PK": "ROOT", "GSI1SK": "7", "category_id": "7", "category_name": "Bikes",
        "made_on": "2026-11-26", "fee": "1.50",
    ]
    private static let child: Item = [
        "PK": "Bikes", "SK": "Racers", "GSI1PK": "7", "GSI1SK": "8", "category_id": "8", "parent_id": "7",
        "parent_name": "Bikes", "category_name": "Racers", "made_on": "2026-11-26", "fee": "0.00",
    ]
    private static let line: Item = [
        "user_id": "u", "product_id#order_date": "p#2026-11-26", "product_id": "p", "order_date": "2026-11-26",
        "category": "7", "category_name": "Bikes",
    ]

    private func sample(_ table: Int, _ items: [Item]) throws -> ItemSample {
        let contract = try ContractDocument.read(contract: SourceText(name: "c.json", text: Self.contract)).contract
        var sample = ItemSample(of: contract.tables[table], in: contract)
        for item in items { sample.add(item) }
        return sample
    }

    private func told(_ sample: ItemSample) -> [String] {
        sample.findings.map { "\($0.kind) \($0.attribute) \($0.count)/\($0.of)" }
    }

    @Test func itemsAsTheContractMakesThemHaveNoFindings() throws {
        #expect(told(try sample(0, [Self.root, Self.child])) == [])
        #expect(told(try sample(1, [Self.line])) == [])
    }

    @Test(arguments: [
        // A parent that is there, and "ROOT" all the same; no parent, and another text than "ROOT".
        (["GSI1PK": "ROOT"] as Item, "keyTemplate GSI1PK 1/1"), (["GSI1PK": "9"], "keyTemplate GSI1PK 1/1"),
        (["PK": "ROOT"], "keyTemplate PK 1/1"), (["SK": "Tandems"], "keyTemplate SK 1/1"),
        (["GSI1SK": "9"], "keyTemplate GSI1SK 1/1"), (["GSI1SK": .null], "type GSI1SK 1/1"),
        (["made_on": "26.11.2026"], "format made_on 1/1"), (["fee": "1.5"], "format fee 1/1"),
        (["fee": "free"], "format fee 1/1"),
    ])
    func whatTheContractMakesOtherwiseIsDrift(_ change: Item, _ found: String) throws {
        #expect(told(try sample(0, [Self.child.merging(change) { $1 }])) == [found])
    }

    @Test func keyOfAnItemWithoutAParentIsTheTextForNone() throws {
        #expect(told(try sample(0, [Self.root.merging(["GSI1PK": "7"]) { $1 }])) == ["keyTemplate GSI1PK 1/1"])
        #expect(told(try sample(0, [Self.root.merging(["PK": "none"]) { $1 }])) == ["keyTemplate PK 1/1"])
    }

    @Test func missingIndexKeyIsDrift() throws {
        let bare = Self.child.filter { $0.key != "GSI1SK" }
        let findings = try sample(0, [bare]).findings
        #expect(findings.map(\.words) == ["GSI1SK is missing, and the item's own attributes make one"])
        #expect(findings.map(\.kind.isDrift) == [true])
    }

    @Test func keyOfSeveralValuesHoldsThemAll() throws {
        let wrong = Self.line.merging(["product_id#order_date": "p#2026-11-27"]) { $1 }
        #expect(told(try sample(1, [wrong, Self.line])) == ["keyTemplate product_id#order_date 1/2"])
    }

    @Test func copiesAreComparedWithTheirOriginals() throws {
        let stale = Self.line.merging(["category_name": "Cycles"]) { $1 }
        let unknown = Self.line.merging(["category": "99", "category_name": "Gone"]) { $1 }
        var lines = try sample(1, [Self.line, stale, unknown])
        let categories = try sample(0, [Self.root, Self.child])
        lines.compare(with: [categories, lines])
        #expect(told(lines) == ["otherCopy category_name 1/2"])
        let words = lines.findings.first?.words ?? ""
        #expect(words.hasPrefix("category_name is not what Categories' category_name has now"))
        #expect(!ItemSample.Kind.otherCopy.isDrift, "a copy may be meant to keep what was")
        #expect(!"\(lines)".contains("Cycles") && !"\(lines)".contains("Bikes"), "no value is kept")
    }

    @Test func copyThatIsMissingIsDrift() throws {
        let bare = Self.line.filter { $0.key != "category_name" }
        #expect(told(try sample(1, [bare, Self.line])) == ["missingCopy category_name 1/2"])
        let without = bare.filter { $0.key != "category" }
        #expect(told(try sample(1, [without])) == [], "nothing leads to an original")
    }
}
