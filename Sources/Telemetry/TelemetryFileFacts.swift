internal import CTelemetry

/// What a telemetry file says of itself.
public struct TelemetryFileFacts: Sendable, Equatable {
    /// The layout that it keeps to.
    public var layout: UInt64
    /// Which additions to the layout it may have: those up to this number.
    public var revision: UInt64
    /// How large it may become, in bytes.
    public var maximumBytes: UInt64
    /// Bytes that are backed by its file system.
    public var grantedBytes: UInt64
    /// Bytes of these that are in use.
    public var usedBytes: UInt64
    /// Key events so far.
    public var keyEvents: UInt64
    /// How many of them the file keeps.
    public var keyEventCapacity: UInt64
    /// Slow calls so far.
    public var slowCalls: UInt64
    /// How many of them the file keeps.
    public var slowCallCapacity: UInt64
}

extension TelemetryReader {
    /// What the file says of itself now.
    /// - Throws: ``TelemetryError`` when it says impossible things.
    public func facts() throws(TelemetryError) -> TelemetryFileFacts {
        var window = makeWindow()
        let granted = UInt64(try grantedBytes(&window))
        window.forget()
        guard let page = window.bytes(at: 0, Int(TM_HEADER_BYTES)) else { throw damaged("it was cut short") }
        func word(_ index: Int32) -> UInt64 { page.load(fromByteOffset: Int(index) * 8, as: UInt64.self) }
        return TelemetryFileFacts(
            layout: word(TM_WORD_VERSION), revision: header.revision, maximumBytes: UInt64(header.maximumBytes),
            grantedBytes: granted,
            usedBytes: min(max(word(TM_WORD_ARENA_CURSOR), UInt64(header.arena)), granted),
            keyEvents: word(TM_WORD_KEY_RING_HEAD), keyEventCapacity: header.keyRingCapacity,
            slowCalls: word(TM_WORD_SLOW_RING_HEAD), slowCallCapacity: UInt64(TM_SLOW_RING_CAPACITY))
    }
}
