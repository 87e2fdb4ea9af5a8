import AWSCore
import CloudWatch
import FoundationEssentials
import GRDB
import Monitoring
import Telemetry

/// With what a window's datums are made when its turn has come.
struct FreezeTerms {
    let builder: DatumBuilder
    /// This host's clock.
    let now: Timestamp
    /// How far CloudWatch's clock is ahead of it.
    let clockOffset: Duration
    /// How long after its end a window is sent at the earliest.
    let phase: Duration
    /// The time by which what is too old is given up: no later than any clock says that might be right.
    let ageNow: Timestamp
    /// Whether that is certain.
    let isAgeCertain: Bool

    /// CloudWatch refuses what is stamped later.
    var latestStamp: Int64 { cloudWatchNow.advanced(by: AgentLimits.publishableLead).nanosecondsSince1970 }

    /// While it is not certain what is too old, windows that might be wait.
    var earliestStart: Int64 {
        isAgeCertain ? .min : now.advanced(by: .zero - AgentLimits.publishableAge).nanosecondsSince1970
    }

    /// CloudWatch's clock.
    var cloudWatchNow: Timestamp { now.advanced(by: clockOffset) }

    /// By how much the time stamps are moved, in whole periods.
    var shift: Int64 {
        guard abs(clockOffset.nanosecondsCount) >= AgentLimits.clockTolerance.nanosecondsCount else { return 0 }
        let period = Double(builder.period.duration.nanosecondsCount)
        return Int64((Double(clockOffset.nanosecondsCount) / period).rounded()) * Int64(period)
    }

    /// Windows that end later than this do not have their turn yet.
    var latestEnd: Int64 { now.nanosecondsSince1970 - phase.nanosecondsCount }
}

/// What became of a window when its turn came.
struct FrozenSpan: Sendable {
    var id: Int64
    var datums: UInt64
    /// Calls of the window that no datum carries: a fault of this program, which the ledger shows as a gap.
    var uncarried: Int64
    /// Whether its data cannot be read any more; its calls are dropped.
    var isDamaged = false
    /// How much its batches take in the store.
    var bytes = 0
}

extension AgentStore {
    /// Makes the datums of the newest window that waits, and freezes them into batches; nil when it is nobody's turn, or
    /// when a batch of a newer window, or a half of a refused one, comes first.
    func freezeNext(_ terms: FreezeTerms, _ choice: BatchChoice = .all) throws(AgentError) -> FrozenSpan? {
        let frozen: FrozenSpan? = try write { database in
            let row = try Row.fetchOne(
                database.cachedStatement(
                    sql: RowMark.select("span")
                        + " WHERE publish = ? AND endedAt <= ? AND startedAt >= ? ORDER BY endedAt DESC, id DESC LIMIT 1"
                ),
                arguments: [SpanState.waiting.rawValue, terms.latestEnd, terms.earliestStart])
            guard let row else { return nil }
            let endedAt: Int64 = row["endedAt"]
            let first = try choice.next(
                "SELECT probe, newest FROM batch", upTo: terms.latestStamp, in: database)
            if let first {
                // A window's time stamp is the start of its last period.
                let newest: Int64 = first["newest"]
                if first["probe"] > 0
                    || newest - terms.shift + terms.builder.period.duration.nanosecondsCount >= endedAt
                {
                    return nil
                }
            }
            return try Self.freeze(row.checked(), terms, in: database)
        }
        if let frozen { memory.withLock { $0.frozenBytes = frozen.bytes } }
        return frozen
    }

    private static func freeze(_ row: Row, _ terms: FreezeTerms, in database: Database) throws -> FrozenSpan {
        let span: Int64 = row["id"]
        let (window, nameless): (PublishablePeriod, UInt64)
        do {
            (window, nameless) = try period(of: row, terms, in: database)
        } catch is BlobError {
            // The calls stand beside the data, so that the ledger stays exact where a window was hit.
            try giveUp(
                span: span, reason: BatchFreezer.DropReason.damaged, series(in: database), in: database)
            return FrozenSpan(id: span, datums: 0, uncarried: 0, isDamaged: true)
        }
        var (datums, carried): (UInt64, UInt64) = (0, nameless)
        var bytes = 0
        var accuracy = PublishedAccuracy()
        var freezer = BatchFreezer(namespace: MetricCatalog.namespace, now: terms.cloudWatchNow, ageNow: terms.ageNow)
        func keep(_ batch: BatchDraft) throws {
            try insert(batch, span: span, into: database)
            datums += UInt64(batch.datums)
            bytes += batch.body.count
            carried &+= batch.calls.reduce(0) { $0 &+ $1.calls }
        }
        try setState(.frozen, ofSpan: span, in: database)
        if nameless > 0 {
            try database.execute(
                sql: "UPDATE span SET dropped = dropped + ? WHERE id = ?", arguments: [nameless.stored, span])
        }
        try PeriodSlices(window, period: terms.builder.period).forEach { period in
            try terms.builder.makeDatums(of: period) { published in
                accuracy.take(published)
                try freezer.add(published, batch: keep)
            }
        }
        for drop in try freezer.finish(batch: keep) {
            datums += drop.datums
            carried &+= drop.calls.reduce(0) { $0 &+ $1.calls }
            try enter(drop, as: .dropped, span: span, in: database)
        }
        try addDatums(datums, to: .recorded, reason: "", in: database)
        try note([.windowDatums: "\(datums)"], in: database)
        try note(accuracy.facts, in: database)
        try settleIfDone(span: span, in: database)
        return FrozenSpan(id: span, datums: datums, uncarried: row["recorded"] - carried.stored, bytes: bytes)
    }

    /// What is to be published of a window, and the calls of series whose names were lost with a damaged store.
    private static func period(
        of row: Row, _ terms: FreezeTerms, in database: Database
    ) throws -> (PublishablePeriod, nameless: UInt64) {
        let span: Int64 = row["id"]
        let (startedAt, endedAt): (Int64, Int64) = (row["startedAt"], row["endedAt"])
        let entries = try data(of: row, in: database)
        let series = try self.series(entries.map(\.id), in: database)
        var counted: [SeriesIdentity: SeriesTotals] = [:]
        var nameless: UInt64 = 0
        for entry in entries {
            if let identity = series[entry.id] {
                counted[identity] = entry.totals
            } else {
                nameless &+= entry.totals.counters.calls
            }
        }
        let scopes = try ScopeBlob.decode(row.bytes("scopes"))
        let period = PublishablePeriod(
            startedAt: startedAt + terms.shift, endedAt: endedAt + terms.shift,
            // A window that was merged spans several periods, like one for which nobody was there.
            isGap: row["isGap"] || endedAt - startedAt > terms.builder.period.duration.nanosecondsCount,
            series: counted, hotKeys: try hotKeyDrafts(ofSpan: span, shift: terms.shift, in: database), scopes: scopes,
            figures: scopes.isEmpty ? nil : try takeFigures(of: row, in: database))
        return (period, nameless)
    }

    /// What the ledger's datum counts grew by since they were last told. Told with this window, in the transaction that
    /// freezes it: neither a commit that fails nor a restart forgets any of it.
    private static func takeFigures(of row: Row, in database: Database) throws -> AgentFigures {
        let now = LedgerFigures(try datumLedger(in: database))
        let told = try fact(.toldFigures, in: database).flatMap(LedgerFigures.init(text:)) ?? LedgerFigures()
        try note([.toldFigures: now.text], in: database)
        var figures = now.since(told)
        figures.pendingDatums = row.amount("pendingDatums")
        // Reading the whole ledger takes as long as there are windows that wait: once, not for each of them.
        let newest = try Int64.fetchOne(database, sql: "SELECT MAX(endedAt) FROM span") ?? 0
        if row["endedAt"] == newest { figures.ledgerGapCalls = try ledger(in: database).gapInCalls }
        return figures
    }

    private static func data(of row: Row, in database: Database) throws -> [(id: Int64, totals: SeriesTotals)] {
        guard let data = try SpanRows.data(row["id"], in: database) else {
            // What was counted is there, unless the data's own number was hit.
            guard row["recorded"] == 0 else { throw BlobError() }
            return []
        }
        return try SpanBlob.decode(data, attempts: false)
    }

    /// These series by their numbers; more where that costs less than to look for each.
    private static func series(_ ids: [Int64], in database: Database) throws -> [Int64: SeriesIdentity] {
        let known = try Int.fetchOne(database, sql: "SELECT MAX(id) FROM series") ?? 0
        guard known > 4 * ids.count else { return try series(in: database) }
        let find = try database.cachedStatement(sql: RowMark.select("series") + " WHERE id = ?")
        var series: [Int64: SeriesIdentity] = [:]
        for id in ids {
            if let row = try Row.fetchOne(find, arguments: [id]) { series[id] = SeriesIdentity(try row.checked()) }
        }
        return series
    }

    /// Every series by its number.
    static func series(in database: Database) throws -> [Int64: SeriesIdentity] {
        var series: [Int64: SeriesIdentity] = [:]
        let rows = try Row.fetchCursor(database, sql: RowMark.select("series"))
        while let row = try rows.next() { series[row["id"]] = SeriesIdentity(try row.checked()) }
        return series
    }

    private static func hotKeyDrafts(ofSpan span: Int64, shift: Int64, in database: Database) throws -> [HotKeyDraft] {
        let rows = try Row.fetchAll(
            database, sql: "SELECT * FROM hotKeySpan WHERE span = ? AND \(RowMark.isSound("hotKeySpan"))",
            arguments: [span])
        return try rows.map { row in
            let keys = try Row.fetchAll(
                database.cachedStatement(
                    sql: "SELECT * FROM hotKey WHERE span = ? AND \(RowMark.isSound("hotKey")) ORDER BY rank"),
                arguments: [row["id"] as Int64])
            return HotKeyDraft(
                startedAt: row["startedAt"] + shift, endedAt: row["endedAt"] + shift,
                observedFrom: row["observedFrom"] + shift,
                scope: MonitoringScope(service: row["service"], environment: row["environment"]),
                table: row["tableName"], index: row["indexName"], isWrite: row["isWrite"],
                consumed: row.amount("consumed"), keyless: row.amount("keyless"), seen: row.amount("seen"),
                lost: row.amount("lost"), absentUpperBound: row.amount("absentUpperBound"),
                keyRangeThrottles: row.amount("keyRangeThrottles"),
                keys: keys.map {
                    HotKeyDraft.Key(
                        hash: $0["hash"], plain: nil, estimate: $0.amount("estimate"), error: $0.amount("error"),
                        throttled: $0.amount("throttled"), firstSeen: $0["firstSeen"],
                        peakTenSeconds: $0.amount("peakTenSeconds"))
                })
        }
    }
}

// MARK: Windows that end without being sent

extension AgentStore {
    /// Gives up windows that CloudWatch would refuse for their age, at most so many at once.
    /// - Returns: whether there was any.
    func expireSpans(now: Timestamp, atMost limit: Int = 20) throws(AgentError) -> Bool {
        let eldest = now.advanced(by: .zero - AgentLimits.publishableAge).nanosecondsSince1970
        let due = try read { database in
            try Int64.fetchAll(
                database, sql: "SELECT id FROM span WHERE publish = ? AND endedAt <= ? ORDER BY endedAt LIMIT ?",
                arguments: [SpanState.waiting.rawValue, eldest, limit])
        }
        guard !due.isEmpty else { return false }
        try write { database in
            let series = try Self.series(in: database)
            for span in due {
                try Self.giveUp(span: span, reason: BatchFreezer.DropReason.tooOld, series, in: database)
            }
        }
        return true
    }

    /// Enters all calls of a window that waits as dropped.
    static func giveUp(
        span: Int64, reason: String, _ series: [Int64: SeriesIdentity], in database: Database
    ) throws {
        let row = try Row.fetchOne(database, sql: "SELECT calls FROM span WHERE id = ?", arguments: [span])
        guard let row else { return }
        for share in try shares(row.bytes("calls"), series) {
            try addCalls(share, to: .dropped, reason: reason, in: database)
        }
        try database.cachedStatement(sql: "UPDATE span SET publish = ?, dropped = recorded WHERE id = ?")
            .execute(arguments: [SpanState.settled.rawValue, span])
        // Its datums were never made; they count as about as many as the last window had, so that the alarm sees them.
        let datums = max(1, try fact(.windowDatums, in: database).flatMap { UInt64($0) } ?? 1)
        try addDatums(datums, to: .recorded, reason: "", in: database)
        try addDatums(datums, to: .dropped, reason: reason, in: database)
    }

    static func shares(_ calls: [UInt8], _ series: [Int64: SeriesIdentity]) throws -> [CallShare] {
        CallShare.sum(
            of: try SpanBlob.decodeCalls(calls).compactMap { entry in
                series[entry.id].map { CallShare(scope: $0.scope, pattern: $0.pattern, calls: entry.calls) }
            })
    }

    static func setState(_ state: SpanState, ofSpan span: Int64, in database: Database) throws {
        try database.cachedStatement(sql: "UPDATE span SET publish = ? WHERE id = ?")
            .execute(arguments: [state.rawValue, span])
    }

    /// A frozen window without a batch is through.
    static func settleIfDone(span: Int64, in database: Database) throws {
        try database.cachedStatement(
            sql: """
                UPDATE span SET publish = ? WHERE id = ? AND publish = ?
                AND NOT EXISTS (SELECT 1 FROM batch WHERE batch.span = span.id)
                """
        ).execute(arguments: [SpanState.settled.rawValue, span, SpanState.frozen.rawValue])
    }
}

/// What a window's own datums say of how exact they are, for the reports.
private struct PublishedAccuracy {
    private var percentileError: Double?
    /// By time: each service has a datum of its own.
    private var foldedSeries: [Timestamp: Double] = [:]

    mutating func take(_ published: [PublishedDatum]) {
        for datum in published.lazy.map(\.datum) {
            switch datum.name {
            case MetricCatalog.agentPercentileErrorPercent.name:
                percentileError = max(percentileError ?? 0, datum.sum)
            case MetricCatalog.agentFoldedSeries.name: foldedSeries[datum.timestamp, default: 0] += datum.sum
            default: break
            }
        }
    }

    var facts: [AgentFact: String] {
        [
            .percentileError: percentileError.map { "\($0)" } ?? "",
            .foldedSeries: foldedSeries.values.max().map { "\(Int($0))" } ?? "",
        ]
    }
}
