internal import AWSCore
internal import CCurl
internal import Glibc
internal import Synchronization

/// Drives every transfer: libcurl's multi interface over epoll, with the queue in front and the time-outs of our own.
///
/// Made by the transport's init and then touched by the loop's thread only.
final class EventLoop {
    let multi: UnsafeMutableRawPointer
    let sockets = SocketTable()
    /// TLS sessions, so that a new connection need not make the whole handshake. One thread: libcurl asks for no locks.
    let share: UnsafeMutableRawPointer
    /// When libcurl wants to be called without a socket's event; set by its timer callback.
    var curlDeadline: Int64?

    let mailbox: Mailbox
    let configuration: CurlTransport.Configuration
    /// What tasks on the executor have to do next.
    var jobs = JobQueue()
    private let place: LoopPlace
    private let executor: LoopExecutor
    private var commands: [Mailbox.Command] = []
    private var foreignJobs: [UnownedJob] = []
    private var queue = TransferQueue()
    private var idle: [EasyHandle] = []
    private var active: [EasyHandle] = []
    /// Nil where hosts have no limit of their own.
    private var hostLimit: HostLimit?
    /// No transfer's time ends before this; the next look at all of them is due then.
    private var nextDeadline: Int64 = .max

    init(
        configuration: CurlTransport.Configuration, mailbox: Mailbox, place: LoopPlace, executor: LoopExecutor
    ) throws(TransportError) {
        guard EventLoop.libraryStatus == CURLE_OK, let multi = curl_multi_init(), let share = curl_share_init() else {
            throw TransportError(code: .other, message: "libcurl cannot be initialised: is there memory left?")
        }
        self.multi = multi
        self.share = share
        self.configuration = configuration
        self.mailbox = mailbox
        hostLimit = configuration.maximumConnectionsPerHost.map(HostLimit.init)
        self.place = place
        self.executor = executor
        try configureMulti()
    }

    deinit {
        // First the transfers' handles, which the multi handle must not outlive, then what they used.
        for handle in active { curl_multi_remove_handle(multi, handle.curl) }
        active = []
        idle = []
        curl_multi_cleanup(multi)
        curl_share_cleanup(share)
    }

    /// libcurl's own set-up, once a process; safe from any thread since 7.84.
    private static let libraryStatus: CURLcode = tidemark_global_init()

    /// Runs until the mailbox says shut down; then every transfer has ended and every job is done or handed on.
    func run() {
        place.enter(self)
        while !takeMail() {
            var turn = 0
            repeat {
                runJobs()
                startQueued()
                runCurlTimer()
                collectFinished()
                turn += 1
            } while hasWork && turn < EventLoop.turnsBetweenLooks
            expire()
            wait()
        }
        endEverything()
        place.leave()
        while let job = jobs.popFirst() { LoopExecutor.hand(job) }
    }

    /// Turns after which sockets and mailbox are looked at even though tasks still have something to do.
    private static let turnsBetweenLooks = 16

    /// Whether there is something to do without waiting.
    private var hasWork: Bool { !jobs.isEmpty || canStart }

    /// Takes in what came from other threads; true where the loop shall end.
    private func takeMail() -> Bool {
        let isShutDown = mailbox.take(into: &commands, jobs: &foreignJobs)
        for command in commands { perform(command) }
        commands.removeAll(keepingCapacity: true)
        jobs.append(contentsOf: foreignJobs)
        foreignJobs.removeAll(keepingCapacity: true)
        return isShutDown
    }

    /// Runs what waits, but not what that leaves behind, so that tasks cannot keep the sockets waiting for ever.
    private func runJobs() {
        let executor = executor.asUnownedTaskExecutor()
        var count = jobs.count
        while count > 0, let job = jobs.popFirst() {
            job.runSynchronously(on: executor)
            count -= 1
        }
    }

    /// Takes a transfer over from a task on the loop's thread.
    func begin(_ transfer: Transfer) {
        perform(.start(transfer))
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

    private var canStart: Bool {
        guard !queue.isEmpty, active.count < configuration.maximumConnections else { return false }
        return hostLimit.map { limit in queue.contains { !limit.isReached(by: $0) } } ?? true
    }

    private func startQueued() {
        if queue.isEmpty { return }
        let now = Monotonic.now()
        while canStart, let transfer = takeStartable() {
            if transfer.deadline <= now {
                finishQueued(transfer, .timeout(.queue), EventLoop.queueTimeoutMessage)
                continue
            }
            start(transfer, now: now)
        }
    }

    private func takeStartable() -> Transfer? {
        guard let limit = hostLimit else { return queue.popFirst() }
        return queue.popFirst { !limit.isReached(by: $0) }
    }

    private func start(_ transfer: Transfer, now: Int64) {
        guard let handle = idle.popLast() ?? EasyHandle(configuration: configuration, sockets: sockets, share: share) else {
            return finishQueued(transfer, .other, "libcurl gives no handle: is there memory left?")
        }
        let code: CURLcode
        do {
            code = try handle.prepare(transfer, now: now)
        } catch {
            handle.release()
            idle.append(handle)
            return transfer.finish(.failure(error), releasing: mailbox)
        }
        guard code == CURLE_OK, curl_multi_add_handle(multi, handle.curl) == CURLM_OK else {
            handle.release()
            let isURL = code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL
            let reason = String(cString: curl_easy_strerror(code))
            return finishQueued(transfer, isURL ? .invalidRequest : .other, "libcurl refuses the request (\(reason))")
        }
        handle.slot = active.count
        hostLimit?.began(transfer)
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
        if hasWork { return 0 }
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
        if let transfer { hostLimit?.ended(transfer) }
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
