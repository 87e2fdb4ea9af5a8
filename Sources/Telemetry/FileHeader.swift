internal import CTelemetry
internal import Glibc

/// What a file's first page says that never changes, checked.
struct FileHeader {
    let identity: ProcessIdentity
    let maximumBytes: Int
    let keyRingCapacity: UInt64

    /// A file that claims more is damaged.
    private static let mostBytes: UInt64 = 1 << 30

    init(_ descriptor: Int32, _ path: String) throws(TelemetryError) {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            throw .damaged(path, "it is no regular file")
        }
        let page = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(TM_HEADER_BYTES), alignment: 64)
        defer { page.deallocate() }
        guard pread(descriptor, page.baseAddress, page.count, 0) == page.count else {
            throw .damaged(path, "it is shorter than its header")
        }
        func word(_ index: Int32) -> UInt64 { page.load(fromByteOffset: Int(index) * 8, as: UInt64.self) }
        guard word(TM_WORD_MAGIC) == TM_MAGIC else { throw .damaged(path, "it does not begin like one") }
        guard word(TM_WORD_VERSION) == UInt64(TM_LAYOUT_VERSION) else {
            throw TelemetryError(
                code: .unsupportedVersion, path: path,
                message: "The telemetry file \(path) has layout \(word(TM_WORD_VERSION)) and this program reads layout "
                    + "\(TM_LAYOUT_VERSION): use the agent of the version that the service was built with.")
        }
        let maximum = word(TM_WORD_MAXIMUM_BYTES)
        let ring = word(TM_WORD_KEY_RING_CAPACITY)
        guard ring >= UInt64(TM_KEY_RING_CAPACITY_MINIMUM), ring <= UInt64(TM_KEY_RING_CAPACITY_MAXIMUM),
            ring & (ring - 1) == 0, word(TM_WORD_SERIES_CAPACITY) == UInt64(TM_SERIES_CAPACITY),
            word(TM_WORD_SLOW_RING_CAPACITY) == UInt64(TM_SLOW_RING_CAPACITY)
        else { throw .damaged(path, "its tables have impossible sizes") }
        let arena = UInt64(TM_KEY_RING_OFFSET) + ring * UInt64(TM_RING_ENTRY_BYTES)
        guard maximum <= Self.mostBytes, maximum >= arena, maximum % 4096 == 0, facts.st_size >= Int(arena) else {
            throw .damaged(path, "it claims up to \(maximum) bytes and has \(facts.st_size)")
        }
        func text(_ length: Int32, _ offset: Int32) throws(TelemetryError) -> String {
            guard word(length) <= UInt64(TM_NAME_BYTES) else { throw .damaged(path, "a name in it is too long") }
            let bytes = UnsafeRawBufferPointer(page)[Int(offset)...].prefix(Int(word(length)))
            return String(decoding: bytes, as: UTF8.self)
        }
        maximumBytes = Int(maximum)
        keyRingCapacity = ring
        identity = ProcessIdentity(
            id: hexadecimal(word(TM_WORD_ID_HIGH)) + hexadecimal(word(TM_WORD_ID_LOW)),
            pid: Int32(truncatingIfNeeded: word(TM_WORD_PID)), startedAtNanoseconds: word(TM_WORD_STARTED_AT),
            service: try text(TM_WORD_SERVICE_LENGTH, TM_SERVICE_OFFSET),
            environment: try text(TM_WORD_ENVIRONMENT_LENGTH, TM_ENVIRONMENT_OFFSET))
    }
}

extension TelemetryError {
    static func damaged(_ path: String, _ what: String) -> TelemetryError {
        TelemetryError(
            code: .damaged, path: path,
            message: "The telemetry file \(path) is damaged or none of Tidemark's, because \(what): set it aside.")
    }
}
