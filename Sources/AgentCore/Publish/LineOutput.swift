import AWSCore
import Glibc

/// A descriptor that takes lines for somebody who reads them one by one: a line that was cut off spoils no other, and a reader
/// that is gone ends no process.
final class LineOutput: Sendable {
    /// For how long one that takes nothing at the moment, as a pipe may whose reader is slow, is waited for.
    static let patience = Duration.seconds(1)
    static let standard = LineOutput(STDOUT_FILENO)

    private let descriptor: Int32
    /// Whether the last line has no end.
    private let isTorn = Lock(false)

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Writes whole lines with their ends.
    /// - Returns: 0, or the `errno` of why not all of it was written.
    func write(_ lines: [UInt8]) -> Int32 {
        isTorn.withLock { isTorn in
            let end = isTorn ? [UInt8(ascii: "\n")] : []
            let (written, code) = Self.withoutPipeSignal { put(end + lines) }
            if code == 0 || written > 0 { isTorn = code != 0 && written > end.count }
            return code
        }
    }

    private func put(_ bytes: [UInt8]) -> (written: Int, code: Int32) {
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count < 0 else {
                start += count
                continue
            }
            let code = errno
            if code == EINTR || code == EAGAIN && takesMore() { continue }
            return (start, code)
        }
        return (start, 0)
    }

    private func takesMore() -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&entry, 1, Int32(Self.patience.components.seconds * 1_000)) > 0
    }

    /// A write to a pipe that nobody reads ends the process, unless this thread holds the signal back.
    private static func withoutPipeSignal(_ body: () -> (Int, Int32)) -> (Int, Int32) {
        var (pipe, before, pending) = (sigset_t(), sigset_t(), sigset_t())
        sigemptyset(&pipe)
        sigaddset(&pipe, SIGPIPE)
        sigpending(&pending)
        guard pthread_sigmask(SIG_BLOCK, &pipe, &before) == 0 else { return body() }
        let result = body()
        if result.1 == EPIPE, sigismember(&pending, SIGPIPE) == 0 {
            var now = timespec()
            _ = sigtimedwait(&pipe, nil, &now)
        }
        pthread_sigmask(SIG_SETMASK, &before, nil)
        return result
    }
}
