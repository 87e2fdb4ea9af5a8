import Glibc
import TelemetryProperties
import TestSupport
import Testing

/// Damaged telemetry files, the same on every run; `scripts/fuzz --telemetry` runs a million and more.
struct TelemetryFuzzTests {
    @Test(arguments: UInt64(1)...4) func aDamagedFileIsRefusedOrReadAndNothingElse(seed: UInt64) throws {
        let directory = try TemporaryDirectory()
        #expect(chmod(directory.path, 0o700) == 0)
        let rounds: UInt64 = 600
        let (read, violation) = TelemetryProperties.run(rounds: 0..<rounds, seed: seed, in: directory.path)
        #expect(violation == nil, "seed \(seed)")
        // Both ways were tried.
        #expect(read > 60 && read < 540, "seed \(seed): \(read) of \(rounds) were read")
    }
}
