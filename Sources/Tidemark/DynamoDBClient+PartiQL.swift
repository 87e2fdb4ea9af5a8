internal import AWSCore
internal import JSONBytes

/// One page of what a statement found.
public struct StatementPage: CallOutput, OperationResult {
    /// What is known of the call.
    public internal(set) var report = CallReport()
    /// The items; empty for a write that returns nothing.
    public internal(set) var items: [Item] = []
    /// Where the next page starts; nil on the last page.
    public internal(set) var nextToken: String?
    /// The key of the last item that was read, where a limit ended the page.
    public internal(set) var lastKey: Item?

    func carried(by request: PreparedRequest) -> (items: Int, bytes: Int) {
        (items.count, items.reduce(0) { $0 + ItemSize.bytes(of: $1) })
    }
}

/// What became of one statement of a batch.
public struct StatementResult: Sendable {
    /// The table that the statement was about, where DynamoDB says so.
    public internal(set) var table = ""
    /// The item that a SELECT found or a RETURNING asked for; nil where there is none.
    public internal(set) var item: Item?
    /// Why the statement failed; nil where it did not.
    public internal(set) var failure: StatementFailure?
}

/// Why one statement of a batch failed. What it prints shows no item and none of DynamoDB's text.
public struct StatementFailure: Error, Sendable, CustomStringConvertible, CustomReflectable {
    /// DynamoDB's name of the failure: "DuplicateItem".
    public internal(set) var name: String
    /// DynamoDB's message; it may quote a value.
    public internal(set) var message: String
    /// The item that stood in the way of a condition, where the statement asked for it.
    public internal(set) var item: Item?

    /// The kind of failure.
    /// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchStatementError.html
    public var code: TidemarkError.Code {
        switch name {
        case "ConditionalCheckFailed", "DuplicateItem": .conditionFailed
        case "RequestLimitExceeded", "ProvisionedThroughputExceeded", "ThrottlingError": .throttled
        case "TransactionConflict": .transactionConflict
        case "InternalServerError": .server
        case "ResourceNotFound": .notFound
        case "AccessDenied": .accessDenied
        case "ValidationError": .validation
        case "ItemCollectionSizeLimitExceeded": .itemCollectionTooLarge
        default: .client
        }
    }

    /// DynamoDB's name of the failure alone.
    public var description: String { name }
    /// Shows no item.
    public var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}

/// What became of a batch or a transaction of statements.
public struct StatementsOutput: CallOutput, OperationResult {
    /// What is known of the call.
    public internal(set) var report = CallReport()
    /// A result for each statement, in the order of the request.
    public internal(set) var results: [StatementResult] = []

    func carried(by request: PreparedRequest) -> (items: Int, bytes: Int) {
        results.compactMap(\.item).reduce((0, 0)) { ($0.0 + 1, $0.1 + ItemSize.bytes(of: $1)) }
    }
}

extension DynamoDBClient {
    /// Runs one PartiQL statement and gives one page of what it finds.
    ///
    /// The call is measured under the table that the statement plainly names (FROM "T", INTO "T", UPDATE "T"). Which keys
    /// it touches is not known, so that it adds nothing to the hot-key statistics. An INSERT whose answer was lost is
    /// repeated like any call, and then refused because its item is there: `executeTransaction` has a token against that.
    ///
    /// - Parameters:
    ///   - limit: items to be read at most, before the filter; at least 1.
    ///   - nextToken: the page before's `nextToken`. `statementPages` reads all pages.
    /// - Throws: `conditionFailed` where a write's condition does not hold; `validation` for a statement that DynamoDB
    ///   does not understand, and for an INSERT of a key that is there.
    @discardableResult
    public func executeStatement(
        _ statement: PartiQLStatement, limit: Int? = nil, nextToken: String? = nil,
        options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> StatementPage {
        let target = statement.target
        let site = CallSite(
            operation: .executeStatement(isWrite: target.isWrite), table: target.table, index: target.index,
            options: options)
        return try await perform(site) { () throws(ItemProblem) in
            try PartiQLCodec.write(
                statement, limit: limit, nextToken: nextToken, consistent: options.consistentRead)
        } decode: { response throws(JSONError) in
            var page = StatementPage()
            try ResponseReader.read(response.body) { name, scanner throws(JSONError) in
                switch name {
                case "Items": page.items = try ItemCodec.readItems(from: &scanner)
                case "NextToken": page.nextToken = try scanner.readString()
                case "LastEvaluatedKey": page.lastKey = try ItemCodec.readItem(from: &scanner)
                case "ConsumedCapacity":
                    page.report.consumed = try CapacityReader(isWrite: target.isWrite).read(from: &scanner)
                default: return false
                }
                return true
            }
            return page
        }
    }

    /// Runs up to 25 statements in one request, all of them reads of one item each or all of them writes. Each stands
    /// alone: a statement that fails is no failure of the call but has a `failure` in its result.
    ///
    /// - Throws: any failure of the request as a whole.
    public func batchExecuteStatement(
        _ statements: [PartiQLStatement], options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> StatementsOutput {
        let targets = statements.map(\.target)
        let isWrite = targets.contains(where: \.isWrite)
        let site = CallSite(
            operation: .batchExecuteStatement(isWrite: isWrite), table: Self.onlyTable(of: targets.map(\.table)),
            tables: targets.map(\.table), options: options)
        return try await run(site, isWrite: isWrite, count: statements.count) { () throws(ItemProblem) in
            try PartiQLCodec.writeBatch(statements, consistent: options.consistentRead)
        }
    }

    /// Runs up to 100 statements as one transaction, all of them reads or all of them writes: all or none.
    ///
    /// - Parameter token: makes repeating the same transaction within 10 minutes harmless. One is made for the call and
    ///   kept across its attempts; give your own to be safe across calls too. At most 36 characters.
    /// - Throws: `conditionFailed`, `transactionConflict` or `throttled`, with `cancellationReasons` for each statement.
    @discardableResult
    public func executeTransaction(
        _ statements: [PartiQLStatement], token: String? = nil, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> StatementsOutput {
        let targets = statements.map(\.target)
        let isWrite = targets.contains(where: \.isWrite)
        let site = CallSite(
            operation: .executeTransaction(isWrite: isWrite), table: Self.onlyTable(of: targets.map(\.table)),
            tables: targets.map(\.table), options: options)
        return try await run(site, isWrite: isWrite, count: nil) { () throws(ItemProblem) in
            var request = try PartiQLCodec.writeTransaction(
                statements, token: token ?? caller.identifiers.nextUUID())
            request.isSafeInItselfOnly = token == nil
            return request
        }
    }

    /// - Parameter count: how many results there must be; nil where the service may leave them out.
    private func run(
        _ site: CallSite, isWrite: Bool, count: Int?, prepare: () throws(ItemProblem) -> PreparedRequest
    ) async throws(TidemarkError) -> StatementsOutput {
        try await perform(site, prepare: prepare) { response throws(JSONError) in
            var output = StatementsOutput()
            try ResponseReader.read(response.body) { name, scanner throws(JSONError) in
                switch name {
                case "Responses": output.results = try PartiQLCodec.readResults(from: &scanner)
                case "ConsumedCapacity":
                    output.report.consumed = try CapacityReader(isWrite: isWrite).read(from: &scanner)
                default: return false
                }
                return true
            }
            if let count, output.results.count != count {
                throw JSONError(
                    offset: 0, in: response.body,
                    reason: "\(output.results.count) results came for \(count) statements")
            }
            return output
        }
    }
}
