import ContractEngine
import ContractModel
import Testing

struct PatternIDTests {
    @Test(arguments: [
        ("AP11", ["AP11"]), ("**AP1**", ["AP1"]), ("11", ["AP11"]), ("#9", ["AP9"]), ("Pattern #9", ["AP9"]),
        ("AP12-14", ["AP12", "AP13", "AP14"]), ("AP12–AP14", ["AP12", "AP13", "AP14"]), ("AP1, AP3", ["AP1", "AP3"]),
        ("AP5-AP5", []), ("GetBook", []), ("", []), ("AP1 and more", []), ("AP-7", ["AP7"]),
    ])
    func cellHoldsTheseIDs(_ cell: String, _ ids: [String]) { #expect(PatternID.expand(cell) == ids) }

    @Test func runningTextHoldsOnlyMarkedIDs() {
        #expect(
            PatternID.all(in: "AP8, AP10-12 (product operations), see 2024 and GAP7, Pattern #3")
                == ["AP8", "AP10", "AP11", "AP12", "AP3"])
    }

    @Test func rangesMayBeWords() {
        #expect(
            PatternID.all(in: "AP8 to AP10, AP12 through 13; AP2 to go") == [
                "AP8", "AP9", "AP10", "AP12", "AP13", "AP2",
            ])
        #expect(PatternID.ranges(["AP1", "AP2", "AP3", "AP7", "AP8", "GetBook"]) == "AP1-3, AP7, AP8, GetBook")
    }

    @Test func aRangeTooLongIsNoRange() { #expect(PatternID.all(in: "AP1-999999") == ["AP1"]) }
}

struct StatedNumberTests {
    @Test(arguments: [
        ("770", 770.2, true), ("770", 771.0, true), ("770", 1070.2, false), ("0.05", 0.045, true),
        ("0.05", 200.05, false),
        ("0.002", 0.0025, true), ("1,400", 3246.0, false), ("620", 720.0, false), ("0", 0.0, true), ("0", 3.0, false),
    ])
    func agreesWithinItsOwnRounding(_ text: String, _ reckoned: Double, _ agrees: Bool) {
        #expect(StatedNumber(text)?.agrees(with: reckoned) == agrees)
    }

    @Test func onlyNumbersAreNumbers() {
        for text in ["", "RPS", "1e9", "-4", "4x", "12345678901234567890"] { #expect(StatedNumber(text) == nil) }
        #expect(StatedNumber("$1,734.34")?.value == 1734.34)
    }
}

struct KeyTemplateTests {
    @Test func rendersItsHoles() {
        let template = KeyTemplate("ORDER#{created_at}#{order_id}")
        #expect(template.placeholders == ["created_at", "order_id"])
        #expect(template.leadingLiteral == "ORDER#")
        #expect(template.render(["created_at": "2026", "order_id": "7"]) == "ORDER#2026#7")
        #expect(template.render(["created_at": "2026"]) == nil)
    }

    @Test(arguments: ["", "#META", "{}", "{", "}", "a{b", "{a{b}", "}{", "{{x}}", "a}b{"])
    func oddBracesStandForThemselves(_ source: String) {
        let template = KeyTemplate(source)
        let values = Dictionary(template.placeholders.map { ($0, "{\($0)}") }, uniquingKeysWith: { first, _ in first })
        #expect(template.render(values) == source)
    }
}

struct FiguresTests {
    @Test(arguments: [
        (3245.9575, "3,246"), (770.2, "770.2"), (0.05, "0.05"), (0, "0"), (1_000_000, "1,000,000"), (12.5, "12.5"),
        (0.0005, "0.0005"), (999.96, "1,000"), (-4.25, "-4.25"), (.infinity, "–"), (1e300, "1e+300"),
    ])
    func shortFigures(_ value: Double, _ text: String) { #expect(Figures.short(value) == text) }

    @Test func dollarsAndShares() {
        #expect(Figures.dollars(5161.06) == "$5,161")
        #expect(Figures.dollars(0.974) == "$0.97")
        #expect(Figures.percent(0.7856) == "79%")
        #expect(Figures.percent(0.004) == "0.4%")
        #expect(Figures.list(["A", "B", "C"]) == "A, B and C")
    }
}

struct MarkdownTests {
    @Test func tablesKnowTheirLinesAndHeadings() throws {
        let text =
            "# A\n\n## B\n| x | **y** |\n|---|:--|\n| 1 | a \\| b |\n\ntext\n```\n| no | table |\n|---|---|\n```\n"
        let document = Markdown(SourceText(name: "m.md", text: text))
        let table = try #require(document.tables.first)
        #expect(document.tables.count == 1)
        #expect(table.header == ["x", "y"])
        #expect(table.rows.map(\.cells) == [["1", "a | b"]])
        #expect(table.rows.first?.line == 6)
        #expect(table.headings.map(\.text) == ["A", "B"])
    }

    @Test func windowsLineEndsAreLineEnds() {
        let document = Markdown(SourceText(name: "m.md", text: "# A\r\n| x |\r\n|---|\r\n| 1 |\r\n"))
        #expect(document.tables.first?.rows.first?.line == 4)
    }
}

struct PatternFormsTests {
    private func patterns(_ name: String, _ text: String) throws -> [AccessPattern] {
        try ContractDocument.read(
            contract: SourceText(name: "c.json", text: Bookshop.contract), patterns: SourceText(name: name, text: text)
        ).patterns
    }

    @Test func allFormsSayTheSame() throws {
        let markdown = try patterns(
            "p.md",
            "| # | Description | Peak RPS | Avg RPS | Type | Items a call | p99 |\n|-|-|-|-|-|-|-|\n| 5 | Show, a book | 1,000 | 40 | Read | 2 | 20 ms |\n"
        )
        let csv = try patterns(
            "p.csv",
            "Pattern,Description,Peak RPS,Average RPS,Type,Items a call,p99\nAP5,\"Show, a book\",\"1,000\",40,read,2,20\n"
        )
        let json = try patterns(
            "p.json",
            "[{\"id\": \"AP5\", \"description\": \"Show, a book\", \"rps\": {\"peak\": 1000, \"average\": 40}, \"type\": \"Read\", \"items_per_call\": 2, \"slo\": {\"p99_ms\": 20}}]"
        )
        let yaml = try patterns(
            "p.yaml",
            "patterns:\n  - id: 5\n    description: Show, a book\n    rps: {peak: 1000, average: 40}\n    type: Read\n    items_per_call: 2\n    slo: {p99_ms: 20}\n"
        )
        #expect(markdown == csv)
        #expect(csv == json)
        #expect(json == yaml)
        #expect(markdown.first?.peakRPS == 1000)
        #expect(markdown.first?.operations.first?.itemsPerCall == 2)
        #expect(markdown.first?.serviceLevel?.p99 == .milliseconds(20))
    }

    @Test func peakAndAverageMayShareACell() throws {
        let read = try patterns("p.md", "| Pattern # | RPS (Peak/Avg) |\n|-|-|\n| 5 | 500/200 RPS |\n| 6 | 10 RPS |\n")
        #expect(read.map(\.peakRPS) == [500, 10])
        #expect(read.map(\.averageRPS) == [200, nil])
    }
}
