import AWSCore
import CloudWatch
import Monitoring
import TestSupport
import Testing

@testable import AgentCore

/// The datums of a batch in the store: exact, whatever the numbers are, and readable as earlier versions wrote them.
@Suite struct DatumBlobTests {
    private static let dimensions = [
        Dimension(name: "Service", value: "shop"), Dimension(name: "Pattern", value: "AP1"),
    ]

    private func datum(_ value: MetricDatum.Value, calls: UInt64 = 0) -> PublishedDatum {
        let shares = CallShare(
            scope: MonitoringScope(service: "shop", environment: "test"), pattern: "AP1", calls: calls)
        return PublishedDatum(
            datum: MetricDatum(
                name: "CallTime", dimensions: Self.dimensions, timestamp: Timestamp(secondsSince1970: 1_795_000_000),
                unit: .milliseconds, value: value, storageResolution: 60), calls: calls > 0 ? [shares] : [])
    }

    private static let numbers: [Double] = [
        0, -0.0, 1, 12.34, 0.000_001, 0.1 + 0.2, 1 / 3, 123_456.789_012, 0x1p53, 0x1p60, 1e300, .leastNonzeroMagnitude,
        -2.5, .infinity,
        9_007_199_254.740_991,
    ]

    @Test(arguments: numbers)
    func everyNumberComesBackAsItWas(number: Double) throws {
        let datums = [
            datum(.single(number)), datum(.distribution(values: [number, 1], counts: [2, number]), calls: 7),
        ]
        let read = try DatumBlob.decode(DatumBlob.encode(datums))
        #expect(read.map(\.calls) == datums.map(\.calls))
        guard case .single(let single) = read[0].datum.value,
            case .distribution(let values, let counts) = read[1].datum.value
        else { throw BlobError() }
        #expect([single, values[0], counts[1]].allSatisfy { $0.bitPattern == number.bitPattern })
        #expect(values[1] == 1 && counts[0] == 2 && read[1].datum.dimensions == Self.dimensions)
    }

    @Test func randomBitsComeBackAsTheyWere() throws {
        var numbers = SeededGenerator(seed: 3)
        let bits = (0..<5_000).map { _ in UInt64.random(in: .min ... .max, using: &numbers) }
        let datums = bits.map { datum(.single(Double(bitPattern: $0))) }
        let read = try DatumBlob.decode(DatumBlob.encode(datums)).map { datum -> UInt64 in
            guard case .single(let value) = datum.datum.value else { return 0 }
            return value.bitPattern
        }
        #expect(read == bits)
    }

    /// Latencies and counts, as they are published, take a third of what eight bytes each would.
    @Test func aDistributionIsSmall() {
        let values = (0..<150).map { Double($0 * 37 + 101) / 100 }
        let counts = (0..<150).map { Double($0 % 40 + 1) }
        #expect(DatumBlob.encode([datum(.distribution(values: values, counts: counts))]).count < 150 * 6 + 100)
    }

    /// Batches that waited while the agent was replaced by this version.
    @Test func whatVersion2WroteIsRead() throws {
        var blob = BlobWriter()
        let texts = ["CallTime", "Service", "shop", "Milliseconds"]
        blob.append(UInt64(2))
        blob.append(UInt64(texts.count))
        for text in texts { blob.append(text) }
        blob.append(UInt64(1))
        for number: UInt64 in [0, 0, 1, 1, 2] { blob.append(number) }
        blob.append(signed: 1_795_000_000_000_000_000)
        for number: UInt64 in [3, 60, 2] { blob.append(number) }
        for number in [1.5, 3, 2.25, 4] { blob.append(number) }
        let read = try DatumBlob.decode(blob.seal()).map(\.datum)
        #expect(
            read == [
                MetricDatum(
                    name: "CallTime", dimensions: [Dimension(name: "Service", value: "shop")],
                    timestamp: Timestamp(secondsSince1970: 1_795_000_000), unit: .milliseconds,
                    value: .distribution(values: [1.5, 2.25], counts: [3, 4]), storageResolution: 60)
            ])
    }

    @Test func otherVersionsAndHalfNumbersAreRefused() {
        var later = BlobWriter()
        later.append(UInt64(4))
        #expect(throws: BlobError.self) { try DatumBlob.decode(later.seal()) }
        var odd = BlobWriter()
        odd.append(UInt64(3))
        var reader = BlobReader(odd.seal())
        #expect(throws: BlobError.self) { try reader.double(scale: 1) }
    }
}
