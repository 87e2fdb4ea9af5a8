import AWSCore
import JSONBytes
import Monitoring

extension HotKeyReport {
    /// The report for a program. Names and shapes are stable; a key is there only where it was asked for.
    public func json() -> [UInt8] {
        var writer = JSONWriter(reserving: 4_096)
        write(to: &writer)
        return writer.bytes
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("since", since.iso8601)
        writer.member("until", until.iso8601)
        writer.key("hotKeys")
        writer.beginArray()
        for finding in findings { finding.write(to: &writer) }
        writer.endArray()
        writer.key("resources")
        writer.beginArray()
        for entry in coverage { entry.write(to: &writer) }
        writer.endArray()
        writer.endObject()
    }
}

extension HotKeyReport.Finding {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.members(scope: scope, table: table, index: index)
        writer.member("direction", isWrite ? "write" : "read")
        writer.member("keyHash", hash)
        if let key { writer.member("key", key) }
        writer.member("share", share)
        writer.member("unitsPerSecond", unitsPerSecond)
        writer.member("peakUnitsPerSecond", peakUnitsPerSecond)
        writer.member("partitionLoadPercent", loadPercent)
        writer.member("throttledEvents", throttledEvents)
        writer.member("since", since.iso8601)
        writer.member("shardsNeeded", shardsNeeded)
        writer.member("shardsAtLeast", shardsAtLeast)
        writer.endObject()
    }
}

extension HotKeyReport.Coverage {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.members(scope: scope, table: table, index: index)
        writer.member("direction", isWrite ? "write" : "read")
        writer.member("consumedUnits", consumedUnits)
        writer.member("keylessUnits", keylessUnits)
        writer.member("coverage", coverage)
        writer.member("keyRangeThrottles", keyRangeThrottles)
        writer.endObject()
    }
}

extension JSONWriter {
    mutating func members(scope: MonitoringScope, table: String, index: String) {
        member("service", scope.service)
        member("environment", scope.environment)
        member("table", table)
        if !index.isEmpty { member("index", index) }
    }

    mutating func member(_ name: String, _ bounds: HotKeyReport.Bounds) {
        key(name)
        beginObject()
        member("lower", bounds.lower)
        member("upper", bounds.upper)
        endObject()
    }
}
