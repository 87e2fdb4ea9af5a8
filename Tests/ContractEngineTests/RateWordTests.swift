import ContractEngine
import ContractModel
import Testing

/// Words for large numbers, and words for which of two rates is which.
struct RateWordTests {
    private func rates(_ cell: String, heading: String = "Peak RPS") throws -> (Double?, Double?) {
        let document = try GivenDocuments.read(
            GivenDocuments.orders("AP1"), patterns: "| ID | \(heading) |\n|---|---|\n| AP1 | \(cell) |\n")
        return (document.patterns[0].peakRPS, document.patterns[0].averageRPS)
    }

    @Test(arguments: [
        ("5 billion/day", 57_870.37), ("5B/day", 57_870.37), ("5 bn/day", 57_870.37), ("2 lakh/day", 2.315),
        ("2 lakhs per day", 2.315), ("1 crore/day", 115.74), ("3 mn/day", 34.72), ("10 hundred", 1_000),
        ("2 hundred thousand/day", 2.315), ("3 mio/day", 34.72), ("2 dozen", 24), ("1 trillion/month", 385_802.47),
    ])
    func wordsForNumbersAreRead(cell: String, rate: Double) throws {
        let read = try #require(try rates(cell).0)
        #expect(abs(read - rate) <= rate * 0.001)
    }

    @Test(
        arguments: [
            ("100r/s", 100), ("30hits/s", 30), ("40rps", 40), ("50reads", 50), ("60 books", 60), ("2k", 2_000),
        ] as [(String, Double)])
    func unitsMayFollowAtOnce(cell: String, rate: Double) throws { #expect(try rates(cell).0 == rate) }

    @Test(arguments: [
        "5 b/day", "5 zillion/day", "5 gazillion", "3 m/day", "5 score", "7 myriad a day", "1oo", "10O", "2oo/s", "25l",
        "40foo",
    ])
    func whatNobodyCanTellIsRefused(cell: String) {
        let refusal = GivenDocuments.refusal(
            GivenDocuments.orders("AP1"), patterns: "| ID | Peak RPS |\n|---|---|\n| AP1 | \(cell) |\n")
        #expect(refusal.hasPrefix("p.md:3: the rate of AP1 is \"\(cell)\", which cannot be read as one number"))
    }

    @Test(arguments: [
        "5 RPS avg / 10 RPS peak", "10 RPS peak / 5 RPS avg", "avg 5 / peak 10", "10 / 5", "5 average / 10",
        "10 / 5 typical", "5 / 10 max",
    ])
    func twoRatesInOneCellAreToldApartByTheirWords(cell: String) throws {
        #expect(try rates(cell) == (10, 5))
    }

    @Test func twoRatesOfOneKindAreRefused() {
        let refusal = GivenDocuments.refusal(
            GivenDocuments.orders("AP1"), patterns: "| ID | Peak RPS |\n|---|---|\n| AP1 | 5 avg / 10 avg |\n")
        #expect(refusal.contains("cannot be read as one number"))
    }
}
