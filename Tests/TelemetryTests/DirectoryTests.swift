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

    /// A unit's or a container's environment, in which no shell has put a home directory in its place.
    @Test(arguments: ["~", "~/", "~/telemetry"])
    func aPathThatOnlyAShellUnderstandsIsRefused(path: String) throws {
        let writer = TelemetryWriter.open(.init(directory: path, service: "s", environment: "e"))
        expectDegraded(
            writer, mentioning: "begins with ~, which means something to a shell alone: write the whole path")
        #expect(access("~", F_OK) != 0, "nothing of that name is made in the working directory")
        #expect(throws: TelemetryError.self) { try TelemetryDirectory.rehearse(path) }
    }

    @Test func aDirectoryThatLetsOthersInIsRefused() throws {
        let directory = try TemporaryDirectory()
        #expect(chmod(directory.path, 0o777) == 0)
        expectDegraded(TelemetryWriter.open(directory.configuration()), mentioning: "mode 0777, which lets others in;")
        #expect(chmod(directory.path, 0o755) == 0)
        expectDegraded(TelemetryWriter.open(directory.configuration()), mentioning: "mode 0755")
        expectDegraded(TelemetryWriter.open(directory.configuration()), mentioning: "chmod 0700")
        #expect(TelemetryDirectory.files(in: directory.path).isEmpty)
    }

    @Test(arguments: [
        ("/home/x/files", UInt32(1_000), UInt32(0o755), true), ("/home/x/files", 1_000, 0o40770, true),
        ("/home/x/files", 0, 0o755, false), ("/home/x/files", 1_000, 0o1755, false),
        ("/home/x/files", 1_000, 0o757, false), ("/home/x", 1_000, 0o755, false), ("/var/tmp", 1_000, 0o755, false),
        ("/dev/shm", 1_000, 0o755, false),
    ])
    func whatOthersUseTooIsNotClosedToThem(_ path: String, _ owner: UInt32, _ mode: UInt32, _ isOwn: Bool) {
        #expect(TelemetryDirectory.isOwn(path, owner: owner, mode: mode, user: 1_000, home: "/home/x") == isOwn)
    }

    @Test func nobodyIsToldToCloseTheDirectoryOfAll() throws {
        #expect(TelemetryDirectory.advice(for: "/tmp").contains("Name a directory of its own with TIDEMARK_DIR"))
        #expect(!TelemetryDirectory.advice(for: "/tmp").contains("chmod"))
        expectDegraded(
            TelemetryWriter.open(.init(directory: "/tmp", service: "s", environment: "e")),
            mentioning: "mode 01777, which lets others in;")
        let directory = try TemporaryDirectory()
        #expect(chmod(directory.path, 0o755) == 0)
        #expect(TelemetryDirectory.advice(for: directory.path).hasPrefix("chmod 0700 \(directory.path)"))
    }

    @Test func nobodyIsToldToOpenAFile() throws {
        let directory = try TemporaryDirectory()
        let file = directory.path + "/file"
        let descriptor = open(file, O_CREAT | O_WRONLY, 0o600)
        #expect(descriptor >= 0 && close(descriptor) == 0)
        let advice = TelemetryDirectory.advice(for: file)
        #expect(!advice.contains("chmod") && advice.contains("Name a directory of its own with TIDEMARK_DIR"))
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

    // MARK: Rehearsals

    /// A doctor says what a service would say, whatever the user may do, and leaves nothing.
    @Test(arguments: ["/proc/tidemark", "/nonexistent/tidemark", "/dev/null", "/dev/null/tidemark", "/tmp"])
    func aRehearsalSaysWhatAServiceWould(path: String) throws {
        let writer = TelemetryWriter.open(.init(directory: path, service: "s", environment: "e"))
        guard case .degraded(let reason) = writer.status else {
            Issue.record("it records in \(path)")
            return
        }
        let error = #expect(throws: TelemetryError.self) { try TelemetryDirectory.rehearse(path) }
        #expect(error?.message == reason && error?.path == path)
    }

    @Test func aRehearsalLeavesNothing() throws {
        let home = try TemporaryDirectory()
        let path = home.path + "/files"
        for name in [path, path + "/"] {
            #expect(try TelemetryDirectory.rehearse(name).isThere == false)
            #expect(TelemetryDirectory.names(in: home.path).isEmpty)
        }
        #expect(mkdir(path, 0o700) == 0)
        let found = try TelemetryDirectory.rehearse(path)
        #expect(found.isThere && found.isInMemory == TelemetryDirectory.isInMemory(path))
        #expect(TelemetryDirectory.names(in: path).isEmpty && TelemetryDirectory.names(in: home.path) == ["files"])
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
