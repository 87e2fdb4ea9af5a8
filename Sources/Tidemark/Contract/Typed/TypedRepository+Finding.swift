internal import AWSCore
internal import ContractModel

/// For patterns whose caller does not know the table's key: the one item that an index, or a Scan, has for what is known.
extension TypedRepository {
    // MARK: Through an index

    /// The one value that an index has under the values of its key; nil where there is none.
    ///
    /// An index follows its table a moment later. Of one that does not hold all attributes the item is read from the table.
    ///
    /// - Throws: `contract` where the index has several: the caller has to say which is meant.
    public func find(
        _ values: KeyValues, index: String, pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> Value? {
        guard let item = try await only(values, index: index, pattern: pattern, options: options) else { return nil }
        let isWhole = untyped.table.index(named: index).map { $0.projection == .all } ?? true
        guard isWhole else {
            return try await get(untyped.keyValues(of: item), pattern: pattern, options: options)
        }
        return try decoded(item, at: site(.query, index, pattern, options))
    }

    /// The values of the key of the one item that an index has under the values of its own key.
    ///
    /// - Throws: `itemNotFound` where there is none, `contract` where there are several.
    public func findKey(
        _ values: KeyValues, index: String, pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> KeyValues {
        guard let item = try await only(values, index: index, pattern: pattern, options: options) else {
            throw absent(site(.query, index, pattern, options))
        }
        return untyped.keyValues(of: item)
    }

    private func only(
        _ values: KeyValues, index: String, pattern: String, options: CallOptions
    ) async throws(TidemarkError) -> Item? {
        let options = Self.eventual(options)
        guard untyped.kind == nil else {
            // Other kinds of items may stand between: a page that has none of this kind need not be the last.
            var found: [Item] = []
            var pages = untyped.queryPages(values, index: index, limit: 2, pattern: pattern, options: options)
                .makeAsyncIterator()
            while let page = try await pages.next() { found += page.items }
            return try one(of: found, index, pattern, options)
        }
        let page = try await untyped.query(values, index: index, limit: 2, pattern: pattern, options: options)
        return try one(of: page.items, index, pattern, options)
    }

    private func one(
        of items: [Item], _ index: String, _ pattern: String, _ options: CallOptions
    ) throws(TidemarkError) -> Item? {
        guard items.count < 2 else { throw ambiguous(site(.query, index, pattern, options)) }
        return items.first
    }

    // MARK: By a Scan

    /// The one value that meets a condition, found by reading the whole table; nil where there is none.
    ///
    /// - Throws: `contract` where there are several.
    public func findByScan(
        _ condition: Expression, pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> Value? {
        var found: [Value] = []
        var pages = scanPages(as: Value.self, filter: condition, pattern: pattern, options: options)
            .makeAsyncIterator()
        while let page = try await pages.next() {
            found += page.items
            guard found.count < 2 else { throw ambiguous(site(.scan, "", pattern, options)) }
        }
        return found.first
    }

    /// The values of the key of the one item that meets a condition, found by reading the whole table.
    ///
    /// - Throws: `itemNotFound` where there is none, `contract` where there are several.
    public func findKeyByScan(
        _ condition: Expression, pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> KeyValues {
        guard let value = try await findByScan(condition, pattern: pattern, options: options) else {
            throw absent(site(.scan, "", pattern, options))
        }
        return untyped.keyValues(of: try value.item())
    }

    // MARK: A whole partition

    /// Deletes every item of this kind in a partition, and the items that hold the places of their unique values; gives how many
    /// there were. Each deletion stands alone: after a failure some may be done, and doing it again does the rest.
    ///
    /// - Parameters:
    ///   - values: what the partition key is made of, and what is known of the sort key, from the left: items of other values stay.
    ///   - filter: what an item has to meet to be deleted; the others are read, and paid for, and stay.
    @discardableResult
    public func deleteAll(
        _ values: KeyValues, filter: Expression? = nil, pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> Int {
        var consistent = options
        consistent.consistentRead = true
        var keys: [KeyValues] = []
        var pages = untyped.queryPages(values, filter: filter, pattern: pattern, options: consistent)
            .makeAsyncIterator()
        while let page = try await pages.next() { keys += page.items.map(untyped.keyValues) }
        guard untyped.lookups.isEmpty else {
            for key in keys { try await delete(key, pattern: pattern, options: options) }
            return keys.count
        }
        if !keys.isEmpty { try await batchDelete(keys, pattern: pattern, options: options) }
        return keys.count
    }

    // MARK: Pieces

    /// An index cannot be read consistently: whoever asks for it means the table.
    private static func eventual(_ options: CallOptions) -> CallOptions {
        var options = options
        options.consistentRead = false
        return options
    }

    private func site(_ operation: Operation, _ index: String, _ pattern: String, _ options: CallOptions) -> CallSite {
        var options = options
        options.pattern = pattern
        return CallSite(operation: operation, table: untyped.table.name, index: index, options: options)
    }

    private func absent(_ site: CallSite) -> TidemarkError {
        TidemarkError(code: .itemNotFound, message: "there is no item for these values").at(site)
    }

    private func ambiguous(_ site: CallSite) -> TidemarkError {
        TidemarkError(
            code: .contract, message: "there are several items for these values: say which is meant by its key"
        ).at(site)
    }
}

extension ContractRepository {
    /// The values of an item's key, of what every entry of every index has: the key as it stands, and what it is made of.
    func keyValues(of item: Item) -> KeyValues {
        let fields = layout.fields(of: item)
        var values: KeyValues = [:]
        for key in layout.keys where key.role != .index {
            let text = item[key.attribute]?.keyText
            // An entry need not hold the attributes of which the key is made: they stand in the key itself.
            let parsed = text.flatMap { text in key.rule.templates.lazy.compactMap { $0.parse(text) }.first } ?? [:]
            for name in key.rule.fields { if let part = fields[name]?.keyText ?? parsed[name] { values[name] = part } }
            values[key.attribute] = text
        }
        return values
    }
}
