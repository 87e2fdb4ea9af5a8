import AWSCore
import InMemoryTracing
import Logging
import TestSupport
import Testing
import Tidemark
import Tracing

/// Where a call's correlation id comes from.
struct CorrelationTests {
    private struct Headers: Extractor, Injector {
        func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
        func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
    }

    @Test(
        arguments: [
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "4bf92f3577b34da6a3ce929d0e0e4736"),
            ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", "4bf92f3577b34da6a3ce929d0e0e4736"),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", nil),
            ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", nil),
            ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", nil),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", nil),
            ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", nil),
            ("00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01", nil), ("", nil), ("----", nil),
        ] as [(String, String?)])
    func aTraceparentIsReadAsItsStandardSays(header: String, id: String?) {
        #expect(CorrelationID.traceID(ofTraceparent: header) == id)
    }

    @Test(
        arguments: [
            (
                "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
                "1-5759e988-bd862e3fe1be46a994272793"
            ),
            (
                "Self=1-67891234-12456789abcdef012345678; Root=1-67891233-abcdef012345678912345678 ",
                "1-67891233-abcdef012345678912345678"
            ),
            ("Root=1-5759e988-bd862e3fe1be46a99427279", nil), ("Root=", nil), ("Parent=53995c3f42cd8ad8", nil),
            ("", nil),
            ("Root=2-5759e988-bd862e3fe1be46a994272793", nil),
        ] as [(String, String?)])
    func anXRayHeaderIsReadToItsRoot(header: String, id: String?) {
        #expect(CorrelationID.root(ofXRayHeader: header) == id)
    }

    @Test(
        arguments: [
            (
                [
                    "x-correlation-id": "order-17",
                    "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                ], "order-17"
            ),
            (
                ["traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
                "4bf92f3577b34da6a3ce929d0e0e4736"
            ),
            (["x-amzn-trace-id": "Root=1-5759e988-bd862e3fe1be46a994272793"], "1-5759e988-bd862e3fe1be46a994272793"),
            (["x-request-id": "a\nforged line", "x-correlation-id": ""], nil), ([:], nil),
        ] as [([String: String], String?)])
    func theInstrumentTakesTheIDOfARequest(headers: [String: String], id: String?) {
        var context = ServiceContext.topLevel
        CorrelationInstrument().extract(headers, into: &context, using: Headers())
        #expect(context.correlationID == id)
        var onward: [String: String] = [:]
        CorrelationInstrument().inject(context, into: &onward, using: Headers())
        #expect(onward["x-correlation-id"] == id)
    }

    @Test func theContextsIDIsOnTheErrorAndTheOptionsIDBeforeIt() async throws {
        let harness = try Harness { _, _ in refusal("ValidationException") }
        var context = ServiceContext.topLevel
        context.correlationID = "order-17"
        await ServiceContext.withValue(context) {
            let ofContext = await failure { () throws(TidemarkError) in
                _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
            }
            #expect(ofContext.correlationID == "order-17")
            let ofOptions = await failure { () throws(TidemarkError) in
                _ = try await harness.client.getItem(
                    table: "T", key: ["id": "1"], options: CallOptions(correlationID: "c-1"))
            }
            #expect(ofOptions.correlationID == "c-1")
        }
        #expect(harness.log.lines.withLock { $0.map { $0.metadata["correlation_id"] } } == ["order-17", "c-1"])
    }

    @Test func withoutAnIDInTheContextTheTracersIsTaken() async throws {
        let harness = try Harness { _, _ in refusal("ValidationException") }
        let error = await withTracer(TraceparentTracer()) {
            await ServiceContext.withValue(.topLevel) {
                await failure { () throws(TidemarkError) in
                    _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
                }
            }
        }
        #expect(error.correlationID == TraceparentTracer.traceID)
    }

    /// One that is handed over is as much in use as one that the process has bootstrapped.
    @Test func theTracerThatIsHandedOverIsAskedToo() async throws {
        let harness = try Harness(configure: { $0.tracer = TraceparentTracer() }) { _, _ in
            refusal("ValidationException")
        }
        let error = await ServiceContext.withValue(.topLevel) {
            await failure { () throws(TidemarkError) in
                _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
            }
        }
        #expect(error.correlationID == TraceparentTracer.traceID)
        #expect(
            harness.log.lines.withLock { $0.map { $0.metadata["correlation_id"] } }
                == [.string(TraceparentTracer.traceID)])
    }
}

/// A tracer that hands one trace on and makes no spans.
private struct TraceparentTracer: Tracer {
    static let traceID = "0af7651916cd43dd8448eb211c80319c"

    func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> NoOpTracer.NoOpSpan { NoOpTracer.NoOpSpan(context: context()) }

    func startAnySpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> any Span { NoOpTracer.NoOpSpan(context: context()) }

    func forceFlush() {}
    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {}
    func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        injector.inject("00-\(Self.traceID)-b7ad6b7169203331-01", forKey: "traceparent", into: &carrier)
    }
}
