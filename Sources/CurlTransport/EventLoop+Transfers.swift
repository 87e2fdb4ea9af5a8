internal import AWSCore
internal import CCurl
internal import Glibc

/// The way of a transfer through the loop: from the queue to a connection, and to its one end.
extension EventLoop {
    var canStart: Bool {
        guard !queue.isEmpty, active.count < mostActive else { return false }
        return hostLimit.map { limit in queue.contains { !limit.isReached(by: $0) } } ?? true
    }

    func startQueued() {
        if queue.isEmpty || mailbox.isShutDown { return }
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
        let origin = transfer.origin
        while let kept = pool.take(origin: origin, now: now) {
            // One that was given back since the last look at the sockets may have been closed, or spoken on, since.
            if kept.idleSinceWait == waits, !kept.isQuiet {
                kept.close()
                continue
            }
            activate(kept, for: transfer, isReused: true, now: now)
            _ = act(on: kept, after: kept.send())
            return
        }
        if active.count + pool.count >= configuration.maximumConnections { pool.closeOldest() }
        guard !waitsForDescriptors(transfer, now: now) else { return }
        guard
            let connection = Connection(for: transfer, origin: origin, settings: settings, watch: watch, now: now)
        else {
            if Descriptors.areUsedUp { return finishQueued(transfer, .noDescriptors, Descriptors.advice) }
            return finishQueued(transfer, .other, "libcurl gives no handle: is there memory left?")
        }
        activate(connection, for: transfer, isReused: false, now: now)
        act(on: connection, after: connection.connect())
    }

    /// Where hardly a descriptor is left, no connection is added to those that there are: the transfer waits for one of them,
    /// and fails where there is none.
    private func waitsForDescriptors(_ transfer: Transfer, now: Int64) -> Bool {
        let connecting = active.reduce(0) { $0 + ($1.socket < 0 ? 1 : 0) }
        func areScarce() -> Bool {
            Descriptors.areFewer(than: Descriptors.reserve + Descriptors.forEachConnection * connecting)
        }
        guard areScarce() else { return false }
        pool.closeAll()
        guard areScarce() else { return false }
        if active.isEmpty {
            finishQueued(transfer, .noDescriptors, Descriptors.advice)
        } else {
            mostActive = active.count
            scarceUntil = now + EventLoop.scarcityLasts
            nextDeadline = min(nextDeadline, scarceUntil)
            queue.prepend(transfer)
        }
        return true
    }

    /// After how long it is tried again to have more connections, nanoseconds.
    private static let scarcityLasts: Int64 = 100_000_000

    private func activate(_ connection: Connection, for transfer: Transfer, isReused: Bool, now: Int64) {
        let exchange = Exchange(transfer, startedAt: now, isReused: isReused)
        nextDeadline = min(nextDeadline, exchange.deadline.time)
        connection.exchange = exchange
        connection.slot = active.count
        active.append(connection)
        hostLimit?.began(transfer)
    }

    // MARK: Progress

    func goOnConnecting(_ connection: Connection, descriptor: Int32, events: UInt32) {
        act(on: connection, after: connection.goOn(descriptor: descriptor, events: events))
    }

    private func act(on connection: Connection, after result: Connection.ConnectResult) {
        switch result {
        case .pending: nextDeadline = min(nextDeadline, connection.curlDeadline ?? .max)
        case .ready:
            connection.exchange?.readyAt = Monotonic.now()
            nextDeadline = min(nextDeadline, connection.exchange?.deadline.time ?? .max)
            _ = act(on: connection, after: connection.send())
        case .failed where Descriptors.areUsedUp: fail(connection, .noDescriptors, Descriptors.advice)
        case .failed(let code):
            let overProxy = configuration.proxy(for: connection.origin) != nil
            let (kind, message) = CurlFailure.classify(
                code, overProxy: overProxy, proxyStatus: connection.proxyStatus)
            if kind == .timeout(.connect) {
                return fail(connection, kind, connectTimeoutMessage(connection) ?? message)
            }
            let detail = connection.errorDetail
            fail(
                connection, kind, "\(message) (\(detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail))")
        }
    }

    /// Whether the exchange has ended.
    func act(on connection: Connection, after progress: Connection.Progress) -> Bool {
        switch progress {
        case .pending: return false
        case .complete: succeed(connection)
        case .failed(let code, let message): fail(connection, code, message)
        }
        return true
    }

    // MARK: Time

    /// Ends what has run out of time, and notes when the next look is due.
    func expire() {
        guard nextDeadline != .max else { return }
        let now = Monotonic.now()
        guard now >= nextDeadline else { return }
        // Answers first: those that lie in the kernel have come in time, however long this process stood still since.
        look(waiting: 0)
        for transfer in queue.removeAll(where: { $0.deadline <= now }) {
            finishQueued(transfer, .timeout(.queue), EventLoop.queueTimeoutMessage)
        }
        pool.closeExpired(now: now)
        if scarceUntil <= now { (mostActive, scarceUntil) = (configuration.maximumConnections, .max) }
        for connection in active {
            if let due = connection.curlDeadline, due <= now {
                goOnConnecting(connection, descriptor: -1, events: 0)
            }
            // It may have ended just now.
            guard let exchange = connection.exchange else { continue }
            let next = exchange.deadline
            guard next.time <= now else { continue }
            let isConnecting = exchange.readyAt == nil
            fail(
                connection, .timeout(next.kind),
                isConnecting ? connectTimeoutMessage(connection) ?? "" : exchange.timeoutMessage(next.kind))
        }
        nextDeadline = min(queue.earliestDeadline, pool.earliestEnd, scarceUntil)
        for connection in active {
            nextDeadline = min(
                nextDeadline, connection.exchange?.deadline.time ?? .max, connection.curlDeadline ?? .max)
        }
    }

    /// Which step of making a connection was not finished in time.
    private func connectTimeoutMessage(_ connection: Connection) -> String? {
        guard let exchange = connection.exchange else { return nil }
        let limit = exchange.connectLimit
        if connection.timer(CURLINFO_NAMELOOKUP_TIME_T) == nil {
            let whose = configuration.proxy(for: connection.origin) == nil ? "the host's" : "the proxy's"
            return "\(whose) name was not looked up within \(limit): this machine's name service does not answer "
                + "(/etc/resolv.conf)"
        }
        if connection.isSecure, connection.timer(CURLINFO_CONNECT_TIME_T) != nil {
            return "connected, but no TLS handshake was done within \(limit): check that TLS is spoken there, or raise "
                + "the connect time-out"
        }
        return exchange.timeoutMessage(.connect)
    }

    private static let queueTimeoutMessage =
        "no connection became free within the attempt's time-out: send less at a time or raise maximumConnections"

    // MARK: The end

    private func succeed(_ connection: Connection) {
        let now = Monotonic.now()
        guard var exchange = connection.exchange else { return }
        let phases = exchange.phases(now: now, timers: connection)
        var response = exchange.parser.takeResponse(phases: phases)
        response.isRequestSent = exchange.isSent
        let isKept = exchange.parser.keepsConnection && exchange.isSent
        deactivate(connection)
        if isKept {
            connection.idleSinceWait = waits
            pool.put(connection, now: now)
            nextDeadline = min(nextDeadline, pool.end(of: connection))
        } else {
            connection.close(cutting: exchange)
        }
        exchange.transfer.finish(.success(response), releasing: mailbox)
    }

    func fail(_ connection: Connection, _ code: TransportError.Code, _ message: String) {
        guard let exchange = connection.exchange else { return }
        let phases = exchange.phases(now: Monotonic.now(), timers: connection)
        deactivate(connection)
        connection.close(cutting: exchange)
        let proxy = code.mayComeOfProxy ? configuration.proxy(for: connection.origin) : nil
        let said = proxy.map { "\(message); it goes over \($0): \(ProxyInUse.advice)" } ?? message
        exchange.transfer.finish(.failure(exchange.failure(code, said, phases: phases)), releasing: mailbox)
    }

    private func deactivate(_ connection: Connection) {
        if let transfer = connection.exchange?.transfer { hostLimit?.ended(transfer) }
        connection.exchange = nil
        let slot = connection.slot
        active.swapAt(slot, active.count - 1)
        active[slot].slot = slot
        active.removeLast()
    }

    func finishQueued(_ transfer: Transfer, _ code: TransportError.Code, _ message: String) {
        transfer.finish(
            .failure(transfer.failureInQueue(code, message, now: Monotonic.now())), releasing: mailbox)
    }

    func endEverything() {
        while let connection = active.last { fail(connection, .shutDown, "the transport was shut down") }
        while let transfer = queue.popFirst() { finishQueued(transfer, .shutDown, "the transport was shut down") }
        pool.closeAll()
    }
}

extension TransportError.Code {
    /// Whether what stands between may have brought it about.
    fileprivate var mayComeOfProxy: Bool {
        switch self {
        case .dns, .connect, .tls, .certificate, .connectionReset, .truncated, .malformedResponse, .timeout, .other:
            true
        case .tooLarge, .cancelled, .noDescriptors, .queueFull, .shutDown, .invalidRequest: false
        }
    }
}
