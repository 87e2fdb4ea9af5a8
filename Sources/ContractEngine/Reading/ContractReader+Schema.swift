internal import ContractModel

/// What the schema of this kind of contract asks for and the contract leaves out. It informs; it does not gate.
extension ContractReader {
    mutating func checkShape(of table: DocumentNode, label: String, isMultiEntity: Bool) {
        let expected = ["type", "source_table", "pk", "satisfies", "estimated_item_size_bytes"]
        for name in expected where table[name] == nil {
            if name == "pk" && !isMultiEntity { continue }
            note(
                table, "table \(name)", "The contract's schema asks for `\(name)` at every table; \(label) has none.",
                "Add `\(name)`.")
        }
        if isMultiEntity && table["attributes"] == nil {
            note(
                table, "attributes of entities",
                "The contract's schema asks for `attributes` at every table; \(label), which is a multi-entity table, "
                    + "has none.",
                "Nothing to do here: the entities' attributes serve. Other tools may refuse the contract; "
                    + "`\"attributes\": []` satisfies them.")
        }
        if let type = table["type"], let text = type.stringValue, text != "single-entity", text != "multi-entity" {
            note(
                type, "type",
                "The contract's schema knows single-entity and multi-entity tables; \(label) is a \"\(text.shown)\".",
                "Write one of the two; what the table holds is seen by its `entities`.")
        }
        let isDeclaredMulti = table["type"]?.stringValue == "multi-entity"
        if let type = table["type"], isDeclaredMulti != isMultiEntity, type.stringValue?.hasSuffix("-entity") == true {
            note(
                type, "type that differs",
                "\(label) is called \(isDeclaredMulti ? "multi" : "single")-entity and "
                    + (isDeclaredMulti ? "has no `entities`." : "has `entities`."),
                "Correct the type; what the table holds is seen by its `entities`.")
        }
    }

    mutating func checkShape(ofEntity entity: DocumentNode, name: String) {
        for member in ["source_table", "pk_template", "sk_template", "attributes"] where entity[member] == nil {
            note(
                entity, "entity \(member)",
                "The contract's schema asks for `\(member)` at every entity; \(name) has none.",
                "Add `\(member)`.")
        }
    }

    mutating func checkShape(ofAttribute attribute: DocumentNode) {
        for member in ["source_table", "source_column"] where attribute[member] == nil {
            note(
                attribute, "attribute \(member)", "The contract's schema asks for `\(member)` at every attribute.",
                "Say where the value comes from, so that the migration can fill it.")
        }
    }
}
