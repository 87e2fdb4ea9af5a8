internal import AWSCore
internal import CCurl
internal import Glibc

/// One libcurl easy handle, kept for many transfers: a new one for each costs 1.7 times as much.
///
/// Used on the loop's thread only. libcurl's callbacks hold it unretained: the loop keeps it as long as its `curl` lives.
final class EasyHandle {
    let curl: UnsafeMutableRawPointer
    var response = ResponseBuffer()
    private(set) var transfer: Transfer?
    private(set) var startedAt: Int64 = 0
    /// When the connection was ready and the request began to be sent; nil before.
    private(set) var requestStartedAt: Int64?
    /// libcurl wanted to send the request a second time, because its kept connection had died.
    private(set) var refusedRepetition = false
    /// Where the loop keeps it while it is active.
    var slot = -1

    private let errorText: UnsafeMutablePointer<CChar>
    private let address: OpaquePointer
    private var url = ""
    private var method = ""
    private var isMethodWithBody = false

    /// Makes the handle and sets what stays the same for all its transfers; nil without memory or where libcurl lacks
    /// something.
    init?(configuration: CurlTransport.Configuration, sockets: SocketTable, share: UnsafeMutableRawPointer) {
        guard let curl = curl_easy_init() else { return nil }
        guard let address = curl_url() else {
            curl_easy_cleanup(curl)
            return nil
        }
        self.curl = curl
        self.address = address
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        guard setConstants(configuration, sockets: sockets, share: share) == CURLE_OK else { return nil }
    }

    deinit {
        curl_easy_cleanup(curl)
        curl_url_cleanup(address)
        errorText.deallocate()
    }

    /// Points the handle at the transfer's request.
    ///
    /// Throws `.invalidRequest` for a URL that may not be sent.
    func prepare(_ transfer: Transfer, now: Int64) throws(TransportError) -> CURLcode {
        let request = transfer.request
        self.transfer = transfer
        startedAt = now
        requestStartedAt = nil
        refusedRepetition = false
        errorText.pointee = 0
        response.reset(maximumBodyBytes: request.maximumResponseBytes)
        let connect = max(1, min(request.timeouts.connect.nanoseconds / 1_000_000, Int64(Int32.max)))
        var result = FirstFailure()
        result.keep(try setURL(request.url))
        result.keep(tidemark_easy_set_headers(curl, transfer.prepared.headers))
        result.keep(tidemark_easy_set_long(curl, CURLOPT_CONNECTTIMEOUT_MS, Int(connect)))
        let largest = curl_off_t(max(0, request.maximumResponseBytes))
        result.keep(tidemark_easy_set_size(curl, CURLOPT_MAXFILESIZE_LARGE, largest))
        let count = transfer.prepared.bodyCount
        if request.method == "POST" || (count > 0 && request.method != "HEAD") {
            result.keep(tidemark_easy_set_size(curl, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(count)))
            // Also makes the method POST, which setMethod takes for granted.
            result.keep(tidemark_easy_set_pointer(curl, CURLOPT_POSTFIELDS, transfer.prepared.body))
            result.keep(setMethod(request.method, hasBody: true))
        } else {
            result.keep(setMethod(request.method, hasBody: false))
        }
        return result.code
    }

    /// Lets go of the transfer. The header list and body that libcurl still points to are not read again: the next
    /// `prepare` replaces them before the handle is used.
    func release() {
        transfer = nil
        slot = -1
    }

    /// libcurl's own words on what went wrong; empty where it has none.
    var errorDetail: String { String(cString: errorText) }

    func long(_ information: CURLINFO) -> Int {
        var value = 0
        return tidemark_easy_get_long(curl, information, &value) == CURLE_OK ? value : 0
    }

    func size(_ information: CURLINFO) -> Int64 {
        var value: curl_off_t = 0
        return tidemark_easy_get_size(curl, information, &value) == CURLE_OK ? Int64(value) : 0
    }

    /// Whether the request may be sent on the connection that is ready now: once only.
    fileprivate func beginRequest() -> Bool {
        guard requestStartedAt == nil else {
            refusedRepetition = true
            return false
        }
        requestStartedAt = Monotonic.now()
        return true
    }
}

extension EasyHandle {
    private func setConstants(
        _ configuration: CurlTransport.Configuration, sockets: SocketTable, share: UnsafeMutableRawPointer
    ) -> CURLcode {
        let context = Unmanaged.passUnretained(self).toOpaque()
        let longs: [(CURLoption, Int)] = [
            (CURLOPT_NOSIGNAL, 1),
            (CURLOPT_NOPROGRESS, 1),
            (CURLOPT_TCP_NODELAY, 1),
            (CURLOPT_TCP_KEEPALIVE, 1),
            (CURLOPT_FOLLOWLOCATION, 0),
            (CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)),
            (CURLOPT_HTTP09_ALLOWED, 0),
            (CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
            (CURLOPT_SSL_VERIFYPEER, 1),
            (CURLOPT_SSL_VERIFYHOST, 2),
            (CURLOPT_MAXAGE_CONN, EasyHandle.wholeSeconds(configuration.idleConnectionLifetime)),
            (CURLOPT_MAXLIFETIME_CONN, EasyHandle.wholeSeconds(configuration.connectionLifetime)),
            // Otherwise removing a transfer whose name is being looked up waits, on the loop's thread, for the look-up.
            (CURLOPT_QUICK_EXIT, 1),
        ]
        var result = FirstFailure()
        for (option, value) in longs { result.keep(tidemark_easy_set_long(curl, option, value)) }
        result.keep(tidemark_easy_set_string(curl, CURLOPT_PROTOCOLS_STR, "http,https"))
        result.keep(tidemark_easy_set_pointer(curl, CURLOPT_ERRORBUFFER, errorText))
        result.keep(tidemark_easy_set_pointer(curl, CURLOPT_PRIVATE, context))
        result.keep(tidemark_easy_set_write(curl, receiveBody, context))
        result.keep(tidemark_easy_set_header(curl, receiveHeaderLine, context))
        result.keep(tidemark_easy_set_before_request(curl, beforeRequest, context))
        result.keep(tidemark_easy_set_pointer(curl, CURLOPT_SHARE, share))
        result.keep(
            tidemark_easy_set_sockets(curl, openSocket, closeSocket, Unmanaged.passUnretained(sockets).toOpaque()))
        if let file = configuration.certificateAuthorityFile {
            result.keep(tidemark_easy_set_string(curl, CURLOPT_CAINFO, file))
        }
        if !configuration.usesProxyFromEnvironment {
            result.keep(tidemark_easy_set_string(curl, CURLOPT_PROXY, ""))
        }
        return result.code
    }

    private static func wholeSeconds(_ duration: Duration) -> Int {
        Int(max(1, min(duration.components.seconds, Int64(Int32.max))))
    }

    /// A URL that is parsed once for the transfers that share it: endpoints are few.
    private func setURL(_ url: String) throws(TransportError) -> CURLcode {
        if url == self.url { return CURLE_OK }
        self.url = ""
        try RequestCheck.checkURL(url)
        guard curl_url_set(address, CURLUPART_URL, url, 0) == CURLUE_OK else { return CURLE_URL_MALFORMAT }
        let code = tidemark_easy_set_pointer(curl, CURLOPT_CURLU, UnsafeMutableRawPointer(address))
        if code == CURLE_OK { self.url = url }
        return code
    }

    private func setMethod(_ method: String, hasBody: Bool) -> CURLcode {
        if method == self.method && hasBody == isMethodWithBody { return CURLE_OK }
        self.method = ""
        var result = FirstFailure()
        result.keep(tidemark_easy_set_string(curl, CURLOPT_CUSTOMREQUEST, nil))
        if method == "HEAD" {
            result.keep(tidemark_easy_set_long(curl, CURLOPT_NOBODY, 1))
        } else {
            // Either also takes NOBODY back.
            result.keep(tidemark_easy_set_long(curl, hasBody ? CURLOPT_POST : CURLOPT_HTTPGET, 1))
            if method != (hasBody ? "POST" : "GET") {
                result.keep(tidemark_easy_set_string(curl, CURLOPT_CUSTOMREQUEST, method))
            }
        }
        if result.code == CURLE_OK { (self.method, isMethodWithBody) = (method, hasBody) }
        return result.code
    }
}

/// The first of several calls' failures, so that every return code is looked at without a branch in each line.
private struct FirstFailure {
    private(set) var code = CURLE_OK

    mutating func keep(_ next: CURLcode) {
        if code == CURLE_OK { code = next }
    }
}

private func handle(_ context: UnsafeMutableRawPointer?) -> EasyHandle? {
    context.map { Unmanaged<EasyHandle>.fromOpaque($0).takeUnretainedValue() }
}

/// Fewer bytes than were given tell libcurl to end the transfer.
private func receiveBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let handle = handle(context) else { return 0 }
    let expected = handle.response.body.isEmpty ? Int(handle.size(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T)) : 0
    let total = size * count
    let isTaken = handle.response.appendBody(
        UnsafeRawBufferPointer(start: bytes, count: total), expected: expected > 0 ? expected : nil)
    return isTaken ? total : 0
}

private func receiveHeaderLine(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let handle = handle(context) else { return 0 }
    let total = size * count
    return handle.response.appendHeaderLine(UnsafeRawBufferPointer(start: bytes, count: total)) ? total : 0
}

private func openSocket(
    _ context: UnsafeMutableRawPointer?, _ purpose: curlsocktype, _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let context, let address else { return -1 }
    return Unmanaged<SocketTable>.fromOpaque(context).takeUnretainedValue().open(address.pointee)
}

private func closeSocket(_ context: UnsafeMutableRawPointer?, _ descriptor: curl_socket_t) -> Int32 {
    guard let context else { return -1 }
    return Unmanaged<SocketTable>.fromOpaque(context).takeUnretainedValue().closeSocket(descriptor)
}

private func beforeRequest(
    _ context: UnsafeMutableRawPointer?, _ remoteAddress: UnsafeMutablePointer<CChar>?,
    _ localAddress: UnsafeMutablePointer<CChar>?, _ remotePort: Int32, _ localPort: Int32
) -> Int32 {
    handle(context)?.beginRequest() == true ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}
