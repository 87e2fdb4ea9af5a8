import AgentCore
import Foundation
import TestSupport
import Testing

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
