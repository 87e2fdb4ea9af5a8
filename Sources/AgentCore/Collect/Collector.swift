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
    func collect(_ set: inout TelemetryFileSet, from start: Int64, to end: Int64) -> CollectedCounts {
        var result = CollectedCounts()
        var windows: [Int64: WindowDraft] = [:]
        for file in set.files {
            // Asked before the reading: what is read after the process's end is all there ever will be.
            let isFinished = !file.reader.ownerIsAlive()
            let snapshot: TelemetrySnapshot
            do {
                snapshot = try file.reader.snapshot()
            } catch {
                set.setAside(file.path, because: error.message)
                continue
            }
            guard snapshot.isPlausible else {
                set.setAside(file.path, because: "it claims more than any process can have counted")
                continue
            }
            noteOther(snapshot, of: file, in: &set)
            let from = windowStart(of: file, regular: start, end: end)
            var window =
                windows[from]
                ?? WindowDraft(startedAt: from, endedAt: end, isGap: end - from > period.duration.nanosecondsCount)
            var baselines = file.baselines
            if add(snapshot, of: file, to: &window, baselines: &baselines, notices: &set) { windows[from] = window }
            result.processes.append(process(file, snapshot, baselines, committedAt: end, isFinished: isFinished))
            result.baselines[file.id] = baselines
            result.files.append(file)
            if isFinished { result.finished.append(file) }
        }
        result.windows = windows.sorted { $0.key < $1.key }.map(\.value)
        return result
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

    /// - Returns: whether anything was counted.
    private func add(
        _ snapshot: TelemetrySnapshot, of file: TelemetryFile, to window: inout WindowDraft,
        baselines: inout [SeriesKey: [UInt8]], notices: inout TelemetryFileSet
    ) -> Bool {
        var hasCounted = false
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
            let identity = SeriesIdentity(scope: file.scope, key: series.key)
            window.series[identity] = window.series[identity].map { $0 + delta } ?? delta
            baselines[series.key] = blob
            hasCounted = true
        }
        return hasCounted
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
