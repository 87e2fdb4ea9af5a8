package import Glibc

/// Mutual exclusion around one value, over `pthread_mutex_t`.
///
/// Not `Synchronization.Mutex`: the thread sanitizer does not see its ordering on Linux and reports correct code.
/// The body must be short: no callback, no `await`, no system call that may wait.
///
/// Inlinable, since an unspecialised generic call costs more than the locking.
///
/// Sendable because the value is reached under the mutex only.
package final class Lock<Value>: @unchecked Sendable {
    @usableFromInline package let mutex: UnsafeMutablePointer<pthread_mutex_t>
    @usableFromInline package var value: Value

    package init(_ value: Value) {
        self.value = value
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        let status = pthread_mutex_init(mutex, nil)
        precondition(status == 0, "pthread_mutex_init fails only without memory")
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    @inlinable
    package func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
