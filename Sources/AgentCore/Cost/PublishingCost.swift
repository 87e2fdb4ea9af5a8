public import Monitoring

/// What publishing costs, known before anything is published.
public struct PublishingCost: Sendable, Equatable {
    /// The metrics of one dimension set.
    public struct SetCost: Sendable, Equatable {
        /// The set.
        public var set: MetricCatalog.DimensionSet
        /// Its series, such as access patterns.
        public var series: Int
        /// Distinct CloudWatch metrics.
        public var metrics: Int

        package init(set: MetricCatalog.DimensionSet, series: Int, metrics: Int) {
            self.set = set
            self.series = series
            self.metrics = metrics
        }
    }

    /// What the figures were taken from, as a sentence.
    public var basis: String
    /// The metrics by dimension set, those without any left out.
    public var sets: [SetCost]
    /// PutMetricData requests in one period.
    public var requestsPerPeriod: Int
    /// Seconds of a period.
    public var periodInSeconds: Int
    /// Bytes of one period's requests before compression.
    public var bytesPerPeriod: Int
    /// Bytes of one period's requests as they are sent.
    public var sentBytesPerPeriod: Int
    /// Dollars a month of the deployment's alarms, or nil where no plan of them was made.
    public var alarmDollarsPerMonth: Double?
    /// The budget in dollars a month, or nil for none.
    public var budgetInDollarsPerMonth: Double?
    /// The region's prices as a multiple of us-east-1's.
    public var priceFactor: Double
    /// The series that the budget folds into `other`, as sentences' ends: "pattern AP9 of shop, production".
    public var folded: [String]

    package init(
        basis: String, sets: [SetCost], requestsPerPeriod: Int, periodInSeconds: Int, bytesPerPeriod: Int,
        sentBytesPerPeriod: Int, alarmDollarsPerMonth: Double?, budgetInDollarsPerMonth: Double?,
        priceFactor: Double = 1, folded: [String]
    ) {
        self.basis = basis
        self.sets = sets
        self.requestsPerPeriod = requestsPerPeriod
        self.periodInSeconds = periodInSeconds
        self.bytesPerPeriod = bytesPerPeriod
        self.sentBytesPerPeriod = sentBytesPerPeriod
        self.alarmDollarsPerMonth = alarmDollarsPerMonth
        self.budgetInDollarsPerMonth = budgetInDollarsPerMonth
        self.priceFactor = priceFactor
        self.folded = folded
    }

    /// Distinct CloudWatch metrics.
    public var metrics: Int { sets.reduce(0) { $0 + $1.metrics } }
    /// Requests in a month of 730 hours.
    public var requestsPerMonth: Int {
        requestsPerPeriod * (CloudWatchPrices.minutesPerMonth * 60 / max(1, periodInSeconds))
    }
    /// Requests a minute.
    public var requestsPerMinute: Double { Double(requestsPerPeriod) * 60 / Double(max(1, periodInSeconds)) }
    /// Bytes sent in a month.
    public var sentBytesPerMonth: Int {
        sentBytesPerPeriod * (CloudWatchPrices.minutesPerMonth * 60 / max(1, periodInSeconds))
    }
    /// Dollars a month for metrics.
    public var metricDollarsPerMonth: Double {
        CloudWatchPrices.dollarsPerMonth(metrics: metrics) * priceFactor
    }
    /// Dollars a month for requests.
    public var requestDollarsPerMonth: Double {
        CloudWatchPrices.dollars(requests: requestsPerMonth) * priceFactor
    }
    /// Dollars a month for all of it.
    public var dollarsPerMonth: Double {
        metricDollarsPerMonth + requestDollarsPerMonth + (alarmDollarsPerMonth ?? 0)
    }
    /// Dollars a month that metrics and requests cost beyond the budget; 0 where it is kept, nil without one.
    public var dollarsOverBudget: Double? {
        budgetInDollarsPerMonth.map { max(0, metricDollarsPerMonth + requestDollarsPerMonth - $0) }
    }

    /// What is never folded, for a sentence.
    static func fixed(hasContract: Bool) -> String {
        hasContract ? "the contract's own series and the agent's figures" : "each service's own figures and the agent's"
    }

    /// Requests in a month that bring so many metrics, before any is seen: a thousand fit one, unless distributions are wide.
    static func requestsPerMonth(metrics: Int, period: PublishPeriod) -> Int {
        (metrics + 999) / 1_000 * (CloudWatchPrices.minutesPerMonth * 60 / period.seconds)
    }
}
