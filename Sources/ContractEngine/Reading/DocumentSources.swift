internal import ContractModel

/// The documents as they were read, with the places of everything.
package struct DocumentSources: Sendable {
    package var reading: ContractReading?
    package var listing: PatternListing?
    package var model: DataModel?
    package var overlay: Overlay?
    package var interfaces: InterfaceListing?
    /// The documents' bytes, by their names.
    var texts: [String: [UInt8]] = [:]

    package init(reading: ContractReading? = nil) { self.reading = reading }

    /// The patterns of all documents, each once: the contract's own first where it has one, its gaps filled from the table;
    /// then, for what only `satisfies` names, a pattern without a rate.
    func rows(for contract: MigrationContract) -> [PatternRow] {
        let inline = Dictionary(
            (reading?.patterns ?? []).map { ($0.pattern.id, $0) }, uniquingKeysWith: { first, _ in first })
        var rows = (listing?.rows ?? []).map { row in
            inline[row.pattern.id].map { DocumentSources.filled($0, from: row) } ?? row
        }
        var known = Set(rows.map(\.pattern.id))
        for row in reading?.patterns ?? [] where known.insert(row.pattern.id).inserted { rows.append(row) }
        if rows.isEmpty {
            for table in contract.tables {
                for id in table.satisfies where known.insert(id).inserted {
                    rows.append(
                        PatternRow(pattern: AccessPattern(id: id), file: "", position: Position(line: 1)))
                }
            }
        }
        return rows
    }

    /// The ids that the patterns have, in whatever form.
    var patternNames: PatternNames {
        let rows = (listing?.rows ?? []) + (reading?.patterns ?? [])
        let claimed = reading?.contract.tables.flatMap(\.satisfies) ?? []
        return PatternNames(rows.map(\.pattern.id) + claimed)
    }

    private static func filled(_ row: PatternRow, from other: PatternRow) -> PatternRow {
        var filled = row
        if filled.pattern.summary.isEmpty { filled.pattern.summary = other.pattern.summary }
        if filled.pattern.keyAttributes.isEmpty { filled.pattern.keyAttributes = other.pattern.keyAttributes }
        if row.operations.isEmpty {
            if other.saysType || !row.saysType {
                filled.pattern.type = other.pattern.type
                (filled.saysType, filled.typeIsOwn) = (other.saysType, other.typeIsOwn)
            }
            filled.operations = other.operations
        }
        filled.pattern.peakRPS = row.pattern.peakRPS ?? other.pattern.peakRPS
        filled.pattern.averageRPS = row.pattern.averageRPS ?? other.pattern.averageRPS
        filled.pattern.serviceLevel = row.pattern.serviceLevel ?? other.pattern.serviceLevel
        filled.pattern.notes += other.pattern.notes
        filled.consistency = row.consistency ?? other.consistency
        filled.itemsPerCall = row.itemsPerCall ?? other.itemsPerCall
        return filled
    }

    /// Puts the data model's reasons beside the tables and indexes that they are about.
    func addReasons(to contract: inout MigrationContract) {
        guard let model else { return }
        let names = NameResolver(contract: contract)
        let places = Dictionary(
            contract.tables.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        func add(_ reason: DesignReason, table: String, index: String?, to contract: inout MigrationContract) {
            guard let place = places[table] else { return }
            let inside = index.flatMap { name in contract.tables[place].indexes.firstIndex { $0.name == name } }
            if let inside {
                contract.tables[place].indexes[inside].reasons.append(reason)
            } else {
                contract.tables[place].reasons.append(reason)
            }
        }
        for section in model.tables {
            for reason in section.reasons { add(reason, table: section.table, index: nil, to: &contract) }
            for index in section.indexes {
                for reason in index.reasons { add(reason, table: section.table, index: index.index, to: &contract) }
            }
        }
        for named in model.namedReasons {
            guard let place = names.exact(named.name) ?? names.resolve(OperationText.bareName(named.name)) else {
                continue
            }
            add(named.reason, table: place.table, index: place.index, to: &contract)
        }
    }

    /// What is wrong in the overlay, and names given outright, in any document, that the contract has not.
    ///
    /// - Parameter isWhole: whether every document could be read, so that a pattern which none has is a mistake.
    func problems(isWhole: Bool) -> [ContractError.Problem] {
        let resolver = reading.map { NameResolver(contract: $0.contract) }
        var problems = overlay?.problems(against: resolver) ?? []
        guard let names = resolver else { return problems }
        if isWhole, let overlay, let stranger = overlay.strangers(to: Set(rows(for: names.contract).map(\.pattern.id)))
        {
            problems.append(stranger)
        }
        var seen: Set<String> = []
        for row in reading?.patterns ?? [] {
            if !seen.insert(row.pattern.id).inserted {
                problems.append(
                    ContractError.Problem(
                        file: row.file, at: row.position,
                        text: "\(row.pattern.id) stands twice in `access_patterns`; keep one"))
            }
        }
        for row in (reading?.patterns ?? []) + (listing?.rows ?? []) {
            problems += row.operations.compactMap {
                PatternResolver.problem(of: $0, pattern: row.pattern.id, file: row.file, names)
            }
        }
        return problems
    }

    /// The older dialect may name patterns in `satisfies` by their descriptions: put their ids in place.
    mutating func replaceDescriptions(in contract: inout MigrationContract) {
        let rows = (listing?.rows ?? []) + (reading?.patterns ?? [])
        var ids: [String: String] = [:]
        for row in rows where !row.pattern.summary.isEmpty { ids[row.pattern.summary.lowercased()] = row.pattern.id }
        guard !ids.isEmpty else { return }
        for table in contract.tables.indices {
            for index in contract.tables[table].indexes.indices {
                contract.tables[table].indexes[index].satisfies = contract.tables[table].indexes[index].satisfies.map {
                    ids[$0.lowercased()] ?? $0
                }
            }
            for index in contract.tables[table].satisfies.indices {
                let text = contract.tables[table].satisfies[index]
                guard let id = ids[text.lowercased()] else { continue }
                contract.tables[table].satisfies[index] = id
                let marks = reading?.marks.tables[table].satisfied[text]
                reading?.marks.tables[table].satisfied[id] = marks
            }
        }
        reading?.contract = contract
    }
}
