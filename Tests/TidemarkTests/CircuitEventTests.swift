import AWSCore
import Logging
import MetricsTestKit
import Telemetry
import TestSupport
import Testing
import Tidemark

/// What is told of a circuit: it opens, is probed, opens again, closes.
struct CircuitEventTests {
    /// A client whose circuit has opened at the second failure of its reads, then met a failed probe and a good one.
    private static func stage(metrics: TestMetrics) async throws -> Harness {
        let harness = try Harness(configure: { configuration in
            configuration.retry = .never
            configuration.metrics = metrics
            configuration.circuit = CircuitPolicy(minimumFailures: 2, successesToClose: 1)
        }) { _, number in number <= 3 ? refusal("InternalServerError", status: 500) : answer("{}") }
        for pause in [0, 0, 2, 4] {
            harness.clock.advance(by: .seconds(pause))
            _ = try? await harness.client.getItem(table: "T", key: ["id": "secret"])
        }
        return harness
    }

    @Test func eachChangeIsOneLineInTheLog() async throws {
        let harness = try await Self.stage(metrics: TestMetrics())
        let lines = harness.log.lines.withLock { $0 }.filter { $0.message.hasPrefix("circuit") }
        #expect(
            lines.map(\.message)
                == ["circuit open", "circuit half-open", "circuit open again", "circuit half-open", "circuit closed"])
        #expect(lines.map(\.level) == [.warning, .info, .warning, .info, .info])
        #expect(
            lines.allSatisfy {
                $0.metadata["table"] == "T" && $0.metadata["operations"] == "reads"
                    && $0.metadata["operation"] == "GetItem"
            })
        #expect(lines.map { $0.metadata["outcome"] } == ["server", nil, "server", nil, nil])
        #expect(lines.map { $0.metadata["http_status"] } == ["500", nil, "500", nil, nil])
        #expect(!"\(lines)".contains("secret"))
    }

    @Test func eachChangeIsCountedInTheMetrics() async throws {
        let metrics = TestMetrics()
        let harness = try await Self.stage(metrics: metrics)
        let counts = try ["open", "half-open", "open again", "closed"].map { state in
            try metrics.expectCounter(
                "tidemark.circuit.changes", [("table", "T"), ("kind", "reads"), ("state", state)]
            ).totalValue
        }
        #expect(counts == [1, 2, 1, 1])
        withExtendedLifetime(harness) {}
    }

    @Test func readsAndWritesAreCountedApartInTheTelemetryFile() async throws {
        let harness = try await Self.stage(metrics: TestMetrics())
        let reads = try #require(try harness.counters().values.first)
        #expect((reads.circuits.opened, reads.circuits.reopened, reads.circuits.closed) == (1, 1, 1))
        #expect(reads.writeCircuits.isZero)

        let writing = try Harness(configure: { configuration in
            configuration.retry = .never
            configuration.circuit = CircuitPolicy(minimumFailures: 1)
        }) { _, _ in refusal("InternalServerError", status: 500) }
        _ = try? await writing.client.deleteItem(table: "T", key: ["id": "1"])
        let writes = try #require(try writing.counters().values.first)
        #expect(writes.circuits.opened == 1 && writes.writeCircuits == writes.circuits)
    }

    /// Of a table that is never asked for again another table's call tells, so that nothing shows as open for ever.
    @Test func aCircuitThatIsForgottenIsLoggedAndCountedUnderItsTable() async throws {
        let metrics = TestMetrics()
        let harness = try Harness(configure: { configuration in
            configuration.retry = .never
            configuration.metrics = metrics
            configuration.circuit = CircuitPolicy(minimumFailures: 1)
        }) { _, number in number <= 2 ? refusal("InternalServerError", status: 500) : answer("{}") }
        _ = try? await harness.client.query(
            table: "T", index: "I", keyCondition: "id" == "1", options: .pattern("AP1"))
        _ = try? await harness.client.deleteItem(table: "T", key: ["id": "1"])
        harness.clock.advance(by: .seconds(63))
        for _ in 0..<2 { _ = try await harness.client.getItem(table: "U", key: ["id": "1"]) }

        let lines = harness.log.lines.withLock { $0 }.filter { $0.message == "circuit forgotten" }
        #expect(lines.map(\.level) == [.info, .info] && lines.allSatisfy { $0.metadata["table"] == "T" })
        let told = Set(lines.map { "\($0.metadata["operations"] ?? "") \($0.metadata["operation"] ?? "")" })
        #expect(told == ["reads Query", "writes DeleteItem"])
        for kind in ["reads", "writes"] {
            let counter = try metrics.expectCounter(
                "tidemark.circuit.changes", [("table", "T"), ("kind", kind), ("state", "forgotten")])
            #expect(counter.totalValue == 1)
        }
        let counters = try harness.counters()
        for (series, counted) in counters {
            let expected: UInt64 = series.table == "T" ? 1 : 0
            #expect(counted.circuits.opened == expected && counted.circuits.closed == expected, "\(series)")
            #expect(counted.writeCircuits.closed == (series.operation == "DeleteItem" ? 1 : 0))
        }
        #expect(counters.count == 3)
    }

    @Test func theErrorOfAnOpenCircuitSaysWhatOpenedIt() async throws {
        let harness = try Harness(configure: { configuration in
            configuration.retry = .never
            configuration.circuit = CircuitPolicy(minimumFailures: 2)
        }) { _, number throws(TransportError) in
            guard number == 1 else { throw TransportError(code: .connect, message: "refused") }
            return refusal("InternalServerError", status: 500)
        }
        for _ in 0..<2 { _ = try? await harness.client.getItem(table: "T", key: ["id": "1"]) }
        let error = await failure { () throws(TidemarkError) in
            _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
        }
        #expect(error.code == .circuitOpen)
        #expect(error.message.contains("reads of T failed too often (at last: ConnectionFailed)"))
    }
}
