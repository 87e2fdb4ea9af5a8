/// One `encode`: what all of its encoders share.
final class EncodingSession {
    let coder: ItemCoder
    /// What went wrong where nothing could be thrown.
    private(set) var problem: ItemCodingError?
    private var level = 0

    init(_ coder: ItemCoder) { self.coder = coder }

    /// Calls of `encode(to:)` inside each other: more than DynamoDB's nesting needs, fewer than a stack holds.
    static let maximumLevel = 256

    /// The value's form; nil for what is left out, as an empty set is.
    func value<Value: Encodable>(of value: Value, at trail: CodingTrail) throws -> AttributeValue? {
        // What most attributes are, without the search for a conformance.
        if Value.self == String.self, let text = value as? String { return .string(text) }
        if Value.self == Int.self, let number = value as? Int { return .number(number) }
        if Value.self == [UInt8].self, let bytes = value as? [UInt8] { return .binary(bytes) }
        do throws(ItemCodingError) {
            if let value = value as? any AttributeRepresentable { return try value.attributeValue(for: coder) }
        } catch {
            throw error.asEncodingError(of: value, at: trail)
        }
        if let set = value as? any CodableSet { return try set.encode(with: self, at: trail) }
        return try encoded(value, at: trail)
    }

    private func encoded<Value: Encodable>(_ value: Value, at trail: CodingTrail) throws -> AttributeValue? {
        guard level < Self.maximumLevel else {
            throw ItemCodingError.nestedTooDeeply.asEncodingError(of: value, at: trail)
        }
        level += 1
        defer { level -= 1 }
        let slot = EncodingSlot()
        try value.encode(to: ItemEncoding(slot: slot, session: self, trail: trail, owner: Value.self))
        // An empty Data has no byte to be known by.
        if slot.kind == .list, slot.list.isEmpty { try FoundationTypes.check(Value.self, at: trail) }
        return slot.isAbsent ? nil : slot.value
    }

    /// Keeps the first problem: later ones may follow from it.
    func report(_ reason: String, at trail: CodingTrail) {
        guard problem == nil else { return }
        problem = ItemCodingError(path: CodingTrail.text(of: trail.keys), reason: reason)
    }
}

extension ItemCodingError {
    static let nestedTooDeeply = ItemCodingError(
        reason: "is nested deeper than DynamoDB's \(DynamoDBLimits.maximumNesting) levels")
}

/// The place of one value that is being built: a container may be filled until the whole is done.
final class EncodingSlot {
    enum Kind {
        case unused, single, list, map
    }

    enum Element {
        case value(AttributeValue)
        case later(EncodingSlot)

        var value: AttributeValue {
            switch self {
            case .value(let value): value
            case .later(let slot): slot.value
            }
        }
    }

    private(set) var kind = Kind.unused
    /// Whether it is to be left out.
    var isAbsent = false
    private var single = AttributeValue.null
    // In places of their own, so that filling them copies nothing.
    var list: [Element] = []
    var map: [String: Element] = [:]

    /// Makes it a value of that kind; false where it is one of another kind already.
    func become(_ kind: Kind) -> Bool {
        if self.kind == .unused { self.kind = kind }
        return self.kind == kind
    }

    func set(_ value: AttributeValue?) {
        kind = .single
        isAbsent = value == nil
        single = value ?? .null
    }

    /// What was built. A type that writes nothing at all is an empty map.
    var value: AttributeValue {
        switch kind {
        case .single: single
        case .list: .list(list.map(\.value))
        case .map, .unused: .map(map.mapValues(\.value))
        }
    }
}

/// What a type's `encode(to:)` is handed.
struct ItemEncoding: Encoder {
    let slot: EncodingSlot
    let session: EncodingSession
    let trail: CodingTrail
    /// The type that writes here.
    let owner: Any.Type

    var codingPath: [any CodingKey] { trail.keys }
    var userInfo: [CodingUserInfoKey: Any] { session.coder.userInfo }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(KeyedItemEncoding<Key>(encoding: prepared(for: .map)))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer { UnkeyedItemEncoding(encoding: prepared(for: .list)) }

    func singleValueContainer() -> any SingleValueEncodingContainer { SingleItemEncoding(encoding: self) }

    /// Itself, or a place that leads nowhere where the value cannot be of that kind: nothing can be thrown here.
    private func prepared(for kind: EncodingSlot.Kind) -> ItemEncoding {
        if trail.depth > DynamoDBLimits.maximumNesting {
            session.report(ItemCodingError.nestedTooDeeply.reason, at: trail)
        } else if slot.become(kind) {
            return self
        } else {
            session.report("is written by \(owner) as values of two kinds at once", at: trail)
        }
        let nowhere = EncodingSlot()
        _ = nowhere.become(kind)
        return ItemEncoding(slot: nowhere, session: session, trail: trail, owner: owner)
    }

    /// An encoder for what is written under the key later on.
    func later(under key: any CodingKey, as slot: EncodingSlot) -> ItemEncoding {
        ItemEncoding(slot: slot, session: session, trail: trail.appending(key), owner: owner)
    }
}
