internal import ContractModel

extension Linter {
    /// Joins that do not follow the column which their attribute names.
    func ignoredColumns() -> [Finding] {
        entities.flatMap { view in view.entity.attributes.compactMap { ignoredColumn($0, in: view) } }
    }

    /// Only a column that points to the joined table is taken for what the join is to follow: contracts name all sorts of columns beside
    /// a join.
    private func ignoredColumn(_ attribute: ContractAttribute, in view: EntityView) -> Finding? {
        guard let step = attribute.join?.steps.first, let pairs = step.columnPairs, !pairs.isEmpty,
            let column = attribute.columnNames.first, attribute.columnNames.count == 1,
            NameStem.ofColumn(column) == NameStem.of(step.table), NameStem.ofColumn(column) != NameStem.of(column),
            !pairs.contains(where: { $0.local.name == column || $0.joined.name == column }),
            attribute.sourceTable == nil || attribute.sourceTable == view.entity.sourceTable
        else { return nil }
        return finding(
            .joinIgnoresColumn, at: view.marks(of: attribute.name)?.join, about: view.subject(attribute.name),
            "\(attribute.name) of \(view.name) comes from \(column.shown), which points to \(step.table.shown), and its join compares "
                + "\(pairs[0].joined.text.shown) with \(pairs[0].local.text.shown): it finds the row of another id.",
            advice:
                "Let the condition follow the column: \"\(step.name).\(pairs[0].joined.name) = \(view.entity.sourceTable ?? view.entity.name)."
                + "\(column)\"; or correct `source_column`.")
    }
}
