extension DynamoDBClient {
    /// All pages of a query, each fetched when it is asked for. `queryPages(…).items` gives item by item.
    ///
    ///     for try await order in client.queryPages(table: "Orders", keyCondition: condition).items { … }
    ///
    /// - Parameter pageSize: items that a page reads at most, before the filter; as many as fit 1 MB where none is given.
    ///   The others are `query`'s.
    public func queryPages(
        table: String, index: String? = nil, keyCondition: Expression, partitionKey: AttributeValue? = nil,
        filter: Expression? = nil, projection: Expression? = nil, pageSize: Int? = nil, startAfter: Item? = nil,
        ascending: Bool = true, countOnly: Bool = false, options: CallOptions = CallOptions()
    ) -> Pages<Page> {
        Pages(from: startAfter.map(Pages<Page>.Position.key)) { position async throws(TidemarkError) in
            let page = try await self.query(
                table: table, index: index, keyCondition: keyCondition, partitionKey: partitionKey, filter: filter,
                projection: projection, limit: pageSize, startAfter: position?.key, ascending: ascending,
                countOnly: countOnly, options: options)
            return (page, page.lastKey.map(Pages<Page>.Position.key))
        }
    }

    /// All pages of a scan, each fetched when it is asked for. `scanPages(…).items` gives item by item.
    ///
    /// - Parameter pageSize: items that a page reads at most, before the filter; as many as fit 1 MB where none is given.
    ///   The others are `scan`'s.
    public func scanPages(
        table: String, index: String? = nil, filter: Expression? = nil, projection: Expression? = nil,
        pageSize: Int? = nil, startAfter: Item? = nil, segment: (number: Int, of: Int)? = nil,
        countOnly: Bool = false, options: CallOptions = CallOptions()
    ) -> Pages<Page> {
        Pages(from: startAfter.map(Pages<Page>.Position.key)) { position async throws(TidemarkError) in
            let page = try await self.scan(
                table: table, index: index, filter: filter, projection: projection, limit: pageSize,
                startAfter: position?.key, segment: segment, countOnly: countOnly, options: options)
            return (page, page.lastKey.map(Pages<Page>.Position.key))
        }
    }

    /// All pages of a whole table or index, read in several segments at once. `parallelScan(…).items` gives item by item.
    ///
    /// - Parameters:
    ///   - segments: how many parts are read side by side, 1 to 1,000,000 by DynamoDB's rules; each has one request under
    ///     way at most, so it is also the number of connections that the scan takes.
    ///   - pageSize: items that a page reads at most, before the filter. The others are `scan`'s.
    public func parallelScan(
        table: String, segments: Int, index: String? = nil, filter: Expression? = nil, projection: Expression? = nil,
        pageSize: Int? = nil, countOnly: Bool = false, options: CallOptions = CallOptions()
    ) -> ParallelScan {
        ParallelScan(
            segments: (0..<max(1, segments)).map { number in
                scanPages(
                    table: table, index: index, filter: filter, projection: projection, pageSize: pageSize,
                    segment: (number, of: segments), countOnly: countOnly, options: options)
            })
    }

    /// All pages of what a PartiQL statement finds. `statementPages(…).items` gives item by item.
    ///
    /// - Parameter pageSize: items that a page reads at most, before the filter.
    public func statementPages(
        _ statement: PartiQLStatement, pageSize: Int? = nil, options: CallOptions = CallOptions()
    ) -> Pages<StatementPage> {
        Pages { position async throws(TidemarkError) in
            let page = try await self.executeStatement(
                statement, limit: pageSize, nextToken: position?.token, options: options)
            return (page, page.nextToken.map(Pages<StatementPage>.Position.token))
        }
    }
}
