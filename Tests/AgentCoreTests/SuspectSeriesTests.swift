import AWSCore
import CloudWatch
import Testing

@testable import AgentCore

/// When a series' datums are set apart, tried and put aside: decisions alone.
@Suite struct SuspectSeriesTests {
    private let calls = SuspectSeries.Name(datum("Calls"))
    private let latency = SuspectSeries.Name(datum("Latency"))

    private static func datum(_ name: String, pattern: String = "AP1") -> MetricDatum {
        MetricDatum(
            name: name, dimensions: [Dimension(name: "Pattern", value: pattern)],
            timestamp: Timestamp(nanosecondsSince1970: 0), unit: .count, value: .single(1))
    }

    private static let second: Int64 = 1_000_000_000

    /// Fails again and again, each time after what a closure does; says at which tries the datum was to be put aside.
    private func putAside(
        tries: Int, everySeconds seconds: Int64 = 1_000, before: (inout SuspectSeries, Int, Int64) -> Void
    ) -> [Int] {
        var series = SuspectSeries()
        _ = series.insert(calls)
        return (0..<tries).filter { number in
            let now = Int64(number) * seconds * Self.second
            before(&series, number, now)
            return series.failed(calls, batch: 1, now: now) { _ in 0 }
        }
    }

    @Test func aDatumIsPutAsideAfterTwentyFailuresAfterAWitnessThatWasTaken() {
        #expect(putAside(tries: 21) { series, _, now in series.heard(witnessTaken: true, at: now) } == [19, 20])
    }

    @Test func aDatumIsPutAsideAfterAnHourAtTheEarliest() {
        let all = putAside(tries: 3_602, everySeconds: 1) { series, _, now in series.heard(witnessTaken: true, at: now)
        }
        #expect(all == [3_600, 3_601])
    }

    @Test func aWitnessThatFailsBeginsTheCountAnew() {
        #expect(putAside(tries: 39) { series, number, now in series.heard(witnessTaken: number != 19, at: now) } == [])
    }

    @Test func oneDatumThatIsTakenAcquitsItsSeries() {
        let all = putAside(tries: 39) { series, number, now in
            series.heard(witnessTaken: true, at: now)
            if number == 19 { series.taken(calls, batch: 2) }
        }
        #expect(all == [38])
    }

    @Test func failuresWithoutAWitnessPutNothingAside() {
        #expect(putAside(tries: 100) { _, _, _ in } == [])
    }

    @Test func eachTryOfWhatIsNotConvictedNeedsAWitness() {
        var series = SuspectSeries()
        #expect(series.awaitsWitness(at: 0))
        series.heard(witnessTaken: true, at: 0)
        #expect(!series.awaitsWitness(at: 0))
        _ = series.failed(calls, batch: 1, now: 0) { _ in 0 }
        #expect(series.awaitsWitness(at: 0))
    }

    /// Convicted ones follow one another; for each alone a witness would double the requests.
    @Test func oneWitnessSpeaksForTenSeconds() {
        var series = SuspectSeries()
        series.heard(witnessTaken: true, at: 0)
        #expect(!series.awaitsWitness(at: 10 * Self.second))
        #expect(series.awaitsWitness(at: 10 * Self.second + 1))
        #expect(series.awaitsWitness(at: -1))
        series.nobodyIsTaken()
        #expect(series.awaitsWitness(at: 0))
    }

    @Test func pausesGrowToAMinuteAndEndWithWhatIsTaken() {
        var series = SuspectSeries()
        func fail() { _ = series.failed(calls, batch: 7, now: 0) { Int64($0) * 25 * Self.second } }
        fail()
        #expect(!series.isDue(at: 25 * Self.second - 1) && series.isDue(at: 25 * Self.second))
        for _ in 0..<8 { fail() }
        #expect(!series.isDue(at: 60 * Self.second - 1) && series.isDue(at: 60 * Self.second))
        // The clock was set back.
        #expect(series.isDue(at: -1))
        series.taken(latency, batch: 8)
        #expect(series.isDue(at: 0) && series.last == 8)
    }

    @Test func onlyKnownSeriesAreSetApart() {
        var series = SuspectSeries()
        let datums = [
            Self.datum("Calls"), Self.datum("Latency"), Self.datum("Calls", pattern: "AP2"), Self.datum("Calls"),
        ]
        #expect(series.places(in: datums) == [])
        let news = [series.insert(calls), series.insert(calls)]
        #expect(news == [true, false])
        #expect(series.places(in: datums) == [0, 1, 3])
        series.taken(calls, batch: 1)
        #expect(series.isEmpty && series.places(in: datums) == [])
    }

    /// They are mostly at fault too; but one that is taken shows that it is not.
    @Test func seriesOfTheSameDimensionsAreSetApartUntilOneOfEachIsTaken() {
        var series = SuspectSeries()
        _ = series.insert(calls)
        let datums = [Self.datum("Calls"), Self.datum("Latency"), Self.datum("Latency", pattern: "AP2")]
        #expect(series.places(in: datums) == [0, 1])
        series.taken(latency, batch: 1)
        #expect(series.places(in: datums) == [0])
        _ = series.insert(latency)
        #expect(series.places(in: datums) == [0, 1])
        series.taken(latency, batch: 2)
        series.taken(calls, batch: 3)
        #expect(series.isEmpty && series.places(in: datums) == [])
    }

    @Test func noMoreAreRememberedThanMemoryIsFor() {
        var series = SuspectSeries()
        for number in 0..<SuspectSeries.most {
            _ = series.insert(SuspectSeries.Name(Self.datum("Calls", pattern: "\(number)")))
        }
        let isNew = series.insert(latency)
        #expect(!isNew)
        series.heard(witnessTaken: true, at: 0)
        let isPutAside = series.failed(latency, batch: 1, now: 0) { _ in 1 }
        #expect(!isPutAside && !series.isDue(at: 0))
    }
}
