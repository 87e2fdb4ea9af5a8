/// On-demand prices of us-east-1 in dollars.
/// Source: https://aws.amazon.com/dynamodb/pricing/on-demand/
public enum OnDemandPrice {
    /// Dollars for a million read units.
    public static let dollarsPerMillionReads = 0.125
    /// Dollars for a million write units.
    public static let dollarsPerMillionWrites = 0.625
    /// Seconds in the month that AWS's own estimates use: 730 hours.
    public static let secondsPerMonth = 730.0 * 3600

    /// Dollars a month for that many read units in every second.
    public static func readDollarsPerMonth(_ unitsPerSecond: Double) -> Double {
        unitsPerSecond * secondsPerMonth / 1_000_000 * dollarsPerMillionReads
    }

    /// Dollars a month for that many write units in every second.
    public static func writeDollarsPerMonth(_ unitsPerSecond: Double) -> Double {
        unitsPerSecond * secondsPerMonth / 1_000_000 * dollarsPerMillionWrites
    }
}

/// What a new on-demand table serves at once.
/// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html
public enum WarmThroughput {
    /// Read units a second.
    public static let readUnitsPerSecond = 12_000.0
    /// Write units a second.
    public static let writeUnitsPerSecond = 4_000.0
}
