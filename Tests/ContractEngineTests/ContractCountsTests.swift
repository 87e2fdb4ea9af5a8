import ContractEngine
import ContractModel
import Testing

/// What the contract says of sizes and numbers is what capacity reckons with.
struct ContractCountsTests {
    private func plan(_ contract: String, _ patterns: String, _ words: [(String, String)] = []) throws -> CapacityPlan {
        var assumptions = CapacityAssumptions()
        for (name, value) in words { try assumptions.set(name, to: value) }
        return capacity(
            of: try ContractDocument.read(
                contract: SourceText(name: "c.json", text: contract),
                patterns: SourceText(name: "p.csv", text: patterns)), assuming: assumptions)
    }

    private static let patterns = """
        id,description,operation,table,index,peak rps,average rps,key attributes,items
        D1,Save document,PutItem,Docs,,100,20,"folder_id, doc_id",
        D2,List documents of an owner,Query,Docs,ByOwner,200,50,owner_id,25
        """

    private static func docs(_ attributes: String, projected: String = #""title""#) -> String {
        """
        {"tables": [{"table": "Docs", "source_table": "docs", "pk": "folder_id", "sk": "doc_id",
         "estimated_item_size_bytes": 300000,
         "gsis": [{"index_name": "ByOwner", "pk": "owner_id", "projection": "INCLUDE", "projected_attributes": [\(projected)]}],
         "attributes": [{"name": "folder_id", "type": "S", "max_length": 36}, {"name": "doc_id", "type": "S", "max_length": 36},
          {"name": "owner_id", "type": "S", "max_length": 36}, \(attributes)]}]}
        """
    }

    @Test func anIncludedAttributeIsNoLargerThanItsDeclaredLength() throws {
        let plan = try plan(
            Self.docs(#"{"name": "title", "type": "S", "max_length": 100}, {"name": "body", "type": "S"}"#),
            Self.patterns)
        let index = try #require(plan.resource(table: "Docs", index: "ByOwner"))
        // Keys of 3 × 36 bytes with their names, 9 + 6 + 8, and a title of 5 and at most 4 × 100: less than 1 KB an entry.
        #expect(index.writeUnitsPerSecond == 100)
        #expect(plan.pattern("D2")?.charges[0].formula == "⌈25 × 536 B / 4 KB⌉ × 0.5")
    }

    @Test func anIncludedAttributeOfOpenLengthHasWhatTheOthersLeave() throws {
        let plan = try plan(
            Self.docs(
                #"{"name": "title", "type": "S", "max_length": 100}, {"name": "body", "type": "S"}"#,
                projected: #""body""#),
            Self.patterns)
        // 300,000 without the 9 + 6 + 8 + 5 bytes of the declared ones' names and 4 × (3 × 36 + 100) of their values are 299,140;
        // and 131 of keys.
        #expect(plan.pattern("D2")?.charges[0].formula.contains("25 × 299,271 B") == true)
    }

    /// They say nothing of it: both share what the keys leave.
    @Test func lengthsBeyondTheItemShareIt() throws {
        let plan = try plan(
            Self.docs(
                #"{"name": "title", "type": "S", "max_length": 300000}, {"name": "body", "type": "S", "max_length": 300000}"#
            ),
            Self.patterns)
        let formula = try #require(plan.pattern("D2")?.charges[0].formula)
        #expect(formula.contains("25 × 149,9"), "\(formula)")
    }

    // MARK: Numbers of items

    private static func mixed(_ a: String, _ b: String, table: String = "") -> String {
        """
        {"tables": [{"table": "Mixed", "type": "multi-entity", "source_table": "a", "pk": "PK", "sk": "SK", \(table)
          "gsis": [{"index_name": "OfB", "pk": "b_id"}], "entities": [
          {"entity_type": "A", "source_table": "a", "pk_template": "A#{a_id}", "sk_template": "A", \(a)
           "estimated_item_size_bytes": 900, "attributes": [{"name": "a_id", "type": "S"}]},
          {"entity_type": "B", "source_table": "b", "pk_template": "B#{b_id}", "sk_template": "B", \(b)
           "estimated_item_size_bytes": 400, "attributes": [{"name": "b_id", "type": "S"}]}]}]}
        """
    }

    private static let reading = """
        id,description,operation,table,entity,peak rps,key attributes
        P1,Get a,GetItem,Mixed,A,1,a_id
        """

    @Test func itemsOfAKindAreCountedByTheContract() throws {
        let plan = try plan(
            Self.mixed(#""estimated_item_count": 1000000,"#, #""estimated_item_count": 9000000,"#), Self.reading)
        // An item takes 100 bytes more than its own, and so does an entry.
        #expect(plan.cost(table: "Mixed")?.storedBytes == 1e6 * 1_000 + 9e6 * 500)
        #expect(plan.cost(table: "Mixed", index: "OfB")?.storedBytes == 9e6 * 500)
        #expect(plan.storageAssumptions.isEmpty)
    }

    @Test func whoeverCountsBetterIsBelieved() throws {
        let contract = Self.mixed(#""estimated_item_count": 1000000,"#, #""estimated_item_count": 9000000,"#)
        let plan = try plan(contract, Self.reading, [("items.Mixed.A", "10"), ("items.Mixed.B", "20")])
        #expect(plan.cost(table: "Mixed")?.storedBytes == 20_000.0)
    }

    @Test func whatACountedKindLeavesIsTheOthers() throws {
        let plan = try plan(
            Self.mixed(#""estimated_item_count": 1000,"#, "", table: #""estimated_item_count": 5000,"#), Self.reading)
        #expect(plan.cost(table: "Mixed")?.storedBytes == 3_000_000.0)
        #expect(
            plan.storageAssumptions.map(\.text)
                == Array(
                    repeating: "what the other kinds leave of the items of Mixed is split equally among B", count: 2))
    }

    // MARK: Consistency, and kinds that begin alike

    @Test func aConsistentReadOfAnIndexIsChargedAsItIsAskedFor() throws {
        let patterns = """
            id,description,operation,table,index,peak rps,key attributes,items,consistency
            D2,List documents of an owner,Query,Docs,ByOwner,200,owner_id,1,strong
            """
        let plan = try plan(Self.docs(#"{"name": "title", "type": "S", "max_length": 100}"#), patterns)
        #expect(plan.pattern("D2")?.charges.map(\.readUnitsPerCall) == [1])
        #expect(plan.pattern("D2")?.assumptions.contains { $0.text.contains("are refused by DynamoDB") } == true)
    }

    @Test func aQueryTellsWhatElseItReads() throws {
        let contract = """
            {"tables": [{"table": "Shop", "type": "multi-entity", "source_table": "orders", "pk": "PK", "sk": "SK", "entities": [
              {"entity_type": "ORDER", "pk_template": "C#{customer_id}", "sk_template": "ORDER#{order_id}",
               "attributes": [{"name": "customer_id", "type": "S"}, {"name": "order_id", "type": "S"}]},
              {"entity_type": "LINE", "pk_template": "C#{customer_id}", "sk_template": "ORDER#{order_id}#LINE#{line_no}",
               "attributes": [{"name": "customer_id", "type": "S"}, {"name": "order_id", "type": "S"},
                 {"name": "line_no", "type": "S"}]}]}]}
            """
        let patterns = """
            id,description,operation,table,entity,peak rps,key attributes
            O1,List orders of a customer,Query,Shop,ORDER,1,customer_id
            O2,List lines of an order,Query,Shop,LINE,1,"customer_id, order_id"
            O3,Find an order,Query,Shop,ORDER,1,"customer_id, order_id"
            """
        let plan = try plan(contract, patterns)
        let told = plan.patterns.map {
            $0.assumptions.contains { $0.text.hasPrefix("the keys of LINE begin as those of ORDER do") }
        }
        #expect(told == [true, false, false])
    }
}
