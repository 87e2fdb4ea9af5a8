/// What an agent's store leaves beside the telemetry files, for a store that comes after it.
struct StoreTrace: Sendable {
    /// What the last commit held of each process, and of which store it was.
    var mark = CommitMark()
    /// What waited in that store for CloudWatch.
    var pending: [CallShare] = []

    init(mark: CommitMark = CommitMark(), pending: [CallShare] = []) { (self.mark, self.pending) = (mark, pending) }

    /// As it lies beside the telemetry files; without a mark that can be believed there is none of it.
    init(leftIn directory: String) {
        if case .mark(let found) = CommitMark.read(in: directory) { mark = found }
        pending = PendingMark.read(in: directory)
    }

    /// Where the store lies that the mark is of, when that is not the one at `path` and still there.
    func place(otherThan path: String) -> String? {
        guard let writer = mark.writer, writer.path != FileSystem.resolved(path), FileSystem.exists(writer.path) else {
            return nil
        }
        let directory = String(writer.path.dropLast(AgentStore.fileName.count + 1))
        guard let store = try? AgentStore.openReadOnly(dataDirectory: directory) else { return writer.path }
        return (try? store.facts()[.storeID]) == writer.store ? writer.path : nil
    }
}

/// What a store was behind what is known beside it.
struct StoreLag {
    /// Calls that are counted already, by series' names.
    var counted: [CallShare] = []
    /// Whether the store is an earlier state of the one that the mark is of.
    var isCopy = false
    /// Calls that wait in it and had left its later state: they are not sent.
    var settled: UInt64 = 0
    /// Calls that wait in it and may have been sent by its later state: they are sent.
    var doubtful: UInt64 = 0
    /// Calls that waited in a store that is gone.
    var lost: [CallShare] = []
    /// Calls that wait in another store, and where that lies.
    var elsewhere: (calls: UInt64, path: String)?

    /// Nothing that anybody has to know.
    var isEmpty: Bool { counted.isEmpty && settled == 0 && doubtful == 0 && lost.isEmpty && elsewhere == nil }

    func message(path: String) -> String {
        var parts: [String] = []
        let calls = CallShare.count(counted)
        if isCopy {
            parts.append("the store is older than its last commit (a copy that was brought back, or one of two)")
        } else if !counted.isEmpty {
            parts.append("another store has counted for this directory since this one was last at work")
        }
        if calls > 0 {
            parts.append(
                "\(calls) calls are counted already; they are not counted again, and stand in this ledger under `"
                    + BatchFreezer.DropReason.countedElsewhere + "`")
        }
        if settled > 0 { parts.append("\(settled) calls that wait in it were sent since, and are not sent again") }
        if doubtful > 0 {
            parts.append(
                "\(doubtful) calls that wait in it are sent now and may have been sent before (`mayHaveCounted`)")
        }
        if let elsewhere {
            parts.append(
                "\(elsewhere.calls) calls wait for CloudWatch in \(elsewhere.path), which an agent sends that is started there"
            )
        }
        let waited = CallShare.count(lost)
        if waited > 0 {
            parts.append(
                "the store that counted last is gone, and with it \(waited) calls that waited for CloudWatch; they stand in this store's "
                    + "ledger as dropped")
        }
        return "\(path): " + parts.joined(separator: "; ") + "."
    }
}

extension CallShare {
    /// All calls together.
    static func count(_ shares: [CallShare]) -> UInt64 { shares.reduce(0) { $0.plus($1.calls) } }

    /// What of these calls the others do not have, by pattern.
    static func rest(of shares: [CallShare], without others: [CallShare]) -> [CallShare] {
        let taken = named(others)
        return named(shares).map { name, calls in
            CallShare(
                scope: name.scope, pattern: name.name, calls: calls - min(calls, taken[name, default: 0]))
        }.filter { $0.calls > 0 }
    }

    /// By the ledger's names, which are the same whoever writes them down.
    private static func named(_ shares: [CallShare]) -> [SeriesName: UInt64] {
        var calls: [SeriesName: UInt64] = [:]
        for share in shares {
            let name = SeriesName(ledger: share.scope, pattern: share.pattern)
            calls[name] = calls[name, default: 0].plus(share.calls)
        }
        return calls
    }
}
