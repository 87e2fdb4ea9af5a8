internal import ContractModel

/// The type of a property, and how it is written and read.
enum SwiftType: Hashable {
    case string
    /// A whole number in an N.
    case integer(String)
    /// A whole number in an S.
    case integerText(String)
    case number
    case bool
    case binary
    case map
    case list
    case stringSet
    case numberSet
    case binarySet
    case any

    private static let integers: Set = [
        "Int", "Int8", "Int16", "Int32", "Int64", "UInt", "UInt8", "UInt16", "UInt32", "UInt64",
    ]

    /// The type of an attribute where nothing is said of it: whole numbers only where the source's type or a count says so.
    init(_ attribute: ContractAttribute?, type: AttributeType) {
        switch type {
        case .S: self = .string
        case .N:
            var isWhole = false
            if case .aggregate(let aggregate)? = attribute?.calculation { isWhole = aggregate.operation == .count }
            let source = attribute?.sourceType?.lowercased() ?? ""
            for name in ["tinyint", "smallint", "mediumint", "int", "bigint", "year"] where source.hasPrefix(name) {
                isWhole = attribute?.join == nil && attribute?.calculation == nil
            }
            // Half of its values are no Int.
            let isLarge = source.hasPrefix("bigint") && source.contains("unsigned")
            self = isWhole ? .integer(isLarge ? "UInt64" : "Int") : .number
        case .B: self = .binary
        case .BOOL: self = .bool
        case .M: self = .map
        case .L: self = .list
        case .SS: self = .stringSet
        case .NS: self = .numberSet
        case .BS: self = .binarySet
        case .NULL: self = .any
        }
    }

    /// A type that hints name; nil where an attribute of that type cannot hold it.
    init?(hint: String, type: AttributeType) {
        switch (hint, type) {
        case ("String", .S): self = .string
        case ("DynamoDBNumber", .N): self = .number
        case ("AttributeValue", _): self = .any
        case (let name, .N) where Self.integers.contains(name): self = .integer(name)
        case (let name, .S) where Self.integers.contains(name): self = .integerText(name)
        default:
            self.init(nil, type: type)
            guard name == hint else { return nil }
        }
    }

    /// The type as code.
    var name: String {
        switch self {
        case .string: "String"
        case .integer(let name), .integerText(let name): name
        case .number: "DynamoDBNumber"
        case .bool: "Bool"
        case .binary: "[UInt8]"
        case .map: "[String: AttributeValue]"
        case .list: "[AttributeValue]"
        case .stringSet: "Set<String>"
        case .numberSet: "Set<DynamoDBNumber>"
        case .binarySet: "Set<[UInt8]>"
        case .any: "AttributeValue"
        }
    }

    /// Whether it is stored as N.
    var isNumber: Bool {
        switch self {
        case .integer, .number: true
        default: false
        }
    }

    // MARK: Writing

    /// The writer's method for an attribute of this type.
    func writer(isKey: Bool) -> String {
        switch self {
        case .string, .integerText: isKey ? "key" : "string"
        case .integer: isKey ? "integerKey" : "integer"
        case .number: isKey ? "numberKey" : "number"
        case .bool: "bool"
        case .binary: isKey ? "binaryKey" : "binary"
        case .map: "map"
        case .list: "list"
        case .stringSet: "stringSet"
        case .numberSet: "numberSet"
        case .binarySet: "binarySet"
        case .any: "value"
        }
    }

    /// The property as the writer takes it.
    func written(_ property: String, isOptional: Bool) -> String {
        guard case .integerText = self else { return property }
        return isOptional ? "\(property).map { String($0) }" : "String(\(property))"
    }

    /// The property's text inside of a key; nil for what no key is made of.
    func keyText(_ property: String) -> String? {
        switch self {
        case .string: property
        case .integer, .integerText: "String(\(property))"
        case .number: "\(property).description"
        case .binary: "AttributeValue.keyText(\(property))"
        default: nil
        }
    }

    /// Whether the property has the value that a rule names, as code.
    func isEqual(_ property: String, _ isOptional: Bool, to text: String) -> String {
        let literal = SwiftText.literal(text)
        switch self {
        case .string: return "\(property) == \(literal)"
        case .integer where Int(text) != nil: return "\(property) == \(text)"
        case .bool: return "\(property) == \(text)"
        case .number: return "\(property) == DynamoDBNumber(\(literal))"
        default:
            let value = keyText("$0") ?? "$0"
            return isOptional
                ? "\(property).map { \(value) } == \(literal)" : "\(keyText(property) ?? property) == \(literal)"
        }
    }

    /// A value of a text that stands in a key; nil where none is made of it.
    ///
    /// - Parameter place: of a key of several values, which one it is; the text is then an optional of all.
    func value(ofKeyText text: String, at place: Int? = nil) -> String? {
        let element = place.map { "[\($0)]" } ?? ""
        return switch self {
        case .string: place == nil ? text : "\(text)?\(element)"
        case .integer(let name), .integerText(let name): "\(text).flatMap { \(name)($0\(element)) }"
        case .number: "\(text).flatMap { DynamoDBNumber($0\(element)) }"
        default: nil
        }
    }

    // MARK: Reading

    /// The reader's call for an attribute of this type.
    func reader(nullText: String?) -> String {
        switch self {
        case .string, .integer, .integerText, .number:
            let name =
                switch self {
                case .string: "string"
                case .integer: "integer"
                case .integerText: "integerText"
                default: "number"
                }
            guard let nullText else { return name + "()" }
            return "\(name)(nullText: \(SwiftText.literal(nullText)))"
        case .bool: return "bool()"
        case .binary: return "binary()"
        case .map: return "map()"
        case .list: return "list()"
        case .stringSet: return "stringSet()"
        case .numberSet: return "numberSet()"
        case .binarySet: return "binarySet()"
        case .any: return "value()"
        }
    }

    // MARK: Changes

    /// The property as a text, as a date is checked.
    func dateText(_ property: String, isOptional: Bool) -> String? {
        switch self {
        case .string: property
        case .integer, .integerText: isOptional ? "\(property).map { String($0) }" : "String(\(property))"
        case .number: isOptional ? "\(property)?.description" : "\(property).description"
        default: nil
        }
    }

    /// An attribute value of the value, which is there.
    func presentAttributeValue(_ value: String) -> String? {
        switch self {
        case .string: ".string(\(value))"
        case .integer, .number: ".number(\(value))"
        case .integerText: ".string(String(\(value)))"
        case .bool: ".bool(\(value))"
        case .binary: ".binary(\(value))"
        default: nil
        }
    }

    /// An attribute value of the new value, an optional.
    func attributeValue(_ value: String) -> String {
        switch self {
        case .string: "\(value).map(AttributeValue.string)"
        case .integer, .number: "\(value).map { .number($0) }"
        case .integerText: "\(value).map { .string(String($0)) }"
        case .bool: "\(value).map(AttributeValue.bool)"
        case .binary: "\(value).map(AttributeValue.binary)"
        case .map: "\(value).map(AttributeValue.map)"
        case .list: "\(value).map(AttributeValue.list)"
        case .stringSet: "\(value).map { .stringSet($0.sorted()) }"
        case .numberSet: "\(value).map { .numberSet($0.sorted().map(\\.description)) }"
        case .binarySet: "\(value).map { .binarySet(Array($0)) }"
        case .any: value
        }
    }

    /// What an attribute value is, an optional of it.
    func value(of attribute: String) -> String {
        switch self {
        case .string: "\(attribute)?.stringValue"
        case .integer(let name): name == "Int" ? "\(attribute)?.intValue" : "\(attribute)?.exactNumber?.integer()"
        case .integerText(let name): "\(attribute)?.stringValue.flatMap { \(name)($0) }"
        case .number: "\(attribute)?.exactNumber"
        case .bool: "\(attribute)?.boolValue"
        case .binary: "\(attribute)?.binaryValue"
        case .map: "\(attribute)?.mapValue"
        case .list: "\(attribute)?.listValue"
        case .stringSet: "\(attribute)?.stringSetValue"
        case .numberSet: "\(attribute)?.numberSetValue"
        case .binarySet: "\(attribute)?.binarySetValue"
        case .any: attribute
        }
    }
}
