/// One thing in which a live table is not as contract and settings want it.
public struct TableDifference: Sendable, Equatable {
    /// What differs.
    public enum Kind: String, Sendable, CaseIterable {
        case missingTable
        case tableKeys
        case keyType
        case missingIndex
        case indexKeys
        case projection
        case extraIndex
        case billing
        case capacity
        case deletionProtection
        case pointInTimeRecovery
        case timeToLive
        case timeToLiveType
        case tags
        case warmThroughput
        case status
    }

    /// What follows from it.
    public enum Remedy: Sendable, Equatable {
        /// Apply does it.
        case step(TableStep)
        /// Apply refuses the whole table: this would have to be done by hand, and how.
        case refused(advice: String)
        /// Apply leaves it as it is: what to do about it.
        case left(advice: String)
    }

    /// What differs.
    public var kind: Kind
    /// The index that it is about; nil for the table itself.
    public var index: String?
    /// How it is.
    public var live: String
    /// How it is wanted.
    public var wanted: String
    /// What follows.
    public var remedy: Remedy

    /// Whether the live table breaks what contract and settings say; a capacity that is only smaller than the plan's is
    /// for people to judge.
    public var isDrift: Bool { kind != .capacity && kind != .warmThroughput && kind != .status }

    /// What differs, as a sentence without its end: "the index ByStatus is missing".
    public var words: String {
        let place = index.map { "the index \($0)" } ?? "the table"
        return switch kind {
        case .missingTable: "the table does not exist"
        case .missingIndex: "\(place) is missing (\(wanted))"
        case .extraIndex: "\(place) is not in the contract (\(live))"
        case .tableKeys, .indexKeys: "\(place) has the keys \(live) instead of \(wanted)"
        case .keyType: "\(live) instead of \(wanted)"
        case .projection: "\(place) holds \(live) instead of \(wanted)"
        case .billing: "\(place) is paid for \(live) instead of \(wanted)"
        case .capacity: "\(place) has \(live), the capacity plan asks for \(wanted)"
        case .deletionProtection: "it is not protected from deletion"
        case .pointInTimeRecovery: "point-in-time recovery is off"
        case .timeToLive:
            live.isEmpty
                ? "items do not expire by \(wanted)"
                : "items expire by \(live)"
                    + (wanted.isEmpty ? ", and neither contract nor settings say so" : " instead of \(wanted)")
        case .timeToLiveType: live
        case .tags: "tags are \(live.isEmpty ? "missing" : live) instead of \(wanted)"
        case .warmThroughput: "\(place) serves \(live) at once, and the peak asks for \(wanted)"
        case .status: "it is \(live)"
        }
    }
}
