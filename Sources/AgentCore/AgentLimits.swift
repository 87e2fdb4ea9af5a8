/// The agent's own numbers, each with its unit and its reason.
package enum AgentLimits {
    /// How often telemetry files are looked at. Key events wait in a ring that is overwritten when nobody reads.
    static let tick = Duration.seconds(1)
    /// How long a process that begins takes at most until the agent has seen its file.
    static let fileGrace = Duration.seconds(2)
    /// After how long without any telemetry file the agent says so.
    static let noFileWarning = Duration.seconds(60)
    /// How often an agent without files looks for them elsewhere.
    static let placesInterval = Duration.seconds(60)
    /// How long CloudWatch has to have taken nothing for it to be told when it is over; a throttle now and then is no news.
    static let outage = Duration.seconds(60)
    /// For how long after its last telemetry file a service still gets zeros and a heartbeat, so that its alarms return to OK.
    static let scopeMemory = Duration.seconds(3_600)
    /// Over how long a hot key's peak is taken.
    static let sketchSeconds: Int64 = 10
    /// How many keys of a resource and direction are stored for a period at most.
    static let storedKeys = 20
    /// How long hot keys are kept, and how far back a gap can reach: CloudWatch's 14 days plus one to look back on.
    static let retention = Duration.seconds(15 * 86_400)
    /// After how long the hot keys of a window are reduced to the hottest, and to how many of each resource: as many as a
    /// window has in any case.
    static let hotKeyDetail = Duration.seconds(48 * 3_600)
    static let thinnedKeys = 3
    /// SQLite's write-ahead log is cut back to this when it has been larger, and to less under a small disk budget.
    static let walBytes = 4 << 20
    /// SQLite's page, unless told otherwise. https://www.sqlite.org/pragma.html#pragma_page_size
    static let pageBytes = 4_096
    /// How many free pages at the end of the store's file are given back in a second.
    static let pagesGivenBack = 256
    /// Of how many telemetry files at most it is remembered that they were counted to their end and deleted: ten thousand,
    /// which is a process a minute for a week, and fewer under a small disk budget, of which they may take a fiftieth: each
    /// takes about 200 bytes, its index included.
    static let drainedFiles = 10_000
    static let bytesADrainedFile = 10_000
    /// How many refused telemetry files are kept, for somebody to look at, and how much of each whose service lives: what a
    /// service's file takes at most, unless told otherwise.
    static let refusedFiles = 8
    static let refusedBytes = 32 << 20
    /// How many damaged stores are kept, for somebody to look at.
    static let storesAside = 3
    /// A difference to CloudWatch's clock that is corrected: its `Date` has no more than whole seconds.
    static let clockTolerance = Duration.seconds(1)
    /// A difference to CloudWatch's clock that a person should hear of.
    static let clockWarning = Duration.seconds(30)
    /// How far the wall clock may be from the time that has passed, from one second to the next; more is a step. Time services
    /// slew by much less.
    static let clockStep = Duration.seconds(2)
    /// How long a step has to hold before it is believed though CloudWatch does not say so.
    static let clockHold = Duration.seconds(600)
    /// How long a clock that nobody confirms has to run before anything is given up or merged because of it.
    static let clockTrust = Duration.seconds(3_600)
    /// No host runs this program before that, 2025-01-01, in nanoseconds: its clock has not been set yet.
    static let eldestClock: Int64 = 1_735_689_600_000_000_000
    /// In which part of a period the agents of a fleet begin to send, so that they do not all send at once.
    static let sendSpread = 2.0 / 3.0
    /// CloudWatch refuses data older than two weeks; the hour is for the way there.
    /// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
    static let publishableAge = Duration.seconds(14 * 86_400 - 3_600)
    /// CloudWatch refuses data more than two hours ahead of its clock; a minute is for clocks that differ. Same source.
    static let publishableLead = Duration.seconds(2 * 3_600 - 60)
    /// Into at most how many periods the counts of a gap are spread.
    static let gapSlices = 60
    /// How many series that count nothing are kept in memory beside those that do.
    static let idleSeriesInMemory = 1_000
    /// How many names of series the store takes of a service, in an environment: as many as five processes can have, whose
    /// files hold 2,048 each. Further ones are counted in `other`.
    static let namesOfAService = 10_000
    /// How long a commit that failed waits for its next try.
    static let commitRetry = Duration.seconds(10)
    /// As many descriptors an agent of its own process allows itself where its hard limit does: one for each telemetry file.
    package static let descriptors = 65_536
    /// With less on its disk no store takes a commit.
    static let leastRoom: UInt64 = 64 << 10
    /// How long a shutdown may spend on sending what is due.
    static let shutdownSend = Duration.seconds(2)
    /// Into at most how many datums of 150 values a distribution is split.
    static let datumsPerDistribution = 8
    /// Back-off of the publisher: full jitter below `base · 2^failures`, at most `cap`.
    static let backOffBase = Duration.seconds(1)
    static let backOffCap = Duration.seconds(300)
    /// How long requests are kept below a size that was too large for what lies before CloudWatch.
    static let sizeLimitLasts = Duration.seconds(3_600)
}

/// What one partition serves a second, in both billing modes and for indexes.
/// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
public enum PartitionLimits {
    /// Read units a second.
    public static let readUnitsPerSecond = 3_000.0
    /// Write units a second.
    public static let writeUnitsPerSecond = 1_000.0
    /// The load, in percent, that a split of a hot key aims to stay under.
    public static let comfortableLoadPercent = 60.0
}
