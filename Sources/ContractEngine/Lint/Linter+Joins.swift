internal import ContractModel

extension Linter {
    /// Copies and their reasons.
    func copies() -> [Finding] {
        entities.flatMap { view -> [Finding] in
            let keys = Set(view.keys.map(\.attribute.name))
            return view.entity.attributes.compactMap { attribute in
                let position = view.marks(of: attribute.name)?.start
                if attribute.denormalized, attribute.justification.map(Self.saysNothing) ?? true {
                    return finding(
                        .denormalizedWithoutJustification, at: position, about: view.subject(attribute.name),
                        "\(attribute.name) of \(view.name) is denormalized, and nothing says why.",
                        advice: "Give a `justification`: the copy has to be kept fresh for as long as the reason holds."
                    )
                }
                guard !attribute.denormalized, attribute.justification == nil, !keys.contains(attribute.name),
                    attribute.copiesAnotherRow
                else { return nil }
                return finding(
                    .copyNotDeclared, at: position, about: view.subject(attribute.name),
                    "\(attribute.name) of \(view.name) copies \(attribute.joinedColumn ?? attribute.joinedTable ?? "another row's value") "
                        + "and is not marked `denormalized`: nothing refreshes it when the original changes.",
                    advice: "Mark it `denormalized` with a `justification`, or drop the copy.")
            }
        }
    }

    /// Whether a justification only holds the place of one: "TBD", "n/a", "-".
    private static func saysNothing(_ text: String) -> Bool {
        let words = text.lowercased().filter { $0.isLetter || $0.isNumber }
        return words.isEmpty
            || [
                "tbd", "tbc", "todo", "na", "none", "no", "yes", "xxx", "fixme", "null", "nil", "pending", "later",
                "unknown",
            ]
            .contains(words)
    }

    /// Joins: what they name, what they find, and what stands where they find nothing.
    func joins() -> [Finding] {
        let sources = SourceTables(entities.compactMap(\.entity.sourceTable))
        return entities.flatMap { view -> [Finding] in
            let nullable = view.nullableColumns
            return view.entity.attributes.flatMap { attribute -> [Finding] in
                [
                    unsaid(attribute, in: view, nullable), unknownName(attribute, in: view),
                    comparesItself(attribute, in: view), wrongSelfJoin(attribute, in: view, sources),
                    withoutJoin(attribute, in: view),
                ].compactMap(\.self)
            }
        }
    }

    private func unsaid(_ attribute: ContractAttribute, in view: EntityView, _ nullable: Set<String>) -> Finding? {
        guard let join = attribute.join, attribute.textForNull == nil, attribute.isNullable == nil else { return nil }
        let why: String
        switch join.kind {
        case .selfJoin: why = "a row at the top has no other"
        case .conditional(let conditional):
            guard conditional.elseValue == nil else { return nil }
            why = "its condition (\(conditional.condition.source)) may not hold"
        case .jsonConstruction, .unknown: return nil
        case .foreignKey, .multiColumn, .chain, .lookupTable:
            let isOwn = join.steps.contains { $0.table == view.entity.sourceTable }
            let column = attribute.sourceColumns.first { nullable.contains($0) }
            let index = view.table.indexes.first { index in
                !index.isSparseByDesign && [index.partitionKey, index.sortKey].contains { $0?.name == attribute.name }
            }
            // A foreign key finds its row, unless something says that it may be NULL; a lookup by anything else may not.
            let isLookup = if case .lookupTable = join.kind { true } else { false }
            let isKey =
                isLookup && [view.table.partitionKey, view.table.sortKey].contains { $0?.name == attribute.name }
            guard isOwn || column != nil || index != nil || isKey else { return nil }
            let reasons = [
                column.map { "\($0) may be NULL, by another attribute of the same item" },
                isOwn ? "a row at the top has no other" : nil,
                isKey ? "an item without it cannot be written, since it is a key of \(view.table.name)" : nil,
                index.map { "an item without it is not in \(view.table.name).\($0.name), whose key it is" },
            ]
            why = reasons.compactMap(\.self).first ?? ""
        }
        return finding(
            .joinNullUnsaid, at: view.marks(of: attribute.name)?.join, about: view.subject(attribute.name),
            "The join of \(attribute.name) of \(view.name) can find nothing (\(why)), and what then stands there is unsaid.",
            advice: "Give a `null_value` (or `else_value`), or `\"nullable\": true` where the attribute is then absent."
        )
    }

    private func unknownName(_ attribute: ContractAttribute, in view: EntityView) -> Finding? {
        var known = Set([view.entity.sourceTable, attribute.sourceTable].compactMap(\.self))
        guard !known.isEmpty else { return nil }
        var columns: [SourceColumn] = []
        for step in attribute.join?.steps ?? [] {
            known.formUnion([step.table, step.name])
            columns += step.conditions.flatMap(\.columns) + step.select.columns
        }
        switch attribute.join?.kind {
        case .conditional(let join): columns += join.condition.columns + (join.elseValue?.columns ?? [])
        case .jsonConstruction(let join):
            known.insert(join.table)
            columns +=
                join.conditions.flatMap(\.columns) + join.members.flatMap(\.value.columns)
                + join.order.flatMap(\.by.columns)
        default: break
        }
        switch attribute.calculation {
        case .aggregate(let aggregate):
            known.formUnion([aggregate.table, aggregate.alias ?? aggregate.table])
            columns += aggregate.conditions.flatMap(\.columns) + aggregate.select.columns
        case .cases(let cases):
            columns += cases.branches.flatMap { $0.when.columns + $0.then.columns } + (cases.otherwise?.columns ?? [])
        default: break
        }
        guard let stranger = columns.first(where: { column in column.table.map { !known.contains($0) } ?? false })
        else {
            return nil
        }
        let marks = view.marks(of: attribute.name)
        return finding(
            .joinUnknownName, at: marks?.join ?? marks?.calculation, about: view.subject(attribute.name),
            "\(attribute.name) of \(view.name) names \(stranger.text.shown), and \((stranger.table ?? "").shown) is neither a table "
                + "nor an alias of its join (\(known.sorted().map(\.shown).joined(separator: ", "))): it would be taken as a text, or refused.",
            advice: "Declare it with `join_alias`, or name the joined table.")
    }

    private func comparesItself(_ attribute: ContractAttribute, in view: EntityView) -> Finding? {
        let marks = view.marks(of: attribute.name)
        let step = attribute.join?.steps.first { $0.alias == nil && $0.comparesRowWithItself }
        var condition = step?.conditions.first?.source
        if case .aggregate(let aggregate)? = attribute.calculation, aggregate.alias == nil,
            aggregate.table == view.entity.sourceTable
        {
            condition = aggregate.conditions.first?.source
        }
        guard let condition else { return nil }
        return finding(
            .joinComparesRowWithItself, at: marks?.join ?? marks?.calculation, about: view.subject(attribute.name),
            "\(attribute.name) of \(view.name) is joined by \"\(condition.shown)\", which names one table on both sides: SQL "
                + "compares a row with itself.",
            advice: "Give the other row an alias with `join_alias`; here the left column is taken as the other row's.")
    }

    private func wrongSelfJoin(
        _ attribute: ContractAttribute, in view: EntityView, _ sources: SourceTables
    ) -> Finding? {
        guard case .selfJoin(let step)? = attribute.join?.kind, let local = step.columnPairs?.first?.local else {
            return nil
        }
        let words = KeyWords.of(local.name)
        guard local.name.lowercased().hasSuffix("_id"), words != KeyWords.of("id", in: step.table),
            let meant = sources.table(of: words, besides: step.table)
        else { return nil }
        return finding(
            .selfJoinOfAnotherTable, at: view.marks(of: attribute.name)?.join, about: view.subject(attribute.name),
            "\(attribute.name) of \(view.name) is a self-join of \(step.table) by \(local.name), which points to \(meant).",
            advice: "Make it a foreign-key join with the target table \(meant).")
    }

    private func withoutJoin(_ attribute: ContractAttribute, in view: EntityView) -> Finding? {
        guard attribute.join == nil, let from = attribute.sourceTable, let own = view.entity.sourceTable, from != own
        else { return nil }
        if case .aggregate? = attribute.calculation { return nil }
        return finding(
            .sourceWithoutJoin, at: view.marks(of: attribute.name)?.start, about: view.subject(attribute.name),
            "\(attribute.name) of \(view.name) comes from \(from.shown), and no join says which row of it belongs to one of \(own.shown).",
            advice: "Add a `join`.")
    }
}

/// The relational tables of a contract by the words by which a column points to one: `category_id` to `categories`.
private struct SourceTables {
    private var tables: [Set<String>: [String]] = [:]

    init(_ names: [String]) {
        for name in Set(names).sorted() { tables[KeyWords.of("id", in: name), default: []].append(name) }
    }

    func table(of words: Set<String>, besides own: String) -> String? {
        tables[words]?.prefix(2).first { $0 != own }
    }
}

extension ContractAttribute {
    /// Whether the value is another row's: a JSON construction of the row itself, or of rows that live nowhere else, is none.
    fileprivate var copiesAnotherRow: Bool {
        switch join?.kind {
        case .selfJoin, .foreignKey, .multiColumn, .lookupTable, .conditional, .chain:
            join?.steps.last?.select.columns.isEmpty == false
        case .jsonConstruction, .unknown, nil: false
        }
    }
}

extension EntityView {
    /// Columns of which some attribute says, by a condition or by itself, that they may be NULL.
    fileprivate var nullableColumns: Set<String> {
        var columns: Set<String> = []
        for attribute in entity.attributes {
            if attribute.isNullable == true, attribute.join == nil { columns.formUnion(attribute.sourceColumns) }
            if case .conditional(let join)? = attribute.join?.kind,
                let column = join.condition.absentColumn ?? join.condition.presentColumn
            {
                columns.insert(column.name)
            }
            if case .cases(let cases)? = attribute.calculation {
                columns.formUnion(cases.branches.compactMap { ($0.when.absentColumn ?? $0.when.presentColumn)?.name })
            }
        }
        return columns
    }
}
