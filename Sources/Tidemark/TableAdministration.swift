public import AWSCore
internal import JSONBytes

/// Whether DynamoDB deletes items whose time has come.
public struct TimeToLive: Sendable, Hashable {
    /// "ENABLED", "ENABLING", "DISABLED" or "DISABLING".
    public internal(set) var status: String
    /// The attribute with the time in seconds since 1970; nil where it is off.
    public internal(set) var attribute: String?
}

/// What a table can be restored to.
public struct ContinuousBackups: Sendable, Hashable {
    /// "ENABLED" or "DISABLED"; always on for tables that AWS made lately.
    public internal(set) var status: String
    /// Whether any second of the period can be restored to.
    public internal(set) var isPointInTimeRecoveryEnabled: Bool
    /// The earliest time to which the table can be restored.
    public internal(set) var earliestRestorable: Timestamp?
    /// The latest time to which the table can be restored.
    public internal(set) var latestRestorable: Timestamp?
    /// How many days back, where DynamoDB says so.
    public internal(set) var recoveryPeriodInDays: Int?
}

/// Whether CloudWatch counts the keys that a table or index is used by most.
public struct ContributorInsights: Sendable, Hashable {
    /// The table.
    public internal(set) var table: String
    /// The index; "" for the table itself.
    public internal(set) var index: String
    /// "ENABLED", "ENABLING", "DISABLED", "DISABLING" or "FAILED".
    public internal(set) var status: String
    /// The names of CloudWatch's rules; empty where it is off, and in lists.
    public internal(set) var rules: [String] = []
    /// Why it could not be switched on.
    public internal(set) var failure: String?
}

/// The provisioned capacity that the account may have in the region, in units a second.
public struct AccountLimits: Sendable, Hashable {
    /// All tables and indexes together.
    public internal(set) var account: Throughput
    /// One table with its indexes.
    public internal(set) var table: Throughput
}

/// A host that serves DynamoDB.
public struct ServiceEndpoint: Sendable, Hashable {
    /// The host's name.
    public internal(set) var address: String
    /// How long that holds, in minutes.
    public internal(set) var cachePeriodInMinutes: Int
}

/// An answer about tables that is no table's description.
struct AdministrationAnswer<Value: Sendable>: CallOutput {
    var value: Value
    var report = CallReport()
}

/// Reads the answers about tables' settings. They are off the hot path, so that a tree will do.
enum AdministrationReader {
    static func timeToLive(_ body: JSONValue) -> TimeToLive? {
        if let told = body["TimeToLiveDescription"] {
            return TimeToLive(
                status: told["TimeToLiveStatus"]?.stringValue ?? "DISABLED",
                attribute: told["AttributeName"]?.stringValue)
        }
        // UpdateTimeToLive answers with what it was asked for.
        guard let asked = body["TimeToLiveSpecification"], let isOn = asked["Enabled"]?.boolValue else { return nil }
        return TimeToLive(
            status: isOn ? "ENABLING" : "DISABLING", attribute: asked["AttributeName"]?.stringValue)
    }

    static func continuousBackups(_ body: JSONValue) -> ContinuousBackups? {
        guard let told = body["ContinuousBackupsDescription"], told.objectValue != nil else { return nil }
        let recovery = told["PointInTimeRecoveryDescription"]
        return ContinuousBackups(
            status: told["ContinuousBackupsStatus"]?.stringValue ?? "",
            isPointInTimeRecoveryEnabled: recovery?["PointInTimeRecoveryStatus"]?.stringValue == "ENABLED",
            earliestRestorable: recovery?["EarliestRestorableDateTime"]?.timestamp,
            latestRestorable: recovery?["LatestRestorableDateTime"]?.timestamp,
            recoveryPeriodInDays: recovery?["RecoveryPeriodInDays"]?.intValue)
    }

    static func contributorInsights(_ body: JSONValue) -> ContributorInsights? {
        guard let status = body["ContributorInsightsStatus"]?.stringValue else { return nil }
        return ContributorInsights(
            table: body["TableName"]?.stringValue ?? "", index: body["IndexName"]?.stringValue ?? "", status: status,
            rules: (body["ContributorInsightsRuleList"]?.arrayValue ?? []).compactMap(\.stringValue),
            failure: body["FailureException"]?["ExceptionDescription"]?.stringValue)
    }

    static func limits(_ body: JSONValue) -> AccountLimits? {
        func throughput(_ scope: String) -> Throughput? {
            guard let reads = body[scope + "MaxReadCapacityUnits"]?.intValue,
                let writes = body[scope + "MaxWriteCapacityUnits"]?.intValue
            else { return nil }
            return Throughput(reads: reads, writes: writes)
        }
        guard let account = throughput("Account"), let table = throughput("Table") else { return nil }
        return AccountLimits(account: account, table: table)
    }

    static func endpoints(_ body: JSONValue) -> [ServiceEndpoint]? {
        body["Endpoints"]?.arrayValue?.compactMap { entry in
            guard let address = entry["Address"]?.stringValue else { return nil }
            return ServiceEndpoint(
                address: address, cachePeriodInMinutes: entry["CachePeriodInMinutes"]?.intValue ?? 0)
        }
    }

    static func tags(_ body: JSONValue) -> [String: String]? {
        guard let list = body["Tags"]?.arrayValue else { return [:] }
        var tags: [String: String] = [:]
        for entry in list {
            guard let name = entry["Key"]?.stringValue else { return nil }
            tags[name] = entry["Value"]?.stringValue ?? ""
        }
        return tags
    }
}

extension JSONValue {
    /// A time in seconds since 1970, as DynamoDB writes it, to the millisecond.
    fileprivate var timestamp: Timestamp? {
        guard let seconds = doubleValue, seconds.magnitude < 9e9 else { return nil }
        return Timestamp(nanosecondsSince1970: Int64((seconds * 1_000).rounded()) * 1_000_000)
    }
}
