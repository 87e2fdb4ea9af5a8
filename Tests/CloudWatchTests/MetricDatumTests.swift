import AWSCore
import CloudWatch
import Testing

@Suite struct MetricDatumTests {
    @Test func aPlainCounterIsTaken() {
        #expect(counter().problem(now: noon) == nil)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func numbersThatAreNoneAreRefused(_ value: Double) {
        #expect(counter(value: value).problem() == .notFinite(metric: "Calls"))
        #expect(distribution([value], [1]).problem() == .notFinite(metric: "CallTime"))
        #expect(distribution([1], [value]).problem() == .notFinite(metric: "CallTime"))
    }

    @Test func theLargestMagnitudeIsTakenAndTheNextIsNot() {
        #expect(counter(value: 0x1p360).problem() == nil)
        #expect(counter(value: -0x1p360).problem() == nil)
        #expect(counter(value: (0x1p360).nextUp).problem() == .tooLarge(metric: "Calls"))
    }

    @Test func thirtyDimensionsAreTakenAndThirtyOneAreNot() {
        let many = (0..<31).map { Dimension(name: "D\($0)", value: "v") }
        #expect(counter(dimensions: Array(many.prefix(30))).problem() == nil)
        #expect(counter(dimensions: many).problem() == .tooManyDimensions(metric: "Calls", count: 31))
    }

    @Test(arguments: ["", ":a", "ä", "a\n", "  ", String(repeating: "n", count: 256)])
    func badDimensionNamesAreRefused(_ name: String) {
        let datum = counter(dimensions: [Dimension(name: name, value: "v")])
        #expect(datum.problem() == .dimensionName(metric: "Calls", name: name))
    }

    @Test(arguments: ["", "   ", "é", "tab\t", String(repeating: "v", count: 1_025)])
    func badDimensionValuesAreRefused(_ value: String) {
        let datum = counter(dimensions: [Dimension(name: "Table", value: value)])
        #expect(datum.problem() == .dimensionValue(metric: "Calls", name: "Table"))
    }

    @Test func aValueMayStartWithAColonAndHaveItsFullLength() {
        let dimensions = [
            Dimension(name: String(repeating: "n", count: 255), value: ":" + String(repeating: "v", count: 1_023))
        ]
        #expect(counter(dimensions: dimensions).problem() == nil)
    }

    @Test func aDimensionStandsOnce() {
        let twice = [Dimension(name: "A", value: "1"), Dimension(name: "A", value: "2")]
        #expect(counter(dimensions: twice).problem() == .repeatedDimension(metric: "Calls", name: "A"))
    }

    @Test func distributionsHaveOneToAHundredAndFiftyPairs() {
        let values = (0..<151).map(Double.init)
        let ones = Array(repeating: 1.0, count: 151)
        #expect(distribution(Array(values.prefix(150)), Array(ones.prefix(150))).problem() == nil)
        #expect(distribution(values, ones).problem() == .tooManyValues(metric: "CallTime", count: 151))
        #expect(distribution([], []).problem() == .noValues(metric: "CallTime"))
        #expect(distribution([1, 2], [1]).problem() == .unpairedCounts(metric: "CallTime", values: 2, counts: 1))
        #expect(distribution([1], [0]).problem() == .count(metric: "CallTime"))
    }

    @Test func timeStampsLieWithinCloudWatchsWindow() {
        let day: Duration = .seconds(86_400)
        #expect(counter(at: noon.advanced(by: .zero - day * 14)).problem(now: noon) == nil)
        #expect(
            counter(at: noon.advanced(by: .zero - day * 14 - .seconds(1))).problem(now: noon)
                == .tooOld(metric: "Calls"))
        #expect(counter(at: noon.advanced(by: .seconds(7_200))).problem(now: noon) == nil)
        #expect(counter(at: noon.advanced(by: .seconds(7_201))).problem(now: noon) == .tooFarAhead(metric: "Calls"))
        #expect(counter(at: noon.advanced(by: day * 30)).problem() == nil, "without a time the window is not checked")
    }

    @Test func resolutionIsOneOrSixty() {
        var datum = counter()
        datum.storageResolution = 1
        #expect(datum.problem() == nil)
        datum.storageResolution = 10
        #expect(datum.problem() == .storageResolution(metric: "Calls", seconds: 10))
    }

    @Test func sumAndSampleCountAreCloudWatchs() {
        #expect(distribution([2, 10], [3, 1]).sum == 16)
        #expect(distribution([2, 10], [3, 1]).sampleCount == 4)
        #expect(counter(value: 7).sampleCount == 1)
    }
}
