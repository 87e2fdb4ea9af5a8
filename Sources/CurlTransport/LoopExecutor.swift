internal import AWSCore
internal import Glibc
internal import Synchronization

/// Runs tasks on the event loop's own thread, so that a request and its answer cross no thread on their way.
///
/// After the transport's shutdown, and from then on, it hands its jobs to Swift's own pool: a task that was told to run
/// here always runs.
final class LoopExecutor: TaskExecutor {
    private let mailbox: Mailbox
    private let place: LoopPlace

    init(mailbox: Mailbox, place: LoopPlace) {
        self.mailbox = mailbox
        self.place = place
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if let loop = place.loopOfThisThread {
            loop.jobs.append(job)
        } else if !mailbox.submit(job) {
            LoopExecutor.hand(job)
        }
    }

    /// Gives a job that the loop will not run to Swift's own pool.
    static func hand(_ job: UnownedJob) {
        globalConcurrentExecutor.enqueue(ExecutorJob(job))
    }
}

/// Which thread the loop lives on, and the loop, for code that finds itself on that thread.
///
/// Sendable because the reference is written before the thread's identity is published and read by that thread alone.
final class LoopPlace: @unchecked Sendable {
    private let thread = Atomic<UInt>(0)
    private unowned(unsafe) var loop: EventLoop?

    /// The loop, where the calling thread is its own.
    var loopOfThisThread: EventLoop? {
        thread.load(ordering: .relaxed) == UInt(pthread_self()) ? loop : nil
    }

    /// For the loop's thread: from here on its jobs and transfers need no mailbox.
    func enter(_ loop: EventLoop) {
        self.loop = loop
        thread.store(UInt(pthread_self()), ordering: .releasing)
    }

    /// For the loop's thread, before the loop goes away.
    func leave() {
        thread.store(0, ordering: .releasing)
        loop = nil
    }
}

/// Jobs that wait for the loop's thread, first come first served.
struct JobQueue {
    private var jobs: [UnownedJob] = []
    private var head = 0

    var isEmpty: Bool { head == jobs.count }
    var count: Int { jobs.count - head }

    mutating func append(_ job: UnownedJob) {
        jobs.append(job)
    }

    mutating func append(contentsOf more: [UnownedJob]) {
        jobs.append(contentsOf: more)
    }

    mutating func popFirst() -> UnownedJob? {
        guard head < jobs.count else { return nil }
        let first = jobs[head]
        head += 1
        compact()
        return first
    }

    /// Drops the places of those that have left, once they are half of the list: constant cost each, on average.
    private mutating func compact() {
        if head == jobs.count {
            jobs.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 64 && head * 2 > jobs.count {
            jobs.removeFirst(head)
            head = 0
        }
    }
}
