internal import ContractModel

extension Linter {
    /// Attributes that an index is to hold besides its keys, against what its items have.
    func projections() -> [Finding] {
        eachIndexFindings { table, index, marks in
            guard case .include(let names) = index.projection else { return [] }
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
