/// Whose telemetry file it is.
public struct ProcessIdentity: Hashable, Sendable {
    /// The file's random 128-bit id as 32 hexadecimal digits: what a reader's baseline belongs to.
    public var id: String
    /// The process id of the writer.
    public var pid: Int32
    /// When the writer opened the file, in nanoseconds since 1970.
    public var startedAtNanoseconds: UInt64
    /// The service's name, such as `checkout`.
    public var service: String
    /// The environment's name, such as `production`.
    public var environment: String

    /// See the properties.
    public init(id: String, pid: Int32, startedAtNanoseconds: UInt64, service: String, environment: String) {
        self.id = id
        self.pid = pid
        self.startedAtNanoseconds = startedAtNanoseconds
        self.service = service
        self.environment = environment
    }
}

/// What one process has counted so far.
public struct TelemetrySnapshot: Sendable, Equatable {
    /// The process.
    public var identity: ProcessIdentity
    /// Every series by its place in the file, `other` first.
    public var series: [SeriesSnapshot]
    /// Calls that found no room for a series of their own and are counted in ``SeriesKey/other``.
    public var unrecordedCalls: UInt64
    /// How often a new series was refused a place, because the file or its file system was full.
    public var refusedSeries: UInt64
    /// Time to resolve the endpoint's name, of the connections opened.
    public var dnsTime: HistogramSnapshot
    /// Time to connect, of the connections opened.
    public var connectTime: HistogramSnapshot
    /// Time of the TLS handshake, of the connections opened.
    public var tlsTime: HistogramSnapshot
    /// Bytes of the file that are backed by memory.
    public var grantedBytes: UInt64
    /// Whether the writer closed the file in good order.
    public var isClosed: Bool

    /// A snapshot with these series and nothing else to tell, unless told otherwise.
    public init(
        identity: ProcessIdentity, series: [SeriesSnapshot], unrecordedCalls: UInt64 = 0, refusedSeries: UInt64 = 0,
        dnsTime: HistogramSnapshot = HistogramSnapshot(), connectTime: HistogramSnapshot = HistogramSnapshot(),
        tlsTime: HistogramSnapshot = HistogramSnapshot(), grantedBytes: UInt64 = 0, isClosed: Bool = false
    ) {
        self.identity = identity
        self.series = series
        self.unrecordedCalls = unrecordedCalls
        self.refusedSeries = refusedSeries
        self.dnsTime = dnsTime
        self.connectTime = connectTime
        self.tlsTime = tlsTime
        self.grantedBytes = grantedBytes
        self.isClosed = isClosed
    }
}

/// What one series has counted so far.
public struct SeriesSnapshot: Sendable, Equatable {
    /// What it counts.
    public var key: SeriesKey
    /// Its counters.
    public var counters: SeriesCounters
    /// Times of whole calls.
    public var callTime: HistogramSnapshot
    /// Times of attempts.
    public var attemptTime: HistogramSnapshot

    /// See the properties.
    public init(
        key: SeriesKey, counters: SeriesCounters = SeriesCounters(),
        callTime: HistogramSnapshot = HistogramSnapshot(), attemptTime: HistogramSnapshot = HistogramSnapshot()
    ) {
        self.key = key
        self.counters = counters
        self.callTime = callTime
        self.attemptTime = attemptTime
    }
}

/// One read or write of one partition key.
public struct KeyEvent: Sendable, Equatable {
    /// The series it was counted in.
    public var series: SeriesKey
    /// Read capacity, in thousandths of a unit.
    public var readMilliUnits: UInt64
    /// Write capacity, in thousandths of a unit.
    public var writeMilliUnits: UInt64
    /// Whether it was refused for lack of capacity; the units are then an estimate.
    public var throttled: Bool
    /// A hash of the whole key, the same in every process; not a secret, and no secret keeper.
    public var keyHash: UInt64
    /// The key as text, cut after 64 bytes; bytes that are no UTF-8 are replaced.
    public var key: String
    /// Whether ``key`` is only the beginning of the key.
    public var isCut: Bool

    /// See the properties.
    public init(
        series: SeriesKey, readMilliUnits: UInt64, writeMilliUnits: UInt64, throttled: Bool = false, keyHash: UInt64,
        key: String, isCut: Bool = false
    ) {
        self.series = series
        self.readMilliUnits = readMilliUnits
        self.writeMilliUnits = writeMilliUnits
        self.throttled = throttled
        self.keyHash = keyHash
        self.key = key
        self.isCut = isCut
    }
}

/// What became of the key events since the last drain.
public struct KeyEventDrain: Sendable, Equatable {
    /// Events handed over.
    public var delivered = 0
    /// Events overwritten before they were read, or given up while being written.
    public var lostEvents: UInt64 = 0
    /// The read capacity of the lost events, in thousandths of a unit.
    public var lostReadMilliUnits: UInt64 = 0
    /// The write capacity of the lost events, in thousandths of a unit.
    public var lostWriteMilliUnits: UInt64 = 0
    /// Whether all of it can have happened. Where not, reading ended before what cannot, and nothing of the file is to be
    /// believed.
    public package(set) var isPlausible = true

    /// Nothing delivered and nothing lost, unless told otherwise.
    public init(
        delivered: Int = 0, lostEvents: UInt64 = 0, lostReadMilliUnits: UInt64 = 0, lostWriteMilliUnits: UInt64 = 0
    ) {
        self.delivered = delivered
        self.lostEvents = lostEvents
        self.lostReadMilliUnits = lostReadMilliUnits
        self.lostWriteMilliUnits = lostWriteMilliUnits
    }

    /// The capacity of the lost events, reads and writes together: by so much a heavy hitter may be underestimated.
    public var lostMilliUnits: UInt64 { lostReadMilliUnits.plus(lostWriteMilliUnits) }
}

/// How far a reader has read the key events: kept with the reader's baseline, so that a restart reads none twice.
public struct KeyEventCursor: Sendable, Hashable {
    /// The first event that has not been read.
    public var position: UInt64
    /// Read capacity accounted for so far, delivered or lost, in thousandths of a unit.
    public var readMilliUnits: UInt64
    /// Write capacity accounted for so far, in thousandths of a unit.
    public var writeMilliUnits: UInt64

    /// The beginning of the file.
    public static let start = KeyEventCursor(position: 0, readMilliUnits: 0, writeMilliUnits: 0)

    /// See the properties.
    public init(position: UInt64, readMilliUnits: UInt64, writeMilliUnits: UInt64) {
        self.position = position
        self.readMilliUnits = readMilliUnits
        self.writeMilliUnits = writeMilliUnits
    }
}
