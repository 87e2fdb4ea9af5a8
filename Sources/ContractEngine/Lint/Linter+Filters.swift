internal import ContractModel

extension Linter {
    /// Reads of an index that filter by an attribute which is not in it.
    func filters() -> [Finding] {
        patterns.filter(\.isServed).compactMap { pattern in
            let calls = calls(of: pattern)
            // What is read from the table afterwards has all its attributes.
            guard calls.count == 1, let call = calls.first, ["Query", "Scan"].contains(call.operation),
                let index = known.table(named: call.table)?.indexes.first(where: { $0.name == call.index }),
                let view = access.view(of: call),
                let name = filter(of: pattern).first(where: { view.lacks($0, in: index) })
            else { return nil }
            let holds = if case .include = index.projection { "only what it includes" } else { "its keys alone" }
            let place = place(of: pattern)
            return finding(
                .filterNotProjected, in: place.file, at: place.position, about: pattern.id,
                "\(pattern.id)\(pattern.summary.isEmpty ? "" : " (\(pattern.summary))") filters \(OperationCost.place(call)) by "
                    + "\(name), and the index holds \(holds): the filter sees no \(name) there.",
                advice:
                    "Project \(name), put it into the index's key, or read the items from \(call.table) and filter those."
            )
        }
    }

    /// What the documents say that a pattern filters by.
    private func filter(of pattern: AccessPattern) -> [String] {
        let mapped = isOutright(pattern.id) ? nil : known.mappingRow(of: pattern.id)
        let own = known.row(of: pattern.id)?.operations.map(\.text) ?? []
        return ([mapped?.operations, mapped?.notes].compactMap(\.self) + own + pattern.notes).flatMap(FilterWords.names)
    }
}

/// What words such as "Query with FilterExpression priority > 5" and "filter on status" filter by.
private enum FilterWords {
    private static let filters: Set = ["filter", "filters", "filtered", "filtering", "filterexpression"]
    /// Words of a filter that is none of DynamoDB's, or of one that is not there.
    private static let others: Set = [
        "client", "application", "app", "service", "memory", "code", "lambda", "after", "afterwards", "then", "no",
        "not", "never", "without", "avoid", "avoids", "instead", "table", "ui", "frontend", "browser", "user", "users",
    ]
    /// Words with which something else begins: "filter on status, returns the title".
    private static let ends: Set = [
        "return", "returns", "returning", "project", "projects", "projection", "projectionexpression", "select", "sort",
        "sorted", "order", "ordered", "limit", "set", "show", "shows", "give", "gives", "with",
    ]

    /// The words that follow in the same clause: the one who asks knows which of them are attributes.
    static func names(in text: String) -> [String] {
        text.split(whereSeparator: { ";.\n".contains($0) }).flatMap { clause -> [String] in
            let words = clause.split { !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != "-" }.map(String.init)
            guard let start = words.firstIndex(where: { filters.contains($0.lowercased()) }),
                others.isDisjoint(with: words.flatMap { $0.lowercased().split(separator: "-").map(String.init) })
            else { return [] }
            return Array(words[(start + 1)...].prefix { !ends.contains($0.lowercased()) })
        }
    }
}

extension EntityView {
    /// Whether that is an attribute of the item's own which the index does not hold. What its keys are made of is taken for these.
    fileprivate func lacks(_ name: String, in index: ContractIndex) -> Bool {
        guard attribute(name) != nil else { return false }
        let keys = [table.partitionKey, table.sortKey, index.partitionKey, index.sortKey].compactMap { $0?.name }
        let made = [partition, sort, partition(of: index), sort(of: index)].compactMap { $0?.values.map(\.name) }
            .joined()
        guard !keys.contains(name), !made.contains(name) else { return false }
        switch index.projection {
        case .all: return false
        case .keysOnly: return true
        case .include(let names): return !names.contains(name)
        }
    }
}
