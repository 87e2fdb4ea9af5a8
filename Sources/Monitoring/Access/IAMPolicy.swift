internal import CloudWatch
public import ContractEngine
internal import ContractModel
internal import JSONBytes

/// The smallest permissions with which each part of Tidemark works, as IAM policy documents.
public struct IAMPolicy: Sendable, Hashable {
    /// One statement: what is allowed on what.
    public struct Statement: Sendable, Hashable {
        /// The statement's id.
        public var id: String
        /// The actions, in order.
        public var actions: [String]
        /// The resources' ARNs, in order.
        public var resources: [String]
        /// Conditions of the operator `StringEquals`.
        public var stringEquals: [String: String] = [:]
    }

    /// The statements.
    public var statements: [Statement]

    /// The agent: publishes into Tidemark's namespace, and nothing else.
    /// PutMetricData takes no resource but knows the condition `cloudwatch:namespace`.
    /// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html
    public static let agent = IAMPolicy(statements: [
        Statement(
            id: "PublishMetrics", actions: [CloudWatchOperation.putMetricData.iamAction], resources: ["*"],
            stringEquals: ["cloudwatch:namespace": MetricCatalog.namespace])
    ])

    /// Who runs `tidemark alarms` and `tidemark dashboards`.
    ///
    /// Composites and DescribeAlarms must be allowed on everything: CloudWatch refuses a narrower scope.
    /// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
    ///
    /// - Parameters:
    ///   - partition: `aws`, `aws-cn` or `aws-us-gov`.
    ///   - region: the region; `*` for any.
    ///   - account: the account's number; `*` for any.
    public static func operatorPolicy(
        partition: String = "aws", region: String = "*", account: String = "*"
    ) -> IAMPolicy {
        let alarms = "arn:\(partition):cloudwatch:\(region):\(account):alarm:tidemark/*"
        let dashboards = "arn:\(partition):cloudwatch::\(account):dashboard/tidemark-*"
        func names(_ operations: CloudWatchOperation...) -> [String] { operations.map(\.iamAction).sorted() }
        return IAMPolicy(statements: [
            Statement(
                id: "ReadAlarmsAndMetrics",
                actions: names(.describeAlarms, .getMetricStatistics),
                resources: ["*"]),
            Statement(id: "WriteComposites", actions: names(.putCompositeAlarm), resources: ["*"]),
            Statement(
                id: "WriteOwnAlarms",
                actions: names(.putMetricAlarm, .deleteAlarms, .listTagsForResource, .tagResource), resources: [alarms]),
            Statement(
                id: "WriteOwnDashboards", actions: names(.putDashboard),
                resources: [dashboards]),
        ])
    }

    /// Who runs `tidemark tables`. Nothing in it deletes: no DeleteTable, no write of an item.
    ///
    /// Looking and acting are apart, so that whoever only plans and verifies can be given the first alone. Reading items is
    /// for `verify --sample`.
    /// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
    ///
    /// - Parameters:
    ///   - tables: names of the tables; `*` for any.
    ///   - partition: `aws`, `aws-cn` or `aws-us-gov`.
    ///   - region: the region; `*` for any.
    ///   - account: the account's number; `*` for any.
    public static func tables(
        _ tables: [String] = ["*"], partition: String = "aws", region: String = "*", account: String = "*"
    ) -> IAMPolicy {
        let resources = tables.map { "arn:\(partition):dynamodb:\(region):\(account):table/\($0)" }.sorted()
        func names(_ operations: String...) -> [String] { operations.map { "dynamodb:\($0)" }.sorted() }
        return IAMPolicy(statements: [
            Statement(
                id: "LookAtTables",
                actions: names(
                    "DescribeTable", "DescribeContinuousBackups", "DescribeTimeToLive", "ListTagsOfResource"),
                resources: resources),
            Statement(id: "SampleItems", actions: names("Scan"), resources: resources),
            Statement(
                id: "MakeAndChangeTables",
                actions: names(
                    "CreateTable", "UpdateTable", "UpdateContinuousBackups", "UpdateTimeToLive", "TagResource"),
                resources: resources),
        ])
    }

    /// A service: the calls by which the contract's patterns are carried out, as generated repositories make them, on the tables and
    /// indexes that they touch, and what keeps unique values besides.
    ///
    /// A transaction needs the actions of its parts, and a batch its own.
    /// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
    ///
    /// - Parameters:
    ///   - document: the contract with its patterns.
    ///   - partition: `aws`, `aws-cn` or `aws-us-gov`.
    ///   - region: the region; `*` for any.
    ///   - account: the account's number; `*` for any.
    public static func runtime(
        of document: ContractDocument, partition: String = "aws", region: String = "*", account: String = "*"
    ) -> IAMPolicy {
        var actions: [String: [String: Set<String>]] = [:]
        let reader = OperationAccessReader(document)
        let calls = document.patterns.filter(\.isServed).flatMap { reader.work(of: $0).calls.map(\.operation) }
        let operations = calls + calls.flatMap(reader.besides)
        for operation in operations {
            let path = operation.index.map { "\(operation.table)/index/\($0)" } ?? operation.table
            actions[operation.table, default: [:]][path, default: []].formUnion(iamActions(of: operation.operation))
        }
        var statements: [Statement] = []
        for (table, paths) in actions.sorted(by: { $0.key < $1.key }) {
            // Paths that allow the same share a statement, which keeps the document below IAM's limit of size.
            let byActions = Dictionary(grouping: paths, by: { $0.value.sorted() })
            for (allowed, entries) in byActions.sorted(by: { $0.key.joined() < $1.key.joined() }) {
                let arns = entries.map { "arn:\(partition):dynamodb:\(region):\(account):table/\($0.key)" }.sorted()
                let place = byActions.count > 1 ? "\(statements.count + 1)" : ""
                let id = String(table.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }) + "Access" + place
                statements.append(Statement(id: id, actions: allowed, resources: arns))
            }
        }
        return IAMPolicy(statements: statements)
    }

    /// The IAM actions that an operation of DynamoDB needs.
    public static func iamActions(of operation: String) -> Set<String> {
        switch operation {
        case "TransactGetItems": ["dynamodb:GetItem"]
        case "TransactWriteItems":
            ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"]
        default: ["dynamodb:\(operation)"]
        }
    }

    /// Every action that the policy allows.
    public var actions: Set<String> { Set(statements.flatMap(\.actions)) }

    /// The policy document.
    public func json() -> String {
        var text = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": ["
        for (place, statement) in statements.enumerated() {
            text += place == 0 ? "\n" : ",\n"
            text += "    {\n      \"Sid\": \(Self.quoted(statement.id)),\n      \"Effect\": \"Allow\",\n"
            text += "      \"Action\": \(Self.list(statement.actions)),\n"
            text += "      \"Resource\": \(Self.list(statement.resources))"
            if !statement.stringEquals.isEmpty {
                let pairs = statement.stringEquals.sorted { $0.key < $1.key }
                    .map { "\(Self.quoted($0.key)): \(Self.quoted($0.value))" }
                text += ",\n      \"Condition\": { \"StringEquals\": { \(pairs.joined(separator: ", ")) } }"
            }
            text += "\n    }"
        }
        return text + "\n  ]\n}\n"
    }

    private static func quoted(_ text: String) -> String {
        var writer = JSONWriter()
        writer.string(text)
        return writer.text
    }

    private static func list(_ items: [String]) -> String {
        items.count == 1
            ? quoted(items[0]) : "[\n        \(items.map(quoted).joined(separator: ",\n        "))\n      ]"
    }
}
