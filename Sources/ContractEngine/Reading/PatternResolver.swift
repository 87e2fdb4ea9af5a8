internal import ContractModel

/// Brings together what the documents say each pattern does: the overlay and the pattern's own operations come first; else
/// the model's mapping, the contract's `satisfies` and the model's index sections are all charged, because where they
/// disagree the larger demand is the safe one.
struct PatternResolver {
    let contract: MigrationContract
    let overlay: Overlay?
    let model: DataModel?
    let names: NameResolver
    private let keyNames: KeyNames
    private let choices = TableChoices()
    let mapped: [String: [DataModel.MappingRow]]
    private let claims: [String: [ContractTable]]
    private let listed: [String: [(table: String, index: String)]]
    private let unsolved: [String: String]

    init(contract: MigrationContract, overlay: Overlay?, model: DataModel?) {
        self.contract = contract
        self.overlay = overlay
        self.model = model
        names = NameResolver(contract: contract)
        keyNames = KeyNames(contract.tables)
        var mapped: [String: [DataModel.MappingRow]] = [:]
        for row in model?.mapping ?? [] {
            for id in row.ids { mapped[id, default: []].append(row) }
        }
        self.mapped = mapped
        claims = PatternResolver.claims(of: contract)
        var listed: [String: [(table: String, index: String)]] = [:]
        for section in model?.tables ?? [] {
            for index in section.indexes {
                for id in Set(index.served.map(\.id)) { listed[id, default: []].append((section.table, index.index)) }
            }
        }
        self.listed = listed
        unsolved = Dictionary(
            (model?.unsolved ?? []).map { ($0.id, $0.reason) }, uniquingKeysWith: { first, _ in first })
    }

    private static func claims(of contract: MigrationContract) -> [String: [ContractTable]] {
        var claims: [String: [ContractTable]] = [:]
        for table in contract.tables {
            for id in table.satisfies { claims[id, default: []].append(table) }
        }
        return claims
    }

    func resolve(_ row: PatternRow) -> AccessPattern {
        var pattern = row.pattern
        let typeGuess = row.saysType ? nil : settleType(of: &pattern)
        pattern.unsolvedReason = unsolved[pattern.id]
        pattern.notes += (mapped[pattern.id] ?? []).map(\.notes).filter { !$0.isEmpty }
        let written = overlay?.operations[pattern.id] ?? row.operations
        let cells = (mapped[pattern.id] ?? []).map(\.operations) + row.operations.map(\.text)
        for change in cells.compactMap(OperationText.change(in:)) where !pattern.notes.contains(change) {
            pattern.notes.append(change)
        }
        if !written.isEmpty {
            for operation in written.flatMap({ operations($0, for: pattern, of: row.entities) })
            where !pattern.operations.contains(operation) {
                pattern.operations.append(operation)
            }
            pattern.unsolvedReason = nil
        } else if pattern.isServed {
            // What the model leaves to something else does no work here, whichever table claims it.
            let mapped = mapping(for: pattern, of: row.entities).operations
            pattern.operations = mapped + claimed(by: pattern, of: row.entities, beyond: mapped)
            let known = pattern.operations
            pattern.operations += indexed(by: pattern, of: row.entities).filter { operation in
                !known.contains {
                    $0.operation == operation.operation && $0.index == operation.index && $0.table == operation.table
                }
            }
        }
        for index in pattern.operations.indices {
            let operation = pattern.operations[index]
            if operation.consistency == nil && !operation.isWrite {
                pattern.operations[index].consistency =
                    row.consistency ?? consistency(of: operation, by: row, for: pattern)
            }
            if let typeGuess { pattern.operations[index].add(guess: typeGuess) }
        }
        if let items = row.itemsPerCall ?? mappedItems(of: pattern.id) {
            PatternResolver.share(items, among: &pattern.operations)
        }
        return pattern
    }

    /// The items of a call by the mapping, where it has one row of the pattern; of several each counts its own.
    private func mappedItems(of id: String) -> Double? {
        guard let rows = mapped[id], rows.count == 1 else { return nil }
        return rows[0].itemsPerCall
    }

    /// Gives the items of a call to the operations that have none of their own: those of one batch or one transaction share them.
    private static func share(_ items: Double, among operations: inout [PatternOperation]) {
        let open = operations.indices.filter { operations[$0].itemsPerCall == nil }
        for (name, sharing) in Dictionary(grouping: open, by: { operations[$0].operation }) {
            let areTogether = name.hasPrefix("Transact") || name.hasPrefix("Batch")
            guard areTogether, sharing.count > 1 else {
                for index in sharing { operations[index].itemsPerCall = items }
                continue
            }
            let each = max(1, items / Double(sharing.count))
            let tables = sharing.map { OperationCost.place(operations[$0]) }.uniqued(besides: [])
            let places = tables.count > 1 ? tables : sharing.map { operations[$0].entity ?? tables[0] }
            let guess =
                "of the \(Figures.short(items)) items of its call each of \(Figures.list(places)) is taken to have "
                + Figures.short(each)
            for index in sharing {
                operations[index].itemsPerCall = each
                operations[index].add(guess: guess)
            }
        }
    }

    /// Whether a pattern reads or writes, where its row does not say so: by what the mapping does, else by its description; and what
    /// was guessed.
    private func settleType(of pattern: inout AccessPattern) -> String? {
        let overlaid = (overlay?.operations[pattern.id] ?? []).compactMap(\.operation)
        let texts = (mapped[pattern.id] ?? []).map { OperationText($0.operations) }
        let writes = (overlaid + texts.flatMap(\.operations)).map(PatternOperation.writes.contains)
        if let first = writes.first {
            let areClear = Set(writes).count == 1 || !texts.contains(where: \.areAlternatives)
            if areClear {
                pattern.type = first || writes.contains(true) ? .write : .read
                return nil
            }
        }
        guard let type = PatternVerb.type(of: pattern.summary) else {
            return "no document says whether it reads or writes, nor does its description: taken as a read"
        }
        pattern.type = type
        return "no document says whether it reads or writes: a \(type.rawValue), by its description"
    }

    /// What the mapping says a pattern does, and the names that no rule could place.
    ///
    /// - Parameter entities: kinds of items that the pattern's own row names.
    func mapping(
        for pattern: AccessPattern, of entities: [String] = []
    ) -> (operations: [PatternOperation], unplaced: [String]) {
        guard let rows = mapped[pattern.id] else { return ([], []) }
        var operations: [PatternOperation] = []
        var unplaced: [String] = []
        for row in rows {
            var added: [PatternOperation] = []
            for (name, written) in pairs(of: row, for: pattern) {
                guard let resolved = names.resolve(name).map({ redirected($0, written, by: row.operations) }),
                    let table = names.table(named: resolved.table)
                else {
                    unplaced.append(name)
                    continue
                }
                let text = "\(row.operations) \(row.notes)"
                let entities = PatternResolver.entities(entities, else: row.entities, in: table)
                for operation in make(written, at: resolved, in: table, for: pattern, of: entities, text: text) {
                    let isKnown = (operations + added).contains {
                        $0.operation == operation.operation && $0.table == operation.table
                            && $0.index == operation.index && (entities.count < 2 || $0.entity == operation.entity)
                    }
                    guard !isKnown else { continue }
                    added.append(operation)
                    if !operation.isWrite, let consistency = row.consistency {
                        added[added.count - 1].consistency = consistency
                    }
                }
            }
            if rows.count > 1, let items = row.itemsPerCall { PatternResolver.share(items, among: &added) }
            operations += added
        }
        return (operations, unplaced)
    }

    /// The kinds of items that a pattern's own row names, or where the table has none of these, those that the mapping names.
    private static func entities(
        _ own: [String], else mapped: [String], in table: ContractTable
    ) -> [String] {
        func isKnown(_ name: String) -> Bool { table.entity(called: name) != nil }
        return own.contains(where: isKnown) || !mapped.contains(where: isKnown) && !own.isEmpty ? own : mapped
    }

    private func pairs(of row: DataModel.MappingRow, for pattern: AccessPattern) -> [(name: String, operation: String?)]
    {
        OperationText.pairs(row.names, OperationText(row.operations), for: pattern)
    }

    /// The operation: of several kinds of items that its row names, a batch or a transaction touches each.
    private func make(
        _ written: String?, at place: ResolvedName, in table: ContractTable, for pattern: AccessPattern,
        of entities: [String], text: String = ""
    ) -> [PatternOperation] {
        let told = entities.compactMap { table.entity(called: $0)?.name }
        var made = make(written, at: place, in: table, for: pattern, told: told.first, text: text)
        if table.isMultiEntity, let first = entities.first, told.isEmpty {
            made.isGuess = true
            let reason = "its row names the entity \(first.shown), which \(table.name) has not"
            made.guess = ([reason] + [made.guess].compactMap(\.self)).joined(separator: "; ")
        }
        guard told.count > 1 else { return [made] }
        guard made.isTransactional || made.operation.hasPrefix("Batch") else {
            var one = made
            one.isGuess = true
            let reason = "of \(told.joined(separator: ", ")), which its row names, \(told[0]) is taken"
            one.guess = ([made.guess].compactMap(\.self) + [reason]).joined(separator: "; ")
            return [one]
        }
        return told.map { make(written, at: place, in: table, for: pattern, told: $0, text: text) }
    }

    private func make(
        _ written: String?, at place: ResolvedName, in table: ContractTable, for pattern: AccessPattern, told: String?,
        text: String
    ) -> PatternOperation {
        var reasons = [place.guess].compactMap(\.self)
        // Which operation it is where no document names one is told below, once the kind of item is known.
        var operation = PatternOperation(
            operation: written ?? (pattern.type == .write ? "PutItem" : "Query"), table: table.name, index: place.index,
            entity: told ?? place.entity)
        // An index is never written: a write goes to the table, and the table's writes reach its indexes by themselves.
        if operation.isWrite { operation.index = nil }
        if operation.entity == nil, let index = operation.index.flatMap({ table.index(named: $0) }), table.isMultiEntity
        {
            let chosen = choices.choice(in: table)?.choose(for: pattern, by: written, in: index, text: text)
            operation.entity = chosen?.name
            if choices.entities(in: index, of: table).count > 1, let chosen {
                reasons.append("of \(table.name).\(index.name) it reads \(chosen.name): \(chosen.reason)")
            }
        }
        if operation.entity == nil,
            let choice = choices.choice(in: table)?.choose(for: pattern, by: written, text: text)
        {
            (operation.entity, operation.isEntityGuess) = (choice.name, choice.isGuess)
            reasons.append("in \(table.name) it touches \(choice.name): \(choice.reason)")
        }
        if written == nil {
            let index = operation.index.flatMap { table.index(named: $0) }
            let guess = OperationGuess(
                for: pattern, in: table, index: index, choices.view(of: operation.entity, in: table),
                knowing: keyNames.words(knownTo: pattern))
            (operation.operation, operation.isOperationGuess) = (guess.operation, true)
            reasons.insert(
                "no document names its operation: \(guess.operation), \(guess.ground)", at: place.guess == nil ? 0 : 1)
        }
        if !reasons.isEmpty {
            operation.isGuess = true
            operation.guess = reasons.joined(separator: "; ")
        }
        operation.readIndexByQuery(isNamed: written != nil && place.guess == nil)
        if operation.operation == "Query" {
            let texts = [text, pattern.summary] + pattern.notes
            operation.isDescending = texts.lazy.compactMap(ReadOrder.isDescending).first
            operation.limit = texts.lazy.compactMap(ReadLimit.number).first
        }
        return operation
    }

    /// Operations on tables and indexes that claim the pattern in `satisfies`, where the mapping does not place it.
    private func claimed(
        by pattern: AccessPattern, of entities: [String], beyond mapped: [PatternOperation]
    ) -> [PatternOperation] {
        let reads = pattern.type != .write
        return (claims[pattern.id] ?? []).flatMap { table -> [PatternOperation] in
            guard !mapped.contains(where: { $0.table == table.name }) else { return [] }
            let indexes = reads ? PatternResolver.claiming(pattern.id, in: table) : []
            let like = mapped.first { $0.isWrite == !reads }?.operation
            return (indexes.isEmpty ? [nil] : indexes.map(Optional.some)).flatMap { index in
                // Of an index a call reads by Query or Scan, whatever it does elsewhere.
                let name = index == nil || like == "Scan" ? like : "Query"
                let place = ResolvedName(table: table.name, index: index)
                return make(name, at: place, in: table, for: pattern, of: entities).map { made in
                    var operation = made
                    operation.isGuess = true
                    let reason =
                        "\(table.name)\(index.map { ".\($0)" } ?? "") claims it in `satisfies`"
                        + (mapped.isEmpty ? "" : ", while the mapping places it elsewhere")
                    operation.guess = ([reason] + [operation.guess].compactMap(\.self)).joined(separator: "; ")
                    return operation
                }
            }
        }
    }

    private static func claiming(_ id: String, in table: ContractTable) -> [String] {
        table.indexes.filter { $0.satisfies.contains(id) }.map(\.name)
    }

    /// Reads of indexes whose section in the model lists the pattern, where the pattern is not known to read them.
    private func indexed(by pattern: AccessPattern, of entities: [String]) -> [PatternOperation] {
        guard pattern.isServed, let places = listed[pattern.id] else { return [] }
        let mapped = mapping(for: pattern).operations
        return places.compactMap { place in
            guard !mapped.contains(where: { $0.table == place.table && $0.index == place.index }),
                let table = names.table(named: place.table), let index = table.index(named: place.index)
            else { return nil }
            let told = entities.lazy.compactMap { table.entity(called: $0)?.name }.first
            let chosen = choices.choice(in: table)?.choose(for: pattern, by: "Query", in: index)?.name
            return PatternOperation(
                operation: "Query", table: table.name, index: index.name,
                entity: table.isMultiEntity ? told ?? chosen : nil, isGuess: true,
                guess: "the model's section on \(table.name).\(index.name) lists it, its mapping does not")
        }
    }

    /// Operations that a document gives outright.
    private func operations(
        _ written: WrittenOperation, for pattern: AccessPattern, of entities: [String]
    ) -> [PatternOperation] {
        // What the mapping says of how it is done counts too.
        let mapping = (mapped[pattern.id] ?? []).map { "\($0.operations) \($0.notes)" }
        let text = ([written.text] + mapping).joined(separator: " ")
        return places(of: written, for: pattern).flatMap { named -> [PatternOperation] in
            let place = redirected(named, written.operation, by: written.text)
            guard let table = names.table(named: place.table) else { return [] }
            let mapped = (mapped[pattern.id] ?? []).flatMap(\.entities)
            let told =
                written.entity == nil ? PatternResolver.entities(entities, else: mapped, in: table) : []
            return make(written.operation, at: place, in: table, for: pattern, of: told, text: text).map {
                var made = $0
                made.consistency = written.consistency
                made.itemsPerCall = written.itemsPerCall ?? made.itemsPerCall
                made.isDescending = written.isDescending ?? made.isDescending
                return made
            }
        }
    }

    private func places(of written: WrittenOperation, for pattern: AccessPattern) -> [ResolvedName] {
        switch written.cell {
        case "":
            // The row names only what is done: where, a word beside it tells, the mapping, or a claim.
            if let place = written.words.lazy.compactMap({ names.named($0) }).first { return [place] }
            let found = (mapped[pattern.id] ?? []).flatMap(\.names).compactMap { names.resolve($0) }
            guard found.isEmpty else { return found }
            return (claims[pattern.id] ?? []).map {
                ResolvedName(table: $0.name, index: PatternResolver.claiming(pattern.id, in: $0).first)
            }
        case let cell?:
            guard let place = names.resolve(cell: cell) else { return [] }
            let own = written.indexes.lazy.compactMap { names.exact("\(place.table).\($0)") ?? names.exact($0) }.first {
                $0.index != nil && $0.table == place.table
            }
            return [place.index == nil ? own ?? place : place]
        case nil:
            guard let name = written.table ?? claims[pattern.id]?.first?.name else { return [] }
            return [ResolvedName(table: name, index: written.index, entity: written.entity)]
        }
    }

    /// Tables that a message lists at most.
    private static let mostNamesTold = 20

    /// What is wrong with an operation that a document gives outright; nil where nothing is.
    static func problem(
        of written: WrittenOperation, pattern: String, file: String, _ names: NameResolver
    ) -> ContractError.Problem? {
        func problem(_ text: String) -> ContractError.Problem {
            ContractError.Problem(file: file, at: written.position, text: text)
        }
        func known() -> String {
            let tables = names.contract.tables
            let rest = tables.count > mostNamesTold ? " or \(tables.count - mostNamesTold) more" : ""
            return tables.prefix(mostNamesTold).map(\.name).joined(separator: ", ") + rest
        }
        if let cell = written.cell {
            return cell.isEmpty || names.resolve(cell: cell) != nil
                ? nil
                : problem(
                    "\(pattern) names \(cell.shown), which is no table and no index of the contract; name one of \(known())"
                )
        }
        guard let name = written.table ?? names.claimant(of: pattern)?.name else {
            return problem("\(pattern) names no table and no table claims it; name one of \(known())")
        }
        guard let table = names.table(named: name) else {
            return problem("\(pattern) names the table \(name), which the contract has not; name one of \(known())")
        }
        if let index = written.index, table.index(named: index) == nil {
            let names = table.indexes.map(\.name).joined(separator: ", ")
            return problem(
                "\(pattern) names the index \(index), which \(name) has not; name one of \(names.isEmpty ? "none" : names)"
            )
        }
        if let entity = written.entity, table.entity(named: entity) == nil {
            let names = table.entities.map(\.name).joined(separator: ", ")
            return problem("\(pattern) names the entity \(entity), which \(name) has not; name one of \(names)")
        }
        return nil
    }
}

extension PatternOperation {
    /// Whether no document says which operation it is.
    var isNamedByRule: Bool { isOperationGuess }

    /// Says of an operation named by rule that only a Scan does what it is for.
    mutating func correctGuess(scanFor attribute: String) {
        let start = "no document names its operation: "
        let parts = guess?.split(separator: ";").map(\.trimmed) ?? []
        guess = parts.map { $0.hasPrefix(start) ? "\(start)a Scan, since no key is \(attribute)" : $0 }.joined(
            separator: "; ")
    }

    fileprivate mutating func add(guess text: String) {
        isGuess = true
        guess = ([text] + [guess].compactMap(\.self)).joined(separator: "; ")
    }

    /// An index is read by Query or Scan and by nothing else: what documents call a GetItem of one is a Query of it.
    ///
    /// - Parameter isNamed: whether the documents name both outright.
    fileprivate mutating func readIndexByQuery(isNamed: Bool) {
        guard let index, ["GetItem", "BatchGetItem", "TransactGetItems"].contains(operation) else { return }
        if isNamed { calledOnIndex = operation }
        let text = "DynamoDB has no \(operation) of an index: it is taken as a Query of \(table).\(index)"
        guess = ([guess].compactMap(\.self) + [text]).joined(separator: "; ")
        if operation == "GetItem" { itemsPerCall = 1 }
        operation = "Query"
    }
}
