import AWSCore
import InMemoryTracing
import Logging
import TestSupport
import Testing
import Tidemark
import Tracing

/// Spans by OpenTelemetry's conventions: one a call, and one child an attempt.
struct SpanTests {
    @Test func aCallIsASpanAndEachAttemptAChildOfIt() async throws {
        let tracer = InMemoryTracer()
        let harness = try Harness(configure: { $0.tracer = tracer }) { _, number in
            number == 1
                ? refusal("InternalServerError", status: 500)
                : answer(#"{"ConsumedCapacity":{"TableName":"T","CapacityUnits":2.5},"Item":{"id":{"S":"secret"}}}"#)
        }
        _ = try await harness.client.getItem(
            table: "T", key: ["id": "secret"],
            options: CallOptions(consistentRead: true, pattern: "AP1", correlationID: "c-1"))

        let spans = tracer.finishedSpans
        #expect(spans.map(\.operationName) == ["POST", "POST", "DynamoDB.GetItem"])
        let call = try #require(spans.last)
        #expect(call.kind == .client)
        #expect(call.status == nil)
        #expect(spans.dropLast().allSatisfy { $0.parentSpanID == call.spanID && $0.traceID == call.traceID })
        let attributes = call.attributes
        #expect(attributes["db.system.name"]?.toSpanAttribute() == .string("aws.dynamodb"))
        #expect(attributes["rpc.system"]?.toSpanAttribute() == .string("aws-api"))
        #expect(attributes["db.operation.name"]?.toSpanAttribute() == .string("GetItem"))
        #expect(attributes["db.collection.name"]?.toSpanAttribute() == .string("T"))
        #expect(attributes["aws.dynamodb.table_names"]?.toSpanAttribute() == .stringArray(["T"]))
        #expect(attributes["aws.dynamodb.consistent_read"]?.toSpanAttribute() == .bool(true))
        #expect(attributes["aws.request_id"]?.toSpanAttribute() == .string("R1"))
        #expect(
            attributes["aws.dynamodb.consumed_capacity"]?.toSpanAttribute()
                == .stringArray([#"{"TableName":"T","CapacityUnits":2.500,"Table":{"CapacityUnits":2.500}}"#]))
        #expect(attributes["server.address"]?.toSpanAttribute() == .string("127.0.0.1"))
        #expect(attributes["tidemark.correlation_id"]?.toSpanAttribute() == .string("c-1"))
        #expect(attributes["tidemark.pattern"]?.toSpanAttribute() == .string("AP1"))

        #expect(spans[0].attributes["http.response.status_code"]?.toSpanAttribute() == .int64(500))
        for attempt in spans.dropLast() {
            #expect(attempt.attributes["url.full"]?.toSpanAttribute() == .string("http://127.0.0.1:8000/"))
            #expect(attempt.attributes["server.address"]?.toSpanAttribute() == .string("127.0.0.1"))
            #expect(attempt.attributes["server.port"]?.toSpanAttribute() == .int64(8000))
            #expect(attempt.attributes["http.request.method"]?.toSpanAttribute() == .string("POST"))
        }
        #expect(spans[0].attributes["http.request.resend_count"] == nil)
        #expect(spans[0].status?.code == .error)
        #expect(spans[1].attributes["http.response.status_code"]?.toSpanAttribute() == .int64(200))
        #expect(spans[1].attributes["http.request.resend_count"]?.toSpanAttribute() == .int64(1))
        #expect(spans[1].status == nil)
        // Nothing of the key or the item.
        #expect(!"\(spans)".contains("secret"))
    }

    @Test func anAttemptNamesTheEndpointOfItsAccount() async throws {
        let tracer = InMemoryTracer()
        let harness = try Harness(configure: { configuration in
            configuration.tracer = tracer
            configuration.credentials = StaticCredentials(
                Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "x", accountID: "123456789012"))
            if let own = try? AWSEndpoint.resolve(service: .dynamoDB, environment: ["AWS_REGION": "eu-west-1"]) {
                configuration.endpoint = own
            }
        }) { _, _ in answer("{}") }
        _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
        let host = "123456789012.ddb.eu-west-1.amazonaws.com"
        let attempt = try #require(tracer.finishedSpans.first)
        #expect(attempt.attributes["url.full"]?.toSpanAttribute() == .string("https://\(host)/"))
        #expect(attempt.attributes["server.address"]?.toSpanAttribute() == .string(host))
        #expect(attempt.attributes["server.port"]?.toSpanAttribute() == .int64(443))
    }

    @Test func anAddressHasNoBrackets() async throws {
        let tracer = InMemoryTracer()
        let harness = try Harness(configure: { configuration in
            configuration.tracer = tracer
            configuration.endpoint = AWSEndpoint(url: "http://[::1]:8000/", region: "eu-central-1")
        }) { _, _ in answer("{}") }
        _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
        for span in tracer.finishedSpans {
            #expect(span.attributes["server.address"]?.toSpanAttribute() == .string("::1"))
            #expect(span.attributes["server.port"]?.toSpanAttribute() == .int64(8000))
        }
    }

    @Test func aSpanBeginsAndEndsWhenTheCallDoes() async throws {
        let tracer = InMemoryTracer()
        let harness = try Harness(configure: { $0.tracer = tracer }) { _, number in
            number == 1 ? refusal("InternalServerError", status: 500) : answer("{}")
        }
        let began = harness.clock.timestamp
        _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
        let call = try #require(tracer.finishedSpans.last)
        #expect(call.startInstant.nanosecondsSinceEpoch == UInt64(began.nanosecondsSince1970))
        #expect(call.endInstant.nanosecondsSinceEpoch - call.startInstant.nanosecondsSinceEpoch == 12_500_000)
    }

    @Test func aFailureIsAnErrorOfTheSpanAndAFailedConditionIsNot() async throws {
        let tracer = InMemoryTracer()
        let harness = try Harness(configure: { $0.tracer = tracer }) { _, number in
            number == 1
                ? refusal("ValidationException", more: #","Message":"Value 'secret'""#)
                : refusal("ConditionalCheckFailedException")
        }
        for _ in 0..<2 {
            _ = await failure { () throws(TidemarkError) in
                try await harness.client.deleteItem(table: "T", key: ["id": "1"])
            }
        }
        let calls = tracer.finishedSpans.filter { $0.operationName == "DynamoDB.DeleteItem" }
        #expect(calls.map { $0.status?.code } == [.error, nil])
        #expect(calls[0].attributes["error.type"]?.toSpanAttribute() == .string("validation"))
        #expect(calls[0].attributes["db.response.status_code"]?.toSpanAttribute() == .string("ValidationException"))
        #expect(calls[0].attributes["tidemark.client_code"] == nil)
        #expect(calls[1].attributes["error.type"]?.toSpanAttribute() == .string("conditionFailed"))
        #expect(!"\(calls)".contains("secret"))
    }

    @Test func whatNoAnswerSaidIsNoStatusOfTheDatabase() async throws {
        let tracer = InMemoryTracer()
        let harness = try Harness(configure: {
            $0.tracer = tracer
            $0.retry = .never
        }) { _, _ throws(TransportError) in throw TransportError(code: .timeout(.connect), message: "no") }
        _ = await failure { () throws(TidemarkError) in
            _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
        }
        let call = try #require(tracer.finishedSpans.last)
        #expect(call.attributes["error.type"]?.toSpanAttribute() == .string("timeout"))
        #expect(call.attributes["db.response.status_code"] == nil)
        #expect(call.attributes["tidemark.client_code"]?.toSpanAttribute() == .string("ConnectTimeout"))
    }

    /// A log handler that looks for the trace finds the call's.
    @Test func logEventsAreWrittenInTheCallsSpan() async throws {
        struct ContextLog: LogHandler {
            let spans = Lock<[String?]>([])
            var metadata: Logger.Metadata = [:]
            var logLevel = Logger.Level.debug
            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { metadata[key] }
                set { metadata[key] = newValue }
            }
            func log(event: LogEvent) {
                spans.withLock { $0.append(ServiceContext.current?.inMemorySpanContext?.spanID) }
            }
        }
        let (tracer, log) = (InMemoryTracer(), ContextLog())
        let harness = try Harness(configure: { configuration in
            configuration.tracer = tracer
            configuration.logger = Logger(label: "test") { _ in log }
        }) { _, _ in answer("{}") }
        _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
        let call = try #require(tracer.finishedSpans.last)
        #expect(log.spans.withLock { $0 } == [call.spanID])
    }

    @Test func aCancelledCallEndsItsSpanToo() async throws {
        let tracer = InMemoryTracer()
        let harness = try Harness(configure: { $0.tracer = tracer }) { _, _ in answer("{}") }
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await failure { () throws(TidemarkError) in
                _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
            }
        }
        #expect(await task.value.code == .cancelled)
        #expect(tracer.finishedSpans.map(\.operationName) == ["DynamoDB.GetItem"])
        #expect(tracer.activeSpans.isEmpty)
    }

    @Test func aBatchOfSeveralTablesNamesEachOnce() async throws {
        let tracer = InMemoryTracer()
        let harness = try Harness(configure: { $0.tracer = tracer }) { _, _ in answer("{}") }
        _ = try await harness.client.batchWriteItem([
            .put(table: "Orders", item: ["id": "1"]), .put(table: "Carts", item: ["id": "1"]),
            .put(table: "Orders", item: ["id": "2"]),
        ])
        let call = try #require(tracer.finishedSpans.last)
        #expect(call.attributes["aws.dynamodb.table_names"]?.toSpanAttribute() == .stringArray(["Carts", "Orders"]))
        #expect(call.attributes["db.collection.name"] == nil)
    }
}
