internal import ContractModel
internal import JSONBytes

extension CapacityReport {
    /// `{"resources": [...], "patterns": [...], "dollarsPerMonth"}`: units and calls a second at peak, averages and dollars
    /// a month named so, and with each number the assumptions that moved it.
    public func json() -> String {
        var writer = JSONWriter(reserving: 16_384)
        writer.beginObject()
        writer.key("resources")
        writer.beginArray()
        for resource in plan.resources { write(resource, to: &writer) }
        writer.endArray()
        writer.key("patterns")
        writer.beginArray()
        for pattern in plan.patterns { write(pattern, to: &writer) }
        writer.endArray()
        writer.member("dollarsPerMonth", rounded(dollarsPerMonth))
        writer.endObject()
        return writer.text + "\n"
    }

    private func write(_ resource: ResourceDemand, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("table", resource.table)
        if let index = resource.index { writer.member("index", index) }
        writer.member("readCallsPerSecond", rounded(resource.readCallsPerSecond))
        writer.member("writeCallsPerSecond", rounded(resource.writeCallsPerSecond))
        writer.member("readUnitsPerSecond", rounded(resource.readUnitsPerSecond))
        writer.member("writeUnitsPerSecond", rounded(resource.writeUnitsPerSecond))
        writer.member("averageReadUnitsPerSecond", rounded(resource.averageReadUnitsPerSecond))
        writer.member("averageWriteUnitsPerSecond", rounded(resource.averageWriteUnitsPerSecond))
        writer.member("dollarsPerMonth", rounded(resource.dollarsPerMonth))
        writer.key("contributions")
        writer.beginArray()
        for contribution in resource.contributions {
            writer.beginObject()
            writer.member("pattern", contribution.pattern)
            writer.member("readUnitsPerSecond", rounded(contribution.readUnitsPerSecond))
            writer.member("writeUnitsPerSecond", rounded(contribution.writeUnitsPerSecond))
            writer.endObject()
        }
        writer.endArray()
        write(resource.assumptions, to: &writer)
        writer.endObject()
    }

    private func write(_ demand: PatternDemand, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", demand.pattern.id)
        writer.member("description", demand.pattern.summary)
        writer.member("callsPerSecond", rounded(demand.callsPerSecond))
        writer.member("averageCallsPerSecond", rounded(demand.averageCallsPerSecond))
        writer.member("dollarsPerMonth", rounded(demand.dollarsPerMonth))
        writer.key("charges")
        writer.beginArray()
        for charge in demand.charges {
            writer.beginObject()
            writer.member("table", charge.table)
            if let index = charge.index { writer.member("index", index) }
            writer.member("operation", charge.operation)
            writer.member("readUnitsPerCall", charge.readUnitsPerCall)
            writer.member("writeUnitsPerCall", charge.writeUnitsPerCall)
            writer.member("readUnitsPerSecond", rounded(charge.readUnitsPerSecond))
            writer.member("writeUnitsPerSecond", rounded(charge.writeUnitsPerSecond))
            writer.member("formula", charge.formula)
            writer.endObject()
        }
        writer.endArray()
        write(demand.assumptions, to: &writer)
        writer.endObject()
    }

    private func write(_ assumptions: [Assumption], to writer: inout JSONWriter) {
        writer.key("assumptions")
        writer.beginArray()
        for assumption in assumptions {
            writer.beginObject()
            writer.member("text", assumption.text)
            writer.member("moved", assumption.moved)
            writer.endObject()
        }
        writer.endArray()
    }

    /// Sums of rates such as 0.3 and 0.05 carry binary dust; a millionth of a unit is below anything that counts.
    private func rounded(_ value: Double) -> Double {
        abs(value) < 1e9 ? (value * 1_000_000).rounded() / 1_000_000 : value
    }
}
