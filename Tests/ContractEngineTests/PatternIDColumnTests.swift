import ContractEngine
import ContractModel
import Testing

/// The column of the ids is the one that holds them, whatever its heading.
struct PatternIDColumnTests {
    private func document(_ text: String) throws -> ContractDocument {
        try GivenDocuments.read(GivenDocuments.orders(), patterns: text)
    }

    private func refusal(_ text: String) -> String { GivenDocuments.refusal(GivenDocuments.orders(), patterns: text) }

    @Test(arguments: [
        "Use case", "UC", "Name", "Story", "Code", "Feature", "User story", "Requirement", "Query", "Scenario",
        "Ticket",
        "Pattern", "ID",
    ])
    func codesAreIDs(heading: String) throws {
        let read = try document(
            "| \(heading) | Title | Access type | Peak RPS |\n|---|---|---|---|\n| UC1 | Get an order | Read | 8 |\n"
                + "| UC2 | Place an order | Write | 6 |\n")
        #expect(read.patterns.map(\.id) == ["UC1", "UC2"])
        #expect(read.patterns.map(\.summary) == ["Get an order", "Place an order"])
        #expect(read.patterns.map(\.type) == [.read, .write])
        #expect(read.patterns.flatMap(\.notes) == [])
        // A description beside them may well be called a pattern.
        let named = try document(
            "| \(heading) | Pattern name | Peak RPS |\n|---|---|---|\n| R-1 | Get an order | 8 |\n| R-2 | Place an order | 6 |\n"
        )
        #expect(named.patterns.map(\.id) == ["R-1", "R-2"])
        #expect(named.patterns.map(\.summary) == ["Get an order", "Place an order"])
    }

    @Test func namesOfProgramsAreIDs() throws {
        let read = try document(
            "| Name | Purpose | Inputs | Peak RPS |\n|---|---|---|---|\n| getOrder | One order | order_no | 8 |\n"
                + "| place_order | A new one | order_id | 6 |\n| cancel | An old one | order_id | 6 |\n")
        #expect(read.patterns.map(\.id) == ["getOrder", "place_order", "cancel"])
        #expect(read.patterns.map(\.summary) == ["One order", "A new one", "An old one"])
    }

    /// Shards have rates too: beside a table whose heading says what its ids are, codes alone are none.
    @Test func codesOfOtherThingsAreNoPatterns() throws {
        let patterns = "| Pattern | Description | Peak RPS |\n|---|---|---|\n| R-1 | Get an order | 8 |\n"
        let shards = "\n| Shard | Peak RPS |\n|---|---|\n| S1 | 5 |\n| S2 | 3 |\n"
        for text in [patterns + shards, shards + "\n" + patterns] {
            #expect(try document(text).patterns.map(\.id) == ["R-1"])
        }
        let indexes =
            "| Pattern | Index | Peak RPS |\n|---|---|---|\n| Get it | - | 8 |\n| List them | ByStatus | 9 |\n"
        #expect(try document(indexes).patterns.map(\.id) == ["Get it", "List them"])
    }

    @Test func theMissingColumnIsNamed() {
        let noIDs = refusal("# Load\n\n| Shop | What | Peak RPS |\n|---|---|---|\n| big one | Get | 8 |\n")
        #expect(noIDs.hasPrefix("p.md:3"))
        #expect(noIDs.contains("this table has a rate in \"Peak RPS\", and no column of ids"))
        let noRates = refusal("| Pattern | What |\n|---|---|\n| AP1 | Get |\n")
        #expect(noRates.hasPrefix("p.md:1"))
        #expect(noRates.contains("this table has ids in \"Pattern\", and no column of rates"))
        #expect(refusal("# Nothing\n").contains("no access patterns are here; a table needs a column"))
        let csv = GivenDocuments.refusal(
            GivenDocuments.orders(), patterns: "What,Peak RPS\nGet it all,8\n", as: "p.csv")
        #expect(csv.contains("no column of ids"))
    }

    // MARK: Too many

    @Test(arguments: ["AP1-999999999", "AP1-9999999999999", "1-5000", "AP1 to AP2000", "#1–#4000"])
    func aRangeBeyondAllBoundsIsTold(id: String) throws {
        let read = try document("| Pattern | Description | Peak RPS |\n|---|---|---|\n| \(id) | Get it | 8 |\n")
        #expect(
            Guess.readings(in: read).contains { $0.place == "p.md:3" && $0.text.contains("is taken for the id of one") }
        )
    }

    @Test func anIDThatIsNoRangeIsNotTold() throws {
        let read = try document(
            "| Pattern | Description | Peak RPS |\n|---|---|---|\n| AP-2 | Get it | 8 |\n| R1-2000 | b | 1 |\n")
        #expect(!Guess.readings(in: read).contains { $0.text.contains("is taken for the id of one") })
    }

    @Test func moreRowsThanAnApplicationHasPatternsAreRefused() {
        let rows = (1...50_001).map { "AP\($0),Get,1\n" }.joined()
        let text = GivenDocuments.refusal(
            GivenDocuments.orders(), patterns: "id,description,peak rps\n\(rows)", as: "p.csv")
        #expect(text == "p.csv:50002: more than 50,000 patterns stand here; list those that an application has")
    }
}
