import AWSCore
import Logging
import Monitoring

extension Agent {
    /// Says what the store cannot do now; a damaged one is replaced.
    func storeTrouble(_ error: AgentError) {
        switch error.code {
        case .storeDamaged: replaceStore(because: "it is damaged")
        case .alreadyRunning: end(because: error)
        default: trouble(.store, error.message)
        }
    }

    /// Sets the store aside, whatever is left of it, and goes on with a new one that holds what could be read.
    func replaceStore(because reason: String) {
        do {
            let opened = try AgentStore.replace(
                path: store.path, source: store.queue, because: reason,
                trace: StoreTrace(leftIn: configuration.telemetryDirectory), now: clock.now())
            store = opened.store
            try store.claim(claim)
            epoch.lastSpan = min(epoch.lastSpan, try store.newestSpan().id)
            (mayHaveUnsent, mayHaveHousework) = (true, true)
            if let warning = opened.warning { logger.warning("\(warning)") }
        } catch {
            trouble(.store, error.message)
        }
    }

    /// What need not be done at once: old windows are merged or given up, a little each second.
    func keepHouse(now: Timestamp) {
        do {
            let hasExpired = try store.expireSpans(now: now)
            let steps = try store.rollUp(
                now: now, budgetInBytes: configuration.storeBudgetInBytes, history: configuration.history,
                steps: store.windowsATick)
            // Nothing more grows old enough, or takes room, before the next commit.
            mayHaveHousework = hasExpired || steps.contains { $0 == .merged || $0 == .gaveUp }
            for case .damaged(let end) in steps {
                mayHaveHousework = true
                let time = Timestamp(nanosecondsSince1970: end).iso8601
                files.note(
                    CollectorNotice(
                        kind: .damagedWindow,
                        message: "\(store.path): the window that ended at \(time) was damaged and is removed."))
            }
            sayRoom(steps)
        } catch {
            storeTrouble(error)
        }
    }

    private func sayRoom(_ steps: [RollUpStep]) {
        let budget = "\(store.path): the store's budget of \(configuration.storeBudgetInBytes >> 20) MB"
        for case .exhausted(let needed) in steps {
            // No budget can be kept that is smaller than a few of the largest windows with their datums.
            trouble(
                .budget,
                "\(budget) is exceeded: what is counted here in one period, merged as far as it goes, and the way to CloudWatch need "
                    + "\(needed >> 20 + 1) MB; raise `store-budget-mb`.")
            return
        }
        if steps.contains(.gaveUp) {
            trouble(
                .budget,
                "\(budget) is used up though all old windows are merged: the eldest are given up; raise `store-budget-mb`."
            )
        } else if !steps.isEmpty {
            ended(.budget, "the store is within its budget again")
        }
    }
}

extension AgentStore {
    /// How many windows a tick may merge without being late: about a thousand series' worth.
    var windowsATick: Int { max(1, 1_000 / max(1, memory.withLock { $0.series.count })) }

    /// This store's own moment in the period, within its first two thirds.
    func sendPhase(period: PublishPeriod) throws(AgentError) -> Duration {
        let id = try read { try Self.fact(.storeID, in: $0) }.flatMap { UInt64($0) } ?? 0
        // Fibonacci hashing: ids that are near each other land far apart.
        let place = Double((id &* 0x9E37_79B9_7F4A_7C15) >> 11) / Double(UInt64(1) << 53)
        return .nanoseconds(
            Int64(place * AgentLimits.sendSpread * Double(period.duration.nanosecondsCount)))
    }
}
