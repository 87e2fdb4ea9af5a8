import ContractEngine
import ContractModel
import Testing

/// Headings of rates as teams write them: nothing that looks like a rate is misread or dropped unseen.
struct RateHeadingTests {
    private static let contract =
        #"[{"table": "T", "type": "Table", "pk": "id", "attributes": {"id": {"type": "S"}}}]"#

    private func document(_ text: String, _ name: String = "p.md") throws -> ContractDocument {
        try ContractDocument.read(
            contract: SourceText(name: "c.json", text: Self.contract), patterns: SourceText(name: name, text: text))
    }

    private func markdown(_ headings: String, _ cells: String = "1500 | 300") throws -> ContractDocument {
        try document("\n| Pattern | \(headings) |\n|---|---|---|\n| AP1 | \(cells) |\n")
    }

    /// What is said of rates: not of columns that nothing reads.
    private func notes(_ document: ContractDocument) -> [String] {
        Guess.readings(in: document).filter { !$0.text.hasPrefix("of this table") }.map {
            "\($0.place ?? ""): \($0.text)"
        }
    }

    @Test(arguments: [
        "Peak RPS | Average RPS", "Burst req/s | Steady RPS", "Highest | Sustained RPS", "Max RPS | Expected RPS",
        "Peak | Typical", "Peak | Normal load", "Peak | Baseline RPS", "Peak | Median RPS", "Top RPS | Mean RPS",
        "P99 RPS | P50 RPS", "Spitze | Ø RPS", "Spitzenlast | Grundlast", "Busiest RPS | Usual RPS",
        "Busiest second (req/s) | Usual req/s", "Worst second, req/s | Mean req/s", "Max. calls/s | Typical calls/s",
        "Load (max, RPS) | Load (average, RPS)", "Highest RPS | Usually (RPS)",
        "Volume at peak (per second) | Volume on average (per second)", "Worst case (QPS) | Normal (QPS)",
    ])
    func wordsOfPeakAndAverageAreKnownInEitherOrder(headings: String) throws {
        let turned = headings.split(separator: "|").reversed().map { $0.trimmed }.joined(separator: " | ")
        for read in [try markdown(headings), try markdown(turned, "300 | 1500")] {
            #expect(read.patterns[0].peakRPS == 1_500 && read.patterns[0].averageRPS == 300)
            #expect(notes(read) == [])
        }
    }

    @Test func headingsOfAnotherLanguageAreReadInCSV() throws {
        let read = try document("ID;Anfragen/Sek (Peak);Ø RPS\nAP1;1500;300\n", "p.csv")
        #expect(read.patterns[0].peakRPS == 1_500 && read.patterns[0].averageRPS == 300)
    }

    @Test(
        arguments: [
            ("Peak kRPS", 1_500_000), ("Peak RPS (thousands)", 1_500_000), ("Peak RPS x100", 150_000),
            ("Peak RPS (x 100)", 150_000), ("Peak RPS in 1000s", 1_500_000), ("Peak RPS '000", 1_500_000),
            ("Peak (M/day)", 1_500_000_000.0 / 86_400), ("Peak (k/min)", 25_000),
        ] as [(String, Double)])
    func unitsOfAHeadingAreAppliedAndSaid(heading: String, value: Double) throws {
        let read = try markdown("\(heading) | Average RPS")
        #expect(abs((read.patterns[0].peakRPS ?? 0) - value) < 1e-6)
        #expect(read.patterns[0].averageRPS == 300)
        #expect(notes(read).count == 1)
        #expect(notes(read).first?.contains("its heading counts in units of ") == true)
    }

    @Test func aCellWithAUnitOfItsOwnGoesOverItsHeading() throws {
        let read = try markdown("Peak kRPS | Average RPS", "1.5k | 300")
        #expect(read.patterns[0].peakRPS == 1_500)
        #expect(
            notes(read) == [
                "p.md:4: the rate of AP1, \"1.5k\", is read as 1,500: it has a unit of its own, and that of its heading is "
                    + "left out"
            ])
    }

    @Test(arguments: [
        ("Peak RPS/user", "gives a rate for each of something, and not that of all calls"),
        ("Peak per user", "gives a rate for each of something"),
        ("Peak RPS (m)", "has \"m\", of which nobody can tell how many it is"),
        ("Peak RPS 17", "has the number 17, of which nobody can tell what it does"),
        ("Peak kRPS (thousands)", "names several units to count in"),
    ])
    func whatNobodyCanReckonWithIsRefusedWithItsLine(heading: String, why: String) {
        let error = #expect(throws: ContractError.self) { try markdown("\(heading) | Users") }
        #expect(error?.message.hasPrefix("p.md:2: the heading \"\(heading)\" \(why)") == true)
    }

    @Test(arguments: [
        ("Peak RPS | RPS", "p.md:2: the column \"RPS\" is not read: \"Peak RPS\" gives the rate"),
        (
            "Peak RPS | RPS/user",
            "p.md:2: the column \"RPS/user\" is not read: it gives a rate for each of something, and not that of all calls"
        ),
        (
            "Peak RPS | Black Friday load",
            "p.md:2: the column \"Black Friday load\" is not read as a rate: nothing knows its heading"
        ),
        ("Peak RPS 2027 | Average RPS", "p.md:2: of the heading \"Peak RPS 2027\", \"2027\" is left out"),
        ("Typical RPS | Users", "p.md:2: no heading names the rate at peak: \"Typical RPS\" is taken for it"),
        (
            "Peak (Black Friday) | Users",
            "p.md:2: \"Peak (Black Friday)\" is taken for the rate at peak, in calls a second"
        ),
    ])
    func whatIsGuessedOrLeftOutIsSaid(headings: String, note: String) throws {
        let read = try markdown(headings)
        #expect(read.patterns[0].peakRPS == 1_500)
        #expect(notes(read) == [note])
    }

    @Test(arguments: ["Peak Hours", "Average Item Size", "Max items", "Error rate", "P99 (ms)", "High priority users"])
    func whatIsNoRateIsPassedOver(heading: String) throws {
        let read = try markdown("Peak RPS | \(heading)")
        #expect(read.patterns[0].peakRPS == 1_500 && read.patterns[0].averageRPS == nil)
        #expect(notes(read) == [])
    }

    @Test func aSlashBetweenRolesIsNoPer() throws {
        let read = try markdown("Peak/Avg RPS | Users", "1500/300 | 1")
        #expect(read.patterns[0].peakRPS == 1_500 && read.patterns[0].averageRPS == 300)
    }

    @Test func aCellWithATimeOfItsOwnGoesOverItsHeadingToo() throws {
        #expect(try markdown("Peak kRPS | Users", "600/min | 1").patterns[0].peakRPS == 10)
    }

    /// Words that stand above other things too make a rate only of numbers.
    @Test func aHeadingOfSuchWordsNeedsNumbersBelowIt() throws {
        #expect(notes(try markdown("Peak RPS | Highest", "1500 | yes")) == [])
        #expect(try markdown("Highest | Users", "1500 | many").patterns[0].peakRPS == 1_500)
    }

    @Test(arguments: ["peakRps", "peakRPS", "peak_rps", "peak-rps"])
    func ratesOfATreeAreKnownHoweverTheirWordsAreJoined(name: String) throws {
        let average = name.split(separator: "eak").joined(separator: "verage").replacing("pverage", with: "average")
        let read = try document(#"[{"id": "AP1", "\#(name)": 1500, "\#(average)": 300}]"#, "p.json")
        #expect(read.patterns[0].peakRPS == 1_500 && read.patterns[0].averageRPS == 300)
        #expect(LintReport(read).findings.filter { $0.rule == "unknown-field" } == [])
    }
}

/// Nobody who reads the page sees a comment, and Tidemark does not either.
struct MarkdownCommentTests {
    private let table = "| ID | RPS |\n|---|---|\n"

    private func ids(_ text: String) throws -> [String] {
        try ContractDocument.read(
            contract: SourceText(
                name: "c.json",
                text: #"[{"table": "T", "type": "Table", "pk": "id", "attributes": {"id": {"type": "S"}}}]"#),
            patterns: SourceText(name: "p.md", text: text)
        ).patterns.map { "\($0.id) \($0.peakRPS ?? 0)" }
    }

    @Test func tablesInACommentAreNotRead() throws {
        #expect(try ids("<!--\n\(table)| AP2 | 777 |\n-->\n\(table)| AP1 | 8 |\n") == ["AP1 8.0"])
        #expect(try ids("\(table)| AP1 | 8 |\n<!-- \(table)| AP2 | 777 |\n--> words\n") == ["AP1 8.0"])
        #expect(try ids("\(table)| AP1 | 8 |\n<!-- \n| AP2 | 777 |\nnever closed\n") == ["AP1 8.0"])
        #expect(try ids("\(table)| AP1 | 8 |\n\n<!--\n\(table)| AP2 | 777 |\nnever closed\n") == ["AP1 8.0"])
    }

    @Test func aCommentInsideALineIsTakenOutOfIt() throws {
        #expect(try ids("\(table)| AP1 <!-- was AP9 --> | <!-- 5 -->8 |<!-- a | b -->\n") == ["AP1 8.0"])
        #expect(try ids("\(table)| AP1 | 8 |\n<!-- | AP2 | 777 | -->\n| AP3 | 9 |\n") == ["AP1 8.0", "AP3 9.0"])
    }

    @Test func theSignInCodeOrInAFenceBeginsNone() throws {
        #expect(try ids("Write `<!--` for it.\n\n\(table)| AP1 | 8 |\n\n-->\n") == ["AP1 8.0"])
        #expect(try ids("```\n<!--\n```\n\(table)| AP1 | 8 |\n\n-->\n") == ["AP1 8.0"])
        #expect(try ids("An arrow <!-- that nothing ends.\n\n\(table)| AP1 | 8 |\n") == ["AP1 8.0"])
    }
}
