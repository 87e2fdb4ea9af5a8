import Glibc
import Telemetry
import Testing

/// A new directory of mode 0700, on tmpfs, removed with what it holds.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array("/dev/shm/tidemark-test-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    deinit {
        if let stream = opendir(path) {
            while let entry = readdir(stream) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name != ".", name != ".." { unlink(path + "/" + name) }
            }
            closedir(stream)
        }
        rmdir(path)
    }

    func configuration(maximumBytes: Int = 32 << 20, keyEventCapacity: Int = 8192) -> TelemetryWriter.Configuration {
        .init(
            directory: path, service: "checkout", environment: "test", maximumBytes: maximumBytes,
            keyEventCapacity: keyEventCapacity)
    }

    func onlyFile() throws -> String {
        let files = TelemetryDirectory.files(in: path)
        try #require(files.count == 1, "\(files)")
        return files[0]
    }

    func reader() throws -> TelemetryReader { try TelemetryReader(path: onlyFile()) }
}

func readBytes(_ path: String) throws -> [UInt8] {
    let file = open(path, O_RDONLY)
    try #require(file >= 0)
    defer { close(file) }
    var facts = stat()
    fstat(file, &facts)
    var bytes = [UInt8](repeating: 0, count: Int(facts.st_size))
    let count = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, 0) }
    try #require(count == bytes.count)
    return bytes
}

func writeBytes(_ bytes: [UInt8], to path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    try #require(file >= 0)
    defer { close(file) }
    try #require(bytes.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) } == bytes.count)
}

extension [UInt8] {
    func word(_ offset: Int) -> UInt64 {
        (0..<8).reduce(0) { $0 | UInt64(self[offset + $1]) << UInt64(8 * $1) }
    }

    func half(_ offset: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(self[offset + $1]) << (8 * $1) }
    }

    func text(_ offset: Int, _ length: Int) -> String {
        String(decoding: self[offset..<offset + length], as: UTF8.self)
    }
}

extension TelemetrySnapshot {
    func series(_ key: SeriesKey) throws -> SeriesSnapshot { try #require(series.first { $0.key == key }) }
}

extension TelemetryWriter {
    func record(_ text: String, in slot: SeriesSlot, read: UInt64 = 0, write: UInt64 = 0, throttled: Bool = false) {
        Array(text.utf8).withUnsafeBytes {
            record(key: $0, in: slot, readMilliUnits: read, writeMilliUnits: write, throttled: throttled)
        }
    }
}

/// The `telemetry-writer-process` that was built beside the tests.
final class WriterProcess {
    let pid: pid_t
    private let input: Int32
    private let output: Int32

    init(_ arguments: [String]) throws {
        var path = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &path, 4095)
        try #require(length > 0)
        let here = String(decoding: path.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let program = here.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/telemetry-writer-process"
        var toChild: [Int32] = [0, 0]
        var fromChild: [Int32] = [0, 0]
        try #require(pipe(&toChild) == 0 && pipe(&fromChild) == 0)
        // No other child of the tests may hold these open.
        for end in toChild + fromChild { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
        posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var child: pid_t = 0
        let result = posix_spawn(&child, program, &actions, nil, words, environ)
        close(toChild[0])
        close(fromChild[1])
        try #require(result == 0, "\(program) cannot be started: \(String(cString: strerror(result)))")
        (pid, input, output) = (child, toChild[1], fromChild[0])
    }

    deinit {
        close(input)
        close(output)
    }

    /// Waits for a line of output.
    func waitForLine() { _ = readLine() }

    func readLine() -> String {
        var (line, byte): ([UInt8], UInt8) = ([], 0)
        while read(output, &byte, 1) == 1, byte != 10 { line.append(byte) }
        return String(decoding: line, as: UTF8.self)
    }

    func closeInput() { dup2(output, input) }

    func killAndWait() {
        kill(pid, SIGKILL)
        wait()
    }

    func wait() { while waitpid(pid, nil, 0) < 0, errno == EINTR {} }
}
