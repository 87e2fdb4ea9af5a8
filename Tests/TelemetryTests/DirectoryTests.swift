import Glibc
import Telemetry
import Testing

@Suite struct DirectoryTests {
    @Test func theDirectoryIsTakenFromTheEnvironmentInOrder() {
        let both = ["TIDEMARK_DIR": "/a", "RUNTIME_DIRECTORY": "/b:/c"]
        #expect(TelemetryDirectory.resolve(environment: both) == "/a")
        #expect(TelemetryDirectory.resolve(environment: ["RUNTIME_DIRECTORY": "/b:/c"]) == "/b")
        let fallback = TelemetryDirectory.resolve(environment: ["TIDEMARK_DIR": ""])
        #expect(fallback == "/run/tidemark" || fallback == "/dev/shm/tidemark-\(geteuid())")
        #expect(TelemetryDirectory.files(in: "/nonexistent").isEmpty)
    }

    @Test(arguments: ["/proc/tidemark", "/nonexistent/tidemark", "/dev/null", ""])
    func aDirectoryOfNoUseDegradesTheWriterAndNothingElse(path: String) throws {
        let writer = TelemetryWriter.open(.init(directory: path, service: "s", environment: "e"))
        expectDegraded(writer, mentioning: "TIDEMARK_DIR")
    }

    @Test func aDirectoryThatLetsOthersInIsRefused() throws {
        let directory = try TemporaryDirectory()
        #expect(chmod(directory.path, 0o777) == 0)
        expectDegraded(TelemetryWriter.open(directory.configuration()), mentioning: "chmod 0700")
        #expect(chmod(directory.path, 0o755) == 0)
        expectDegraded(TelemetryWriter.open(directory.configuration()), mentioning: "mode 0755")
        #expect(TelemetryDirectory.files(in: directory.path).isEmpty)
    }

    @Test func aSymbolicLinkIsRefused() throws {
        let (directory, target) = (try TemporaryDirectory(), try TemporaryDirectory())
        let link = directory.path + "/link"
        #expect(symlink(target.path, link) == 0)
        let writer = TelemetryWriter.open(.init(directory: link, service: "s", environment: "e"))
        expectDegraded(writer, mentioning: "symbolic link")
    }

    @Test(.enabled(if: geteuid() != 0, "root may write anywhere"))
    func aReadOnlyDirectoryDegradesTheWriter() throws {
        let directory = try TemporaryDirectory()
        #expect(chmod(directory.path, 0o500) == 0)
        expectDegraded(TelemetryWriter.open(directory.configuration()), mentioning: "cannot be made there")
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give a directory away"))
    func aDirectoryOfAnotherUserIsRefused() throws {
        let directory = try TemporaryDirectory()
        #expect(chown(directory.path, 65534, 65534) == 0)
        expectDegraded(TelemetryWriter.open(directory.configuration()), mentioning: "belongs to user 65534")
    }

    @Test func aDirectoryOnDiskWorksAndIsWarnedAbout() throws {
        let path = "/var/tmp/tidemark-test-\(getpid())"
        let writer = TelemetryWriter.open(.init(directory: path, service: "s", environment: "e"))
        defer {
            for file in TelemetryDirectory.files(in: path) { unlink(file) }
            rmdir(path)
        }
        let file = try #require(TelemetryDirectory.files(in: path).first)
        #expect(writer.status == .recording(path: file))
        var facts = statvfs()
        #expect(statvfs(path, &facts) == 0)
        #expect(writer.warning?.contains("not on tmpfs") ?? true)
        writer.record(call: CallRecord(durationNanoseconds: 1, outcome: .success), in: writer.slot(for: .other))
        #expect(try TelemetryReader(path: file).snapshot().unrecordedCalls == 1)
    }

    private func expectDegraded(_ writer: TelemetryWriter, mentioning text: String) {
        guard case .degraded(let reason) = writer.status else {
            Issue.record("it records")
            return
        }
        #expect(reason.contains(text), "\(reason)")
        let slot = writer.slot(for: SeriesKey(table: "Orders"))
        let call = CallRecord(durationNanoseconds: 1, outcome: .success)
        writer.record(attempt: AttemptRecord(durationNanoseconds: 1, outcome: .success), in: slot)
        writer.record(call: call, in: slot)
        writer.record(call: call, in: slot)
        writer.record(consumptionIn: slot, readMilliUnits: 1, writeMilliUnits: 1)
        writer.record("key", in: slot, read: 1)
        writer.recordSlowCall(call, in: slot, endedAtNanoseconds: 1, correlationID: "id")
        #expect(writer.unrecordedCalls == 2)
        writer.close()
    }
}
