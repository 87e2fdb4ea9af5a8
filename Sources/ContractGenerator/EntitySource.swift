internal import ContractModel

/// Writes the type of one kind of item.
struct EntitySource {
    let plan: EntityPlan
    let access: String

    func text() -> SwiftText {
        var text = SwiftText()
        documentation(&text)
        text.block("\(access)struct \(plan.typeName): ContractItem, Hashable {") { text in
            for property in plan.properties {
                text.doc(documentation(of: property))
                text.line("\(access)var \(property.code): \(property.typeCode)")
            }
            text.line()
            initializer(&text)
        }
        text.line()
        contract(&text)
        text.line()
        coding(&text)
        text.line()
        key(&text)
        text.line()
        changes(&text)
        for index in plan.table.indexes where index.projection != .all && plan.entity.appears(in: index, of: plan.table)
        {
            text.line()
            entry(of: index, &text)
        }
        return text
    }

    // MARK: Documentation

    private func documentation(_ text: inout SwiftText) {
        let source = plan.entity.sourceTable.map { ", from the relational table `\($0)`" } ?? ""
        let kind = plan.entity.name == plan.table.name ? "an item" : "an item of the kind `\(plan.entity.name)`"
        let spoken = SwiftName.spoken(plan.typeName)
        text.doc("\(SwiftName.article(of: spoken)) \(spoken): \(kind) of the table `\(plan.table.name)`\(source).", "")
        text.doc("| Key | Made by |", "| --- | --- |")
        for key in plan.layout.keys { text.doc("| `\(key.attribute)` | \(Self.words(key.rule)) |") }
        for index in plan.table.indexes where plan.entity.appears(in: index, of: plan.table) {
            for key in [index.partitionKey, index.sortKey].compactMap(\.self)
            where plan.layout.key(named: key.name) == nil {
                text.doc("| `\(key.name)` | itself, in the index `\(index.name)` |")
            }
        }
    }

    private static func words(_ rule: KeyRule) -> String {
        func word(_ template: KeyTemplate?) -> String { template.map { "`\($0.source)`" } ?? "nothing" }
        guard let condition = rule.condition else { return word(rule.value) }
        guard condition.values.isEmpty else {
            let values = condition.values.map { "`\(SwiftText.prose($0))`" }.joined(separator: " or ")
            return "\(word(rule.value)) where `\(condition.field)` is \(values), else \(word(rule.otherwise))"
        }
        let what = condition.isAbsent ? "no" : "a"
        return "\(word(rule.value)) where there is \(what) `\(condition.field)`, else \(word(rule.otherwise))"
    }

    private func documentation(of property: PropertyPlan) -> String {
        let field = property.field
        guard field.isStored else {
            return "`\(field.name)` (\(field.type.rawValue)): what the key is made of, and no attribute of its own."
        }
        var words = "`\(field.name)` (\(field.type.rawValue))"
        if let origin = property.attribute.flatMap(Self.origin) { words += ": " + origin }
        words += "."
        if let text = field.nullText { words += " Stored as `\(SwiftText.literal(text))` where it is nil." }
        if let dates = field.dates { words += " A date in the form `\(dates.source)`." }
        if let numbers = field.numbers { words += " A number in the form `\(SwiftText.prose(numbers.source))`." }
        if !field.madeOf.isEmpty {
            let names = field.madeOf.map { "`\($0)`" }.joined(separator: ", ")
            words +=
                field.isAskedFor
                ? " A key of an index, which the contract computes of \(names): it is not filled in here. Give it, or nil for "
                    + "none, and with every change of these."
                : " A key of an index, which the contract decides by \(names): say what becomes of it with every change of that."
        }
        if plan.keyProperties.contains(where: { $0.field == field }) { words += " Part of the key: it cannot change." }
        for constraint in plan.guarded where constraint.attributes.contains(field.name) {
            let rest = constraint.attributes.filter { $0 != field.name }.map { "`\($0)`" }
            words += rest.isEmpty ? " Unique." : " Unique together with \(rest.joined(separator: " and "))."
        }
        if let reason = property.attribute?.justification {
            let prose = SwiftText.prose(reason)
            words += " Copied: " + prose + (prose.hasSuffix(".") ? "" : ".")
        }
        return words
    }

    private static func origin(_ attribute: ContractAttribute) -> String? {
        if let calculation = attribute.calculation {
            switch calculation {
            case .aggregate(let aggregate):
                return "\(aggregate.operation.rawValue) of `\(SwiftText.prose(aggregate.select.source))`"
            case .cases: return "one of several cases"
            case .concat(let concat):
                return concat.parts.map { "`\(SwiftText.prose($0.source))`" }.joined(separator: " and ")
            case .dateMath: return "a date that is calculated"
            case .unknown(let construct): return "calculated by `\(SwiftText.prose(construct.type))`"
            }
        }
        if case .jsonConstruction(let construction)? = attribute.join?.kind {
            let members = construction.members.map { "`\(SwiftText.prose($0.name))`" }.joined(separator: ", ")
            let shape = construction.shape == .array ? "rows" : "a row"
            return "\(shape) of `\(construction.table)` as JSON, with \(members)"
        }
        if let column = attribute.joinedColumn { return "from `\(SwiftText.prose(column))`" }
        guard let column = attribute.sourceColumns.first, attribute.sourceColumns.count == 1 else { return nil }
        let name =
            column.contains(".") ? column : [attribute.sourceTable, column].compactMap(\.self).joined(separator: ".")
        return "from `\(SwiftText.prose(name))`"
    }

    // MARK: Members

    private func initializer(_ text: inout SwiftText) {
        text.doc("Puts the values together.")
        text.call(
            "\(access)init(",
            plan.properties.map {
                "\($0.code): \($0.typeCode)" + ($0.isOptional && !$0.field.isAskedFor ? " = nil" : "")
            }, ") {",
            isDeclaration: true)
        text.body { text in
            for property in plan.properties { text.line("self.\(property.name) = \(property.code)") }
        }
    }

    private func contract(_ text: inout SwiftText) {
        text.block("extension \(plan.typeName) {") { text in
            text.doc("The table with its keys and indexes.")
            text.line("\(access)static let table = ContractTables.\(plan.tableConstant)")
            text.line()
            text.doc("The fields of the kind of item, and the keys that are made of them.")
            text.block("\(access)static let layout = EntityLayout(", closing: ")") { text in
                text.line(
                    "table: \(SwiftText.literal(plan.table.name)), entity: \(SwiftText.literal(plan.entity.name)),")
                text.block("fields: [", closing: "],") { text in
                    text.elements(plan.properties.map { ("EntityLayout.Field(", Self.arguments($0)) })
                }
                let others = plan.layout.others
                text.block("keys: [", closing: others.isEmpty ? "]" : "],") { text in
                    for key in plan.layout.keys { LayoutSource.write(key, isOnly: plan.layout.keys.count == 1, &text) }
                }
                guard !others.isEmpty else { return }
                text.block("others: [", closing: "]") { text in
                    text.elements(others.map { ("EntityLayout.Other(", LayoutSource.arguments($0)) })
                }
            }
            guard !plan.entity.uniqueConstraints.isEmpty else { return }
            text.line()
            text.doc("What no two items may share.")
            text.block("\(access)static let uniqueConstraints = [", closing: "]") { text in
                let constraints = plan.entity.uniqueConstraints
                for constraint in constraints { LayoutSource.write(constraint, isOnly: constraints.count == 1, &text) }
            }
        }
    }

    private static func arguments(_ property: PropertyPlan) -> [String] {
        let field = property.field
        var arguments = ["name: \(SwiftText.literal(field.name))", "type: .\(field.type.rawValue)"]
        if !field.isStored { arguments.append("isStored: false") }
        if !property.isOptional { arguments.append("isRequired: true") }
        if let text = field.nullText { arguments.append("nullText: \(SwiftText.literal(text))") }
        if let dates = field.dates { arguments.append("dates: DateFormat(\(SwiftText.literal(dates.source)))") }
        if field.isMoment { arguments.append("isMoment: true") }
        if let numbers = field.numbers {
            arguments.append("numbers: NumberFormat(\(SwiftText.literal(numbers.source)))")
        }
        if !field.madeOf.isEmpty {
            arguments.append("madeOf: [\(field.madeOf.map(SwiftText.literal).joined(separator: ", "))]")
        }
        if field.isAskedFor { arguments.append("isAskedFor: true") }
        return arguments
    }

    private func key(_ text: inout SwiftText) {
        let properties = plan.keyProperties
        text.block("extension \(plan.typeName) {") { text in
            text.doc("What the key of an item is made of.")
            text.block("\(access)struct Key: Sendable, Hashable {") { text in
                for property in properties {
                    text.doc("`\(property.field.name)`")
                    text.line("\(access)var \(property.code): \(property.typeCode)")
                }
                if !properties.isEmpty { text.line() }
                text.doc("Puts the values together.")
                if properties.isEmpty {
                    // The one item of its kind: its key is made of nothing that could differ.
                    text.line("\(access)init() {}")
                } else {
                    text.call(
                        "\(access)init(", properties.map { "\($0.code): \($0.typeCode)" }, ") {", isDeclaration: true)
                    text.body { text in
                        for property in properties { text.line("self.\(property.name) = \(property.code)") }
                    }
                }
                text.line()
                text.doc("The values by the names of their fields.")
                text.block("\(access)var values: KeyValues {") { text in
                    text.line(SwiftText.dictionary(properties.map { MethodSource.pair($0, $0.code) }))
                }
            }
            text.line()
            text.doc("The item's key.")
            text.line(
                "\(access)var key: Key { Key(\(properties.map { "\($0.label): \($0.code)" }.joined(separator: ", "))) }"
            )
        }
    }

    private func isChangeable(_ property: PropertyPlan) -> Bool {
        !plan.keyProperties.contains { $0.field.name == property.field.name }
    }

    private func changes(_ text: inout SwiftText) {
        text.block("extension \(plan.typeName) {") { text in
            text.doc("What an update changes: what is set here is stored, and what is set to nil removed.")
            text.block("\(access)struct Changes: Sendable, Hashable {") { text in
                text.doc("The changes by attribute.")
                text.line("\(access)var item = ItemChanges()")
                text.line()
                text.doc("Changes nothing yet.")
                text.line("\(access)init() {}")
                for property in plan.properties where isChangeable(property) {
                    let place = "item[\(SwiftText.literal(property.field.name))]"
                    text.line()
                    text.doc("`\(property.field.name)`")
                    text.block("\(access)var \(property.code): \(property.type.name)? {") { text in
                        text.line("get { \(property.type.value(of: place)) }")
                        text.line("set { \(place) = \(property.type.attributeValue("newValue")) }")
                    }
                }
            }
        }
    }
}
