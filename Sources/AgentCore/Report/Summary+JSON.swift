import AWSCore
import CloudWatch
import JSONBytes
import Monitoring
import Telemetry

extension Summary {
    /// The summary for a program. Names and shapes are stable.
    public func json() -> [UInt8] {
        var writer = JSONWriter(reserving: 16_384)
        writer.beginObject()
        writer.member("since", since.iso8601)
        writer.member("now", now.iso8601)
        writer.member("needsAction", needsAction)
        writer.list("findings", findings) { $0.write(to: &$1) }
        writer.list("alarms", alarms) { $0.write(to: &$1) }
        writer.member("alarmsUnknown", alarmsUnknown)
        writer.list("patterns", patterns) { $0.write(to: &$1) }
        writer.list("resources", resources) { $0.write(to: &$1) }
        writer.key("hotKeys")
        hotKeys.write(to: &writer)
        writer.key("ledger")
        ledger.write(to: &writer)
        writer.key("agent")
        agent.write(to: &writer)
        writer.endObject()
        return writer.bytes
    }
}

extension JSONWriter {
    mutating func list<Element>(_ name: String, _ elements: [Element], _ write: (Element, inout JSONWriter) -> Void) {
        key(name)
        beginArray()
        for element in elements { write(element, &self) }
        endArray()
    }

    /// A member that is null where there is no value.
    mutating func member(_ name: String, _ value: Double?) {
        guard let value else { return null(name) }
        member(name, value)
    }

    mutating func member(_ name: String, _ time: Timestamp?) {
        guard let time else { return null(name) }
        member(name, time.iso8601)
    }

    private mutating func null(_ name: String) {
        key(name)
        null()
    }
}

extension Summary.Finding {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("severity", severity.rawValue)
        writer.member("what", what)
        writer.member("since", since)
        writer.member("until", until)
        writer.member("who", who)
        writer.member("cause", cause)
        writer.member("next", next)
        writer.endObject()
    }
}

extension Summary.AlarmLine {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        writer.member("state", state.rawValue)
        writer.member("since", since)
        writer.member("reason", reason)
        writer.key("because")
        writer.beginArray()
        for name in because { writer.string(name) }
        writer.endArray()
        writer.endObject()
    }
}

extension Summary.PatternLine {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("service", scope.service)
        writer.member("environment", scope.environment)
        writer.member("pattern", pattern)
        writer.member("about", about)
        writer.list("tables", tables) { $1.string($0) }
        writer.list("operations", operations) { $1.string($0) }
        writer.member("calls", calls)
        writer.member("failedCalls", failedCalls)
        writer.key("failures")
        writer.beginObject()
        for failure in failures { writer.member("\(failure.outcome)", failure.calls) }
        writer.endObject()
        writer.member("attempts", attempts)
        writer.member("throttledAttempts", throttledAttempts)
        writer.member("p50Milliseconds", p50Milliseconds)
        writer.member("p99Milliseconds", p99Milliseconds)
        writer.member("expectedCallsPerSecond", expectedCallsPerSecond)
        writer.member("troubleSince", trouble?.since)
        writer.member("troubleUntil", trouble?.until)
        writer.endObject()
    }
}

extension Summary.ResourceLine {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.members(scope: scope, table: table, index: index)
        writer.member("readUnitsPerSecond", readUnitsPerSecond.average)
        writer.member("peakReadUnitsPerSecond", readUnitsPerSecond.peak)
        writer.member("demandedReadUnitsPerSecond", demandedReadUnitsPerSecond)
        writer.member("writeUnitsPerSecond", writeUnitsPerSecond.average)
        writer.member("peakWriteUnitsPerSecond", writeUnitsPerSecond.peak)
        writer.member("demandedWriteUnitsPerSecond", demandedWriteUnitsPerSecond)
        writer.key("throttledAttempts")
        writer.beginObject()
        for throttle in throttles { writer.member(throttle.cause.wireName, throttle.attempts) }
        writer.endObject()
        writer.member("troubleSince", trouble?.since)
        writer.member("troubleUntil", trouble?.until)
        writer.endObject()
    }
}

extension Summary.AgentHealth {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("committedAt", committedAt)
        writer.member("periodInSeconds", periodInSeconds)
        writer.member("isStale", isStale)
        writer.member("stoppedAt", stoppedAt)
        writer.member("isDiskFull", isDiskFull)
        writer.member("isPublishing", isPublishing)
        writer.member("publishTrouble", publishTrouble)
        writer.member("filesTrouble", filesTrouble)
        writer.member("uncountedFiles", UInt64(uncountedFiles))
        writer.member("pendingPeriods", UInt64(details.pendingPeriods))
        writer.member("oldestPending", details.oldestPending)
        writer.member("clockOffsetSeconds", details.clockOffsetNanoseconds.map { Double($0) / 1e9 })
        writer.member("percentileErrorPercent", details.percentileErrorInPercent)
        writer.member("foldedSeries", UInt64(details.foldedSeries))
        writer.member("gaps", gaps)
        writer.member("mergedWindows", mergedWindows)
        if let coarsestInSeconds { writer.member("coarsestInSeconds", coarsestInSeconds) }
        writer.list("notices", notices) { notice, writer in
            writer.beginObject()
            writer.member("at", notice.at.iso8601)
            writer.member("until", notice.until)
            writer.member("kind", notice.kind)
            writer.member("message", notice.message)
            writer.endObject()
        }
        writer.endObject()
    }
}
