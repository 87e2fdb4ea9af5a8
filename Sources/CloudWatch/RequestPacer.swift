public import AWSCore

/// How fast a client may ask, so that an account's quota is left to others and no call meets a throttle of our own making.
/// Rates are calls a second; nil does not limit.
public struct RequestPacing: Hashable, Sendable {
    /// PutMetricAlarm, PutCompositeAlarm, DeleteAlarms, TagResource.
    public var alarmWrites: Double?
    /// DescribeAlarms, DescribeAlarmHistory, ListTagsForResource.
    public var alarmReads: Double?

    /// Sets the rates.
    public init(alarmWrites: Double?, alarmReads: Double?) {
        self.alarmWrites = alarmWrites
        self.alarmReads = alarmReads
    }

    /// What an account's default quotas allow: 3 alarm writes and 9 DescribeAlarms a second.
    /// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
    public static let accountDefaults = RequestPacing(alarmWrites: 3, alarmReads: 9)
    /// No limit: for a local server.
    public static let unlimited = RequestPacing(alarmWrites: nil, alarmReads: nil)

    /// The defaults for AWS's own endpoints, unlimited for any other.
    public static func suited(to endpoint: AWSEndpoint) -> RequestPacing {
        isAWS(endpoint.url) ? .accountDefaults : .unlimited
    }

    /// Whether a URL's host is one of AWS's own.
    static func isAWS(_ url: String) -> Bool {
        var host = Substring(url)
        if let scheme = host.firstRange(of: "://") { host = host[scheme.upperBound...] }
        host = host.prefix { $0 != "/" && $0 != ":" && $0 != "?" }
        return [".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".api.amazonwebservices.com.cn"].contains {
            host.hasSuffix($0)
        }
    }
}

extension Substring {
    fileprivate func firstRange(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}

/// Says how long the next call of a kind has to wait. Pure but for its state: the time is a parameter.
struct PaceKeeper: Sendable {
    /// Nanoseconds between two calls; zero does not limit.
    private let interval: UInt64
    private var nextFree: UInt64 = 0

    /// - Parameter rate: calls a second; nil or not above zero does not limit.
    init(rate: Double?) {
        if let rate, rate > 0 { interval = UInt64(1e9 / rate) } else { interval = 0 }
    }

    /// Takes the next place in the row and says how far off it is.
    mutating func reserve(at now: UInt64) -> Duration {
        let start = max(now, nextFree)
        nextFree = start + interval
        return .nanoseconds(Int64(start - now))
    }
}
