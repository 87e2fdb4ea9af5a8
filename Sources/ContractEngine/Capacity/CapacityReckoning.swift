internal import ContractModel

/// What the patterns ask of each table and index: `D = Σ rps · units`, for the table and for each index.
///
/// Charged are the calls by which a pattern is carried out, as generated code makes them, on every table and index that they touch;
/// a write is charged to the table's indexes too, where the kind of item written appears in them.
public func capacity(
    of document: ContractDocument, assuming assumptions: CapacityAssumptions = CapacityAssumptions()
) -> CapacityPlan {
    capacity(of: document, assuming: assumptions, works: OperationAccessReader(document).works(of: document))
}

/// - Parameter works: how each pattern is carried out, by its id.
func capacity(
    of document: ContractDocument, assuming assumptions: CapacityAssumptions, works: [String: PatternWork]
) -> CapacityPlan {
    let reckoning = CapacityReckoning(
        contract: document.contract, patterns: document.patterns, defaults: assumptions, works: works)
    let patterns = document.patterns.map(reckoning.demand)
    var plan = CapacityPlan(
        patterns: patterns, resources: reckoning.resources(of: patterns), assumptions: assumptions)
    for table in document.contract.tables {
        let storage = StorageEstimate(table: table, of: document.contract, assumptions: assumptions)
        for index in [nil] + table.indexes.map(Optional.some) {
            let place = ResourceName(table.name, index?.name)
            plan.storedBytes[place] = storage.bytes(index: index)
            for text in storage.assumptions(index: index) {
                plan.storageAssumptions.append(Assumption(text: text, moved: "storage of \(place.text)"))
            }
        }
    }
    plan.caveats = caveats(of: document, assuming: assumptions)
    if let model = document.sources.model {
        plan.stated = StatedComparison(contract: document.contract, model: model, plan: plan).figures()
    }
    return plan
}

/// What cannot be known from the documents that were given, and what would tell.
private func caveats(of document: ContractDocument, assuming assumptions: CapacityAssumptions) -> [String] {
    guard document.sources.reading != nil else { return [] }
    var caveats: [String] = []
    let working = document.patterns.filter { $0.type != .none }
    func counted(_ patterns: [AccessPattern]) -> String {
        "\(patterns.count) of \(working.count) \(working.count == 1 ? "pattern" : "patterns") "
            + "(\(PatternID.ranges(patterns.map(\.id))))"
    }
    func doing(_ patterns: [AccessPattern]) -> String { patterns.count == 1 ? "does" : "do" }
    let guessed = working.filter { $0.operations.contains(where: \.isGuess) }
    if document.sources.model == nil, !guessed.isEmpty {
        caveats.append(
            "No data model is given (--model): what \(counted(guessed)) \(doing(guessed)) is concluded from `satisfies` and "
                + "their descriptions; other tables and indexes that are touched besides are not charged. Sizes and dollars can "
                + "be far too low"
        )
    }
    let silent = working.filter { $0.operations.isEmpty && $0.unsolvedReason == nil }
    if !silent.isEmpty {
        caveats.append(
            "No document that is given says what \(counted(silent)) \(doing(silent)) in DynamoDB (--model, --mapping): nothing is "
                + "charged for it")
    }
    let unrated = working.filter { $0.peakRPS == nil && !$0.operations.isEmpty }
    if !unrated.isEmpty {
        caveats.append("No rate is given for \(counted(unrated)) (--patterns): nothing is charged for it")
    }
    let unsized = document.contract.tables.filter { table in
        table.entities.contains { table.estimatedItemSizeInBytes(of: $0.name) == nil }
    }
    if !unsized.isEmpty {
        caveats.append(
            "The contract gives no size for items of \(Figures.list(unsized.map(\.name))): "
                + "\(Figures.whole(Double(assumptions.itemSizeInBytes))) bytes are taken (--assume item-size-bytes)")
    }
    return caveats
}

struct CapacityReckoning {
    let defaults: CapacityAssumptions
    private let contract: MigrationContract
    private let tables: [String: ContractTable]
    private let works: [String: PatternWork]
    private let nested: NestedKinds

    init(
        contract: MigrationContract, patterns: [AccessPattern], defaults: CapacityAssumptions,
        works: [String: PatternWork]
    ) {
        nested = NestedKinds(patterns, works, defaults)
        self.contract = contract
        self.defaults = defaults
        self.works = works
        tables = Dictionary(contract.tables.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    func demand(of pattern: AccessPattern) -> PatternDemand {
        var demand = PatternDemand(
            pattern: pattern, callsPerSecond: pattern.peakRPS ?? 0,
            averageCallsPerSecond: pattern.averageRPS ?? pattern.peakRPS ?? 0, charges: [], assumptions: [])
        func note(_ text: String, _ moved: String) {
            demand.assumptions.append(Assumption(text: text, moved: "\(pattern.id): \(moved)"))
        }
        if pattern.type != .none && pattern.peakRPS == nil {
            note("no document gives a rate: 0 calls a second", "all its units")
        }
        if pattern.peakRPS != nil && pattern.averageRPS == nil {
            note("no document gives an average rate: the peak is taken", "dollars a month")
        }
        if pattern.operations.isEmpty {
            if pattern.type == .none {
                note("it does no work in DynamoDB", "no units")
            } else {
                let reason = pattern.unsolvedReason.map { "the model leaves it to something else (\($0))" }
                note(reason ?? "no document says what it does in DynamoDB", "no units")
            }
        }
        let work = works[pattern.id] ?? PatternWork()
        for step in work.steps {
            for call in step.calls {
                guard let table = tables[call.operation.table] else { continue }
                let moved = "\(call.operation.operation) on \(OperationCost.place(call.operation))"
                for text in [step.asked.guess].compactMap(\.self) + step.reasons { note(text, moved) }
                var cost = OperationCost(
                    call, of: pattern, table: table, rate: demand.callsPerSecond, defaults: defaults,
                    nested: nested)
                demand.charges += call.operation.isWrite ? cost.write() : [cost.read()]
                for assumption in cost.assumptions { note(assumption.text, assumption.moved) }
            }
        }
        for omission in work.omissions {
            let place = OperationCost.place(omission.operation)
            // What is read anyway needs no word.
            guard
                !demand.charges.contains(where: {
                    $0.table == omission.operation.table && $0.index == omission.operation.index
                })
            else { continue }
            note("\(omission.reason): \(place) is not read", "no units of \(place)")
        }
        var seen: Set<Assumption> = []
        demand.assumptions.removeAll { !seen.insert($0).inserted }
        return demand
    }

    func resources(of patterns: [PatternDemand]) -> [ResourceDemand] {
        var touching: [ResourceName: [PatternDemand]] = [:]
        for demand in patterns {
            let places = Set(demand.charges.map { ResourceName($0.table, $0.index) })
            for place in places { touching[place, default: []].append(demand) }
        }
        return contract.tables.flatMap { table in
            let places = [ResourceName(table.name, nil)] + table.indexes.map { ResourceName(table.name, $0.name) }
            return places.map { resource($0, demands: touching[$0] ?? []) }
        }
    }

    private func resource(_ place: ResourceName, demands: [PatternDemand]) -> ResourceDemand {
        var resource = ResourceDemand(table: place.table, index: place.index)
        var seen: Set<Assumption> = []
        for demand in demands {
            let charges = demand.charges.filter { $0.table == place.table && $0.index == place.index }
            resource.add(charges, of: demand)
            for assumption in demand.assumptions where assumption.moved.hasSuffix(" \(place.text)") {
                if seen.insert(assumption).inserted { resource.assumptions.append(assumption) }
            }
        }
        resource.contributions.sort { left, right in
            let leftUnits = left.readUnitsPerSecond + left.writeUnitsPerSecond
            let rightUnits = right.readUnitsPerSecond + right.writeUnitsPerSecond
            return leftUnits == rightUnits ? left.pattern < right.pattern : leftUnits > rightUnits
        }
        return resource
    }
}

extension ResourceDemand {
    fileprivate mutating func add(_ charges: [Charge], of demand: PatternDemand) {
        var contribution = Contribution(pattern: demand.pattern.id, readUnitsPerSecond: 0, writeUnitsPerSecond: 0)
        for charge in charges {
            contribution.readUnitsPerSecond += charge.readUnitsPerSecond
            contribution.writeUnitsPerSecond += charge.writeUnitsPerSecond
            averageReadUnitsPerSecond += charge.readUnitsPerCall * demand.averageCallsPerSecond
            averageWriteUnitsPerSecond += charge.writeUnitsPerCall * demand.averageCallsPerSecond
        }
        // A transaction that touches two kinds of items of one table is one call to it.
        for operation in Set(charges.map(\.operation)) {
            if PatternOperation.writes.contains(operation) {
                writeCallsPerSecond += demand.callsPerSecond
            } else {
                readCallsPerSecond += demand.callsPerSecond
            }
        }
        readUnitsPerSecond += contribution.readUnitsPerSecond
        writeUnitsPerSecond += contribution.writeUnitsPerSecond
        contributions.append(contribution)
    }
}
