import AWSCore
import Monitoring
import Telemetry

/// What a commit will make durable of the files' counters, and what to remember once it is.
struct CollectedCounts {
    var windows: [WindowDraft] = []
    var processes: [ProcessDraft] = []
    /// What each series of a process has counted, by process.
    var baselines: [String: [SeriesKey: [UInt8]]] = [:]
    /// Files whose process had ended before they were read for this commit: to be deleted after it.
    var finished: [TelemetryFile] = []
    var files: [TelemetryFile] = []
    /// The scopes that have a file now.
    var scopes: Set<MonitoringScope> { Set(files.map(\.scope)) }
}

/// Turns cumulative counters into what happened since the last commit.
///
/// The files keep everything, so nothing is remembered between commits but the baselines: a second in which the agent was
/// away costs nothing.
struct Collector {
    let period: PublishPeriod

    /// Reads all files up to now. Windows end at `end`; they start where their process was last committed, so that a process
    /// that the agent did not see for longer than a period gets a window of its own, marked as a gap.
    ///
    /// A file that says what no process can have counted, or more than the store has room for, is set aside alone, so that it
    /// holds up nobody else's counts.
    /// - Parameter recorded: the calls that the store has of each service.
    func collect(
        _ set: inout TelemetryFileSet, from start: Int64, to end: Int64, recorded: CallAccounts = CallAccounts()
    ) -> CollectedCounts {
        var result = CollectedCounts()
        var windows: [Int64: WindowDraft] = [:]
        var recorded = recorded
        for file in set.files {
            // Asked before the reading: what is read after the process's end is all there ever will be.
            let isFinished = !file.reader.ownerIsAlive()
            guard let snapshot = snapshot(of: file, in: &set) else { continue }
            let counted = difference(of: snapshot, of: file, notices: &set)
            if let objection = recorded.add(counted.calls, of: file.scope) {
                set.setAside(file.path, because: objection)
                continue
            }
            noteOther(snapshot, of: file, in: &set)
            if !counted.series.isEmpty {
                let from = windowStart(of: file, regular: start, end: end)
                let isGap = end - from > period.duration.nanosecondsCount
                windows[from, default: WindowDraft(startedAt: from, endedAt: end, isGap: isGap)].series
                    .merge(counted.series) { $0 + $1 }
            }
            result.processes.append(
                process(file, snapshot, counted.baselines, committedAt: end, isFinished: isFinished))
            result.baselines[file.id] = counted.baselines
            result.files.append(file)
            if isFinished { result.finished.append(file) }
        }
        result.windows = windows.sorted { $0.key < $1.key }.map(\.value)
        return result
    }

    /// What the file says; nil, and the file set aside, where that cannot be.
    private func snapshot(of file: TelemetryFile, in set: inout TelemetryFileSet) -> TelemetrySnapshot? {
        do {
            let snapshot = try file.reader.snapshot()
            guard let excess = snapshot.excess else { return snapshot }
            set.setAside(file.path, because: "it claims \(excess), more than any process can have counted")
        } catch {
            set.setAside(file.path, because: error.message)
        }
        return nil
    }

    /// Says once of a process that calls of it cannot be told apart.
    private func noteOther(_ snapshot: TelemetrySnapshot, of file: TelemetryFile, in set: inout TelemetryFileSet) {
        guard !file.isKnownForOther, snapshot.unrecordedCalls > 0 else { return }
        file.isKnownForOther = true
        let identity = snapshot.identity
        set.note(
            CollectorNotice(
                kind: .countedInOther,
                message: "\(file.path): \(identity.service) in \(identity.environment), process \(identity.pid), has "
                    + "\(snapshot.unrecordedCalls) calls in `other`, because its telemetry file was full or could not be "
                    + "made in time; make room in the directory, or give the service a larger file."))
    }

    private func windowStart(of file: TelemetryFile, regular: Int64, end: Int64) -> Int64 {
        // No file can stretch a window beyond what is kept, whatever time it claims.
        let eldest = end - AgentLimits.retention.nanosecondsCount
        let own = max(min(file.committedAt ?? file.startedAt, end), eldest)
        // A process that began, or was committed, within the regular window shares it; and so does one that began just before
        // it, whose file was not there yet at the last reading: nobody was away.
        let grace = file.committedAt == nil ? AgentLimits.fileGrace.nanosecondsCount : 0
        return own >= regular - grace ? regular : own
    }

    /// What was counted since the last commit, and what is then.
    private func difference(
        of snapshot: TelemetrySnapshot, of file: TelemetryFile, notices: inout TelemetryFileSet
    ) -> FileDifference {
        var result = FileDifference(baselines: file.baselines)
        for series in snapshot.series {
            let totals = SeriesTotals(series)
            let blob = totals.blob
            let baseline = file.baselines[series.key]
            if baseline == blob { continue }
            let earlier = baseline.flatMap { try? SeriesTotals(blob: $0) } ?? SeriesTotals()
            guard let delta = totals.since(earlier) else {
                notices.note(
                    CollectorNotice(
                        kind: .counterWentBackward,
                        message:
                            "\(file.path): a counter of \(series.key.table) \(series.key.operation) went backward; "
                            + "the series is not counted until it has caught up."))
                continue
            }
            if delta == SeriesTotals() { continue }
            result.add(delta, of: SeriesIdentity(scope: file.scope, key: series.key))
            result.baselines[series.key] = blob
        }
        return result
    }

    private func process(
        _ file: TelemetryFile, _ snapshot: TelemetrySnapshot, _ baselines: [SeriesKey: [UInt8]], committedAt: Int64,
        isFinished: Bool
    ) -> ProcessDraft {
        ProcessDraft(
            id: file.id, scope: file.scope, pid: file.reader.identity.pid, startedAt: file.startedAt,
            committedAt: committedAt, isFinished: isFinished, unrecordedCalls: snapshot.unrecordedCalls,
            keyEventCursor: file.reader.keyEventCursor, baseline: ProcessBaseline.encode(baselines))
    }

    /// Takes over the baselines once they are durable.
    func remember(_ collection: CollectedCounts) {
        for (file, process) in zip(collection.files, collection.processes) {
            if let baselines = collection.baselines[file.id] { file.baselines = baselines }
            file.committedAt = process.committedAt
        }
    }
}

/// What one file has counted since the last commit.
private struct FileDifference {
    /// What each series has counted in all.
    var baselines: [SeriesKey: [UInt8]]
    private(set) var series: [SeriesIdentity: SeriesTotals] = [:]
    private(set) var calls: UInt64 = 0

    init(baselines: [SeriesKey: [UInt8]]) { self.baselines = baselines }

    mutating func add(_ totals: SeriesTotals, of identity: SeriesIdentity) {
        series[identity] = series[identity].map { $0 + totals } ?? totals
        calls = calls.plus(totals.counters.calls)
    }
}
