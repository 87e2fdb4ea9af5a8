import Foundation

/// A process that a test started, with its output in files. Whoever forgets it leaves none behind: it is killed with the
/// value.
///
/// Not Foundation's `Process`, which hands down the signal mask of the thread it is started on: a worker thread blocks
/// SIGTERM, and then nothing can be asked to end.
final class ChildProcess {
    /// The last words of a process.
    struct End {
        /// The exit status; minus the signal's number where a signal ended it.
        var status: Int32
        var output: String
        var errors: String
    }

    /// It could not be started, or it did not end.
    struct Failure: Error { var reason: String }

    private let outputPath: String
    private let errorPath: String
    let number: pid_t
    private var status: Int32?

    /// Starts a program.
    /// - Parameter logs: the beginning of the paths of the two files that take its output.
    init(_ program: String, _ arguments: [String], environment: [String: String], logs: String) throws {
        outputPath = logs + ".out"
        errorPath = logs + ".err"
        number = try ChildProcess.spawn(
            [program] + arguments, environment: environment.map { "\($0)=\($1)" }, output: outputPath, errors: errorPath
        )
    }

    deinit {
        guard isRunning else { return }
        kill(number, SIGKILL)
        waitpid(number, nil, 0)
    }

    private static func spawn(
        _ arguments: [String], environment: [String], output: String, errors: String
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var texts = arguments.map { strdup($0) } + [nil]
        var variables = environment.map { strdup($0) } + [nil]
        defer { for text in texts + variables { free(text) } }
        var number: pid_t = 0
        let problem = posix_spawn(&number, arguments[0], &actions, &attributes, &texts, &variables)
        guard problem == 0 else { throw Failure(reason: "\(arguments[0]): \(String(cString: strerror(problem)))") }
        return number
    }

    /// What it has printed so far.
    var output: String { ChildProcess.text(outputPath) }
    /// What it has said on standard error so far.
    var errors: String { ChildProcess.text(errorPath) }

    var isRunning: Bool {
        guard status == nil else { return false }
        var raw: Int32 = 0
        guard waitpid(number, &raw, WNOHANG) == number else { return true }
        let signal = raw & 0x7F
        status = signal == 0 ? (raw >> 8) & 0xFF : -signal
        return false
    }

    /// Sends a signal, unless the process has ended: then its number may be another's.
    func signal(_ signal: Int32) {
        if isRunning { kill(number, signal) }
    }

    /// Waits for its end.
    func end(limit: Duration = .seconds(180)) async throws -> End {
        try await eventually("the end of the process that writes \(errorPath)", limit: limit) { !isRunning }
        guard let status else { throw Failure(reason: "no status") }
        return End(status: status, output: output, errors: errors)
    }

    /// Asks it to end and waits until it has.
    func stop(_ signal: Int32 = SIGTERM) async throws -> End {
        self.signal(signal)
        return try await end()
    }

    private static func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
}
