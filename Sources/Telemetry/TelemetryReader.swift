internal import CTelemetry
internal import Glibc

/// Reads one process' telemetry file, whether the process lives or not, and changes nothing in it.
///
/// The file is copied by `pread`, never mapped, and not trusted: every field is checked before it leads anywhere, and
/// whatever becomes of the file meanwhile, the answer is a valid one or an error.
public final class TelemetryReader {
    /// Whose file it is.
    public let identity: ProcessIdentity
    /// The file.
    public let path: String
    /// How far the key events have been read; set it to a kept one to go on from there.
    public var keyEventCursor = KeyEventCursor.start

    let header: FileHeader
    let descriptor: Int32
    /// The first event that was still being written at the last drain.
    var stalledPosition: UInt64?
    /// The sums of the key events at the last drain.
    var knownSums: (read: UInt64, write: UInt64) = (0, 0)
    /// How many events were lost whose units may still be in no sum; nil before the first drain. Of those that an earlier reader
    /// has passed over, as many as can be under way.
    var lostEvents: UInt64?
    private let buffer: TelemetryReadBuffer
    private var keys: [SeriesKey?] = []
    /// Whether there is one, place by place: asked for every key event.
    private var hasKey = [Bool](repeating: false, count: Int(TM_SERIES_CAPACITY))
    /// Places that key events named and that had no key, so that none is looked for twice in one drain.
    private var missingPlaces: Set<Int> = []

    /// Opens a telemetry file.
    /// - Parameters:
    ///   - path: the file; a symbolic link is refused.
    ///   - buffer: memory to copy into, which may be shared with readers that never work at the same time as this one.
    /// - Throws: ``TelemetryError`` when it cannot be opened, is damaged, or was written by a newer version.
    public init(path: String, buffer: TelemetryReadBuffer = TelemetryReadBuffer()) throws(TelemetryError) {
        let descriptor = tm_open_to_read(path)
        guard descriptor >= 0 else {
            let code = errno
            // O_NOFOLLOW's answer, whose own text speaks of too many levels.
            let reason = code == ELOOP ? "it is a symbolic link, and links are not followed" : errorText(code)
            let remedy = [EACCES: "; run as the service's user or in its group", ELOOP: "; name the file itself"][code]
            throw TelemetryError(
                code: .unreadable, path: path,
                message: "The telemetry file \(path) cannot be opened: \(reason)\(remedy ?? "").",
                isForWantOfDescriptors: code == EMFILE || code == ENFILE)
        }
        do throws(TelemetryError) {
            var facts = stat()
            guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
                if facts.st_mode & S_IFMT == S_IFDIR {
                    throw TelemetryError(
                        code: .damaged, path: path,
                        message:
                            "\(path) is a directory and no telemetry file: name one of those in it, which end with "
                            + "\(TelemetryDirectory.fileSuffix).")
                }
                throw .damaged(path, "it is no regular file")
            }
            var window = FileWindow(descriptor, buffer)
            guard let page = window.bytes(at: 0, Int(TM_HEADER_BYTES)) else {
                throw .damaged(path, "it is shorter than its header")
            }
            header = try FileHeader(page, path)
            guard facts.st_size >= header.arena else {
                throw .damaged(path, "it claims up to \(header.maximumBytes) bytes and has \(facts.st_size)")
            }
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        (self.path, self.descriptor, self.buffer, identity) = (path, descriptor, buffer, header.identity)
    }

    deinit { Glibc.close(descriptor) }

    /// Whether the process that writes the file still lives: it holds a lock for as long. False as well after it has
    /// closed the file.
    public func ownerIsAlive() -> Bool { tm_is_locked(descriptor) == 1 }

    /// Whether a name stands for the very file that is read.
    public func isFile(at path: String) -> Bool {
        var (own, other) = (stat(), stat())
        guard fstat(descriptor, &own) == 0, lstat(path, &other) == 0 else { return false }
        return own.st_ino == other.st_ino && own.st_dev == other.st_dev
    }

    // MARK: Checked access

    func damaged(_ what: String) -> TelemetryError { .damaged(path, what) }

    func makeWindow() -> FileWindow { FileWindow(descriptor, buffer) }

    /// How much of the file there is and the writer has been granted.
    func grantedBytes(_ window: inout FileWindow) throws(TelemetryError) -> Int {
        // The writer lets the file grow before it says so: asked in this order, what it says is never more than there is.
        window.forget()
        guard let word = window.bytes(at: Int(TM_WORD_GRANTED) * 8, 8) else { throw damaged("it was cut short") }
        return try grantedBytes(claimed: word.load(as: UInt64.self))
    }

    func grantedBytes(claimed granted: UInt64) throws(TelemetryError) -> Int {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_size >= header.arena else { throw damaged("it was cut short") }
        guard granted >= UInt64(header.arena), granted <= UInt64(min(Int(facts.st_size), header.maximumBytes)) else {
            throw damaged("it claims \(granted) bytes and has \(facts.st_size)")
        }
        return Int(granted)
    }

    /// The key of a registered series; nil where there is none. A key never changes once it is there.
    package func key(at place: Int) -> SeriesKey? {
        if place >= 0, place < keys.count, let key = keys[place] { return key }
        guard place >= 0, place < Int(TM_SERIES_CAPACITY) else { return nil }
        // Memory of its own, since this is asked in the middle of a drain; once for each place.
        var window = FileWindow(descriptor, TelemetryReadBuffer(byteCount: 4096))
        guard let granted = try? grantedBytes(&window),
            let entry = window.bytes(at: Int(TM_SERIES_DIRECTORY_OFFSET) + 4 * place, 4)?.load(as: UInt32.self),
            entry != 0
        else { return nil }
        let block = Int(entry) * Int(TM_UNIT)
        guard block >= header.arena, block <= granted - Int(TM_SERIES_BYTES) else { return nil }
        window.forget()
        guard let bytes = window.bytes(at: block, Int(TM_SERIES_BYTES)) else { return nil }
        return try? key(at: place, block: bytes)
    }

    /// Whether a place has a key.
    func knows(place: Int) -> Bool {
        if place < hasKey.count, hasKey[place] { return true }
        guard !missingPlaces.contains(place) else { return false }
        if key(at: place) != nil { return true }
        if place < Int(TM_SERIES_CAPACITY) { missingPlaces.insert(place) }
        return false
    }

    func forgetMissingPlaces() { if !missingPlaces.isEmpty { missingPlaces = [] } }

    /// The key in a series' block, remembered.
    func key(at place: Int, block: UnsafeRawPointer) throws(TelemetryError) -> SeriesKey {
        if place < keys.count, let key = keys[place] { return key }
        let lengths = block.load(fromByteOffset: Int(TM_SERIES_KEY_OFFSET), as: UInt64.self)
        let parts = (0..<4).map { Int(lengths >> UInt64(16 * $0) & 0xffff) }
        guard parts.reduce(0, +) <= Int(TM_SERIES_KEY_BYTES) else { throw damaged("a series' key is too long") }
        var start = block + Int(TM_SERIES_KEY_OFFSET) + 8
        let texts = parts.map { length in
            defer { start += length }
            return String(decoding: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self)
        }
        let key = SeriesKey(table: texts[0], index: texts[1], operation: texts[2], pattern: texts[3])
        while keys.count <= place { keys.append(nil) }
        keys[place] = key
        hasKey[place] = true
        return key
    }
}
