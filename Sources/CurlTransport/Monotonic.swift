internal import AWSCore
internal import Glibc

/// Nanoseconds of CLOCK_MONOTONIC, the loop's only measure of time.
enum Monotonic {
    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// A point in time this long after another; the far end of time instead of an overflow.
    static func adding(_ duration: Duration, to time: Int64) -> Int64 {
        let (sum, overflow) = time.addingReportingOverflow(max(0, duration.nanoseconds))
        return overflow ? .max : sum
    }
}
