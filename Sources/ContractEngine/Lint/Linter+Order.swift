internal import ContractModel

extension Linter {
    /// Patterns that ask for a range or an order of numbers which stand in a sort key as their digits.
    func order() -> [Finding] {
        patterns.filter(\.isServed).flatMap { pattern -> [Finding] in
            orderedQueries(of: pattern).compactMap { textualOrder($0, of: pattern) }.prefix(1).map(\.self)
        }
    }

    /// Patterns that ask for a range or an order of dates which stand in a sort key day or month first.
    func dateOrder() -> [Finding] {
        patterns.filter(\.isServed).flatMap { pattern -> [Finding] in
            orderedQueries(of: pattern).compactMap { unsortedDate($0, of: pattern) }.prefix(1).map(\.self)
        }
    }

    /// The pattern's Queries, where its words or the documents of its operations ask for an order or a range.
    private func orderedQueries(of pattern: AccessPattern) -> [PatternOperation] {
        let asks = OrderWords.ask(in: pattern, operations: operationsText(of: pattern))
        return calls(of: pattern).filter { $0.operation == "Query" && (asks || $0.isDescending == true) }
    }

    /// What the pattern's own row, and the mapping's where it counts, say of its operations.
    func operationsText(of pattern: AccessPattern) -> String {
        let mapped = isOutright(pattern.id) ? nil : known.mappingRow(of: pattern.id)?.operations
        let own = known.row(of: pattern.id)?.operations.map(\.text) ?? []
        return (own + [mapped].compactMap(\.self)).joined(separator: "; ")
    }

    private func unsortedDate(_ query: PatternOperation, of pattern: AccessPattern) -> Finding? {
        guard let view = access.view(of: query), let first = view.firstSorted(in: query.index),
            let dates = first.layout.field(named: first.field)?.dates, case .pieces = dates.form, !dates.sortsByTime
        else { return nil }
        let place = place(of: pattern)
        let summary = pattern.summary.isEmpty ? "" : " (\(pattern.summary))"
        return finding(
            .dateSortsAsText, in: place.file, at: place.position, about: pattern.id,
            "\(pattern.id)\(summary) asks for an order or a range of \(view.name) in \(OperationCost.place(query)), and the date "
                + "\(first.field) stands first in the sort key \(first.sort.name) as \(dates.source.shown): as texts, such dates do not "
                + "sort by time.",
            advice: "Write the date with the year first, of four digits: YYYY-MM-DD.")
    }

    private func textualOrder(_ query: PatternOperation, of pattern: AccessPattern) -> Finding? {
        guard let view = access.view(of: query), let number = view.numberSortedAsText(in: query.index) else {
            return nil
        }
        let place = place(of: pattern)
        let summary = pattern.summary.isEmpty ? "" : " (\(pattern.summary))"
        let why =
            number.others.isEmpty
            ? ""
            : ", which is a text since \(Figures.list(number.others)) \(number.others.count == 1 ? "has" : "have") one"
        return finding(
            .numberSortsAsText, in: place.file, at: place.position, about: pattern.id,
            "\(pattern.id)\(summary) asks for an order or a range of \(view.name) in \(OperationCost.place(query)), and the digits "
                + "of the number \(number.field) stand first in the sort key \(number.key)\(why): as texts, 10 comes before 9.",
            advice:
                "Write the number with leading zeros, let the key be a number for every kind of item, or sort what is read."
        )
    }
}

extension EntityView {
    /// A number that comes first of what tells items of one partition apart, and the key that holds it as a text.
    fileprivate func numberSortedAsText(in index: String?) -> (field: String, key: String, others: [String])? {
        guard let (first, sort, layout) = firstSorted(in: index), isNumber(first, in: layout) else { return nil }
        // A number alone would be a number, were it not for kinds of items that have a text there.
        let isAlone = layout.key(named: sort.name)?.rule.copiedField == first
        let others =
            !isAlone ? [] : table.entities.filter { $0.name != entity.name && $0.holdsText(in: sort, of: table) }
        return (first, sort.name, others.map(\.name))
    }

    /// What comes first in a sort key that is a text of what tells items of one partition apart.
    fileprivate func firstSorted(in index: String?) -> (field: String, sort: KeyAttribute, layout: EntityLayout)? {
        let found = index.flatMap { table.index(named: $0) }
        guard let sort = index == nil ? table.sortKey : found?.sortKey, sort.type == .S else { return nil }
        let partition = found?.partitionKey ?? table.partitionKey
        let layout = EntityLayout(table: table, entity: entity)
        let fixed = layout.key(named: partition.name)?.rule.fields ?? [partition.name]
        let fields = layout.key(named: sort.name)?.rule.fields ?? [sort.name]
        return fields.first { !fixed.contains($0) }.map { ($0, sort, layout) }
    }

    /// Whether a field is a number by its type or by its source's, and nothing writes it in a form of its own.
    private func isNumber(_ field: String, in layout: EntityLayout) -> Bool {
        if layout.field(named: field)?.type == .N { return true }
        guard let attribute = attribute(field), attribute.transformation == nil, attribute.join == nil,
            attribute.calculation == nil, let type = attribute.sourceType?.lowercased()
        else { return false }
        return ["int", "integer", "bigint", "smallint", "mediumint", "decimal", "numeric"].contains {
            type == $0 || type.hasPrefix("\($0)(") || type.hasPrefix("\($0) ")
        }
    }
}

extension ContractEntity {
    fileprivate func holdsText(in key: KeyAttribute, of table: ContractTable) -> Bool {
        let layout = EntityLayout(table: table, entity: self)
        guard let rule = layout.key(named: key.name)?.rule else { return attribute(named: key.name)?.type == .S }
        guard let field = rule.copiedField else { return true }
        return layout.field(named: field)?.type != .N
    }
}
