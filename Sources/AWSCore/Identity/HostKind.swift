/// What a host's name or address says about where it is. Nothing is looked up.
package enum HostKind: Sendable, Equatable {
    /// This machine.
    case loopback
    /// The link that the machine is on: 169.254.0.0/16, fe80::/10.
    case linkLocal
    /// A network of one's own: RFC 1918, RFC 3879, RFC 4193, RFC 6598.
    case privateAddress
    /// A name that only a local network or a container network gives, such as `ministack` or `db.local`.
    case localName
    /// Anything else.
    case elsewhere

    /// Of a host as it stands in a URL: IPv6 in brackets.
    package init(_ host: String) {
        let name = host.lowercased()
        if name.hasPrefix("[") {
            self = Self.ofIPv6(String(name.dropFirst().dropLast()))
        } else if let address = Self.ipv4(name) {
            self = Self.ofIPv4(address)
        } else {
            self = Self.ofName(name)
        }
    }

    private static let localDomains = [
        ".localhost", ".local", ".localdomain", ".internal", ".lan", ".home", ".home.arpa", ".test", ".example",
        ".invalid", ".docker", ".docker.internal", ".fritz.box", ".svc", ".cluster", ".localhost6", ".localdomain6",
        ".localdomain4",
    ]
    /// Public names that lead to this machine, or to the address that is in them.
    private static let namesOfLoopback = [
        "localtest.me", "lvh.me", "vcap.me", "lacolhost.com", "nip.io", "sslip.io", "xip.io",
    ]
    /// Names of local stand-ins for AWS as images and compose files have them.
    private static let standIns = ["localstack", "ministack", "moto", "dynamodb-local", "dynalite", "minikube"]

    private static func ofName(_ name: String) -> HostKind {
        let name = name.hasSuffix(".") ? String(name.dropLast()) : name
        if name == "localhost" || name.hasSuffix(".localhost") { return .loopback }
        // The dot at the end says that nothing is to be put behind it.
        if let address = ipv4(name) { return ofIPv4(address) }
        if namesOfLoopback.contains(where: { name == $0 || name.hasSuffix("." + $0) }) { return .loopback }
        guard name.contains(".") else { return .localName }
        let isStandIn = name.split(separator: ".").contains { label in standIns.contains { label.hasPrefix($0) } }
        return isStandIn || localDomains.contains { name.hasSuffix($0) } ? .localName : .elsewhere
    }

    private static func ofIPv4(_ address: UInt32) -> HostKind {
        let (first, second) = (address >> 24, address >> 16 & 0xFF)
        return switch (first, second) {
        case (127, _): .loopback
        case (0, _): .loopback
        case (169, 254): .linkLocal
        case (10, _), (192, 168), (172, 16...31), (100, 64...127): .privateAddress
        default: .elsewhere
        }
    }

    /// The address of one to four numbers, decimal, octal or hexadecimal, as `inet_aton` and so libcurl reads them:
    /// `127.1` and `0x7f000001` are this machine as well.
    private static func ipv4(_ text: String) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...4).contains(parts.count) else { return nil }
        var numbers: [UInt64] = []
        for part in parts {
            let isHexadecimal = part.hasPrefix("0x")
            let isOctal = !isHexadecimal && part.count > 1 && part.hasPrefix("0")
            let digits = isHexadecimal ? part.dropFirst(2) : part
            guard !digits.isEmpty, let number = UInt64(digits, radix: isHexadecimal ? 16 : isOctal ? 8 : 10) else {
                return nil
            }
            numbers.append(number)
        }
        let lastLimit = UInt64(1) << UInt64(8 * (5 - numbers.count))
        guard numbers.dropLast().allSatisfy({ $0 < 256 }), let last = numbers.last, last < lastLimit else { return nil }
        var address = last
        for (index, number) in numbers.dropLast().enumerated() { address |= number << UInt64(24 - 8 * index) }
        return UInt32(address)
    }

    private static func ofIPv6(_ text: String) -> HostKind {
        guard let words = ipv6(text) else { return .elsewhere }
        if words.dropLast().allSatisfy({ $0 == 0 }), words[7] <= 1 { return .loopback }
        // IPv4-mapped, and IPv4-compatible as it was before.
        let isMapped = words[0..<5].allSatisfy { $0 == 0 } && (words[5] == 0xFFFF || words[5] == 0)
        if isMapped { return ofIPv4(UInt32(words[6]) << 16 | UInt32(words[7])) }
        if words[0] & 0xFFC0 == 0xFE80 { return .linkLocal }
        // RFC 4193, and the site-local addresses that were before (RFC 3879).
        return words[0] & 0xFE00 == 0xFC00 || words[0] & 0xFFC0 == 0xFEC0 ? .privateAddress : .elsewhere
    }

    private static func ipv6(_ text: String) -> [UInt16]? {
        let address = text.split(separator: "%").first.map(String.init) ?? ""
        let halves = address.split(separator: "::", omittingEmptySubsequences: false)
        guard (1...2).contains(halves.count) else { return nil }
        func words(_ half: Substring) -> [UInt16]? {
            if half.isEmpty { return [] }
            var words: [UInt16] = []
            for part in half.split(separator: ":", omittingEmptySubsequences: false) {
                if part.contains("."), let address = ipv4(String(part)) {
                    words += [UInt16(address >> 16), UInt16(address & 0xFFFF)]
                } else if let word = UInt16(part, radix: 16), part.count <= 4 {
                    words.append(word)
                } else {
                    return nil
                }
            }
            return words
        }
        guard let front = words(halves[0]) else { return nil }
        guard halves.count == 2 else { return front.count == 8 ? front : nil }
        guard let back = words(halves[1]), front.count + back.count < 8 else { return nil }
        return front + [UInt16](repeating: 0, count: 8 - front.count - back.count) + back
    }
}
