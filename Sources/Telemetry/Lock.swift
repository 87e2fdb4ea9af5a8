internal import Glibc

/// Mutual exclusion for the slow path. A pthread mutex, because the thread sanitizer does not see the ordering that
/// `Synchronization.Mutex` gives on Linux, and because a fork has to hold it.
///
/// Sendable because any thread may use a mutex; it never moves.
final class Lock: @unchecked Sendable {
    // The mutex itself serialises access; it lives in memory of its own, so that its address never changes.
    let mutex: UnsafeMutablePointer<pthread_mutex_t>

    init() {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func withLock<Value>(_ body: () -> Value) -> Value {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }
}
