internal import CTelemetry

/// The telemetry file's latency buckets: log-linear, 64 to an octave, from 1,024 ns (1 µs) to 2^36 ns (68.7 s).
///
/// A bucket is at most 1/64 of its lower bound wide, so its middle is within 0.8% of every value in it. A shorter time
/// counts in the first bucket, a longer one in the last.
public enum LatencyBuckets {
    /// How many buckets there are.
    public static let count = 26 * 64

    /// The bucket of a time.
    /// - Parameter nanoseconds: any time; out of range counts at the nearer end.
    /// - Returns: 0 ..< ``count``.
    public static func index(ofNanoseconds nanoseconds: UInt64) -> Int {
        Int(tm_bucket(nanoseconds))
    }

    /// The shortest time that belongs to a bucket, in nanoseconds.
    /// - Parameter index: 0 ..< ``count``; out of range means the nearer end.
    public static func lowerBound(of index: Int) -> UInt64 {
        let bucket = min(max(index, 0), count - 1)
        return UInt64(64 + bucket % 64) << UInt64(4 + bucket / 64)
    }

    /// The shortest time that belongs to the bucket after it, in nanoseconds.
    /// - Parameter index: 0 ..< ``count``; out of range means the nearer end.
    public static func upperBound(of index: Int) -> UInt64 {
        let bucket = min(max(index, 0), count - 1)
        return UInt64(65 + bucket % 64) << UInt64(4 + bucket / 64)
    }

    /// The time that stands for a bucket, in nanoseconds: its middle, within 0.8% of every time in it.
    /// - Parameter index: 0 ..< ``count``; out of range means the nearer end.
    public static func middle(of index: Int) -> UInt64 {
        (lowerBound(of: index) + upperBound(of: index)) / 2
    }
}
