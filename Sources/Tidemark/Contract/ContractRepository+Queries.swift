internal import ContractModel

extension ContractRepository {
    /// Reads a page of this kind of item of one partition, as the items are stored.
    ///
    /// Of the sort key's values as many as are known may be given, from the left: the page has the items that have these.
    /// With `beginning` it has those whose next value begins so; with `from` or `through` those between the two, both of them
    /// included: `from: ["created_at": "2026-10"], through: ["created_at": "2026-11"]` are the items of two months.
    ///
    /// - Parameters:
    ///   - values: what the partition key is made of, and what is known of the sort key.
    ///   - beginning: how the sort key's next value begins.
    ///   - from: what is known of the first item's sort key.
    ///   - through: what is known of the last item's sort key.
    ///   - index: the index to read; the table itself where none is given.
    public func query(
        _ values: KeyValues, beginning: KeyValues? = nil, from: KeyValues? = nil, through: KeyValues? = nil,
        index: String? = nil,
        filter: Expression? = nil, limit: Int? = nil, startAfter: Item? = nil, ascending: Bool = true, pattern: String,
        options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> Page {
        let nothing = KeyQuery(condition: "", partitionKey: .null)
        let (query, options) = checked(pattern, options, else: nothing) { () throws(ContractBreach) in
            try self.query(values, SortEnds(beginning: beginning, from: from, through: through), index: index)
        }
        return try await client.query(
            table: table.name, index: index, keyCondition: query.condition, partitionKey: query.partitionKey,
            filter: filter, limit: limit, startAfter: startAfter, ascending: ascending, options: options)
    }

    /// All pages of a query, each fetched when it is asked for. The parameters are `query`'s.
    ///
    /// - Parameter pageSize: items that a page reads at most, before the filter; as many as fit 1 MB where none is given.
    public func queryPages(
        _ values: KeyValues, beginning: KeyValues? = nil, from: KeyValues? = nil, through: KeyValues? = nil,
        index: String? = nil,
        filter: Expression? = nil, pageSize: Int? = nil, startAfter: Item? = nil, ascending: Bool = true,
        pattern: String, options: CallOptions = CallOptions()
    ) -> Pages<Page> {
        Pages(from: startAfter.map(Pages<Page>.Position.key)) { position async throws(TidemarkError) in
            let page = try await self.query(
                values, beginning: beginning, from: from, through: through, index: index, filter: filter,
                limit: pageSize,
                startAfter: position?.key, ascending: ascending, pattern: pattern, options: options)
            return (page, page.lastKey.map(Pages<Page>.Position.key))
        }
    }

    func query(_ values: KeyValues, _ ends: SortEnds, index: String?) throws(ContractBreach) -> KeyQuery {
        guard let index else {
            return try layout.query(partition: table.partitionKey, sort: table.sortKey, values, ends: ends)
        }
        guard let found = table.index(named: index) else {
            throw ContractBreach(reason: "the contract's table '\(table.name)' has no index '\(index)'")
        }
        return try layout.query(partition: found.partitionKey, sort: found.sortKey, values, ends: ends)
    }
}
