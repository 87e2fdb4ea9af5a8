internal import CTelemetry
internal import Synchronization

/// A file that is deleted while it is written gets a successor. All of it outside the record path.
extension TelemetryWriter {
    /// How long a look at the file is good for, in nanoseconds.
    private static let lookNanoseconds: UInt64 = 1_000_000_000

    /// Whether ``look()`` is due: true for one caller about once a second. Takes no lock and makes no system call.
    /// - Parameter nanoseconds: now, by any clock that never goes back; always the same one.
    public func isLookDue(at nanoseconds: UInt64) -> Bool {
        let next = nextLook.load(ordering: .relaxed)
        guard nanoseconds >= next else { return false }
        return nextLook.compareExchange(
            expected: next, desired: nanoseconds &+ Self.lookNanoseconds, ordering: .relaxed
        ).exchanged
    }

    /// Makes a new file where somebody has deleted the one that is written: calls that go into a file without a name are
    /// counted only by an agent that had it open before. Slots keep their places.
    ///
    /// `DynamoDBClient` does this by itself, beside its calls. Who records without it does it about once a second, outside
    /// of what is measured: it takes a lock and makes system calls. Where no new file can be made, the old one is written
    /// on, ``warning`` says why, and the next look tries again.
    public func look() {
        let isDeleted = lock.withLock {
            closeReplaced()
            return isFileDeleted
        }
        guard isDeleted else { return }
        // Registered before the lock is taken, and gone after it: a fork takes the two in this order.
        let keeper = ForkGuard(lock: lock, own: unrecorded, ownWords: 0)
        lock.withLock { if isFileDeleted { replaceFile(keeper) } }
    }

    /// Under the lock.
    private var isFileDeleted: Bool {
        !isClosed && trouble == nil && !fork.isForked && files.last?.isDeleted ?? false
    }

    private func replaceFile(_ keeper: ForkGuard) {
        guard let old = files.last else { return }
        var identity = NewIdentity(configuration)
        // Counters that begin anew are another process's to whoever reads them.
        identity.renew()
        do throws(TelemetryError) {
            let file = try makeFile(identity, fork: keeper)
            fork.exchange(with: keeper)
            (file.fork, old.fork) = (fork, keeper)
            use(file)
            replaced.append(old)
        } catch {
            directoryWarning =
                "The telemetry file \(old.path) was deleted, and what is recorded is counted only by an agent that has it "
                + "open. \(error.message)"
        }
    }

    /// Lets go of files that were replaced at an earlier look. Under the lock.
    func closeReplaced() {
        for file in replaced { file.letGo() }
        replaced = []
    }
}
