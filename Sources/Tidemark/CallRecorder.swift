package import AWSCore
package import Telemetry

/// Writes what happens to one client's calls into the telemetry file. Nothing here can fail a call.
struct CallRecorder: Sendable {
    let telemetry: TelemetryWriter
    let directory: SeriesDirectory

    func slot(for site: CallSite) -> SeriesSlot { slot(for: site, table: site.table, index: site.index) }

    private func slot(for site: CallSite, table: String, index: String) -> SeriesSlot {
        directory.slot(
            table: table, index: index, operation: site.operation.name, pattern: site.options.pattern)
    }

    // MARK: Attempts

    func record(_ attempt: AttemptOutcome, of site: CallSite, in slot: SeriesSlot, keys: [TouchedKey]) {
        let phases = attempt.phases
        var causes: UInt32 = 0
        if attempt.failure == .throttled {
            for detail in attempt.throttleReasons { causes |= 1 << UInt32(detail.reason.rawValue) }
        }
        telemetry.record(
            attempt: AttemptRecord(
                durationNanoseconds: attempt.duration.wholeNanoseconds,
                outcome: CallOutcome(attempt.failure), throttleCauses: causes,
                bytesSent: UInt64(clamping: phases.bytesSent), bytesReceived: UInt64(clamping: phases.bytesReceived),
                reusedConnection: phases.reusedConnection, dnsNanoseconds: phases.dns.wholeNanoseconds,
                connectNanoseconds: phases.connect.wholeNanoseconds, tlsNanoseconds: phases.tls.wholeNanoseconds),
            in: slot)
        if attempt.hedge == .second { telemetry.recordHedge(in: slot) }
        for change in attempt.circuit { record(change, of: site, in: slot) }
        guard attempt.failure == .throttled, !site.operation.isTransactional else { return }
        recordThrottledKeys(keys, reasons: attempt.throttleReasons, of: site)
    }

    /// Counts a change of the circuit that the call belongs to.
    func record(_ change: CircuitBreaker.Transition, of site: CallSite, in slot: SeriesSlot) {
        guard let change = CircuitChange(change) else { return }
        telemetry.record(circuit: change, isWrite: site.operation.isChange, in: slot)
    }

    /// A throttled attempt consumed nothing, so that its keys weigh what they were expected to take. Of a throttled
    /// transaction it is not known here which of its keys was at fault, so that none is blamed.
    private func recordThrottledKeys(_ keys: [TouchedKey], reasons: [ThrottleDetail], of site: CallSite) {
        let indexes = Set(reasons.compactMap(\.indexName))
        let blamed = indexes.isEmpty ? [site.index] : indexes
        for key in keys where blamed.contains(key.index) {
            record(
                key, of: site, read: site.operation.isWrite ? 0 : key.weight,
                write: site.operation.isWrite ? key.weight : 0, throttled: true)
        }
    }

    private func record(_ key: TouchedKey, of site: CallSite, read: UInt64, write: UInt64, throttled: Bool) {
        let slot = slot(for: site, table: key.table, index: key.index)
        key.value.withKeyBytes { bytes in
            telemetry.record(
                key: bytes, in: slot, readMilliUnits: read, writeMilliUnits: write, throttled: throttled)
        }
    }

    // MARK: Consumption

    /// Files each table's and each index's share under its own series, and divides it among the keys that it was
    /// spent on.
    func record(_ consumed: [ConsumedCapacity], of site: CallSite, keys: [TouchedKey]) {
        for capacity in consumed {
            let table = capacity.table.isEmpty ? site.table : capacity.table
            record(capacity.tableUnits, table: table, index: "", of: site, keys: keys)
            for (index, units) in capacity.indexUnits {
                record(units, table: table, index: index, of: site, keys: keys)
            }
        }
    }

    private func record(
        _ units: CapacityUnits, table: String, index: String, of site: CallSite, keys: [TouchedKey]
    ) {
        guard !units.isZero else { return }
        telemetry.record(
            consumptionIn: slot(for: site, table: table, index: index), readMilliUnits: units.readMilliUnits,
            writeMilliUnits: units.writeMilliUnits)
        let touched = keys.filter { $0.index == index && $0.table == table }
        guard !touched.isEmpty else { return }
        let weights = touched.map(\.weight)
        let reads = TouchedKey.split(units.readMilliUnits, by: weights)
        let writes = TouchedKey.split(units.writeMilliUnits, by: weights)
        for (place, key) in touched.enumerated() where reads[place] > 0 || writes[place] > 0 {
            record(key, of: site, read: reads[place], write: writes[place], throttled: false)
        }
    }
}

extension CircuitChange {
    /// What is counted: that a probe went shows in what it came to, and what was forgotten is open no more.
    init?(_ transition: CircuitBreaker.Transition) {
        switch transition {
        case .opened: self = .opened
        case .reopened: self = .reopened
        case .closed, .forgotten: self = .closed
        case .halfOpened: return nil
        }
    }
}

extension CallOutcome {
    /// The outcome of that failure; success for none. The test of the two lists keeps them in step.
    package init(_ failure: FailureClass?) {
        guard let failure else {
            self = .success
            return
        }
        self = CallOutcome(rawValue: failure.rawValue + 1) ?? .client
    }
}

extension Duration {
    /// Nanoseconds; 0 for a negative duration, the largest number for one of more than 584 years.
    var wholeNanoseconds: UInt64 {
        let parts = components
        guard parts.seconds >= 0, parts.attoseconds >= 0 else { return 0 }
        let (seconds, overflow) = UInt64(parts.seconds).multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return .max }
        let (sum, carried) = seconds.addingReportingOverflow(UInt64(parts.attoseconds) / 1_000_000_000)
        return carried ? .max : sum
    }
}

extension AttributeValue {
    /// A key's bytes as they tell one key from another: the text of a string or number, the bytes of a binary.
    func withKeyBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
        switch self {
        case .string(var text), .number(var text): text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
        case .binary(let bytes): bytes.withUnsafeBytes(body)
        default: break
        }
    }
}
