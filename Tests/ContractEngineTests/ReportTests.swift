import ContractEngine
import Testing

struct ReportTests {
    @Test func capacityAsPeopleReadIt() throws {
        let text = CapacityReport(try Bookshop.document()).text()
        let expected = """
            contract.json · 2 tables, 2 indexes, 8 access patterns

              table or index  reads/s  read units/s  writes/s  write units/s  of warm  one key  most from
              Readers              30        15 (5)        14        44 (13)     1.1%      any  AP3, AP2, AP1
                .ByLoan             2       1 (0.5)        10         10 (3)     0.3%      any  AP3, AP4
              Books               100      100 (40)        10       100 (30)     2.5%      any  AP3, AP5
                .ByAuthor          20        20 (8)        10        50 (15)     1.3%      any  AP3, AP6
              total                      136 (53.5)                 204 (61)
            """
        #expect(text.hasPrefix(expected + "\n"))
        // $22.99 = (5 × $0.125 + 13 × $0.625) × 2.628; ⌈15 / 0.7⌉ and ⌈44 / 0.7⌉ units provisioned.
        #expect(
            text.contains(
                "\n  Readers             $22.99       $31.98               22 / 63   21%        $9.49  on demand\n"))
        #expect(
            text.contains(
                "\n  Readers reads/s             5      32      30\n      it counts every pattern listed, 2 a"))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 120 && $0.last != " " })
    }

    @Test func lintAsPeopleReadIt() throws {
        let report = LintReport(try Bookshop.document(patterns: [("166 RPS", "200 RPS")]))
        let expected = """
            contract.json · 2 tables, 2 indexes, 8 access patterns

            warning  rps-total-differs  patterns.md:14
                     The text says 200 RPS in all, while the table's rows sum to 221 at peak.
                   → Correct the total or the rows; capacity and alarms follow the rows.

            warning  rate-without-work  patterns.md:11
                     AP7 (50) and AP8 (5) do no work in DynamoDB or are left unsolved, yet carry 55 of the 221 RPS.
                   → Leave them out of the total that the tables are sized for; if the application does one of them as a
                     Scan after all, give it an operation.

            """
        #expect(report.text().hasPrefix(expected))
        #expect(report.text().hasSuffix("\n2 warnings\ntidemark contract lint --explain RULE says why a rule is one\n"))
        #expect(report.text().split(separator: "\n").allSatisfy { $0.count <= 110 && $0.last != " " })
        #expect(report.gates)
    }

    @Test func rightContractIsSaidToBe() throws {
        let report = LintReport(try Bookshop.document())
        #expect(report.text().hasPrefix("contract.json · 2 tables, 2 indexes, 8 access patterns\n\n"))
        #expect(report.text().hasSuffix("\nno findings\n"))
        #expect(report.json().hasPrefix(#"{"findings":[],"suppressed":[],"guesses":["#))
        #expect(report.json().hasSuffix(#"],"errors":0,"warnings":0,"notes":0}"# + "\n"))
        #expect(!report.gates)
    }

    @Test func findingsAsJSON() throws {
        let report = LintReport(try Bookshop.document(patterns: [("166 RPS", "221 RPS")]))
        #expect(
            report.json().hasPrefix(
                #"{"findings":[{"rule":"rate-without-work","severity":"warning","file":"patterns.md","line":11,"subject":"total","message":"#
            ))
    }

    @Test func capacityAsJSON() throws {
        let json = CapacityReport(try Bookshop.document()).json()
        #expect(
            json.hasPrefix(
                #"{"version":1,"resources":[{"table":"Readers","readCallsPerSecond":30,"writeCallsPerSecond":14,"readUnitsPerSecond":15,"writeUnitsPerSecond":44,"#
            ))
        #expect(json.contains(#""formula":"⌈2,000 B / 1 KB⌉ × 2""#))
    }

    @Test func styleMarksRolesAndLeavesTheRest() throws {
        let style = ReportStyle { text, role in role == .warning ? "<\(text)>" : text }
        let report = LintReport(try Bookshop.document(patterns: [("166 RPS", "221 RPS")]))
        #expect(report.text(style: style).contains("<warning>  rate-without-work"))
    }

    @Test func contractAsPeopleReadIt() throws {
        let text = ContractReport(try Bookshop.document()).text()
        #expect(text.contains("  LOAN    {email}        LOAN#{loan_id}           4       0  2,000 B"))
        #expect(text.contains("  ByLoan  loan_id (S)    –         keys only of LOAN"))
        #expect(text.contains("TransactWriteItems Readers, Books"))
    }

    @Test func everyGuessIsPrinted() throws {
        let report = LintReport(try Bookshop.document())
        #expect(!report.guesses.isEmpty)
        let flat = report.text().split { $0 == " " || $0 == "\n" }.joined(separator: " ")
        for guess in report.guesses { #expect(flat.contains(guess.text.split(separator: " ").joined(separator: " "))) }
    }

    @Test func findingsAsSARIF() throws {
        let report = LintReport(try Bookshop.document(contract: [("\"type\": \"N\"", "\"type\": \"M\"")]))
        let sarif = report.sarif()
        #expect(sarif.contains(#""version":"2.1.0""#))
        #expect(sarif.contains(#""ruleId":"key-type","level":"error""#))
        #expect(sarif.contains(#""artifactLocation":{"uri":"contract.json"},"region":{"startLine":"#))
        #expect(sarif.contains(#""logicalLocations":[{"fullyQualifiedName":"/tables/1/attributes/2"}]"#))
        for rule in LintRule.all { #expect(sarif.contains("{\"id\":\"\(rule.id)\"")) }
    }

    @Test func everyRuleIsExplained() {
        for rule in LintRule.all {
            #expect(!rule.summary.isEmpty && !rule.why.isEmpty && !rule.remedy.isEmpty)
            #expect(rule.text().hasPrefix(rule.id))
            #expect(rule.id.allSatisfy { $0.isLowercase || $0 == "-" })
        }
        #expect(LintRule.named("no-such-rule") == nil)
    }
}
