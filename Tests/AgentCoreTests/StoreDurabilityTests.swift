import GRDB
import TestSupport
import Testing

@testable import AgentCore

/// What is committed is on the disk, and not only in the kernel's memory.
@Suite struct StoreDurabilityTests {
    @Test func everyCommitIsSynchronous() throws {
        let directory = try TemporaryDirectory()
        let queue = try AgentStore.makeQueue(path: directory.path("s.sqlite"))
        // https://www.sqlite.org/pragma.html#pragma_synchronous: 2 is FULL, and in WAL mode NORMAL (1) may lose commits with the power.
        #expect(try queue.read { try Int.fetchOne($0, sql: "PRAGMA synchronous") } == 2)
        #expect(try queue.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
    }
}
