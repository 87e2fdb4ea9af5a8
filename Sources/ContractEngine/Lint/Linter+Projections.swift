internal import ContractModel

extension Linter {
    /// Attributes that an index is to hold besides its keys, against what its items have.
    func projections() -> [Finding] {
        eachIndexFindings { table, index, marks in
            guard case .include(let names) = index.projection else {
                return [unusedList(of: index, of: table, marks)].compactMap(\.self)
            }
            let views = known.views(of: table.name).filter { $0.appears(in: index) }
            let keys = [table.partitionKey, table.sortKey, index.partitionKey, index.sortKey].compactMap { $0?.name }
            var seen: Set<String> = []
            var told: Set<String> = []
            return names.compactMap { name -> Finding? in
                let isAgain = !seen.insert(name).inserted
                let isKnown = views.isEmpty || keys.contains(name) || views.contains { $0.attribute(name) != nil }
                guard isAgain || !isKnown, told.insert(name).inserted else { return nil }
                return finding(
                    .projectedAttribute, at: marks?.projection ?? marks?.start,
                    about: "\(table.name).\(index.name).\(name.shown)",
                    isAgain
                        ? "\(index.name) of \(table.name) projects \(name.shown) twice."
                        : "\(index.name) of \(table.name) projects \(name.shown), which no item in it has.",
                    advice: isAgain
                        ? "Name it once."
                        : "Correct the name, add the attribute, or take it out of `projected_attributes`.")
            }
        }
    }

    /// A list of attributes beside a projection that takes none.
    private func unusedList(of index: ContractIndex, of table: ContractTable, _ marks: IndexMarks?) -> Finding? {
        guard let place = marks?.unusedAttributes else { return nil }
        let (projection, holds) =
            index.projection == .all ? ("ALL", "holds everything") : ("KEYS_ONLY", "holds none of them")
        return finding(
            .projectedAttribute, at: place, about: "\(table.name).\(index.name)",
            "\(index.name) of \(table.name) lists `projected_attributes` and projects \(projection): it \(holds), whatever the list says.",
            advice: "Project INCLUDE, or take the list out.")
    }

    /// More attributes than DynamoDB projects: of an index, and of all indexes of a table.
    func projectedCounts() -> [Finding] {
        let each = eachIndex { table, index, marks in
            let count = index.listedAttributes
            guard count > ProjectionLimit.ofIndex else { return nil }
            return finding(
                .tooManyProjected, at: marks?.projection ?? marks?.start, about: "\(table.name).\(index.name)",
                "\(index.name) of \(table.name) lists \(count) attributes; DynamoDB takes \(ProjectionLimit.ofIndex) of an index.",
                advice: "Project ALL, or list only what the index's patterns read.")
        }
        return each
            + tables.enumerated().compactMap { number, table in
                let count = table.indexes.reduce(0) { $0 + $1.listedAttributes }
                guard count > ProjectionLimit.ofTable else { return nil }
                return finding(
                    .tooManyProjected, at: marks(of: number)?.start, about: table.name,
                    "The indexes of \(table.name) list \(count) attributes, each counted wherever it is listed; DynamoDB takes "
                        + "\(ProjectionLimit.ofTable) of a table.",
                    advice: "Project ALL where an index lists many, or list only what its patterns read.")
            }
    }

    /// Keys of which both parts are one attribute.
    func repeatedKeys() -> [Finding] {
        let own = tables.enumerated().compactMap { number, table in
            repeated(table.partitionKey, table.sortKey, of: table.name, at: marks(of: number)?.sortKey)
        }
        return own
            + eachIndex { table, index, marks in
                repeated(index.partitionKey, index.sortKey, of: "\(table.name).\(index.name)", at: marks?.sortKey)
            }
    }

    private func repeated(
        _ partition: KeyAttribute, _ sort: KeyAttribute?, of place: String, at position: Position?
    ) -> Finding? {
        guard partition.name == sort?.name else { return nil }
        return finding(
            .keyRepeated, at: position, about: place,
            "\(partition.name.shown) is both the partition key and the sort key of \(place): DynamoDB refuses such a key.",
            advice: "Take `sk` out, or name another attribute.")
    }

    private func eachIndexFindings(_ body: (ContractTable, ContractIndex, IndexMarks?) -> [Finding]) -> [Finding] {
        tables.enumerated().flatMap { number, table in
            table.indexes.enumerated().flatMap { place, index in body(table, index, marks(of: number, index: place)) }
        }
    }
}

extension ContractIndex {
    /// How many attributes it lists.
    fileprivate var listedAttributes: Int { if case .include(let names) = projection { names.count } else { 0 } }
}

/// Attributes that indexes may list.
/// Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Projection.html (of one), and
/// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html (of a table)
private enum ProjectionLimit {
    static let ofIndex = 20
    static let ofTable = 100
}
