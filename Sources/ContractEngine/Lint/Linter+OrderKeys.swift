internal import ContractModel

extension Linter {
    /// Patterns that ask for a range or an order which the key of what they Query cannot give.
    func orderKeys() -> [Finding] {
        patterns.filter(\.isServed).flatMap { pattern -> [Finding] in
            calls(of: pattern).lazy.filter { $0.operation == "Query" }.compactMap { query -> Finding? in
                guard let view = access.view(of: query), let key = QueriedKey(of: query, view) else { return nil }
                return rangeOutsideKey(query, pattern, view, key) ?? orderOutsideKey(query, pattern, view, key)
            }.prefix(1).map(\.self)
        }
    }

    /// A range of a value that the caller names and of which the key is not made.
    private func rangeOutsideKey(
        _ query: PatternOperation, _ pattern: AccessPattern, _ view: EntityView, _ key: QueriedKey
    ) -> Finding? {
        let operations = operationsText(of: pattern)
        let isCompared = OrderWords.compare(in: operations)
        let texts = [pattern.summary] + pattern.keyAttributes
        guard isCompared || texts.contains(where: OrderWords.askForRange) else { return nil }
        let told = access.names.known(to: pattern).compactMap(view.attribute).first {
            ($0.isTime || $0.type == .N) && !key.isMade(of: $0)
        }
        // That it has room for one item is what `key-holds-one` tells.
        let isTold = query.index == nil && !key.isOrdered && query.itemsPerCall ?? 1 > 1
        guard let told, !isTold, !isFiltered(told.name, in: [operations] + pattern.notes) else { return nil }
        var found = orderFinding(
            query, pattern, "a range of \(told.name)", key,
            "a Query of one partition takes a range of its sort key and of nothing else.",
            advice:
                "Make the sort key begin with \(told.name), or name an index that has it; what a filter takes out is paid for."
        )
        if isCompared { found.severity = .error }
        return found
    }

    /// Whether the documents say that the value is a filter: what is read is paid for, and a filter chooses.
    private func isFiltered(_ name: String, in texts: [String]) -> Bool {
        texts.contains { text in
            text.split { ",;.".contains($0) }.contains { $0.lowercased().contains("filter") && $0.contains(name) }
        }
    }

    /// An order of a value that the key has not, or any order where nothing in the key has one.
    private func orderOutsideKey(
        _ query: PatternOperation, _ pattern: AccessPattern, _ view: EntityView, _ key: QueriedKey
    ) -> Finding? {
        let asksForOrder = OrderWords.askForOrder(pattern.summary) || query.isDescending == true
        if let attribute = OrderWords.ordering(pattern.summary, among: view.entity.attributes),
            !key.isMade(of: attribute)
        {
            return orderFinding(
                query, pattern, "an order by \(attribute.name)", key,
                "what a Query reads is in the order of the sort key.",
                advice:
                    "Make the sort key begin with \(attribute.name), or sort what is read where a page holds all of it."
            )
        }
        if OrderWords.askForTime(pattern.summary), key.isWithoutTime(in: view) {
            return orderFinding(
                query, pattern, "an order of time", key, "what a Query reads is in the order of the sort key.",
                advice: "Make the sort key begin with the time, or sort what is read where a page holds all of it.")
        }
        // The last of what there is one of needs no order.
        let isList = query.itemsPerCall ?? 1 > 1 || OrderWords.askForList(pattern.summary)
        guard asksForOrder, query.index != nil, !key.isOrdered, isList else { return nil }
        return orderFinding(
            query, pattern, "an order", key, "items with the same partition key come in no order that means anything.",
            advice: "Give \(OperationCost.place(query)) a sort key of what orders them, or sort what is read.")
    }

    private func orderFinding(
        _ query: PatternOperation, _ pattern: AccessPattern, _ what: String, _ key: QueriedKey, _ why: String,
        advice: String
    ) -> Finding {
        let place = place(of: pattern)
        let summary = pattern.summary.isEmpty ? "" : " (\(pattern.summary))"
        return finding(
            .orderNotInKey, in: place.file, at: place.position, about: pattern.id,
            "\(pattern.id)\(summary) asks for \(what), and \(OperationCost.place(query)), which it Queries, \(key.told): "
                + why, advice: advice)
    }
}

/// The key that a Query reads by, as one kind of item makes it.
private struct QueriedKey {
    private let names: Set<String>
    private let partition: [String]
    private let sort: [String]?
    private let sortKey: KeyAttribute?

    init?(of query: PatternOperation, _ view: EntityView) {
        let parts = KeyParts(table: view.table, entity: view.entity)
        let layout = EntityLayout(table: view.table, entity: view.entity)
        func fields(_ key: KeyAttribute) -> [String] { layout.key(named: key.name)?.rule.fields ?? [key.name] }
        guard let name = query.index else {
            names = parts.fixed
            partition = fields(view.table.partitionKey)
            sortKey = view.table.sortKey
            sort = sortKey.map(fields)
            return
        }
        guard let index = view.table.index(named: name), view.appears(in: index) else { return nil }
        names = [index.partitionKey, index.sortKey].compactMap(\.self).reduce(into: []) {
            $0.formUnion(parts.names(of: $1, in: index))
        }
        partition = fields(index.partitionKey)
        sortKey = index.sortKey
        sort = sortKey.map(fields)
    }

    /// Whether it is made of what the attribute holds, or of what that is computed of.
    func isMade(of attribute: ContractAttribute) -> Bool {
        names.contains(attribute.name) || !names.isDisjoint(with: attribute.columnNames)
    }

    /// Whether its sort key tells items of one partition apart.
    var isOrdered: Bool { sort?.contains { !partition.contains($0) } ?? false }

    /// Whether a kind that has a time has none in that sort key, nor anything else that may follow it: an id, a number, a version.
    func isWithoutTime(in view: EntityView) -> Bool {
        guard let sortKey, isOrdered, view.entity.attributes.contains(where: { $0.isTime && !isMade(of: $0) }) else {
            return false
        }
        return (sort ?? []).filter { !partition.contains($0) }.allSatisfy { field in
            guard let attribute = view.attribute(field), attribute.calculation == nil, attribute.join == nil,
                attribute.transformation == nil, Self.counts.isDisjoint(with: NameStem.words(field))
            else { return false }
            return [.text, .email].contains(KeyValue(field, key: sortKey.name, in: view).kind)
        }
    }

    /// Words of what grows as time goes on.
    private static let counts: Set = [
        "version", "revision", "seq", "sequence", "position", "ordinal", "index", "rank", "order", "step", "season",
        "edition", "period", "quarter", "ulid", "ksuid", "generation", "round", "batch", "build", "release",
    ]

    /// "is sorted by unit".
    var told: String {
        guard let sortKey else { return "has no sort key" }
        guard isOrdered, let sort else { return "has the same sort key \(sortKey.name) for all items of a partition" }
        return "is sorted by \(Figures.list(sort))"
    }
}
