public import Monitoring
import Sketches

extension AgentConfiguration {
    /// The dimension sets that the configuration names.
    public var publishedSets: PublishedSets {
        PublishedSets(Set(metrics.compactMap { MetricCatalog.DimensionSet(rawValue: $0.rawValue) }))
    }

    /// What a distribution may take to keep to the configured error.
    var distributionLimits: DistributionFit.Limits {
        DistributionFit.Limits(
            maximumDatums: AgentLimits.datumsPerDistribution, targetError: percentileErrorInPercent / 100)
    }
}
