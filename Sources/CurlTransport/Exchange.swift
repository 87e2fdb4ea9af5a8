internal import AWSCore
internal import CCurl

/// One request and its answer on a connection.
struct Exchange {
    let transfer: Transfer
    let startedAt: Int64
    let isReused: Bool
    /// When the connection was ready for the request; nil while it is being made.
    var readyAt: Int64?
    var firstByteAt: Int64?
    var bytesSent = 0
    /// Whether the connection was given anything. Over TLS libcurl counts a request as sent when all of it is.
    var isBegun = false
    /// Whether the loop is to tell when more can be sent.
    var waitsToSend = false
    /// The connection broke while there was more to send: its end, when it comes, is not in order.
    var isBroken = false
    var parser: ResponseParser

    init(_ transfer: Transfer, startedAt: Int64, isReused: Bool) {
        self.transfer = transfer
        self.startedAt = startedAt
        self.isReused = isReused
        readyAt = isReused ? startedAt : nil
        parser = ResponseParser(
            maximumBodyBytes: transfer.request.maximumResponseBytes, isBodiless: transfer.request.method == "HEAD")
    }

    var isSent: Bool { bytesSent == transfer.prepared.bytes.count }

    /// The limit that ends first from here on.
    var deadline: (time: Int64, kind: TimeoutKind) {
        let timeouts = transfer.request.timeouts
        var earliest = (time: transfer.deadline, kind: TimeoutKind.attempt)
        if let readyAt {
            guard firstByteAt == nil else { return earliest }
            let firstByte = Monotonic.adding(timeouts.firstByte, to: readyAt)
            if firstByte < earliest.time { earliest = (firstByte, .firstByte) }
        } else {
            let connect = Monotonic.adding(timeouts.connect, to: startedAt)
            if connect < earliest.time { earliest = (connect, .connect) }
        }
        return earliest
    }

    /// How long the connection may take to be made: its own limit, or what the whole attempt has.
    var connectLimit: Duration { min(transfer.request.timeouts.connect, transfer.request.timeouts.attempt) }

    func timeoutMessage(_ kind: TimeoutKind) -> String {
        let timeouts = transfer.request.timeouts
        return switch kind {
        case .queue: "no connection became free within \(timeouts.attempt)"
        case .connect: "no connection within \(timeouts.connect): check the endpoint, or raise the connect time-out"
        case .firstByte: "no answer within \(timeouts.firstByte) of the connection being ready"
        case .attempt: "no complete answer within \(timeouts.attempt)"
        }
    }

    func failure(_ code: TransportError.Code, _ message: String, phases: AttemptPhases) -> TransportError {
        TransportError(
            code: code, message: "\(transfer.origin): \(message)", phases: phases,
            sent: isBegun ? isSent ? .all : .part : .nothing)
    }

    /// Where the time went up to now. Of a connection that is being made libcurl's timers tell, which count from its
    /// start; one that is not set belongs to a phase that was not finished: that phase runs to now. libcurl 7.88 sets the
    /// connection's timer only when the handshake is done too, so one that is cut short counts as connecting.
    func phases(now: Int64, timers: Connection?) -> AttemptPhases {
        var phases = AttemptPhases(
            queue: .nanoseconds(startedAt - transfer.submittedAt), total: .nanoseconds(now - transfer.submittedAt),
            reusedConnection: isReused, bytesSent: bytesSent, bytesReceived: parser.bytesReceived)
        let ready = readyAt ?? now
        if !isReused, let timers {
            let spent = ready - startedAt
            let dns = min(timers.timer(CURLINFO_NAMELOOKUP_TIME_T) ?? spent, spent)
            let connected = min(max(dns, timers.timer(CURLINFO_CONNECT_TIME_T) ?? spent), spent)
            phases.dns = .nanoseconds(dns)
            phases.connect = .nanoseconds(connected - dns)
            if timers.isSecure { phases.tls = .nanoseconds(spent - connected) }
        }
        guard readyAt != nil else { return phases }
        let firstByte = firstByteAt ?? now
        phases.firstByte = .nanoseconds(firstByte - ready)
        phases.transfer = .nanoseconds(now - firstByte)
        return phases
    }
}

extension Connection {
    enum Progress {
        case pending
        /// The answer is complete.
        case complete
        case failed(TransportError.Code, String)
    }

    /// Gives the connection as much of the request as it takes.
    func send() -> Progress {
        guard let exchange, !exchange.isSent, !exchange.isBroken else { return .pending }
        let bytes = exchange.transfer.prepared.bytes
        var place = exchange.bytesSent
        var code = CURLE_OK
        while place < bytes.count, code == CURLE_OK {
            var sent = 0
            code = bytes.withUnsafeBytes { bytes in
                curl_easy_send(easy, bytes.baseAddress.map { $0 + place }, bytes.count - place, &sent)
            }
            place += sent
        }
        self.exchange?.bytesSent = place
        self.exchange?.isBegun = true
        if code != CURLE_OK && code != CURLE_AGAIN {
            guard exchange.isBegun || place > 0 else {
                return .failed(.connectionReset, Connection.lost(isReused: exchange.isReused))
            }
            // What the server said before it closed, such as that the body is too long, is still to be read.
            self.exchange?.isBroken = true
        }
        let waits = place < bytes.count && code == CURLE_AGAIN
        if waits != exchange.waitsToSend {
            self.exchange?.waitsToSend = waits
            wantToSend(waits)
        }
        return .pending
    }

    /// Takes what has come. `buffer` is scratch memory.
    func receive(into buffer: UnsafeMutableRawBufferPointer) -> Progress {
        while true {
            var count = 0
            let code = curl_easy_recv(easy, buffer.baseAddress, buffer.count, &count)
            if code == CURLE_AGAIN { return .pending }
            if code != CURLE_OK || count == 0 { return ended(inOrder: code == CURLE_OK && exchange?.isBroken == false) }
            if let failure = take(UnsafeRawBufferPointer(rebasing: buffer[..<count])) { return failure }
            if exchange?.parser.isComplete == true { return .complete }
            // TLS may hold more that epoll does not know of.
            if !isSecure && count < buffer.count { return .pending }
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer) -> Progress? {
        if exchange?.firstByteAt == nil { exchange?.firstByteAt = Monotonic.now() }
        do throws(ResponseParser.Failure) {
            try exchange?.parser.take(bytes)
            return nil
        } catch {
            return switch error {
            case .malformed:
                .failed(.malformedResponse, "what came is not HTTP: check that the endpoint is an HTTP service")
            case .tooLarge: .failed(.tooLarge, "the answer is larger than the request allows")
            case .headTooLarge:
                .failed(
                    .tooLarge,
                    "the answer's headers go on beyond \(ResponseParser.maximumHeadBytes) bytes, which no AWS service sends: "
                        + "check the endpoint and what stands between")
            }
        }
    }

    /// The connection has ended, in order or not.
    private func ended(inOrder: Bool) -> Progress {
        guard exchange?.parser.hasBegun == true else {
            return .failed(.connectionReset, Connection.lost(isReused: exchange?.isReused == true))
        }
        if inOrder, exchange?.parser.takeEnd() == true { return .complete }
        return .failed(.truncated, "the connection ended inside the answer")
    }

    private static func lost(isReused: Bool) -> String {
        isReused
            ? "the kept connection was closed before an answer came" : "the connection ended before an answer came"
    }
}
