import CloudWatch

/// Series whose datums fail where all others are taken. Batches are sent without their datums, which are set apart, each
/// alone: nothing but them waits, however often they come. Whatever is at fault with one series is mostly at fault with the
/// others of the same dimensions: their datums are set apart too, until one of each was taken.
///
/// What is set apart is tried in turn, each time after a witness (`SuspectBatches`), with pauses of its own. A series that
/// fails again and again after the witness was taken is convicted: then each of its datums is put aside when it fails as
/// well. One datum that is taken acquits its series, and a witness that fails acquits all: so does an outage.
struct SuspectSeries: Sendable {
    /// What is common to the datums of a series.
    struct Name: Hashable, Sendable, CustomStringConvertible {
        var metric: String
        var dimensions: [Dimension]

        init(_ datum: MetricDatum) { (metric, dimensions) = (datum.name, datum.dimensions) }

        var description: String {
            "\(metric) (\(dimensions.map { "\($0.name)=\($0.value)" }.joined(separator: ", ")))"
        }
    }

    private struct Record: Sendable {
        /// Failures in a row before each of which the witness was taken, and when the first of them was, nanoseconds since 1970.
        var convictions = 0
        var convictedAt = Int64.max
    }

    /// A service that fails on any request with any chance gets so far once in 10^12 times: the witness taken, the datum not.
    static let convictionsToPutAside = 20
    /// A part of the service that fails is given time to recover.
    static let timeToPutAside = Duration.seconds(3_600)
    /// Between two tries, growing from the outbox's shortest pause.
    static let longestPause = Duration.seconds(60)
    /// For how long a witness speaks for datums that follow one another without a pause.
    static let witnessLasts = Duration.seconds(10)
    /// More are not remembered: their datums are found anew in each window.
    static let most = 5_000

    private var records: [Name: Record] = [:]
    /// The dimensions of these, and of each the metrics of which a datum was taken since.
    private var sound: [[Dimension]: Set<String>] = [:]
    /// The batch that was tried last.
    private(set) var last: Int64 = 0
    /// Tries in a row that put nothing aside and of which none was taken, and when the next may be.
    private var failures = 0
    private var notBefore = Int64.min
    /// What became of the witness; nil before it is asked.
    private var witness: (isTaken: Bool, at: Int64)?

    /// Whether something is known of any series' datums that CloudWatch does not take them.
    var isEmpty: Bool { records.isEmpty }

    /// Which datums of a batch are to be set apart, by their places.
    func places(in datums: some Collection<MetricDatum>) -> [Int] {
        guard !records.isEmpty else { return [] }
        return datums.enumerated().compactMap { place, datum in
            guard let sound = sound[datum.dimensions] else { return nil }
            return sound.contains(datum.name) ? nil : place
        }
    }

    /// - Returns: whether that is new.
    mutating func insert(_ name: Name) -> Bool {
        guard records[name] == nil, records.count < Self.most else { return false }
        records[name] = Record()
        sound[name.dimensions, default: []].remove(name.metric)
        return true
    }

    /// Whether one that is set apart may be tried.
    func isDue(at now: Int64) -> Bool {
        // A pause longer than the longest there is means that the clock was set back.
        now >= notBefore || notBefore - now > Self.longestPause.nanosecondsCount
    }

    /// Whether the witness is asked before that.
    func awaitsWitness(at now: Int64) -> Bool {
        guard let witness else { return true }
        return now < witness.at || now - witness.at > Self.witnessLasts.nanosecondsCount
    }

    mutating func heard(witnessTaken: Bool, at now: Int64) {
        witness = (witnessTaken, now)
        if !witnessTaken { for name in records.keys { records[name] = Record() } }
    }

    /// A request failed that is not known to be at fault itself.
    mutating func nobodyIsTaken() { witness = nil }

    mutating func taken(_ name: Name, batch: Int64) {
        if records.removeValue(forKey: name) != nil, !records.keys.contains(where: { $0.dimensions == name.dimensions })
        {
            sound[name.dimensions] = nil
        }
        sound[name.dimensions]?.insert(name.metric)
        last = batch
        failures = 0
        notBefore = .min
    }

    /// - Parameter pause: how long before the next try, in nanoseconds, after that many failures.
    /// - Returns: whether it is to be put aside.
    mutating func failed(_ name: Name, batch: Int64, now: Int64, pause: (Int) -> Int64) -> Bool {
        last = batch
        _ = insert(name)
        if witness?.isTaken == true, var record = records[name] {
            record.convictions += 1
            record.convictedAt = min(record.convictedAt, now)
            records[name] = record
            if record.convictions >= Self.convictionsToPutAside,
                now - record.convictedAt >= Self.timeToPutAside.nanosecondsCount
            {
                failures = 0
                return true
            }
        }
        witness = nil
        failures += 1
        notBefore = now + min(pause(failures), Self.longestPause.nanosecondsCount)
        return false
    }
}
