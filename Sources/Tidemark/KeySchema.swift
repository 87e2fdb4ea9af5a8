internal import AWSCore
internal import ContractModel
internal import Telemetry

/// Which attributes are the keys of a table and its indexes.
struct KeySchema: Sendable, Equatable {
    struct Keys: Sendable, Equatable {
        var partition: String
        var sort: String?
    }

    var table: Keys
    var indexes: [String: Keys]

    init(_ table: ContractTable) {
        self.table = Keys(partition: table.partitionKey.name, sort: table.sortKey?.name)
        self.indexes = Dictionary(
            table.indexes.map { ($0.name, Keys(partition: $0.partitionKey.name, sort: $0.sortKey?.name)) },
            uniquingKeysWith: { first, _ in first })
    }

    /// The keys of the index, or of the table where the index is "".
    func keys(index: String) -> Keys? { index.isEmpty ? table : indexes[index] }
}

extension KeySchema {
    /// The partition key's name where no schema is known: the key's only attribute, or one that bears a usual name.
    static func guessPartitionKey(of key: Item) -> String? {
        if key.count == 1 { return key.first?.key }
        return ["PK", "pk"].first { key[$0] != nil }
    }
}

/// What a client looks up for each call, kept so that nothing is looked up in the telemetry file twice.
final class SeriesDirectory: Sendable {
    private struct State {
        var slots: [SeriesKey: SeriesSlot] = [:]
        var schemas: [String: KeySchema]
    }

    /// Series that are remembered at most; a caller that invents pattern names without end costs time, not memory.
    static let maximumRememberedSlots = 10_000

    private let telemetry: TelemetryWriter
    private let state: AWSCore.Lock<State>

    init(telemetry: TelemetryWriter, contract: MigrationContract?) {
        self.telemetry = telemetry
        let schemas = Dictionary(
            (contract?.tables ?? []).map { ($0.name, KeySchema($0)) }, uniquingKeysWith: { first, _ in first })
        self.state = AWSCore.Lock(State(schemas: schemas))
    }

    func slot(table: String, index: String, operation: String, pattern: String) -> SeriesSlot {
        let key = SeriesKey(table: table, index: index, operation: operation, pattern: pattern)
        // Without a file there is none that a slot belongs to: the question is what makes the writer try again.
        if !telemetry.isWithoutFile, let known = state.withLock({ $0.slots[key] }) { return known }
        let slot = telemetry.slot(for: key)
        // No room now is no answer for good: a file system that was full may have room again.
        if slot.isOther { return slot }
        state.withLock { state in
            if state.slots.count < SeriesDirectory.maximumRememberedSlots { state.slots[key] = slot }
        }
        return slot
    }

    func schema(of table: String) -> KeySchema? { state.withLock { $0.schemas[table] } }

    /// Remembers what the service itself said of a table.
    func learn(_ schema: KeySchema, of table: String) { state.withLock { $0.schemas[table] = schema } }
}
