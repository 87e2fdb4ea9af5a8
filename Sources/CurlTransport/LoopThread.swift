internal import AWSCore
internal import CCurl
internal import Glibc

/// The one thread that an event loop lives on.
final class LoopThread: Sendable {
    private let id: pthread_t
    private let end = LoopEnd()

    /// Starts the thread and gives it the loop; from here on only that thread touches the loop.
    init(running loop: EventLoop) throws(TransportError) {
        var started = pthread_t()
        // Taken back by the thread's first line, or below where there is no thread.
        let owned = Unmanaged.passRetained(LoopStart(loop: loop, end: end))
        let status = pthread_create(&started, nil, runLoop, owned.toOpaque())
        guard status == 0 else {
            owned.release()
            throw TransportError(
                code: .other,
                message: "the transport's thread cannot be started (\(String(cString: strerror(status))))")
        }
        // Whoever waits does so for the loop's end, since several may, and the loop's own thread must not.
        pthread_detach(started)
        id = started
    }

    /// Waits until the loop has ended. On the loop's own thread, where a task may drop the transport, it returns at once.
    func join() {
        if pthread_equal(id, pthread_self()) == 0 { end.wait() }
    }
}

/// What a loop's thread is given.
private final class LoopStart {
    let loop: EventLoop
    let end: LoopEnd

    init(loop: EventLoop, end: LoopEnd) {
        self.loop = loop
        self.end = end
    }
}

/// The end of a loop, which any number of threads may wait for.
///
/// Sendable because `isOver` is reached under the mutex only.
private final class LoopEnd: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var isOver = false

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func wait() {
        pthread_mutex_lock(mutex)
        while !isOver { pthread_cond_wait(condition, mutex) }
        pthread_mutex_unlock(mutex)
    }

    func signal() {
        pthread_mutex_lock(mutex)
        isOver = true
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }
}

private func runLoop(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    blockSignals()
    _ = tidemark_name_thread("tidemark-http")
    let end = live(Unmanaged<LoopStart>.fromOpaque(context).takeRetainedValue())
    end.signal()
    return nil
}

/// Runs the loop and lets go of it, so that its connections are closed when its end is told.
private func live(_ start: LoopStart) -> LoopEnd {
    start.loop.run()
    return start.end
}

/// The service's signals are for its own threads; those of a fault in this one, and a profiler's, are not.
private func blockSignals() {
    var blocked = sigset_t()
    sigfillset(&blocked)
    for signal in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGPROF] { sigdelset(&blocked, signal) }
    pthread_sigmask(SIG_SETMASK, &blocked, nil)
}
