// One generic method stands for the sixteen of each kind that the standard library's protocols ask for.

struct KeyedItemDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoding: ItemDecoding
    let members: [String: AttributeValue]

    var codingPath: [any CodingKey] { decoding.codingPath }
    var allKeys: [Key] { members.keys.compactMap(Key.init(stringValue:)) }

    func contains(_ key: Key) -> Bool { members[key.stringValue] != nil }

    func decodeNil(forKey key: Key) throws -> Bool { try member(key) == .null }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value { try read(type, forKey: key) }

    func read<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        guard let member = members[key.stringValue] else {
            if let empty = decoding.session.emptySet(type) { return empty }
            throw missing(key)
        }
        return try decoding.decode(type, from: member, under: key)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try part(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try part(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { try part(SuperKey()) }

    func superDecoder(forKey key: Key) throws -> any Decoder { try part(key) }

    private func part(_ key: any CodingKey) throws -> ItemDecoding { decoding.part(try member(key), under: key) }

    private func member(_ key: any CodingKey) throws -> AttributeValue {
        guard let member = members[key.stringValue] else { throw missing(key) }
        return member
    }

    private func missing(_ key: any CodingKey) -> DecodingError {
        .keyNotFound(key, .init(codingPath: codingPath, debugDescription: "the attribute is missing"))
    }
}

struct UnkeyedItemDecoding: UnkeyedDecodingContainer {
    let decoding: ItemDecoding
    let elements: [AttributeValue]
    private(set) var currentIndex = 0

    init(decoding: ItemDecoding, elements: [AttributeValue]) {
        self.decoding = decoding
        self.elements = elements
    }

    var codingPath: [any CodingKey] { decoding.codingPath }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    mutating func decodeNil() throws -> Bool {
        guard try next() == .null else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try read(type) }

    mutating func read<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let value = try decoding.decode(type, from: try next(), under: IndexKey(currentIndex))
        currentIndex += 1
        return value
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested>
    {
        let container = try part().container(keyedBy: type)
        currentIndex += 1
        return container
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let container = try part().unkeyedContainer()
        currentIndex += 1
        return container
    }

    mutating func superDecoder() throws -> any Decoder {
        let decoder = try part()
        currentIndex += 1
        return decoder
    }

    private func part() throws -> ItemDecoding { decoding.part(try next(), under: IndexKey(currentIndex)) }

    private func next() throws -> AttributeValue {
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(
                decoding.owner,
                .init(
                    codingPath: codingPath + [IndexKey(currentIndex)],
                    debugDescription: "the list has no more elements",
                    underlyingError: ItemCodingError(reason: "is missing: the list ends before it")))
        }
        return elements[currentIndex]
    }
}

struct SingleItemDecoding: SingleValueDecodingContainer {
    let decoding: ItemDecoding

    var codingPath: [any CodingKey] { decoding.codingPath }

    func decodeNil() -> Bool { decoding.attribute == .null }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try read(type) }

    func read<Value: Decodable>(_ type: Value.Type) throws -> Value {
        if Value.self == Double.self, let refusal = FoundationTypes.refusal(of: decoding.owner) {
            throw refusal.asMismatch(decoding.owner, at: decoding.trail)
        }
        return try decoding.session.decode(
            type, from: decoding.attribute, at: decoding.trail, level: decoding.level)
    }
}
