internal import AWSCore
internal import Logging
internal import Synchronization
internal import Telemetry

/// Writes one event a call. It holds no key, no item, no credential and no text of DynamoDB's, which may quote them.
final class CallLog: Sendable {
    private let logger: Logger
    private let policy: CallLogging
    private let keySecret: [UInt8]
    private let successes = Atomic<UInt64>(0)

    init(logger: Logger, policy: CallLogging) {
        self.logger = logger
        self.policy = policy
        keySecret = policy.keySecret ?? CallLog.randomSecret()
    }

    private static func randomSecret() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<KeyName.minimumSecretBytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// Whether a success can be written at all.
    var takesSuccesses: Bool { logger.logLevel <= max(policy.successLevel, .debug) }

    /// The level of a call that ended so, or nil when it is not to be written. Ask once a call: it counts the sample.
    func level(of outcome: CallOutcome, at site: CallSite, isSlow: Bool) -> Logger.Level? {
        let level: Logger.Level
        switch outcome {
        case .success: level = isSlow || isSampled() ? policy.successLevel : .debug
        case .notFound where site.options.expectsNotFound: level = .debug
        case .conditionFailed, .cancelled: level = .info
        default: level = policy.failureLevel
        }
        return logger.logLevel <= level ? level : nil
    }

    private func isSampled() -> Bool {
        guard policy.successSampling > 0, takesSuccesses else { return false }
        if policy.successSampling == 1 { return true }
        return successes.add(1, ordering: .relaxed).newValue % UInt64(policy.successSampling) == 0
    }

    func write(_ call: ObservedCall, level: Logger.Level) {
        let report = call.report
        var metadata: Logger.Metadata = [
            "operation": "\(call.site.operation.name)",
            "outcome": "\(report.outcome)",
            "attempts": "\(report.attempts)",
            "duration_ms": "\(CallLog.milliseconds(report.record.durationNanoseconds))",
            "correlation_id": "\(report.correlationID ?? "")",
        ]
        // They may be a caller's, and he somebody else's.
        for (name, text) in [
            ("table", call.site.table), ("index", call.site.index), ("pattern", call.site.options.pattern),
        ] where !text.isEmpty {
            metadata[name] = .string(text.withoutControls)
        }
        if report.hedges > 0 { metadata["hedges"] = "\(report.hedges)" }
        // Of a failure its duration tells: many are slow because they were given time and tried again.
        if call.isSlow, report.error == nil { metadata["slow"] = "true" }
        if let key = keyName(of: call) { metadata["key"] = "\(key)" }
        let units = report.units
        if units.readMilliUnits > 0 { metadata["read_units"] = "\(CallLog.thousandths(units.readMilliUnits))" }
        if units.writeMilliUnits > 0 { metadata["write_units"] = "\(CallLog.thousandths(units.writeMilliUnits))" }
        if let requestID = report.requestID { metadata["request_id"] = "\(requestID)" }
        if let failure = report.error?.underlying {
            metadata[failure.serviceCode == nil ? "client_code" : "aws_code"] = "\(failure.code)"
            if let status = failure.status { metadata["http_status"] = "\(status)" }
        }
        if let end = report.error?.retryEnd { metadata["retry_end"] = "\(end.rawValue)" }
        if let reasons = report.error?.throttleReasons, !reasons.isEmpty {
            metadata["throttle_reasons"] = .array(reasons.map { .string($0.reason.wireName) })
        }
        logger.log(level: level, report.error == nil ? "call done" : "call failed", metadata: metadata)
    }

    /// Writes one event a change of a table's circuit: rare, since each opening lasts.
    func write(_ change: CircuitBreaker.Transition, by attempt: AttemptOutcome?, of site: CallSite) {
        var metadata: Logger.Metadata = [
            "circuit": "\(change.name)", "operations": "\(site.operation.isChange ? "writes" : "reads")",
            "operation": "\(site.operation.name)",
        ]
        if !site.table.isEmpty { metadata["table"] = .string(site.table.withoutControls) }
        if change.isFailure, let attempt {
            if let failure = attempt.failure { metadata["outcome"] = "\(failure)" }
            if let status = attempt.status { metadata["http_status"] = "\(status)" }
        }
        logger.log(level: change.isFailure ? .warning : .info, "circuit \(change.name)", metadata: metadata)
    }

    /// The first twelve digits of the name of the one key that the call was about; nil when there were several or none.
    private func keyName(of call: ObservedCall) -> String? {
        let keys = call.keys.filter { $0.index == call.site.index && $0.table == call.site.table }
        guard keys.count == 1, let key = keys.first else { return nil }
        var name: String?
        key.value.withKeyBytes { bytes in
            let key = RingKey(bytes)
            name = String(KeyName.make(secret: keySecret, hash: key.hash, text: key.text).prefix(12))
        }
        return name
    }

    /// Milliseconds with three decimals.
    static func milliseconds(_ nanoseconds: UInt64) -> String { thousandths(nanoseconds / 1_000) }

    /// A number given in thousandths, with three decimals.
    static func thousandths(_ number: UInt64) -> String {
        let decimals = String(number % 1_000)
        return "\(number / 1_000)." + String(repeating: "0", count: 3 - decimals.count) + decimals
    }
}
