/// Where the parts of an absolute URL lie in its bytes.
/// https://www.rfc-editor.org/rfc/rfc3986#section-3
package struct URLParts: Equatable {
    package var scheme: Range<Int>
    /// With brackets around an IPv6 address.
    package var host: Range<Int>
    /// The digits after the colon; empty where there is none.
    package var port: Range<Int>
    /// From the first slash; may be empty.
    package var path: Range<Int>
    /// Without the question mark; may be empty.
    package var query: Range<Int>
    package var isDefaultPort: Bool

    /// Finds the parts; a URL without `://` has only a path. Nothing is checked.
    package init(_ bytes: UnsafeBufferPointer<UInt8>) {
        let schemeEnd = URLParts.schemeEnd(bytes)
        let authorityStart = schemeEnd.map { $0 + 3 } ?? 0
        scheme = 0..<(schemeEnd ?? 0)
        let fragment = bytes[authorityStart...].firstIndex(of: UInt8(ascii: "#")) ?? bytes.count
        let question = bytes[authorityStart..<fragment].firstIndex(of: UInt8(ascii: "?")) ?? fragment
        query = (question < fragment ? question + 1 : fragment)..<fragment
        let slash = bytes[authorityStart..<question].firstIndex(of: UInt8(ascii: "/")) ?? question
        let authorityEnd = schemeEnd == nil ? 0 : slash
        path = (schemeEnd == nil ? 0 : slash)..<question
        let authority = bytes[authorityStart..<max(authorityStart, authorityEnd)]
        let hostStart = authority.lastIndex(of: UInt8(ascii: "@")).map { $0 + 1 } ?? authorityStart
        let bracket = bytes[hostStart..<authority.endIndex].lastIndex(of: UInt8(ascii: "]")) ?? hostStart
        let colon = bytes[bracket..<authority.endIndex].lastIndex(of: UInt8(ascii: ":"))
        host = hostStart..<(colon ?? authority.endIndex)
        port = (colon.map { $0 + 1 } ?? authority.endIndex)..<authority.endIndex
        let standard = bytes[scheme].elementsEqual("https".utf8) ? "443" : "80"
        isDefaultPort = port.isEmpty || bytes[port].elementsEqual(standard.utf8)
    }

    /// What a client puts into the `Host` header: the port only where it is not the scheme's own.
    package var hostAsSent: Range<Int> { isDefaultPort ? host : host.lowerBound..<port.upperBound }

    private static func schemeEnd(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0, colon + 2 < bytes.count,
            bytes[colon + 1] == UInt8(ascii: "/"), bytes[colon + 2] == UInt8(ascii: "/")
        else { return nil }
        return colon
    }
}
