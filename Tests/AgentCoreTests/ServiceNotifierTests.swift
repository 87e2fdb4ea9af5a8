import AgentCore
import Foundation
import TestSupport
import Testing

/// A service manager's socket, as systemd binds it.
private final class NotifySocket {
    let name: String
    private let descriptor: Int32

    init(_ name: String) throws {
        self.name = name
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var place = sockaddr_un()
        place.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(name.utf8)
        if name.hasPrefix("@") { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &place.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(2 + bytes.count + (name.hasPrefix("@") ? 0 : 1))
        let status = withUnsafePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard status == 0 else { throw WaitingFailed(description: "\(name) cannot be bound: \(errno)") }
    }

    deinit { close(descriptor) }

    /// The next datagram's lines; empty when none waits.
    func receive() -> [String] {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count > 0
            ? String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n").map(String.init) : []
    }
}

@Suite struct ServiceNotifierTests {
    private func expectProtocol(_ socket: NotifySocket) throws {
        let notifier = try #require(
            ServiceNotifier(environment: ["NOTIFY_SOCKET": socket.name, "WATCHDOG_USEC": "30000000"]))
        #expect(notifier.watchdogInterval == .seconds(30))
        #expect(notifier.ready(status: "reads 1 file;\nno commit yet"))
        #expect(socket.receive() == ["READY=1", "STATUS=reads 1 file; no commit yet"])
        #expect(notifier.feedWatchdog())
        #expect(socket.receive() == ["WATCHDOG=1"])
        #expect(notifier.reloading())
        let reload = socket.receive()
        #expect(reload.first == "RELOADING=1")
        let time = reload.last.flatMap { Int64($0.drop { $0 != "=" }.dropFirst()) } ?? 0
        #expect(time > 0 && reload.last?.hasPrefix("MONOTONIC_USEC=") == true)
        #expect(notifier.stopping())
        #expect(socket.receive().first == "STOPPING=1")
    }

    @Test func theProtocolIsSpokenToAPath() throws {
        let directory = try TemporaryDirectory()
        try expectProtocol(try NotifySocket(directory.path("notify")))
    }

    @Test func theProtocolIsSpokenToAnAbstractName() throws {
        try expectProtocol(try NotifySocket("@tidemark-test-\(UUID().uuidString)"))
    }

    @Test func withoutAServiceManagerThereIsNoNotifier() {
        #expect(ServiceNotifier(environment: [:]) == nil)
        #expect(ServiceNotifier(environment: ["NOTIFY_SOCKET": ""]) == nil)
        #expect(ServiceNotifier(environment: ["NOTIFY_SOCKET": "vsock:2:1234"]) == nil)
        #expect(ServiceNotifier(environment: ["NOTIFY_SOCKET": "/" + String(repeating: "x", count: 200)]) == nil)
    }

    @Test func aWatchdogOfAnotherProcessIsNoneOfOurs() throws {
        let own = ["NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "12"]
        #expect(try #require(ServiceNotifier(environment: own, processID: 12)).watchdogInterval == .seconds(1))
        #expect(try #require(ServiceNotifier(environment: own, processID: 13)).watchdogInterval == nil)
    }

    @Test func aSocketThatIsGoneIsNoError() throws {
        let notifier = try #require(ServiceNotifier(environment: ["NOTIFY_SOCKET": "/nowhere/notify"]))
        #expect(!notifier.ready(status: "x"))
    }
}
