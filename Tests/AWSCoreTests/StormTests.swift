import AWSCore
import Foundation
import TestSupport
import Testing

struct StormTests {
    private static let seeds: [UInt64] = [1, 2, 3]
    private static let storms = runs(.storm)
    private static let outages = runs(.outage)

    private static func runs(
        _ trouble: StormSimulation.Trouble
    ) -> [StormSimulation.Behaviour: [StormSimulation.Result]] {
        let behaviours = StormSimulation.Behaviour.allCases
        return Dictionary(
            uniqueKeysWithValues: behaviours.map { behaviour in
                (behaviour, seeds.map { StormSimulation.run(behaviour, trouble, seed: $0) })
            })
    }

    @Test(arguments: seeds.indices)
    func attemptsStayWithinTheQuotasBound(run: Int) throws {
        let storm = try #require(Self.storms[.tidemark]?[run])
        #expect(storm.calls > 20_000)
        // What retries take was there at first or was given back by a success.
        #expect(storm.tokensTaken <= RetryQuota.capacity + storm.tokensGivenBack)
        // A first success gives one token back, a later one what its last retry took; a retry takes five at least.
        let bound =
            storm.calls + storm.laterSuccesses + (RetryQuota.capacity + storm.firstTimeSuccesses)
            / RetryCosts.rules2026.throttling
        #expect(storm.attempts <= bound)
        #expect(storm.attemptsACall < 1.3)
    }

    @Test(arguments: seeds.indices)
    func theRecoveryHasNoPeak(run: Int) throws {
        for runs in [Self.storms, Self.outages] {
            let after = try #require(runs[.tidemark]?[run])
            #expect(after.mean > 100)
            #expect(after.peakOverMean <= 2, "seed \(Self.seeds[run]): \(after.bins)")
            // The longest opening with its jitter, and a probe.
            #expect(try #require(after.backAfter) < 7.6)
        }
    }

    /// What the document says of the storm is what comes out here.
    @Test func theDocumentHasTheseFigures() throws {
        var lines = [
            "| trouble | retries | calls | succeeded | attempts a call | requests/s | back after, s | peak over mean of 100 ms |",
            "| --- | --- | --- | --- | --- | --- | --- | --- |",
        ]
        for (name, trouble, runs) in [
            ("half throttled, a tenth failed, a minute", StormSimulation.Trouble.storm, Self.storms),
            ("everything fails, ten seconds", .outage, Self.outages),
        ] {
            for behaviour in StormSimulation.Behaviour.allCases {
                let results = try #require(runs[behaviour])
                lines.append(Self.line(name, behaviour, trouble, results))
            }
        }
        let path = "docs/RELIABILITY.md"
        let document = String(decoding: try PackageFile.bytes(path), as: UTF8.self)
        let begin = try #require(document.range(of: "<!-- storm: begin -->\n"))
        let end = try #require(document.range(of: "<!-- storm: end -->"))
        let made = lines.joined(separator: "\n") + "\n"
        let updated = document[..<begin.upperBound] + made + document[end.lowerBound...]
        #expect(try golden(path, actual: String(updated)) == String(updated))
    }

    private static func line(
        _ name: String, _ behaviour: StormSimulation.Behaviour, _ trouble: StormSimulation.Trouble,
        _ results: [StormSimulation.Result]
    ) -> String {
        let count = Double(results.count)
        func mean(_ value: (StormSimulation.Result) -> Double) -> Double { results.map(value).reduce(0, +) / count }
        let peak = results.map(\.peakOverMean).max() ?? 0
        let words = [
            name, behaviour.rawValue, String(Int(mean { Double($0.calls) })),
            String(Int(mean { Double($0.successes) })), decimals(mean(\.attemptsACall)),
            String(Int(mean { Double($0.attempts) / trouble.seconds })),
            decimals(results.compactMap(\.backAfter).max() ?? 0), decimals(peak),
        ]
        return "| " + words.joined(separator: " | ") + " |"
    }

    private static func decimals(_ value: Double) -> String { String(format: "%.2f", value) }
}
