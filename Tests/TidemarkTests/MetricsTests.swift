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
