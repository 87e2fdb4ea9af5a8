package import ContractModel

/// The lookup items that a stored item needs for its unique values: for whoever holds both against each other.
package struct UniquePlaces: Sendable, Equatable {
    /// A lookup item.
    package struct Place: Sendable {
        /// The attributes whose values it holds the place of.
        package var attributes: [String]
        /// The table that it is in.
        package var table: String
        /// Its key.
        package var key: Item
    }

    private let lookups: UniqueLookups

    /// Of one kind of item of a table.
    package init(table: ContractTable, entity: ContractEntity) {
        lookups = UniqueLookups(
            table: table, layout: EntityLayout(table: table, entity: entity), constraints: entity.uniqueConstraints)
    }

    /// The lookup items that the item needs. What it has no value for, or one that breaks the contract, needs none.
    package func places(of item: Item) -> [Place] {
        lookups.places(held: item).map {
            Place(attributes: $0.constraint.attributes, table: $0.table, key: $0.key)
        }
    }
}
