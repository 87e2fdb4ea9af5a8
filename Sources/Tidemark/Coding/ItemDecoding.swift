internal import ContractModel

/// One `decode`: what all of its decoders share.
struct DecodingSession {
    let coder: ItemCoder

    init(_ coder: ItemCoder) { self.coder = coder }

    /// - Parameter level: calls of `init(from:)` inside each other.
    func decode<Value: Decodable>(
        _ type: Value.Type, from attribute: AttributeValue, at trail: CodingTrail, level: Int
    ) throws -> Value {
        if Value.self == String.self, case .string(let text) = attribute, let value = text as? Value { return value }
        if Value.self == [UInt8].self, case .binary(let bytes) = attribute, let value = bytes as? Value { return value }
        do throws(ItemCodingError) {
            if let representable = Value.self as? any AttributeRepresentable.Type {
                let made = try representable.init(attributeValue: attribute, for: coder)
                if let value = made as? Value { return value }
            }
        } catch {
            throw error.asMismatch(type, at: trail)
        }
        if attribute == .null, let empty = emptySet(type) { return empty }
        guard level < EncodingSession.maximumLevel, trail.depth <= DynamoDBLimits.maximumNesting + 1 else {
            throw ItemCodingError.nestedTooDeeply.asMismatch(type, at: trail)
        }
        return try Value(
            from: ItemDecoding(attribute: attribute, session: self, trail: trail, level: level + 1, owner: type))
    }

    /// What an attribute that is missing stands for: an empty set, since DynamoDB has none.
    func emptySet<Value>(_ type: Value.Type) -> Value? { (type as? any CodableSet.Type)?.init() as? Value }
}

/// What a type's `init(from:)` is handed.
struct ItemDecoding: Decoder {
    let attribute: AttributeValue
    let session: DecodingSession
    let trail: CodingTrail
    let level: Int
    /// The type that reads here.
    let owner: Any.Type

    var codingPath: [any CodingKey] { trail.keys }
    var userInfo: [CodingUserInfoKey: Any] { session.coder.userInfo }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .map(let members) = attribute else { throw mismatch("M") }
        return KeyedDecodingContainer(KeyedItemDecoding<Key>(decoding: self, members: members))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        UnkeyedItemDecoding(decoding: self, elements: try elements())
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { SingleItemDecoding(decoding: self) }

    private func elements() throws -> [AttributeValue] {
        switch attribute {
        case .list(let elements): return elements
        case .stringSet(let texts): return texts.map(AttributeValue.string)
        case .numberSet(let texts): return texts.map(AttributeValue.number)
        case .binarySet(let blobs): return blobs.map(AttributeValue.binary)
        default: throw mismatch(owner is any CodableSet.Type ? "SS, NS, BS or L" : "L")
        }
    }

    private func mismatch(_ expected: String) -> DecodingError {
        if attribute == .null {
            let reason = ItemCodingError(reason: "is NULL, and \(owner) takes \(expected)")
            return .valueNotFound(
                owner, .init(codingPath: codingPath, debugDescription: reason.reason, underlyingError: reason))
        }
        let reason = ItemCodingError(reason: "is \(attribute.type.rawValue), and \(owner) takes \(expected)")
        return (FoundationTypes.refusal(of: owner) ?? reason).asMismatch(owner, at: trail)
    }

    /// A decoder of a part.
    func part(_ attribute: AttributeValue, under key: any CodingKey) -> ItemDecoding {
        ItemDecoding(
            attribute: attribute, session: session, trail: trail.appending(key), level: level, owner: owner)
    }

    func decode<Value: Decodable>(
        _ type: Value.Type, from attribute: AttributeValue, under key: any CodingKey
    ) throws -> Value {
        try session.decode(type, from: attribute, at: trail.appending(key), level: level)
    }
}
