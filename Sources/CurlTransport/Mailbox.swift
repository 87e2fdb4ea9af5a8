internal import AWSCore
internal import CCurl
internal import Glibc
internal import Synchronization

/// The way from other threads to the loop: what to start, to cancel and to run, and how many requests are in the house.
final class Mailbox: Sendable {
    enum Command {
        case start(Transfer)
        case cancel(Transfer)
    }

    private struct State {
        var commands: [Command] = []
        var jobs: [UnownedJob] = []
        /// The loop is in, or about to enter, its wait: whoever adds a command must wake it.
        var isAsleep = false
        var isShutDown = false
    }

    private let hasEnded = Atomic<Bool>(false)

    /// Whether the loop takes nothing more.
    var isShutDown: Bool { hasEnded.load(ordering: .acquiring) }

    /// An eventfd that ends the loop's wait. Closed with the mailbox, which outlives every sender and the loop.
    let wakeDescriptor: Int32
    private let state = Lock(State())
    private let outstanding = Atomic<Int>(0)
    private let limit: Int

    init(limit: Int) throws(TransportError) {
        wakeDescriptor = tidemark_eventfd()
        guard wakeDescriptor >= 0 else {
            throw TransportError(
                code: .other, message: "the transport gets no descriptor (\(String(cString: strerror(errno))))")
        }
        self.limit = limit
    }

    deinit {
        close(wakeDescriptor)
    }

    /// Takes a place for one more request; false where all are taken. The place is given back by `release`.
    func admit() -> Bool {
        if outstanding.add(1, ordering: .relaxed).newValue <= limit { return true }
        release()
        return false
    }

    func release() {
        outstanding.subtract(1, ordering: .relaxed)
    }

    /// Hands the transfer to the loop; false where the loop takes no more.
    func submit(_ transfer: Transfer) -> Bool {
        post(.start(transfer))
    }

    /// Hands the job to the loop's thread; false where the loop takes no more.
    func submit(_ job: UnownedJob) -> Bool {
        deliver { $0.jobs.append(job) }
    }

    /// Marks the transfer, so that a start that comes later is refused, and has the loop end it.
    func cancel(_ transfer: Transfer) {
        transfer.isCancelled.store(true, ordering: .releasing)
        _ = post(.cancel(transfer))
    }

    func shutDown() {
        hasEnded.store(true, ordering: .releasing)
        state.withLock { $0.isShutDown = true }
        wake()
    }

    private func post(_ command: Command) -> Bool {
        deliver { $0.commands.append(command) }
    }

    private func deliver(_ put: (inout State) -> Void) -> Bool {
        let (isTaken, mustWake) = state.withLock { state in
            if state.isShutDown { return (false, false) }
            put(&state)
            let mustWake = state.isAsleep
            state.isAsleep = false
            return (true, mustWake)
        }
        if mustWake { wake() }
        return isTaken
    }

    private func wake() {
        // Fails only where the counter is full, and then the loop is being woken already.
        var one: UInt64 = 1
        _ = write(wakeDescriptor, &one, MemoryLayout<UInt64>.size)
    }

    /// For the loop: exchanges what waits for the emptied lists, and says whether to shut down.
    func take(into commands: inout [Command], jobs: inout [UnownedJob]) -> Bool {
        state.withLock { state in
            swap(&state.commands, &commands)
            swap(&state.jobs, &jobs)
            state.isAsleep = false
            return state.isShutDown
        }
    }

    /// For the loop: announces its wait; false where something is there already, so that it must not wait.
    func prepareToSleep() -> Bool {
        state.withLock { state in
            if !state.commands.isEmpty || !state.jobs.isEmpty || state.isShutDown { return false }
            state.isAsleep = true
            return true
        }
    }

    /// For the loop, once the descriptor is readable.
    func acknowledgeWake() {
        var count: UInt64 = 0
        _ = read(wakeDescriptor, &count, MemoryLayout<UInt64>.size)
    }
}
