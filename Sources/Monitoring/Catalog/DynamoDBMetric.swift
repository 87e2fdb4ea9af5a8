public import CloudWatch

/// The metrics of `AWS/DynamoDB` that alarms and dashboards use, each with the dimensions that it really has: an alarm on
/// any other set never has data.
/// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
public enum DynamoDBMetric: String, CaseIterable, Sendable {
    case consumedReadCapacityUnits = "ConsumedReadCapacityUnits"
    case consumedWriteCapacityUnits = "ConsumedWriteCapacityUnits"
    case readThrottleEvents = "ReadThrottleEvents"
    case writeThrottleEvents = "WriteThrottleEvents"

    /// The namespace of all of them.
    public static let namespace = "AWS/DynamoDB"
    /// The shortest period in which DynamoDB publishes, in seconds; CloudWatch refuses alarms of a shorter one in the
    /// namespaces of AWS.
    public static let shortestPeriod = 60

    /// The exact dimensions of a table, whose values leave its indexes out, or of one index.
    public static func dimensions(table: String, index: String?) -> [Dimension] {
        var dimensions = [Dimension(name: "TableName", value: table)]
        if let index { dimensions.append(Dimension(name: "GlobalSecondaryIndexName", value: index)) }
        return dimensions.sorted()
    }

    /// The dimension sets that exist, by name.
    public static let dimensionNames = [["TableName"], ["GlobalSecondaryIndexName", "TableName"]]
}
