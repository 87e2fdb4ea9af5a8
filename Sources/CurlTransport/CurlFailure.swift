internal import AWSCore
internal import CCurl

extension CurlTransport {
    /// A failure's message where a proxy does not open a tunnel to whom it does not know.
    package static let proxyDemandsLogin = "the proxy demands a login (status 407)"
}

/// What libcurl's codes mean for a connection that was not made (https://curl.se/libcurl/c/libcurl-errors.html).
enum CurlFailure {
    /// The code for decisions, and a sentence's beginning for a person.
    ///
    /// - Parameters:
    ///   - overProxy: whether a proxy stands between: then the name and the connection are the proxy's.
    ///   - proxyStatus: what the proxy answered to CONNECT; 0 for nothing.
    static func classify(
        _ code: CURLcode, overProxy: Bool, proxyStatus: Int = 0
    ) -> (TransportError.Code, String) {
        let (kind, words) = byCode[code.rawValue] ?? (.connect, "the connection could not be made")
        guard overProxy else { return (kind, words) }
        return switch kind {
        case .dns: (kind, "the proxy's name was not found")
        case .connect where code == CURLE_COULDNT_CONNECT: (kind, "no connection to the proxy")
        case .connect where proxyStatus == 407: (kind, CurlTransport.proxyDemandsLogin)
        case .connect where proxyStatus >= 300: (kind, "the proxy refused the connection with status \(proxyStatus)")
        case .connect: (kind, "the proxy made no connection")
        default: (kind, words)
        }
    }

    private static let byCode: [UInt32: (TransportError.Code, String)] = {
        var table: [UInt32: (TransportError.Code, String)] = [:]
        func add(_ code: TransportError.Code, _ message: String, _ codes: [CURLcode]) {
            for curlCode in codes { table[curlCode.rawValue] = (code, message) }
        }
        add(
            .dns, "the host's name was not found: check the endpoint's spelling and this machine's name service",
            [CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY])
        add(
            .connect, "no connection: check that the service runs there and the network lets it through",
            [CURLE_COULDNT_CONNECT])
        add(.timeout(.connect), "no connection in time", [CURLE_OPERATION_TIMEDOUT])
        add(
            .tls, "no TLS connection was made: check that TLS 1.2 or later is spoken there",
            [
                CURLE_SSL_CONNECT_ERROR, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_CIPHER,
                CURLE_SSL_ENGINE_INITFAILED, CURLE_USE_SSL_FAILED,
            ])
        add(
            .certificate,
            "the server's certificate is not accepted: check the endpoint's name, the certificate's authority "
                + "(certificate-authorities, AWS_CA_BUNDLE) and end, and this machine's clock",
            [
                CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE,
                CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
                CURLE_SSL_INVALIDCERTSTATUS,
            ])
        add(.invalidRequest, "the URL cannot be used", [CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL])
        add(.other, "libcurl cannot be used: is there memory left?", [CURLE_FAILED_INIT, CURLE_OUT_OF_MEMORY])
        return table
    }()
}
