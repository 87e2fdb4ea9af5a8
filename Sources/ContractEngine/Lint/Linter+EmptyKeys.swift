internal import ContractModel

extension Linter {
    /// Keys that a constant of a condition or a `null_value` makes empty.
    func emptyKeys() -> [Finding] {
        entities.flatMap { view in
            view.keys.compactMap { key -> Finding? in
                let hole = key.template.map(\.bareHole) ?? key.attribute.name
                guard let hole, let attribute = view.source(of: hole, key: key.attribute.name) ?? view.attribute(hole),
                    let what = attribute.emptyText
                else { return nil }
                return finding(
                    .keyTextEmpty, at: view.marks(of: attribute.name)?.start ?? key.position(in: view),
                    about: view.subject(key.attribute.name),
                    "\(what) of \(attribute.name) is an empty text, and \(attribute.name) is "
                        + "\(attribute.name == key.attribute.name ? "a" : "all of \(key.attribute.name), a") key of \(key.place)\(view.inEntity): "
                        + "DynamoDB refuses an item with an empty key, so that such rows make none.",
                    advice:
                        "Leave the key out of them with \"NULL\": an item without an index's key is only not in the index. A key of the table "
                        + "needs a text.")
            }
        }
    }
}

extension ContractAttribute {
    /// What the contract calls the constant that is an empty text: "`else_value`"; nil where there is none.
    fileprivate var emptyText: String? {
        func isEmpty(_ value: SourceExpression?) -> Bool { value?.constantText?.isEmpty ?? false }
        if let text = nullValue ?? join?.nullValue, text.isEmpty { return "`null_value`" }
        if case .conditional(let join)? = join?.kind {
            if isEmpty(join.elseValue) { return "`else_value`" }
            if isEmpty(join.step.select) { return "the value" }
        }
        guard case .cases(let cases)? = calculation else { return nil }
        if isEmpty(cases.otherwise) { return "`else`" }
        return cases.branches.contains { isEmpty($0.then) } ? "a `then`" : nil
    }
}
