internal import ContractModel

extension ContractReader {
    /// Reads a join of either dialect. What lacks something that its type needs is kept as unknown, for lint to name.
    mutating func read(
        join element: DocumentNode, into attribute: inout ContractAttribute, in list: AttributeListReader
    ) {
        guard element.objectValue != nil else {
            problem(element, "the join of \(attribute.name) is \(element.kindName); it must be an object")
            return
        }
        if element["local_column"] != nil {
            readOlder(join: element, into: &attribute, owner: list.source)
            return
        }
        var type = typeName(of: element)
        if type.isEmpty, element["target_table"] != nil {
            type = "foreign-key"
            guess(element, "The join of \(attribute.name) gives no type; it names a table, so it is a foreign key.")
        }
        let kind = kind(ofJoin: element, type: type, attribute: attribute, in: list)
        attribute.join = ContractJoin(
            kind ?? .unknown(unknown(element, type: type)), nullValue: element["null_value"]?.scalarText)
    }

    private func kind(
        ofJoin element: DocumentNode, type: String, attribute: ContractAttribute, in list: AttributeListReader
    ) -> ContractJoin.Kind? {
        switch type {
        case "self-join":
            let own = attribute.sourceTable ?? list.source
            return step(element, table: element["target_table"]?.stringValue ?? own).map { .selfJoin($0) }
        case "foreign-key": return step(element).map { .foreignKey($0) }
        case "multi-column": return step(element).map { .multiColumn($0) }
        case "lookup-table": return step(element).map { .lookupTable($0) }
        case "conditional":
            guard let condition = element["condition"]?.stringValue, let step = step(element) else { return nil }
            return .conditional(
                ConditionalJoin(
                    condition: SourceCondition(condition), step: step,
                    elseValue: element["else_value"]?.scalarText.map {
                        SourceExpression(value: $0, columns: list.columns)
                    }))
        case "chain":
            let steps = (element["joins"]?.arrayValue ?? []).map { step($0) }
            guard !steps.isEmpty, !steps.contains(where: { $0 == nil }) else { return nil }
            return .chain(
                ChainJoin(steps: steps.compactMap(\.self), separator: element["chain_separator"]?.stringValue))
        case "json-construction": return construction(element).map { .jsonConstruction($0) }
        default: return nil
        }
    }

    private func step(_ element: DocumentNode, table: String? = nil) -> JoinStep? {
        guard let table = table ?? element["target_table"]?.stringValue, !table.isEmpty else { return nil }
        let conditions = conditions(element)
        guard !conditions.isEmpty, let select = selection(element["select_column"]) else { return nil }
        return JoinStep(
            table: table, alias: element.first("join_alias", "alias")?.stringValue, conditions: conditions,
            select: select)
    }

    func conditions(_ element: DocumentNode) -> [SourceCondition] {
        let given = element.first("join_condition", "join_conditions")
        let texts = given?.stringValue.map { [$0] } ?? given?.arrayValue?.compactMap(\.stringValue) ?? []
        return texts.filter { !$0.isEmpty }.map { SourceCondition($0) }
    }

    /// One column, an expression, or several columns, which are put together.
    private func selection(_ node: DocumentNode?) -> SourceExpression? {
        if let text = node?.stringValue, !text.isEmpty { return SourceExpression(text) }
        let parts = node?.arrayValue?.compactMap(\.stringValue) ?? []
        guard !parts.isEmpty else { return nil }
        return SourceExpression("CONCAT(\(parts.joined(separator: ", ")))")
    }

    private func construction(_ element: DocumentNode) -> JSONConstruction? {
        guard let table = element["target_table"]?.stringValue, let body = element["construction"],
            let shape = body["type"]?.stringValue.flatMap({ JSONConstruction.Shape(rawValue: $0.lowercased()) }),
            let columns = body["select_columns"]?.objectValue, !columns.isEmpty
        else { return nil }
        let conditions = conditions(element)
        guard !conditions.isEmpty else { return nil }
        let members = columns.compactMap { member in
            member.value.scalarText.map { JSONConstruction.Member(name: member.name, value: SourceExpression($0)) }
        }
        guard members.count == columns.count else { return nil }
        return JSONConstruction(
            table: table, conditions: conditions, shape: shape, members: members,
            order: body["order_by"]?.stringValue.map { JSONConstruction.order($0) } ?? [],
            limit: body["limit"]?.doubleValue.flatMap { $0 >= 1 && $0 <= 1e9 ? Int($0) : nil })
    }

    /// The older dialect: `source_table` and `source_column` of the attribute are the joined row's, and the join names the two
    /// columns that lead there. The joined table may stand in the join, as its `source_table` or `target_table`, instead; an
    /// attribute that then names a third one cannot be followed. In the model the attribute's source is its own row's, as in the
    /// newer dialect.
    private mutating func readOlder(join element: DocumentNode, into attribute: inout ContractAttribute, owner: String?)
    {
        let given = element.first("source_table", "target_table", "table")?.stringValue
        let isFollowed = given == nil || attribute.sourceTable == nil || [given, owner].contains(attribute.sourceTable)
        guard isFollowed, let local = element["local_column"]?.stringValue,
            let column = attribute.sourceColumns.first, let joined = joinedColumn(of: element, bringing: column),
            let table = given ?? attribute.sourceTable
        else {
            attribute.join = ContractJoin(.unknown(unknown(element, type: "")))
            return
        }
        let isSelf = table == owner
        let name = isSelf ? "joined_\(table)" : table
        let step = JoinStep(
            table: table, alias: isSelf ? name : nil,
            conditions: [
                SourceCondition(
                    SourceColumn(table: name, name: joined), equals: SourceColumn(table: owner, name: local))
            ],
            select: SourceExpression(SourceColumn(table: name, name: column)))
        attribute.join = ContractJoin(
            isSelf ? .selfJoin(step) : .foreignKey(step), nullValue: element["null_value"]?.scalarText)
        attribute.sourceTable = owner
        attribute.sourceColumns = [local]
    }

    /// The joined row's column that the local one leads to. A join that names it as its target may name as its source what the attribute
    /// is read from.
    private func joinedColumn(of element: DocumentNode, bringing column: String) -> String? {
        let (source, target) = (element["source_column"]?.stringValue, element["target_column"]?.stringValue)
        return source == column ? target ?? source : source ?? target
    }
}
