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
        try read { try Self.totals(in: $0) }
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
            sums[[series.table, series.operation], default: 0] += counters.attempts
        }
        return sums.sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { AttemptTotal(table: $0.key[0], operation: $0.key[1], attempts: $0.value) }
    }

    /// What became of everything, read in one transaction.
    public func ledger() throws(AgentError) -> Ledger {
        try read { try Self.ledger(in: $0) }
    }

    func ledgerFigures() throws(AgentError) -> LedgerFigures {
        LedgerFigures(try read { try Self.datumLedger(in: $0) })
    }

    private static func totals(in database: Database) throws -> [(series: SeriesIdentity, counters: SeriesCounters)] {
        let cursor = try Row.fetchCursor(
            database, sql: "SELECT series.*, total.data FROM total JOIN series ON series.id = total.series")
        var result: [(series: SeriesIdentity, counters: SeriesCounters)] = []
        while let row = try cursor.next() {
            result.append((SeriesIdentity(row), try SeriesTotals(blob: row.bytes("data")).counters))
        }
        return result.sorted { $0.series < $1.series }
    }

    private static func ledger(in database: Database) throws -> Ledger {
        var calls: [SeriesName: Ledger.Amounts] = [:]
        for (series, counters) in try totals(in: database) where counters.calls > 0 {
            let name = SeriesName(scope: series.scope.published, name: DimensionText.make(series.pattern))
            calls[name, default: Ledger.Amounts()].recorded += counters.calls
        }
        for row in try Row.fetchAll(database, sql: "SELECT * FROM ledgerCalls") {
            guard let state = LedgerState(rawValue: row["state"]) else { continue }
            let scope = MonitoringScope(service: row["service"], environment: row["environment"])
            let amount: Int64 = row["amount"]
            calls[SeriesName(scope: scope, name: row["pattern"]), default: Ledger.Amounts()]
                .add(amount.amount, state, reason: row["reason"])
        }
        let waiting = try Row.fetchCursor(database, sql: "SELECT state, ambiguousSends, calls FROM batch")
        while let row = try waiting.next() {
            for share in try CallShare.decode(row.bytes("calls")) {
                calls[SeriesName(scope: share.scope, name: share.pattern), default: Ledger.Amounts()]
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

    private static func datumLedger(in database: Database) throws -> Ledger.Amounts {
        var datums = Ledger.Amounts()
        for row in try Row.fetchAll(database, sql: "SELECT * FROM ledgerDatums") {
            let amount: Int64 = row["amount"]
            guard let state = LedgerState(rawValue: row["state"]) else { continue }
            datums.add(amount.amount, state, reason: row["reason"])
        }
        let waiting = try Row.fetchCursor(database, sql: "SELECT state, ambiguousSends, datums FROM batch")
        while let row = try waiting.next() {
            let count: Int64 = row["datums"]
            datums.addWaiting(count.amount, row)
        }
        datums.recorded = datums.acknowledged + datums.ambiguous + datums.pending + datums.droppedInAll
        return datums
    }
}

extension Ledger.Amounts {
    fileprivate mutating func addWaiting(_ amount: UInt64, _ row: Row) {
        let sends: Int = row["ambiguousSends"]
        if sends > 0 { ambiguous += amount } else { pending += amount }
        // On the way now, or when the agent died: nobody has an answer yet.
        if row["state"] == BatchState.sending.rawValue { mayHaveCounted += amount }
    }
}

extension SeriesIdentity {
    init(_ row: Row) {
        self.init(
            service: row["service"], environment: row["environment"], table: row["tableName"], index: row["indexName"],
            operation: row["operation"], pattern: row["pattern"])
    }
}
