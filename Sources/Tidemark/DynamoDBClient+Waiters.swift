internal import AWSCore

/// Each look is a measured call of its own. A failure that may pass, and that outlasts the call's retries, is waited out:
/// a throttle, a failure of DynamoDB or of the network, a time-out, an open circuit. Any other ends the wait.
extension DynamoDBClient {
    /// Told of each look.
    public typealias WaitObserver = @Sendable (WaitProgress) -> Void

    /// Waits until the table and its indexes serve requests, also for a table that CreateTable has only just made.
    ///
    /// - Parameters:
    ///   - timeout: default 5 minutes.
    ///   - interval: time between the first two looks. Default 1 s; later pauses grow to ten times that.
    ///   - progress: told of each look.
    /// - Throws: `timeout` when it takes longer, `notFound` when there is no such table after half a minute, `client` when
    ///   the table is being deleted or archived, `cancelled`, and whatever else DescribeTable meets.
    @discardableResult
    public func waitUntilActive(
        _ name: String, timeout: Duration = .seconds(300), interval: Duration = .seconds(1),
        progress: WaitObserver? = nil
    ) async throws(TidemarkError) -> TableDescription {
        let limits = WaitLimits(timeout: timeout, interval: interval, maximumInterval: interval * 10)
        return try await waitForTable(name, limits, progress) { description in
            guard let description else { return .notYet("", .notFound, message: "there is no such table") }
            if let end = Self.endOfTable(description) { return end }
            if description.isActive { return .done }
            let index = description.indexStatus.first { $0.value != "ACTIVE" }
            return .onTheWay(
                description.status == "ACTIVE" ? index.map { "\($0.key) \($0.value)" } ?? "" : description.status)
        }.orMissing(.describeTable, name)
    }

    /// Waits until the table is gone, after DeleteTable.
    ///
    /// - Throws: `timeout`; `client` when nobody has begun to delete it within half a minute; `cancelled`.
    public func waitUntilGone(
        _ name: String, limits: WaitLimits = WaitLimits(), progress: WaitObserver? = nil
    ) async throws(TidemarkError) {
        _ = try await waitForTable(name, limits, progress) { description in
            guard let description else { return .done }
            if description.status == "DELETING" { return .onTheWay("DELETING") }
            return .notYet(
                description.status, .client, message: "the table is \(description.status), not being deleted")
        }
    }

    /// Waits until one index serves requests.
    ///
    /// - Throws: `timeout`; `notFound` when there is no such index after half a minute; `client` when the table or the
    ///   index is being deleted; `cancelled`.
    @discardableResult
    public func waitUntilIndexActive(
        _ table: String, index: String, limits: WaitLimits = WaitLimits(), progress: WaitObserver? = nil
    ) async throws(TidemarkError) -> TableDescription {
        try await waitForTable(table, limits, progress) { description in
            guard let description else { return .notYet("", .notFound, message: "there is no such table") }
            if let end = Self.endOfTable(description) { return end }
            switch description.indexStatus[index] {
            case nil: return .notYet("", .notFound, message: "the table has no index '\(index)'")
            case "ACTIVE": return .done
            case "DELETING": return .never("DELETING", message: "the index '\(index)' is being deleted")
            case .some(let state): return .onTheWay(state)
            }
        }.orMissing(.describeTable, table)
    }

    /// Waits until one index is gone, after an update that deletes it.
    public func waitUntilIndexGone(
        _ table: String, index: String, limits: WaitLimits = WaitLimits(), progress: WaitObserver? = nil
    ) async throws(TidemarkError) {
        _ = try await waitForTable(table, limits, progress) { description in
            guard let state = description?.indexStatus[index] else { return .done }
            if state == "DELETING" { return .onTheWay(state) }
            return .notYet(state, .client, message: "the index '\(index)' is \(state), not being deleted")
        }
    }

    /// Waits until the deletion of items by their time is on, or off.
    @discardableResult
    public func waitUntilTimeToLive(
        _ table: String, isEnabled: Bool = true, limits: WaitLimits = WaitLimits(timeout: .seconds(3_600)),
        progress: WaitObserver? = nil
    ) async throws(TidemarkError) -> TimeToLive {
        try await wait(.describeTimeToLive, table, limits, progress) { options async throws(TidemarkError) in
            try await self.describeTimeToLive(table, options: options)
        } judge: { found in
            Self.judge(found?.status, isEnabled: isEnabled, what: "time to live")
        }.orMissing(.describeTimeToLive, table)
    }

    /// Waits until the most used keys of a table or index are counted, or are no longer.
    ///
    /// - Throws: `client` where CloudWatch could not switch it on.
    @discardableResult
    public func waitUntilContributorInsights(
        _ table: String, index: String? = nil, isEnabled: Bool, limits: WaitLimits = WaitLimits(),
        progress: WaitObserver? = nil
    ) async throws(TidemarkError) -> ContributorInsights {
        try await wait(.describeContributorInsights, table, limits, progress) { options async throws(TidemarkError) in
            try await self.describeContributorInsights(table, index: index, options: options)
        } judge: { found in
            if found?.status == "FAILED" {
                return .never("FAILED", message: "contributor insights failed: \(found?.failure ?? "no reason given")")
            }
            return Self.judge(found?.status, isEnabled: isEnabled, what: "contributor insights")
        }.orMissing(.describeContributorInsights, table)
    }

    /// Waits until the recovery to any second is on, or off.
    @discardableResult
    public func waitUntilPointInTimeRecovery(
        _ table: String, isEnabled: Bool, limits: WaitLimits = WaitLimits(), progress: WaitObserver? = nil
    ) async throws(TidemarkError) -> ContinuousBackups {
        try await wait(.describeContinuousBackups, table, limits, progress) { options async throws(TidemarkError) in
            try await self.describeContinuousBackups(table, options: options)
        } judge: { found in
            let state = found.map { $0.isPointInTimeRecoveryEnabled ? "ENABLED" : "DISABLED" }
            return Self.judge(state, isEnabled: isEnabled, what: "point-in-time recovery")
        }.orMissing(.describeContinuousBackups, table)
    }

    // MARK: The way of them all

    private func waitForTable(
        _ name: String, _ limits: WaitLimits, _ progress: WaitObserver?, judge: (TableDescription?) -> WaitFinding
    ) async throws(TidemarkError) -> TableDescription? {
        try await wait(.describeTable, name, limits, progress) { options async throws(TidemarkError) in
            try await self.describeTable(name, options: options)
        } judge: { found in
            judge(found)
        }
    }

    /// - Parameters:
    ///   - look: asks DynamoDB; a table that is not there is nil for the judge.
    ///   - judge: says what that means.
    private func wait<Found: Sendable>(
        _ operation: Operation, _ table: String, _ limits: WaitLimits, _ progress: WaitObserver?,
        look: (CallOptions) async throws(TidemarkError) -> Found, judge: (Found?) -> WaitFinding
    ) async throws(TidemarkError) -> Found? {
        let started = caller.hooks.uptimeNanoseconds()
        let missing = judge(nil)
        var loop = WaitLoop(limits: limits)
        while true {
            var options = CallOptions()
            options.expectsNotFound = missing == .done || elapsed(since: started) < WaitLoop.grace
            var found: Found?
            var held = Duration.zero
            let finding: WaitFinding
            do {
                found = try await look(options)
                finding = judge(found)
            } catch {
                if error.code == .notFound {
                    finding = missing
                } else {
                    guard error.isRetryable else { throw error }
                    finding = .onTheWay(error.code.name)
                    held = error.code == .circuitOpen ? error.retryAfter ?? .zero : .zero
                }
            }
            let elapsed = elapsed(since: started)
            let action = loop.next(
                after: finding, elapsed: elapsed, random: caller.hooks.random(), notBefore: held)
            progress?(WaitProgress(looks: loop.looks, elapsed: elapsed, state: finding.state))
            switch action {
            case .finish: return found
            case .giveUp(let code, let message):
                throw TidemarkError(code: code, message: message, operation: operation.name, table: table)
            case .lookAgain(let pause):
                do {
                    try await caller.hooks.sleep(pause)
                } catch {
                    let ended = caller.pauseEnded
                    throw TidemarkError(
                        code: ended.class == .cancelled ? .cancelled : .client,
                        message: ended.class == .cancelled ? "the wait was cancelled" : ended.message,
                        operation: operation.name, table: table)
                }
            }
        }
    }

    private func elapsed(since start: UInt64) -> Duration {
        .nanoseconds(Int64(clamping: caller.hooks.uptimeNanoseconds() &- start))
    }

    /// The states from which a table never comes to serve requests by itself.
    private static func endOfTable(_ description: TableDescription) -> WaitFinding? {
        switch description.status {
        case "DELETING", "ARCHIVING", "ARCHIVED", "REPLICATION_NOT_AUTHORIZED":
            .never(description.status, message: "the table is \(description.status) and does not become active")
        case "INACCESSIBLE_ENCRYPTION_CREDENTIALS":
            .never(description.status, message: "the key that encrypts the table cannot be used: see to the KMS key")
        default: nil
        }
    }

    private static func judge(_ state: String?, isEnabled: Bool, what: String) -> WaitFinding {
        let (wanted, coming) = isEnabled ? ("ENABLED", "ENABLING") : ("DISABLED", "DISABLING")
        switch state {
        case wanted: return .done
        case coming: return .onTheWay(coming)
        case nil: return .notYet("", .notFound, message: "there is no such table")
        case .some(let state):
            return .notYet(state, .client, message: "\(what) is \(state): nobody has asked for the other")
        }
    }
}

extension Optional {
    /// A wait that ended well has found something; this says so to the compiler.
    fileprivate func orMissing(_ operation: Operation, _ table: String) throws(TidemarkError) -> Wrapped {
        guard let self else {
            throw TidemarkError(
                code: .notFound, message: "there is no such table", operation: operation.name, table: table)
        }
        return self
    }
}
