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
            tidemark_multi_set_socket(multi, socketChanged, context),
            tidemark_multi_set_timer(multi, timerChanged, context),
            tidemark_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, limit),
            tidemark_multi_set_long(multi, CURLMOPT_MAXCONNECTS, limit),
            tidemark_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING)),
        ]
        var wake = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(fd: mailbox.wakeDescriptor))
        guard epoll >= 0, codes.allSatisfy({ $0 == CURLM_OK }),
            epoll_ctl(epoll, EPOLL_CTL_ADD, mailbox.wakeDescriptor, &wake) == 0
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
            let count = epoll_wait(epoll, events.baseAddress, Int32(EventLoop.eventsPerWait), milliseconds)
            for index in 0..<max(0, Int(count)) { handle(events[index]) }
            return count
        }
        if count > 0 { collectFinished() }
    }

    private func handle(_ event: epoll_event) {
        let descriptor = event.data.fd
        if descriptor == mailbox.wakeDescriptor { return mailbox.acknowledgeWake() }
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

    fileprivate func watch(_ descriptor: curl_socket_t, _ what: Int32, isKnown: Bool) {
        var event = epoll_event(events: 0, data: epoll_data_t(fd: descriptor))
        if what == CURL_POLL_REMOVE {
            epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &event)
            return
        }
        if what & CURL_POLL_IN != 0 { event.events |= EPOLLIN.rawValue }
        if what & CURL_POLL_OUT != 0 { event.events |= EPOLLOUT.rawValue }
        // Where the kernel refuses (no memory, too many watches) the transfer ends by its time-out.
        if isKnown {
            epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event)
        } else {
            epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event)
            // Any pointer but null: libcurl gives it back as a sign that the socket is known.
            curl_multi_assign(multi, descriptor, Unmanaged.passUnretained(self).toOpaque())
        }
    }
}

private func socketChanged(
    _ easy: UnsafeMutableRawPointer?, _ descriptor: curl_socket_t, _ what: Int32, _ context: UnsafeMutableRawPointer?,
    _ known: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context else { return 0 }
    Unmanaged<EventLoop>.fromOpaque(context).takeUnretainedValue().watch(descriptor, what, isKnown: known != nil)
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
