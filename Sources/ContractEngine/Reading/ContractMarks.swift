/// Where the parts of a contract stand in its file, so that a finding can point at them. It mirrors the contract's order.
package struct ContractMarks: Sendable {
    package var tables: [TableMarks] = []
    /// Fields that nothing knows, each with its owner.
    package var unknownFields: [UnknownFieldMark] = []
    /// What was concluded since the contract does not say it.
    package var guesses: [ReadingGuess] = []
}

/// Where a table and its parts stand.
package struct TableMarks: Sendable {
    package var start: Position
    package var partitionKey: Position?
    package var sortKey: Position?
    package var satisfies: Position?
    /// The place of each id in `satisfies`, by canonical id.
    package var satisfied: [String: Position] = [:]
    /// Ids that stand in `satisfies` more than once, where they stand again.
    package var satisfiedAgain: [(id: String, position: Position)] = []
    package var itemSize: Position?
    package var timeToLive: Position?
    package var indexes: [IndexMarks] = []
    package var entities: [EntityMarks] = []
}

/// Where an index and its parts stand.
package struct IndexMarks: Sendable {
    package var start: Position
    package var partitionKey: Position?
    package var sortKey: Position?
    package var projection: Position?
    /// A list of attributes beside a projection that takes none.
    package var unusedAttributes: Position?
}

/// Where an entity and its parts stand.
package struct EntityMarks: Sendable {
    package var start: Position
    package var sortKeyTemplate: Position?
    package var partitionKeyTemplate: Position?
    package var indexTemplates: [String: Position] = [:]
    package var uniqueConstraints: [Position] = []
    package var itemSize: Position?
    package var attributes: [String: AttributeMarks] = [:]
}

/// Where an attribute and its parts stand.
package struct AttributeMarks: Sendable {
    package var start: Position
    package var type: Position?
    package var join: Position?
    package var calculation: Position?
    package var transformation: Position?
    package var format: Position?
}

/// A field that nothing knows.
package struct UnknownFieldMark: Sendable {
    package var name: String
    /// What has it: "the attribute price".
    package var owner: String
    package var position: Position
}

/// Something concluded since the contract does not say it.
package struct ReadingGuess: Sendable {
    package var position: Position
    package var text: String
}

/// Something in which a contract departs from the schema of its kind, though it can be read.
package struct SchemaNote: Sendable {
    /// Where it is first.
    package var position: Position
    /// What has the departure: "every attribute".
    package var message: String
    package var advice: String
    /// How often it occurs.
    package var count = 1
}
