package import CloudWatch

/// A datum, and the calls of the ledger that are settled with it.
///
/// Every call of a window is carried by exactly one of the window's datums, under the names that it was recorded with,
/// whatever dimension sets are published and whatever was folded together.
package struct PublishedDatum: Sendable, Equatable {
    package var datum: MetricDatum
    package var calls: [CallShare] = []
}
