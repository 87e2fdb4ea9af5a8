/// Reading single values, with a problem noted where they are not what they must be.
extension ContractReader {
    /// An item holds at most 400 KB.
    /// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
    static let maximumItemSizeInBytes = 400 * 1024

    mutating func problem(_ place: DocumentNode, _ text: String) {
        problems.append(
            ContractError.Problem(file: file, line: place.line, column: place.column, text: text))
    }

    mutating func required(_ name: String, in object: DocumentNode, of label: String) -> DocumentNode? {
        guard let value = object[name], !value.isNull else {
            problem(object, "\(label) has no `\(name)`; add it")
            return nil
        }
        return value
    }

    mutating func requiredText(_ name: String, in object: DocumentNode, of label: String) -> String? {
        guard let value = required(name, in: object, of: label) else { return nil }
        guard let text = value.stringValue, !text.isEmpty else {
            problem(value, "`\(name)` of \(label) is \(value.kindName); it must be a text that is not empty")
            return nil
        }
        return printable(text, name, at: value)
    }

    mutating func optionalText(_ name: String, in object: DocumentNode) -> String? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let text = value.stringValue else {
            problem(value, "`\(name)` is \(value.kindName); it must be a text")
            return nil
        }
        return printable(text, name, at: value)
    }

    private mutating func printable(_ text: String, _ name: String, at value: DocumentNode) -> String? {
        guard !text.isPrintable else { return text }
        problem(value, "`\(name)` holds control characters; take them out")
        return nil
    }

    mutating func array(_ value: DocumentNode, called name: String) -> [DocumentNode] {
        guard let elements = value.arrayValue else {
            problem(value, "\(name) is \(value.kindName); it must be an array")
            return []
        }
        return elements
    }

    mutating func readSize(_ element: DocumentNode) -> Int? {
        guard let given = element["estimated_item_size_bytes"], !given.isNull else { return nil }
        guard let size = given.doubleValue, size >= 1, size <= Double(ContractReader.maximumItemSizeInBytes) else {
            problem(given, "`estimated_item_size_bytes` must be a number from 1 to 409600, the most that an item holds")
            return nil
        }
        return Int(size.rounded(.up))
    }

    /// Notes what the schema of this kind of contract asks for and the contract leaves out. It informs; it does not gate.
    mutating func checkShape(of table: DocumentNode, label: String, isMultiEntity: Bool) {
        var expected = ["type", "source_table", "satisfies", "estimated_item_size_bytes"]
        if isMultiEntity { expected.append("attributes") }
        for name in expected where table[name] == nil {
            let reason = isMultiEntity && name == "attributes" ? ", which is a multi-entity table" : ""
            notes.append(
                SchemaNote(
                    position: table.position,
                    message: "The contract's schema asks for `\(name)` at every table; \(label)\(reason), has none.",
                    advice: isMultiEntity && name == "attributes"
                        ? "Nothing to do here: the entities' attributes serve. Other tools may refuse the contract; "
                            + "`\"attributes\": []` satisfies them."
                        : "Add `\(name)`."))
        }
    }

    mutating func checkShape(ofAttribute attribute: DocumentNode, name: String) {
        for member in ["source_table", "source_column"] where attribute[member] == nil {
            notes.append(
                SchemaNote(
                    position: attribute.position,
                    message: "The contract's schema asks for `\(member)` at every attribute; \(name) has none.",
                    advice: "Say where the value comes from, so that the migration can fill it."))
        }
    }
}
