internal import ContractModel

extension Linter {
    /// Formats without a hole that take the place of a column's values. Those of the table's own keys are meant: "#META".
    func constantFormats() -> [Finding] {
        entities.flatMap { view -> [Finding] in
            let keys = Set([view.table.partitionKey, view.table.sortKey].compactMap { $0?.name })
            let indexKeys = Set(view.keys.map(\.attribute.name)).subtracting(keys)
            let uses = view.entity.attributes.reduce(into: [String: Int]()) { uses, attribute in
                for column in attribute.columnNames { uses[column, default: 0] += 1 }
            }
            return view.entity.attributes.compactMap { attribute in
                guard let format = attribute.format, format.placeholders.isEmpty, !keys.contains(attribute.name),
                    TemplateFlaw(format) == nil
                else { return nil }
                // In a key another rule speaks of "<email>" and "%s".
                let isOtherNotation = format.otherNotation(names: { _ in false }) != nil
                guard !isOtherNotation || !indexKeys.contains(attribute.name),
                    isOtherNotation && !attribute.columnNames.isEmpty || attribute.losesValues(to: format, uses)
                else { return nil }
                let column = attribute.columnNames.sorted().first ?? attribute.name
                return finding(
                    .formatConstant,
                    at: view.marks(of: attribute.name)?.format ?? view.marks(of: attribute.name)?.start,
                    about: view.subject(attribute.name),
                    "\(view.subject(attribute.name)) has the format \"\(format.source.shown)\", which has no placeholder: every item "
                        + "gets that text in place of what \(column.shown) holds.",
                    advice:
                        "Put the value into the format in braces, \"{\(column.shown)}\"; what a function would do to it (lower case) has to "
                        + "be done before, or in a calculation.")
            }
        }
    }
}

extension ContractAttribute {
    /// Whether a constant in its place is no mark of its kind, which documents hang on any column: it goes by its column's name, is
    /// the only one that takes it, or has a function's name for its format.
    ///
    /// - Parameter uses: how many attributes take each column.
    fileprivate func losesValues(to format: KeyTemplate, _ uses: [String: Int]) -> Bool {
        let columns = columnNames
        guard !columns.isEmpty else { return false }
        let functions: Set = ["lowercase", "uppercase", "lower", "upper", "trim", "uuid", "string", "capitalize"]
        return columns.contains { $0.lowercased() == name.lowercased() || uses[$0] == 1 }
            || functions.contains(format.source.trimmed.lowercased())
    }
}
