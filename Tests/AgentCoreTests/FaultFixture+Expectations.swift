import AgentCore
import LoopbackAWS
import Monitoring
import TestSupport
import Testing

extension FaultFixture {
    /// What holds whatever happened on the way: the ledger balances, nothing waits and nothing was dropped, and the server
    /// counted each pattern's calls between what is acknowledged and what may have counted besides.
    func expectDelivery(_ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let ledger = try ledger()
        let metrics = server.metrics
        #expect(ledger.isBalanced, comment, sourceLocation: sourceLocation)
        #expect(ledger.calls.recorded == recorded.total, comment, sourceLocation: sourceLocation)
        #expect(ledger.calls.pending == 0 && ledger.calls.droppedInAll == 0, comment, sourceLocation: sourceLocation)
        for name in recorded.calls.keys {
            let entry = try #require(
                ledger.entries.first { $0.scope.service == name.service && $0.pattern == name.pattern })
            let counted = metrics.periods("Calls", name.dimensions).values.reduce(0) { $0 + $1.statistics.sum }
            #expect(entry.calls.recorded == recorded.total(name), comment, sourceLocation: sourceLocation)
            #expect(
                entry.calls.cloudWatchRange.contains(UInt64(counted)),
                "\(name): \(counted) in \(entry.calls), \(comment)",
                sourceLocation: sourceLocation)
        }
    }

    /// Every period's calls are at the server under that period's own time stamp: once, or whole times more often where an
    /// answer was lost and the batch sent again.
    /// - Parameter place: where a period's calls have to be, by its start on this host's clock.
    func expectOwnTimeStamps(
        once: Bool, at place: (Int64) -> Int64 = { $0 }, _ comment: Comment,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for (name, periods) in recorded.calls {
            var counted = server.metrics.periods("Calls", name.dimensions).mapValues { UInt64($0.statistics.sum) }
            for (second, calls) in periods where calls > 0 {
                let there = counted.removeValue(forKey: place(second)) ?? 0
                let isRight = once ? there == calls : there >= calls && there % calls == 0
                #expect(
                    isRight, "\(name) at \(second): \(there) of \(calls), \(comment)", sourceLocation: sourceLocation)
            }
            #expect(
                counted.allSatisfy { $0.value == 0 }, "\(name): calls where none were, \(comment)",
                sourceLocation: sourceLocation)
        }
    }

    /// Requests by the tick in which they came.
    func requestsByTick() -> [ArraySlice<LoopbackCloudWatch.Observation>] {
        let all = server.observations
        let bounds = requestsAtTick + [all.count]
        return zip(bounds, bounds.dropFirst()).map { all[$0..<$1] }
    }

    /// In each tick at most one request fails, since no time passes in it for the pause after a failure; and what is taken
    /// is taken newest first. One batch may come before the newest: the one that was frozen and tried while CloudWatch
    /// did not take data.
    func expectPolicy(_ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation) {
        for requests in requestsByTick() {
            let failed = requests.filter { $0.fault != nil || $0.refusal != nil }
            #expect(failed.count <= 1, comment, sourceLocation: sourceLocation)
            let taken = requests.filter { $0.counted > 0 && $0.fault == nil }.compactMap(\.seconds.last)
            let later = taken.dropFirst()
            #expect(Array(later) == later.sorted(by: >), comment, sourceLocation: sourceLocation)
        }
    }
}
