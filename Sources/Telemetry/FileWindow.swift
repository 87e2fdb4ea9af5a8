internal import CTelemetry
internal import Glibc

/// Memory that telemetry files are copied into, page-aligned. Readers that work one after the other may share one.
public final class TelemetryReadBuffer {
    /// Pages that no file is large enough for are never touched.
    static let usualByteCount = 256 << 10
    let byteCount: Int
    let base: UnsafeMutableRawPointer

    /// Room for one reader at a time.
    public convenience init() { self.init(byteCount: Self.usualByteCount) }

    init(byteCount: Int) {
        self.byteCount = byteCount
        base = .allocate(byteCount: byteCount, alignment: 4096)
    }

    deinit { base.deallocate() }
}

/// A copy of a stretch of a telemetry file, for as long as one question to the reader lasts.
///
/// Copied, never mapped: where the file is cut short in this very moment, a read comes back short, whereas a mapping ends
/// the process with SIGBUS.
struct FileWindow {
    private let descriptor: Int32
    private let buffer: TelemetryReadBuffer
    private var start = 0
    private var filled = 0

    init(_ descriptor: Int32, _ buffer: TelemetryReadBuffer) {
        self.descriptor = descriptor
        self.buffer = buffer
    }

    /// What is read from now on is as it is after all that was read before: a copy made earlier is not used again, and no
    /// load of a later copy may happen before this (docs/TELEMETRY.md, "Reading").
    mutating func forget() {
        filled = 0
        tm_fence_acquire()
    }

    /// Bytes of the file, from the last copy when it holds them; nil where the file is shorter.
    /// - Parameters:
    ///   - offset: where they begin.
    ///   - count: how many are needed, at most half of the buffer.
    ///   - ahead: how many to copy at once when they have to be copied.
    mutating func bytes(at offset: Int, _ count: Int, ahead: Int = 0) -> UnsafeRawPointer? {
        if offset >= start, offset - start <= filled - count { return UnsafeRawPointer(buffer.base + (offset - start)) }
        // Copies begin where a cache line does, in the file and in memory, so that no word lies across two.
        let aligned = offset & ~63
        let wanted = min(max(count, ahead) + (offset - aligned), buffer.byteCount)
        (start, filled) = (aligned, 0)
        while filled < wanted {
            let result = pread(descriptor, buffer.base + filled, wanted - filled, off_t(aligned + filled))
            if result < 0, errno == EINTR { continue }
            guard result > 0 else { break }
            filled += result
        }
        guard offset - start <= filled - count else { return nil }
        return UnsafeRawPointer(buffer.base + (offset - start))
    }

    /// Copies a stretch into one half of the buffer, apart from the window and behind so many bytes of that half; nil where
    /// the file is shorter. The bytes start where a cache line does.
    func copy(at offset: Int, _ count: Int, toHalf half: Int, after: Int = 0) -> UnsafeRawPointer? {
        let target = buffer.base + half * (buffer.byteCount / 2) + after
        var done = 0
        while done < count {
            let result = pread(descriptor, target + done, count - done, off_t(offset + done))
            if result < 0, errno == EINTR { continue }
            guard result > 0 else { return nil }
            done += result
        }
        return UnsafeRawPointer(target)
    }
}
