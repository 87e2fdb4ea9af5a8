internal import AWSCore
internal import CoreMetrics
internal import Instrumentation
internal import Logging
internal import Telemetry
internal import Tracing

/// A call that has ended: where it was made, and what its caller is told of it.
struct ObservedCall {
    var site: CallSite
    var report: CallReport
    var keys: [TouchedKey]
    var isSlow: Bool
}

/// Tells logs, traces and metrics of each call. Who does not listen costs a test of one pointer.
struct CallObserver: Sendable {
    let log: CallLog
    let spans: CallSpans?
    let metrics: CallMetrics?
    /// The one that was handed over.
    private let tracer: (any Tracer)?

    init(configuration: TidemarkConfiguration) {
        log = CallLog(logger: configuration.logger, policy: configuration.logging)
        spans = CallSpans(tracer: configuration.tracer, endpoint: configuration.endpoint)
        metrics = CallMetrics(factory: configuration.metrics)
        tracer = configuration.tracer
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
        span?.end(call.report, at: now)
    }

    /// Tells of a change of the call's circuit, and of the attempt that made it.
    func tell(_ change: CircuitBreaker.Transition, by attempt: AttemptOutcome?, of site: CallSite) {
        log.write(change, by: attempt, of: site)
        metrics?.record(change, of: site)
    }

    /// The id of a call for which the caller's options name none. A tracer that was handed over is asked before the process's
    /// instruments, which may know a header that it does not.
    func correlationID(made make: () -> String) -> String {
        tracer.flatMap { CorrelationID.current(of: $0) }
            ?? CorrelationID.current(of: InstrumentationSystem.instrument) ?? make()
    }
}
