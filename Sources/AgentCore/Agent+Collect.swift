import AWSCore
import CloudWatch
import Logging
import Monitoring
import Telemetry

extension Agent {
    /// The synchronous half of a tick.
    /// - Parameter until: commits up to there even when no period has ended.
    func collect(until: Int64? = nil) {
        let now = clock.now().nanosecondsSince1970
        findFiles(now: now)
        tracker.advance(to: now)
        for file in files.files { drainKeys(of: file, now: now) }
        let length = configuration.publishPeriod.duration.nanosecondsCount
        let boundary = now / length * length
        if windowStart - now > length {
            // The wall clock was set back. Counters are cumulative, so that nothing is lost by starting the window anew; to
            // wait until the clock has caught up would stop everything.
            windowStart = boundary
            commitNotBefore = .min
        }
        if let until {
            commit(upTo: max(until, windowStart))
        } else if boundary > windowStart, now >= commitNotBefore {
            commit(upTo: boundary)
        }
        reportNotices()
    }

    private func findFiles(now: Int64) {
        let store = store
        do {
            try files.refresh { id throws(AgentError) in
                guard let process = try store.process(id) else { return (nil, [:]) }
                return (process, try store.baselines(process: id))
            }
        } catch {
            trouble(.store, error.message)
        }
        if !files.files.isEmpty {
            filesSeenAt = now
            ended(.files, "telemetry files are there again")
        } else if now - filesSeenAt >= AgentLimits.noFileWarning.nanosecondsCount {
            trouble(
                .files,
                "\(configuration.telemetryDirectory): no telemetry file for a minute; check that the services run and that "
                    + "TIDEMARK_DIR names this directory for them.")
        }
    }

    private func drainKeys(of file: TelemetryFile, now: Int64) {
        tracker.drain(file.reader, scope: file.scope, now: now)
    }

    /// Makes everything up to now durable as windows that end at `end`.
    private func commit(upTo end: Int64) {
        let collection = collector.collect(&files, from: min(windowStart, end), to: end)
        let draft = draft(of: collection, end: end)
        do {
            try failpoint(.beforeCommit)
            try store.commit(draft)
            try failpoint(.afterCommit)
        } catch let error as AgentError {
            trouble(.store, error.message)
            commitNotBefore = clock.now().nanosecondsSince1970 + AgentLimits.commitRetry.nanosecondsCount
            return
        } catch {
            return
        }
        ended(.store, "the store takes commits again")
        collector.remember(collection)
        tracker.startPeriod()
        windowStart = end
        retire(collection.finished, now: clock.now().nanosecondsSince1970)
        prune()
    }

    private func draft(of collection: CollectedCounts, end: Int64) -> CommitDraft {
        let start = min(windowStart, end)
        let pseudonym = pseudonym
        let hotKeys = tracker.drafts(
            windows: collection.windows, from: start, to: end, pseudonym: { pseudonym.name(hash: $0, text: $1) },
            keepPlainKeys: configuration.keepPlainKeys)
        var draft = CommitDraft(
            windows: collection.windows, processes: collection.processes, baselines: collection.baselines,
            hotKeys: hotKeys)
        let datums = datums(of: collection, hotKeys: hotKeys, start: start, end: end)
        if sink == nil {
            draft.drops = [BatchFreezer.drop(datums, reason: BatchFreezer.DropReason.notPublished)]
        } else {
            let freezer = BatchFreezer(namespace: MetricCatalog.namespace, now: clock.now())
            (draft.batches, draft.drops) = freezer.freeze(datums)
        }
        draft.facts = [
            .startedAt: "\(startedAt)", .committedAt: "\(end)", .period: "\(configuration.publishPeriod.seconds)",
            .processID: "\(ProcessNumber.current)", .publishTrouble: outbox.trouble,
            .isPublishing: sink == nil ? "no" : "yes",
        ]
        return draft
    }

    /// The datums of a commit: of each gap's window, and of the period with all that is not the windows'.
    private func datums(
        of collection: CollectedCounts, hotKeys: [HotKeyDraft], start: Int64, end: Int64
    ) -> [MetricDatum] {
        var period = PublishablePeriod(
            startedAt: start, endedAt: end, isGap: false, series: [:], hotKeys: hotKeys,
            scopes: publishedScopes(collection), figures: sink == nil ? AgentFigures() : takeFigures())
        var result: [MetricDatum] = []
        for window in collection.windows {
            if window.isGap {
                let gap = PublishablePeriod(
                    startedAt: window.startedAt, endedAt: end, isGap: true, series: window.series, hotKeys: [],
                    scopes: [])
                result += builder.datums(of: gap).map(\.datum)
            } else {
                period.series.merge(window.series) { $0 + $1 }
            }
        }
        return result + builder.datums(of: period).map(\.datum)
    }

    /// Services that have, or lately had, a file, and the configured one, whose heartbeat says that its agent lives though
    /// no service runs.
    private func publishedScopes(_ collection: CollectedCounts) -> Set<MonitoringScope> {
        let now = clock.now().nanosecondsSince1970
        for scope in collection.scopes { scopesSeenAt[scope] = now }
        scopesSeenAt = scopesSeenAt.filter { now - $0.value < AgentLimits.scopeMemory.nanosecondsCount }
        var scopes = Set(scopesSeenAt.keys)
        if let service = configuration.service, let environment = configuration.environment {
            scopes.insert(MonitoringScope(service: service, environment: environment))
        }
        return scopes
    }

    /// What the ledger's datum counts grew by since the last commit.
    private func takeFigures() -> AgentFigures {
        guard let now = try? store.ledgerFigures() else { return AgentFigures() }
        defer { figures = now }
        return now.since(figures)
    }

    /// Deletes the files of ended processes, everything of which is durable by now.
    private func retire(_ finished: [TelemetryFile], now: Int64) {
        var deleted: [String] = []
        for file in finished {
            drainKeys(of: file, now: now)
            if files.delete(file) { deleted.append(file.id) }
        }
        guard (try? failpoint(.afterFileDeleted)) != nil else { return }
        do {
            try store.forget(processes: deleted)
        } catch {
            trouble(.store, error.message)
        }
    }

    /// Once an hour, and at the start: what is too old goes, and what is known of files that are gone.
    private func prune() {
        let now = clock.now().nanosecondsSince1970
        guard prunedAt == .min || now - prunedAt >= 3_600_000_000_000 else { return }
        prunedAt = now
        do {
            let present = Set(files.files.map(\.id))
            // A file that is passed over may be any process's, whose baseline keeps it from being counted again.
            let orphans =
                !files.seesEveryFile
                ? []
                : try store.processes().filter { process in
                    let age = now - process.committedAt
                    return !present.contains(process.id)
                        && (process.isFinished || age > AgentLimits.retention.nanosecondsCount)
                }
            try store.forget(processes: orphans.map(\.id))
            try store.prune(
                before: now - AgentLimits.retention.nanosecondsCount, budgetInBytes: configuration.storeBudgetInBytes)
        } catch {
            trouble(.store, error.message)
        }
    }

    private func reportNotices() {
        for notice in files.takeNotices() {
            // A counter that went backward is met at every commit until it has caught up.
            if notice.kind == .counterWentBackward, !troubles.begin(.backward, notice.message) { continue }
            logger.warning("\(notice.message)")
            try? store.note(kind: notice.kind.rawValue, message: notice.message, at: clock.now())
        }
    }

    func trouble(_ topic: TroubleLog.Topic, _ message: String) {
        guard troubles.begin(topic, message) else { return }
        logger.warning("\(message)")
    }

    func ended(_ topic: TroubleLog.Topic, _ message: String) {
        guard troubles.end(topic) else { return }
        logger.info("\(message)")
    }
}
