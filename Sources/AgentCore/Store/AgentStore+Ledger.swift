public import AWSCore
import GRDB
import Monitoring
public import Telemetry

/// Calls of one series by how they ended, since the store began.
public struct CallTotal: Sendable, Equatable {
    /// What was called, and by whom.
    public var series: SeriesIdentity
    /// How the calls ended.
    public var outcome: CallOutcome
    /// How many.
    public var calls: UInt64
}

/// Attempts on a table by operation, since the store began.
public struct AttemptTotal: Sendable, Equatable {
    /// The table.
    public var table: String
    /// The API operation.
    public var operation: String
    /// Requests sent.
    public var attempts: UInt64
}

extension AgentStore {
    /// Everything counted since the store began, by series; distributions are not part of it.
    public func totals() throws(AgentError) -> [(series: SeriesIdentity, counters: SeriesCounters)] {
        try read { database in
            var totals: [(series: SeriesIdentity, counters: SeriesCounters)] = []
            try Self.forEachTotal(in: database) { totals.append(($0, $1)) }
            return totals.sorted { $0.series < $1.series }
        }
    }

    /// Calls by series and outcome, zeros left out.
    public func callTotals() throws(AgentError) -> [CallTotal] {
        try totals().flatMap { series, counters in
            CallOutcome.allCases.compactMap { outcome in
                let calls = counters.calls(outcome)
                return calls == 0 ? nil : CallTotal(series: series, outcome: outcome, calls: calls)
            }
        }
    }

    /// Attempts by table and operation.
    public func attemptTotals() throws(AgentError) -> [AttemptTotal] {
        var sums: [[String]: UInt64] = [:]
        for (series, counters) in try totals() where counters.attempts > 0 {
            let name = [series.table, series.operation]
            sums[name] = (sums[name] ?? 0).plus(counters.attempts)
        }
        return sums.sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { AttemptTotal(table: $0.key[0], operation: $0.key[1], attempts: $0.value) }
    }

    /// What became of everything, read in one transaction.
    /// - Parameter periodsSince: with it, the accounts of the windows that end after this time too.
    public func ledger(periodsSince: Timestamp? = nil) throws(AgentError) -> Ledger {
        try read { database in
            var ledger = try Self.ledger(in: database)
            ledger.uncountedFiles = UncountedFile.read(try Self.fact(.uncountedFiles, in: database) ?? "").count
            if let periodsSince { ledger.periods = try Self.periods(since: periodsSince, in: database) }
            return ledger
        }
    }

    /// The calls of each service since the store began; asked of the file once.
    func recordedCalls() throws(AgentError) -> CallAccounts {
        if let known = memory.withLock({ $0.recorded }) { return known }
        let found = try read { database in
            var services: [MonitoringScope: UInt64] = [:]
            try Self.forEachTotal(in: database) { series, counters in
                services[series.scope] = (services[series.scope] ?? 0).plus(counters.calls)
            }
            return CallAccounts(services)
        }
        memory.withLock { $0.recorded = found }
        return found
    }

    /// What each series has counted since the store began, in no order.
    private static func forEachTotal(
        in database: Database, _ body: (SeriesIdentity, SeriesCounters) -> Void
    ) throws {
        let series = try self.series(in: database)
        let cursor = try Row.fetchCursor(database, sql: RowMark.select("total"))
        while let row = try cursor.next() {
            guard let identity = series[try row.checked()["series"]] else { continue }
            body(identity, try SeriesTotals(sealed: row.bytes("data")).counters)
        }
    }

    static func ledger(in database: Database) throws -> Ledger {
        var calls: [SeriesName: Ledger.Amounts] = [:]
        try forEachTotal(in: database) { series, counters in
            guard counters.calls > 0 else { return }
            calls[series.ledgerName, default: Ledger.Amounts()].recorded &+= counters.calls
        }
        for row in try Row.fetchAll(database, sql: RowMark.select("ledgerCalls")) {
            _ = try row.checked()
            guard let state = LedgerState(rawValue: row["state"]) else { continue }
            let scope = MonitoringScope(service: row["service"], environment: row["environment"])
            calls[SeriesName(ledger: scope, pattern: row["pattern"]), default: Ledger.Amounts()]
                .add(row.amount("amount"), state, reason: row["reason"])
        }
        try addWaitingSpans(to: &calls, in: database)
        let waiting = try Row.fetchCursor(database, sql: "SELECT state, ambiguousSends, calls FROM batch")
        while let row = try waiting.next() {
            for share in try CallShare.decode(row.bytes("calls")) {
                calls[SeriesName(ledger: share.scope, pattern: share.pattern), default: Ledger.Amounts()]
                    .addWaiting(share.calls, row)
            }
        }
        var ledger = Ledger()
        ledger.entries = calls.sorted { $0.key < $1.key }.map {
            Ledger.Entry(scope: $0.key.scope, pattern: $0.key.name, calls: $0.value)
        }
        ledger.datums = try datumLedger(in: database)
        return ledger
    }

    /// The calls that are not settled, by pattern: from the accounts, which are as many as there are patterns, and not from
    /// the windows, of which an outage leaves thousands.
    func waitingCalls() throws(AgentError) -> [CallShare] { try read { try Self.waitingCalls(in: $0) } }

    static func waitingCalls(in database: Database) throws -> [CallShare] {
        var waiting: [SeriesName: UInt64] = [:]
        try forEachTotal(in: database) { series, counters in
            waiting[series.ledgerName, default: 0] &+= counters.calls
        }
        for row in try Row.fetchAll(database, sql: RowMark.select("ledgerCalls")) {
            guard let state = try LedgerState(rawValue: row.checked()["state"]) else { continue }
            let scope = MonitoringScope(service: row["service"], environment: row["environment"])
            let name = SeriesName(ledger: scope, pattern: row["pattern"])
            switch state {
            case .recorded: waiting[name, default: 0] &+= row.amount("amount")
            case .acknowledged, .ambiguous, .dropped: waiting[name, default: 0] &-= row.amount("amount")
            case .mayHaveCounted: break
            }
        }
        return waiting.filter { $0.value > 0 && $0.value < 1 << 63 }.sorted { $0.key < $1.key }
            .map { CallShare(scope: $0.key.scope, pattern: $0.key.name, calls: $0.value) }
    }

    /// The windows that wait are the outbox: their calls are pending, read from the windows themselves.
    private static func addWaitingSpans(
        to calls: inout [SeriesName: Ledger.Amounts], in database: Database
    ) throws {
        let series = try self.series(in: database)
        var sums: [Int64: UInt64] = [:]
        let spans = try Row.fetchCursor(
            database, sql: "SELECT calls FROM span WHERE publish = ?", arguments: [SpanState.waiting.rawValue])
        while let row = try spans.next() {
            for entry in try SpanBlob.decodeCalls(row.bytes("calls")) { sums[entry.id, default: 0] &+= entry.calls }
        }
        for (id, amount) in sums {
            guard let name = series[id]?.ledgerName else { continue }
            calls[name, default: Ledger.Amounts()].pending &+= amount
        }
    }

    /// The accounts of the windows that end after a time, oldest first.
    static func periods(since: Timestamp, in database: Database) throws -> [Ledger.Period] {
        var waiting: [Int64: Ledger.Amounts] = [:]
        let batches = try Row.fetchCursor(database, sql: "SELECT span, state, ambiguousSends, calls FROM batch")
        while let row = try batches.next() {
            let calls = try CallShare.decode(row.bytes("calls")).reduce(0) { $0 &+ $1.calls }
            waiting[row["span"], default: Ledger.Amounts()].addWaiting(calls, row)
        }
        let rows = try Row.fetchCursor(
            database, sql: RowMark.select("span") + " WHERE endedAt > ? ORDER BY endedAt, id",
            arguments: [since.nanosecondsSince1970])
        var periods: [Ledger.Period] = []
        while let row = try rows.next() {
            var amounts = waiting[try row.checked()["id"]] ?? Ledger.Amounts()
            amounts.recorded = row.amount("recorded")
            amounts.acknowledged = row.amount("acknowledged")
            amounts.add(row.amount("ambiguous"), .ambiguous, reason: "")
            amounts.add(row.amount("mayHaveCounted"), .mayHaveCounted, reason: "")
            if row.amount("dropped") > 0 { amounts.dropped[Ledger.anyReason] = row.amount("dropped") }
            if row["publish"] == SpanState.waiting.rawValue {
                amounts.pending &+= try SpanBlob.decodeCalls(row.bytes("calls")).reduce(0) { $0 &+ $1.calls }
            }
            periods.append(
                Ledger.Period(
                    start: Timestamp(nanosecondsSince1970: row["startedAt"]),
                    end: Timestamp(nanosecondsSince1970: row["endedAt"]), isGap: row["isGap"], calls: amounts))
        }
        return periods
    }

    static func datumLedger(in database: Database) throws -> Ledger.Amounts {
        var datums = Ledger.Amounts()
        for row in try Row.fetchAll(database, sql: RowMark.select("ledgerDatums")) {
            _ = try row.checked()
            guard let state = LedgerState(rawValue: row["state"]) else { continue }
            datums.add(row.amount("amount"), state, reason: row["reason"])
        }
        let waiting = try Row.fetchCursor(database, sql: "SELECT state, ambiguousSends, datums FROM batch")
        while let row = try waiting.next() { datums.addWaiting(row.amount("datums"), row) }
        return datums
    }
}

extension SeriesName {
    /// The ledger's name of calls, the same whether they are told as recorded or as published.
    init(ledger scope: MonitoringScope, pattern: String) {
        self.init(scope: scope.published, name: DimensionText.make(pattern))
    }
}

extension SeriesIdentity {
    var ledgerName: SeriesName { SeriesName(ledger: scope, pattern: pattern) }
}

extension Ledger.Amounts {
    fileprivate mutating func addWaiting(_ amount: UInt64, _ row: Row) {
        let sends: Int = row["ambiguousSends"]
        if sends > 0 { ambiguous = ambiguous.plus(amount) } else { pending = pending.plus(amount) }
        // On the way now, or when the agent died: nobody has an answer yet.
        if row["state"] == BatchState.sending.rawValue { mayHaveCounted = mayHaveCounted.plus(amount) }
    }
}

extension SeriesIdentity {
    init(_ row: Row) {
        self.init(
            service: row["service"], environment: row["environment"], table: row["tableName"], index: row["indexName"],
            operation: row["operation"], pattern: row["pattern"])
    }
}
