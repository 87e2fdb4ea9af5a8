internal import AWSCore
internal import JSONBytes

/// One page of a Query or Scan: at most 1 MB of items before the filter.
public struct Page: CallOutput, OperationResult {
    /// What is known of the call.
    public internal(set) var report = CallReport()
    /// The items that passed the filter.
    public internal(set) var items: [Item] = []
    /// How many items passed the filter; the only number there is where `countOnly` was asked for.
    public internal(set) var count = 0
    /// How many items were read, and paid for, before the filter.
    public internal(set) var scannedCount = 0
    /// Where the next page starts; nil on the last page.
    public internal(set) var lastKey: Item?

    func carried(by request: PreparedRequest) -> (items: Int, bytes: Int) {
        (count, items.reduce(0) { $0 + ItemSize.bytes(of: $1) })
    }
}

extension DynamoDBClient {
    /// Reads a page of the items of one partition.
    ///
    /// - Parameters:
    ///   - index: the index to read; the table itself where none is given.
    ///   - keyCondition: the partition key's value and, where wanted, what holds of the sort key:
    ///     `"customer" == "c-1" && "placed" > "2026"`.
    ///   - partitionKey: the partition key's value in the condition, for the hot-key statistics; where it is not given,
    ///     it is read from the condition as far as that shows it: of two equalities, the first, unless the table's keys are
    ///     known.
    ///   - filter: what an item has to meet to be given; others are read and paid for all the same.
    ///   - projection: the attributes to be read.
    ///   - limit: items to be read at most, before the filter.
    ///   - startAfter: the page before's `lastKey`.
    ///   - ascending: by the sort key; false gives the last items first.
    ///   - countOnly: only the numbers are wanted.
    ///   - allAttributes: reads from the table what a local index does not hold, for one more read an item. A global
    ///     index refuses it unless it holds all attributes.
    public func query(
        table: String, index: String? = nil, keyCondition: Expression, partitionKey: AttributeValue? = nil,
        filter: Expression? = nil, projection: Expression? = nil, limit: Int? = nil, startAfter: Item? = nil,
        ascending: Bool = true, countOnly: Bool = false, allAttributes: Bool = false,
        options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> Page {
        let site = CallSite(operation: .query, table: table, index: index ?? "", options: options)
        return try await page(site) { () throws(ItemProblem) in
            let names = directory.schema(of: table)?.keys(index: index ?? "")
            let value = partitionKey ?? KeyCondition.partitionKey(of: keyCondition, named: names?.partition)
            var writer = RequestWriter()
            try writer.table(table)
            try writer.expressions([
                (keyCondition, "KeyConditionExpression"), (filter, "FilterExpression"),
                (projection, "ProjectionExpression"),
            ])
            if !ascending { writer.json.member("ScanIndexForward", false) }
            try writer.page(
                index: index, limit: limit, startAfter: startAfter, countOnly: countOnly, allAttributes: allAttributes,
                options: options)
            let weight = TouchedKey.readBlock(consistent: options.consistentRead)
            let keys = value.map { [TouchedKey(table: table, index: index ?? "", value: $0, weight: weight)] } ?? []
            return writer.finish(keys: keys)
        }
    }

    /// Reads a page of all items there are, or of one of several parallel segments of them.
    ///
    /// - Parameter segment: which part of how many, from 0: `(0, 4)` is the first of four.
    public func scan(
        table: String, index: String? = nil, filter: Expression? = nil, projection: Expression? = nil,
        limit: Int? = nil, startAfter: Item? = nil, segment: (number: Int, of: Int)? = nil, countOnly: Bool = false,
        allAttributes: Bool = false, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> Page {
        let site = CallSite(operation: .scan, table: table, index: index ?? "", options: options)
        return try await page(site) { () throws(ItemProblem) in
            var writer = RequestWriter()
            try writer.table(table)
            try writer.expressions([(filter, "FilterExpression"), (projection, "ProjectionExpression")])
            if let segment {
                guard segment.of > 0, (0..<segment.of).contains(segment.number) else {
                    throw ItemProblem(reason: "segment \(segment.number) of \(segment.of) does not exist: count from 0")
                }
                writer.json.member("Segment", segment.number)
                writer.json.member("TotalSegments", segment.of)
            }
            try writer.page(
                index: index, limit: limit, startAfter: startAfter, countOnly: countOnly, allAttributes: allAttributes,
                options: options)
            return writer.finish(keys: [])
        }
    }

    private func page(
        _ site: CallSite, prepare: () throws(ItemProblem) -> PreparedRequest
    ) async throws(TidemarkError) -> Page {
        try await perform(site, prepare: prepare) { response throws(JSONError) in
            var page = Page()
            try ResponseReader.read(response.body) { name, scanner throws(JSONError) in
                switch name {
                case "Items": page.items = try ItemCodec.readItems(from: &scanner)
                case "Count": page.count = try scanner.readCount()
                case "ScannedCount": page.scannedCount = try scanner.readCount()
                case "LastEvaluatedKey": page.lastKey = try ItemCodec.readItem(from: &scanner)
                case "ConsumedCapacity": page.report.consumed = try CapacityReader(isWrite: false).read(from: &scanner)
                default: return false
                }
                return true
            }
            return page
        }
    }
}

extension RequestWriter {
    mutating func page(
        index: String?, limit: Int?, startAfter: Item?, countOnly: Bool, allAttributes: Bool, options: CallOptions
    ) throws(ItemProblem) {
        if let index { json.member("IndexName", index) }
        if let limit {
            guard limit > 0 else { throw ItemProblem(reason: "the limit is \(limit): it must be at least 1") }
            json.member("Limit", limit)
        }
        guard !(countOnly && allAttributes) else {
            throw ItemProblem(reason: "countOnly wants no attributes and allAttributes all of them: choose one")
        }
        if options.consistentRead { json.member("ConsistentRead", true) }
        if countOnly { json.member("Select", "COUNT") }
        if allAttributes { json.member("Select", "ALL_ATTRIBUTES") }
        if let startAfter {
            // The table's key, and in an index the index's key too.
            guard (1...4).contains(startAfter.count) else {
                throw ItemProblem(
                    reason: "startAfter has \(startAfter.count) attributes: give it the page before's lastKey")
            }
            for (name, value) in startAfter {
                try Self.checkKey(value, named: name, limit: DynamoDBLimits.maximumPartitionKeyBytes)
            }
            json.key("ExclusiveStartKey")
            ItemCodec.write(startAfter, into: &json)
        }
    }
}

extension JSONScanner {
    /// A number that is written as an integer that is not below zero.
    mutating func readCount() throws(JSONError) -> Int {
        guard let count = Int(try readNumberText()), count >= 0 else { throw error("a count was expected") }
        return count
    }
}
