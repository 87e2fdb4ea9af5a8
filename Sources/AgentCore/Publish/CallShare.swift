import CloudWatch
package import Monitoring

/// How many calls of a pattern the `Calls` datums of a batch stand for: what the ledger is kept in.
package struct CallShare: Sendable, Hashable {
    package var scope: MonitoringScope
    package var pattern: String
    package var calls: UInt64

    /// The calls in a list of datums, by service, environment and pattern; zeros are left out.
    static func shares(of datums: some Sequence<MetricDatum>) -> [CallShare] {
        var sums: [CallShare: UInt64] = [:]
        for datum in datums where datum.name == MetricCatalog.calls.name {
            guard case .single(let value) = datum.value, value > 0 else { continue }
            let dimensions = Dictionary(
                datum.dimensions.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
            let scope = MonitoringScope(
                service: dimensions["Service"] ?? "", environment: dimensions["Environment"] ?? "")
            sums[CallShare(scope: scope, pattern: dimensions["Pattern"] ?? "", calls: 0), default: 0] += UInt64(value)
        }
        return sums.map { CallShare(scope: $0.key.scope, pattern: $0.key.pattern, calls: $0.value) }
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
        return writer.bytes
    }

    static func decode(_ bytes: [UInt8]) throws(BlobError) -> [CallShare] {
        var reader = BlobReader(bytes)
        var shares: [CallShare] = []
        for _ in 0..<(try reader.count(below: bytes.count + 1)) {
            let scope = MonitoringScope(service: try reader.text(), environment: try reader.text())
            shares.append(CallShare(scope: scope, pattern: try reader.text(), calls: try reader.number()))
        }
        return shares
    }
}
