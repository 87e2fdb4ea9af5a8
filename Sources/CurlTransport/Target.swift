internal import AWSCore

/// Where a URL leads, checked and taken apart once: endpoints are few, and every call goes to one of them.
struct Target: Sendable {
    /// Scheme, host and port.
    let origin: String
    /// What follows the method, such as ` / HTTP/1.1`, with its line end.
    let requestLineEnd: [UInt8]
    /// The `Host` header with its line end.
    let hostLine: [UInt8]

    /// Throws `.invalidRequest` for a URL that may not be sent to.
    init(_ url: String) throws(TransportError) {
        try RequestCheck.checkURL(url)
        origin = RequestCheck.origin(of: url)
        let bytes = Array(url.utf8)
        let parts = bytes.withUnsafeBufferPointer { URLParts($0) }
        let path = parts.path.isEmpty ? Array("/".utf8) : Array(bytes[parts.path])
        let query = parts.query.isEmpty ? [] : [UInt8(ascii: "?")] + bytes[parts.query]
        requestLineEnd = Array(" ".utf8) + path + query + Array(" HTTP/1.1\r\n".utf8)
        hostLine = Array("Host: ".utf8) + bytes[parts.hostAsSent] + Array("\r\n".utf8)
    }
}

/// The targets of the URLs that were sent to.
final class Targets: Sendable {
    /// More than this are taken apart each time.
    private static let maximumCount = 64

    private let known = Lock<[(url: String, target: Target)]>([])

    /// The URL's target. Throws `.invalidRequest` for one that may not be sent to.
    func target(of url: String) throws(TransportError) -> Target {
        if let found = known.withLock({ $0.first { $0.url == url }?.target }) { return found }
        let target = try Target(url)
        known.withLock { known in
            if known.count < Targets.maximumCount { known.append((url, target)) }
        }
        return target
    }
}
