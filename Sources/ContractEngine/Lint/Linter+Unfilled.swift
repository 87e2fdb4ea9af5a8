internal import ContractModel

extension Linter {
    /// Keys of indexes that the contract computes, and that no rule of an item's layout makes.
    func unfilledKeys() -> [Finding] {
        entities.flatMap { view -> [Finding] in
            EntityLayout(table: view.table, entity: view.entity).fields.filter(\.isAskedFor).map { field in
                finding(
                    .indexKeyNotFilled, at: view.marks(of: field.name)?.start ?? view.marks?.start,
                    about: view.subject(field.name),
                    "\(view.subject(field.name)), the key of an index, is computed of "
                        + "\(Figures.list(field.madeOf.map(\.shown))) in a way that repositories do not carry out: they do not fill "
                        + "it in, and ask for it instead.",
                    advice:
                        "Make it by one condition, on a column's being NULL or on the values of one that is stored as it is; else give "
                        + "it with each item and each change of these.")
            }
        }
    }
}
