internal import ContractModel

/// Writes values of the contract's model as code.
enum LayoutSource {
    static func write(_ key: EntityLayout.Key, isOnly: Bool, _ text: inout SwiftText) {
        let end = isOnly ? ")" : "),"
        var arguments = ["attribute: \(SwiftText.literal(key.attribute))"]
        if key.type != .S { arguments.append("type: .\(key.type.rawValue)") }
        arguments.append("role: .\(key.role)")
        guard let condition = key.rule.condition else {
            arguments.append("rule: KeyRule(\(template(key.rule.value)))")
            return text.call("EntityLayout.Key(", arguments, end)
        }
        text.block("EntityLayout.Key(", closing: end) { text in
            text.line(arguments.joined(separator: ", ") + ",")
            let values = condition.values.map(SwiftText.literal).joined(separator: ", ")
            let test = condition.values.isEmpty ? "isAbsent: \(condition.isAbsent)" : "isOneOf: [\(values)]"
            let field = "field: \(SwiftText.literal(condition.field)), \(test)"
            text.call(
                "rule: KeyRule(",
                [
                    "condition: KeyRule.Condition(\(field))", "value: \(template(key.rule.value))",
                    "otherwise: \(template(key.rule.otherwise))",
                ], ")")
        }
    }

    static func write(_ constraint: UniqueConstraint, isOnly: Bool, _ text: inout SwiftText) {
        let comma = isOnly ? "" : ","
        let names = constraint.attributes.map(SwiftText.literal).joined(separator: ", ")
        guard let lookup = constraint.lookup else {
            return text.line("UniqueConstraint(attributes: [\(names)])\(comma)")
        }
        text.block("UniqueConstraint(", closing: ")\(comma)") { text in
            text.line("attributes: [\(names)],")
            var arguments = ["table: \(SwiftText.literal(lookup.table))"]
            if let entity = lookup.entity { arguments.append("entity: \(SwiftText.literal(entity))") }
            if let made = lookup.partitionKeyTemplate { arguments.append("partitionKeyTemplate: \(template(made))") }
            if let made = lookup.sortKeyTemplate { arguments.append("sortKeyTemplate: \(template(made))") }
            if let keys = lookup.keys {
                let sort = keys.sort.map { ", sort: \(key($0))" } ?? ""
                arguments.append("keys: .init(partition: \(key(keys.partition))\(sort))")
            }
            if !lookup.copies.isEmpty {
                arguments.append("copies: [\(lookup.copies.map(SwiftText.literal).joined(separator: ", "))]")
            }
            text.call("lookup: UniqueConstraint.LookupItem(", arguments, ")")
        }
    }

    /// The tables with their keys and indexes.
    static func tables(_ tables: [ContractTable]) -> SwiftText {
        var text = SwiftText()
        text.doc("The tables of the contract with their keys and indexes.")
        text.block("enum ContractTables {") { text in
            let names = constants(of: tables)
            for (place, table) in tables.enumerated() {
                if place > 0 { text.line() }
                let name = names[place]
                text.block("static let \(name) = ContractTable(", closing: ")") { text in
                    var head = ["name: \(SwiftText.literal(table.name))"]
                    if table.isMultiEntity { head.append("isMultiEntity: true") }
                    head.append("partitionKey: \(key(table.partitionKey))")
                    if let sort = table.sortKey { head.append("sortKey: \(key(sort))") }
                    guard !table.indexes.isEmpty else { return text.pack(head, ending: "") }
                    text.pack(head, ending: ",")
                    text.block("indexes: [", closing: "]") { text in
                        text.elements(table.indexes.map { ("ContractIndex(", arguments($0)) })
                    }
                }
            }
        }
        return text
    }

    /// The constants that the tables are, in their order. Tables may be called alike but for what no name in Swift has:
    /// "user-data" and "user_data".
    static func constants(of tables: [ContractTable]) -> [String] {
        var taken: Set<String> = []
        return tables.map { table in
            let name = SwiftName.property(table.name)
            var own = name
            var number = 1
            while !taken.insert(own).inserted {
                number += 1
                own = "\(name)\(number)"
            }
            return SwiftName.member(own, besides: "Table")
        }
    }

    private static func arguments(_ index: ContractIndex) -> [String] {
        var arguments = ["name: \(SwiftText.literal(index.name))", "partitionKey: \(key(index.partitionKey))"]
        if let sort = index.sortKey { arguments.append("sortKey: \(key(sort))") }
        switch index.projection {
        case .all: break
        case .keysOnly: arguments.append("projection: .keysOnly")
        case .include(let names):
            arguments.append("projection: .include([\(names.map(SwiftText.literal).joined(separator: ", "))])")
        }
        return arguments
    }

    static func arguments(_ other: EntityLayout.Other) -> [String] {
        func list(_ templates: [KeyTemplate]) -> String {
            "[\(templates.map { template($0) }.joined(separator: ", "))]"
        }
        return ["partition: \(list(other.partition))"] + (other.sort.isEmpty ? [] : ["sort: \(list(other.sort))"])
    }

    private static func key(_ key: KeyAttribute) -> String {
        let type = key.type == .S ? "" : ", type: .\(key.type.rawValue)"
        return "KeyAttribute(name: \(SwiftText.literal(key.name))\(type))"
    }

    private static func template(_ template: KeyTemplate?) -> String {
        template.map { "KeyTemplate(\(SwiftText.literal($0.source)))" } ?? "nil"
    }
}
