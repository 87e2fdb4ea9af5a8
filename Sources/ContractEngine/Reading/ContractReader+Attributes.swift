internal import ContractModel

extension ContractReader {
    private static let attributeFields: Set<String> = [
        "name", "type", "source_table", "source_column", "source_columns", "join", "calculation", "transformation",
        "denormalized", "justification", "null_value", "default_value", "nullable", "optional", "required", "unique",
        "max_length", "max_length_bytes", "source_type",
    ]

    mutating func readAttribute(
        _ element: DocumentNode, name: String, in list: AttributeListReader
    ) -> ContractAttribute? {
        guard let type = readType(element, name: name) else { return nil }
        checkShape(ofAttribute: element)
        var attribute = ContractAttribute(
            name: name, type: type, sourceTable: optionalText("source_table", in: element),
            sourceColumns: readColumns(element))
        let owner = "the attribute \(name)"
        if let join = element["join"], !join.isNull { read(join: join, into: &attribute, in: list) }
        if let calculation = element["calculation"], !calculation.isNull {
            attribute.calculation = readCalculation(calculation, of: attribute, in: list)
        }
        if let transformation = element["transformation"], !transformation.isNull {
            attribute.transformation = readTransformation(transformation, of: name)
        }
        attribute.nullValue = readNullValue(element)
        attribute.isNullable = readNullable(element, of: owner)
        attribute.isUnique = flag("unique", in: element, of: owner) ?? false
        attribute.denormalized = flag("denormalized", in: element, of: owner) ?? false
        attribute.justification = optionalText("justification", in: element)
        attribute.sourceType = optionalText("source_type", in: element)
        attribute.maximumLengthInBytes =
            count("max_length_bytes", in: element) ?? count("max_length", in: element).map {
                $0 * SourceType.bytesPerCharacter
            }
            ?? attribute.sourceType.flatMap(SourceType.maximumBytes)
        attribute.unknownFields = unknownFields(of: element, known: ContractReader.attributeFields, owner: owner)
        return attribute
    }

    private mutating func readType(_ element: DocumentNode, name: String) -> AttributeType? {
        guard let typeName = requiredText("type", in: element, of: "the attribute \(name)") else { return nil }
        if let type = AttributeType(rawValue: typeName) { return type }
        let known = AttributeType.allCases.map(\.rawValue).joined(separator: ", ")
        problem(
            element["type"] ?? element, "the attribute \(name) has the type \(typeName); it must be one of \(known)")
        return nil
    }

    private mutating func readNullable(_ element: DocumentNode, of owner: String) -> Bool? {
        let nullable = flag("nullable", in: element, of: owner)
        let optional = flag("optional", in: element, of: owner)
        let required = flag("required", in: element, of: owner)
        if let answer = nullable ?? optional { return answer }
        return required.map { !$0 }
    }

    private mutating func readNullValue(_ element: DocumentNode) -> String? {
        for name in ["null_value", "default_value"] {
            guard let given = element[name], !given.isNull else { continue }
            if given.arrayValue != nil || given.objectValue != nil {
                problem(given, "`\(name)` is \(given.kindName); it must be a text, a number or a truth value")
            }
            return given.scalarText
        }
        return nil
    }

    private mutating func readColumns(_ element: DocumentNode) -> [String] {
        guard let given = element.first("source_column", "source_columns") else { return [] }
        if let one = given.stringValue { return one.isEmpty ? [] : [one] }
        if let several = given.arrayValue {
            let names = several.compactMap(\.stringValue)
            if names.count != several.count {
                problem(given, "`source_column` holds what is no column's name; it must hold names and nothing else")
            }
            return names
        }
        problem(given, "`source_column` is \(given.kindName); it must be a column's name, or an array of them")
        return []
    }

    private mutating func readTransformation(_ element: DocumentNode, of name: String) -> ContractTransformation {
        let type = typeName(of: element)
        let format = element.first("format", "target_format")
        switch (type, format?.stringValue) {
        case ("date-format", let text?):
            return .dateFormat(DateFormat(text), source: element["source_format"]?.stringValue.map { DateFormat($0) })
        case ("string-format", let text?):
            guard let format, let template = template(text, at: format) else { break }
            return .stringFormat(template)
        case ("number-format", let text?): return .numberFormat(NumberFormat(text))
        case ("json-parse", _): return .jsonParse
        default: break
        }
        return .unknown(unknown(element, type: type))
    }
}

/// What a relational column's type says of the length of its values.
enum SourceType {
    /// utf8mb4 takes four bytes for a character at most.
    /// Source: https://dev.mysql.com/doc/refman/8.4/en/charset-unicode-utf8mb4.html
    static let bytesPerCharacter = 4

    /// The most bytes that a value of "VARCHAR(255)", "CHAR(36)", "BIGINT" or "DATETIME(6)" takes as text; nil where its
    /// type sets no limit that matters to a key.
    static func maximumBytes(_ type: String) -> Int? {
        let lower = type.lowercased()
        let word = String(lower.prefix { $0.isLetter })
        let length = lower.split { "(,)".contains($0) }.dropFirst().first.flatMap { Int($0.trimmed) }
        switch word {
        case "varchar", "char": return length.map { min($0, 65_535) * bytesPerCharacter }
        case "binary", "varbinary": return length
        case "tinyint", "smallint", "mediumint", "int", "integer", "bigint", "year": return 20
        case "decimal", "numeric", "float", "double": return 66
        case "date", "time", "datetime", "timestamp": return 32
        case "bool", "boolean", "bit": return 5
        case "uuid": return 36
        case "tinytext": return 255
        case "text", "mediumtext", "longtext", "json": return 65_535
        default: return nil
        }
    }
}
