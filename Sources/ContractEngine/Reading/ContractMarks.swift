/// Where the parts of a contract stand in its file, so that a finding can point at them. It mirrors the contract's order.
package struct ContractMarks: Sendable {
    package var tables: [TableMarks] = []
}

/// Where a table and its parts stand.
package struct TableMarks: Sendable {
    package var start: Position
    package var satisfies: Position?
    /// The place of each id in `satisfies`, by canonical id.
    package var satisfied: [String: Position] = [:]
    package var itemSize: Position?
    package var indexes: [Position] = []
    package var entities: [EntityMarks] = []
}

/// Where an entity and its parts stand.
package struct EntityMarks: Sendable {
    package var start: Position
    package var sortKeyTemplate: Position?
    package var partitionKeyTemplate: Position?
    package var attributes: [String: Position] = [:]
    package var formats: [String: Position] = [:]
}

/// Something in which a contract departs from the schema of its kind, though it can be read.
package struct SchemaNote: Sendable {
    package var position: Position
    package var message: String
    package var advice: String
}
