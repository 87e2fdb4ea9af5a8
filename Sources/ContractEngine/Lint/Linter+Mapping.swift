internal import ContractModel

extension Linter {
    /// Names of the mapping that the contract has not, each once, where it first stands.
    func mapping() -> [Finding] {
        guard let model else { return [] }
        let names = resolver.names
        var first: [(name: String, line: Int)] = []
        var users: [String: [String]] = [:]
        for row in model.mapping where !row.ids.allSatisfy(isOutright) {
            for name in row.names where names.named(name) == nil {
                if users[name] == nil { first.append((name, row.line)) }
                users[name, default: []] += row.ids
            }
        }
        return first.map { name, line in
            let ids = Figures.list(users[name] ?? [])
            guard let guess = names.resolve(name)?.guess else {
                var unplaced = finding(
                    .mappingUnknownName, in: model.file, at: Position(line: line), about: name,
                    "The mapping of \(ids) names \(name), which the contract has not, and no rule finds what it stands for.",
                    advice:
                        "Name a table or an index of the contract (\"Products\", \"Products.GSI1\"), or say it in a `--mapping` file."
                )
                unplaced.severity = .error
                return unplaced
            }
            return finding(
                .mappingUnknownName, in: model.file, at: Position(line: line), about: name,
                "The mapping of \(ids) names \(name), which the contract has not; by rule, \(guess).",
                advice:
                    "Write the contract's own name (\"Products\", \"Products.GSI1\"), or say it in a `--mapping` file.")
        }
    }

    /// Conditions on a sort key alone: DynamoDB cannot Query by them.
    func conditions() -> [Finding] {
        guard let model else { return [] }
        return model.tables.flatMap { section -> [Finding] in
            guard let table = known.table(named: section.table) else { return [] }
            let own = section.served.compactMap {
                condition($0, partitionKey: table.partitionKey, sortKey: table.sortKey, of: table.name)
            }
            return own
                + section.indexes.flatMap { index -> [Finding] in
                    guard let found = table.index(named: index.index) else { return [] }
                    return index.served.compactMap {
                        condition(
                            $0, partitionKey: found.partitionKey, sortKey: found.sortKey,
                            of: "\(table.name).\(found.name)")
                    }
                }
        }
    }

    /// Whether the model's own section gives the pattern's condition on that table or index, so that `conditions` judges it.
    func saysCondition(_ id: String, on operation: PatternOperation) -> Bool {
        known.isJudgedByCondition(id, ResourceName(operation.table, operation.index))
    }

    private func condition(
        _ served: DataModel.ServedPattern, partitionKey: KeyAttribute, sortKey: KeyAttribute?, of place: String
    ) -> Finding? {
        guard let sortKey, served.conditionAttributes.contains(sortKey.name),
            !served.conditionAttributes.contains(partitionKey.name)
        else { return nil }
        return finding(
            .queryWithoutPartitionKey, in: model?.file, at: Position(line: served.line), about: served.id,
            "\(served.id) is to read \(place) by its sort key \(sortKey.name) without the partition key \(partitionKey.name): "
                + "that is no Query, only a Scan could do it.",
            advice:
                "Give the index a partition key that the pattern knows, or let the caller pass \(partitionKey.name) as well."
        )
    }
}
