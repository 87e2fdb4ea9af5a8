import Foundation
import Testing

/// One HTTP/1.1 request to a port of this machine, by hand: nothing of the software under test is in it.
enum PlainHTTP {
    struct Answer {
        var status: Int
        var head: String
        var body: [UInt8]
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// Nobody listens there, or the answer is none.
    struct Failure: Error { var reason: String }

    static func request(
        _ path: String, port: UInt16, method: String = "GET", address: UInt32 = 0x7F00_0001, host: String? = nil,
        body: String = ""
    ) throws -> Answer {
        let descriptor = try connected(address: address, port: port)
        defer { close(descriptor) }
        let head =
            "\(method) \(path) HTTP/1.1\r\nHost: \(host ?? "127.0.0.1:\(port)")\r\nConnection: close\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n"
        var rest = Array((head + body).utf8)[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { throw Failure(reason: "the request could not be sent") }
            rest = rest.dropFirst(sent)
        }
        return try answer(from: descriptor)
    }

    static func connected(address: UInt32, port: UInt16) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(reason: "no socket") }
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        place.sin_addr.s_addr = address.bigEndian
        let status = withUnsafePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else {
            close(descriptor)
            throw Failure(reason: "port \(port) refuses")
        }
        return descriptor
    }

    private static func answer(from descriptor: Int32) throws -> Answer {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let answer = parse(bytes) { return answer }
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { throw Failure(reason: "the answer is cut short") }
            bytes += chunk[..<count]
        }
    }

    private static func parse(_ bytes: [UInt8]) -> Answer? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let gap = text.range(of: "\r\n\r\n") else { return nil }
        let head = String(text[..<gap.lowerBound])
        let bodyStart = head.utf8.count + 4
        let lengthLine = head.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
        let length = lengthLine.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
        guard bytes.count >= bodyStart + length else { return nil }
        let status = head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return Answer(status: status, head: head, body: Array(bytes[bodyStart..<(bodyStart + length)]))
    }
}

extension ChildProcess {
    /// The port of the status page that an agent took and said.
    func statusPort() async throws -> UInt16 {
        func found() -> UInt16? {
            let line = errors.split(separator: "\n").first { $0.contains("status page") } ?? ""
            return line.split { !$0.isNumber }.compactMap { UInt16($0) }.last { $0 > 1_023 }
        }
        try await eventually("the status page's line") { found() != nil || !isRunning }
        return try #require(found(), "no port in: \(errors)")
    }
}
