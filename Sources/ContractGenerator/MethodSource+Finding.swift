internal import ContractEngine
internal import ContractModel

/// Methods whose caller does not know the key: they find the item first.
extension MethodSource {
    /// What an index finds is read, changed or deleted.
    func found(through index: ContractIndex, _ text: inout SwiftText) {
        guard operation.operation != "Query" else { return query(index, &text) }
        let key = KeyParameters(index.partitionKey, plan, in: method.pattern)
        let finding = [SwiftText.dictionary(key.values), "index: \(SwiftText.literal(index.name))"]
        found(Finding(parameters: key.parameters, value: "find", key: "findKey", arguments: finding), &text)
    }

    /// What only a Scan finds is read, changed or deleted.
    func found(byScanFor property: PropertyPlan, _ text: inout SwiftText) {
        let name = EntityPlanner.parameterName(property)
        let code = SwiftName.escaped(name)
        let parameter = "\(code): \(property.type.name)"
        let condition = Self.equality(property, code)
        guard operation.operation != "Query" else {
            consistency(&text)
            return declare(
                &text, [parameter, "pageSize: Int? = nil", "startAfter: Item? = nil", readOptions],
                returns: "Pages<TypedPage<\(type)>>", effects: "", "items.scanPages(",
                ["filter: \(condition)", "pageSize: pageSize", "startAfter: startAfter"] + pattern)
        }
        found(
            Finding(parameters: [parameter], value: "findByScan", key: "findKeyByScan", arguments: [condition]), &text)
    }

    /// Methods of `TypedRepository` that find an item, and what they take.
    private struct Finding {
        var parameters: [String]
        var value: String
        var key: String
        var arguments: [String]
    }

    private func found(_ finding: Finding, _ text: inout SwiftText) {
        let several = "- Throws: `contract` where there are several"
        guard operation.isWrite else {
            consistency(&text)
            text.doc("", several + ".")
            return declare(
                &text, finding.parameters + [readOptions], returns: "\(type)?", "try await items.\(finding.value)(",
                finding.arguments + pattern)
        }
        uniqueness(of: operation.operation == "UpdateItem" ? .change : .delete, &text)
        let ending = several + ", `itemNotFound` where there is none."
        guard operation.operation == "UpdateItem" else {
            text.doc("", "- Parameter condition: what must hold of the item besides.", ending)
            text.call(
                "\(access)func \(SwiftName.escaped(method.name))(",
                finding.parameters + ["condition: Expression? = nil", options], ") async throws(TidemarkError) {",
                isDeclaration: true)
            return text.body { text in
                text.call("let found = try await items.\(finding.key)(", finding.arguments + pattern, ")")
                text.call("try await items.delete(", ["found", "condition: condition"] + pattern, ")")
            }
        }
        text.doc(
            "", "- Parameters:", "  - condition: what must hold of the item besides.",
            "  - isolation: where the changes are made: where the caller is.", "- Returns: the item as it is then.",
            ending)
        change(finding.parameters + ["condition: Expression? = nil"], &text) { text in
            text.call("let found = try await items.\(finding.key)(", finding.arguments + pattern, ")")
            text.call(
                "return try await items.update(", ["found", "changes.item", "condition: condition"] + pattern, ")")
        }
    }

    /// All items of a partition are deleted, or those of it that belong to what the caller names.
    func deleteAll(_ text: inout SwiftText) {
        uniqueness(of: .delete, &text)
        var key = KeyParameters(plan.table.partitionKey, plan, in: method.pattern)
        key.add(first: method.sortValues, of: plan.table.sortKey, plan)
        let filters = method.step.filters.compactMap(plan.property(named:))
        if !filters.isEmpty {
            let names = filters.map { "`\($0.field.name)`" }.joined(separator: " and ")
            text.doc(
                "",
                "Of what the key finds, those of this \(names) are deleted. The others are read, and paid for, and stay."
            )
        }
        text.doc(
            "", "Each deletion stands alone: after a failure some may be done, and calling it again does the rest.", "",
            "- Returns: how many there were.")
        var parameters = key.parameters
        var conditions: [String] = []
        for property in filters {
            let name = SwiftName.escaped(EntityPlanner.parameterName(property))
            parameters.append("\(name): \(property.type.name)")
            conditions.append(Self.equality(property, name))
        }
        let filter = conditions.isEmpty ? [] : ["filter: \(conditions.joined(separator: " && "))"]
        declare(
            &text, parameters + [options], returns: "Int", "try await items.deleteAll(",
            [SwiftText.dictionary(key.values)] + filter + pattern, isDiscardable: true)
    }

    /// The condition that an attribute has a value.
    private static func equality(_ property: PropertyPlan, _ value: String) -> String {
        let attribute = property.type.presentAttributeValue(value).map { "AttributeValue\($0)" } ?? value
        return "Path(\(SwiftText.literal(property.field.name))) == \(attribute)"
    }
}
