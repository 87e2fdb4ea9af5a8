public import Monitoring

extension MonitoringScope: Comparable {
    /// By service, then environment, so that what is listed has one order.
    public static func < (left: Self, right: Self) -> Bool {
        left.service == right.service ? left.environment < right.environment : left.service < right.service
    }
}
