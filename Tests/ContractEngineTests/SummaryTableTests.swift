import ContractEngine
import ContractModel
import Testing

/// Tables that sum patterns up are no patterns, and prose is read by the ids that the pattern table has.
struct SummaryTableTests {
    private static let patterns = """
        | ID | Description | Peak RPS | Avg RPS | Type | Operation | Index | Key Attributes |
        |---|---|---|---|---|---|---|---|
        | AP1 | Get order | 100 | 50 | Read | GetItem | | customer_id, order_no |
        | AP2 | List orders by status | 50 | 20 | Read | Query | ByStatus | status |
        | AP3 | Place order | 30 | 10 | Write | PutItem | | customer_id, order_no |
        | AP4 | Update order status | 20 | 5 | Write | UpdateItem | | customer_id, order_no |

        """

    private func findings(_ before: String = "", after: String = "", ids: String = "AP") throws -> [String] {
        let patterns = (before + "\n\n" + Self.patterns + "\n" + after).replacing("AP", with: ids)
        let found = try GivenDocuments.findings(
            GivenDocuments.orders("\(ids)1", "\(ids)2", "\(ids)3", "\(ids)4"), patterns: patterns)
        return found.map { "\($0.rule): \($0.message)" }
    }

    private static let byTable =
        "| Table | Patterns | Peak RPS | Avg RPS |\n|---|---|---|---|\n| Orders | AP1-4 | 200 | 85 |"
    private static let byGroup =
        "| Group | Patterns | RPS |\n|---|---|---|\n| Reads | AP1, AP2 | 150 |\n| Writes | AP3, AP4 | 50 |\n"
        + "| Total | | 200 |"
    private static let hot = "| Pattern | Peak RPS | Why |\n|---|---|---|\n| AP1 | 100 | most read |"

    @Test(arguments: [byTable, byGroup, hot], ["AP", "UC"])
    func tablesThatSumUpAreNoPatterns(table: String, ids: String) throws {
        #expect(try findings(after: table, ids: ids) == [])
        let document = try GivenDocuments.read(
            GivenDocuments.orders("\(ids)1"), patterns: (Self.patterns + "\n" + table).replacing("AP", with: ids))
        #expect(document.patterns.map(\.id) == (1...4).map { "\(ids)\($0)" })
    }

    @Test(arguments: [
        (
            byTable.replacing("| 200", with: "| 300"),
            "The line says 300 a second for AP1, AP2, AP3 and AP4, whose rows sum to 200."
        ),
        (
            byGroup.replacing("| 150", with: "| 170").replacing("| 200", with: "| 220"),
            "The line says 170 a second for AP1 and AP2, whose rows sum to 150."
        ),
        (hot.replacing("| 100", with: "| 120"), "The line says 120 a second for AP1, whose rows give 100."),
    ])
    func theirNumbersAreHeldAgainstTheRows(table: String, message: String) throws {
        #expect(try findings(after: table) == ["breakdown-differs: \(message)"])
    }

    @Test func oneTableThatListsAPatternTwiceIsRefused() {
        let refusal = GivenDocuments.refusal(
            GivenDocuments.orders("AP1"),
            patterns: "| ID | Peak RPS |\n|---|---|\n| AP1 | 5 |\n| AP1 | 5 |\n")
        #expect(refusal == "p.md:4: AP1 stands here again, after line 3; keep one row for each pattern")
    }

    @Test(arguments: ["AP", "UC", "GetOrder", "R-"])
    func linesAndSectionsAreReadByTheTablesOwnIDs(ids: String) throws {
        let patterns = Self.patterns + "\n### Reads (150 RPS)\n- **Points**: 110 RPS (AP1)\n- **Lists**: 40 RPS (AP2)\n"
        let model = """
            ### Orders Table
            - **Access Patterns Served**: AP1, AP3, AP4
            - **Capacity Planning**: 500 RPS reads, 5 RPS writes

            ### Orders ByStatus Index
            - **Access Patterns Served**: AP2
            - **Capacity Planning**: 900 RPS reads

            ## Access Pattern Mapping

            | Pattern | Tables/Indexes | DynamoDB Operations |
            |---|---|---|
            | AP1 | Orders | GetItem |
            | AP2 | Orders.ByStatus | Query |
            | AP3, AP4 | Orders | PutItem/UpdateItem |
            """
        let found = try GivenDocuments.findings(
            GivenDocuments.orders("\(ids)1", "\(ids)2", "\(ids)3", "\(ids)4"),
            patterns: patterns.replacing("AP", with: ids), model: model.replacing("AP", with: ids))
        #expect(
            found.map { "\($0.rule) \($0.subject)" }.sorted() == [
                "breakdown-differs \(ids)1", "breakdown-differs \(ids)2", "index-planning-differs Orders.ByStatus",
                "planning-differs Orders reads", "planning-differs Orders writes",
            ])
    }

    @Test(arguments: [
        "Total reads: 150 RPS", "Total writes: 50 RPS (AP3, AP4)", "The total budget for the cache is 500 RPS.",
        "Total for other services: 900 RPS",
        "In total 200 requests/s at peak: reads 150 RPS (75%), writes 50 RPS (25%).",
        "Total: 0.2k RPS", "Total: 200 requests per second", "Total peak: 12,000 requests/min",
        "We have 4 access patterns, 2 reads and 2 writes.", "Read:write ratio 3:1", "Read:write ratio 5:1 on average.",
        "Reads 75% (150 of 200)",
        "Read/write split: 75:25", "The transaction does 3 reads and 1 write.",
        "The 2 access patterns of the cart are new.",
        "A node serves 5 requests per second and user.",
    ])
    func whatIsRightGivesNothing(line: String) throws { #expect(try findings(line) == []) }

    @Test(arguments: [
        (
            "Total reads: 170 RPS",
            "rps-total-differs: The text says 170 RPS for all reads, while their rows sum to 150 at peak."
        ),
        (
            "Total writes: 90 RPS (AP3, AP4)",
            "breakdown-differs: The line says 90 a second for AP3 and AP4, whose rows sum to 50."
        ),
        (
            "In total 250 requests/s at peak.",
            "rps-total-differs: The text says 250 RPS in all, while the table's rows sum to 200 at peak."
        ),
        (
            "Total: 1.2k RPS",
            "rps-total-differs: The text says 1,200 RPS in all, while the table's rows sum to 200 at peak."
        ),
        (
            "Total: 900 requests per second",
            "rps-total-differs: The text says 900 RPS in all, while the table's rows sum to 200 at peak."
        ),
        (
            "Total: 24,000 requests/min",
            "rps-total-differs: The text says 400 RPS in all, while the table's rows sum to 200 at peak."
        ),
        ("We have 6 access patterns.", "count-differs: The text counts 6 patterns, while 4 are listed."),
        (
            "There are 4 access patterns: 3 reads and 1 write.",
            "count-differs: The text counts 3 reads, while 2 are listed."
        ),
        (
            "At peak: reads (70%), writes (20%).",
            "percentages-differ: The shares of reads and writes in this line (70% + 20%) add up to 90%."
        ),
        ("Reads 60% (150 of 200)", "ratio-differs: The line says 60%, while 150 of 200 is 75%."),
        (
            "Read:write ratio 8:1",
            "ratio-differs: The line says 8:1 for reads and writes, while the rows have 150 and 50 a second: about 3:1."
        ),
    ])
    func whatIsWrongIsTold(line: String, finding: String) throws {
        let found = try findings(line)
        #expect(found.contains(finding), "\(found)")
    }

    @Test func aColumnOfSharesAddsUp() throws {
        func shares(_ numbers: [Int], total: String = "") -> String {
            "| ID | Peak RPS | Share | Type |\n|---|---|---|---|\n"
                + zip(1..., numbers).map { "| AP\($0) | 10 | \($1)% | Read |" }.joined(separator: "\n") + "\n" + total
        }
        func messages(_ text: String) throws -> [String] {
            try GivenDocuments.findings(GivenDocuments.orders("AP1", "AP2", "AP3", "AP4"), patterns: text).filter {
                $0.rule == "percentages-differ"
            }.map(\.message)
        }
        #expect(try messages(shares([50, 25, 15, 10])) == [])
        #expect(
            try messages(shares([50, 25, 15, 20])) == [
                "The shares of the column Share (50% + 25% + 15% + 20%) add up to 110%."
            ])
        #expect(try messages(shares([50, 25, 15, 20], total: "| **Total** | **40** | **100%** | |\n")).count == 1)
        #expect(try messages(shares([50, 25, 15, 5])).count == 1)
    }
}
