package import CloudWatch
import Glibc
import Monitoring

/// Sends batches as lines of the embedded metric format, to standard output unless told otherwise.
///
/// A line that was written counts as acknowledged: what becomes of it, the log driver's way to CloudWatch decides.
package struct EmbeddedMetricSink: MetricSink {
    private let format: EmbeddedMetricFormat
    private let write: @Sendable ([UInt8]) -> Int32

    /// - Parameters:
    ///   - format: how lines look.
    ///   - write: takes whole lines with their ends and gives 0, or the `errno` of what went wrong. Calls come one at a time.
    package init(
        format: EmbeddedMetricFormat = EmbeddedMetricFormat(namespace: MetricCatalog.namespace),
        write: @escaping @Sendable ([UInt8]) -> Int32 = { LineOutput.standard.write($0) }
    ) {
        self.format = format
        self.write = write
    }

    package func send(_ datums: [MetricDatum]) async -> SendOutcome {
        let lines: [[UInt8]]
        do {
            lines = try format.lines(datums)
        } catch {
            return .refused(reason: error.description)
        }
        var hasWritten = false
        // A few lines at a time: what follows a failure has not been written for certain.
        for line in lines {
            let code = write(line + [UInt8(ascii: "\n")])
            guard code == 0 else {
                let reason = "standard output takes no more: \(String(cString: strerror(code)))"
                return hasWritten ? .lost(reason: reason) : .later(reason: reason, mayHaveCounted: false)
            }
            hasWritten = true
        }
        return .acknowledged
    }
}
