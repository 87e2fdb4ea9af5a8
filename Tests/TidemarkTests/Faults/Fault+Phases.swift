import AWSCore
import CurlTransport
import TestSupport
import Tidemark

/// Faults by the phase of an attempt that they hit.
extension Fault {
    /// Faults before a request leaves: nothing can have been done.
    static func unreachable() throws -> [Fault] {
        let refusing = try RefusingPort()
        let (full, silent, resetting) = (try FullPort(), try SilentListener(), try ResettingPort())
        let soon = Timeouts(connect: .milliseconds(30), firstByte: .seconds(600), attempt: .seconds(600))
        return [
            Fault(
                name: "port closed", place: .elsewhere(url: "http://127.0.0.1:\(refusing.port)/", keeping: refusing),
                code: .network, retry: .transient, phase: .connect),
            Fault(
                name: "DNS failure",
                // A label of 64 letters exists in no zone and is refused without asking a server.
                place: .elsewhere(url: "http://\(String(repeating: "a", count: 64)).invalid/", keeping: nil),
                code: .network, retry: .transient, phase: .dns),
            Fault(
                name: "stall while connecting",
                place: .elsewhere(url: "http://127.0.0.1:\(full.port)/", keeping: full), code: .timeout,
                retry: .transient, limit: .connect, timeouts: soon),
            Fault(
                name: "stall in the TLS handshake",
                place: .tls(url: "https://127.0.0.1:\(silent.port)/", authority: nil, keeping: silent), code: .timeout,
                retry: .transient, limit: .connect, timeouts: soon),
            Fault(
                name: "reset in the TLS handshake",
                place: .tls(url: "https://127.0.0.1:\(resetting.port)/", authority: nil, keeping: resetting),
                code: .network, retry: .transient, phase: .tls, isRetryable: true),
            Fault(
                name: "stall in the client's own queue", place: .occupied, code: .timeout, retry: .transient,
                limit: .queue,
                timeouts: Timeouts(connect: .seconds(600), firstByte: .seconds(600), attempt: .milliseconds(30)),
                isTried: false),
        ] + (try untrusted())
    }

    /// A server that cannot show who it is stays so: asked once.
    private static func untrusted() throws -> [Fault] {
        guard TLSServer.isPossible else { return [] }
        let (good, expired) = (try TLSServer(), try TLSServer(daysValid: -1))
        return [
            ("TLS self-signed", good.url(), nil, good), ("TLS expired", expired.url(), expired.certificate, expired),
            ("TLS wrong name", good.url(host: "localhost"), good.certificate, good),
            ("TLS unknown authority", good.url(), expired.certificate, good),
        ].map { name, url, authority, server in
            Fault(
                name: name, place: .tls(url: url, authority: authority, keeping: [good, expired]), code: .network,
                phase: .tls, isRetryable: false)
        }
    }

    /// The other side goes away, or deaf, before it has taken the whole request, and so cannot have done what it asks: every write
    /// is sent again.
    static func sending() throws -> [Fault] {
        func fault(_ name: String, _ course: HalfDeafPort.Course) throws -> Fault {
            let port = try HalfDeafPort(course)
            return Fault(
                name: "\(name) while sending", place: .elsewhere(url: "http://127.0.0.1:\(port.port)/", keeping: port),
                code: .network, retry: .transient, phase: .send, operations: FaultOperation.large)
        }
        var (stall, slow) = (try fault("stall", .stall), try fault("stall of the attempt", .stall))
        (stall.code, stall.phase, stall.limit) = (.timeout, nil, .firstByte)
        stall.timeouts.firstByte = .milliseconds(30)
        (slow.code, slow.phase, slow.limit) = (.timeout, nil, .attempt)
        slow.timeouts.attempt = patience
        var refused = try fault(
            "413", .answer("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
        (refused.code, refused.phase, refused.retry, refused.status) = (.malformedResponse, nil, .never, 413)
        var failed = try fault("500", .answer("HTTP/1.1 500 Failed\r\nContent-Length: 0\r\n\r\n"))
        (failed.code, failed.phase, failed.status) = (.server, nil, 500)
        var garbled = try fault(
            "unreadable checksum",
            .answer(
                "HTTP/1.1 200 OK\r\nx-amz-crc32: 1\r\nContent-Length: 2\r\n\r\n{}"))
        (garbled.code, garbled.phase, garbled.status) = (.checksumMismatch, nil, 200)
        return [stall, slow, try fault("reset", .reset), try fault("end", .end), refused, failed, garbled]
    }

    private static func headFault(_ name: String, _ course: LoopbackAnswer.Course) -> Fault {
        Fault(
            name: name, place: .server { LoopbackAnswer(body: Array($0.utf8), course: course) }, code: .network,
            retry: .transient, isAmbiguous: true, phase: .receive)
    }

    /// The other side fails inside the status line or the headers of its answer.
    static let heads: [Fault] = {
        var stall = headFault("stall inside the headers", .hangInsideHead(bytes: 30))
        (stall.code, stall.phase, stall.limit) = (.timeout, nil, .attempt)
        stall.timeouts.attempt = patience
        var stallInLine = headFault("stall inside the status line", .hangInsideHead(bytes: 5))
        (stallInLine.code, stallInLine.phase, stallInLine.limit) = (.timeout, nil, .attempt)
        stallInLine.timeouts.attempt = patience
        var endless = headFault("endless headers", .endlessHead)
        (endless.code, endless.phase, endless.retry) = (.malformedResponse, nil, .never)
        // One read of the socket may go beyond the bound before it is looked at.
        endless.receivedBytes = ResponseParser.maximumHeadBytes + 1...ResponseParser.maximumHeadBytes * 2
        return [
            headFault("closed inside the headers", .closeInsideHead(bytes: 30)),
            headFault("reset inside the headers", .resetInsideHead(bytes: 30)),
            headFault("closed inside the status line", .closeInsideHead(bytes: 5)), stall, stallInLine, endless,
        ]
    }()

    /// Limits that are neither a phase's nor an attempt's.
    static let limits: [Fault] = [
        Fault(
            name: "the call's time ends", place: .server { _ in .failing(.never) }, code: .timeout, isAmbiguous: true,
            limit: .call, callTimeout: patience, isRetryable: nil),
        Fault(
            name: "408 of the service",
            place: .server { _ in .error(408, type: "RequestTimeoutException") }, code: .timeout, retry: .transient,
            limit: .service, status: 408),
    ]
}
