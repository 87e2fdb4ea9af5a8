import Foundation
import TestSupport
import Testing

@testable import AWSCore

@Suite struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"), (951_782_400, "2000-02-29T00:00:00Z"),
        (1_795_475_400, "2026-11-23T23:10:00Z"), (4_107_542_399, "2100-02-28T23:59:59Z"),
        (4_107_542_400, "2100-03-01T00:00:00Z"),
    ])
    func knownTimes(_ seconds: Int, _ text: String) {
        #expect(Timestamp(secondsSince1970: Int64(seconds)).iso8601 == text)
        #expect(Timestamp(iso8601: text) == Timestamp(secondsSince1970: Int64(seconds)))
    }

    @Test func amzDateIsTheFormThatIsSigned() {
        #expect(Timestamp(secondsSince1970: 1_795_475_400).amzDate == "20261123T231000Z")
    }

    @Test func everyTimeReadsBackAndAgreesWithFoundation() throws {
        var random = SeededGenerator(seed: 7)
        let formatter = ISO8601DateFormatter()
        for _ in 0..<2_000 {
            let seconds = Int64.random(in: -5_000_000_000...9_000_000_000, using: &random)
            let text = Timestamp(secondsSince1970: seconds).iso8601
            #expect(Timestamp(iso8601: text)?.seconds == seconds)
            #expect(text == formatter.string(from: Date(timeIntervalSince1970: Double(seconds))))
        }
    }

    @Test func fractionsAndOffsetsAreRead() {
        #expect(Timestamp(iso8601: "1970-01-01T00:00:01.5Z")?.nanosecondsSince1970 == 1_500_000_000)
        #expect(Timestamp(iso8601: "1970-01-01T01:00:00+01:00")?.seconds == 0)
        #expect(Timestamp(iso8601: "1969-12-31T23:30:00-00:30")?.seconds == 0)
    }

    @Test(arguments: [
        "", "2026-11-23", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-11-23T24:00:00Z",
        "2026-11-23T23:10:00", "2026-11-23T23:10:00Zx", "2026-11-23T23:10:00.Z", "2026-11-23T23:10:00.1234567890Z",
        "10000-01-01T00:00:00Z", "２026-11-23T23:10:00Z",
    ])
    func whatIsNoTimeIsRefused(_ text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }

    @Test func secondsRoundDownAndMovingStaysInRange() {
        #expect(Timestamp(nanosecondsSince1970: -1).seconds == -1)
        #expect(Timestamp(secondsSince1970: 10).advanced(by: .milliseconds(-10_500)).seconds == -1)
        #expect(Timestamp(secondsSince1970: .max).advanced(by: .seconds(1)).nanosecondsSince1970 == .max)
        #expect(Timestamp(secondsSince1970: 1).duration(to: Timestamp(secondsSince1970: 3)) == .seconds(2))
    }

    @Test(arguments: [
        "2262-04-11T23:47:16.9Z", "2262-04-11T23:47:17Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:60.9-23:59",
    ])
    func timesBeyondTheRangeAreItsEnd(_ text: String) {
        #expect(Timestamp(iso8601: text)?.nanosecondsSince1970 == .max)
        #expect(Timestamp(expiry: text)?.nanosecondsSince1970 == .max)
    }

    @Test func timesBeforeTheRangeAreItsBeginning() {
        #expect(Timestamp(iso8601: "0000-01-01T00:00:00Z")?.nanosecondsSince1970 == .min)
        #expect(Timestamp(iso8601: "2262-04-11T23:47:16.8Z")?.nanosecondsSince1970 == 9_223_372_036_800_000_000)
    }

    /// What botocore's reader (dateutil 2.9) makes of these, in UTC where there is no zone.
    @Test(arguments: [
        ("2026-11-23T23:10:00Z", 0), ("2026-11-23t23:10:00z", 0), ("2026-11-23 23:10:00Z", 0),
        ("2026-11-23T23:10:00+0000", 0), ("2026-11-23T23:10:00+00", 0), ("2026-11-23T23:10:00-0530", 19_800),
        ("2026-11-23T23:10:00+01:00", -3_600), ("2026-11-23T23:10:00", 0), ("2026-11-23T23:10Z", 0),
        ("2026-11-23T23:10", 0), ("20261123T231000Z", 0), ("20261123T2310", 0), ("2026-11-23T23:10:00 UTC", 0),
        ("2026-11-23T23:10:00UTC", 0), ("2026-11-23T23:10:00 GMT", 0), ("2026-11-23 23:10:00 +00:00", 0),
        ("2026-11-23T23:10:00.1234567890Z", 0), ("2026-11-23T23:10:00,5Z", 0),
    ])
    func expiriesAreReadInTheFormsThatToolsWrite(_ text: String, _ later: Int) {
        #expect(Timestamp(expiry: text)?.seconds == 1_795_475_400 + Int64(later))
    }

    /// Digits beyond nanoseconds are cut off, and do not add up.
    @Test func fractionsOfAnyLengthAreRead() {
        let time = Timestamp(expiry: "2026-11-23T23:10:00.1234567899999999999999999Z")
        #expect(time?.nanosecondsSince1970 == 1_795_475_400_123_456_789)
    }

    @Test(arguments: [
        "", "soon", "2026-11-23", "2026-11-23T24:00:00Z", "2026-02-29T00:00Z", "2026-11-23T23:10:00Zx", "2026-11-23T23",
        "2026-11-23T23:10:Z", "2026-1123T23:10:00Z", "20261123T23:10:00Z", "2026-11-23T23:10:00.Z", "1795475400",
        "2026-11-23T23:10:00 CET", "2026-11-23T23:10:00+1", "2026-11-23T23:10:00+24:00", "2026-11-23T23:10:00+00:",
        "2026-11-23T23:10:00+00:75", "2026-11-23T2310:00Z", "2026-11-23T2310Z",
    ])
    func expiriesThatMayMeanAnythingAreRefused(_ text: String) {
        #expect(Timestamp(expiry: text) == nil)
    }
}
