internal import CTelemetry
internal import Glibc
internal import Synchronization

/// Counts what a service's calls do in a telemetry file, from which an agent reads.
///
/// One a process, opened at start and shared by all threads. Recording takes no lock, allocates nothing, makes no system
/// call and cannot fail: where there is no file, calls are counted by outcome until there is one, and then become
/// ``SeriesKey/other``'s.
///
/// `@unchecked Sendable`: records reach memory through atomics alone; every variable is guarded by `lock`.
public final class TelemetryWriter: @unchecked Sendable {
    /// Where and how to record.
    public struct Configuration: Sendable {
        /// The directory of the telemetry files; `nil` means ``TelemetryDirectory/resolve(environment:)``.
        public var directory: String?
        /// The service's name, at most 512 bytes.
        public var service: String
        /// The environment's name, such as `production`, at most 512 bytes.
        public var environment: String
        /// The file's size at most, in bytes; 32 MB by default, and at most 1 GB. It is not taken before it is needed.
        public var maximumBytes: Int
        /// How many key events wait for an agent before the oldest are overwritten, 128 bytes each: 8,192 by default,
        /// rounded up to a power of two in 16...1,048,576.
        public var keyEventCapacity: Int
        /// The environment variables that name the directory.
        public var environmentVariables: [String: String]
        /// The start time to write down in nanoseconds since 1970; `nil` means now.
        public var startedAtNanoseconds: UInt64?
        /// The random 128-bit id to write down, upper and lower half; `nil` means a new one.
        public var identifier: (upper: UInt64, lower: UInt64)?
        /// Whether to do as on a file system that has no unnamed files.
        package var avoidsUnnamedFiles = false
        /// Nanoseconds of a clock that never goes back.
        package var monotonicClock: @Sendable () -> UInt64 = { tm_monotonic_nanoseconds() }

        /// Whether anything is recorded at all; true by default, false for tools that are no service.
        public var isEnabled = true

        /// See the properties.
        public init(
            directory: String? = nil, service: String, environment: String, maximumBytes: Int = 32 << 20,
            keyEventCapacity: Int = 8192, environmentVariables: [String: String] = [:]
        ) {
            self.directory = directory
            self.service = service
            self.environment = environment
            self.maximumBytes = maximumBytes
            self.keyEventCapacity = keyEventCapacity
            self.environmentVariables = environmentVariables
        }
    }

    /// Whether calls are recorded.
    public enum Status: Sendable, Equatable {
        /// They are, in this file.
        case recording(path: String)
        /// They are not, for this reason: one sentence that says what to do.
        case degraded(reason: String)
    }

    let configuration: Configuration
    let lock: Lock
    let fork: ForkGuard
    /// One word: the address of the current file's map, 0 for none.
    let current: UnsafeMutablePointer<UInt64>
    /// Calls by outcome that found no file, then attempts by outcome: `TM_OUTCOME_PLACES` words each.
    let unrecorded: UnsafeMutablePointer<UInt64>
    /// All files of this object; a record that began before a fork or a close may still be on its way to an older one.
    var files: [TelemetryFile] = []
    /// Deleted files in whose place there is a new one. They count as written until the next look, so that a record that was
    /// on its way to one is there before an agent reads it for the last time.
    var replaced: [TelemetryFile] = []
    /// When the file is looked at again, by the clock of whoever asks.
    let nextLook = Atomic<UInt64>(0)
    private var places: [SeriesKey: UInt32] = [:]
    /// The registered keys by place, `other` first: a file that replaces another one gives each its place again.
    private var keys: [SeriesKey] = [.other]
    var trouble: String?
    var directoryWarning: String?
    var isClosed = false
    /// When a file that could not be made is tried again, by the monotonic clock.
    private var nextTry: UInt64 = 0
    /// Whether there may be records that are in no file.
    private var wasWithoutFile = false
    private static let retryNanoseconds: UInt64 = 1_000_000_000
    private static let unrecordedWords = 2 * Int(TM_OUTCOME_PLACES)

    private init(_ configuration: Configuration, preregister: [SeriesKey]) {
        self.configuration = configuration
        lock = Lock()
        current = .allocate(capacity: 1)
        current.initialize(to: 0)
        unrecorded = .allocate(capacity: Self.unrecordedWords)
        unrecorded.initialize(repeating: 0, count: Self.unrecordedWords)
        fork = ForkGuard(lock: lock, own: unrecorded, ownWords: Self.unrecordedWords)
        for key in preregister where key != .other && places[key] == nil && TelemetryFile.fits(key) {
            guard keys.count < Int(TM_SERIES_CAPACITY) else { break }
            places[key] = UInt32(keys.count)
            keys.append(key)
        }
        lock.withLock { openFile() }
    }

    deinit {
        lock.withLock { closeFile() }
        fork.stop()
        for file in files { file.fork.stop() }
        current.deallocate()
        unrecorded.deallocate()
    }

    /// Opens a process' telemetry file. Never fails: where the directory is of no use, ``status`` says why, the service goes
    /// on, and ``slot(for:)`` tries again, at most once a second.
    /// - Parameters:
    ///   - configuration: where and how to record.
    ///   - preregister: series that have their place from the start, such as a contract's patterns: whatever comes
    ///     later, they never share ``SeriesKey/other``. At most 2,047.
    public static func open(_ configuration: Configuration, preregister: [SeriesKey] = []) -> TelemetryWriter {
        TelemetryWriter(configuration, preregister: preregister)
    }

    /// Whether calls are recorded, and where, or why not.
    public var status: Status {
        lock.withLock {
            if isClosed { return .degraded(reason: "The telemetry file was closed: open a new one.") }
            if fork.isForked, let file = files.last {
                return .degraded(
                    reason: "This process was forked from \(file.path)'s: its next new series opens a file.")
            }
            if let trouble { return .degraded(reason: trouble) }
            return .recording(path: files.last?.path ?? "")
        }
    }

    /// What is not as it should be although calls are recorded, in one sentence; `nil` when all is well.
    public var warning: String? { lock.withLock { directoryWarning } }

    /// Calls that are in no file so far, because there was none. Once there is one, they are in its ``SeriesKey/other``.
    public var unrecordedCalls: UInt64 {
        (0..<Int(TM_OUTCOME_PLACES)).reduce(0) { $0 &+ tm_load(unrecorded + $1) }
    }

    /// Whether a kept slot is of no use at the moment: there is no file, or it is the one of the process that this one was
    /// forked from. ``slot(for:)`` then tries to make one. Takes no lock.
    public var isWithoutFile: Bool { tm_current(current) == nil || fork.isForked }

    /// A series' place, registered when it is new. Takes a lock: ask once and keep the answer.
    /// - Parameter key: what the series counts, at most 888 bytes of UTF-8 in all.
    /// - Returns: the place of ``SeriesKey/other`` when the key is too long, the file is full, or there is none: asking
    ///   again later may then find room.
    public func slot(for key: SeriesKey) -> SeriesSlot {
        lock.withLock {
            if !isClosed { makeUpForMissingFile() }
            guard tm_current(current) != nil else { return SeriesSlot(index: 0) }
            if let place = places[key] { return SeriesSlot(index: place) }
            guard key != .other, TelemetryFile.fits(key), trouble == nil, let file = files.last,
                file.register(key, at: keys.count)
            else { return SeriesSlot(index: 0) }
            places[key] = UInt32(keys.count)
            keys.append(key)
            return SeriesSlot(index: UInt32(keys.count - 1))
        }
    }

    /// Says in the file that nothing more will come and lets go of it, so that an agent may finish with it. What is
    /// recorded later may not be read by anybody.
    public func close() {
        lock.withLock {
            closeFile()
            isClosed = true
        }
    }

    private func closeFile() {
        guard !isClosed, !fork.isForked else { return }
        closeReplaced()
        settle(thoroughly: true)
        files.last?.close()
    }

    // MARK: A file that was not there in time. Under the lock.

    private func makeUpForMissingFile() {
        let isDue = trouble != nil && configuration.isEnabled && configuration.monotonicClock() >= nextTry
        guard fork.isForked || isDue else {
            if wasWithoutFile { settle(thoroughly: false) }
            return
        }
        openFile()
        settle(thoroughly: true)
    }

    /// Counts into `other` what was recorded while there was no file. A record that found none a moment ago may still be on
    /// its way, so this is done again at every opportunity.
    private func settle(thoroughly: Bool) {
        guard trouble == nil, let file = files.last else { return }
        let other = tm_series(file.map, 0)
        tm_settle(unrecorded, unrecorded + Int(TM_OUTCOME_PLACES), other)
        guard thoroughly else { return }
        for file in files.dropLast() where file.isPrivate { file.settle(into: other) }
    }

    /// Opens a file with every key at its place. Under the lock.
    private func openFile() {
        if fork.isForked {
            files.last?.isPrivate = true
            wasWithoutFile = true
        }
        fork.reset()
        guard configuration.isEnabled else {
            trouble = "Recording is turned off."
            return
        }
        do throws(TelemetryError) {
            use(try makeFile(NewIdentity(configuration), fork: fork))
        } catch {
            trouble = error.message
            wasWithoutFile = true
            nextTry = configuration.monotonicClock() &+ Self.retryNanoseconds
            tm_store_release(current, 0)
        }
    }

    /// A file with every key at its place. Under the lock.
    func makeFile(_ identity: NewIdentity, fork: ForkGuard) throws(TelemetryError) -> TelemetryFile {
        let directory = try OpenDirectory.open(
            configuration.directory ?? TelemetryDirectory.resolve(environment: configuration.environmentVariables))
        let file = try TelemetryFile.create(
            in: directory, identity: identity,
            maximumBytes: min(max(configuration.maximumBytes, 4096), 1 << 30) / 4096 * 4096,
            keyEventCapacity: Self.roundedCapacity(configuration.keyEventCapacity),
            series: Array(keys.dropFirst()), fork: fork, unnamed: !configuration.avoidsUnnamedFiles)
        directoryWarning = directory.warning
        return file
    }

    /// From now on records go to this file. Under the lock.
    func use(_ file: TelemetryFile) {
        files.append(file)
        trouble = nil
        tm_store_release(current, UInt64(UInt(bitPattern: file.map)))
    }

    private static func roundedCapacity(_ wanted: Int) -> Int {
        var capacity = Int(TM_KEY_RING_CAPACITY_MINIMUM)
        while capacity < wanted, capacity < Int(TM_KEY_RING_CAPACITY_MAXIMUM) { capacity *= 2 }
        return capacity
    }
}

/// What a new file says about its process.
struct NewIdentity {
    var idHigh: UInt64
    var idLow: UInt64
    var pid: Int32
    var startedAtNanoseconds: UInt64
    var service: String
    var environment: String

    init(_ configuration: TelemetryWriter.Configuration) {
        idHigh = configuration.identifier?.upper ?? UInt64.random(in: .min ... .max)
        idLow = configuration.identifier?.lower ?? UInt64.random(in: .min ... .max)
        pid = getpid()
        startedAtNanoseconds = configuration.startedAtNanoseconds ?? tm_wall_clock_nanoseconds()
        service = configuration.service
        environment = configuration.environment
    }

    /// Makes it that of a file which begins now.
    mutating func renew() {
        idHigh = UInt64.random(in: .min ... .max)
        idLow = UInt64.random(in: .min ... .max)
        startedAtNanoseconds = tm_wall_clock_nanoseconds()
    }

    var idText: String { hexadecimal(idHigh) + hexadecimal(idLow) }
}

/// 16 hexadecimal digits.
func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}
