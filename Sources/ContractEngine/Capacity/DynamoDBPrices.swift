/// What DynamoDB costs, in dollars: the list prices of us-east-1 for the standard table class, times a factor for the region.
/// Reserved capacity, the free tier, streams, backups and traffic are not in it.
///
/// Sources: https://aws.amazon.com/dynamodb/pricing/on-demand/ and https://aws.amazon.com/dynamodb/pricing/provisioned/
public struct DynamoDBPrices: Sendable, Equatable {
    /// The region's prices as a multiple of us-east-1's. Default 1.
    public var factor = 1.0
    /// Dollars for a million read units on demand.
    public var millionReads = OnDemandPrice.dollarsPerMillionReads
    /// Dollars for a million write units on demand.
    public var millionWrites = OnDemandPrice.dollarsPerMillionWrites
    /// Dollars for one provisioned read unit a second, an hour.
    public var readUnitHour = 0.00013
    /// Dollars for one provisioned write unit a second, an hour.
    public var writeUnitHour = 0.00065
    /// Dollars for a gigabyte kept for a month.
    public var gigabyteMonth = 0.25
    /// Dollars for a gigabyte that can be restored to any second, a month.
    public var recoveryGigabyteMonth = 0.20

    /// Hours in the month that AWS's own estimates use.
    public static let hoursPerMonth = 730.0
    /// Bytes of a gigabyte, as storage is billed.
    public static let gigabyte = 1024.0 * 1024 * 1024

    /// us-east-1's.
    public init() {}

    /// Whose prices a figure is made of, for its end: "us-east-1's prices".
    public var basis: String {
        factor == 1 ? "us-east-1's prices" : "\(Figures.short(factor)) times us-east-1's prices"
    }

    /// Dollars a month on demand, for that many units in every second.
    public func onDemand(reads: Double, writes: Double) -> Double {
        let millions = DynamoDBPrices.hoursPerMonth * 3600 / 1_000_000
        return factor * millions * (reads * millionReads + writes * millionWrites)
    }

    /// Dollars a month for that many provisioned units a second.
    public func provisioned(reads: Double, writes: Double) -> Double {
        factor * DynamoDBPrices.hoursPerMonth * (reads * readUnitHour + writes * writeUnitHour)
    }

    /// Dollars a month for keeping so many bytes.
    public func storage(bytes: Double) -> Double { factor * gigabyteMonth * bytes / DynamoDBPrices.gigabyte }

    /// Dollars a month for point-in-time recovery of so many bytes.
    public func recovery(bytes: Double) -> Double { factor * recoveryGigabyteMonth * bytes / DynamoDBPrices.gigabyte }

    /// The share of provisioned write units that must be used for them to cost what the same writes cost on demand; reads
    /// have the same. `0.00065 / (3,600 × 0.625 / 1,000,000)` = 28.9%.
    public var breakEvenUtilization: Double { writeUnitHour / (3600 * millionWrites / 1_000_000) }
}
