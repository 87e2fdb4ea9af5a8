import ContractEngine
import ContractModel
import Testing

/// Numbers as people of several countries write them: read in one way, or refused; and where another reading was possible, said.
struct AmountTests {
    private static let contract =
        #"[{"table": "T", "type": "Table", "pk": "id", "attributes": {"id": {"type": "S"}}}]"#

    private func document(_ patterns: String, _ name: String = "p.md") throws -> ContractDocument {
        try ContractDocument.read(
            contract: SourceText(name: "c.json", text: Self.contract), patterns: SourceText(name: name, text: patterns))
    }

    private func table(_ rates: String..., heading: String = "Peak RPS") -> String {
        let rows = rates.enumerated().map { "| AP\($0 + 1) | \($1) |\n" }.joined()
        return "| Pattern | \(heading) |\n|---|---|\n" + rows
    }

    private func rate(_ cell: String, heading: String = "Peak RPS") throws -> (value: Double?, notes: [String]) {
        let document = try document(table(cell, heading: heading))
        return (document.patterns[0].peakRPS, Guess.readings(in: document).map(\.text))
    }

    @Test(
        arguments: [
            ("250", 250), ("1,500", 1_500), ("1,234,567", 1_234_567), ("1,500.5", 1_500.5), ("0.5", 0.5), (".5", 0.5),
            ("0.250", 0.25), ("2e3", 2_000), ("2E-1", 0.2), ("1'500", 1_500), ("1’500", 1_500), ("1_500", 1_500),
            ("1\u{A0}500", 1_500), ("1\u{2009}500", 1_500), ("1\u{202F}500.5", 1_500.5), ("1&nbsp;500", 1_500),
            ("~7", 7), ("≈ 7", 7), ("about 7 RPS", 7), ("1.5k", 1_500), ("2 krps", 2_000), ("3k req/s", 3_000),
            ("1M", 1_000_000),
            ("1.5 million", 1_500_000), ("250rps", 250), ("10 req/s", 10), ("10 per second", 10), ("12 calls/sec", 12),
            ("12 (peak)", 12), ("_250_", 250), ("**250**", 250),
        ] as [(String, Double)])
    func ratesWithOneMeaningAreReadWithoutANote(cell: String, value: Double) throws {
        let read = try rate(cell)
        #expect(read.value == value)
        #expect(read.notes == [])
    }

    @Test(
        arguments: [
            ("0,5", 0.5, "its comma is taken for the decimal sign"),
            ("1,5", 1.5, "its comma is taken for the decimal sign"),
            ("0,500", 0.5, "its comma is taken for the decimal sign"), ("1500,25", 1_500.25, "its comma is taken"),
            ("1.500,5", 1_500.5, "its comma is taken for the decimal sign"),
            ("1 500,5", 1_500.5, "its comma is taken for the decimal sign"),
            ("1 500", 1_500, "its spaces are taken for thousands"),
            ("1 500 RPS", 1_500, "its spaces are taken for thousands"),
            ("1.500.000", 1_500_000, "its points are taken for thousands"),
            ("1.500", 1.5, "its point is taken for the decimal sign, not for thousands"),
            ("1,5k", 1_500, "its comma is taken for the decimal sign"),
            ("10-20", 20, "of its range the upper end counts"),
            ("10 – 20 RPS", 20, "of its range the upper end counts"),
            ("10 to 20", 20, "of its range the upper end counts"), ("10..20", 20, "of its range the upper end counts"),
            ("1-2k", 2_000, "of its range the upper end counts"), ("<5", 5, "the bound that it names counts"),
            ("&lt; 5", 5, "the bound that it names counts"), ("up to 40", 40, "the bound that it names counts"),
            ("500+", 500, "it may be more"), ("≥ 500", 500, "it may be more"),
            ("600/min", 10, "it is given by a minute, and taken to come evenly"),
            ("36 per hour", 0.01, "it is given by an hour, and taken to come evenly"),
            ("30 rpm", 0.5, "it is given by a minute, and taken to come evenly"),
            ("86,400 a day", 1, "it is given by a day, and taken to come evenly"),
            (
                "10-20/min", 1.0 / 3,
                "of its range the upper end counts, it is given by a minute, and taken to come evenly"
            ),
            ("50 in december", 50, "\"december\" beside it is left out"),
            ("12 (24 at noon)", 12, "what stands in brackets is left out"),
        ] as [(String, Double, String)])
    func ratesReadByAGuessSaySo(cell: String, value: Double, reason: String) throws {
        let read = try rate(cell)
        #expect(abs((read.value ?? 0) - value) < 1e-12)
        #expect(read.notes.count == 1)
        #expect(read.notes.first?.hasPrefix("the rate of AP1, \"") == true)
        #expect(read.notes.first?.contains("is read as ") == true && read.notes.first?.contains(reason) == true)
    }

    @Test(arguments: [
        "many", "5m", "5 min", "5 s", "20-10", "10-", "-5", "1,50,000", "1.5.0", "1 50", "10 20", "0 500", "5%",
        "5 per user",
        "100 ± 20", "~~250~~", "1,5,5", "٥", "1e99", "NaN", "∞", "1.500,5,5", "1'50", "(250)",
    ])
    func whatCannotBeReadInOneWayIsRefusedWithItsPlace(cell: String) {
        let error = #expect(throws: ContractError.self) { try document(table("7", cell)) }
        #expect(error?.problems.count == 1)
        #expect(
            error?.message.hasPrefix("p.md:4: the rate of AP2 is \"\(cell)\", which cannot be read as one number;")
                == true)
    }

    @Test func aThousandMillionIsTheMost() {
        let error = #expect(throws: ContractError.self) { try document(table("2,000 million")) }
        #expect(error?.message.contains("a number from 0 to a thousand million") == true)
    }

    @Test(arguments: ["1,500", "1.500"])
    func besideDecimalCommasThreeDigitsBehindAMarkAreRefused(cell: String) {
        let error = #expect(throws: ContractError.self) { try document(table("0,5", cell)) }
        #expect(
            error?.message
                == "p.md:4: the rate of AP2 is \"\(cell)\", which is a thousand times more or less where decimals have a comma, as "
                + "on line 3; write it without separators")
    }

    @Test(
        arguments: [
            ("Peak (req/min)", 60, "a minute"), ("RPM", 60, "a minute"), ("Requests per hour", 3_600, "an hour"),
        ] as [(String, Double, String)])
    func theHeadingsTimeHoldsForBareNumbers(heading: String, seconds: Double, name: String) throws {
        let bare = try rate("7200", heading: heading)
        #expect(abs((bare.value ?? 0) - 7_200 / seconds) < 1e-9)
        #expect(bare.notes.first?.contains("it is given by \(name), and taken to come evenly") == true)
        #expect(try rate("5 per second", heading: heading).value == 5)
    }

    @Test func otherQuantitiesHaveTheirOwnUnits() throws {
        let text = """
            | Pattern | RPS | P99 | Availability | Items per call |
            |---|---|---|---|---|
            | AP1 | 5 | 1.5 s | 99,9% | 10-20 |
            | AP2 | 5 | < 20 ms | >99.9% | 1500 items |
            """
        let document = try document(text)
        #expect(document.patterns[0].serviceLevel == ServiceLevel(p99: .milliseconds(1_500), availability: 0.999))
        #expect(document.patterns[1].serviceLevel == ServiceLevel(p99: .milliseconds(20), availability: 0.999))
        #expect(
            Guess.readings(in: document).map(\.text) == [
                "the availability of AP1, \"99,9%\", is read as 99.9: its comma is taken for the decimal sign",
                "the items a call of AP1, \"10-20\", is read as 20: of its range the upper end counts",
            ])
    }

    @Test func aTreesTextsAreReadByTheSameRules() throws {
        let document = try document(
            #"[{"id": "AP1", "rps": {"peak": "0,5", "average": "0.2"}}, {"id": 2, "rps": "1 500"}, {"id": 3, "rps": 7}]"#,
            "p.json")
        #expect(document.patterns.map(\.peakRPS) == [0.5, 1_500, 7])
        #expect(Guess.readings(in: document).map(\.place) == ["p.json:1:32", "p.json:1:76"])
        let error = #expect(throws: ContractError.self) {
            try self.document(#"[{"id": 1, "rps": "1,00,00"}]"#, "p.json")
        }
        #expect(error?.message.hasPrefix("p.json:1:19: the rate of AP1 is \"1,00,00\", which cannot be read") == true)
    }

    @Test func anOverlaysTextsAreReadByTheSameRules() throws {
        let document = try ContractDocument.read(
            contract: SourceText(name: "c.json", text: Self.contract),
            patterns: SourceText(name: "p.md", text: table("5")),
            mapping: SourceText(name: "o.yaml", text: "AP1: {table: T, operation: Query, items: 10-20}\n"))
        #expect(document.patterns[0].operations.first?.itemsPerCall == 20)
        #expect(Guess.readings(in: document).map(\.place) == ["o.yaml:1:42"])
    }

    @Test func lintPrintsEveryNoteWithItsPlace() throws {
        let report = LintReport(try document(table("0,5", "10-20")))
        let flat = report.text().split { $0 == " " || $0 == "\n" }.joined(separator: " ")
        #expect(
            flat.contains("the rate of AP1, \"0,5\", is read as 0.5: its comma is taken for the decimal sign (p.md:3)"))
        #expect(flat.contains("the rate of AP2, \"10-20\", is read as 20: of its range the upper end counts (p.md:4)"))
        #expect(report.json().contains(#""place":"p.md:3""#))
    }

    @Test func proseIsReadByTheSameRules() throws {
        let rows = table("1 000", "400")
        let right = try document("Total load: 1 400 QPS\n\n" + rows)
        #expect(LintReport(right).findings.filter { $0.rule == "rps-total-differs" } == [])
        let wrong = try document("Total load: 1400,5 QPS\n\n" + table("5"))
        #expect(LintReport(wrong).findings.filter { $0.rule == "rps-total-differs" }.map(\.subject) == ["total 1400,5"])
    }
}
