internal import ContractModel

extension Linter {
    /// Joins that do not follow the column which their attribute names.
    func ignoredColumns() -> [Finding] {
        entities.flatMap { view in
            view.entity.attributes.compactMap { ignoredColumn($0, in: view) ?? columnOfAnother($0, in: view) }
        }
    }

    /// A value that is called after the joined table, while its join follows a column that points elsewhere and the row has one that points
    /// there: `patient_surname` found by `doctor_id` beside `patient_id`.
    private func columnOfAnother(_ attribute: ContractAttribute, in view: EntityView) -> Finding? {
        guard let step = attribute.join?.steps.first, attribute.join?.steps.count == 1,
            step.table != view.entity.sourceTable,
            let pairs = step.columnPairs, pairs.count == 1, let pair = pairs.first,
            let led = pair.local.name.pointedAt, led != NameStem.of(step.table),
            NameStem.ofColumn(pair.joined.name) == "id" || pair.joined.name.pointedAt == NameStem.of(step.table)
        else { return nil }
        let words = NameStem.words(attribute.name).map { NameStem.of($0) }
        let meant = NameStem.words(step.table).map { NameStem.of($0) }
        guard words.starts(with: meant), !words.contains(led),
            let right = view.entity.attributes.first(where: {
                $0.join == nil && $0.calculation == nil && $0.columnNames.count == 1
                    && $0.columnNames.first?.pointedAt == NameStem.of(step.table)
            })?.columnNames.first
        else { return nil }
        return finding(
            .joinIgnoresColumn, at: view.marks(of: attribute.name)?.join, about: view.subject(attribute.name),
            "\(attribute.name) of \(view.name) is a value of \(step.table.shown) by its name, and its join follows "
                + "\(pair.local.name.shown), while \(right.shown) points to \(step.table.shown): it finds the row of another id.",
            advice:
                "Let the join follow \(right.shown); or call the value after what \(pair.local.name.shown) points to.")
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

extension String {
    /// The stem of what a column points to: "patient" of `patient_id`; nil for a column that points nowhere by its name.
    fileprivate var pointedAt: String? {
        let stem = NameStem.ofColumn(self)
        return stem == NameStem.of(self) ? nil : stem
    }
}
