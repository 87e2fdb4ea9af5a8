import AWSCore
import CloudWatch
import Logging
import Monitoring
import Telemetry

extension Agent {
    /// The synchronous half of a tick.
    /// - Parameter until: commits up to there even when no period has ended.
    func collect(until: Int64? = nil) {
        guard holdsDirectories() else { return }
        watchClock()
        let now = clock.now().nanosecondsSince1970
        let knowsFiles = findFiles(now: now)
        tracker.advance(to: now)
        for file in files.files { drainKeys(of: file, now: now) }
        let length = configuration.publishPeriod.duration.nanosecondsCount
        let boundary = now / length * length
        if windowStart - now > length {
            // Time went back without the wall clock's having been set. Counters are cumulative, so that nothing is lost by starting the window anew; to
            // wait until the clock has caught up would stop everything.
            windowStart = boundary
            commitNotBefore = .min
        }
        if !knowsFiles {
            // The store does not say what it knows of a process: a commit now would be one without it, and so its mark.
            holdCommits()
        } else if let until {
            commit(upTo: max(until, windowStart))
        } else if boundary > windowStart, now >= commitNotBefore {
            commit(upTo: boundary)
        }
        if mayHaveHousework { keepHouse(now: steady.age) }
        reportNotices()
        endNotices()
        if sink == nil { giveMemoryBack() }
        vitals.ticked(files: files.files.count)
    }

    /// - Returns: whether every file was looked up in the store.
    private func findFiles(now: Int64) -> Bool {
        let (store, mark) = (store, mark)
        var forgotten: [String] = []
        files.now = now
        do {
            try files.refresh { id throws(AgentError) in
                if let (process, baselines) = try store.process(id) {
                    return KnownProcess(
                        committedAt: process.committedAt, cursor: process.keyEventCursor, baselines: baselines,
                        isDrained: process.isDrained)
                }
                guard let entry = mark.processes[id], let baselines = try? ProcessBaseline.decode(entry.baseline)
                else { return nil }
                forgotten.append(id)
                return KnownProcess(committedAt: entry.committedAt, cursor: entry.cursor, baselines: baselines)
            }
        } catch {
            storeTrouble(error)
            return false
        }
        if !forgotten.isEmpty {
            files.note(
                CollectorNotice(
                    kind: .storeForgot,
                    message:
                        "\(store.path): the store knows nothing of \(forgotten.count) processes that were counted before; "
                        + "they are counted from the commit mark on, and what was before is not in this store."))
        }
        let (step, uptime) = (steady.state.step?.size ?? 0, clock.uptimeNanoseconds())
        for file in files.files { file.place(step: step, now: now, uptime: uptime) }
        watchDescriptors(now: now)
        noteUncounted()
        watchForFiles(now: now)
        return true
    }

    /// Says that files may not be opened for want of descriptors, once for as long as it lasts.
    private func watchDescriptors(now: Int64) {
        guard files.lacksDescriptors else {
            return ended(.descriptors, "there are descriptors for all telemetry files again")
        }
        let message =
            "\(configuration.telemetryDirectory): this process has no file descriptor left, so that telemetry files that are new "
            + "are not read; what is open is counted, nothing is lost, and it looks again every second; raise the limit (ulimit -n, "
            + "LimitNOFILE=)."
        guard troubles[.descriptors] != message else { return }
        trouble(.descriptors, message)
        note(CollectorNotice(kind: .noDescriptors, message: message))
    }

    /// For the reports, which read the store and not this process: whose calls are not counted now.
    private func noteUncounted() {
        let text = UncountedFile.text(of: files.uncounted)
        guard text != notedUncounted else { return }
        if (try? store.noteFacts([.uncountedFiles: text])) != nil { notedUncounted = text }
    }

    /// Says after a minute without a file where some are.
    private func watchForFiles(now: Int64) {
        if !files.files.isEmpty {
            filesSeenAt = now
            if troubles[.files] != nil { noteNoFiles("", isNews: false) }
            hasNamedPlaces = false
            ended(.files, "telemetry files are there again")
        } else if now - filesSeenAt >= AgentLimits.noFileWarning.nanosecondsCount,
            now >= placesNotBefore || placesNotBefore - now > AgentLimits.placesInterval.nanosecondsCount
        {
            // Looked up again now and then: a service may begin to write elsewhere later on.
            placesNotBefore = now + AgentLimits.placesInterval.nanosecondsCount
            let elsewhere = places.places(otherThan: configuration.telemetryDirectory)
            let message = Self.noFilesMessage(directory: configuration.telemetryDirectory, elsewhere: elsewhere)
            // Said once, and once more when a place turns up: others' directories come and go all the time.
            let isNews = troubles[.files] == nil || (!elsewhere.isEmpty && !hasNamedPlaces)
            hasNamedPlaces = hasNamedPlaces || !elsewhere.isEmpty
            if troubles[.files] != message { noteNoFiles(message, isNews: isNews) }
            if isNews { trouble(.files, message) } else { _ = troubles.begin(.files, message, at: clock.now()) }
        }
    }

    /// For the reports, which read the store and not this process.
    private func noteNoFiles(_ message: String, isNews: Bool) {
        try? store.noteFacts([.filesTrouble: message])
        if isNews { note(CollectorNotice(kind: .noFiles, message: message)) }
    }

    private func drainKeys(of file: TelemetryFile, now: Int64) {
        let scope = file.scope
        if !file.isDrained {
            file.isDrained = true
            let since = min(file.committedAt ?? file.startedAt, now)
            if since < windowStart { keysWaitedSince[scope] = min(keysWaitedSince[scope] ?? since, since) }
        }
        guard !tracker.drain(file.reader, scope: file.scope, now: now) else { return }
        files.setAside(file.path, because: TelemetryFileSet.isImplausibleRing)
        forgetRefused()
    }

    /// Makes everything up to now durable as windows that end at `end`.
    private func commit(upTo end: Int64) {
        if store.isGone {
            replaceStore(because: "its file was deleted or replaced while it was open")
            // Nobody would find what is written to a file without a name; the telemetry files keep it.
            guard !store.isGone else { return holdCommits() }
        }
        guard let recorded = recordedCalls() else { return holdCommits() }
        let collection = collector.collect(&files, from: min(windowStart, end), to: end, recorded: recorded)
        forgetRefused()
        watchCounters()
        let draft = draft(of: collection, end: end)
        // The reading took a while.
        guard holdsDirectories() else { return }
        do {
            try failpoint(.beforeCommit)
            note(crowded: try store.commit(draft))
            try failpoint(.afterCommit)
        } catch let error as AgentError {
            storeTrouble(error)
            guard loss == nil else { return }
            vitals.committed(at: nil)
            return holdCommits()
        } catch {
            return
        }
        ended(.store, "the store takes commits again")
        vitals.committed(at: clock.now())
        (mayHaveUnsent, mayHaveHousework, hasWorked) = (true, true, true)
        collector.remember(collection)
        fold(collection)
        writeMark(collection)
        markPending(after: collection)
        tracker.startPeriod()
        keysWaitedSince = [:]
        windowStart = end
        retire(collection.finished, now: clock.now().nanosecondsSince1970)
        prune()
    }

    /// Says once of a service that it makes names of series without end.
    private func note(crowded: Set<MonitoringScope>) {
        let most = store.memory.withLock { $0.namesOfAService }
        for scope in crowded.subtracting(crowdedScopes).sorted() {
            crowdedScopes.insert(scope)
            files.note(
                CollectorNotice(
                    kind: .tooManyNames,
                    message: "\(scope.service) in \(scope.environment) has had \(most) names of series "
                        + "(table, index, operation and pattern); new ones are counted in `other` from now on. Names that are "
                        + "made at run time tell nobody anything: give patterns and tables names that stay."))
        }
    }

    /// What a refused file has told of keys goes with it.
    private func forgetRefused() {
        for file in files.takeRefused() { tracker.forget(file.id, scope: file.scope) }
    }

    private func recordedCalls() -> CallAccounts? {
        do { return try store.recordedCalls() } catch {
            storeTrouble(error)
            return nil
        }
    }

    /// Whether nobody else has worked in the directories; where a lock file or the data directory was deleted, it is made again.
    /// Asked before anything is read, committed or sent.
    func holdsDirectories() -> Bool {
        guard loss == nil else { return false }
        do {
            let isRestored = try makeDataDirectoryAgain()
            for lock in locks { try lock.renew() }
            // The secret is in memory; only in a directory that is still this agent's.
            pseudonym.restore(in: configuration.dataDirectory)
            if isRestored { noteRestored() }
            ended(.lock, "the directories are locked again")
        } catch  where error.code == .alreadyRunning {
            end(because: error)
            return false
        } catch {
            // The directory itself is gone or refuses: what was open goes on.
            trouble(.lock, error.message)
        }
        return true
    }

    /// Ends this agent for good: another one has, or had, its place.
    func end(because error: AgentError) {
        guard loss == nil else { return }
        loss = error
        // A successor waits for them.
        locks = []
        _ = troubles.begin(.lock, error.message, at: clock.now())
        logger.error("\(error.message)")
    }

    /// What a clean-up deleted under the agent is made again: the store is open still.
    private func makeDataDirectoryAgain() throws(AgentError) -> Bool {
        guard !FileSystem.exists(configuration.dataDirectory) else { return false }
        try FileSystem.makeDirectory(configuration.dataDirectory, mode: 0o700)
        return true
    }

    private func noteRestored() {
        let directory = configuration.dataDirectory
        files.note(
            CollectorNotice(
                kind: .directoryRestored,
                message:
                    "\(directory): the data directory was deleted under this agent; it is made again with all that it held "
                    + "but set-aside stores. Keep clean-ups away from it."))
    }

    private func holdCommits() {
        // A full disk may get some room by it.
        mayHaveHousework = true
        commitNotBefore = clock.now().nanosecondsSince1970 + AgentLimits.commitRetry.nanosecondsCount
    }

    private func draft(of collection: CollectedCounts, end: Int64) -> CommitDraft {
        let start = min(windowStart, end)
        let pseudonym = pseudonym
        var hotKeys = tracker.drafts(
            windows: collection.windows, from: start, to: end, pseudonym: { pseudonym.name(hash: $0, text: $1) },
            keepPlainKeys: configuration.keepPlainKeys)
        for place in hotKeys.indices {
            hotKeys[place].observedFrom = min(start, keysWaitedSince[hotKeys[place].scope] ?? start)
        }
        var regular = WindowDraft(
            startedAt: start, endedAt: end, isGap: end - start > configuration.publishPeriod.duration.nanosecondsCount,
            scopes: publishedScopes(collection))
        var gaps: [WindowDraft] = []
        for window in collection.windows {
            if window.isGap, window.startedAt < start {
                gaps.append(window)
            } else {
                regular.startedAt = min(regular.startedAt, window.startedAt)
                regular.series.merge(window.series) { $0 + $1 }
            }
        }
        // The regular window comes last, so that of windows that end together it is sent first.
        return CommitDraft(
            windows: gaps + [regular], regularWindow: gaps.count, processes: collection.processes, hotKeys: hotKeys,
            dropReason: sink == nil ? BatchFreezer.DropReason.notPublished : nil,
            facts: [
                .startedAt: "\(startedAt)", .committedAt: "\(end)", .period: "\(configuration.publishPeriod.seconds)",
                .processID: "\(ProcessNumber.current)", .publishTrouble: outbox.trouble,
                .isPublishing: sink == nil ? "no" : "yes", .clockOffset: "\(wallClockOffset)",
                .clockEpoch: currentEpoch.text,
            ])
    }

    /// Writes down, beside the telemetry files, what is committed now.
    private func writeMark(_ collection: CollectedCounts) {
        if let commit = store.memory.withLock({ $0.commit }) { mark.sign(commit) }
        // Of a file that cannot be read now, what was known before is kept.
        if files.seesEveryFile { mark.processes = [:] }
        var next = mark
        for process in collection.processes {
            next.processes[process.id] = CommitMark.Entry(
                committedAt: process.committedAt, cursor: process.keyEventCursor, baseline: process.baseline)
        }
        if next.write(in: configuration.telemetryDirectory) {
            ended(.mark, "the commit mark is written again")
        } else {
            trouble(
                .mark,
                "\(configuration.telemetryDirectory)/\(CommitMark.fileName) cannot be written: "
                    + "\(FileSystem.currentReason); should the store be lost, processes are counted from their beginning."
            )
        }
    }

    private func markPending(after collection: CollectedCounts) {
        guard sink != nil else { return }
        // Mostly nothing waited before, and what waits is what was committed now.
        guard hasPendingMark else {
            return markPending(CallShare.sum(of: collection.windows.lazy.flatMap { CallShare.sum(of: $0.series) }))
        }
        if let waiting = try? store.waitingCalls() { markPending(waiting) }
    }

    /// Writes down, for a store that comes after a lost one, what waits now.
    func markPending(_ shares: [CallShare]) {
        if PendingMark.write(shares, in: configuration.telemetryDirectory) { hasPendingMark = !shares.isEmpty }
    }

    /// Everything is sent: a lost store would take nothing with it.
    func clearPendingMark() {
        if hasPendingMark { markPending([]) }
    }

    /// Services that have, or lately had, a file, and the configured one, whose heartbeat says that its agent lives though
    /// no service runs.
    func publishedScopes(_ collection: CollectedCounts) -> Set<MonitoringScope> {
        let now = clock.now().nanosecondsSince1970
        for scope in collection.scopes { scopesSeenAt[scope] = now }
        scopesSeenAt = scopesSeenAt.filter { now - $0.value < AgentLimits.scopeMemory.nanosecondsCount }
        var scopes = Set(scopesSeenAt.keys)
        if let configuredScope { scopes.insert(configuredScope) }
        return scopes
    }

    /// The service that this agent is said to stand beside.
    var configuredScope: MonitoringScope? {
        guard let service = configuration.service, let environment = configuration.environment else { return nil }
        return MonitoringScope(service: service, environment: environment)
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
            try forget(deleted)
        } catch {
            storeTrouble(error)
        }
    }

    /// Once an hour, and at the start: what is known of files that are gone goes.
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
            try forget(orphans.map(\.id))
        } catch {
            storeTrouble(error)
        }
    }

    private func forget(_ processes: [String]) throws(AgentError) {
        let room = configuration.storeBudgetInBytes / AgentLimits.bytesADrainedFile
        let limit = min(AgentLimits.drainedFiles, max(1, room))
        try store.forget(processes: processes, rememberingAtMost: limit, at: clock.now())
    }
}
