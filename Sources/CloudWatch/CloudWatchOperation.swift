/// The CloudWatch operations that the client calls: no others need a permission.
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Operations.html
public enum CloudWatchOperation: String, CaseIterable, Sendable {
    case putMetricData = "PutMetricData"
    case getMetricStatistics = "GetMetricStatistics"
    case listMetrics = "ListMetrics"
    case putMetricAlarm = "PutMetricAlarm"
    case putCompositeAlarm = "PutCompositeAlarm"
    case describeAlarms = "DescribeAlarms"
    case describeAlarmHistory = "DescribeAlarmHistory"
    case deleteAlarms = "DeleteAlarms"
    case listTagsForResource = "ListTagsForResource"
    case tagResource = "TagResource"
    case putDashboard = "PutDashboard"
    case getDashboard = "GetDashboard"
    case deleteDashboards = "DeleteDashboards"

    /// The value of `X-Amz-Target`.
    public var target: String { "GraniteServiceVersion20100801.\(rawValue)" }

    /// The IAM action that allows it.
    public var iamAction: String { "cloudwatch:\(rawValue)" }
}
