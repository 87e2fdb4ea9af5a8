/// What CloudWatch costs in us-east-1, in dollars; "Pricing varies by Region", says its source, and every figure that is
/// made of these says which region's it is. https://aws.amazon.com/cloudwatch/pricing/
public enum CloudWatchPrices {
    /// Whose prices these are, for a figure's end: "at us-east-1's prices", or a multiple of them.
    public static func basis(factor: Double = 1) -> String {
        factor == 1 ? "at us-east-1's prices" : "at \(factor) times us-east-1's prices"
    }

    /// Where the prices come from.
    public static let source = "https://aws.amazon.com/cloudwatch/pricing/"
    /// Dollars a month for one custom metric, by tier; the last tier has no end. Metrics are billed by the hour in which they
    /// are published.
    public static let metricTiers: [(metrics: Int, dollars: Double)] = [
        (10_000, 0.30), (240_000, 0.10), (750_000, 0.05), (.max, 0.02),
    ]
    /// Dollars for a thousand requests.
    public static let dollarsPerThousandRequests = 0.01
    /// Minutes of a month, as prices count it: 730 hours.
    public static let minutesPerMonth = 730 * 60

    /// Dollars a month of so many custom metrics of an account that has no others.
    public static func dollarsPerMonth(metrics: Int) -> Double {
        var left = max(0, metrics)
        var dollars = 0.0
        for tier in metricTiers {
            let taken = min(left, tier.metrics)
            dollars += Double(taken) * tier.dollars
            left -= taken
        }
        return dollars
    }

    /// Dollars of so many requests.
    public static func dollars(requests: Int) -> Double {
        Double(max(0, requests)) / 1_000 * dollarsPerThousandRequests
    }

    /// The most metrics for which metrics and requests together cost no more than that a month.
    /// - Parameter requestsPerMonth: how many requests so many metrics take.
    public static func metrics(
        withinDollarsPerMonth budget: Double, requestsPerMonth: (_ metrics: Int) -> Int
    ) -> Int {
        func cost(_ metrics: Int) -> Double {
            dollarsPerMonth(metrics: metrics) + dollars(requests: requestsPerMonth(metrics))
        }
        guard budget.isFinite, cost(1) <= budget else { return 0 }
        var (most, tooMany) = (1, 2)
        while tooMany < 1 << 30, cost(tooMany) <= budget { (most, tooMany) = (tooMany, tooMany * 2) }
        while tooMany - most > 1 {
            let middle = (most + tooMany) / 2
            if cost(middle) <= budget { most = middle } else { tooMany = middle }
        }
        return most
    }

    /// For documents.
    static let sentence =
        "In us-east-1 the price of one is $0.30 a month for the first 10,000, then $0.10, $0.05 and $0.02; a thousand requests are $0.01 (<\(source)>)."
}
