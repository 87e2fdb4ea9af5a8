internal import AWSCore

/// The pages of a scan in several segments at once, in the order in which they come.
///
/// A segment reads its next page while its last one is being used, and no further: a slow reader holds the scan up, and
/// never more than one page a segment waits in memory. When the iterator is dropped, the task that waits is cancelled, or
/// a segment fails, the requests of all segments are cancelled.
///
/// The segments' requests run in tasks of their own and so outside a task executor that the caller prefers.
public struct ParallelScan: AsyncSequence, Sendable {
    /// What iterating throws.
    public typealias Failure = TidemarkError
    /// One page of one segment.
    public typealias Element = Page

    let segments: [Pages<Page>]

    /// Starts the segments with the first page that is asked for.
    public func makeAsyncIterator() -> Iterator { Iterator(segments: segments) }

    /// Gives one page a call.
    public final class Iterator: AsyncIteratorProtocol {
        private let queue: SegmentQueue
        private var isStarted = false

        init(segments: [Pages<Page>]) { queue = SegmentQueue(segments) }

        deinit { queue.stop() }

        /// The next page of any segment, or nil after the last one and after a failure.
        public func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(TidemarkError) -> Page? {
            if !isStarted {
                isStarted = true
                queue.start()
            }
            return try await queue.next()
        }

        /// The same, for callers without isolation.
        public func next() async throws(TidemarkError) -> Page? { try await next(isolation: nil) }
    }
}

/// The segments' tasks, and the pages that they have ready: one a segment at most.
private final class SegmentQueue: Sendable {
    private struct State {
        /// Segments whose iterators rest, since their last page is not yet taken.
        var ready: [(segment: Segment, page: Page)] = []
        var tasks: [Int: Task<Void, Never>] = [:]
        var failure: TidemarkError?
        var waiter: CheckedContinuation<Void, Never>?
        var isStopped = false
    }

    private struct Segment: Sendable {
        var number: Int
        var fetch: Pages<Page>.Fetch
        var position: Pages<Page>.Position?
    }

    private enum Step {
        case page(Page, of: Segment)
        case failure(TidemarkError)
        case end
        case wait
    }

    private let segments: [Segment]
    private let state = Lock(State())

    init(_ segments: [Pages<Page>]) {
        self.segments = segments.enumerated().map { Segment(number: $0, fetch: $1.fetch, position: $1.start) }
    }

    func start() { for segment in segments { read(segment) } }

    /// Cancels every request. What is ready is dropped.
    func stop() {
        let (tasks, waiter) = state.withLock { state in
            state.isStopped = true
            state.ready = []
            let stopped = (Array(state.tasks.values), state.waiter)
            state.tasks = [:]
            state.waiter = nil
            return stopped
        }
        for task in tasks { task.cancel() }
        waiter?.resume()
    }

    func next() async throws(TidemarkError) -> Page? {
        while true {
            if Task.isCancelled { stop() }
            switch step() {
            case .page(let page, let segment):
                if segment.position != nil { read(segment) }
                return page
            case .failure(let error):
                stop()
                throw error
            case .end:
                if Task.isCancelled {
                    throw TidemarkError(
                        code: .cancelled, message: "the scan was cancelled", operation: Operation.scan.name)
                }
                return nil
            case .wait: await waitForPage()
            }
        }
    }

    private func step() -> Step {
        state.withLock { state in
            if let failure = state.failure {
                state.failure = nil
                return .failure(failure)
            }
            if !state.ready.isEmpty {
                let (segment, page) = state.ready.removeFirst()
                return .page(page, of: segment)
            }
            return state.isStopped || state.tasks.isEmpty ? .end : .wait
        }
    }

    private func waitForPage() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDue = state.withLock { state in
                    let isDue =
                        state.isStopped || state.failure != nil || !state.ready.isEmpty || state.tasks.isEmpty
                    if !isDue { state.waiter = continuation }
                    return isDue
                }
                if isDue { continuation.resume() }
            }
        } onCancel: {
            stop()
        }
    }

    /// Reads the segment's next page. The task is entered under the lock, so that it cannot end before it is known.
    private func read(_ segment: Segment) {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.tasks[segment.number] = Task { [self] in
                do throws(TidemarkError) {
                    let (page, next) = try await segment.fetch(segment.position)
                    finish(Segment(number: segment.number, fetch: segment.fetch, position: next), page: page)
                } catch {
                    finish(segment, failure: error)
                }
            }
        }
    }

    private func finish(_ segment: Segment, page: Page? = nil, failure: TidemarkError? = nil) {
        let waiter = state.withLock { state in
            state.tasks[segment.number] = nil
            if let page, !state.isStopped { state.ready.append((segment, page)) }
            if let failure, !state.isStopped { state.failure = state.failure ?? failure }
            let waiter = state.waiter
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }
}
