internal import CTelemetry
internal import Glibc

/// What a file's first page says that never changes, checked.
struct FileHeader: Equatable {
    let identity: ProcessIdentity
    let revision: UInt64
    let maximumBytes: Int
    let keyRingCapacity: UInt64

    /// Where series blocks and chunks begin.
    var arena: Int { Int(TM_KEY_RING_OFFSET) + Int(keyRingCapacity) * Int(TM_RING_ENTRY_BYTES) }

    /// A file that claims more is damaged.
    private static let mostBytes: UInt64 = 1 << 30

    init(_ page: UnsafeRawPointer, _ path: String) throws(TelemetryError) {
        func word(_ index: Int32) -> UInt64 { page.load(fromByteOffset: Int(index) * 8, as: UInt64.self) }
        guard word(TM_WORD_MAGIC) == TM_MAGIC else { throw .damaged(path, "it does not begin like one") }
        try Self.checkVersion(layout: word(TM_WORD_VERSION), needs: word(TM_WORD_NEEDS), path)
        let maximum = word(TM_WORD_MAXIMUM_BYTES)
        let ring = word(TM_WORD_KEY_RING_CAPACITY)
        guard ring >= UInt64(TM_KEY_RING_CAPACITY_MINIMUM), ring <= UInt64(TM_KEY_RING_CAPACITY_MAXIMUM),
            ring & (ring - 1) == 0, word(TM_WORD_SERIES_CAPACITY) == UInt64(TM_SERIES_CAPACITY),
            word(TM_WORD_SLOW_RING_CAPACITY) == UInt64(TM_SLOW_RING_CAPACITY)
        else { throw .damaged(path, "its tables have impossible sizes") }
        let arena = UInt64(TM_KEY_RING_OFFSET) + ring * UInt64(TM_RING_ENTRY_BYTES)
        guard maximum <= Self.mostBytes, maximum >= arena, maximum % 4096 == 0 else {
            throw .damaged(path, "it claims up to \(maximum) bytes")
        }
        func text(_ length: Int32, _ offset: Int32) throws(TelemetryError) -> String {
            guard word(length) <= UInt64(TM_NAME_BYTES) else { throw .damaged(path, "a name in it is too long") }
            let bytes = UnsafeRawBufferPointer(start: page + Int(offset), count: Int(word(length)))
            return String(decoding: bytes, as: UTF8.self)
        }
        revision = word(TM_WORD_REVISION)
        maximumBytes = Int(maximum)
        keyRingCapacity = ring
        identity = ProcessIdentity(
            id: hexadecimal(word(TM_WORD_ID_HIGH)) + hexadecimal(word(TM_WORD_ID_LOW)),
            pid: Int32(truncatingIfNeeded: word(TM_WORD_PID)),
            startedAtNanoseconds: min(word(TM_WORD_STARTED_AT), TelemetryBounds.latestStart),
            service: try text(TM_WORD_SERVICE_LENGTH, TM_SERVICE_OFFSET),
            environment: try text(TM_WORD_ENVIRONMENT_LENGTH, TM_ENVIRONMENT_OFFSET))
    }

    /// Layouts are all or nothing; an addition within a layout is refused only where it says that it has to be known.
    private static func checkVersion(layout: UInt64, needs: UInt64, _ path: String) throws(TelemetryError) {
        let remedy = "use the agent of the version that the service was built with."
        guard layout == UInt64(TM_LAYOUT_VERSION) else {
            throw TelemetryError(
                code: .unsupportedVersion, path: path,
                message: "The telemetry file \(path) has layout \(layout) and this program reads layout "
                    + "\(TM_LAYOUT_VERSION): \(remedy)")
        }
        let unknown = needs & ~TM_NEEDS
        guard unknown == 0 else {
            throw TelemetryError(
                code: .unsupportedVersion, path: path,
                message: "The telemetry file \(path) has layout \(layout) with the additions "
                    + "0x\(String(needs, radix: 16)) and this program knows layout \(TM_LAYOUT_VERSION) with "
                    + "0x\(String(TM_NEEDS, radix: 16)) of them: \(remedy)")
        }
    }
}

extension TelemetryError {
    /// What an agent refuses though it can be read.
    package static func refused(_ path: String, _ what: String) -> TelemetryError {
        TelemetryError(
            code: .damaged, path: path, message: "The telemetry file \(path) is refused, because \(what): set it aside."
        )
    }

    static func damaged(_ path: String, _ what: String) -> TelemetryError {
        TelemetryError(
            code: .damaged, path: path,
            message: "The telemetry file \(path) is damaged or none of Tidemark's, because \(what): set it aside.")
    }
}
