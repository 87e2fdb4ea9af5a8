import AWSCore
import MetricsTestKit
import TestSupport
import Testing
import Tidemark

/// What a backend of swift-metrics is told.
struct MetricsTests {
    @Test func eachCallIsTimedAndCountedOnce() async throws {
        let metrics = TestMetrics()
        let harness = try Harness(configure: { $0.metrics = metrics }) { _, number in
            switch number {
            case 1: refusal("InternalServerError", status: 500)
            case 2: answer(#"{"ConsumedCapacity":{"TableName":"T","CapacityUnits":2.5}}"#)
            default: refusal("ValidationException")
            }
        }
        let options = CallOptions.pattern("AP1")
        _ = try await harness.client.getItem(table: "T", key: ["id": "1"], options: options)
        _ = await failure { () throws(TidemarkError) in
            _ = try await harness.client.getItem(table: "T", key: ["id": "1"], options: options)
        }
        let place = [("operation", "GetItem"), ("table", "T"), ("pattern", "AP1")]
        let succeeded = try metrics.expectTimer("tidemark.call.duration", place + [("outcome", "success")])
        #expect(succeeded.values == [12_500_000])
        let failed = try metrics.expectTimer("tidemark.call.duration", place + [("outcome", "validation")])
        #expect(failed.values.count == 1)
        #expect(try metrics.expectCounter("tidemark.call.attempts", place).totalValue == 3)
        #expect(
            try metrics.expectCounter("tidemark.consumed.milliunits", place + [("kind", "read")]).totalValue == 2_500)
        #expect(metrics.timers.count == 2)
    }

    /// Handlers are kept: names that are made at run time must not go on for ever.
    @Test func namesBeyondABoundAreOther() async throws {
        let metrics = TestMetrics()
        let harness = try Harness(configure: {
            $0.metrics = metrics
            $0.circuit = CircuitPolicy(minimumFailures: 1)
            $0.retry = .never
        }) { request, _ in
            guard !String(decoding: request.body, as: UTF8.self).contains("\"T1004\"") else {
                return refusal("InternalServerError", status: 500)
            }
            return answer(
                #"{"ConsumedCapacity":{"TableName":"arn","CapacityUnits":3.0,"Table":{"CapacityUnits":1.0},"#
                    + #""GlobalSecondaryIndexes":{"G":{"CapacityUnits":2.0}}}}"#)
        }
        for number in 0..<1_004 {
            _ = try await harness.client.getItem(
                table: "T\(number)", key: ["id": "1"], options: .pattern("P\(number)"))
        }
        _ = await failure { () throws(TidemarkError) in
            _ = try await harness.client.getItem(table: "T1004", key: ["id": "1"], options: .pattern("P0"))
        }
        let place = [("operation", "GetItem"), ("table", "T7"), ("pattern", "P7")]
        #expect(try metrics.expectCounter("tidemark.call.attempts", place).totalValue == 1)
        // One of the thousand names is that of the answers.
        let other = [("operation", "GetItem"), ("table", "other")]
        #expect(
            try metrics.expectCounter("tidemark.call.attempts", other + [("pattern", "other")]).totalValue == 4)
        #expect(try metrics.expectCounter("tidemark.call.attempts", other + [("pattern", "P0")]).totalValue == 1)
        #expect(
            try metrics.expectCounter(
                "tidemark.circuit.changes", [("table", "other"), ("kind", "reads"), ("state", "open")]
            ).totalValue == 1)
        #expect(metrics.timers.count <= 1_004 && metrics.counters.count <= 4 * 1_004)
    }

    @Test func whatAnIndexConsumedIsTheIndexs() async throws {
        let metrics = TestMetrics()
        let harness = try Harness(configure: { $0.metrics = metrics }) { _, _ in
            answer(
                #"{"ConsumedCapacity":{"TableName":"T","CapacityUnits":3.0,"Table":{"CapacityUnits":1.0},"#
                    + #""GlobalSecondaryIndexes":{"G":{"CapacityUnits":2.0}}}}"#)
        }
        try await harness.client.putItem(table: "T", item: ["id": "1"])
        let place = [("operation", "PutItem"), ("table", "T")]
        let (table, index) = (
            try metrics.expectCounter("tidemark.consumed.milliunits", place + [("kind", "write")]),
            try metrics.expectCounter(
                "tidemark.consumed.milliunits", place + [("index", "G"), ("kind", "write")])
        )
        #expect(table.totalValue == 1_000 && index.totalValue == 2_000)
    }
}
