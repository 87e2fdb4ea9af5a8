internal import AWSCore

/// An operation of DynamoDB's API.
struct Operation: Sendable {
    /// DynamoDB's name: "GetItem".
    let name: String
    /// The request's `X-Amz-Target`.
    let target: String
    /// Whether the capacity that it consumes is write capacity.
    let isWrite: Bool
    /// Whether it is a transaction.
    let isTransactional: Bool
    /// Whether it changes anything: data, tables or their settings.
    let isChange: Bool
    /// Whether it reads or writes items.
    let isOfItems: Bool

    init(_ name: String, isWrite: Bool = false, isTransactional: Bool = false, isChange: Bool? = nil) {
        self.name = name
        self.target = "DynamoDB_20120810." + name
        self.isWrite = isWrite
        self.isTransactional = isTransactional
        isOfItems = Operation.ofItems.contains(name)
        self.isChange = isChange ?? (isWrite || !Operation.isRead(name))
    }

    private static func isRead(_ name: String) -> Bool {
        ["Get", "Query", "Scan", "BatchGet", "TransactGet", "Describe", "List"].contains { name.hasPrefix($0) }
    }

    static let getItem = Operation("GetItem")
    static let putItem = Operation("PutItem", isWrite: true)
    static let updateItem = Operation("UpdateItem", isWrite: true)
    static let deleteItem = Operation("DeleteItem", isWrite: true)
    static let query = Operation("Query")
    static let scan = Operation("Scan")
    static let batchGetItem = Operation("BatchGetItem")
    static let batchWriteItem = Operation("BatchWriteItem", isWrite: true)
    static let transactGetItems = Operation("TransactGetItems", isTransactional: true)
    static let transactWriteItems = Operation("TransactWriteItems", isWrite: true, isTransactional: true)

    /// Whether a PartiQL statement's capacity is read or write capacity is for the statement to say.
    static func executeStatement(isWrite: Bool) -> Operation { isWrite ? writeStatement : readStatement }
    static func batchExecuteStatement(isWrite: Bool) -> Operation { isWrite ? writeStatements : readStatements }
    static func executeTransaction(isWrite: Bool) -> Operation { isWrite ? writeTransaction : readTransaction }

    private static let readStatement = Operation("ExecuteStatement", isChange: false)
    private static let writeStatement = Operation("ExecuteStatement", isWrite: true)
    private static let readStatements = Operation("BatchExecuteStatement", isChange: false)
    private static let writeStatements = Operation("BatchExecuteStatement", isWrite: true)
    private static let readTransaction = Operation("ExecuteTransaction", isTransactional: true, isChange: false)
    private static let writeTransaction = Operation("ExecuteTransaction", isWrite: true, isTransactional: true)

    static let createTable = Operation("CreateTable")
    static let describeTable = Operation("DescribeTable")
    static let updateTable = Operation("UpdateTable")
    static let deleteTable = Operation("DeleteTable")
    static let listTables = Operation("ListTables")
    static let describeTimeToLive = Operation("DescribeTimeToLive")
    static let updateTimeToLive = Operation("UpdateTimeToLive")
    static let listTagsOfResource = Operation("ListTagsOfResource")
    static let tagResource = Operation("TagResource")
    static let untagResource = Operation("UntagResource")
    static let describeContinuousBackups = Operation("DescribeContinuousBackups")
    static let updateContinuousBackups = Operation("UpdateContinuousBackups")
    static let describeContributorInsights = Operation("DescribeContributorInsights")
    static let updateContributorInsights = Operation("UpdateContributorInsights")
    static let listContributorInsights = Operation("ListContributorInsights")
    static let describeLimits = Operation("DescribeLimits")
    static let describeEndpoints = Operation("DescribeEndpoints")

    /// Operations that read or write items.
    static let ofItems: Set<String> = [
        "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchGetItem", "BatchWriteItem",
        "TransactGetItems", "TransactWriteItems", "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction",
    ]

    /// Operations whose plain capacity units are write units, by DynamoDB's name.
    static let writes: Set<String> = [
        "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems",
    ]
}

/// The names of the operations that have a method of their own.
package enum OfferedOperations {
    /// DynamoDB's names.
    package static let names: Set<String> = [
        "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchGetItem", "BatchWriteItem",
        "TransactGetItems", "TransactWriteItems", "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction",
        "CreateTable", "DescribeTable", "UpdateTable", "DeleteTable", "ListTables", "DescribeTimeToLive",
        "UpdateTimeToLive", "ListTagsOfResource", "TagResource", "UntagResource", "DescribeContinuousBackups",
        "UpdateContinuousBackups", "DescribeContributorInsights", "UpdateContributorInsights",
        "ListContributorInsights", "DescribeLimits", "DescribeEndpoints",
    ]
}

/// One call's place: what it does, where, and for whom.
struct CallSite: Sendable {
    let operation: Operation
    /// "" where the call touches several tables or none.
    var table: String = ""
    var index: String = ""
    /// The tables of a call that has several parts.
    var tables: [String] = []
    var options: CallOptions

    /// A table's settings are another part of DynamoDB than its items: what one meets says nothing of the other. No table's name
    /// has a blank.
    var circuit: CircuitKey {
        CircuitKey(
            table: operation.isOfItems ? table : "the settings of \(table.isEmpty ? "tables" : table)",
            isWrite: operation.isChange)
    }
}

/// A request that is ready to be sent.
struct PreparedRequest {
    var body: [UInt8]
    var keys: [TouchedKey] = []
    /// Items that it carries to the service.
    var items = 0
    /// Their size by DynamoDB's rules.
    var itemBytes = 0
    /// Whether what makes its repetition safe was made for this call: the same call made again would not have it.
    var isSafeInItselfOnly = false
}

/// An answer, as far as measuring needs to see it.
protocol CallOutput: Sendable {
    /// What is known of the call: what it consumed as the answer says, the rest when it ends.
    var report: CallReport { get set }
    /// Items that the call read or wrote, with their size in bytes.
    func carried(by request: PreparedRequest) -> (items: Int, bytes: Int)
    /// The keys of the request that the capacity was spent on.
    func servedKeys(of request: PreparedRequest) -> [TouchedKey]
}

extension CallOutput {
    func carried(by request: PreparedRequest) -> (items: Int, bytes: Int) { (request.items, request.itemBytes) }
    func servedKeys(of request: PreparedRequest) -> [TouchedKey] { request.keys }
}
