/// Why DynamoDB throttled a request, as its `ThrottlingReasons` say.
///
/// Sixteen reasons: {table, index} × {read, write} × {provisioned throughput, account limit, key range, on-demand
/// maximum}, and one for a throttle that names none. The raw values are the positions in the telemetry file.
/// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/throttling-diagnosing.html
public enum ThrottleReason: UInt8, CaseIterable, Sendable {
    case tableReadProvisionedThroughput = 0
    case tableReadAccountLimit
    case tableReadKeyRangeThroughput
    case tableReadMaxOnDemandThroughput
    case tableWriteProvisionedThroughput
    case tableWriteAccountLimit
    case tableWriteKeyRangeThroughput
    case tableWriteMaxOnDemandThroughput
    case indexReadProvisionedThroughput
    case indexReadAccountLimit
    case indexReadKeyRangeThroughput
    case indexReadMaxOnDemandThroughput
    case indexWriteProvisionedThroughput
    case indexWriteAccountLimit
    case indexWriteKeyRangeThroughput
    case indexWriteMaxOnDemandThroughput
    /// The service named no reason, or one that is not known here.
    case unspecified

    /// The reason of that name on the wire, such as "TableReadKeyRangeThroughputExceeded"; `unspecified` for any other.
    public init(wireName: String) {
        self = ThrottleReason.byWireName[wireName] ?? .unspecified
    }

    /// The name on the wire: "TableReadKeyRangeThroughputExceeded"; "Unspecified" where none was given.
    public var wireName: String {
        guard self != .unspecified else { return "Unspecified" }
        let resource = rawValue & 8 == 0 ? "Table" : "Index"
        let direction = rawValue & 4 == 0 ? "Read" : "Write"
        let limits = ["ProvisionedThroughput", "AccountLimit", "KeyRangeThroughput", "MaxOnDemandThroughput"]
        return resource + direction + limits[Int(rawValue & 3)] + "Exceeded"
    }

    /// Whether one partition was asked for more than it can serve: the sign of a hot key.
    public var isKeyRange: Bool { self != .unspecified && rawValue & 3 == 2 }

    private static let byWireName: [String: ThrottleReason] = Dictionary(
        uniqueKeysWithValues: allCases.map { ($0.wireName, $0) })
}

/// One entry of a throttled answer's list of reasons.
public struct ThrottleDetail: Hashable, Sendable {
    /// Which limit was met.
    public var reason: ThrottleReason
    /// The ARN of the table or index whose limit it was; empty where the answer names none.
    public var resource: String

    /// Pairs a reason with the resource that it concerns.
    public init(reason: ThrottleReason, resource: String = "") {
        self.reason = reason
        self.resource = resource
    }

    /// The index that the resource names: "GSI1" of "…:table/Orders/index/GSI1"; nil for a table.
    public var indexName: String? {
        guard let range = resource.lastRange(of: "/index/") else { return nil }
        return String(resource[range.upperBound...])
    }
}

extension String {
    /// Where the last occurrence of a non-empty ASCII text lies.
    func lastRange(of text: StaticString) -> Range<String.Index>? {
        let wanted = Array(text.description.utf8)
        let view = utf8
        var end = view.endIndex
        while let start = view.index(end, offsetBy: -wanted.count, limitedBy: view.startIndex) {
            if view[start..<end].elementsEqual(wanted) { return start..<end }
            end = view.index(before: end)
        }
        return nil
    }
}
