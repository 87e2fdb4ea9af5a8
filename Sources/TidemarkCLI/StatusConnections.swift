import AWSCore
import FlyingSocks
import Foundation

/// Waits for the status page's connections, for none of them long and for few at once: a client that opens connections and says
/// nothing must not take the descriptors that the agent needs for telemetry and store.
struct StatusConnections<Base: AsyncSocketPool>: AsyncSocketPool {
    /// As many may wait; one more, and the one that has waited longest is closed.
    static var mostWaiting: Int { 32 }
    /// A connection is closed when nothing came from it, or nothing went to it, for so long.
    static var patience: Duration { .seconds(10) }

    let base: Base
    private let waits = WaitingList()

    init(_ base: Base) { self.base = base }

    func prepare() async throws { try await base.prepare() }

    func run() async throws { try await base.run() }

    func suspendSocket(_ socket: Socket, untilReadyFor events: Socket.Events) async throws {
        guard !Self.isListening(socket) else { return try await base.suspendSocket(socket, untilReadyFor: events) }
        let base = base
        let wait = Task { try await base.suspendSocket(socket, untilReadyFor: events) }
        let limit = Task {
            try await Task.sleep(for: Self.patience)
            wait.cancel()
        }
        let number = waits.add(wait, atMost: Self.mostWaiting)
        defer {
            limit.cancel()
            waits.remove(number)
        }
        do {
            try await withTaskCancellationHandler {
                try await wait.value
            } onCancel: {
                wait.cancel()
            }
        } catch is CancellationError {
            // As if the other side had gone.
            throw SocketError.disconnected
        }
    }

    /// The one socket that has no other side.
    private static func isListening(_ socket: Socket) -> Bool {
        var (answer, length) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
        return getsockopt(socket.file.rawValue, SOL_SOCKET, SO_ACCEPTCONN, &answer, &length) == 0 && answer != 0
    }
}

/// Who waits, the longest first.
private final class WaitingList: Sendable {
    private let waits = AWSCore.Lock<(next: UInt64, list: [(number: UInt64, task: Task<Void, any Error>)])>((0, []))

    func add(_ task: Task<Void, any Error>, atMost limit: Int) -> UInt64 {
        waits.withLock { waits in
            if waits.list.count >= limit { waits.list.removeFirst().task.cancel() }
            waits.next += 1
            waits.list.append((waits.next, task))
            return waits.next
        }
    }

    func remove(_ number: UInt64) { waits.withLock { $0.list.removeAll { $0.number == number } } }
}
