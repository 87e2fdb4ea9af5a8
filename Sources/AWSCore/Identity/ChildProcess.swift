internal import CCrypto
internal import Glibc

/// One program run to its end, without a shell, on a thread of its own.
enum ChildProcess {
    struct Output: Sendable {
        var status: Status
        var output: [UInt8]
        var errors: [UInt8]
    }

    enum Status: Sendable, Equatable {
        case exited(Int32)
        case killed(signal: Int32)

        init(_ raw: Int32) {
            self = raw & 0x7F == 0 ? .exited(raw >> 8 & 0xFF) : .killed(signal: raw & 0x7F)
        }

        var words: String {
            switch self {
            case .exited(let code): "ended with status \(code)"
            case .killed(let signal): "was ended by signal \(signal)"
            }
        }
    }

    enum Failure: Error, Equatable {
        case notStarted(String)
        case tookTooLong(Duration)
        case printedTooMuch(Int)

        var words: String {
            switch self {
            case .notStarted(let reason): "could not be started (\(reason))"
            case .tookTooLong(let limit): "did not end within \(limit)"
            case .printedTooMuch(let limit): "printed more than \(limit) bytes"
            }
        }
    }

    /// Runs the program that the first word names, looked for in PATH, with this process's environment, nothing to read,
    /// in a process group of its own.
    static func run(
        _ words: [String], timeout: Duration, maximumBytes: Int
    ) async throws(Failure) -> Output {
        let result: Result<Output, Failure> = await withCheckedContinuation { continuation in
            OwnThread.start {
                let result: Result<Output, Failure>
                do throws(Failure) {
                    result = .success(try runAndWait(words, timeout: timeout, maximumBytes: maximumBytes))
                } catch {
                    result = .failure(error)
                }
                continuation.resume(returning: result)
            }
        }
        return try result.get()
    }

    private static func runAndWait(
        _ words: [String], timeout: Duration, maximumBytes: Int
    ) throws(Failure) -> Output {
        let deadline = CallHooks.monotonicNanoseconds() + UInt64(clamping: timeout.nanoseconds)
        let output = try Pipe()
        let errors = try Pipe()
        let process = try spawn(words, output: output.writing, errors: errors.writing)
        output.closeWriting()
        errors.closeWriting()
        var collected = [[UInt8](), [UInt8]()]
        let failure = collect(
            [output.reading, errors.reading], into: &collected, deadline: deadline, timeout: timeout,
            maximumBytes: maximumBytes)
        var status: Int32 = 0
        if failure == nil, wait(for: process, &status, until: deadline) {
            return Output(status: Status(status), output: collected[0], errors: collected[1])
        }
        // The process group is its own: what it has started ends with it.
        kill(-process, SIGKILL)
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        throw failure ?? .tookTooLong(timeout)
    }

    /// Reads both ends until both are closed; what stopped it otherwise.
    private static func collect(
        _ descriptors: [Int32], into collected: inout [[UInt8]], deadline: UInt64, timeout: Duration, maximumBytes: Int
    ) -> Failure? {
        var open = descriptors
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while open.contains(where: { $0 >= 0 }) {
            let now = CallHooks.monotonicNanoseconds()
            guard now < deadline else { return .tookTooLong(timeout) }
            var polled = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            let milliseconds = Int32(clamping: (deadline - now) / 1_000_000 + 1)
            guard poll(&polled, nfds_t(polled.count), milliseconds) >= 0 || errno == EINTR else {
                return .notStarted(String(cString: strerror(errno)))
            }
            for index in polled.indices where polled[index].fd >= 0 && polled[index].revents != 0 {
                let count = read(polled[index].fd, &chunk, chunk.count)
                if count > 0 {
                    collected[index].append(contentsOf: chunk[..<count])
                    if collected[index].count > maximumBytes { return .printedTooMuch(maximumBytes) }
                } else if count == 0 || errno != EINTR {
                    open[index] = -1
                }
            }
        }
        return nil
    }

    /// Whether it has ended by then. Its pipes are closed, so that it is about to.
    private static func wait(for process: pid_t, _ status: inout Int32, until deadline: UInt64) -> Bool {
        while true {
            let ended = waitpid(process, &status, WNOHANG)
            if ended == process { return true }
            // The process ignores its children's ends: then nobody knows how this one ended, and its output decides.
            if ended < 0 && errno == ECHILD { return true }
            guard CallHooks.monotonicNanoseconds() < deadline else { return false }
            poll(nil, 0, 5)
        }
    }

    private static func spawn(_ words: [String], output: Int32, errors: Int32) throws(Failure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var pipeSignal = sigset_t()
        sigemptyset(&pipeSignal)
        sigaddset(&pipeSignal, SIGPIPE)
        // A service may block signals and ignore SIGPIPE; the program shall start as from a shell, in a group of its own.
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &pipeSignal)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var process: pid_t = 0
        let status = posix_spawnp(&process, words[0], &actions, &attributes, &arguments, tidemark_environment())
        guard status == 0 else { throw .notStarted(String(cString: strerror(status))) }
        return process
    }

    /// Both ends of a pipe, closed with the value.
    private final class Pipe {
        let reading: Int32
        private(set) var writing: Int32

        init() throws(Failure) {
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { throw .notStarted(String(cString: strerror(errno))) }
            // Not for other programs that start meanwhile; the overlay has no pipe2.
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            (reading, writing) = (ends[0], ends[1])
        }

        func closeWriting() {
            if writing >= 0 { close(writing) }
            writing = -1
        }

        deinit {
            closeWriting()
            close(reading)
        }
    }
}

/// A thread for work that blocks, which Swift's own pool must not.
enum OwnThread {
    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Runs it on a new thread, or here where the system gives none.
    static func start(_ body: @escaping @Sendable () -> Void) {
        let work = Unmanaged.passRetained(Work(body))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, work.toOpaque())
        if status == 0 {
            pthread_detach(thread)
        } else {
            work.takeRetainedValue().body()
        }
    }
}
