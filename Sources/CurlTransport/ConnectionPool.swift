internal import AWSCore

/// Connections that no transfer uses, the latest used first: the fewest stay warm, the others run out of their time.
struct ConnectionPool {
    private let maximumIdle: Int
    private let idleLifetime: Int64
    private let lifetime: Int64
    private var idle: [Connection] = []

    init(_ configuration: CurlTransport.Configuration) {
        maximumIdle = configuration.maximumIdleConnections
        idleLifetime = max(0, configuration.idleConnectionLifetime.nanoseconds)
        lifetime = max(0, configuration.connectionLifetime.nanoseconds)
    }

    var count: Int { idle.count }

    /// When the first of them is to be closed; the far end of time where there is none.
    var earliestEnd: Int64 {
        idle.reduce(Int64.max) { min($0, end(of: $1)) }
    }

    /// When the connection is to be closed at the latest.
    func end(of connection: Connection) -> Int64 {
        min(connection.idleSince.addingClamped(idleLifetime), connection.openedAt.addingClamped(lifetime))
    }

    /// A connection to the origin that may still be used.
    mutating func take(origin: String, now: Int64) -> Connection? {
        while let place = idle.lastIndex(where: { $0.origin == origin }) {
            let connection = place == idle.count - 1 ? idle.removeLast() : idle.remove(at: place)
            if end(of: connection) > now { return connection }
            connection.close()
        }
        return nil
    }

    /// Keeps a connection whose exchange has ended, or closes it where there are enough or it is too old.
    mutating func put(_ connection: Connection, now: Int64) {
        connection.idleSince = now
        guard end(of: connection) > now else { return connection.close() }
        if idle.count >= maximumIdle { closeOldest() }
        idle.append(connection)
    }

    /// Closes the one that was used longest ago.
    mutating func closeOldest() {
        guard !idle.isEmpty else { return }
        idle.removeFirst().close()
    }

    /// Closes a connection that the other side has ended.
    mutating func drop(_ connection: Connection) {
        idle.removeAll { $0 === connection }
        connection.close()
    }

    mutating func closeExpired(now: Int64) {
        for connection in idle where end(of: connection) <= now { drop(connection) }
    }

    mutating func closeAll() {
        for connection in idle { connection.close() }
        idle = []
    }
}

extension Int64 {
    fileprivate func addingClamped(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
