import Foundation
import TestSupport
import Testing

@testable import AgentCore

/// Who holds a directory, by the kernel's list of locks, in which numbers of files repeat.
@Suite struct LockHolderTests {
    private let own: [UInt64?] = [7, 0]
    private func locks(_ lines: [(process: Int32, file: Substring)]) -> [LockTable.Entry] {
        lines.map { LockTable.Entry(kind: "FLOCK", process: $0.process, file: $0.file) }
    }

    @Test func anotherFileOfThatNumberIsNotTheLock() {
        let other = locks([(30_233, "07:01:13")])
        #expect(LockHolder.holder(of: 13, on: own, namedIn: 30_225, in: other) == nil)
        let both = locks([(30_233, "07:01:13"), (30_225, "07:00:13")])
        #expect(LockHolder.holder(of: 13, on: own, namedIn: 30_225, in: both) == 30_225)
    }

    @Test func onALayeredFileSystemTheProcessThatTheFileNamesHoldsIt() {
        let layered = locks([(30_233, "00:2a:13"), (30_225, "00:1b:13")])
        #expect(LockHolder.holder(of: 13, on: own, namedIn: 30_225, in: layered) == 30_225)
        // Of a process in another container the list has no number.
        #expect(LockHolder.holder(of: 13, on: own, namedIn: 1, in: locks([(0, "00:1b:13")])) == 0)
        #expect(LockHolder.holder(of: 13, on: own, namedIn: nil, in: layered) == 30_233)
        #expect(LockHolder.holder(of: 13, on: own, namedIn: 30_225, in: layered, comparesDevice: true) == nil)
    }

    /// As a child has it that was made by a fork and has not got to its exec yet.
    @Test func aSecondDescriptorDoesNotKeepTheLock() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("")
        var lock: DirectoryLock? = try DirectoryLock(directory: path, purpose: "directory")
        let open = (0..<1_024).first { number in
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(number)"))?
                .hasSuffix(path.split(separator: "/").last.map { "/\($0)/\(DirectoryLock.fileName)" } ?? "") ?? false
        }
        let copy = dup(Int32(try #require(open)))
        defer { close(copy) }
        lock = nil
        lock = try DirectoryLock(directory: path, purpose: "directory")
        withExtendedLifetime(lock) {}
    }

    @Test func aLockThatIsLetGoInAMomentIsTaken() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("")
        let held = open(path + "/" + DirectoryLock.fileName, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        #expect(flock(held, LOCK_EX) == 0)
        Thread.detachNewThread {
            usleep(50_000)
            flock(held, LOCK_UN)
            close(held)
        }
        _ = try DirectoryLock(directory: path, purpose: "directory")
    }
}
