internal import AWSCore
internal import ContractModel

extension ContractRepository {
    /// How often a write is tried whose item changes hands under it.
    private static let attempts = 5

    /// A write of an item together with the places that change hands with it.
    struct GuardedWrite {
        var own: TransactWrite
        var exchange: UniqueLookups.Exchange
    }

    // MARK: Whole items

    /// Stores an item that is ready, in place of one with the same key.
    func store(_ item: Item, _ condition: Expression?, _ options: CallOptions) async throws(TidemarkError) {
        guard !lookups.isEmpty, options.refusal == nil else {
            try await client.putItem(table: table.name, item: item, condition: condition, options: options)
            return
        }
        _ = try await settle(primaryKey(of: item), options) { old throws(ContractBreach) in
            GuardedWrite(
                own: .put(table: table.name, item: item, condition: unchanged(old, and: condition)),
                exchange: try lookups.exchange(from: old, to: item))
        }
    }

    /// Deletes the item with this key, and the places of its unique values.
    func erase(_ key: Item, _ condition: Expression?, _ options: CallOptions) async throws(TidemarkError) {
        guard !lookups.isEmpty, options.refusal == nil else {
            try await client.deleteItem(table: table.name, key: key, condition: condition, options: options)
            return
        }
        _ = try await settle(key, options) { old throws(ContractBreach) in
            GuardedWrite(
                own: .delete(table: table.name, key: key, condition: unchanged(old, and: condition)),
                exchange: try lookups.exchange(from: old, to: nil))
        }
    }

    /// Changes the item with this key; gives it as it is then.
    func change(
        _ key: Item, _ actions: [UpdateAction], _ condition: Expression?, _ options: CallOptions
    ) async throws(TidemarkError) -> Item? {
        guard lookups.areTouched(by: actions), options.refusal == nil else {
            return try await client.updateItem(
                table: table.name, key: key, update: actions.isEmpty ? Expression("") : .update(actions),
                condition: condition, returning: .allNew, options: options
            ).attributes
        }
        return try await settle(key, options) { old throws(ContractBreach) in
            GuardedWrite(
                own: .update(
                    table: table.name, key: key, update: .update(actions),
                    condition: unchanged(old, and: condition)),
                exchange: try lookups.exchange(from: old, to: try lookups.changed(old ?? key, by: actions)))
        }
    }

    func unchanged(_ old: Item?, and condition: Expression?) -> Expression {
        let guarding = lookups.unchanged(old)
        return condition.map { guarding && $0 } ?? guarding
    }

    // MARK: Settling

    /// Reads the item, and writes what is planned for it while its unique values are as they were read. Where they are not, or
    /// another transaction is at work on one of the items, it begins anew.
    private func settle(
        _ key: Item, _ options: CallOptions, _ plan: (Item?) throws(ContractBreach) -> GuardedWrite
    ) async throws(TidemarkError) -> Item? {
        var old = try await read(key, options)
        var attempt = 1
        while true {
            let write: GuardedWrite
            do throws(ContractBreach) {
                write = try plan(old)
            } catch {
                return try await refuse(error, options)
            }
            let failure: TidemarkError
            do throws(TidemarkError) {
                return try await carryOut(write, options)
            } catch {
                failure = lookups.explained(error, taken: write.exchange.taken)
            }
            let isConflict = failure.code == .transactionConflict
            guard isConflict || failure.code == .conditionFailed, failure.takenAttributes.isEmpty || isConflict,
                attempt < Self.attempts
            else { throw failure }
            if isConflict { await client.pause(afterConflict: attempt) }
            let now = try await read(key, options)
            // What failed is the caller's own condition.
            guard isConflict || !lookups.areSame(old, now) else { throw failure }
            old = now
            attempt += 1
        }
    }

    private func read(_ key: Item, _ options: CallOptions) async throws(TidemarkError) -> Item? {
        var options = options
        options.consistentRead = true
        options.onReport = nil
        return try await client.getItem(table: table.name, key: key, options: options).item
    }

    private func carryOut(_ write: GuardedWrite, _ options: CallOptions) async throws(TidemarkError) -> Item? {
        let (own, condition) = (write.own, write.own.condition)
        guard write.exchange.isEmpty else {
            try await client.transactWriteItems([own] + write.exchange.writes, options: options)
            // A transaction gives nothing back.
            guard case .update(let key, _) = own.action else { return nil }
            return try await read(key, options)
        }
        switch own.action {
        case .put(let item):
            try await client.putItem(table: table.name, item: item, condition: condition, options: options)
        case .delete(let key):
            try await client.deleteItem(table: table.name, key: key, condition: condition, options: options)
        case .update(let key, let update):
            return try await client.updateItem(
                table: table.name, key: key, update: update, condition: condition, returning: .allNew, options: options
            ).attributes
        case .check: break
        }
        return nil
    }

    /// Measures a breach that only the stored item has shown.
    private func refuse(_ breach: ContractBreach, _ options: CallOptions) async throws(TidemarkError) -> Item? {
        var options = options
        options.refusal = TidemarkError(code: .contract, message: breach.reason)
        try await client.transactWriteItems([.delete(table: table.name, key: [:])], options: options)
        return nil
    }

    // MARK: Creation

    /// Carries out a transaction whose first write is the item's own, and whose next ones take these places.
    func takePlaces(
        _ own: TransactWrite, _ exchange: UniqueLookups.Exchange, with others: [TransactWrite], token: String?,
        _ options: CallOptions
    ) async throws(TidemarkError) {
        var attempt = 1
        while true {
            do throws(TidemarkError) {
                try await client.transactWriteItems([own] + exchange.writes + others, token: token, options: options)
                return
            } catch {
                var failure = lookups.explained(error, taken: exchange.taken)
                if failure.code == .conditionFailed, failure.cancellationReasons.first?.code == "ConditionalCheckFailed"
                {
                    failure.say("there is an item of \(layout.place) with this key already")
                }
                // Who is at work on a place will have it or not: only then can be told whether it is taken.
                guard failure.code == .transactionConflict, !failure.takenAttributes.isEmpty, attempt < Self.attempts
                else { throw failure }
            }
            await client.pause(afterConflict: attempt)
            attempt += 1
        }
    }

    func primaryKey(of item: Item) -> Item {
        var key: Item = [:]
        for name in [table.partitionKey.name, table.sortKey?.name].compactMap(\.self) { key[name] = item[name] }
        return key
    }
}

extension DynamoDBClient {
    /// Waits until another transaction may be over: longer each time, and not in step with whoever waits too.
    func pause(afterConflict attempt: Int) async {
        let most = Duration.milliseconds(20 << min(attempt, 6))
        do {
            try await caller.hooks.sleep(most * (0.5 + caller.hooks.random() / 2))
        } catch {
            // The next call says that the task was cancelled.
        }
    }
}
