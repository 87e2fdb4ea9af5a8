import ContractEngine
import Testing

struct CapacityAssumptionTests {
    private func message(_ name: String, _ value: String) -> String? {
        var assumptions = CapacityAssumptions()
        do throws(AssumptionError) {
            try assumptions.set(name, to: value)
            return nil
        } catch {
            return error.message
        }
    }

    @Test(arguments: [
        ("items-per-query", "0", "it must be a number from 1 to"), ("items-per-query", "many", "is many"),
        ("items-per-query", "nan", "is nan"), ("utilization-percent", "120", "from 1 to 100"),
        ("price-factor", "0", "from 0.1 to 10"), ("consistency", "transactional", "eventual or strong"),
        ("items-a-query", "1", "there is no assumption items-a-query"), ("rate.AP1", "1", "there is no assumption"),
        ("item-size-bytes", "500000", "to 409,600"),
    ])
    func wrongWordsAreNamed(_ name: String, _ value: String, _ words: String) {
        #expect(message(name, value)?.contains(words) == true)
    }

    @Test func everyWordThatIsDocumentedIsTaken() {
        for word in CapacityAssumptions.words {
            let value = word.name == "consistency" ? "strong" : "2"
            #expect(message(word.name, value) == nil, "\(word.name)")
        }
    }

    @Test func fileHoldsThemNested() throws {
        let source = SourceText(
            name: "a.yaml",
            text: """
                items-per-query: 20
                items: {Users: 5, Users.ORDER: 7}
                items-per-call:
                  ap8: 25
                  AP29.Products: 3
                changes: {AP34: [order_status, updated_at]}
                """)
        let assumptions = try CapacityAssumptions.read(source)
        #expect(assumptions.itemsPerQuery == 20)
        #expect(assumptions.itemCounts == ["Users": 5, "Users.ORDER": 7])
        #expect(assumptions.itemsPerCall == ["AP8": 25, "AP29.Products": 3])
        #expect(assumptions.changedAttributes == ["AP34": ["order_status", "updated_at"]])
    }

    @Test func everyMistakeOfAFileIsNamedWithItsLine() throws {
        let source = SourceText(name: "a.yaml", text: "items-per-query: 0\nitem-size: 3\nconsistency: true\n")
        let error = #expect(throws: ContractError.self) { try CapacityAssumptions.read(source) }
        #expect(error?.problems.map(\.line) == [1, 2, 3])
    }

    @Test func whatIsGivenIsShown() throws {
        #expect(CapacityAssumptions().given.isEmpty)
        var assumptions = CapacityAssumptions()
        for (name, value) in [
            ("items-per-query", "20"), ("changes.AP3", "due,name"), ("items.Readers.LOAN", "5000000"),
            ("price-factor", "1.1"),
        ] {
            try assumptions.set(name, to: value)
        }
        let given = ["items-per-query=20", "changes.AP3=due,name", "items.Readers.LOAN=5,000,000", "price-factor=1.1"]
        #expect(assumptions.given == given)
        let report = CapacityReport(try Bookshop.document(), assuming: assumptions)
        #expect(
            report.text().contains(
                "\n\nGiven: items-per-query=20, changes.AP3=due,name, items.Readers.LOAN=5,000,000, price-factor=1.1\n")
        )
        #expect(report.text().contains("no document gives the items of a Query: 20\n"))
        #expect(report.json().contains(#""given":["items-per-query=20","#))
    }

    @Test func strangersAreFound() throws {
        var assumptions = CapacityAssumptions()
        for (name, value) in [
            ("items.Readers", "1"), ("items.Readers.LOAN", "1"), ("items.Lenders", "1"), ("items-per-call.AP77", "1"),
            ("items-per-call.AP2.Lenders", "1"), ("changes.AP3", "due"), ("changes.AP99", "due"),
        ] {
            try assumptions.set(name, to: value)
        }
        #expect(
            assumptions.strangers(in: try Bookshop.document())
                == ["changes.AP99", "items-per-call.AP2.Lenders", "items-per-call.AP77", "items.Lenders"])
    }
}
