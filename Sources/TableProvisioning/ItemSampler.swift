public import ContractModel
public import Tidemark

/// Reads some items of a table from places all over it.
public struct ItemSampler: Sendable {
    /// Places at which reading begins: a scan goes by the hash of the partition key, so that each is as good as chance.
    static let places = 8

    private let client: DynamoDBClient

    /// - Parameter client: whose table is read.
    public init(client: DynamoDBClient) { self.client = client }

    /// The items, held against the contract, and the read units that they cost in thousandths.
    ///
    /// - Parameters:
    ///   - limit: items at most; each costs half a read unit for each 4 KB.
    ///   - timeToLive: the attribute by which items expire.
    ///   - contract: the contract that the table is of, for copies of what other tables hold.
    public func sample(
        _ table: ContractTable, limit: Int, timeToLive: String? = nil, in contract: MigrationContract? = nil
    ) async throws(TidemarkError) -> (sample: ItemSample, readMilliUnits: UInt64) {
        var sample = ItemSample(of: table, timeToLive: timeToLive, in: contract)
        var units: UInt64 = 0
        let places = min(ItemSampler.places, max(1, limit))
        var waiting: [(place: Int, after: Item?)] = (0..<places).map { ($0, nil) }
        while sample.count < limit, !waiting.isEmpty {
            let next = waiting.removeFirst()
            let share = (limit - sample.count + waiting.count) / (waiting.count + 1)
            let page = try await client.scan(
                table: table.name, limit: share, startAfter: next.after, segment: (next.place, of: places))
            for item in page.items { sample.add(item) }
            units += page.consumed.reduce(0) { $0 + $1.total.readMilliUnits }
            if let last = page.lastKey { waiting.append((next.place, last)) }
        }
        sample.isWhole = waiting.isEmpty
        return (sample, units)
    }
}
