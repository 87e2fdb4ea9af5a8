internal import AWSCore
internal import CCurl
internal import Glibc
internal import Synchronization

/// Drives every transfer: libcurl's multi interface over epoll, with the queue in front and the time-outs of our own.
///
/// Made by the transport's init and then touched by the loop's thread only.
final class EventLoop {
    let multi: UnsafeMutableRawPointer
    let epoll: Int32
    /// When libcurl wants to be called without a socket's event; set by its timer callback.
    var curlDeadline: Int64?

    let mailbox: Mailbox
    let configuration: CurlTransport.Configuration
    private var commands: [Mailbox.Command] = []
    private var queue = TransferQueue()
    private var idle: [EasyHandle] = []
    private var active: [EasyHandle] = []
    /// No transfer's time ends before this; the next look at all of them is due then.
    private var nextDeadline: Int64 = .max

    init(configuration: CurlTransport.Configuration, mailbox: Mailbox) throws(TransportError) {
        guard EventLoop.libraryStatus == CURLE_OK, let multi = curl_multi_init() else {
            throw TransportError(code: .other, message: "libcurl cannot be initialised: is there memory left?")
        }
        self.multi = multi
        self.configuration = configuration
        self.mailbox = mailbox
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        try configureMulti()
    }

    deinit {
        // First the transfers' handles, which the multi handle must not outlive, then what they used.
        for handle in active { curl_multi_remove_handle(multi, handle.curl) }
        active = []
        idle = []
        curl_multi_cleanup(multi)
        if epoll >= 0 { close(epoll) }
    }

    /// libcurl's own set-up, once a process; safe from any thread since 7.84.
    private static let libraryStatus: CURLcode = tidemark_global_init()

    /// Runs until the mailbox says shut down; then every transfer has ended.
    func run() {
        while true {
            let isShutDown = mailbox.take(into: &commands)
            for command in commands { perform(command) }
            commands.removeAll(keepingCapacity: true)
            if isShutDown { break }
            repeat {
                startQueued()
                runCurlTimer()
                collectFinished()
            } while canStart
            expire()
            wait()
        }
        endEverything()
    }

    private func perform(_ command: Mailbox.Command) {
        switch command {
        case .start(let transfer):
            if transfer.isCancelled.load(ordering: .acquiring) {
                finishQueued(transfer, .cancelled, "the task was cancelled before sending")
            } else {
                queue.append(transfer)
                nextDeadline = min(nextDeadline, transfer.deadline)
            }
        case .cancel(let transfer):
            // One that is in neither place has ended already, or is still on its way here and will be seen to be cancelled.
            if let handle = active.first(where: { $0.transfer === transfer }) {
                finish(handle, .cancelled, "the task was cancelled")
            } else if queue.remove(transfer) {
                finishQueued(transfer, .cancelled, "the task was cancelled while waiting for a connection")
            }
        }
    }

    private var canStart: Bool { !queue.isEmpty && active.count < configuration.maximumConnections }

    private func startQueued() {
        let now = Monotonic.now()
        while canStart, let transfer = queue.popFirst() {
            if transfer.deadline <= now {
                finishQueued(transfer, .timeout(.queue), EventLoop.queueTimeoutMessage)
                continue
            }
            start(transfer, now: now)
        }
    }

    private func start(_ transfer: Transfer, now: Int64) {
        guard let handle = idle.popLast() ?? EasyHandle(configuration: configuration) else {
            return finishQueued(transfer, .other, "libcurl gives no handle: is there memory left?")
        }
        let code = handle.prepare(transfer, now: now)
        guard code == CURLE_OK, curl_multi_add_handle(multi, handle.curl) == CURLM_OK else {
            handle.release()
            let isURL = code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL
            let reason = String(cString: curl_easy_strerror(code))
            return finishQueued(transfer, isURL ? .invalidRequest : .other, "libcurl refuses the request (\(reason))")
        }
        handle.slot = active.count
        active.append(handle)
        nextDeadline = min(nextDeadline, handle.nextDeadline(now: now).time)
    }

    func collectFinished() {
        var code = CURLE_OK
        while let curl = tidemark_multi_next_done(multi, &code) {
            var context: UnsafeMutableRawPointer?
            guard tidemark_easy_get_private(curl, &context) == CURLE_OK, let context else { continue }
            let handle = Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
            let phases = handle.phases(now: Monotonic.now())
            finish(handle, handle.outcome(of: code, phases: phases))
        }
    }

    /// Ends what has run out of time, and notes when the next look is due.
    private func expire() {
        let now = Monotonic.now()
        guard now >= nextDeadline else { return }
        nextDeadline = .max
        for transfer in queue.removeAll(where: { $0.deadline <= now }) {
            finishQueued(transfer, .timeout(.queue), EventLoop.queueTimeoutMessage)
        }
        nextDeadline = queue.earliestDeadline
        for handle in active {
            let next = handle.nextDeadline(now: now)
            if next.time <= now {
                finish(handle, .timeout(next.kind), handle.timeoutMessage(next.kind))
            } else {
                nextDeadline = min(nextDeadline, next.time)
            }
        }
    }

    private static let queueTimeoutMessage =
        "no connection became free within the attempt's time-out: send less at a time or raise maximumConnections"

    /// When the wait must end: at a time-out or libcurl's timer, whichever comes first.
    func waitingMilliseconds() -> Int32 {
        if canStart { return 0 }
        let end = min(nextDeadline, curlDeadline ?? .max)
        if end == .max { return -1 }
        let left = end - Monotonic.now()
        return left <= 0 ? 0 : Int32(clamping: (left + 999_999) / 1_000_000)
    }
}

extension EventLoop {
    func finish(_ handle: EasyHandle, _ code: TransportError.Code, _ message: String) {
        finish(handle, .failure(handle.failure(code, message, phases: handle.phases(now: Monotonic.now()))))
    }

    /// The one place where a started transfer ends: out of libcurl first, which closes its connection unless it is done.
    private func finish(_ handle: EasyHandle, _ outcome: Transfer.Outcome) {
        curl_multi_remove_handle(multi, handle.curl)
        let transfer = handle.transfer
        let slot = handle.slot
        active.swapAt(slot, active.count - 1)
        active[slot].slot = slot
        active.removeLast()
        handle.release()
        idle.append(handle)
        transfer?.finish(outcome, releasing: mailbox)
    }

    private func finishQueued(_ transfer: Transfer, _ code: TransportError.Code, _ message: String) {
        transfer.finish(
            .failure(transfer.failureInQueue(code, message, now: Monotonic.now())), releasing: mailbox)
    }

    private func endEverything() {
        while let handle = active.last { finish(handle, .shutDown, "the transport was shut down") }
        while let transfer = queue.popFirst() { finishQueued(transfer, .shutDown, "the transport was shut down") }
    }

    /// libcurl's state is beyond repair for the transfers that run; their handles and connections go with them.
    func failEverythingActive(_ code: CURLMcode) {
        let reason = String(cString: curl_multi_strerror(code))
        while let handle = active.last { finish(handle, .other, "libcurl failed (\(reason))") }
        idle = []
    }
}
