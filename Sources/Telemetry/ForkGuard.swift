internal import CTelemetry
internal import Glibc

/// Keeps a writer's file and mapping apart from those of a forked child, and owns the file's descriptor.
///
/// `@unchecked Sendable`: everything here is under the writer's lock, which a fork takes too.
final class ForkGuard: @unchecked Sendable {
    private let entry: UnsafeMutablePointer<tm_fork_entry>

    /// Must not be called under the lock.
    /// - Parameters:
    ///   - lock: the writer's.
    ///   - own: words that are zero in a child, because its parent goes on with what they hold.
    init(lock: Lock, own: UnsafeMutablePointer<UInt64>, ownWords: Int) {
        entry = .allocate(capacity: 1)
        entry.initialize(
            to: tm_fork_entry(
                base: nil, length: 0, file: -1, forked: 0, own: own, own_words: ownWords, mutex: lock.mutex, next: nil))
        // It fails for want of memory only; forks then count into their parent's file.
        _ = tm_fork_register(entry)
    }

    /// Must not be called under the lock, and before the mapping goes.
    func stop() { tm_fork_remove(entry) }

    deinit {
        stop()
        closeFile()
        entry.deallocate()
    }

    /// Whether this process is a fork of the one that opened the file. May be asked without the lock.
    var isForked: Bool { tm_is_forked(entry) }

    /// The file's descriptor, -1 when there is none, or none any more.
    var file: Int32 { entry.pointee.file }

    /// Takes a descriptor over.
    func adopt(file: Int32) { entry.pointee.file = file }

    /// From now on a child gets private memory in place of this mapping.
    func adopt(mapping base: UnsafeMutableRawPointer, length: Int) {
        entry.pointee.base = base
        entry.pointee.length = length
    }

    /// Gives each the other's file and mapping.
    func exchange(with other: ForkGuard) {
        swap(&entry.pointee.base, &other.entry.pointee.base)
        swap(&entry.pointee.length, &other.entry.pointee.length)
        swap(&entry.pointee.file, &other.entry.pointee.file)
    }

    /// Lets go of file and mapping, and of the memory that this process was forked.
    func reset() {
        closeFile()
        entry.pointee.base = nil
        entry.pointee.forked = 0
    }

    func closeFile() {
        if entry.pointee.file >= 0 { Glibc.close(entry.pointee.file) }
        entry.pointee.file = -1
    }
}
