/// Keys of which a condition decides whether there is one, or what it is made of.
extension LayoutReading {
    /// A rule that depends on one column, by its being NULL or by its value: a conditional join, or a CASE of one branch.
    func conditionalRule(of attribute: ContractAttribute) -> KeyRule? {
        let decision: SourceCondition
        let (value, otherwise): (KeyTemplate??, KeyTemplate??)
        if case .conditional(let join)? = attribute.join?.kind, attribute.calculation == nil {
            decision = join.condition
            value = template(join.step.select, of: attribute, joinedBy: join.step)
            otherwise = join.elseValue.map { template($0, of: attribute, joinedBy: join.step) } ?? .some(nil)
        } else if case .cases(let cases)? = attribute.calculation, cases.branches.count == 1 {
            decision = cases.branches[0].when
            value = template(cases.branches[0].then, of: attribute, joinedBy: nil)
            otherwise = cases.otherwise.map { template($0, of: attribute, joinedBy: nil) } ?? .some(nil)
        } else {
            return nil
        }
        guard let value, let otherwise, let condition = condition(decision, besides: attribute.name) else { return nil }
        return KeyRule(condition: condition, value: value, otherwise: otherwise)
    }

    /// The condition on a stored field; nil where no field tells whether it holds.
    func condition(_ decision: SourceCondition, besides key: String) -> KeyRule.Condition? {
        if let column = decision.absentColumn ?? decision.presentColumn {
            // In whatever form a value is written, it is there exactly where the column has one.
            let field = storedAttribute(of: .column(column.name), besides: key) {
                $0.tellsNull(of: column.name)
            }
            return field.map { KeyRule.Condition(field: $0.name, isAbsent: decision.absentColumn != nil) }
        }
        guard let (column, forms) = decision.wantedValues,
            let field = storedAttribute(of: .column(column.name), besides: key, where: { $0.transformation == nil })
        else { return nil }
        // Of a number, more than one value is true.
        if case .isTrue = decision.form, field.type != .BOOL { return nil }
        var values: [String] = []
        for form in forms {
            guard let text = field.type.text(of: form) else { return nil }
            values.append(text)
        }
        return KeyRule.Condition(field: field.name, isOneOf: values)
    }

    /// What an expression gives as a key: a text, a field, or nothing; nil where that is not known of stored fields.
    private func template(
        _ expression: SourceExpression, of key: ContractAttribute, joinedBy step: JoinStep?
    ) -> KeyTemplate?? {
        switch expression.form {
        case .null: return .some(nil)
        case .text(let text): return key.transformation == nil ? .some(KeyTemplate(text)) : nil
        case .column(let column):
            let isOwn =
                column.table == nil || step == nil
                || (column.table == entity.sourceTable && step?.table != entity.sourceTable)
            guard let origin = isOwn ? .column(column.name) : step.flatMap({ origin(of: column, in: $0) }),
                let field = storedField(of: origin, writtenBy: key.transformation)
            else { return nil }
            return .some(KeyTemplate("{\(field)}"))
        default: return nil
        }
    }

    /// The stored fields that decide a key of an index which no rule makes; none where it is no such key, or is computed of nothing
    /// that the item stores.
    func decidingFields(of attribute: ContractAttribute) -> [String] {
        guard isIndexKey(attribute.name) else { return [] }
        var names: [String] = []
        for column in attribute.decidingColumns(of: entity.sourceTable) {
            for other in entity.attributes
            where other.name != attribute.name && !KeyName.isSynthetic(other.name) && !names.contains(other.name)
                && origin(of: other) == .column(column)
            {
                names.append(other.name)
            }
        }
        return names
    }

    /// Whether a computed key holds nothing but constants and columns that other attributes store.
    func holdsOnlyStored(_ attribute: ContractAttribute) -> Bool {
        attribute.resultingColumns.allSatisfy { column in
            guard column.table == nil || column.table == entity.sourceTable else { return false }
            return entity.attributes.contains {
                $0.name != attribute.name && !KeyName.isSynthetic($0.name) && origin(of: $0) == .column(column.name)
            }
        }
    }

    private func isIndexKey(_ name: String) -> Bool {
        guard name != table.partitionKey.name, name != table.sortKey?.name else { return false }
        return table.indexes.contains { index in
            entity.appears(in: index, of: table) && [index.partitionKey.name, index.sortKey?.name].contains(name)
        }
    }
}

extension ContractAttribute {
    /// Whether the attribute is there exactly where its one column has a value.
    fileprivate func tellsNull(of column: String) -> Bool {
        if case .stringFormat(let template)? = transformation, template.placeholders != [column] { return false }
        if case .unknown? = transformation { return false }
        // What stands for NULL in a BOOL is a value of it as well.
        return textForNull == nil || type == .S || type == .N
    }

    /// The columns of the own row that a condition or a calculation reads; none of a value that is just taken from a row.
    fileprivate func decidingColumns(of table: String?) -> [String] {
        var columns: [SourceColumn] = []
        if case .cases(let cases)? = calculation { columns = cases.branches.flatMap(\.when.columns) }
        if calculation == nil, case .conditional(let join)? = join?.kind { columns = join.condition.columns }
        return (columns + resultingColumns).filter { $0.table == nil || $0.table == table }.map(\.name)
    }

    /// The columns of which a condition or a calculation makes the value.
    fileprivate var resultingColumns: [SourceColumn] {
        switch calculation {
        case .cases(let cases)?: cases.branches.flatMap(\.then.columns) + (cases.otherwise?.columns ?? [])
        case .concat(let concat)?: concat.parts.flatMap(\.columns)
        case .dateMath(let math)?: [math.date, math.other, math.amount].compactMap(\.self).flatMap(\.columns)
        case .aggregate?, .unknown?: []
        case nil:
            if case .conditional(let join)? = join?.kind {
                join.step.select.columns + (join.elseValue?.columns ?? [])
            } else {
                []
            }
        }
    }
}

extension SourceCondition {
    /// The column and the constants of which it must be one, where the condition says that and nothing else.
    fileprivate var wantedValues: (SourceColumn, [SourceExpression.Form])? {
        switch form {
        case .comparison(.column(let column), .equal, let value), .comparison(let value, .equal, .column(let column)):
            return (column, [value])
        case .isOneOf(.column(let column), let values): return (column, values)
        case .isTrue(.column(let column)): return (column, [.bool(true)])
        default: return nil
        }
    }
}

extension AttributeType {
    /// A constant as a value of the type stands in keys, true and false by these words; nil where it is none of the type.
    fileprivate func text(of form: SourceExpression.Form) -> String? {
        switch (self, form) {
        case (.S, .text(let text)): text
        case (.N, .number(let text)), (.N, .text(let text)): Int(text).map { String($0) }
        case (.N, .bool(let flag)): flag ? "1" : "0"
        case (.BOOL, .bool(let flag)): flag ? "true" : "false"
        case (.BOOL, .number("1")): "true"
        case (.BOOL, .number("0")): "false"
        default: nil
        }
    }
}

/// Where an index's key must not be, by a stored field, of a key whose value no rule makes: "WHEN done_at IS NULL", of a row of
/// another table.
package struct KeyExclusion: Sendable, Hashable {
    /// The key attribute.
    package var key: String
    /// What decides.
    package var condition: KeyRule.Condition
    /// Whether there must be none where it holds; else where it does not.
    package var whereItHolds: Bool

    /// Of the keys of indexes that no rule makes.
    package static func all(of entity: ContractEntity, in table: ContractTable) -> [KeyExclusion] {
        var reading = LayoutReading(table: table, entity: entity)
        let layout = reading.layout()
        return layout.fields.filter { !$0.madeOf.isEmpty }.compactMap { field in
            guard let attribute = entity.attribute(named: field.name), attribute.textForNull ?? "" == "",
                let (decision, value, otherwise) = attribute.decision,
                let condition = reading.condition(decision, besides: field.name)
            else { return nil }
            switch (value.isNothing, otherwise.isNothing) {
            case (false, true): return KeyExclusion(key: field.name, condition: condition, whereItHolds: false)
            case (true, false): return KeyExclusion(key: field.name, condition: condition, whereItHolds: true)
            default: return nil
            }
        }
    }
}

extension ContractAttribute {
    /// The one condition, what is taken where it holds, and what where it does not.
    fileprivate var decision: (SourceCondition, SourceExpression?, SourceExpression?)? {
        if case .conditional(let join)? = join?.kind, calculation == nil {
            return (join.condition, join.step.select, join.elseValue)
        }
        guard case .cases(let cases)? = calculation, cases.branches.count == 1 else { return nil }
        return (cases.branches[0].when, cases.branches[0].then, cases.otherwise)
    }
}

extension SourceExpression? {
    /// Whether no key comes of it: nothing, NULL, or an empty text, which DynamoDB takes for no key.
    fileprivate var isNothing: Bool {
        guard let form = self?.form else { return true }
        return form == .null || form == .text("")
    }
}
