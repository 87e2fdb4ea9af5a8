internal import AWSCore
internal import CCurl
internal import Glibc

/// Between libcurl and epoll (https://curl.se/libcurl/c/libcurl-multi.html, "multi_socket").
extension EventLoop {
    private static let eventsPerWait = 64

    func configureMulti() throws(TransportError) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        let limit = configuration.maximumConnections
        let codes = [
            tidemark_multi_set_socket(multi, socketChanged, Unmanaged.passUnretained(sockets).toOpaque()),
            tidemark_multi_set_timer(multi, timerChanged, context),
            tidemark_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, limit),
            tidemark_multi_set_long(multi, CURLMOPT_MAXCONNECTS, configuration.maximumIdleConnections),
            tidemark_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING)),
        ]
        var wake = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(fd: mailbox.wakeDescriptor))
        guard sockets.epoll >= 0, tidemark_share_tls_sessions(share) == CURLSHE_OK, codes.allSatisfy({ $0 == CURLM_OK }),
            epoll_ctl(sockets.epoll, EPOLL_CTL_ADD, mailbox.wakeDescriptor, &wake) == 0
        else {
            throw TransportError(
                code: .other, message: "the transport's event loop cannot be set up: are there descriptors left?")
        }
    }

    /// Waits for sockets, the mailbox or a deadline, and lets libcurl work on what happened.
    func wait() {
        var milliseconds = waitingMilliseconds()
        if milliseconds != 0 && !mailbox.prepareToSleep() { milliseconds = 0 }
        let count = withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: EventLoop.eventsPerWait) { events in
            // A signal's interruption is as good as no event: every signal is blocked here, only a debugger does it.
            let count = epoll_wait(sockets.epoll, events.baseAddress, Int32(EventLoop.eventsPerWait), milliseconds)
            for index in 0..<max(0, Int(count)) { handle(events[index]) }
            return count
        }
        if count > 0 { collectFinished() }
    }

    private func handle(_ event: epoll_event) {
        let descriptor = event.data.fd
        if descriptor == mailbox.wakeDescriptor { return mailbox.acknowledgeWake() }
        guard sockets.isWanted(descriptor) else { return }
        var mask: Int32 = 0
        if event.events & EPOLLIN.rawValue != 0 { mask |= CURL_CSELECT_IN }
        if event.events & EPOLLOUT.rawValue != 0 { mask |= CURL_CSELECT_OUT }
        if event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { mask |= CURL_CSELECT_ERR }
        act(on: descriptor, mask)
    }

    /// Calls libcurl where its timer is due.
    func runCurlTimer() {
        while let due = curlDeadline, due <= Monotonic.now() {
            curlDeadline = nil
            // CURL_SOCKET_TIMEOUT, a cast macro.
            act(on: -1, 0)
        }
    }

    private func act(on descriptor: Int32, _ mask: Int32) {
        var running: Int32 = 0
        let code = curl_multi_socket_action(multi, descriptor, mask, &running)
        if code != CURLM_OK { failEverythingActive(code) }
    }
}

private func socketChanged(
    _ easy: UnsafeMutableRawPointer?, _ descriptor: curl_socket_t, _ what: Int32, _ context: UnsafeMutableRawPointer?,
    _ known: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context else { return 0 }
    Unmanaged<SocketTable>.fromOpaque(context).takeUnretainedValue().watch(descriptor, what)
    return 0
}

private func timerChanged(
    _ multi: UnsafeMutableRawPointer?, _ milliseconds: Int, _ context: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context else { return 0 }
    let loop = Unmanaged<EventLoop>.fromOpaque(context).takeUnretainedValue()
    loop.curlDeadline = milliseconds < 0 ? nil : Monotonic.now() + Int64(milliseconds) * 1_000_000
    return 0
}
