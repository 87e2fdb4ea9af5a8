internal import ContractModel

extension ContractRepository {
    /// Reads a page of this kind of item of one partition, as the items are stored.
    ///
    /// Other kinds of items whose keys begin as this kind's do are read, and paid for, with it, and not given.
    /// Of the sort key's values as many as are known may be given, from the left: the page has the items that have these.
    /// With `beginning` it has those whose next value begins so; with `from` or `through` those between the two, both of them
    /// included, and with the last all that begins so: `from: ["created_at": "2026-10"], through: ["created_at": "2026-11"]` are
    /// the items of two months.
    ///
    /// - Parameters:
    ///   - values: what the partition key is made of, and what is known of the sort key.
    ///   - beginning: how the sort key's next value begins.
    ///   - from: what is known of the first item's sort key.
    ///   - through: what is known of the last item's sort key, or how that begins.
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
        var page = try await client.query(
            table: table.name, index: index, keyCondition: query.condition, partitionKey: query.partitionKey,
            filter: filter, limit: limit, startAfter: startAfter, ascending: ascending, options: options)
        if let kind { page.items.removeAll { !kind.isOwn($0) } }
        return page
    }

    /// All pages of a query, each fetched when it is asked for. The parameters are `query`'s.
    ///
    /// - Parameters:
    ///   - limit: items that all pages together have at most; all that there are where none is given.
    ///   - pageSize: items that a page reads at most, before the filter; as many as fit 1 MB where none is given.
    public func queryPages(
        _ values: KeyValues, beginning: KeyValues? = nil, from: KeyValues? = nil, through: KeyValues? = nil,
        index: String? = nil,
        filter: Expression? = nil, limit: Int? = nil, pageSize: Int? = nil, startAfter: Item? = nil,
        ascending: Bool = true, pattern: String, options: CallOptions = CallOptions()
    ) -> Pages<Page> {
        Pages(from: startAfter.map(Pages<Page>.Position.key)) { position async throws(TidemarkError) in
            let left = position?.left ?? limit
            let page = try await self.query(
                values, beginning: beginning, from: from, through: through, index: index, filter: filter,
                limit: [left, pageSize].compactMap(\.self).min(),
                startAfter: position?.key, ascending: ascending, pattern: pattern, options: options)
            return (page, .next(after: page.lastKey, left: left.map { $0 - page.items.count }))
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
