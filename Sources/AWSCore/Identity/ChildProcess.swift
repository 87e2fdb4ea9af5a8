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
        /// It ended in time; something that it left behind did not close its output, and what came is not all of it.
        case leftOpen(Duration)
        case printedTooMuch(Int)

        var words: String {
            switch self {
            case .notStarted(let reason): "could not be started (\(reason))"
            case .tookTooLong(let limit): "did not end within \(limit)"
            case .leftOpen(let limit):
                "ended, but something that it started held its output open for \(limit), and what it printed is not whole"
            case .printedTooMuch(let limit): "printed more than \(limit) bytes"
            }
        }
    }

    /// How long output is waited for that a program that has ended may have left behind. Its own is in the pipe by then.
    private static let grace: Duration = .milliseconds(100)
    /// How often a program that prints nothing is asked whether it has ended.
    private static let pause: Duration = .milliseconds(20)

    /// Runs the program that the first word names, looked for in PATH, with this process's environment, nothing to read,
    /// in a process group of its own.
    ///
    /// - Parameter isWhole: whether a program that has ended well has printed everything by this, so that nobody has to wait for
    ///   what it has left running in the background with its output.
    static func run(
        _ words: [String], timeout: Duration, maximumBytes: Int,
        isWhole: @escaping @Sendable ([UInt8]) -> Bool = { _ in false }
    ) async throws(Failure) -> Output {
        let result: Result<Output, Failure> = await withCheckedContinuation { continuation in
            OwnThread.start {
                let result: Result<Output, Failure>
                do throws(Failure) {
                    result = .success(
                        try runAndWait(words, timeout: timeout, maximumBytes: maximumBytes, isWhole: isWhole))
                } catch {
                    result = .failure(error)
                }
                continuation.resume(returning: result)
            }
        }
        return try result.get()
    }

    private static func runAndWait(
        _ words: [String], timeout: Duration, maximumBytes: Int, isWhole: ([UInt8]) -> Bool
    ) throws(Failure) -> Output {
        let deadline = CallHooks.monotonicNanoseconds() + UInt64(clamping: timeout.nanoseconds)
        let output = try Pipe()
        let errors = try Pipe()
        let process = try spawn(words, output: output.writing, errors: errors.writing)
        output.closeWriting()
        errors.closeWriting()
        var collected = [[UInt8](), [UInt8]()]
        let failure = collect(
            [output.reading, errors.reading], of: process, into: &collected, deadline: deadline, timeout: timeout,
            maximumBytes: maximumBytes, isWhole: isWhole)
        var status: Int32 = 0
        if failure == nil, wait(for: process, &status, until: deadline) {
            return Output(status: Status(status), output: collected[0], errors: collected[1])
        }
        // The process group is its own: what it has started ends with it.
        kill(-process, SIGKILL)
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        throw failure ?? .tookTooLong(timeout)
    }

    /// Reads both ends until both are closed, or the program has ended and nothing more is waited for; what stopped it otherwise.
    private static func collect(
        _ descriptors: [Int32], of process: pid_t, into collected: inout [[UInt8]], deadline: UInt64,
        timeout: Duration, maximumBytes: Int, isWhole: ([UInt8]) -> Bool
    ) -> Failure? {
        var open = descriptors
        var end: End?
        var graceEnds = UInt64.max
        let pause = UInt64(clamping: Self.pause.nanoseconds)
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while open.contains(where: { $0 >= 0 }) {
            let now = CallHooks.monotonicNanoseconds()
            guard now < deadline else { return end == nil ? .tookTooLong(timeout) : .leftOpen(timeout) }
            if end == nil, let found = Self.end(of: process) {
                end = found
                graceEnds = now + UInt64(clamping: grace.nanoseconds)
            }
            if now >= graceEnds {
                if end == .bad || isWhole(collected[0]) { return nil }
                graceEnds = now + UInt64(clamping: grace.nanoseconds)
            }
            var polled = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            let milliseconds = Int32(clamping: min(deadline - now, pause) / 1_000_000 + 1)
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

    /// How a program ended.
    private enum End { case well, bad }

    /// How the program ended; nil while it runs. It is only looked at, and its number stays taken: its group may have to be ended.
    private static func end(of process: pid_t) -> End? {
        var facts = siginfo_t()
        let result = waitid(P_PID, id_t(process), &facts, WEXITED | WNOHANG | WNOWAIT)
        // The process ignores its children's ends: then nobody knows how this one ended.
        if result < 0 { return errno == ECHILD ? .well : nil }
        guard facts.si_signo == SIGCHLD else { return nil }
        return facts.si_code == Int32(CLD_EXITED) && facts._sifields._sigchld.si_status == 0 ? .well : .bad
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
