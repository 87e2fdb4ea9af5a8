internal import AWSCore
internal import CCurl

/// What libcurl is told of every connection, and what all of them share: looked-up names and TLS sessions.
///
/// One thread uses it, so that libcurl needs no locks.
final class ConnectionSettings {
    private let share: UnsafeMutableRawPointer
    private let authorityFile: String?
    private let usesProxyFromEnvironment: Bool

    /// Nil without memory.
    init?(_ configuration: CurlTransport.Configuration) {
        guard let share = curl_share_init() else { return nil }
        self.share = share
        authorityFile = configuration.certificateAuthorityFile
        usesProxyFromEnvironment = configuration.usesProxyFromEnvironment
        guard tidemark_share(share, CURL_LOCK_DATA_DNS) == CURLSHE_OK,
            tidemark_share(share, CURL_LOCK_DATA_SSL_SESSION) == CURLSHE_OK
        else { return nil }
    }

    deinit {
        curl_share_cleanup(share)
    }

    /// Sets the handle up for one connection to the URL's host.
    ///
    /// - Parameter connectTimeout: what libcurl divides among the addresses of a name; the loop has a limit of its own.
    func apply(
        to easy: UnsafeMutableRawPointer, url: String, connectTimeout: Duration, errorText: UnsafeMutablePointer<CChar>
    ) -> CURLcode {
        let longs: [(CURLoption, Int)] = [
            (CURLOPT_CONNECT_ONLY, 1),
            (CURLOPT_NOSIGNAL, 1),
            (CURLOPT_NOPROGRESS, 1),
            (CURLOPT_TCP_NODELAY, 1),
            (CURLOPT_TCP_KEEPALIVE, 1),
            (CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)),
            (CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
            (CURLOPT_SSL_VERIFYPEER, 1),
            (CURLOPT_SSL_VERIFYHOST, 2),
            // Our requests name a path, not an absolute URL: a proxy has to be a tunnel.
            (CURLOPT_HTTPPROXYTUNNEL, 1),
            // Otherwise closing while the name is being looked up waits, on the loop's thread, for the look-up.
            (CURLOPT_QUICK_EXIT, 1),
            (CURLOPT_CONNECTTIMEOUT_MS, Int(max(1, min(connectTimeout.nanoseconds / 1_000_000, Int64(Int32.max))))),
        ]
        var first = CURLE_OK
        func keep(_ code: CURLcode) {
            if first == CURLE_OK { first = code }
        }
        for (option, value) in longs { keep(tidemark_easy_set_long(easy, option, value)) }
        keep(tidemark_easy_set_string(easy, CURLOPT_URL, url))
        keep(tidemark_easy_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https"))
        keep(tidemark_easy_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText))
        keep(tidemark_easy_set_pointer(easy, CURLOPT_SHARE, share))
        if let authorityFile { keep(tidemark_easy_set_string(easy, CURLOPT_CAINFO, authorityFile)) }
        if !usesProxyFromEnvironment { keep(tidemark_easy_set_string(easy, CURLOPT_PROXY, "")) }
        return first
    }
}
