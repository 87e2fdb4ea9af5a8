internal import AWSCore
internal import CoreMetrics
internal import Instrumentation
internal import Logging
internal import Telemetry
internal import Tracing

/// A call that has ended, as those see it who listen.
struct ObservedCall {
    var site: CallSite
    var record: CallRecord
    var correlationID: String
    var isSlow: Bool
    var keys: [TouchedKey]
    var consumed: [ConsumedCapacity] = []
    /// The last answer's headers, where the call succeeded.
    var head: HTTPResponse.Head?
    var error: TidemarkError?

    /// AWS's id of the last attempt, where there was an answer.
    var requestID: String? { error?.requestID ?? head?.header("x-amzn-requestid") }

    /// What it consumed on all tables and indexes.
    var units: CapacityUnits { consumed.reduce(CapacityUnits()) { $0 + $1.total } }
}

/// Tells logs, traces and metrics of each call. Who does not listen costs a test of one pointer.
struct CallObserver: Sendable {
    let log: CallLog
    let spans: CallSpans?
    let metrics: CallMetrics?

    init(configuration: TidemarkConfiguration) {
        log = CallLog(logger: configuration.logger, policy: configuration.logging)
        spans = CallSpans(tracer: configuration.tracer, endpoint: configuration.endpoint)
        metrics = CallMetrics(factory: configuration.metrics)
    }

    /// Tells all of them. The log's lines are written in the span's context, which log handlers may read its ids from.
    func tell(_ call: ObservedCall, span: CallSpans.CallSpan?, level: Logger.Level?, at now: Timestamp) {
        metrics?.record(call)
        if let level {
            if let span {
                ServiceContext.withValue(span.context) { log.write(call, level: level) }
            } else {
                log.write(call, level: level)
            }
        }
        span?.end(call, at: now)
    }

    /// The id of a call for which the caller's options name none.
    func correlationID(made make: () -> String) -> String {
        CorrelationID.current(of: InstrumentationSystem.instrument) ?? make()
    }
}
