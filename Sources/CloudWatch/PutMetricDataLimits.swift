/// What one PutMetricData request may hold.
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
public enum PutMetricDataLimits {
    /// Datums in one request.
    public static let maximumDatums = 1_000
    /// Bytes of one request's body. The page says "1 MB" and not whether before or after compression: taken as a million
    /// bytes before it, which is right under either reading.
    public static let maximumBytes = 1_000_000
    /// Distinct values in one datum's distribution.
    /// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
    public static let maximumValues = 150
    /// Dimensions of one datum.
    public static let maximumDimensions = 30
    /// Characters of a dimension's name.
    /// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html
    public static let maximumDimensionNameLength = 255
    /// Characters of a dimension's value.
    public static let maximumDimensionValueLength = 1_024
    /// Characters of a metric's name.
    public static let maximumMetricNameLength = 255
    /// Characters of a namespace.
    public static let maximumNamespaceLength = 255
    /// The largest magnitude of a value: 2 to the power of 360.
    public static let maximumMagnitude = 0x1p360
    /// How far back a time stamp may lie: two weeks.
    public static let maximumAge: Duration = .seconds(14 * 24 * 3_600)
    /// How far ahead a time stamp may lie: two hours.
    public static let maximumLead: Duration = .seconds(2 * 3_600)
}
