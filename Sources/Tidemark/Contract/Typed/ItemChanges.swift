/// What an update sets and removes. Generated code fills it, property by property.
public struct ItemChanges: Sendable, Hashable {
    /// The attributes that are set.
    public private(set) var set: Item = [:]
    /// The attributes that are removed.
    public private(set) var removed: [String] = []

    /// Makes changes of none.
    public init() {}

    /// Whether nothing changes.
    public var isEmpty: Bool { self.set.isEmpty && removed.isEmpty }

    /// The value that is set; reading what is not set gives nil. Nil removes the attribute.
    public subscript(name: String) -> AttributeValue? {
        get { self.set[name] }
        set {
            self.set[name] = newValue
            removed.removeAll { $0 == name }
            if newValue == nil { removed.append(name) }
        }
    }
}
