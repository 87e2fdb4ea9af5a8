internal import CTelemetry
internal import Glibc

/// One mapped telemetry file of this process, and what it has been granted of the file system.
///
/// `@unchecked Sendable`: records reach the mapping through atomics alone; everything else is serialised by the lock of
/// the writer that owns it.
final class TelemetryFile: @unchecked Sendable {
    /// Files grow in steps of this many bytes, so that registering a series seldom needs a system call.
    static let growthStep: UInt64 = 256 << 10
    /// Granted beyond what the series need, for chunks of series that spread wide.
    static let slack: UInt64 = 64 << 10
    /// Histogram chunks granted for each series: half of all octaves of its two histograms. More come from the pool.
    static let chunksPerSeries: UInt64 = 26

    let map: UnsafeMutablePointer<tm_map>
    /// Another one's once a new file is in this one's place.
    var fork: ForkGuard
    let path: String
    /// Where series blocks and chunks begin.
    let arena: UInt64
    /// Registrations refused since the last one that found room.
    var refusals: UInt64 = 0
    /// Whether memory of this process alone is in the file's place.
    var isPrivate = false

    private init(map: UnsafeMutablePointer<tm_map>, fork: ForkGuard, path: String) {
        self.map = map
        self.fork = fork
        self.path = path
        arena = UInt64(TM_KEY_RING_OFFSET) + map.pointee.key_ring_capacity * UInt64(TM_RING_ENTRY_BYTES)
    }

    deinit {
        munmap(map.pointee.base, Int(map.pointee.length))
        map.pointee.series.deallocate()
        map.deallocate()
    }

    var header: UnsafeMutablePointer<UInt64> { tm_header(map) }

    /// Whether somebody deleted the file, so that no agent that comes later finds it.
    var isDeleted: Bool {
        var facts = stat()
        return fork.file >= 0 && fstat(fork.file, &facts) == 0 && facts.st_nlink == 0
    }

    /// Says that nothing more will come, and lets go of the file. The mapping stays, so that a late record is harmless.
    func close() {
        guard fork.file >= 0, !fork.isForked else { return }
        tm_store_release(header + Int(TM_WORD_CLOSED), 1)
        // Closing alone would not do: the mapping holds the open file description, and with it the lock.
        _ = tm_unlock(fork.file)
        fork.closeFile()
    }

    /// Closes a file that has a successor and gives its memory back; a record that still comes is harmless and settled later.
    func letGo() {
        guard fork.file >= 0, !fork.isForked else { return }
        close()
        isPrivate = tm_map_private(map.pointee.base, Int(map.pointee.length)) == 0
    }

    /// Moves what was recorded into memory in this file's place into a series of the file that counts now.
    func settle(into series: UnsafeMutablePointer<UInt64>) {
        // Where the memory could not be put in place, this is the parent's file still, and nobody's to take from.
        guard tm_load(header + Int(TM_WORD_MAGIC)) == 0 else { return }
        let blocks = Set((0..<Int(TM_SERIES_CAPACITY)).map { tm_load(map.pointee.series + $0) })
        for address in blocks {
            guard let block = UnsafeMutablePointer<UInt64>(bitPattern: UInt(address)) else { continue }
            tm_settle(block + Int(TM_WORD_OUTCOMES), block + Int(TM_WORD_ATTEMPT_OUTCOMES), series)
        }
    }

    // MARK: Making it

    /// Makes a file without a name, or takes its name away at once: nothing of it is left.
    static func rehearse(in directory: borrowing OpenDirectory, keyEventCapacity: Int) throws(TelemetryError) {
        var descriptor = tm_create_unnamed(directory.descriptor, directory.fileMode)
        if descriptor < 0, errno == EOPNOTSUPP {
            let name = ".doctor-\(getpid())"
            descriptor = tm_create_named(directory.descriptor, name, directory.fileMode)
            if descriptor >= 0 { unlinkat(directory.descriptor, name, 0) }
        }
        guard descriptor >= 0 else { throw failure(directory.path, "a file cannot be made there: \(errorText())") }
        defer { Glibc.close(descriptor) }
        let smallest =
            UInt64(TM_KEY_RING_OFFSET) + UInt64(keyEventCapacity) * UInt64(TM_RING_ENTRY_BYTES) + seriesNeed
        let granted = tm_grant(descriptor, 0, smallest)
        guard granted == 0 else {
            throw failure(directory.path, "there is no room for \(smallest) bytes: \(errorText(granted))")
        }
    }

    /// Makes the file with room for the series, locks it, and only then gives it its name.
    static func create(
        in directory: borrowing OpenDirectory, identity: NewIdentity, maximumBytes: Int, keyEventCapacity: Int,
        series: [SeriesKey], fork: ForkGuard, unnamed: Bool
    ) throws(TelemetryError) -> TelemetryFile {
        let name = "\(identity.pid)-\(identity.idText)\(TelemetryDirectory.fileSuffix)"
        var temporary: String?
        var descriptor = unnamed ? tm_create_unnamed(directory.descriptor, directory.fileMode) : -1
        if descriptor < 0, !unnamed || errno == EOPNOTSUPP {
            // Readers pass over a name that starts with a dot, so that the file is not seen before it is locked.
            temporary = "." + name
            descriptor = tm_create_named(directory.descriptor, "." + name, directory.fileMode)
        }
        guard descriptor >= 0 else { throw failure(directory.path, "a file cannot be made there: \(errorText())") }
        fork.adopt(file: descriptor)
        do throws(TelemetryError) {
            let file = try make(
                descriptor, directory, name, identity, maximumBytes: maximumBytes, keyEventCapacity: keyEventCapacity,
                fork: fork)
            file.register(series)
            let named =
                temporary.map { renameat(directory.descriptor, $0, directory.descriptor, name) }
                ?? tm_link(descriptor, directory.descriptor, name)
            guard named == 0 else { throw failure(directory.path, "the file cannot be named: \(errorText())") }
            return file
        } catch {
            if let temporary { unlinkat(directory.descriptor, temporary, 0) }
            fork.reset()
            throw error
        }
    }

    private static func make(
        _ descriptor: Int32, _ directory: borrowing OpenDirectory, _ name: String, _ identity: NewIdentity,
        maximumBytes: Int, keyEventCapacity: Int, fork: ForkGuard
    ) throws(TelemetryError) -> TelemetryFile {
        let arena = UInt64(TM_KEY_RING_OFFSET) + UInt64(keyEventCapacity) * UInt64(TM_RING_ENTRY_BYTES)
        let smallest = arena + seriesNeed
        var trouble: String?
        if fchmod(descriptor, mode_t(directory.fileMode)) != 0 || tm_lock(descriptor) != 0 {
            trouble = "a file there cannot be locked: \(errorText())"
        } else if smallest > UInt64(maximumBytes) {
            trouble = "\(maximumBytes) bytes are less than the \(smallest) that the smallest file takes"
        } else {
            let granted = tm_grant(descriptor, 0, smallest)
            if granted != 0 { trouble = "there is no room for \(smallest) bytes: \(errorText(granted))" }
        }
        guard trouble == nil, let base = tm_map_to_write(maximumBytes, descriptor) else {
            throw failure(directory.path, trouble ?? "the file cannot be mapped: \(errorText())")
        }
        fork.adopt(mapping: base, length: maximumBytes)
        let map = makeMap(base, maximumBytes: maximumBytes, keyEventCapacity: keyEventCapacity)
        let file = TelemetryFile(map: map, fork: fork, path: directory.path + "/" + name)
        file.writeHeader(identity, granted: smallest)
        return file
    }

    private static func makeMap(
        _ base: UnsafeMutableRawPointer, maximumBytes: Int, keyEventCapacity: Int
    ) -> UnsafeMutablePointer<tm_map> {
        let places = UnsafeMutablePointer<UInt64>.allocate(capacity: Int(TM_SERIES_CAPACITY))
        places.initialize(repeating: 0, count: Int(TM_SERIES_CAPACITY))
        let map = UnsafeMutablePointer<tm_map>.allocate(capacity: 1)
        map.initialize(
            to: tm_map(
                base: base.assumingMemoryBound(to: UInt8.self), length: UInt64(maximumBytes),
                key_ring_capacity: UInt64(keyEventCapacity), series: places))
        return map
    }

    private func writeHeader(_ identity: NewIdentity, granted: UInt64) {
        put(TM_WORD_VERSION, UInt64(TM_LAYOUT_VERSION))
        put(TM_WORD_REVISION, UInt64(TM_REVISION))
        put(TM_WORD_ID_HIGH, identity.idHigh)
        put(TM_WORD_ID_LOW, identity.idLow)
        put(TM_WORD_PID, UInt64(UInt32(bitPattern: identity.pid)))
        put(TM_WORD_STARTED_AT, identity.startedAtNanoseconds)
        put(TM_WORD_MAXIMUM_BYTES, map.pointee.length)
        put(TM_WORD_KEY_RING_CAPACITY, map.pointee.key_ring_capacity)
        put(TM_WORD_SERIES_CAPACITY, UInt64(TM_SERIES_CAPACITY))
        put(TM_WORD_SLOW_RING_CAPACITY, UInt64(TM_SLOW_RING_CAPACITY))
        put(TM_WORD_SERVICE_LENGTH, putText(identity.service, at: TM_SERVICE_OFFSET))
        put(TM_WORD_ENVIRONMENT_LENGTH, putText(identity.environment, at: TM_ENVIRONMENT_OFFSET))
        put(TM_WORD_ARENA_CURSOR, arena)
        put(TM_WORD_GRANTED, granted)
        // `other` first: every place of the table then leads somewhere.
        _ = addBlock(.other, at: 0)
        tm_store_release(header + Int(TM_WORD_MAGIC), TM_MAGIC)
    }

    private func put(_ word: Int32, _ value: UInt64) { tm_store_release(header + Int(word), value) }

    private func putText(_ text: String, at offset: Int32) -> UInt64 {
        let bytes = Array(text.utf8.prefix(Int(TM_NAME_BYTES)))
        (map.pointee.base + Int(offset)).update(from: bytes, count: bytes.count)
        return UInt64(bytes.count)
    }

    private static func failure(_ directory: String, _ what: String) -> TelemetryError {
        TelemetryError(
            code: .unreadable, path: directory,
            message:
                "Nothing is recorded in the telemetry directory \(directory), because \(what); make room there, or "
                + "set TIDEMARK_DIR to another directory of mode 0700.")
    }
}
