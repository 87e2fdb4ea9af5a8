internal import CTelemetry

/// The record path: lock-free, without allocation or system call. Wrapping counters; no argument can make it fail.
extension TelemetryWriter {
    /// Counts one attempt. Record the attempts of a call before the call.
    public func record(attempt: AttemptRecord, in slot: SeriesSlot) {
        guard let map = tm_current(current) else {
            tm_add(unrecorded + Int(TM_OUTCOME_PLACES) + Int(attempt.outcome.rawValue), 1)
            return
        }
        let isThrottled = attempt.outcome == .throttled || attempt.throttleCauses != 0
        tm_record_attempt(
            map, tm_series(map, slot.index), attempt.durationNanoseconds, attempt.outcome.rawValue, isThrottled,
            attempt.throttleCauses, attempt.bytesSent, attempt.bytesReceived, attempt.reusedConnection)
        guard !attempt.reusedConnection else { return }
        tm_record_phase(map, 0, attempt.dnsNanoseconds)
        tm_record_phase(map, 1, attempt.connectNanoseconds)
        tm_record_phase(map, 2, attempt.tlsNanoseconds)
    }

    /// Counts one call that has ended. Its `completed` counter is written last: a reader that sees the call sees all of
    /// it.
    public func record(call: CallRecord, in slot: SeriesSlot) {
        guard let map = tm_current(current) else {
            tm_add(unrecorded + Int(call.outcome.rawValue), 1)
            return
        }
        tm_record_call(
            map, tm_series(map, slot.index), call.durationNanoseconds, call.outcome.rawValue, call.attempts, call.items,
            call.itemBytes)
    }

    /// Counts consumed capacity of the slot's table or index. A slot that has no calls may have consumption: an index's
    /// share of a write to its table.
    /// - Parameters:
    ///   - slot: the series that names the table or index.
    ///   - readMilliUnits: thousandths of a read unit.
    ///   - writeMilliUnits: thousandths of a write unit.
    public func record(consumptionIn slot: SeriesSlot, readMilliUnits: UInt64, writeMilliUnits: UInt64) {
        guard let map = tm_current(current) else { return }
        let series = tm_series(map, slot.index)
        tm_add_some(series + Int(TM_WORD_READ_UNITS), readMilliUnits)
        tm_add_some(series + Int(TM_WORD_WRITE_UNITS), writeMilliUnits)
    }

    /// Counts a change that an attempt of the slot's series made of a circuit.
    ///
    /// - Parameter isWrite: whether it is the circuit of the table's writes.
    public func record(circuit change: CircuitChange, isWrite: Bool, in slot: SeriesSlot) {
        guard let map = tm_current(current) else { return }
        let (all, writes) =
            switch change {
            case .opened: (TM_WORD_CIRCUIT_OPENED, TM_WORD_WRITE_CIRCUIT_OPENED)
            case .reopened: (TM_WORD_CIRCUIT_REOPENED, TM_WORD_WRITE_CIRCUIT_REOPENED)
            case .closed: (TM_WORD_CIRCUIT_CLOSED, TM_WORD_WRITE_CIRCUIT_CLOSED)
            }
        let series = tm_series(map, slot.index)
        if isWrite { tm_add(series + Int(writes), 1) }
        tm_add(series + Int(all), 1)
    }

    /// Counts a second attempt of a hedged read; it is recorded as an attempt too.
    public func recordHedge(in slot: SeriesSlot) {
        guard let map = tm_current(current) else { return }
        tm_add(tm_series(map, slot.index) + Int(TM_WORD_HEDGES), 1)
    }

    /// Puts one read or write of a partition key on the ring from which hot keys are found.
    /// - Parameters:
    ///   - key: the key's bytes; the first 64 are kept, and a hash of all.
    ///   - slot: the series that names the table or index.
    ///   - readMilliUnits: thousandths of a read unit; an estimate when throttled.
    ///   - writeMilliUnits: thousandths of a write unit; an estimate when throttled.
    ///   - throttled: whether it was refused for lack of capacity.
    public func record(
        key: UnsafeRawBufferPointer, in slot: SeriesSlot, readMilliUnits: UInt64, writeMilliUnits: UInt64,
        throttled: Bool
    ) {
        guard let map = tm_current(current) else { return }
        tm_record_key(
            map, slot.index, key.baseAddress, UInt64(key.count), readMilliUnits, writeMilliUnits, throttled)
    }

    /// Puts one slow call on the ring of slow calls; what is slow is for the caller to say.
    /// - Parameters:
    ///   - call: the call as it was counted.
    ///   - slot: the series it was counted in.
    ///   - endedAtNanoseconds: when it ended, in nanoseconds since 1970.
    ///   - correlationID: the id that its log lines carry, as UTF-8; the first 64 bytes are kept.
    public func recordSlowCall(
        _ call: CallRecord, in slot: SeriesSlot, endedAtNanoseconds: UInt64, correlationID: UnsafeRawBufferPointer
    ) {
        guard let map = tm_current(current) else { return }
        tm_record_slow(
            map, slot.index, call.durationNanoseconds, endedAtNanoseconds, call.outcome.rawValue, call.attempts,
            correlationID.baseAddress, UInt64(correlationID.count))
    }

    /// Puts one slow call on the ring of slow calls; what is slow is for the caller to say.
    public func recordSlowCall(
        _ call: CallRecord, in slot: SeriesSlot, endedAtNanoseconds: UInt64, correlationID: String
    ) {
        var id = correlationID
        id.withUTF8 { bytes in
            recordSlowCall(
                call, in: slot, endedAtNanoseconds: endedAtNanoseconds,
                correlationID: UnsafeRawBufferPointer(bytes))
        }
    }
}
