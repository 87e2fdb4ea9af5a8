import AWSCore
import CloudWatch
import JSONBytes
import TestSupport
import Testing

@Suite struct EmbeddedMetricFormatTests {
    private let format = EmbeddedMetricFormat(namespace: "Tidemark")

    private func text(_ lines: [[UInt8]]) -> [String] { lines.map { String(decoding: $0, as: UTF8.self) } }

    @Test func metricsOfOneSetAndTimeAreOneLine() throws {
        var fine = distribution([1.5, 20], [3, 1])
        fine.dimensions = counter().dimensions
        fine.storageResolution = 1
        #expect(
            text(try format.lines([counter(), fine])) == [
                """
                {"_aws":{"Timestamp":1795435200000,"CloudWatchMetrics":[{"Namespace":"Tidemark","Dimensions":[["Service"]],\
                "Metrics":[{"Name":"Calls","Unit":"Count"},{"Name":"CallTime","Unit":"Milliseconds","StorageResolution":1}]}]},\
                "Service":"shop","Calls":3,"CallTime":[1.5,1.5,1.5,20]}
                """
            ])
    }

    @Test func setsAndTimesHaveLinesOfTheirOwn() throws {
        let lines = try format.lines([
            counter(), counter(dimensions: [Dimension(name: "Table", value: "Orders")]),
            counter(at: noon.advanced(by: .seconds(60))), counter("Attempts"),
        ])
        #expect(lines.count == 3)
    }

    @Test func aDistributionOfManySamplesHasCounts() throws {
        let line = try format.lines([distribution([1.5, 20], [30_000, 1])])
        #expect(
            text(line).first?.hasSuffix(
                #""CallTime":{"Values":[1.5,20],"Counts":[30000,1],"Max":20,"Min":1.5,"Count":30001,"Sum":45020}}"#)
                == true)
        let never = EmbeddedMetricFormat(namespace: "Tidemark", maximumRepeatedSamples: .max)
        #expect(try never.lines([distribution([1.5, 20], [30_000, 1])]).count == 301)
    }

    @Test func aBadDatumGivesNoLines() {
        #expect(throws: MetricDatumProblem.notFinite(metric: "Calls")) {
            try format.lines([counter(), counter(value: .nan)])
        }
        #expect(throws: MetricDatumProblem.repeatedDimension(metric: "Service", name: "Service")) {
            try format.lines([counter("Service")])
        }
        #expect(throws: MetricDatumProblem.namespace("AWS/X")) {
            try EmbeddedMetricFormat(namespace: "AWS/X").lines([counter()])
        }
    }

    /// Random datums: every line is right by the specification, and together they say what the datums say.
    @Test(arguments: UInt64(1)...30)
    func linesAreWithinTheLimitsAndSayAll(seed: UInt64) throws {
        var numbers = SeededGenerator(seed: seed)
        let bytes = [8_000, 60_000, EmbeddedMetricLimits.maximumBytes].randomElement(using: &numbers) ?? 60_000
        let format = EmbeddedMetricFormat(
            namespace: "Tidemark", maximumRepeatedSamples: [0, 500, .max].randomElement(using: &numbers) ?? 0,
            maximumBytes: bytes)
        var datums: [MetricDatum] = []
        for _ in 0..<Int.random(in: 1...400, using: &numbers) {
            let name = "M\(Int.random(in: 0..<150, using: &numbers))"
            let dimensions = [
                Dimension(name: "Pattern", value: #"quote " and \ "# + "\(Int.random(in: 0..<3, using: &numbers))"),
                Dimension(name: "Service", value: "shop"),
            ]
            var datum = counter(name, value: Double(Int.random(in: 0...9_999, using: &numbers)), dimensions: dimensions)
            if Bool.random(using: &numbers) {
                let count = Int.random(in: 1...150, using: &numbers)
                datum.value = .distribution(
                    values: (0..<count).map { Double($0) + 0.25 },
                    counts: (0..<count).map { _ in Double(Int.random(in: 1...9, using: &numbers)) })
            }
            datums.append(datum)
        }
        var sums: [String: (samples: Double, sum: Double)] = [:]
        for line in try format.lines(datums) {
            #expect(line.count <= bytes, "seed \(seed)")
            let document = try JSONValue.parse(line)
            for (metric, value, pattern) in try EmbeddedLine.metrics(of: document) {
                let (samples, sum) = try EmbeddedLine.samples(value)
                sums["\(metric) \(pattern)", default: (0, 0)].samples += samples
                sums["\(metric) \(pattern)", default: (0, 0)].sum += sum
            }
        }
        var expected: [String: (samples: Double, sum: Double)] = [:]
        for datum in datums {
            let key = "\(datum.name) \(datum.dimensions[0].value)"
            expected[key, default: (0, 0)].samples += datum.sampleCount
            expected[key, default: (0, 0)].sum += datum.sum
        }
        #expect(Set(sums.keys) == Set(expected.keys), "seed \(seed)")
        for (key, value) in expected {
            #expect(sums[key]?.samples == value.samples && sums[key]?.sum == value.sum, "\(key), seed \(seed)")
        }
    }
}

/// Reads a line as the published JSON schema and the text around it have it.
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
private enum EmbeddedLine {
    struct Violation: Error { var what: String }

    static func metrics(of document: JSONValue) throws -> [(name: String, value: JSONValue, pattern: String)] {
        func check(_ holds: Bool, _ what: String) throws { if !holds { throw Violation(what: what) } }
        guard case .object(let members) = document, let directives = document["_aws"]?["CloudWatchMetrics"]?.arrayValue,
            let timestamp = document["_aws"]?["Timestamp"]?.doubleValue
        else { throw Violation(what: "no metadata") }
        try check(timestamp.rounded() == timestamp && timestamp > 1e12, "the time stamp is in whole milliseconds")
        try check(Set(members.map(\.name)).count == members.count, "members are there once")
        var result: [(name: String, value: JSONValue, pattern: String)] = []
        for directive in directives {
            try check((1...255).contains(directive["Namespace"]?.stringValue?.count ?? 0), "namespace")
            let sets = directive["Dimensions"]?.arrayValue ?? []
            try check(!sets.isEmpty, "at least one dimension set")
            for set in sets {
                try check((set.arrayValue ?? []).count <= 30, "dimensions")
                for name in set.arrayValue ?? [] {
                    try check(document[name.stringValue ?? ""]?.stringValue != nil, "a dimension is a string member")
                }
            }
            let metrics = directive["Metrics"]?.arrayValue ?? []
            try check((1...100).contains(metrics.count), "1 to 100 metrics")
            for metric in metrics {
                guard let name = metric["Name"]?.stringValue, let value = document[name] else {
                    throw Violation(what: "a metric without its member")
                }
                try check(MetricUnit(rawValue: metric["Unit"]?.stringValue ?? "") != nil, "unit")
                result.append((name, value, document["Pattern"]?.stringValue ?? ""))
            }
        }
        return result
    }

    static func samples(_ value: JSONValue) throws -> (samples: Double, sum: Double) {
        if let number = value.doubleValue { return (1, number) }
        if let list = value.arrayValue {
            guard (1...100).contains(list.count) else { throw Violation(what: "\(list.count) members of an array") }
            return (Double(list.count), list.reduce(0) { $0 + ($1.doubleValue ?? .nan) })
        }
        let values = (value["Values"]?.arrayValue ?? []).compactMap(\.doubleValue)
        let counts = (value["Counts"]?.arrayValue ?? []).compactMap(\.doubleValue)
        guard (1...100).contains(values.count), values.count == counts.count,
            value["Count"]?.doubleValue == counts.reduce(0, +), value["Max"]?.doubleValue == values.max(),
            value["Min"]?.doubleValue == values.min()
        else { throw Violation(what: "values and counts") }
        return (counts.reduce(0, +), zip(values, counts).reduce(0) { $0 + $1.0 * $1.1 })
    }
}
