// One generic method stands for the sixteen of each kind that the standard library's protocols ask for.

struct KeyedItemEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoding: ItemEncoding

    var codingPath: [any CodingKey] { encoding.codingPath }

    func encodeNil(forKey key: Key) throws { encoding.slot.map[key.stringValue] = .value(.null) }

    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws { try write(value, forKey: key) }

    func write<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        let trail = encoding.trail.appending(key)
        try FoundationTypes.check(encoding.owner, writing: key, at: encoding.trail)
        guard let value = try encoding.session.value(of: value, at: trail) else {
            // A dictionary's keys are values too: one must not vanish with the empty set that it has.
            if encoding.owner is any KeyedByValues.Type { try encodeNil(forKey: key) }
            return
        }
        encoding.slot.map[key.stringValue] = .value(value)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        later(under: key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        later(under: key).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { later(under: SuperKey()) }

    func superEncoder(forKey key: Key) -> any Encoder { later(under: key) }

    /// A container that is opened twice under one key is the same.
    private func later(under key: any CodingKey) -> ItemEncoding {
        if case .later(let slot) = encoding.slot.map[key.stringValue] { return encoding.later(under: key, as: slot) }
        let slot = EncodingSlot()
        encoding.slot.map[key.stringValue] = .later(slot)
        return encoding.later(under: key, as: slot)
    }
}

struct UnkeyedItemEncoding: UnkeyedEncodingContainer {
    let encoding: ItemEncoding

    var codingPath: [any CodingKey] { encoding.codingPath }
    var count: Int { encoding.slot.list.count }

    func encodeNil() throws { encoding.slot.list.append(.value(.null)) }

    func encode<Value: Encodable>(_ value: Value) throws { try write(value) }

    func write<Value: Encodable>(_ value: Value) throws {
        let trail = encoding.trail.appending(IndexKey(count))
        if Value.self == UInt8.self { try FoundationTypes.check(encoding.owner, at: encoding.trail) }
        let value = try encoding.session.value(of: value, at: trail)
        encoding.slot.list.append(.value(value ?? .null))
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        later().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { later().unkeyedContainer() }

    func superEncoder() -> any Encoder { later() }

    private func later() -> ItemEncoding {
        let slot = EncodingSlot()
        let encoding = encoding.later(under: IndexKey(count), as: slot)
        self.encoding.slot.list.append(.later(slot))
        return encoding
    }
}

struct SingleItemEncoding: SingleValueEncodingContainer {
    let encoding: ItemEncoding

    var codingPath: [any CodingKey] { encoding.codingPath }

    func encodeNil() throws { try set(.null) }

    func encode<Value: Encodable>(_ value: Value) throws { try write(value) }

    func write<Value: Encodable>(_ value: Value) throws {
        if Value.self == Double.self { try FoundationTypes.check(encoding.owner, at: encoding.trail) }
        try set(try encoding.session.value(of: value, at: encoding.trail))
    }

    private func set(_ value: AttributeValue?) throws {
        guard encoding.slot.become(.single) else {
            throw ItemCodingError(reason: "is written by \(encoding.owner) as values of two kinds at once")
                .asEncodingError(of: encoding.owner, at: encoding.trail)
        }
        encoding.slot.set(value)
    }
}

/// Dictionaries, whose keys come from values and not from a type.
private protocol KeyedByValues {}
extension Dictionary: KeyedByValues {}

/// Foundation's types whose own coding is none for a database, a date as seconds since 2001 for one. The module
/// TidemarkFoundation gives them their forms; where it is not linked they must not be stored in another.
enum FoundationTypes {
    private static let names: Set<String> = ["Date", "Data", "Decimal", "URL"]

    /// Refuses such a type. Asked where these types' own coding passes by, not for every value: a type's name is slow.
    static func check(_ type: Any.Type, at trail: CodingTrail) throws {
        if let refusal = refusal(of: type) { throw refusal.asEncodingError(of: type, at: trail) }
    }

    static func check(_ type: Any.Type, writing key: some CodingKey, at trail: CodingTrail) throws {
        // A Decimal's and a URL's first keys.
        guard key.stringValue == "exponent" || key.stringValue == "relative" else { return }
        try check(type, at: trail)
    }

    static func refusal(of type: Any.Type) -> ItemCodingError? {
        let name = String(reflecting: type).split(separator: ".")
        guard name.count == 2, name[0] == "Foundation" || name[0] == "FoundationEssentials",
            names.contains(String(name[1]))
        else { return nil }
        return ItemCodingError(reason: "is a \(name[1]) of Foundation: link the product TidemarkFoundation for it")
    }
}
