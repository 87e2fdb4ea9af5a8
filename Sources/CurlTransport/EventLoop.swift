internal import AWSCore
internal import CCurl
internal import Glibc
internal import Synchronization

/// Drives every transfer: connections over epoll, with the queue in front and the time-outs of our own.
///
/// Made by the transport's init and then touched by the loop's thread only.
final class EventLoop {
    let watch = Watch()
    let mailbox: Mailbox
    let configuration: CurlTransport.Configuration
    /// What tasks on the executor have to do next.
    var jobs = JobQueue()
    private let place: LoopPlace
    private let executor: LoopExecutor
    private var commands: [Mailbox.Command] = []
    private var foreignJobs: [UnownedJob] = []
    var queue = TransferQueue()
    var pool: ConnectionPool
    let settings: ConnectionSettings
    /// Connections with an exchange, those that are being made included.
    var active: [Connection] = []
    /// Nil where hosts have no limit of their own.
    var hostLimit: HostLimit?
    /// Transfers at a time: as configured, or fewer for a moment while descriptors are scarce.
    var mostActive: Int
    /// When that moment ends.
    var scarceUntil: Int64 = .max
    /// How often the loop has looked at its sockets.
    var waits: UInt64 = 0
    /// Whether the mailbox was shut down from this very thread: nothing more leaves.
    private var isEnding: Bool { mailbox.isShutDown }
    /// Nothing's time ends before this; the next look at all of it is due then.
    var nextDeadline: Int64 = .max
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)

    init(
        configuration: CurlTransport.Configuration, mailbox: Mailbox, place: LoopPlace, executor: LoopExecutor
    ) throws(TransportError) {
        guard EventLoop.libraryStatus == CURLE_OK, let settings = ConnectionSettings(configuration) else {
            throw TransportError(code: .other, message: "libcurl cannot be initialised: is there memory left?")
        }
        self.settings = settings
        self.configuration = configuration
        self.mailbox = mailbox
        self.place = place
        self.executor = executor
        pool = ConnectionPool(configuration)
        mostActive = configuration.maximumConnections
        hostLimit = configuration.maximumConnectionsPerHost.map(HostLimit.init)
        var wake = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(fd: mailbox.wakeDescriptor))
        guard watch.descriptor >= 0, epoll_ctl(watch.descriptor, EPOLL_CTL_ADD, mailbox.wakeDescriptor, &wake) == 0
        else {
            throw TransportError(
                code: .other, message: "the transport's event loop cannot be set up: are there descriptors left?")
        }
    }

    deinit {
        // Connections go before what they share.
        active = []
        pool.closeAll()
        buffer.deallocate()
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
                turn += 1
            } while hasWork && !isEnding && turn < EventLoop.turnsBetweenLooks
            wait()
            expire()
        }
        endEverything()
        place.leave()
        while let job = jobs.popFirst() { LoopExecutor.hand(job) }
    }

    /// Turns after which sockets and mailbox are looked at even though tasks still have something to do.
    private static let turnsBetweenLooks = 16

    /// Whether there is something to do without waiting.
    private var hasWork: Bool { !jobs.isEmpty || canStart || isEnding }

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
        if isEnding { return transfer.refuseAfterShutdown(mailbox) }
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
            if let connection = active.first(where: { $0.exchange?.transfer === transfer }) {
                fail(connection, .cancelled, "the task was cancelled")
            } else if queue.remove(transfer) {
                finishQueued(transfer, .cancelled, "the task was cancelled while waiting for a connection")
            }
        }
    }

    // MARK: Waiting

    private static let eventsPerWait = 64
    private static let looksPerWait = 16

    /// Waits for sockets, the mailbox or a deadline, and acts on what happened.
    private func wait() {
        var milliseconds = waitingMilliseconds()
        if milliseconds != 0 && !mailbox.prepareToSleep() { milliseconds = 0 }
        look(waiting: milliseconds)
    }

    /// Acts on what has happened, after waiting for it at most so long.
    func look(waiting milliseconds: Int32) {
        var milliseconds = milliseconds
        waits += 1
        withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: EventLoop.eventsPerWait) { events in
            for _ in 0..<EventLoop.looksPerWait {
                // A signal's interruption is as good as no event: only a debugger or profiler does it.
                let count = epoll_wait(
                    watch.descriptor, events.baseAddress, Int32(EventLoop.eventsPerWait), milliseconds)
                for index in 0..<max(0, Int(count)) { handle(events[index]) }
                // There may be more than fit, whose time must not run out unseen.
                guard count == Int32(EventLoop.eventsPerWait) else { return }
                milliseconds = 0
            }
        }
    }

    private func handle(_ event: epoll_event) {
        let descriptor = event.data.fd
        if descriptor == mailbox.wakeDescriptor { return mailbox.acknowledgeWake() }
        guard let connection = watch.owner(of: descriptor) else { return }
        if connection.socket < 0 {
            goOnConnecting(connection, descriptor: descriptor, events: event.events)
        } else if connection.exchange == nil {
            // The other side has ended a connection that nobody uses, or speaks without being asked.
            pool.drop(connection)
        } else {
            if event.events & EPOLLOUT.rawValue != 0, act(on: connection, after: connection.send()) { return }
            if event.events & ~EPOLLOUT.rawValue != 0 {
                _ = act(on: connection, after: connection.receive(into: buffer))
            }
        }
    }

    /// When the wait must end: at a time-out or libcurl's timer, whichever comes first.
    private func waitingMilliseconds() -> Int32 {
        if hasWork { return 0 }
        if nextDeadline == .max { return -1 }
        let left = nextDeadline - Monotonic.now()
        return left <= 0 ? 0 : Int32(clamping: (left + 999_999) / 1_000_000)
    }
}
