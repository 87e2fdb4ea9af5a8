import Foundation
import TestSupport
import Testing
import Tidemark
import TidemarkFoundation

struct FoundationTypesTests {
    private func text(_ seconds: Double, _ form: DateForm = .iso8601) throws -> String? {
        let date = Date(timeIntervalSince1970: seconds)
        return try ItemCoder(dates: form).encode(["d": date])["d"]?.stringValue
    }

    private func read(_ value: AttributeValue, _ form: DateForm = .iso8601) -> Double? {
        try? ItemCoder(dates: form).decode([String: Date].self, from: ["d": value])["d"]?.timeIntervalSince1970
    }

    @Test func datesAreTextsInUTC() throws {
        #expect(try text(0) == "1970-01-01T00:00:00.000000000Z")
        #expect(try text(1_795_491_553.25) == "2026-11-24T03:39:13.250000000Z")
        #expect(try text(-0.25) == "1969-12-31T23:59:59.750000000Z")
        #expect(try text(1_795_491_553.999, .iso8601(fractionDigits: 0)) == "2026-11-24T03:39:13Z")
        #expect(try text(1_795_491_553.999, .iso8601(fractionDigits: 2)) == "2026-11-24T03:39:13.99Z")
        #expect(try text(-62_167_219_200, .iso8601(fractionDigits: 0)) == "0000-01-01T00:00:00Z")
        #expect(try text(253_402_300_799, .iso8601(fractionDigits: 0)) == "9999-12-31T23:59:59Z")
        #expect(try ItemCoder().encode(["d": Date.distantPast])["d"] == "0000-12-30T00:00:00.000000000Z")
        #expect(try ItemCoder().encode(["d": Date.distantFuture])["d"] == "4001-01-01T00:00:00.000000000Z")
    }

    @Test func datesAreReadInEveryUsualForm() {
        #expect(read("2026-11-24T03:39:13Z") == 1_795_491_553)
        #expect(read("2026-11-24T03:39:13.5+01:00") == 1_795_487_953.5)
        #expect(read("0000-12-30T00:00:00Z") == Date.distantPast.timeIntervalSince1970)
        #expect(read("9999-12-31T23:59:59Z") == 253_402_300_799)
        for wrong: AttributeValue in [
            "", "2026", "2026-02-30T00:00:00Z", "2026-11-24 03:39:13Z", "+026-11-24T03:39:13Z", "２０２６-11-24T03:39:13Z",
            "2026-11-24T03:39:13", "20261-11-24T03:39:13Z", 5, nil,
        ] {
            #expect(read(wrong) == nil, "\(wrong)")
        }
    }

    @Test func datesAreNumbersWhereTheyAreWanted() throws {
        let date = Date(timeIntervalSince1970: 12.9876)
        #expect(try ItemCoder(dates: .epochSeconds).encode(["d": date]) == ["d": 12])
        #expect(try ItemCoder(dates: .epochMilliseconds).encode(["d": date]) == ["d": 12_987])
        #expect(read(12, .epochSeconds) == 12.0)
        #expect(read(.number("12.5"), .epochSeconds) == 12.5)
        #expect(read(12_987, .epochMilliseconds) == Date(timeIntervalSince1970: 12.987).timeIntervalSince1970)
        #expect(read("12", .epochSeconds) == nil)
        let back = Date(timeIntervalSince1970: -0.5)
        #expect(try ItemCoder(dates: .epochSeconds).encode(["d": back]) == ["d": -1])
    }

    @Test(arguments: 1...10) func datesTextsSortAsTheyDo(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var earlier = Date(timeIntervalSinceReferenceDate: (generator.nextUnit() - 0.5) * 1e10)
        for _ in 0..<500 {
            let step: Double = [1e-7, 1e-3, 0.5, 1e5].randomElement(using: &generator) ?? 1
            let later = earlier.addingTimeInterval(Double(generator.nextUnit() * step))
            let texts = try [earlier, later].map { try ItemCoder().encode(["d": $0])["d"]?.stringValue ?? "" }
            #expect(earlier == later ? texts[0] == texts[1] : texts[0] < texts[1], "seed \(seed): \(texts)")
            earlier = later
        }
    }

    @Test func whatHasNoFormIsRefused() {
        for seconds in [Double.infinity, .nan, 1e300] {
            let date = Date(timeIntervalSince1970: seconds)
            for form in [DateForm.iso8601, .epochSeconds, .epochMilliseconds] {
                #expect(throws: ItemCodingError.self) { try ItemCoder(dates: form).encode(["d": date]) }
            }
        }
        #expect(throws: ItemCodingError.self) {
            try ItemCoder().encode(["d": Date(timeIntervalSince1970: 253_402_300_800)])
        }
        #expect(throws: ItemCodingError.self) { try ItemCoder().encode(["d": Decimal.nan]) }
        for number in ["1E-130", "1.23E-128"] {
            #expect(throws: ItemCodingError.self) {
                try ItemCoder().decode([String: Decimal].self, from: ["d": .number(number)])
            }
        }
    }

    @Test func theyStandInExpressionsToo() {
        let (start, price) = (Date(timeIntervalSince1970: 0), Decimal(11) / 10)
        let condition: Tidemark.Expression = "placed" > start && "price" == price
        #expect(condition.values == [":0": "1970-01-01T00:00:00.000000000Z", ":1": .number("1.1")])
    }

    @Test func aSessionsEndIsANumberOfSecondsForTimeToLive() throws {
        struct Session: Codable, Equatable {
            @EpochSeconds var expires: Date
            var renewed: EpochSeconds?
            var site: URL?
        }
        let url = try #require(URL(string: "https://example.com/a?b=c"))
        let session = Session(expires: Date(timeIntervalSince1970: 100), renewed: nil, site: url)
        let item = try ItemCoder().encode(session)
        #expect(item == ["expires": 100, "site": "https://example.com/a?b=c"])
        #expect(try ItemCoder().decode(Session.self, from: item) == session)
    }
}
