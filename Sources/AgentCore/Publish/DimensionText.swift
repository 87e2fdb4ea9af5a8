import CloudWatch
import Monitoring

/// A text as CloudWatch takes it for a dimension's value: printable ASCII, not blank, at most 1,024 characters.
enum DimensionText {
    /// Stands where there is nothing: calls outside the contract have no pattern.
    static let none = "none"

    static func make(_ text: String) -> String {
        // Nearly every name is right as it is, and is not copied.
        if ASCIIText.isPrintable(text, maximum: PutMetricDataLimits.maximumDimensionValueLength) { return text }
        var bytes = text.utf8.map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
        bytes = Array(bytes.prefix(PutMetricDataLimits.maximumDimensionValueLength))
        return bytes.allSatisfy { $0 == 0x20 } ? none : String(decoding: bytes, as: UTF8.self)
    }
}

extension MonitoringScope {
    /// The scope as CloudWatch takes it.
    var published: MonitoringScope {
        MonitoringScope(service: DimensionText.make(service), environment: DimensionText.make(environment))
    }
}

extension SeriesName {
    /// The dimensions under a set, which the name is one of.
    func dimensions(_ set: MetricCatalog.DimensionSet) -> [Dimension] {
        switch set {
        case .service: scope.serviceDimensions
        case .pattern: scope.dimensions(pattern: name)
        case .operation: scope.dimensions(table: name, operation: detail)
        case .resource, .table, .index: scope.dimensions(table: name, index: detail.isEmpty ? nil : detail)
        }
    }
}
