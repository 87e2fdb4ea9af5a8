package import Monitoring

/// A published series without its metrics: one value of a dimension set.
package struct PublishedSeries: Hashable, Comparable, Sendable {
    package var set: MetricCatalog.DimensionSet
    package var name: SeriesName

    package init(set: MetricCatalog.DimensionSet, name: SeriesName) {
        self.set = set
        self.name = name
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.set == right.set ? left.name < right.name : left.set.rawValue < right.set.rawValue
    }
}

/// Which series are published by themselves; all others are part of their set's `other`.
package struct Folding: Sendable, Equatable {
    /// What stands in the place of a folded series' name.
    static let other = "other"

    /// The series that stay; nil when all do.
    package var kept: Set<PublishedSeries>?

    package init(kept: Set<PublishedSeries>?) { self.kept = kept }

    /// Nothing is folded.
    package static let none = Folding(kept: nil)

    /// The name under which a series is published. A service is never part of another.
    func name(of series: PublishedSeries) -> SeriesName {
        guard let kept, series.set != .service, !kept.contains(series) else { return series.name }
        return SeriesName(
            scope: series.name.scope, name: Self.other, detail: series.name.detail.isEmpty ? "" : Self.other)
    }
}
