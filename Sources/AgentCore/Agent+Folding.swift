import AWSCore
import Logging
import Monitoring
import Telemetry

extension Agent {
    /// Begins anew with what the configuration says now; the last hour's windows tell what was decided before.
    func startFolding() {
        folding = FoldingState(configuration)
        guard var state = folding else { return }
        let since = clock.now().nanosecondsSince1970 - AgentLimits.scopeMemory.nanosecondsCount
        do {
            try state.replay(store, since: since)
        } catch {
            storeTrouble(error)
        }
        (folding, builder.folding) = (state, state.folding)
    }

    /// Decides anew which series are published by themselves, before a period's datums are made, and says what left them.
    func fold(_ collection: CollectedCounts) {
        guard var state = folding else { return }
        var counted: [SeriesIdentity: SeriesTotals] = [:]
        for window in collection.windows { counted.merge(window.series) { $0 + $1 } }
        let left = state.advance(counted, scopes: publishedScopes(collection))
        folding = state
        builder.folding = state.folding
        sayExcess(state)
        guard !left.isEmpty else { return }
        let names = left.map { "\($0.set.rawValue) \($0.name.words)" }.sorted { $0.precedesNaturally($1) }
            .prefix(5).joined(separator: "; ")
        let more = left.count > 5 ? "; and \(left.count - 5) more" : ""
        let message =
            "\(left.count) series are published as part of `other` from now on, because the budget pays for no more metrics: "
            + "\(names)\(more)."
        logger.notice("\(message)")
        note(CollectorNotice(kind: .foldedSeries, message: message))
    }
}

extension Agent {
    /// The contract's series are never folded, since alarms stand on them: with more services than the budget pays for it is
    /// exceeded, and that is said.
    private func sayExcess(_ state: FoldingState) {
        guard state.excess > 0 else { return ended(.spending, "the budget pays for all that is published again") }
        let message =
            "the budget pays for \(state.budget.metrics) CloudWatch metrics and is exceeded by \(state.excess): "
            + "\(PublishingCost.fixed(hasContract: configuration.contract != nil)), of all services here, are never folded; raise `budget-dollars-a-month`, publish fewer `metrics`, or name "
            + "one `service`."
        trouble(.spending, message)
        note(CollectorNotice(kind: .budgetExceeded, message: message))
    }
}

extension FoldingState {
    /// Nil where no budget limits what is published.
    init?(_ configuration: AgentConfiguration) {
        guard let budget = configuration.metricBudget else { return nil }
        self.init(
            sets: configuration.publishedSets, expected: ExpectedSeries(configuration.contract), budget: budget)
    }

    /// What was decided before a restart comes out again from the last hour's windows, nearly.
    mutating func replay(_ store: AgentStore, since start: Int64) throws(AgentError) {
        var window: (id: Int64, series: [SeriesIdentity: SeriesTotals]) = (0, [:])
        var windows: [[SeriesIdentity: SeriesTotals]] = []
        try store.forEachSeries(since: Timestamp(nanosecondsSince1970: start)) { stored, identity, totals in
            if stored.id != window.id {
                windows.append(window.series)
                window = (stored.id, [:])
            }
            window.series[identity] = totals
        }
        for series in windows + [window.series] where !series.isEmpty {
            _ = advance(series, scopes: Set(series.keys.map(\.scope)))
        }
    }
}
