internal import AWSCore
internal import CCurl
internal import Glibc

/// The one thread that an event loop lives on.
final class LoopThread: Sendable {
    private let thread: Lock<pthread_t?>

    /// Starts the thread and gives it the loop; from here on only that thread touches the loop.
    init(running loop: EventLoop) throws(TransportError) {
        var started = pthread_t()
        // Taken back by the thread's first line, or below where there is no thread.
        let owned = Unmanaged.passRetained(loop)
        let status = pthread_create(&started, nil, runLoop, owned.toOpaque())
        guard status == 0 else {
            owned.release()
            throw TransportError(
                code: .other,
                message: "the transport's thread cannot be started (\(String(cString: strerror(status))))")
        }
        thread = Lock(started)
    }

    /// Waits for the thread's end. A second caller waits as long as the first: hence under the lock.
    func join() {
        thread.withLock { thread in
            guard let started = thread else { return }
            // A task executor that runs a job where it is enqueued may drop the transport on the loop's own thread.
            if pthread_equal(started, pthread_self()) != 0 {
                pthread_detach(started)
            } else {
                pthread_join(started, nil)
            }
            thread = nil
        }
    }
}

private func runLoop(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    let loop = Unmanaged<EventLoop>.fromOpaque(context).takeRetainedValue()
    // The service's signals are for its own threads.
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, nil)
    _ = tidemark_name_thread("tidemark-http")
    loop.run()
    return nil
}
