internal import AWSCore
internal import Telemetry

extension DynamoDBClient {
    /// Reads any number of items of one table; see `batchGetAll(_:options:)` for several tables.
    public func batchGetAll(
        _ get: BatchGet, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> [Item] {
        try await batchGetAll([get], options: options)[get.table] ?? []
    }

    /// Reads any number of items of any tables: in requests of 100 keys, one after the other, asking again for what
    /// DynamoDB did not get to, with the retry policy's pauses between.
    ///
    /// A key that stands twice is asked for once, and its item comes once. Each request is a measured call of its own,
    /// with its own time-out.
    ///
    /// - Returns: the items by table, in no order.
    /// - Throws: `throttled` when as many requests in a row as the policy has attempts got nothing done; that is
    ///   measured as one more call, which failed, and `cancelled`.
    public func batchGetAll(
        _ gets: [BatchGet], options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> [String: [Item]] {
        var found: [String: [Item]] = [:]
        for request in BatchChunks.requests(gets) {
            var left = request
            var loop = LeftoverLoop(policy: options.retry ?? caller.retry, count: left.keyCount)
            while !left.isEmpty {
                let output = try await batchGetItem(left, options: options)
                for (table, items) in output.items { found[table, default: []] += items }
                left = output.unprocessed
                guard !left.isEmpty else { break }
                let site = CallSite(
                    operation: .batchGetItem, table: Self.onlyTable(of: left.map(\.table)), options: options)
                try await pause(left.keyCount, isFull: output.isFull, loop: &loop, site: site)
            }
        }
        return found
    }

    /// Stores and deletes any number of items: in requests of 25 and 16 MB, one after the other in the order given,
    /// sending again what DynamoDB did not get to, with the retry policy's pauses between.
    ///
    /// Each request is a measured call of its own, with its own time-out.
    ///
    /// - Throws: `validation` before anything is sent when two writes are about one item: `batchWriteAll` has an order,
    ///   but its left-overs do not. `throttled` when as many requests in a row as the policy has attempts got nothing
    ///   done; that is measured as one more call, which failed. What was written stays written.
    public func batchWriteAll(
        _ writes: [BatchWrite], options: CallOptions = CallOptions()
    ) async throws(TidemarkError) {
        do {
            try ItemIdentities.checkDistinct(writes, schema: directory.schema(of:))
        } catch {
            let site = CallSite(
                operation: .batchWriteItem, table: Self.onlyTable(of: writes.map(\.table)), options: options)
            throw await fail(TidemarkError(code: .validation, message: error.reason), at: site)
        }
        for request in BatchChunks.requests(writes) {
            var left = request
            var loop = LeftoverLoop(policy: options.retry ?? caller.retry, count: left.count)
            while !left.isEmpty {
                left = try await batchWriteItem(left, options: options).unprocessed
                guard !left.isEmpty else { break }
                let site = CallSite(
                    operation: .batchWriteItem, table: Self.onlyTable(of: left.map(\.table)), options: options)
                try await pause(left.count, isFull: false, loop: &loop, site: site)
            }
        }
    }

    private func pause(
        _ left: Int, isFull: Bool, loop: inout LeftoverLoop, site: CallSite
    ) async throws(TidemarkError) {
        let throttle = AWSFailure(
            class: .throttled, code: "UnprocessedLeft",
            message: "\(left) items were still left: send fewer at a time, or raise the table's capacity",
            throttleReasons: [ThrottleDetail(reason: .unspecified)], retryKind: .throttling)
        switch loop.next(left: left, isFull: isFull, failure: throttle, random: caller.hooks.random()) {
        case .giveUp: throw await fail(TidemarkError(throttle, at: site), at: site)
        case .again(let delay):
            do {
                if delay > .zero { try await caller.hooks.sleep(delay) }
            } catch {
                throw await fail(TidemarkError(caller.pauseEnded, at: site), at: site)
            }
        }
    }

    /// Measures and logs a failure between requests as a call of its own, without attempts.
    private func fail(_ error: TidemarkError, at site: CallSite) async -> TidemarkError {
        var site = site
        site.options.refusal = error
        do {
            _ = try await perform(site) { () throws(ItemProblem) in
                PreparedRequest(body: [])
            } decode: { _ in
                BatchWriteOutput()
            }
            return error
        } catch {
            return error
        }
    }

    /// Notes keys that DynamoDB did not get to for lack of capacity as throttled, for the hot-key statistics.
    func recordThrottle(of gets: [BatchGet], at site: CallSite) {
        for get in gets {
            let schema = directory.schema(of: get.table)
            let weight = TouchedKey.readBlock(consistent: site.options.consistentRead)
            for key in get.keys {
                recordThrottle(
                    of: KeySchema.touchedKeys(ofKey: key, in: get.table, schema: schema, weight: weight), at: site)
            }
        }
    }

    /// The same for writes.
    func recordThrottle(of writes: [BatchWrite], at site: CallSite) {
        for write in writes {
            let schema = directory.schema(of: write.table)
            switch write.action {
            case .delete(let key):
                recordThrottle(of: KeySchema.touchedKeys(ofKey: key, in: write.table, schema: schema), at: site)
            case .put(let item):
                let weight = TouchedKey.writeWeight(itemBytes: ItemSize.bytes(of: item))
                let keys = KeySchema.touchedKeys(ofItem: item, in: write.table, schema: schema, weight: weight)
                // Which index was short of capacity is not said, so that only the table's own key is blamed.
                recordThrottle(of: keys.filter(\.index.isEmpty), at: site)
            }
        }
    }

    private func recordThrottle(of keys: [TouchedKey], at site: CallSite) {
        for key in keys {
            let slot = directory.slot(
                table: key.table, index: key.index, operation: site.operation.name, pattern: site.options.pattern)
            key.value.withKeyBytes { bytes in
                telemetry.record(
                    key: bytes, in: slot, readMilliUnits: site.operation.isWrite ? 0 : key.weight,
                    writeMilliUnits: site.operation.isWrite ? key.weight : 0, throttled: true)
            }
        }
    }
}

extension [BatchGet] {
    fileprivate var keyCount: Int { reduce(0) { $0 + $1.keys.count } }
}
