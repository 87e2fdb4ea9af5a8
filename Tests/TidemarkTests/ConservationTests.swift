import AWSCore
import Logging
import Telemetry
import TestSupport
import Testing
import Tidemark

/// What the test itself counts, beside the recorder.
private struct Tally: Equatable {
    var calls: [String: Int] = [:]
    var attempts = 0
}

struct ConservationTests {
    /// Deals out answers and faults by a seed.
    private static func makeScript(seed: UInt64) -> ScriptedTransport.Script {
        let generator = Lock(SeededGenerator(seed: seed))
        return { _, _ async throws(TransportError) in
            switch generator.withLock({ Int.random(in: 0..<16, using: &$0) }) {
            case 0, 1: return refusal("ProvisionedThroughputExceededException")
            case 2: return refusal("InternalServerError", status: 500)
            case 3: return refusal("ConditionalCheckFailedException")
            case 4: throw TransportError(code: .connectionReset, message: "reset")
            case 5: throw TransportError(code: .timeout(.firstByte), message: "late")
            case 6: return answer("<html>", status: 403)
            case 7: return answer("{\"Item\"")
            case 8: return refusal("AccessDeniedException")
            default:
                return answer(#"{"ConsumedCapacity":{"TableName":"T","CapacityUnits":1}}"#)
            }
        }
    }

    private static func call(_ number: Int, _ client: DynamoDBClient) async throws(TidemarkError) {
        let key: Item = ["id": .string("k\(number % 7)")]
        let options = CallOptions.pattern("AP\(number % 3)")
        switch number % 4 {
        case 0: _ = try await client.getItem(table: "T", key: key, options: options)
        case 1: try await client.putItem(table: "T", item: ["id": "k", "n": 1], options: options)
        case 2: try await client.deleteItem(table: "T", key: number % 5 == 0 ? [:] : key, options: options)
        default:
            _ = try await client.query(
                table: "T", keyCondition: Expression("id = :id", values: [":id": "k"]), options: options)
        }
    }

    @Test(arguments: [UInt64(101), 102, 103]) func whatIsRecordedIsWhatHappened(seed: UInt64) async throws {
        let harness = try Harness(logLevel: .critical, Self.makeScript(seed: seed))
        let client = harness.client
        let tally = await withTaskGroup(of: Tally.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    var tally = Tally()
                    for number in 0..<125 {
                        var outcome = "success"
                        do throws(TidemarkError) {
                            try await Self.call(worker * 125 + number, client)
                        } catch {
                            outcome = error.code.description
                        }
                        tally.calls[outcome, default: 0] += 1
                    }
                    return tally
                }
            }
            return await group.reduce(into: Tally()) { sum, part in
                sum.calls.merge(part.calls, uniquingKeysWith: +)
            }
        }
        let total = try harness.counters().values.reduce(SeriesCounters(), +)
        #expect(total.calls == 1_000)
        #expect(total.attempts == UInt64(harness.transport.requests.count))
        for outcome in CallOutcome.allCases {
            #expect(total.calls(outcome) == UInt64(tally.calls["\(outcome)"] ?? 0), "seed \(seed), \(outcome)")
        }
        #expect(total.outcomes.reduce(0, +) == total.calls)
        #expect(total.attemptOutcomes.reduce(0, +) == total.attempts)
        #expect(total.readMilliUnits + total.writeMilliUnits == total.calls(.success) * 1_000)
    }
}
