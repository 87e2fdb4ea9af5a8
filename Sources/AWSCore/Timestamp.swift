internal import Glibc

/// A point in time as AWS counts it, in UTC without leap seconds; from 1970 to the year 2262.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Nanoseconds since 1970-01-01T00:00:00Z; negative before.
    public var nanosecondsSince1970: Int64

    /// A time from its nanoseconds.
    public init(nanosecondsSince1970: Int64) {
        self.nanosecondsSince1970 = nanosecondsSince1970
    }

    /// A time from its whole seconds; seconds beyond the range (about ±9.2 billion) become the range's end.
    public init(secondsSince1970 seconds: Int64) {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        nanosecondsSince1970 = overflow ? (seconds < 0 ? .min : .max) : product
    }

    /// The time of the system's clock, which an operator may set back or forward. Decisions take it as a parameter.
    public static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanosecondsSince1970: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// Whole seconds since 1970, rounded down.
    public var seconds: Int64 {
        let quotient = nanosecondsSince1970 / 1_000_000_000
        return nanosecondsSince1970 % 1_000_000_000 < 0 ? quotient - 1 : quotient
    }

    /// This time moved by the duration; the range's end where it would leave the range.
    public func advanced(by duration: Duration) -> Timestamp {
        let (sum, overflow) = nanosecondsSince1970.addingReportingOverflow(duration.nanoseconds)
        if overflow { return Timestamp(nanosecondsSince1970: duration < .zero ? .min : .max) }
        return Timestamp(nanosecondsSince1970: sum)
    }

    /// How long it is from this time to the other; negative where the other is earlier.
    public func duration(to other: Timestamp) -> Duration {
        .nanoseconds(other.nanosecondsSince1970) - .nanoseconds(nanosecondsSince1970)
    }

    /// Earlier is less.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.nanosecondsSince1970 < right.nanosecondsSince1970
    }
}

extension Duration {
    /// The duration in whole nanoseconds, cut at ±292 years.
    package var nanoseconds: Int64 {
        let parts = components
        let (whole, overflow) = parts.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, sumOverflow) = whole.addingReportingOverflow(parts.attoseconds / 1_000_000_000)
        return overflow || sumOverflow ? (parts.seconds < 0 ? .min : .max) : sum
    }
}
