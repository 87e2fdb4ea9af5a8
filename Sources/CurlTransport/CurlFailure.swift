internal import AWSCore
internal import CCurl

/// What libcurl's codes mean for an attempt (https://curl.se/libcurl/c/libcurl-errors.html).
enum CurlFailure {
    /// How far the transfer had come, which the code alone does not say.
    struct Progress {
        var hasSentRequest = false
        var hasBegunAnswer = false
        var isTooLarge = false
        var refusedRepetition = false
    }

    /// The code for decisions, and a sentence's beginning for a person.
    static func classify(_ code: CURLcode, progress: Progress) -> (TransportError.Code, String) {
        if progress.isTooLarge || code == CURLE_FILESIZE_EXCEEDED {
            return (.tooLarge, "the answer is larger than the request allows")
        }
        if progress.refusedRepetition {
            return (.connectionReset, "the kept connection was closed before an answer came")
        }
        if let named = byCode[code.rawValue] { return named }
        switch code {
        case CURLE_OK where progress.hasBegunAnswer:
            return (.truncated, "the connection ended inside the answer's headers")
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY:
            return progress.hasSentRequest
                ? (.malformedResponse, "what came is not HTTP: check that the endpoint is an HTTP service")
                : (.invalidRequest, "libcurl cannot send to this URL")
        case CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING, CURLE_OK:
            return progress.hasBegunAnswer
                ? (.truncated, "the connection ended inside the answer")
                : (.connectionReset, "the connection ended before an answer came")
        default:
            return (.other, "the transfer failed")
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
            .tls, "the TLS connection was not accepted: check the certificate, its authority and this machine's clock",
            [
                CURLE_SSL_CONNECT_ERROR, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_CERTPROBLEM,
                CURLE_SSL_CIPHER, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ENGINE_INITFAILED,
                CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR,
                CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS, CURLE_USE_SSL_FAILED,
            ])
        add(.truncated, "the connection ended inside the answer", [CURLE_PARTIAL_FILE])
        add(
            .invalidRequest, "the URL cannot be used",
            [CURLE_URL_MALFORMAT])
        return table
    }()
}
