import CloudWatch
package import Monitoring
import Telemetry

/// How many calls of a pattern are settled with a datum or a batch: what the ledger is kept in.
package struct CallShare: Sendable, Hashable {
    package var scope: MonitoringScope
    package var pattern: String
    package var calls: UInt64

    /// The calls that a list of datums carries, added up.
    static func sum(of datums: some Sequence<PublishedDatum>) -> [CallShare] {
        sum(of: datums.lazy.flatMap(\.calls))
    }

    /// The calls of a window.
    static func sum(of series: [SeriesIdentity: SeriesTotals]) -> [CallShare] {
        sum(
            of: series.lazy.map {
                CallShare(scope: $0.key.scope, pattern: $0.key.pattern, calls: $0.value.counters.calls)
            })
    }

    static func sum(of shares: some Sequence<CallShare>) -> [CallShare] {
        var sums: [CallShare: UInt64] = [:]
        for share in shares where share.calls > 0 {
            let key = CallShare(scope: share.scope, pattern: share.pattern, calls: 0)
            sums[key] = (sums[key] ?? 0).plus(share.calls)
        }
        return list(sums)
    }

    private static func list(_ sums: [CallShare: UInt64]) -> [CallShare] {
        sums.map { CallShare(scope: $0.key.scope, pattern: $0.key.pattern, calls: $0.value) }
            .sorted { ($0.scope, $0.pattern) < ($1.scope, $1.pattern) }
    }

    /// Calls by pattern, as shares; zeros are left out.
    static func shares(_ calls: [String: UInt64], scope: MonitoringScope) -> [CallShare] {
        calls.filter { $0.value > 0 }.sorted { $0.key < $1.key }
            .map { CallShare(scope: scope, pattern: $0.key, calls: $0.value) }
    }

    static func encode(_ shares: [CallShare]) -> [UInt8] {
        var writer = BlobWriter()
        writer.append(UInt64(shares.count))
        for share in shares {
            for text in [share.scope.service, share.scope.environment, share.pattern] { writer.append(text) }
            writer.append(share.calls)
        }
        return writer.seal()
    }

    static func decode(_ bytes: [UInt8]) throws(BlobError) -> [CallShare] {
        var reader = try BlobReader(sealed: bytes)
        var shares: [CallShare] = []
        for _ in 0..<(try reader.count(below: bytes.count + 1)) {
            let scope = MonitoringScope(service: try reader.text(), environment: try reader.text())
            shares.append(CallShare(scope: scope, pattern: try reader.text(), calls: try reader.number()))
        }
        return shares
    }
}
