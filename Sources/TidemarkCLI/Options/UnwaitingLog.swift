import AWSCore
import Glibc
import Logging

/// Log lines on standard error that wait for nobody longer than a second, once: who reads them may stop, as a pager does or a log driver
/// that hangs, and the work goes on. What was not taken is counted, and said once lines are taken again.
struct UnwaitingLogHandler: LogHandler {
    let label: String
    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]

    init(label: String) { self.label = label }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, own in own }
        let values = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        let error = event.error.map { ": \($0)" } ?? ""
        LogOutput.standardError.write("\(event.level) \(label):\(values) [\(event.source)] \(event.message)\(error)")
    }
}

/// A descriptor that takes lines of a log.
private final class LogOutput: Sendable {
    static let standardError = LogOutput(STDERR_FILENO)
    /// What a pipe takes at once when it takes anything (PIPE_BUF, https://man7.org/linux/man-pages/man7/pipe.7.html).
    private static let mostAtOnce = 4_096
    /// For how many milliseconds a reader that was there for the line before is waited for.
    private static let patience: Int32 = 1_000

    private let descriptor: Int32
    private let lost = Lock(0)

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    func write(_ line: String) {
        lost.withLock { lost in
            guard takesMore(within: lost == 0 ? Self.patience : 0) else {
                lost += 1
                return
            }
            if lost > 0 {
                let count = lost
                guard put("warning tidemark: [TidemarkCLI] \(count) lines of this log were lost: nobody read it") else {
                    return
                }
                lost = 0
                guard takesMore(within: Self.patience) else {
                    lost = 1
                    return
                }
            }
            if !put(line) { lost += 1 }
        }
    }

    private func takesMore(within milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&entry, 1, milliseconds) > 0 && entry.revents & Int16(POLLOUT) != 0
    }

    private func put(_ line: String) -> Bool {
        var bytes = Array("\(Self.stamp()) \(line)".utf8)
        if bytes.count >= Self.mostAtOnce { bytes = bytes.prefix(Self.mostAtOnce - 4) + Array("…".utf8) }
        bytes.append(UInt8(ascii: "\n"))
        return bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) } == bytes.count
    }

    /// "2026-11-27T20:05:02+0000"
    private static func stamp() -> String {
        var (now, parts) = (Glibc.time(nil), tm())
        guard localtime_r(&now, &parts) != nil else { return "" }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
            let count = strftime(text.baseAddress.unsafelyUnwrapped, text.count, "%Y-%m-%dT%H:%M:%S%z", &parts)
            return String(decoding: text.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }
}
