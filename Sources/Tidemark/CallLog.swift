internal import AWSCore
internal import Logging
internal import Telemetry

/// Writes one line a call. It holds no key, no item, no credential and no text of DynamoDB's, which may quote them.
struct CallLog: Sendable {
    let logger: Logger

    /// A success is for debugging, an answer that a caller may expect is information, anything else a warning.
    private static func level(of outcome: CallOutcome, at site: CallSite) -> Logger.Level {
        switch outcome {
        case .success: .debug
        case .notFound where site.options.expectsNotFound: .debug
        case .conditionFailed, .cancelled: .info
        default: .warning
        }
    }

    /// Whether a call that ended so is to be written.
    func isEnabled(for outcome: CallOutcome, at site: CallSite) -> Bool {
        logger.logLevel <= CallLog.level(of: outcome, at: site)
    }

    func write(
        _ site: CallSite, _ record: CallRecord, correlation: String, requestID: String? = nil,
        error: TidemarkError? = nil
    ) {
        var metadata: Logger.Metadata = [
            "operation": "\(site.operation.name)",
            "outcome": "\(error?.code.name ?? "success")",
            "attempts": "\(record.attempts)",
            "duration_ms": "\(CallLog.milliseconds(record.durationNanoseconds))",
            "correlation_id": "\(correlation)",
        ]
        if !site.table.isEmpty { metadata["table"] = "\(site.table)" }
        if !site.index.isEmpty { metadata["index"] = "\(site.index)" }
        if !site.options.pattern.isEmpty { metadata["pattern"] = "\(site.options.pattern)" }
        if let requestID = requestID ?? error?.requestID { metadata["request_id"] = "\(requestID)" }
        if let code = error?.underlying?.code { metadata["aws_code"] = "\(code)" }
        if let reasons = error?.throttleReasons, !reasons.isEmpty {
            metadata["throttle_reasons"] = .array(reasons.map { .string($0.reason.wireName) })
        }
        logger.log(
            level: CallLog.level(of: record.outcome, at: site), error == nil ? "call done" : "call failed",
            metadata: metadata)
    }

    /// Milliseconds with three decimals.
    static func milliseconds(_ nanoseconds: UInt64) -> String {
        let microseconds = nanoseconds / 1_000
        let decimals = String(microseconds % 1_000)
        return "\(microseconds / 1_000)." + String(repeating: "0", count: 3 - decimals.count) + decimals
    }
}
