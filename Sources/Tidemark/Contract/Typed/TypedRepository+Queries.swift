internal import AWSCore
internal import ContractModel
internal import JSONBytes

extension TypedRepository {
    /// Reads a page of the values of one partition.
    ///
    /// Other kinds of items whose keys begin as this kind's do are read, and paid for, with it, and not given.
    ///
    /// - Parameters:
    ///   - type: the values' type, where it is another one: that of an index which does not hold all attributes.
    ///   - values: what the partition key is made of, and what is known of the sort key, from the left.
    ///   - beginning: how the sort key's next value begins.
    ///   - from: what is known of the first value's sort key.
    ///   - through: what is known of the last value's sort key, or how that begins.
    ///   - index: the index to read; the table itself where none is given.
    public func query<Read: ProjectedItem>(
        as type: Read.Type = Value.self, _ values: KeyValues, beginning: KeyValues? = nil, from: KeyValues? = nil,
        through: KeyValues? = nil,
        index: String? = nil, filter: Expression? = nil, limit: Int? = nil, startAfter: Item? = nil,
        ascending: Bool = true, pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> TypedPage<Read> {
        let nothing = KeyQuery(condition: "", partitionKey: .null)
        let (query, options) = untyped.checked(pattern, options, else: nothing) { () throws(ContractBreach) in
            try untyped.query(values, SortEnds(beginning: beginning, from: from, through: through), index: index)
        }
        return try await page(options, operation: .query, index: index) { writer throws(ItemProblem) in
            try writer.expressions([
                (query.condition, "KeyConditionExpression"), (filter, "FilterExpression"),
            ])
            if !ascending { writer.json.member("ScanIndexForward", false) }
            try writer.page(
                index: index, limit: limit, startAfter: startAfter, countOnly: false, allAttributes: false,
                options: options)
            let weight = TouchedKey.readBlock(consistent: options.consistentRead)
            return [
                TouchedKey(
                    table: untyped.table.name, index: index ?? "", value: query.partitionKey, weight: weight)
            ]
        }
    }

    /// All pages of a query, each fetched when it is asked for; `.values` gives value by value. The parameters are `query`'s.
    ///
    /// - Parameters:
    ///   - limit: values that all pages together have at most; all that there are where none is given.
    ///   - pageSize: items that a page reads at most, before the filter; as many as fit 1 MB where none is given.
    public func queryPages<Read: ProjectedItem>(
        as type: Read.Type = Value.self, _ values: KeyValues, beginning: KeyValues? = nil, from: KeyValues? = nil,
        through: KeyValues? = nil,
        index: String? = nil, filter: Expression? = nil, limit: Int? = nil, pageSize: Int? = nil,
        startAfter: Item? = nil, ascending: Bool = true, pattern: String, options: CallOptions = CallOptions()
    ) -> Pages<TypedPage<Read>> {
        Pages(from: startAfter.map(Pages<TypedPage<Read>>.Position.key)) { position async throws(TidemarkError) in
            let left = position?.left ?? limit
            let page = try await self.query(
                as: type, values, beginning: beginning, from: from, through: through, index: index, filter: filter,
                limit: [left, pageSize].compactMap(\.self).min(),
                startAfter: position?.key, ascending: ascending, pattern: pattern, options: options)
            return (page, .next(after: page.lastKey, left: left.map { $0 - page.items.count }))
        }
    }

    /// All pages of a scan, which reads the whole table or index, and is paid for so.
    ///
    /// - Parameters:
    ///   - type: the values' type, where it is another one: that of an index which does not hold all attributes.
    ///   - filter: what an item has to meet to be given.
    public func scanPages<Read: ProjectedItem>(
        as type: Read.Type = Value.self, index: String? = nil, filter: Expression? = nil, pageSize: Int? = nil,
        startAfter: Item? = nil, pattern: String, options: CallOptions = CallOptions()
    ) -> Pages<TypedPage<Read>> {
        var named = options
        named.pattern = pattern
        let options = named
        return Pages(from: startAfter.map(Pages<TypedPage<Read>>.Position.key)) {
            position async throws(TidemarkError) in
            let page: TypedPage<Read> = try await self.page(options, operation: .scan, index: index) {
                writer throws(ItemProblem) in
                try writer.expressions([(self.ownKind(filter), "FilterExpression")])
                try writer.page(
                    index: index, limit: pageSize, startAfter: position?.key, countOnly: false, allAttributes: false,
                    options: options)
                return []
            }
            return (page, page.lastKey.map(Pages<TypedPage<Read>>.Position.key))
        }
    }

    /// The filter, and that the table's keys begin as this kind of item's do, where the table has several kinds.
    private func ownKind(_ filter: Expression?) -> Expression? {
        guard untyped.layout.entity != untyped.layout.table else { return filter }
        let conditions = untyped.layout.keys.compactMap { key -> Expression? in
            // A key that depends on a condition may begin in two ways.
            guard key.role != .index, key.type == .S, key.rule.templates.count == 1,
                let literal = key.rule.value?.leadingLiteral, !literal.isEmpty
            else { return nil }
            return .beginsWith(Path(key.attribute), literal)
        }
        return (conditions + [filter].compactMap(\.self)).reduce(nil) { whole, next in whole.map { $0 && next } ?? next
        }
    }

    private func page<Read: ProjectedItem>(
        _ options: CallOptions, operation: Operation, index: String?,
        _ write: (inout RequestWriter) throws(ItemProblem) -> [TouchedKey]
    ) async throws(TidemarkError) -> TypedPage<Read> {
        let site = CallSite(operation: operation, table: untyped.table.name, index: index ?? "", options: options)
        let output: TypedPageOutput<Read> = try await client.perform(site) { () throws(ItemProblem) in
            var writer = RequestWriter()
            try writer.table(untyped.table.name)
            let keys = try write(&writer)
            return writer.finish(keys: keys)
        } decode: { response throws(JSONError) in
            try TypedPageOutput(response.body, of: untyped.kind)
        }
        if let problem = output.problem {
            throw decoding(problem, at: site, of: output.unreadable.map(untyped.primaryKey))
        }
        return TypedPage(
            report: output.report, items: output.values, scannedCount: output.scannedCount, lastKey: output.lastKey)
    }
}

/// A page whose items are values of a type.
public protocol ValuePage: Sendable {
    /// The values' type.
    associatedtype Value: Sendable
    /// The page's values.
    var items: [Value] { get }
}

extension TypedPage: ValuePage {}

/// The values of pages, one by one; a page is fetched when the one before is used up.
public struct PageValues<Element: ValuePage>: AsyncSequence, Sendable {
    /// What iterating throws.
    public typealias Failure = TidemarkError

    let pages: Pages<Element>

    /// Starts with the first value.
    public func makeAsyncIterator() -> Iterator { Iterator(pages: pages.makeAsyncIterator()) }

    /// Gives one value a call.
    public struct Iterator: AsyncIteratorProtocol {
        private var pages: Pages<Element>.Iterator
        private var values: [Element.Value].Iterator = [].makeIterator()

        init(pages: Pages<Element>.Iterator) { self.pages = pages }

        /// The next value, or nil after the last one and after a failure.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(TidemarkError) -> Element.Value? {
            while true {
                if let value = values.next() { return value }
                guard let page = try await pages.next(isolation: actor) else { return nil }
                values = page.items.makeIterator()
            }
        }

        /// The same, for callers without isolation.
        public mutating func next() async throws(TidemarkError) -> Element.Value? { try await next(isolation: nil) }
    }
}

extension Pages where Element: ValuePage {
    /// The values of all pages, one by one.
    public var values: PageValues<Element> { PageValues(pages: self) }

    /// All values of all pages, for few of them: they are held in memory together.
    public func all() async throws(TidemarkError) -> [Element.Value] {
        var values: [Element.Value] = []
        var pages = makeAsyncIterator()
        while let page = try await pages.next() { values += page.items }
        return values
    }
}
