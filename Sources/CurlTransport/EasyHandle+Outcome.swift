internal import AWSCore
internal import CCurl

/// What became of a handle's transfer.
extension EasyHandle {
    /// When to look at the transfer again, and which limit has run out where that time has come.
    ///
    /// Until the connection is ready the first byte's limit has not begun: it cannot end before a full limit from now.
    func nextDeadline(now: Int64) -> (time: Int64, kind: TimeoutKind) {
        guard let transfer else { return (.max, .attempt) }
        if response.hasBegun { return (transfer.deadline, .attempt) }
        let firstByte = Monotonic.adding(transfer.request.timeouts.firstByte, to: requestStartedAt ?? now)
        if requestStartedAt == nil { return (min(transfer.deadline, max(firstByte, now + 1)), .attempt) }
        return firstByte < transfer.deadline ? (firstByte, .firstByte) : (transfer.deadline, .attempt)
    }

    func timeoutMessage(_ kind: TimeoutKind) -> String {
        let timeouts = transfer?.request.timeouts ?? Timeouts()
        return switch kind {
        case .queue: "no connection became free within \(timeouts.attempt)"
        case .connect: "no connection within \(timeouts.connect): check the endpoint, or raise the connect time-out"
        case .firstByte: "no answer within \(timeouts.firstByte) of the connection being ready"
        case .attempt: "no complete answer within \(timeouts.attempt)"
        }
    }

    /// The answer or the failure of a transfer that libcurl has ended with this code.
    func outcome(of code: CURLcode, phases: AttemptPhases) -> Transfer.Outcome {
        if code == CURLE_OK && response.isHeadComplete && response.status > 0 {
            return .success(
                HTTPResponse(
                    status: response.status, head: ResponseHead(lines: response.head), body: response.takeBody(),
                    phases: phases))
        }
        let (kind, message) = CurlFailure.classify(
            code,
            progress: CurlFailure.Progress(
                hasSentRequest: requestStartedAt != nil, hasBegunAnswer: response.hasBegun,
                isTooLarge: response.isTooLarge, refusedRepetition: refusedRepetition))
        if kind == .timeout(.connect) { return .failure(failure(kind, timeoutMessage(.connect), phases: phases)) }
        let detail = errorDetail.isEmpty ? String(cString: curl_easy_strerror(code)) : errorDetail
        return .failure(failure(kind, "\(message) (\(detail))", phases: phases))
    }

    func failure(_ code: TransportError.Code, _ message: String, phases: AttemptPhases) -> TransportError {
        TransportError(
            code: code, message: "\(transfer?.origin ?? ""): \(message)", phases: phases,
            requestMayHaveReachedServer: requestStartedAt != nil)
    }

    /// Where the time went up to now, from libcurl's own timers, which count from the transfer's start. A timer that is
    /// still zero belongs to a phase that was not finished: that phase runs to now. libcurl 7.88
    /// sets the connection's timer only when the handshake is done too, so one that is cut short counts as connecting.
    func phases(now: Int64) -> AttemptPhases {
        let total = now - startedAt
        var phases = AttemptPhases(
            queue: .nanoseconds(startedAt - (transfer?.submittedAt ?? startedAt)),
            total: .nanoseconds(now - (transfer?.submittedAt ?? startedAt)),
            bytesSent: bytesSent, bytesReceived: response.bytesReceived)
        func timer(_ information: CURLINFO) -> Int64? {
            let microseconds = size(information)
            return microseconds > 0 ? min(microseconds * 1_000, total) : nil
        }
        let isReady = requestStartedAt != nil
        let ready = isReady ? timer(CURLINFO_PRETRANSFER_TIME_T) ?? total : total
        phases.reusedConnection = isReady && long(CURLINFO_NUM_CONNECTS) == 0
        if !phases.reusedConnection {
            let dns = timer(CURLINFO_NAMELOOKUP_TIME_T) ?? ready
            let connected = max(dns, timer(CURLINFO_CONNECT_TIME_T) ?? ready)
            let secured = timer(CURLINFO_APPCONNECT_TIME_T)
            phases.dns = .nanoseconds(dns)
            phases.connect = .nanoseconds(connected - dns)
            let isSecure = secured != nil || transfer?.request.url.hasPrefix("https:") == true
            if isSecure { phases.tls = .nanoseconds(max(0, (secured ?? ready) - connected)) }
        }
        guard isReady else { return phases }
        let firstByte = response.hasBegun ? timer(CURLINFO_STARTTRANSFER_TIME_T) ?? total : total
        phases.firstByte = .nanoseconds(max(0, firstByte - ready))
        phases.transfer = .nanoseconds(max(0, total - max(ready, firstByte)))
        return phases
    }

    /// libcurl counts what it sends together with the request line as part of the head: always for a body below 64 KiB
    /// (`MAX_INITIAL_POST_SIZE` in its source), never for a longer one.
    private var bytesSent: Int {
        let head = long(CURLINFO_REQUEST_SIZE)
        let bodyCount = transfer?.prepared.bodyCount ?? 0
        return bodyCount < 65_536 ? head : head + Int(size(CURLINFO_SIZE_UPLOAD_T))
    }
}
