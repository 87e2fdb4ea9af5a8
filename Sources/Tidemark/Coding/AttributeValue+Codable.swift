internal import ContractModel

extension AttributeValue: Codable {
    /// Writes DynamoDB's JSON, `{"N": "42"}`, binaries in base64, for any coder but ``ItemCoder``, which stores the value
    /// as it is.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: TypeKey.self)
        let key = TypeKey(type)
        switch self {
        case .string(let text), .number(let text): try container.encode(text, forKey: key)
        case .binary(let bytes): try container.encode(Base64.encode(bytes), forKey: key)
        case .stringSet(let texts), .numberSet(let texts): try container.encode(texts, forKey: key)
        case .binarySet(let blobs): try container.encode(blobs.map(Base64.encode), forKey: key)
        case .list(let elements): try container.encode(elements, forKey: key)
        case .map(let members): try container.encode(members, forKey: key)
        case .bool(let flag): try container.encode(flag, forKey: key)
        case .null: try container.encode(true, forKey: key)
        }
    }

    /// Reads what `encode(to:)` writes.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: TypeKey.self)
        let context = DecodingError.Context(
            codingPath: decoder.codingPath, debugDescription: "an attribute value in DynamoDB's JSON was expected")
        guard let key = container.allKeys.first, container.allKeys.count == 1 else {
            throw DecodingError.dataCorrupted(context)
        }
        func bytes(_ text: String) throws -> [UInt8] {
            guard let bytes = Base64.decode(text) else { throw DecodingError.dataCorrupted(context) }
            return bytes
        }
        func number(_ text: String) throws -> String {
            guard NumberText(text) != nil else { throw DecodingError.dataCorrupted(context) }
            return text
        }
        switch key.type {
        case .S: self = .string(try container.decode(String.self, forKey: key))
        case .N: self = .number(try number(container.decode(String.self, forKey: key)))
        case .B: self = .binary(try bytes(container.decode(String.self, forKey: key)))
        case .SS: self = .stringSet(try container.decode([String].self, forKey: key))
        case .NS: self = .numberSet(try container.decode([String].self, forKey: key).map(number))
        case .BS: self = .binarySet(try container.decode([String].self, forKey: key).map(bytes))
        case .L: self = .list(try container.decode([AttributeValue].self, forKey: key))
        case .M: self = .map(try container.decode([String: AttributeValue].self, forKey: key))
        case .BOOL: self = .bool(try container.decode(Bool.self, forKey: key))
        case .NULL: self = .null
        }
    }
}

/// A value's type as the key that stands before it on the wire.
private struct TypeKey: CodingKey {
    let type: AttributeType
    var stringValue: String { type.rawValue }
    var intValue: Int? { nil }

    init(_ type: AttributeType) { self.type = type }
    init?(intValue: Int) { nil }
    init?(stringValue: String) {
        guard let type = AttributeType(rawValue: stringValue) else { return nil }
        self.type = type
    }
}
