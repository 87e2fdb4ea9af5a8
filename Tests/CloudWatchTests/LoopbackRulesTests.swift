import AWSCore
import CloudWatch
import LoopbackAWS
import TestSupport
import Testing

/// What the loopback CloudWatch refuses: each rule by a request that breaks it and no other.
@Suite struct LoopbackRulesTests {
    struct Broken: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var datum: String
        var code = "InvalidParameterValueException"

        init(_ rule: String, _ datum: String, _ code: String = "InvalidParameterValueException") {
            (testDescription, self.datum, self.code) = (rule, datum, code)
        }

        static func dimensions(_ pairs: [(String, String)]) -> String {
            let list = pairs.map { #"{"Name":"\#($0.0)","Value":"\#($0.1)"}"# }.joined(separator: ",")
            return #""Value":1,"Dimensions":[\#(list)]"#
        }

        static let combination = "InvalidParameterCombinationException"
        static let all: [Broken] = [
            Broken("NaN", #""Value":"NaN""#), Broken("infinity", #""Value":"-Infinity""#),
            Broken("above 2^360", #""Value":2.4e108"#), Broken("below -2^360", #""Value":-2.4e108"#),
            Broken("NaN among values", #""Values":[1,"NaN"],"Counts":[1,1]"#),
            Broken("infinite count", #""Values":[1],"Counts":["Infinity"]"#),
            Broken("count of zero", #""Values":[1],"Counts":[0]"#),
            Broken("151 values", #""Values":[\#((0...150).map(String.init).joined(separator: ","))]"#),
            Broken("counts of another length", #""Values":[1,2],"Counts":[1]"#),
            Broken("no values", #""Values":[],"Counts":[]"#, "MissingRequiredParameterException"),
            Broken("counts alone", #""Value":1,"Counts":[1]"#, combination),
            Broken("value and values", #""Value":1,"Values":[1],"Counts":[1]"#, combination),
            Broken(
                "values and a statistic set",
                #""Values":[1],"StatisticValues":{"SampleCount":1,"Sum":1,"Minimum":1,"Maximum":1}"#, combination),
            Broken("nothing measured", #""Unit":"Count""#, combination),
            Broken(
                "statistic set without a sum", #""StatisticValues":{"SampleCount":1,"Minimum":1,"Maximum":1}"#,
                "MissingRequiredParameterException"),
            Broken("minimum above maximum", #""StatisticValues":{"SampleCount":1,"Sum":1,"Minimum":2,"Maximum":1}"#),
            Broken("31 dimensions", dimensions((0..<31).map { ("D\($0)", "v") })),
            Broken("blank dimension name", dimensions([("  ", "v")])),
            Broken("empty dimension value", dimensions([("D", "")])),
            Broken("blank dimension value", dimensions([("D", "   ")])),
            Broken("dimension name with a colon first", dimensions([(":D", "v")])),
            Broken("long dimension name", dimensions([(String(repeating: "n", count: 256), "v")])),
            Broken("long dimension value", dimensions([("D", String(repeating: "v", count: 1_025))])),
            Broken("dimension value beyond ASCII", dimensions([("D", "é")])),
            Broken("control character", dimensions([("D", #"a\u0007"#)])),
            Broken("dimension twice", dimensions([("D", "a"), ("D", "b")])),
            Broken("resolution of 10 s", #""Value":1,"StorageResolution":10"#),
            Broken("unknown unit", #""Value":1,"Unit":"Furlongs""#),
            Broken("misspelt member", #""Value":1,"Dimension":[]"#, "SerializationException"),
        ]
    }

    @Test(arguments: Broken.all) func oneBadDatumRefusesTheWholeRequest(_ broken: Broken) async throws {
        let fixture = try LoopbackFixture()
        let refusal = await fixture.refusal(datums: [#""Value":1"#, broken.datum, #""Value":2"#])
        #expect(refusal?.code == broken.code, "\(refusal?.description ?? "taken")")
        #expect(refusal?.status == 400 && refusal?.message.isEmpty == false && refusal?.requestID != nil)
        #expect(fixture.server.metrics.entries.isEmpty)
        #expect(fixture.server.observations.map(\.counted) == [0])
    }

    @Test func whatIsAtTheLimitsIsTaken() async throws {
        let fixture = try LoopbackFixture()
        let good = [
            #""Value":2.3e108"#, #""Values":[\#((1...150).map(String.init).joined(separator: ","))]"#,
            Broken.dimensions((0..<30).map { ("D\($0)", "v") }),
            Broken.dimensions([(String(repeating: "n", count: 255), String(repeating: "v", count: 1_024))]),
            #""Value":1,"StorageResolution":1,"Unit":"Count/Second""#,
            #""StatisticValues":{"SampleCount":2,"Sum":3,"Minimum":1,"Maximum":2}"#,
        ]
        #expect(await fixture.refusal(datums: good) == nil)
        #expect(await fixture.refusal(datums: Array(repeating: #""Value":1"#, count: 1_000), name: "Many") == nil)
        #expect(fixture.server.metrics.sum("Many") == 1_000)
        #expect(fixture.server.observations.map(\.counted) == [6, 1_000])
    }

    @Test(arguments: [-14 * 86_400 - 1, 2 * 3_600 + 1] as [Int64])
    func timeStampsOutsideItsWindowAreRefused(offset: Int64) async throws {
        let fixture = try LoopbackFixture()
        #expect(await fixture.refusal(datums: [#""Value":1"#], at: offset)?.code == "InvalidParameterValueException")
        #expect(await fixture.refusal(datums: [#""Value":1"#], at: offset < 0 ? offset + 1 : offset - 1) == nil)
    }

    @Test(arguments: ["", ":Tidemark", "AWS/DynamoDB", "Tide\\tmark", "Tide&mark", String(repeating: "n", count: 256)])
    func namespacesOfAnotherFormAreRefused(namespace: String) async throws {
        let fixture = try LoopbackFixture()
        let refusal = await fixture.refusal(datums: [#""Value":1"#], namespace: namespace)
        #expect(refusal?.code == "InvalidParameterValueException")
    }

    @Test(arguments: ["", " ", "naïve", String(repeating: "n", count: 256)])
    func metricNamesOfAnotherFormAreRefused(name: String) async throws {
        let fixture = try LoopbackFixture()
        #expect(await fixture.refusal(datums: [#""Value":1"#], name: name)?.code == "InvalidParameterValueException")
    }

    @Test func moreThanAThousandDatumsAreRefused() async throws {
        let fixture = try LoopbackFixture()
        let refusal = await fixture.refusal(datums: Array(repeating: #""Value":1"#, count: 1_001))
        #expect(refusal?.code == "InvalidParameterValueException")
        #expect(await fixture.refusal(datums: [])?.code == "MissingRequiredParameterException")
    }

    @Test func aBodyOfMoreThanAMegabyteIsRefusedPackedOrNot() async throws {
        let fixture = try LoopbackFixture()
        let padding = String(repeating: " ", count: 1_000_000)
        let body = #"{"Namespace":"Tidemark","MetricData":[{"MetricName":"Calls","Value":1}]}"#
        #expect(await fixture.refusal(body: body + padding, compressed: false)?.status == 413)
        #expect(await fixture.refusal(body: body + padding)?.code == "SerializationException")
        #expect(await fixture.refusal(body: body) == nil)
    }

    @Test func brokenGzipAndBrokenJSONAreRefused() async throws {
        let fixture = try LoopbackFixture()
        let body = #"{"Namespace":"Tidemark","MetricData":[{"MetricName":"Calls","Value":1}]}"#
        var packed = try gzip(Array(body.utf8))
        #expect(await fixture.refusal(body: "", bytes: packed) == nil)
        #expect(await fixture.refusal(body: "", bytes: Array(packed.dropLast()))?.code == "SerializationException")
        #expect(await fixture.refusal(body: "", bytes: packed + [0])?.code == "SerializationException")
        // The checksum in the trailer.
        packed[packed.count - 8] ^= 1
        #expect(await fixture.refusal(body: "", bytes: packed)?.code == "SerializationException")
        #expect(await fixture.refusal(body: body + "]")?.code == "SerializationException")
        #expect(await fixture.refusal(body: body, action: "GetMetricData")?.code == "UnknownOperationException")
    }

    @Test func countsSumsAndPercentilesAreWhatWasPut() async throws {
        let fixture = try LoopbackFixture()
        #expect(await fixture.refusal(datums: [#""Values":[1,10],"Counts":[98,1]"#, #""Value":100"#]) == nil)
        let entry = try #require(fixture.server.metrics.entries.values.first)
        #expect(entry.statistics.sampleCount == 100 && entry.statistics.sum == 208)
        #expect(entry.statistics.minimum == 1 && entry.statistics.maximum == 100)
        #expect([50, 98, 99, 100].map { entry.percentile($0) } == [1, 1, 10, 100])
    }
}
