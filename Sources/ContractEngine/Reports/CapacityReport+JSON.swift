internal import ContractModel
internal import JSONBytes

extension CapacityReport {
    /// The form of the JSON; a member that goes, or means something else, makes it another. docs/CAPACITY.md describes it.
    public static let jsonVersion = 1

    /// Units and calls a second at peak, averages and dollars a month named so, and with each number the assumptions that
    /// moved it.
    public func json() -> String {
        var writer = JSONWriter(reserving: 16_384)
        writer.beginObject()
        writer.member("version", CapacityReport.jsonVersion)
        write(list: "resources", of: plan.resources, to: &writer, each: write)
        write(list: "patterns", of: plan.patterns, to: &writer, each: write)
        write(list: "stated", of: plan.stated, to: &writer, each: write)
        writer.member("dollarsPerMonth", rounded(dollarsPerMonth))
        writer.member("provisionedDollarsPerMonth", rounded(plan.total(\.provisioned)))
        writer.member("autoScaledDollarsPerMonth", rounded(plan.total(\.autoScaled)))
        if !plan.storedBytes.isEmpty {
            writer.member("storageDollarsPerMonth", rounded(plan.total { $0.storage ?? 0 }))
        }
        write(list: "caveats", of: plan.caveats, to: &writer) { $1.string($0) }
        write(list: "given", of: plan.assumptions.given, to: &writer) { $1.string($0) }
        writer.member("priceRegion", "us-east-1")
        writer.member("priceFactor", plan.assumptions.prices.factor)
        writer.member("utilizationTarget", plan.assumptions.utilizationTarget)
        writer.member("breakEvenUtilization", rounded(plan.assumptions.prices.breakEvenUtilization))
        writer.endObject()
        return writer.text + "\n"
    }

    private func write<Element>(
        list name: String, of elements: [Element], to writer: inout JSONWriter,
        each: (Element, inout JSONWriter) -> Void
    ) {
        writer.key(name)
        writer.beginArray()
        for element in elements { each(element, &writer) }
        writer.endArray()
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
        write(plan.cost(of: resource), to: &writer)
        if resource.index == nil, let factor = plan.indexWritesPerWrite(table: resource.table) {
            writer.member("indexWritesPerWrite", rounded(factor))
        }
        write(list: "contributions", of: resource.contributions, to: &writer) { contribution, writer in
            writer.beginObject()
            writer.member("pattern", contribution.pattern)
            writer.member("readUnitsPerSecond", rounded(contribution.readUnitsPerSecond))
            writer.member("writeUnitsPerSecond", rounded(contribution.writeUnitsPerSecond))
            writer.endObject()
        }
        let place = ResourceName(resource.table, resource.index).text
        let stored = plan.storageAssumptions.filter { $0.moved == "storage of \(place)" }
        write(list: "assumptions", of: resource.assumptions + stored, to: &writer, each: write)
        writer.endObject()
    }

    private func write(_ cost: ResourceCost, to writer: inout JSONWriter) {
        writer.member("dollarsPerMonth", rounded(cost.onDemand))
        writer.member("readDollarsPerMonth", rounded(cost.onDemandReads))
        writer.member("writeDollarsPerMonth", rounded(cost.onDemandWrites))
        writer.key("provisioned")
        writer.beginObject()
        writer.member("readUnits", cost.provisionedReadUnits)
        writer.member("writeUnits", cost.provisionedWriteUnits)
        writer.member("dollarsPerMonth", rounded(cost.provisioned))
        writer.member("utilization", rounded(cost.utilization))
        writer.member("autoScaledDollarsPerMonth", rounded(cost.autoScaled))
        writer.member("isCheaper", cost.isProvisionedCheaper)
        writer.endObject()
        if let bytes = cost.storedBytes {
            writer.member("storedBytes", rounded(bytes))
            writer.member("storageDollarsPerMonth", rounded(cost.storage ?? 0))
            writer.member("recoveryDollarsPerMonth", rounded(cost.recovery ?? 0))
        }
        writer.key("partitions")
        writer.beginObject()
        writer.member("atLeast", cost.partitions)
        writer.member("readUnitsPerSecondEach", rounded(cost.readUnitsPerPartition))
        writer.member("writeUnitsPerSecondEach", rounded(cost.writeUnitsPerPartition))
        if let share = cost.hotKeyShare { writer.member("hotKeyShare", rounded(share)) }
        writer.endObject()
    }

    private func write(_ demand: PatternDemand, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", demand.pattern.id)
        writer.member("description", demand.pattern.summary)
        writer.member("callsPerSecond", rounded(demand.callsPerSecond))
        writer.member("averageCallsPerSecond", rounded(demand.averageCallsPerSecond))
        writer.member("readUnitsPerSecond", rounded(demand.readUnitsPerSecond))
        writer.member("writeUnitsPerSecond", rounded(demand.writeUnitsPerSecond))
        writer.member("averageReadUnitsPerSecond", rounded(demand.averageReadUnitsPerSecond))
        writer.member("averageWriteUnitsPerSecond", rounded(demand.averageWriteUnitsPerSecond))
        writer.member("dollarsPerMonth", rounded(demand.dollarsPerMonth(plan.assumptions.prices)))
        write(list: "charges", of: demand.charges, to: &writer, each: write)
        write(list: "assumptions", of: demand.assumptions, to: &writer, each: write)
        writer.endObject()
    }

    private func write(_ charge: Charge, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("table", charge.table)
        if let index = charge.index { writer.member("index", index) }
        if let entity = charge.entity, entity != charge.table { writer.member("entity", entity) }
        writer.member("operation", charge.operation)
        writer.member("readUnitsPerCall", charge.readUnitsPerCall)
        writer.member("writeUnitsPerCall", charge.writeUnitsPerCall)
        writer.member("pagesPerCall", charge.pagesPerCall)
        writer.member("readUnitsPerSecond", rounded(charge.readUnitsPerSecond))
        writer.member("writeUnitsPerSecond", rounded(charge.writeUnitsPerSecond))
        writer.member("formula", charge.formula)
        writer.endObject()
    }

    private func write(_ figure: StatedFigure, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("table", figure.table)
        if let index = figure.index { writer.member("index", index) }
        writer.member("quantity", figure.quantity.rawValue)
        writer.member("stated", figure.value)
        if let computed = figure.computed { writer.member("computed", rounded(computed)) }
        writer.member("agrees", figure.agrees)
        if !figure.reason.isEmpty { writer.member("reason", figure.reason) }
        writer.member("file", figure.file)
        writer.member("line", figure.line)
        writer.endObject()
    }

    private func write(_ assumption: Assumption, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("text", assumption.text)
        writer.member("moved", assumption.moved)
        writer.endObject()
    }

    /// Sums of rates such as 0.3 and 0.05 carry binary dust; a millionth of a unit is below anything that counts.
    private func rounded(_ value: Double) -> Double {
        abs(value) < 1e9 ? (value * 1_000_000).rounded() / 1_000_000 : value
    }
}
