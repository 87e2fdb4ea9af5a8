internal import AWSCore
internal import CCurl
internal import Glibc

/// One connection: libcurl looks the name up, connects, goes through a proxy and makes TLS; on what it has made,
/// requests and answers are ours.
///
/// libcurl's own HTTP costs more than everything else in a call: it lays out headers byte by byte, and sets each transfer
/// up anew. A multi handle for each connection, since the connections that one multi handle keeps are closed by it as it
/// sees fit. Used on the loop's thread only; libcurl's callbacks hold it unretained, and it is gone after `close`.
final class Connection {
    let origin: String
    let isSecure: Bool
    let openedAt: Int64
    /// When libcurl wants to be called without a socket's event; set by its timer callback.
    fileprivate(set) var curlDeadline: Int64?
    /// When the last exchange ended; meaningful while there is none.
    var idleSince: Int64 = 0
    /// Which of the loop's looks at the sockets came last before that.
    var idleSinceWait: UInt64 = 0
    var exchange: Exchange?
    /// The socket once the connection is ready; -1 before.
    private(set) var socket: Int32 = -1
    /// Where the loop keeps it while an exchange is under way.
    var slot = -1

    let easy: UnsafeMutableRawPointer
    private let multi: UnsafeMutableRawPointer
    private let watch: Watch
    private let errorText: UnsafeMutablePointer<CChar>
    private var isOpen = true

    /// Nil without memory or where libcurl lacks something; begins nothing.
    init?(for transfer: Transfer, origin: String, settings: ConnectionSettings, watch: Watch, now: Int64) {
        guard let easy = curl_easy_init() else { return nil }
        guard let multi = curl_multi_init() else {
            curl_easy_cleanup(easy)
            return nil
        }
        self.easy = easy
        self.multi = multi
        self.watch = watch
        self.origin = origin
        let request = transfer.request
        isSecure = request.url.hasPrefix("https:")
        openedAt = now
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        let code = settings.apply(
            to: easy, url: request.url, connectTimeout: request.timeouts.connect, errorText: errorText)
        guard code == CURLE_OK, setCallbacks() else { return nil }
    }

    deinit {
        close()
        curl_easy_cleanup(easy)
        curl_multi_cleanup(multi)
        errorText.deallocate()
    }

    private func setCallbacks() -> Bool {
        let context = Unmanaged.passUnretained(self).toOpaque()
        return tidemark_multi_set_socket(multi, socketChanged, context) == CURLM_OK
            && tidemark_multi_set_timer(multi, timerChanged, context) == CURLM_OK
    }

    /// Ends the connection; what it was doing is the caller's to answer for.
    func close() {
        guard isOpen else { return }
        isOpen = false
        if socket >= 0 { watch.remove(socket) }
        socket = -1
        // Closes the connection, too, and takes what libcurl still watches out of epoll.
        curl_multi_remove_handle(multi, easy)
        curlDeadline = nil
    }

    /// Ends it after an exchange whose request may not have left whole: what a TLS library has taken and not sent yet is kept from
    /// leaving, since a request that is said not to have been sent whole must never become whole.
    func close(cutting exchange: Exchange) {
        if exchange.isBegun, !exchange.isSent, socket >= 0 { shutdown(socket, Int32(SHUT_RDWR)) }
        close()
    }

    // MARK: Connecting

    enum ConnectResult {
        case pending
        case ready
        case failed(CURLcode)
    }

    func connect() -> ConnectResult {
        guard curl_multi_add_handle(multi, easy) == CURLM_OK else { return .failed(CURLE_FAILED_INIT) }
        return goOn(descriptor: -1, events: 0)
    }

    /// Lets libcurl go on connecting after an event, or after its timer with -1 for the descriptor.
    func goOn(descriptor: Int32, events: UInt32) -> ConnectResult {
        var mask: Int32 = 0
        if events & EPOLLIN.rawValue != 0 { mask |= CURL_CSELECT_IN }
        if events & EPOLLOUT.rawValue != 0 { mask |= CURL_CSELECT_OUT }
        if events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { mask |= CURL_CSELECT_ERR }
        if descriptor < 0 { curlDeadline = nil }
        var running: Int32 = 0
        guard curl_multi_socket_action(multi, descriptor, mask, &running) == CURLM_OK else {
            return .failed(CURLE_FAILED_INIT)
        }
        var code = CURLE_OK
        guard tidemark_multi_next_done(multi, &code) != nil else { return .pending }
        guard code == CURLE_OK else { return .failed(code) }
        return takeSocket() ? .ready : .failed(CURLE_COULDNT_CONNECT)
    }

    /// From here on the socket is ours to watch: readable always, so that a transfer costs no system call for it.
    private func takeSocket() -> Bool {
        var found = curl_socket_t(-1)
        guard tidemark_easy_get_socket(easy, &found) == CURLE_OK, found >= 0 else { return false }
        curlDeadline = nil
        socket = found
        // libcurl leaves it open to a program that the service starts, which would keep the server from seeing it closed.
        _ = fcntl(found, F_SETFD, FD_CLOEXEC)
        watch.set(found, EPOLLIN, owner: self)
        return true
    }

    /// Whether nothing has come since the last answer, not even the end.
    var isQuiet: Bool {
        var byte: UInt8 = 0
        let count = recv(socket, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
        return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)
    }

    /// Whether the loop hears when the connection can take more bytes.
    func wantToSend(_ wants: Bool) {
        watch.set(socket, wants ? EPOLL_EVENTS(EPOLLIN.rawValue | EPOLLOUT.rawValue) : EPOLLIN, owner: self)
    }

    /// libcurl's own words on what went wrong, without a proxy's name and password; empty where it has none.
    var errorDetail: String { ProxyVariables.current.without(String(cString: errorText)) }

    /// What a proxy answered to CONNECT; 0 for nothing.
    var proxyStatus: Int {
        var status = 0
        return tidemark_easy_get_long(easy, CURLINFO_HTTP_CONNECTCODE, &status) == CURLE_OK ? status : 0
    }

    /// Microseconds of libcurl's timer as nanoseconds; nil while its phase is not finished.
    func timer(_ information: CURLINFO) -> Int64? {
        var value: curl_off_t = 0
        guard tidemark_easy_get_size(easy, information, &value) == CURLE_OK, value > 0 else { return nil }
        return Int64(value) * 1_000
    }

    fileprivate func libcurlWatches(_ descriptor: curl_socket_t, _ what: Int32) {
        guard what != CURL_POLL_REMOVE else { return watch.remove(descriptor) }
        var events: UInt32 = 0
        if what & CURL_POLL_IN != 0 { events |= EPOLLIN.rawValue }
        if what & CURL_POLL_OUT != 0 { events |= EPOLLOUT.rawValue }
        watch.set(descriptor, EPOLL_EVENTS(events), owner: self)
    }
}

private func socketChanged(
    _ easy: UnsafeMutableRawPointer?, _ descriptor: curl_socket_t, _ what: Int32, _ context: UnsafeMutableRawPointer?,
    _ known: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context else { return 0 }
    Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue().libcurlWatches(descriptor, what)
    return 0
}

private func timerChanged(
    _ multi: UnsafeMutableRawPointer?, _ milliseconds: Int, _ context: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context else { return 0 }
    let connection = Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
    connection.curlDeadline = milliseconds < 0 ? nil : Monotonic.now() + Int64(milliseconds) * 1_000_000
    return 0
}
