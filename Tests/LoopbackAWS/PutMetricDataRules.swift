internal import AWSCore
internal import JSONBytes

/// What CloudWatch asks of a PutMetricData request, and how it says no: the first fault refuses all of it.
///
/// Written from the service's documentation and not from the client, whose witness it is. One thing is stricter than the
/// service: a member that the service would silently ignore, such as a misspelt one, is refused.
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
struct PutMetricDataRules {
    /// The server's own time.
    let now: Timestamp

    static let maximumBytes = 1_000_000
    private static let maximumDatums = 1_000
    private static let maximumValues = 150
    private static let maximumDimensions = 30
    private static let daysBack: Int64 = 14
    private static let hoursAhead: Int64 = 2
    private static let largest = 0x1p360
    private static let requestMembers: Set<String> = [
        "Namespace", "MetricData", "EntityMetricData", "StrictEntityValidation",
    ]
    private static let datumMembers: Set<String> = [
        "MetricName", "Dimensions", "Timestamp", "Value", "StatisticValues", "Values", "Counts", "Unit",
        "StorageResolution",
    ]
    private static let units: Set<String> = {
        let sizes = [
            "Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes", "Bits", "Kilobits", "Megabits", "Gigabits",
            "Terabits", "Count",
        ]
        return Set(
            sizes + sizes.map { $0 + "/Second" } + ["Seconds", "Microseconds", "Milliseconds", "Percent", "None"])
    }()

    func read(_ json: JSONValue) throws(CloudWatchError) -> (namespace: String, datums: [ReceivedDatum]) {
        try checkMembers(of: json, Self.requestMembers, place: "the request")
        guard let namespace = json["Namespace"] else { throw .missing("Namespace") }
        guard let namespace = namespace.stringValue, Self.isNamespace(namespace) else {
            throw .invalidValue("The value for parameter Namespace is invalid.")
        }
        guard let list = json["MetricData"]?.arrayValue, !list.isEmpty else { throw .missing("MetricData") }
        guard list.count <= Self.maximumDatums else {
            throw .invalidValue("The collection MetricData must not have a size greater than 1000.")
        }
        var datums: [ReceivedDatum] = []
        datums.reserveCapacity(list.count)
        for (index, entry) in list.enumerated() { datums.append(try datum(entry, "MetricData.member.\(index + 1)")) }
        return (namespace, datums)
    }

    private func datum(_ json: JSONValue, _ place: String) throws(CloudWatchError) -> ReceivedDatum {
        try checkMembers(of: json, Self.datumMembers, place: place)
        guard let name = json["MetricName"]?.stringValue else { throw .missing("\(place).MetricName") }
        guard Self.isText(name, maximum: 255) else {
            throw .invalidValue("The parameter \(place).MetricName is invalid.")
        }
        let unit = json["Unit"]?.stringValue ?? "None"
        guard Self.units.contains(unit) else {
            throw .invalidValue("The parameter \(place).Unit must be a value in the set")
        }
        let resolution = try integer(json["StorageResolution"], else: 60, place: "\(place).StorageResolution")
        guard resolution == 1 || resolution == 60 else {
            throw .invalidValue("The parameter \(place).StorageResolution must be 1 or 60.")
        }
        let second = try time(json["Timestamp"], place: "\(place).Timestamp")
        let (statistics, values) = try measurement(json, place)
        return ReceivedDatum(
            name: name, dimensions: try dimensions(json["Dimensions"], place),
            second: second / Int64(resolution) * Int64(resolution), resolution: resolution, values: values,
            statistics: statistics, unit: unit)
    }

    private func checkMembers(of json: JSONValue, _ allowed: Set<String>, place: String) throws(CloudWatchError) {
        guard let members = json.objectValue else { throw .serialization("\(place) is not an object") }
        for member in members where !allowed.contains(member.name) {
            throw .serialization("\(place) has the unknown member \(member.name)")
        }
    }

    private func dimensions(_ json: JSONValue?, _ place: String) throws(CloudWatchError) -> [String: String] {
        guard let json else { return [:] }
        guard let list = json.arrayValue else { throw .serialization("\(place).Dimensions is not a list") }
        guard list.count <= Self.maximumDimensions else {
            throw .invalidValue("The collection \(place).Dimensions must not have a size greater than 30.")
        }
        var result: [String: String] = [:]
        for (index, entry) in list.enumerated() {
            let here = "\(place).Dimensions.member.\(index + 1)"
            try checkMembers(of: entry, ["Name", "Value"], place: here)
            guard let name = entry["Name"]?.stringValue, Self.isText(name, maximum: 255), !name.hasPrefix(":") else {
                throw .invalidValue("The parameter \(here).Name is invalid.")
            }
            guard let value = entry["Value"]?.stringValue, Self.isText(value, maximum: 1_024) else {
                throw .invalidValue("The parameter \(here).Value is invalid.")
            }
            guard result.updateValue(value, forKey: name) == nil else {
                throw .invalidValue("No dimension name may stand twice: \(here).Name.")
            }
        }
        return result
    }

    /// Seconds since 1970, within the window that CloudWatch takes; now where there is none.
    private func time(_ json: JSONValue?, place: String) throws(CloudWatchError) -> Int64 {
        guard let json else { return now.seconds }
        guard let number = json.doubleValue, number.isFinite, number.magnitude < 1e11 else {
            throw .serialization("\(place) is not a number of seconds")
        }
        let age = Double(now.nanosecondsSince1970) / 1e9 - number
        guard age <= Double(Self.daysBack * 86_400), age >= -Double(Self.hoursAhead * 3_600) else {
            throw .invalidValue(
                "The parameter \(place) must specify a time within the past two weeks and no more than two hours ahead."
            )
        }
        return Int64(number.rounded(.down))
    }

    static func isNamespace(_ text: String) -> Bool {
        let allowed = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || ".-_/#: ".utf8.contains(byte)
        }
        return allowed && isText(text, maximum: 255) && !text.hasPrefix(":") && !text.hasPrefix("AWS/")
    }

    static func isText(_ text: String, maximum: Int) -> Bool {
        let bytes = text.utf8
        return (1...maximum).contains(bytes.count) && bytes.allSatisfy { (0x20...0x7E).contains($0) }
            && bytes.contains { $0 != 0x20 }
    }
}

// MARK: Values

extension PutMetricDataRules {
    private func measurement(
        _ json: JSONValue, _ place: String
    ) throws(CloudWatchError) -> (Statistics, [WeightedValue]) {
        let given = ["Value", "StatisticValues", "Values"].filter { json[$0] != nil }
        guard given.count == 1 else {
            throw .invalidCombination(
                given.isEmpty
                    ? "At least one of the parameters of \(place) must be specified."
                    : "The parameters \(given.map { "\(place).\($0)" }.joined(separator: " and ")) are mutually exclusive."
            )
        }
        guard json["Counts"] == nil || json["Values"] != nil else {
            throw .invalidCombination("The parameter \(place).Counts needs \(place).Values.")
        }
        if let set = json["StatisticValues"] { return (try statistics(set, "\(place).StatisticValues"), []) }
        var values = [WeightedValue(value: 0, count: 1)]
        if let value = json["Value"] {
            values[0].value = try number(value, place: "\(place).Value")
        } else {
            values = try pairs(json, place)
        }
        return (Self.statistics(of: values), values)
    }

    private func pairs(_ json: JSONValue, _ place: String) throws(CloudWatchError) -> [WeightedValue] {
        guard let values = json["Values"]?.arrayValue, !values.isEmpty else { throw .missing("\(place).Values") }
        guard values.count <= Self.maximumValues else {
            throw .invalidValue("The collection \(place).Values must not have a size greater than 150.")
        }
        let counts = json["Counts"]?.arrayValue
        if let counts, counts.count != values.count {
            throw .invalidValue("The collections \(place).Values and \(place).Counts must have the same size.")
        }
        var result: [WeightedValue] = []
        for index in values.indices {
            let value = try number(values[index], place: "\(place).Values.member.\(index + 1)")
            let count =
                try counts.map { counts throws(CloudWatchError) in
                    try number(counts[index], place: "\(place).Counts.member.\(index + 1)")
                } ?? 1
            guard count > 0 else { throw .invalidValue("The parameter \(place).Counts must be above zero.") }
            result.append(WeightedValue(value: value, count: count))
        }
        return result
    }

    private static func statistics(of values: [WeightedValue]) -> Statistics {
        Statistics(
            sampleCount: values.reduce(0) { $0 + $1.count }, sum: values.reduce(0) { $0 + $1.value * $1.count },
            minimum: values.map(\.value).min() ?? 0, maximum: values.map(\.value).max() ?? 0)
    }

    private func statistics(_ json: JSONValue, _ place: String) throws(CloudWatchError) -> Statistics {
        func member(_ name: String) throws(CloudWatchError) -> Double {
            guard let value = json[name] else { throw .missing("\(place).\(name)") }
            return try number(value, place: "\(place).\(name)")
        }
        let result = Statistics(
            sampleCount: try member("SampleCount"), sum: try member("Sum"), minimum: try member("Minimum"),
            maximum: try member("Maximum"))
        guard result.sampleCount > 0, result.minimum <= result.maximum else {
            throw .invalidValue("The parameter \(place) contradicts itself.")
        }
        return result
    }

    private func integer(_ json: JSONValue?, else missing: Int, place: String) throws(CloudWatchError) -> Int {
        guard let json else { return missing }
        guard let value = json.intValue else { throw .serialization("\(place) is not an integer") }
        return value
    }

    /// A number within CloudWatch's range. JSON spells the others as texts: "NaN", "Infinity", "-Infinity".
    private func number(_ json: JSONValue, place: String) throws(CloudWatchError) -> Double {
        if let text = json.stringValue {
            guard ["NaN", "Infinity", "-Infinity"].contains(text) else {
                throw .serialization("\(place) is not a number")
            }
            throw .invalidValue("The value \(text) for parameter \(place) is invalid.")
        }
        guard let value = json.doubleValue else { throw .serialization("\(place) is not a number") }
        guard value.isFinite, value.magnitude <= Self.largest else {
            throw .invalidValue("The value \(value) for parameter \(place) is out of range.")
        }
        return value
    }
}
