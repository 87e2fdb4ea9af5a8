/// Why a value has no item, or an item no value of the type. It names attributes, never their values.
public struct ItemCodingError: Error, Sendable, CustomStringConvertible {
    /// Where: "address.city", "lines[2].sku"; "" for the item as a whole.
    public var path: String
    /// What was found and what was expected: "is S, and Int takes N".
    public var reason: String
    /// What the type's own coding threw, where that was something else. It may show a value.
    public var underlying: (any Error)?

    /// Puts the parts together. What `AttributeRepresentable` throws needs no path: the coder knows it.
    public init(path: String = "", reason: String, underlying: (any Error)? = nil) {
        self.path = path
        self.reason = reason
        self.underlying = underlying
    }

    /// "attribute 'address.city' is N, and String takes S".
    public var description: String { (path.isEmpty ? "the item " : "attribute '\(path)' ") + reason }
}

extension ItemCodingError {
    /// Whatever came out of a type's own coding. Only texts of ours are used: others may quote a value.
    init(_ error: any Error) {
        switch error {
        case let error as ItemCodingError: self = error
        case let error as DecodingError: self.init(error)
        case EncodingError.invalidValue(_, let context):
            self.init(context, error, otherwise: "has a value that cannot be written")
        default:
            self.init(reason: "cannot be coded: its type threw \(type(of: error))", underlying: error)
        }
    }

    private init(_ error: DecodingError) {
        switch error {
        case .keyNotFound(let key, let context):
            self.init(path: CodingTrail.text(of: context.codingPath + [key]), reason: "is missing", underlying: error)
        case .valueNotFound(_, let context): self.init(context, error, otherwise: "is NULL, and a value is expected")
        case .typeMismatch(let type, let context): self.init(context, error, otherwise: "is not what \(type) takes")
        case .dataCorrupted(let context):
            self.init(context, error, otherwise: "has a value that its type does not take")
        @unknown default: self.init(reason: "cannot be read", underlying: error)
        }
    }

    private init(_ context: DecodingError.Context, _ error: DecodingError, otherwise reason: String) {
        let ours = context.underlyingError as? ItemCodingError
        self.init(
            path: CodingTrail.text(of: context.codingPath), reason: ours?.reason ?? reason,
            underlying: ours == nil ? error : nil)
    }

    private init(_ context: EncodingError.Context, _ error: any Error, otherwise reason: String) {
        let ours = context.underlyingError as? ItemCodingError
        self.init(
            path: CodingTrail.text(of: context.codingPath), reason: ours?.reason ?? reason,
            underlying: ours == nil ? error : nil)
    }

    // A type's own coding may catch the standard library's errors to try something else, so that they are what it meets.

    func asEncodingError(of value: Any, at trail: CodingTrail) -> EncodingError {
        .invalidValue(value, .init(codingPath: trail.keys, debugDescription: reason, underlyingError: self))
    }

    func asMismatch(_ type: Any.Type, at trail: CodingTrail) -> DecodingError {
        .typeMismatch(type, .init(codingPath: trail.keys, debugDescription: reason, underlyingError: self))
    }
}

/// The way from the item to the value that is being coded.
indirect enum CodingTrail: Sendable {
    case start
    case step(any CodingKey, depth: Int, from: CodingTrail)

    /// Keys on the way.
    var depth: Int {
        if case .step(_, let depth, _) = self { depth } else { 0 }
    }

    func appending(_ key: any CodingKey) -> CodingTrail { .step(key, depth: depth + 1, from: self) }

    var keys: [any CodingKey] {
        var keys: [any CodingKey] = []
        var trail = self
        while case .step(let key, _, let before) = trail {
            keys.append(key)
            trail = before
        }
        return keys.reversed()
    }

    static func text(of keys: [any CodingKey]) -> String {
        keys.reduce(into: "") { text, key in
            if let index = key as? IndexKey {
                text += "[\(index.place)]"
            } else {
                text += (text.isEmpty ? "" : ".") + key.stringValue
            }
        }
    }
}

/// A place in a list.
struct IndexKey: CodingKey {
    let place: Int
    var intValue: Int? { place }
    var stringValue: String { "Index \(place)" }

    init(_ place: Int) { self.place = place }
    init?(intValue: Int) { place = intValue }
    init?(stringValue: String) { nil }
}

/// Where a class keeps what its superclass writes, unless it says another key.
struct SuperKey: CodingKey {
    var intValue: Int? { nil }
    var stringValue: String { "super" }

    init() {}
    init?(intValue: Int) { nil }
    init?(stringValue: String) { if stringValue != "super" { return nil } }
}
