internal import ContractModel

/// Why items of a kind can be without a key of an index, by what the contract says of the values that the key is made of.
enum KeyAbsence {
    /// The reason; nil where the contract gives no sign that the key can be absent.
    ///
    /// - Parameters:
    ///   - attribute: the kind's attribute of a name.
    ///   - countsCases: whether a CASE without ELSE is a sign; it is taken as meant where it is not.
    static func reason(
        of key: KeyAttribute, in index: ContractIndex, of table: ContractTable, _ entity: ContractEntity,
        attribute: (String) -> ContractAttribute?, countsCases: Bool
    ) -> String? {
        if let template = entity.template(of: key, of: index, in: table) {
            return template.placeholders.compactMap { hole in
                attribute(hole).flatMap { reason(of: $0, countsCases).map { "\(hole): \($0)" } }
            }.first
        }
        return attribute(key.name).flatMap { reason(of: $0, countsCases) }
    }

    private static func reason(of attribute: ContractAttribute, _ countsCases: Bool) -> String? {
        if case .cases(let cases)? = attribute.calculation, countsCases, cases.otherwise == nil {
            return "it has a value only where \(cases.branches.map(\.when.source).joined(separator: " or "))"
        }
        guard attribute.textForNull == nil, attribute.calculation == nil else { return nil }
        if attribute.isNullable == true { return "its source may be NULL" }
        switch attribute.join?.kind {
        case .selfJoin: return "its self-join may find nothing"
        case .foreignKey, .multiColumn, .chain, .lookupTable:
            // A join that is said to find its row always does.
            return attribute.isNullable == nil ? "its join may find nothing" : nil
        case .conditional, .jsonConstruction, .unknown, nil: break
        }
        if case .conditional(let join)? = attribute.join?.kind, join.elseValue == nil {
            return "its join takes place only where \(join.condition.source)"
        }
        return nil
    }
}
