import AWSCore
import CloudWatch
import JSONBytes
import TestSupport
import Testing

@Suite struct PutMetricDataEncoderTests {
    @Test func theBodyIsWhatCloudWatchReads() throws {
        var encoder = PutMetricDataEncoder(namespace: "Tidemark")
        var fine = distribution([1.5, 20], [3, 1])
        fine.storageResolution = 1
        fine.timestamp = noon.advanced(by: .milliseconds(250))
        #expect(try encoder.append(counter()))
        #expect(try encoder.append(fine))
        #expect(
            String(decoding: encoder.body(), as: UTF8.self) == """
                {"Namespace":"Tidemark","MetricData":[{"MetricName":"Calls","Dimensions":[{"Name":"Service","Value":"shop"}],\
                "Timestamp":1795435200,"Value":3,"Unit":"Count"},{"MetricName":"CallTime","Timestamp":1795435200.25,\
                "Values":[1.5,20],"Counts":[3,1],"Unit":"Milliseconds","StorageResolution":1}]}
                """)
        #expect(encoder.sizeInBytes == encoder.body().count)
    }

    @Test func anEmptyBodyIsStillJSON() throws {
        let body = try JSONValue.parse(PutMetricDataEncoder(namespace: "Tidemark").body())
        #expect(body["MetricData"]?.arrayValue?.isEmpty == true)
    }

    @Test func theThousandAndFirstDatumDoesNotFit() throws {
        var encoder = PutMetricDataEncoder(namespace: "Tidemark")
        for _ in 0..<1_000 { #expect(try encoder.append(counter())) }
        #expect(try !encoder.append(counter()))
        #expect(encoder.count == 1_000)
        let body = try JSONValue.parse(encoder.body())
        #expect(body["MetricData"]?.arrayValue?.count == 1_000)
    }

    @Test func theBodyNeverExceedsItsBytes() throws {
        for limit in [200, 201, 202, 333, 1_000] {
            var encoder = PutMetricDataEncoder(namespace: "Tidemark", maximumBytes: limit)
            while try encoder.append(counter()) {}
            #expect(encoder.body().count <= limit)
            #expect(encoder.body().count == encoder.sizeInBytes)
            #expect(throws: Never.self) { try JSONValue.parse(encoder.body()) }
        }
    }

    @Test func aBadDatumIsSaidAndTheEncoderGoesOn() throws {
        var encoder = PutMetricDataEncoder(namespace: "Tidemark")
        #expect(throws: MetricDatumProblem.notFinite(metric: "Calls")) { try encoder.append(counter(value: .nan)) }
        #expect(try encoder.append(counter()))
        #expect(encoder.count == 1)
    }

    @Test(arguments: ["", ":x", "AWS/DynamoDB", String(repeating: "n", count: 256)])
    func aNamespaceThatIsNotOursIsRefused(_ namespace: String) {
        var encoder = PutMetricDataEncoder(namespace: namespace)
        #expect(throws: MetricDatumProblem.namespace(namespace)) { try encoder.append(counter()) }
    }

    @Test func withATimeTheWindowIsChecked() {
        var encoder = PutMetricDataEncoder(namespace: "Tidemark", now: noon)
        #expect(throws: MetricDatumProblem.tooOld(metric: "Calls")) {
            try encoder.append(counter(at: Timestamp(secondsSince1970: 0)))
        }
    }

    /// The format's trailer holds the checksum and length of what went in. https://www.rfc-editor.org/rfc/rfc1952
    @Test(arguments: [0, 1, 100, 300_000])
    func gzipHasTheRightHeaderAndTrailer(_ count: Int) throws {
        let input = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let packed = try gzip(input)
        #expect(packed.prefix(3) == [0x1F, 0x8B, 8])
        let trailer = packed.suffix(8).enumerated().reduce(UInt64(0)) {
            $0 | UInt64($1.element) << UInt64(8 * $1.offset)
        }
        #expect(UInt32(truncatingIfNeeded: trailer) == CRC32.checksum(input))
        #expect(trailer >> 32 == UInt64(count))
    }

    @Test func aThousandCountersAreASmallRequest() throws {
        var encoder = PutMetricDataEncoder(namespace: "Tidemark")
        for number in 0..<1_000 {
            let dimensions = [
                Dimension(name: "Environment", value: "production"),
                Dimension(name: "Pattern", value: "AP\(number % 50)"),
                Dimension(name: "Service", value: "checkout"),
            ]
            #expect(try encoder.append(counter("Calls", value: Double(number * 37 % 1_000), dimensions: dimensions)))
        }
        #expect(try gzip(encoder.body()).count <= 6_000)
    }

    @Test func takingTheBodyEmptiesTheEncoder() throws {
        var encoder = PutMetricDataEncoder(namespace: "Tidemark")
        #expect(try encoder.append(counter()))
        let copy = encoder.body()
        #expect(encoder.takeBody() == copy)
        #expect(encoder.count == 0)
        #expect(try encoder.append(counter()))
        #expect(encoder.takeBody() == copy)
    }

    @Test func aDatumThatDoesNotFitLeavesNoTrace() throws {
        var encoder = PutMetricDataEncoder(namespace: "Tidemark", maximumBytes: 400)
        #expect(try encoder.append(counter()))
        let before = encoder.body()
        #expect(try !encoder.append(distribution((0..<150).map(Double.init), Array(repeating: 1, count: 150))))
        #expect(encoder.body() == before && encoder.count == 1)
        #expect(try encoder.append(counter()))
    }

    /// The meter keeps no body, and must close a request exactly where the encoder does.
    @Test(arguments: [400, 1_000, 20_000, PutMetricDataLimits.maximumBytes])
    func theMeterMeasuresWhatTheEncoderWrites(limit: Int) throws {
        var numbers = SeededGenerator(seed: UInt64(limit))
        var encoder = PutMetricDataEncoder(namespace: "Tidemark", maximumBytes: limit)
        var meter = PutMetricDataMeter(namespace: "Tidemark", maximumBytes: limit)
        #expect(meter.sizeInBytes == encoder.sizeInBytes)
        var closed = 0
        for _ in 0..<1_500 {
            let pairs = Int.random(in: 0...150, using: &numbers)
            let values = (0..<pairs).map { _ in Double(Int.random(in: 1...9_999_999, using: &numbers)) / 1_000 }
            let datum = pairs == 0 ? counter() : distribution(values, values.map { $0.rounded(.up) })
            let fits = try encoder.append(datum)
            #expect(try meter.add(datum) == fits)
            if !fits {
                _ = encoder.takeBody()
                meter.startRequest()
                closed += 1
            }
            #expect(meter.sizeInBytes == encoder.sizeInBytes && meter.count == encoder.count)
        }
        #expect(closed > 0)
        #expect(throws: MetricDatumProblem.self) { try meter.add(counter("")) }
    }

    /// What the output would be of all at once, whatever size the pieces have.
    @Test(arguments: [16_383, 16_384, 16_385, 1_000_000])
    func gzipOfWhatCannotBePackedIsWhole(_ count: Int) throws {
        var numbers = SeededGenerator(seed: UInt64(count))
        let input = (0..<count).map { _ in UInt8.random(in: 0...255, using: &numbers) }
        let packed = try gzip(input)
        let trailer = packed.suffix(8).enumerated().reduce(UInt64(0)) {
            $0 | UInt64($1.element) << UInt64(8 * $1.offset)
        }
        #expect(UInt32(truncatingIfNeeded: trailer) == CRC32.checksum(input))
        #expect(packed.count > count)
    }
}
