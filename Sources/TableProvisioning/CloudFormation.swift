public import ContractEngine
internal import ContractModel
internal import JSONBytes
internal import Tidemark

/// The tables as a CloudFormation template, for those who make theirs that way.
///
/// Deleting the stack, or a change that would need another table, keeps the table with its items (`Retain`).
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
public struct CloudFormationTemplate: Sendable {
    /// The tables, in the contract's order.
    public var tables: [DesiredTable]
    /// The share of provisioned capacity that auto-scaling aims at.
    private let utilizationTarget: Double

    /// The contract's tables as settings and capacity want them.
    public init(
        _ document: ContractDocument, settings: DeploymentSettings = DeploymentSettings(), capacity: CapacityPlan
    ) {
        tables = document.contract.tables.map { DesiredTable($0, settings: settings, capacity: capacity) }
        utilizationTarget = capacity.assumptions.utilizationTarget
    }

    /// The template, with its members in a fixed order.
    public func json() -> String {
        var names = LogicalNames()
        let resources = tables.flatMap { table in
            let name = names.unused(table.table.name)
            return [(name, resource(table))] + scaling(table, name, &names)
        }
        let root: Node = .object([
            ("AWSTemplateFormatVersion", .text("2010-09-09")),
            ("Description", .text("DynamoDB tables of a migration contract, rendered by tidemark.")),
            ("Resources", .object(resources)),
        ])
        return root.json() + "\n"
    }

    // MARK: Tables

    private func resource(_ desired: DesiredTable) -> Node {
        .object([
            ("Type", .text("AWS::DynamoDB::Table")), ("DeletionPolicy", .text("Retain")),
            ("UpdateReplacePolicy", .text("Retain")), ("Properties", .object(properties(desired))),
        ])
    }

    private func properties(_ desired: DesiredTable) -> [(String, Node)] {
        let table = desired.table
        var found: [(String, Node)] = [
            ("TableName", .text(table.name)), ("AttributeDefinitions", definitions(table)),
            ("KeySchema", schema(table.partitionKey, table.sortKey)),
        ]
        if !table.indexes.isEmpty {
            found.append(("GlobalSecondaryIndexes", .list(table.indexes.map { index($0, desired) })))
        }
        switch desired.billing {
        case .onDemand: found.append(("BillingMode", .text("PAY_PER_REQUEST")))
        case .provisioned(let units):
            found += [("BillingMode", .text("PROVISIONED")), ("ProvisionedThroughput", throughput(units))]
        }
        if let warm = desired.warmThroughput { found.append(("WarmThroughput", self.warm(warm))) }
        found.append(("DeletionProtectionEnabled", .flag(desired.settings.isProtectedFromDeletion ?? true)))
        if desired.settings.isRecoverable ?? true {
            found.append(("PointInTimeRecoverySpecification", .object([("PointInTimeRecoveryEnabled", .flag(true))])))
        }
        if let attribute = desired.settings.timeToLive {
            let specification: Node = .object([("AttributeName", .text(attribute)), ("Enabled", .flag(true))])
            found.append(("TimeToLiveSpecification", specification))
        }
        let tags = desired.settings.tags.sorted { $0.key < $1.key }.map { name, value in
            Node.object([("Key", .text(name)), ("Value", .text(value))])
        }
        if !tags.isEmpty { found.append(("Tags", .list(tags))) }
        return found
    }

    /// The attributes that are keys, and no others: CloudFormation refuses a definition that nothing uses.
    private func definitions(_ table: ContractTable) -> Node {
        let indexes = table.indexes.flatMap { [$0.partitionKey, $0.sortKey] }
        var known: Set<String> = []
        let keys = ([table.partitionKey, table.sortKey] + indexes).compactMap(\.self)
        return .list(
            keys.filter { known.insert($0.name).inserted }.map {
                .object([("AttributeName", .text($0.name)), ("AttributeType", .text($0.type.rawValue))])
            })
    }

    private func schema(_ partition: KeyAttribute, _ sort: KeyAttribute?) -> Node {
        func element(_ key: KeyAttribute, _ type: String) -> Node {
            .object([("AttributeName", .text(key.name)), ("KeyType", .text(type))])
        }
        return .list([element(partition, "HASH")] + (sort.map { [element($0, "RANGE")] } ?? []))
    }

    private func index(_ index: ContractIndex, _ desired: DesiredTable) -> Node {
        var members: [(String, Node)] = [
            ("IndexName", .text(index.name)), ("KeySchema", schema(index.partitionKey, index.sortKey)),
            ("Projection", projection(index.projection)),
        ]
        if case .provisioned(let own) = desired.billing {
            members.append(("ProvisionedThroughput", throughput(desired.indexThroughput[index.name] ?? own)))
        }
        if let warm = desired.indexWarmThroughput[index.name] { members.append(("WarmThroughput", self.warm(warm))) }
        return .object(members)
    }

    private func projection(_ projection: Projection) -> Node {
        switch projection {
        case .all: .object([("ProjectionType", .text("ALL"))])
        case .keysOnly: .object([("ProjectionType", .text("KEYS_ONLY"))])
        case .include(let names):
            .object([("ProjectionType", .text("INCLUDE")), ("NonKeyAttributes", .list(names.map(Node.text)))])
        }
    }

    private func throughput(_ units: Throughput) -> Node {
        .object([("ReadCapacityUnits", .number(units.reads)), ("WriteCapacityUnits", .number(units.writes))])
    }

    private func warm(_ units: Throughput) -> Node {
        .object([("ReadUnitsPerSecond", .number(units.reads)), ("WriteUnitsPerSecond", .number(units.writes))])
    }

    // MARK: Auto-scaling

    /// A target and a policy for reads and for writes, of a provisioned table and of each of its indexes: up to what the
    /// peak needs, down to a tenth of it.
    /// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html
    private func scaling(
        _ desired: DesiredTable, _ name: String, _ names: inout LogicalNames
    ) -> [(String, Node)] {
        guard case .provisioned(let own) = desired.billing else { return [] }
        let indexes = desired.table.indexes.map { ($0.name as String?, desired.indexThroughput[$0.name] ?? own) }
        return ([(nil, own)] + indexes).flatMap { index, units in
            [("Read", units.reads), ("Write", units.writes)].flatMap { access, maximum in
                let path = "table/\(desired.table.name)" + (index.map { "/index/\($0)" } ?? "")
                let kind = index == nil ? "table" : "index"
                let place = names.unused("\(name)\(index.map { "Index\($0)" } ?? "")\(access)")
                let target: Node = .object([
                    ("Type", .text("AWS::ApplicationAutoScaling::ScalableTarget")), ("DependsOn", .text(name)),
                    (
                        "Properties",
                        .object([
                            ("ServiceNamespace", .text("dynamodb")), ("ResourceId", .text(path)),
                            ("ScalableDimension", .text("dynamodb:\(kind):\(access)CapacityUnits")),
                            ("MinCapacity", .number(max(1, maximum / 10))), ("MaxCapacity", .number(maximum)),
                        ])
                    ),
                ])
                return [("\(place)Target", target), ("\(place)Policy", policy(place, access))]
            }
        }
    }

    private func policy(_ place: String, _ access: String) -> Node {
        let metric: Node = .object([("PredefinedMetricType", .text("DynamoDB\(access)CapacityUtilization"))])
        return .object([
            ("Type", .text("AWS::ApplicationAutoScaling::ScalingPolicy")),
            (
                "Properties",
                .object([
                    ("PolicyName", .text("\(place)Utilization")), ("PolicyType", .text("TargetTrackingScaling")),
                    ("ScalingTargetId", .object([("Ref", .text("\(place)Target"))])),
                    (
                        "TargetTrackingScalingPolicyConfiguration",
                        .object([
                            ("TargetValue", .number(Int((utilizationTarget * 100).rounded()))),
                            ("PredefinedMetricSpecification", metric),
                        ])
                    ),
                ])
            ),
        ])
    }
}

/// Names of a template's resources: letters and digits, each once.
private struct LogicalNames {
    private var used: Set<String> = []

    mutating func unused(_ wanted: String) -> String {
        let plain = String(wanted.filter { $0.isASCII && ($0.isLetter || $0.isNumber) })
        let base = plain.isEmpty ? "Table" : plain
        var name = base
        var number = 2
        while !used.insert(name).inserted {
            name = "\(base)\(number)"
            number += 1
        }
        return name
    }
}

/// JSON that people read: two spaces a level, short objects and lists on a line.
private indirect enum Node {
    case text(String)
    case number(Int)
    case flag(Bool)
    case list([Node])
    case object([(String, Node)])

    /// Longer values are broken over lines.
    private static let width = 100

    func json(indentation: Int = 0) -> String {
        let line = compact
        guard line.count + indentation > Node.width || isDeep else { return line }
        let margin = String(repeating: " ", count: indentation + 2)
        let end = String(repeating: " ", count: indentation)
        switch self {
        case .text, .number, .flag: return line
        case .list(let nodes):
            let parts = nodes.map { margin + $0.json(indentation: indentation + 2) }
            return "[\n" + parts.joined(separator: ",\n") + "\n" + end + "]"
        case .object(let members):
            let parts = members.map { "\(margin)\(Node.quoted($0)): \($1.json(indentation: indentation + 2))" }
            return "{\n" + parts.joined(separator: ",\n") + "\n" + end + "}"
        }
    }

    /// Whether there is an object of several members within, which reads better over lines.
    private var isDeep: Bool {
        switch self {
        case .text, .number, .flag: false
        case .list(let nodes): nodes.count > 1 && nodes.contains { if case .object = $0 { true } else { false } }
        case .object(let members): members.contains { $1.isCompound } && members.count > 1
        }
    }

    private var isCompound: Bool {
        switch self {
        case .text, .number, .flag: false
        case .list, .object: true
        }
    }

    private var compact: String {
        switch self {
        case .text(let text): Node.quoted(text)
        case .number(let value): String(value)
        case .flag(let flag): flag ? "true" : "false"
        case .list(let nodes): "[" + nodes.map(\.compact).joined(separator: ", ") + "]"
        case .object(let members):
            "{ " + members.map { "\(Node.quoted($0)): \($1.compact)" }.joined(separator: ", ") + " }"
        }
    }

    private static func quoted(_ text: String) -> String {
        var writer = JSONWriter()
        writer.string(text)
        return writer.text
    }
}
