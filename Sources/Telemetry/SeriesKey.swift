/// What a series counts: one access pattern's operation on one table or index. An empty string means "none".
public struct SeriesKey: Hashable, Sendable {
    /// The DynamoDB table, such as `Orders`.
    public var table: String
    /// The index read through, or the index whose share of a table's consumption this is; empty for the table itself.
    public var index: String
    /// The API operation, such as `GetItem`.
    public var operation: String
    /// The contract's access pattern, such as `AP11`; empty for a call outside the contract.
    public var pattern: String

    /// - Parameters:
    ///   - table: the DynamoDB table.
    ///   - index: the index, by default none.
    ///   - operation: the API operation, by default none.
    ///   - pattern: the access pattern, by default none.
    public init(table: String, index: String = "", operation: String = "", pattern: String = "") {
        self.table = table
        self.index = index
        self.operation = operation
        self.pattern = pattern
    }

    /// The series that counts what found no room for a series of its own.
    public static let other = SeriesKey(table: "", operation: "other")
}

/// A series' place in one writer's file, taken once with ``TelemetryWriter/slot(for:)`` and kept.
///
/// A slot of another writer is harmless here: it counts into the series at the same place, or into `other`.
public struct SeriesSlot: Sendable, Hashable {
    let index: UInt32

    /// Whether it is the place of ``SeriesKey/other``: there was no room, and asking again later may find some.
    public var isOther: Bool { index == 0 }
}
