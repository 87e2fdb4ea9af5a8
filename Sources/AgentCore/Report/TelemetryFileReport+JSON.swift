import JSONBytes
import Telemetry

extension TelemetryFileReport {
    /// The report for a program. Names and shapes are stable; a key is there only where it was asked for.
    public func json() -> [UInt8] {
        var writer = JSONWriter(reserving: 4_096)
        writer.beginObject()
        writer.member("path", path)
        writer.member("service", snapshot.identity.service)
        writer.member("environment", snapshot.identity.environment)
        writer.member("processID", snapshot.identity.pid)
        writer.member("id", snapshot.identity.id)
        writer.member("startedAt", Self.time(snapshot.identity.startedAtNanoseconds))
        writer.member("state", isAlive ? "alive" : snapshot.isClosed ? "closed" : "ended")
        writer.member("layout", facts.layout)
        writer.member("revision", facts.revision)
        writer.member("maximumBytes", facts.maximumBytes)
        writer.member("grantedBytes", facts.grantedBytes)
        writer.member("usedBytes", facts.usedBytes)
        writer.member("callsInOther", snapshot.unrecordedCalls)
        writer.member("refusedSeries", snapshot.refusedSeries)
        writer.array("series", busiest) { $1.write(to: &$0) }
        writer.key("connections")
        writer.beginObject()
        writer.member("dns", snapshot.dnsTime)
        writer.member("connect", snapshot.connectTime)
        writer.member("tls", snapshot.tlsTime)
        writer.endObject()
        writer.key("keyEvents")
        writer.beginObject()
        writer.member("written", facts.keyEvents)
        writer.member("capacity", facts.keyEventCapacity)
        writer.member("whole", ring.delivered)
        writer.member("lostReadMilliUnits", ring.lostReadMilliUnits)
        writer.member("lostWriteMilliUnits", ring.lostWriteMilliUnits)
        writer.array("hottest", hotKeys.prefix(Self.listed)) { $1.write(to: &$0) }
        writer.endObject()
        writer.member("slowCallsWritten", facts.slowCalls)
        writer.array("slowCalls", slowCalls.prefix(Self.listed)) { $1.write(to: &$0) }
        writer.endObject()
        return writer.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func array<List: Sequence>(
        _ name: String, _ list: List, _ write: (inout JSONWriter, List.Element) -> Void
    ) {
        key(name)
        beginArray()
        for element in list { write(&self, element) }
        endArray()
    }

    fileprivate mutating func member(_ name: String, _ times: HistogramSnapshot) {
        key(name)
        beginObject()
        member("count", times.count)
        member("sumNanoseconds", times.sumNanoseconds)
        if let median = times.quantile(0.5) { member("p50Nanoseconds", median) }
        if let high = times.quantile(0.99) { member("p99Nanoseconds", high) }
        endObject()
    }

    fileprivate mutating func member(_ name: String, _ circuits: CircuitCounts) {
        key(name)
        beginObject()
        member("opened", circuits.opened)
        member("reopened", circuits.reopened)
        member("closed", circuits.closed)
        endObject()
    }

    fileprivate mutating func members(_ key: SeriesKey) {
        member("table", key.table)
        member("index", key.index)
        member("operation", key.operation)
        member("pattern", key.pattern)
    }
}

extension SeriesSnapshot {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.members(key)
        writer.member("calls", counters.calls)
        writer.member("failedCalls", counters.failedCalls)
        writer.member("retries", counters.retries)
        writer.member("attempts", counters.attempts)
        writer.member("throttledAttempts", counters.throttledAttempts)
        writer.member("hedges", counters.hedges)
        writer.member("readCircuits", counters.circuits - counters.writeCircuits)
        writer.member("writeCircuits", counters.writeCircuits)
        writer.member("readMilliUnits", counters.readMilliUnits)
        writer.member("writeMilliUnits", counters.writeMilliUnits)
        writer.member("callTime", callTime)
        writer.member("attemptTime", attemptTime)
        writer.endObject()
    }
}

extension TelemetryFileReport.HotKey {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.members(series)
        writer.member("keyHash", TelemetryFileReport.hexadecimal(hash))
        if let text { writer.member("key", text) }
        writer.member("events", events)
        writer.member("throttledEvents", throttled)
        writer.member("readMilliUnits", readMilliUnits)
        writer.member("writeMilliUnits", writeMilliUnits)
        writer.endObject()
    }
}

extension SlowCall {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.members(series)
        writer.member("nanoseconds", durationNanoseconds)
        writer.member("endedAt", TelemetryFileReport.time(endedAtNanoseconds))
        writer.member("outcome", "\(outcome)")
        writer.member("attempts", attempts)
        writer.member("correlationID", correlationID)
        writer.endObject()
    }
}
