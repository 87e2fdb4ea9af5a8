/// A field that a contract has and this software does not know, kept with its name.
public struct ContractField: Sendable, Hashable {
    /// The field's name.
    public var name: String
    /// Its value: a text or a number as it is, anything else as JSON.
    public var text: String

    /// Pairs a name with a value.
    public init(name: String, text: String) {
        self.name = name
        self.text = text
    }
}

/// A join, calculation or transformation of a type that this software does not know: kept, so that whoever has to carry it
/// out can refuse it by name.
public struct UnknownConstruct: Sendable, Hashable {
    /// Its `type`, as the contract writes it; "" where it has none.
    public var type: String
    /// Its other members, in the contract's order.
    public var fields: [ContractField]

    /// Names a construct.
    public init(type: String, fields: [ContractField] = []) {
        self.type = type
        self.fields = fields
    }
}
