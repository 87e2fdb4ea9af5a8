import AWSCore
import JSONBytes
import Logging
import TestSupport
import Tidemark

/// The part of DynamoDB that makes and changes tables, on loopback, as strict as AWS: changes take time, one index is made at
/// a time, a table under way takes no change, a new table's backups are not there at once, and permissions can be missing.
final class FakeDynamoDB: Sendable {
    /// A table, and how many looks it takes until it is active.
    struct Table {
        var body: [String: JSONValue]
        var indexes: [(body: JSONValue, looksLeft: Int)] = []
        var looksLeft: Int
        var isRecoverable = false
        var backupsRefusals = 1
        var timeToLive: String?
        var tags: [String: String] = [:]
        var items: [JSONValue] = []
    }

    struct State {
        var tables: [String: Table] = [:]
        var denied: Set<String> = []
        var unknown: Set<String> = []
        var calls: [String] = []
        /// Changes, with what they changed: "UpdateTable GlobalSecondaryIndexUpdates".
        var changes: [String] = []
        /// After so many changes, AWS cannot be reached.
        var changesUntilOutage: Int?
        var looks = 2
        var tellsWarmThroughput = true
    }

    let state = Lock(State())
    private let server: Lock<LoopbackServer?>

    init() throws {
        server = Lock(nil)
        let made = try LoopbackServer { [state] request in
            state.withLock { FakeDynamoDB.answer(request, &$0) }
        }
        server.withLock { $0 = made }
    }

    func client() throws -> DynamoDBClient {
        let url = server.withLock { $0?.url } ?? ""
        var configuration = try TidemarkConfiguration(
            endpoint: AWSEndpoint(url: url, region: "us-east-1"),
            credentials: StaticCredentials(Credentials(accessKeyID: "AKIA", secretAccessKey: "local")),
            service: "tables", environment: "test")
        configuration.recordsCalls = false
        // Where other tests keep the machine busy, an answer that is there may be taken long after.
        configuration.timeouts = Timeouts(connect: .seconds(600), firstByte: .seconds(600), attempt: .seconds(600))
        configuration.callTimeout = .seconds(3_600)
        configuration.logger.logLevel = .critical
        return try DynamoDBClient(configuration: configuration)
    }

    // MARK: Requests

    private static func answer(_ request: RecordedRequest, _ state: inout State) -> LoopbackAnswer {
        let operation = request.header("X-Amz-Target")?.split(separator: ".").last.map(String.init) ?? ""
        state.calls.append(operation)
        if state.denied.contains(operation) {
            return .error(
                400, type: "AccessDeniedException", message: "not authorized to perform: dynamodb:\(operation)")
        }
        if state.unknown.contains(operation) { return .error(400, type: "UnknownOperationException") }
        guard let body = try? JSONValue.parse(request.body) else { return .error(400, type: "SerializationException") }
        let isChange = !["Describe", "List", "Scan"].contains { operation.hasPrefix($0) }
        if isChange, state.changesUntilOutage == 0 {
            return .error(400, type: "AccessDeniedException", message: "outage")
        }
        let name =
            body["TableName"]?.stringValue ?? body["ResourceArn"]?.stringValue?.split(separator: "/").last.map(
                String.init) ?? ""
        if operation == "CreateTable" { return create(name, body, &state) }
        guard var table = state.tables[name] else { return .error(400, type: "ResourceNotFoundException") }
        let answer = perform(operation, body, &table, &state)
        state.tables[name] = table
        return answer
    }

    private static func note(_ change: String, _ state: inout State) {
        state.changes.append(change)
        if let left = state.changesUntilOutage { state.changesUntilOutage = left - 1 }
    }

    private static func create(_ name: String, _ body: JSONValue, _ state: inout State) -> LoopbackAnswer {
        guard state.tables[name] == nil else { return .error(400, type: "ResourceInUseException") }
        var table = Table(body: [:], looksLeft: state.looks)
        for member in body.objectValue ?? [] where member.name != "GlobalSecondaryIndexes" {
            table.body[member.name] = member.value
        }
        table.indexes = (body["GlobalSecondaryIndexes"]?.arrayValue ?? []).map { ($0, state.looks) }
        for tag in body["Tags"]?.arrayValue ?? [] {
            table.tags[tag["Key"]?.stringValue ?? ""] = tag["Value"]?.stringValue
        }
        note("CreateTable \(name)", &state)
        state.tables[name] = table
        return .ok(#"{"TableDescription":{"TableName":"\#(name)","TableStatus":"CREATING"}}"#)
    }

    private static func perform(
        _ operation: String, _ body: JSONValue, _ table: inout Table, _ state: inout State
    ) -> LoopbackAnswer {
        switch operation {
        case "DescribeTable":
            defer { look(&table) }
            return .ok(#"{"Table":\#(describe(table, tellsWarm: state.tellsWarmThroughput))}"#)
        case "UpdateTable": return update(body, &table, &state)
        case "DescribeContinuousBackups":
            let status = table.isRecoverable ? "ENABLED" : "DISABLED"
            return .ok(
                #"{"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED","PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"\#(status)"}}}"#
            )
        case "UpdateContinuousBackups":
            table.backupsRefusals -= 1
            if table.backupsRefusals >= 0 { return .error(400, type: "ContinuousBackupsUnavailableException") }
            note(operation, &state)
            table.isRecoverable = true
            return .ok(
                #"{"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED","PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"ENABLED"}}}"#
            )
        case "DescribeTimeToLive":
            guard let name = table.timeToLive else {
                return .ok(#"{"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}}"#)
            }
            return .ok(#"{"TimeToLiveDescription":{"TimeToLiveStatus":"ENABLING","AttributeName":"\#(name)"}}"#)
        case "UpdateTimeToLive":
            note(operation, &state)
            table.timeToLive = body["TimeToLiveSpecification"]?["AttributeName"]?.stringValue
            return .ok(#"{"TimeToLiveSpecification":{"Enabled":true,"AttributeName":"\#(table.timeToLive ?? "")"}}"#)
        case "ListTagsOfResource":
            let tags = table.tags.map { #"{"Key":"\#($0.key)","Value":"\#($0.value)"}"# }.joined(separator: ",")
            return .ok(#"{"Tags":[\#(tags)]}"#)
        case "TagResource":
            note(operation, &state)
            for tag in body["Tags"]?.arrayValue ?? [] {
                table.tags[tag["Key"]?.stringValue ?? ""] = tag["Value"]?.stringValue
            }
            return .ok("")
        case "Scan":
            let segment = body["Segment"]?.intValue ?? 0
            let of = body["TotalSegments"]?.intValue ?? 1
            let items = table.items.enumerated().filter { $0.offset % of == segment }.map { text($0.element) }
            return .ok(
                #"{"Items":[\#(items.joined(separator: ","))],"Count":\#(items.count),"ScannedCount":\#(items.count)}"#)
        default: return .error(400, type: "UnknownOperationException")
        }
    }

    private static func update(_ body: JSONValue, _ table: inout Table, _ state: inout State) -> LoopbackAnswer {
        guard table.looksLeft == 0, table.indexes.allSatisfy({ $0.looksLeft == 0 }) else {
            return .error(400, type: "ResourceInUseException")
        }
        let updates = body["GlobalSecondaryIndexUpdates"]?.arrayValue ?? []
        let created = updates.compactMap { $0["Create"] }
        guard created.count <= 1 else { return .error(400, type: "LimitExceededException") }
        for index in created { table.indexes.append((index, state.looks)) }
        var names: [String] = []
        for member in body.objectValue ?? []
        where !["TableName", "AttributeDefinitions", "GlobalSecondaryIndexUpdates"].contains(member.name) {
            table.body[member.name] = member.value
            names.append(member.name)
        }
        for definition in body["AttributeDefinitions"]?.arrayValue ?? [] {
            let known = table.body["AttributeDefinitions"]?.arrayValue ?? []
            if !known.contains(definition) { table.body["AttributeDefinitions"] = .array(known + [definition]) }
        }
        if !updates.isEmpty { names.append("GlobalSecondaryIndexUpdates") }
        note("UpdateTable " + names.sorted().joined(separator: "+"), &state)
        table.looksLeft = 1
        return .ok(#"{"TableDescription":{"TableName":"T","TableStatus":"UPDATING"}}"#)
    }

    // MARK: Descriptions

    /// Each look brings what is under way a step on; an index is filled after its table is made.
    private static func look(_ table: inout Table) {
        if table.looksLeft > 0 { return table.looksLeft -= 1 }
        if let place = table.indexes.firstIndex(where: { $0.looksLeft > 0 }) { table.indexes[place].looksLeft -= 1 }
    }

    private static func describe(_ table: Table, tellsWarm: Bool) -> String {
        var members: [JSONMember] = table.body.filter { $0.key != "Tags" && $0.key != "WarmThroughput" }
            .map { JSONMember(name: $0.key, value: $0.value) }
        let name = table.body["TableName"]?.stringValue ?? ""
        func put(_ name: String, _ value: JSONValue) { members.append(JSONMember(name: name, value: value)) }
        put("TableStatus", .string(table.looksLeft > 0 ? "CREATING" : "ACTIVE"))
        put("TableArn", .string("arn:aws:dynamodb:us-east-1:1:table/\(name)"))
        put("BillingModeSummary", .object([JSONMember(name: "BillingMode", value: table.body["BillingMode"] ?? .null)]))
        if tellsWarm { put("WarmThroughput", table.body["WarmThroughput"] ?? standardWarmThroughput) }
        put(
            "GlobalSecondaryIndexes",
            .array(
                table.indexes.map { index in
                    var members = index.body.objectValue ?? []
                    members.append(
                        JSONMember(name: "IndexStatus", value: .string(index.looksLeft > 0 ? "CREATING" : "ACTIVE")))
                    if tellsWarm, index.body["WarmThroughput"] == nil {
                        members.append(JSONMember(name: "WarmThroughput", value: standardWarmThroughput))
                    }
                    return .object(members)
                }))
        return text(.object(members))
    }

    private static var standardWarmThroughput: JSONValue {
        .object([
            JSONMember(name: "ReadUnitsPerSecond", value: .number("12000")),
            JSONMember(name: "WriteUnitsPerSecond", value: .number("4000")),
        ])
    }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .null: return "null"
        case .bool(let flag): return flag ? "true" : "false"
        case .number(let text): return text
        case .string(let string):
            var writer = JSONWriter()
            writer.string(string)
            return writer.text
        case .array(let elements): return "[" + elements.map(text).joined(separator: ",") + "]"
        case .object(let members):
            return "{" + members.map { "\(text(.string($0.name))):\(text($0.value))" }.joined(separator: ",") + "}"
        }
    }
}
