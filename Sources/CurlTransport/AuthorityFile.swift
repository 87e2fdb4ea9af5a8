internal import AWSCore
internal import Glibc

/// A file of certificates of authorities, in PEM.
enum AuthorityFile {
    /// The largest that is read; the system's own are some hundred kilobytes. Bytes.
    private static let maximumBytes = 16 << 20
    private static let labels = ["CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CERTIFICATE"]

    /// Throws where it cannot be read or holds no certificate: libcurl would say so at each connection.
    static func check(_ path: String) throws(TransportError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path, errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < maximumBytes {
            let count = read(descriptor, &chunk, chunk.count)
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw unreadable(path, errno)
            }
            bytes.append(contentsOf: chunk[..<count])
        }
        guard holdsCertificate(String(decoding: bytes, as: UTF8.self)) else {
            throw refusal(path, "holds no certificate: name a PEM file with -----BEGIN CERTIFICATE----- in it")
        }
    }

    /// Whether a whole block is there, from its first line to its last.
    static func holdsCertificate(_ text: String) -> Bool {
        labels.contains { label in
            guard let begin = text.firstRange(of: "-----BEGIN \(label)-----"),
                let end = text[begin.upperBound...].firstRange(of: "-----END \(label)-----")
            else { return false }
            return text[begin.upperBound..<end.lowerBound].contains { !$0.isWhitespace }
        }
    }

    private static func unreadable(_ path: String, _ code: Int32) -> TransportError {
        refusal(path, "cannot be read (\(String(cString: strerror(code)))): check the path and its permissions")
    }

    private static func refusal(_ path: String, _ what: String) -> TransportError {
        TransportError(code: .invalidRequest, message: "the certificate authority file \(path) \(what)")
    }
}
