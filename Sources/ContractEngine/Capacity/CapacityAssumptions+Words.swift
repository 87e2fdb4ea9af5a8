internal import ContractModel

/// Why an assumption cannot be set: one sentence with what to write instead.
public struct AssumptionError: Error, Equatable, Sendable {
    /// The sentence.
    public var message: String
}

extension CapacityAssumptions {
    /// Every assumption that can be set, with what it is, for the help and the document.
    public static let words: [(name: String, meaning: String)] = [
        ("items-per-query", "items that a Query reads, before any filter (1)"),
        ("items-per-scan", "items that a Scan reads (100)"),
        ("items-per-batch", "items of each table in a batch or transaction (1)"),
        ("items-per-call.AP8", "items of one pattern's calls; items-per-call.AP29.Products: of one table"),
        ("changes.AP34", "attributes that a pattern's updates change, parted by commas; an index's key costs double"),
        ("consistency", "of reads: eventual or strong (eventual)"),
        ("item-size-bytes", "of an item without an estimate (1024)"),
        ("items.Users", "items in a table, for storage; items.Users.ORDER: of one kind"),
        (
            "share-percent.Users.GSI1",
            "items that are in an index, of those whose kind has its keys (the documents', else 100)"
        ),
        (
            "write-share-percent.AP8",
            "writes of a pattern that enter its sparse indexes (the share of items); write-share-percent.AP8.GSI1: one of them"
        ),
        ("utilization-percent", "of provisioned capacity, that is meant to be used (70)"),
        ("price-factor", "the region's prices as a multiple of us-east-1's (1)"),
    ]

    /// Sets an assumption by its word: "items-per-query", "20".
    public mutating func set(_ name: String, to text: String) throws(AssumptionError) {
        let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
        if parts.count == 2 { return try set(parts[0], of: parts[1], to: text, name: name) }
        switch name {
        case "items-per-query": itemsPerQuery = try number(name, text, 1...1e9)
        case "items-per-scan": itemsPerScan = try number(name, text, 1...1e12)
        case "items-per-batch": itemsPerBatch = try number(name, text, 1...100)
        case "item-size-bytes": itemSizeInBytes = Int(try number(name, text, 1...409_600))
        case "utilization-percent": utilizationTarget = try number(name, text, 1...100) / 100
        case "price-factor": prices.factor = try number(name, text, 0.1...10)
        case "consistency":
            guard let value = ReadConsistency(rawValue: text), value != .transactional else {
                throw AssumptionError(message: "the assumption consistency is \(text); it must be eventual or strong")
            }
            consistency = value
        default: throw unknown(name)
        }
    }

    private mutating func set(
        _ word: String, of subject: String, to text: String, name: String
    ) throws(AssumptionError) {
        switch word {
        case "share-percent": indexShares[subject] = try number(name, text, 0...100) / 100
        case "write-share-percent": writeShares[place(ofPattern: subject)] = try number(name, text, 0...100) / 100
        case "items": itemCounts[subject] = try number(name, text, 0...1e15)
        case "items-per-call":
            itemsPerCall[place(ofPattern: subject)] = try number(name, text, 1...1e9)
        case "changes":
            let names = text.split(separator: ",").map(\.trimmed).filter { !$0.isEmpty }
            changedAttributes[PatternID.canonical(subject)] = Set(names)
        default: throw unknown(name)
        }
    }

    /// "ap8.Products" names the pattern as documents do.
    private func place(ofPattern subject: String) -> String {
        let parts = subject.split(separator: ".", maxSplits: 1).map(String.init)
        return ([PatternID.canonical(parts[0])] + parts.dropFirst()).joined(separator: ".")
    }

    private func number(
        _ name: String, _ text: String, _ range: ClosedRange<Double>
    ) throws(AssumptionError) -> Double {
        guard let value = Double(text), range.contains(value) else {
            throw AssumptionError(
                message:
                    "the assumption \(name) is \(text); it must be a number from \(Figures.short(range.lowerBound)) "
                    + "to \(Figures.short(range.upperBound))")
        }
        return value
    }

    private func unknown(_ name: String) -> AssumptionError {
        let known = CapacityAssumptions.words.map(\.name).joined(separator: ", ")
        return AssumptionError(message: "there is no assumption \(name); there are \(known)")
    }

    /// What was given in place of a default, as it is written: "items-per-query=20".
    public var given: [String] {
        let standard = CapacityAssumptions()
        func text(_ name: String, _ value: Double, unless usual: Double) -> [String] {
            value == usual ? [] : ["\(name)=\(Figures.short(value))"]
        }
        var found = text("items-per-query", itemsPerQuery, unless: standard.itemsPerQuery)
        found += text("items-per-scan", itemsPerScan, unless: standard.itemsPerScan)
        found += text("items-per-batch", itemsPerBatch, unless: standard.itemsPerBatch)
        found += itemsPerCall.sorted { $0.key < $1.key }.map { "items-per-call.\($0.key)=\(Figures.short($0.value))" }
        found += changedAttributes.sorted { $0.key < $1.key }
            .map { "changes.\($0.key)=\($0.value.sorted().joined(separator: ","))" }
        if consistency != standard.consistency { found.append("consistency=\(consistency.rawValue)") }
        found += text("item-size-bytes", Double(itemSizeInBytes), unless: Double(standard.itemSizeInBytes))
        found += itemCounts.sorted { $0.key < $1.key }.map { "items.\($0.key)=\(Figures.short($0.value))" }
        found += indexShares.sorted { $0.key < $1.key }.map {
            "share-percent.\($0.key)=\(Figures.short($0.value * 100))"
        }
        found += writeShares.sorted { $0.key < $1.key }.map {
            "write-share-percent.\($0.key)=\(Figures.short($0.value * 100))"
        }
        found += text("utilization-percent", utilizationTarget * 100, unless: standard.utilizationTarget * 100)
        return found + text("price-factor", prices.factor, unless: standard.prices.factor)
    }

    /// Names of tables, kinds and patterns that the assumptions speak of and the documents do not have.
    public func strangers(in document: ContractDocument) -> [String] {
        let contract = document.contract
        let places = contract.tables.flatMap { table in
            [table.name] + table.entities.map { "\(table.name).\($0.name)" }
        }
        let indexes = contract.tables.flatMap { table in table.indexes.map { "\(table.name).\($0.name)" } }
        let patterns = Set(document.patterns.map(\.id))
        func isKnown(_ key: String) -> Bool {
            let parts = key.split(separator: ".", maxSplits: 1).map(String.init)
            return patterns.contains(parts[0]) && (parts.count == 1 || contract.table(named: parts[1]) != nil)
        }
        func isWritten(_ key: String) -> Bool {
            let parts = key.split(separator: ".", maxSplits: 1).map(String.init)
            return patterns.contains(parts[0])
                && (parts.count == 1 || contract.tables.contains { $0.index(named: parts[1]) != nil })
        }
        let found =
            itemCounts.keys.filter { !places.contains($0) }.map { "items.\($0)" }
            + indexShares.keys.filter { !indexes.contains($0) }.map { "share-percent.\($0)" }
            + itemsPerCall.keys.filter { !isKnown($0) }.map { "items-per-call.\($0)" }
            + writeShares.keys.filter { !isWritten($0) }.map { "write-share-percent.\($0)" }
            + changedAttributes.keys.filter { !patterns.contains($0) }.map { "changes.\($0)" }
        return (found + strangeChanges(in: document)).sorted()
    }

    /// "changes.AP4=colour": attributes that nothing has which the pattern writes.
    private func strangeChanges(in document: ContractDocument) -> [String] {
        changedAttributes.flatMap { id, changed -> [String] in
            guard let pattern = document.pattern(id) else { return [] }
            let written = Set(pattern.operations.filter(\.isWrite).map(\.table))
            let tables = document.contract.tables.filter { written.isEmpty || written.contains($0.name) }
            let known = tables.reduce(into: Set<String>()) { known, table in
                for entity in table.entities { known.formUnion(KeyParts.all(of: entity, in: table)) }
            }
            return changed.subtracting(known).map { "changes.\(id)=\($0)" }
        }
    }

    /// Reads a file of assumptions: YAML or JSON, `items-per-query: 20`, `items: {Users: 1000000}`.
    public static func read(
        _ source: SourceText, over base: CapacityAssumptions = CapacityAssumptions()
    ) throws(ContractError) -> CapacityAssumptions {
        var assumptions = base
        var problems: [ContractError.Problem] = []
        for value in try NamedValue.read(source) {
            do {
                try assumptions.set(value.path.joined(separator: "."), to: value.text)
            } catch {
                problems.append(value.problem(error.message, in: source))
            }
        }
        guard problems.isEmpty else { throw ContractError(problems: problems) }
        return assumptions
    }
}
