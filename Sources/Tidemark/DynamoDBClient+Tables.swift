internal import AWSCore
public import ContractModel
internal import JSONBytes

/// What DescribeTable says of a table.
public struct TableDescription: CallOutput, OperationResult {
    /// What is known of the call.
    public internal(set) var report = CallReport()
    /// The table's name.
    public internal(set) var name = ""
    /// "ACTIVE", "CREATING", "UPDATING", "DELETING" and others.
    public internal(set) var status = ""
    /// Items at AWS's last count, about every six hours.
    public internal(set) var itemCount = 0
    /// "PAY_PER_REQUEST" or "PROVISIONED"; nil where AWS does not say, which means provisioned.
    public internal(set) var billingMode: String?
    /// The keys and indexes in the contract's terms.
    public internal(set) var table = ContractTable(name: "", partitionKey: KeyAttribute(name: ""))
    /// Each index's status by its name.
    public internal(set) var indexStatus: [String: String] = [:]
    /// Each index's capacity by its name; empty for a table billed by request.
    public internal(set) var indexThroughput: [String: Throughput] = [:]
    /// The local indexes.
    public internal(set) var localIndexes: [LocalIndex] = []
    /// Bytes at AWS's last count, about every six hours.
    public internal(set) var sizeInBytes = 0
    /// The table's ARN, by which it is tagged.
    public internal(set) var arn: String?
    /// The table's own capacity; nil for a table billed by request.
    public internal(set) var throughput: Throughput?
    /// What the table serves at once; nil where the server does not say.
    public internal(set) var warmThroughput: Throughput?
    /// What each global index serves at once, by its name.
    public internal(set) var indexWarmThroughput: [String: Throughput] = [:]
    /// Whether DeleteTable is refused.
    public internal(set) var isProtectedFromDeletion = false
    /// The class, where DynamoDB says so.
    public internal(set) var tableClass: TableClass?
    /// What the stream says; nil for no stream.
    public internal(set) var stream: StreamView?
    /// The stream's ARN.
    public internal(set) var streamARN: String?

    /// Whether the table and all of its indexes serve requests.
    public var isActive: Bool { status == "ACTIVE" && indexStatus.values.allSatisfy { $0 == "ACTIVE" } }
}

struct TableNames: CallOutput {
    var report = CallReport()
    var names: [String] = []
    var last: String?
}

extension DynamoDBClient {
    /// Begins to create a table with its global secondary indexes, billed by request. `waitUntilActive` waits for it.
    ///
    /// - Parameter table: a contract's table, or `ContractTable(name: "Orders", partitionKey: KeyAttribute(name: "id"))`.
    /// - Throws: `client` when there is a table of that name already.
    @discardableResult
    public func createTable(
        _ table: ContractTable, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> TableDescription {
        try await createTable(TableSpecification(table), options: options)
    }

    /// Begins to create a table. `waitUntilActive` waits for it.
    ///
    /// - Throws: `client` when there is a table of that name already.
    @discardableResult
    public func createTable(
        _ specification: TableSpecification, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> TableDescription {
        try await describe(.createTable, table: specification.table.name, options: options) {
            writer throws(ItemProblem) in
            try TableWriter.write(specification, into: &writer)
        }
    }

    /// Begins to change a table. `waitUntilActive` waits until the change is done.
    ///
    /// - Throws: `client` while another change is under way.
    @discardableResult
    public func updateTable(
        _ name: String, _ change: TableChange, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> TableDescription {
        try await describe(.updateTable, table: name, options: options) { writer throws(ItemProblem) in
            try TableWriter.write(change, into: &writer)
        }
    }

    /// Describes a table. Its keys are remembered, so that hot keys of a table that no contract names are found too.
    public func describeTable(
        _ name: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> TableDescription {
        try await describe(.describeTable, table: name, options: options) { _ throws(ItemProblem) in }
    }

    /// Begins to delete a table with all of its items.
    @discardableResult
    public func deleteTable(
        _ name: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> TableDescription {
        try await describe(.deleteTable, table: name, options: options) { _ throws(ItemProblem) in }
    }

    /// The names of all tables of the account in the region, in order; a call for each hundred.
    public func listTables(options: CallOptions = CallOptions()) async throws(TidemarkError) -> [String] {
        var names: [String] = []
        var pages = tableNamePages(options: options).makeAsyncIterator()
        while let page = try await pages.next() { names += page }
        return names
    }

    /// The names of all tables, in pages of a hundred, each fetched when it is asked for.
    public func tableNamePages(options: CallOptions = CallOptions()) -> Pages<[String]> {
        Pages { position async throws(TidemarkError) in
            let page = try await self.perform(CallSite(operation: .listTables, options: options)) {
                () throws(ItemProblem) in
                var writer = RequestWriter.plain()
                if let start = position?.token { writer.json.member("ExclusiveStartTableName", start) }
                return writer.finish(keys: [])
            } decode: { response throws(JSONError) in
                try TableReader.readNames(response.body)
            }
            return (page.names, page.last.map(Pages<[String]>.Position.token))
        }
    }

    private func describe(
        _ operation: Operation, table: String, options: CallOptions,
        write: (inout RequestWriter) throws(ItemProblem) -> Void
    ) async throws(TidemarkError) -> TableDescription {
        let description = try await perform(CallSite(operation: operation, table: table, options: options)) {
            () throws(ItemProblem) in
            var writer = RequestWriter.plain()
            try writer.table(table)
            try write(&writer)
            return writer.finish(keys: [])
        } decode: { response throws(JSONError) in
            try TableReader.read(response.body)
        }
        if !description.table.partitionKey.name.isEmpty { directory.learn(KeySchema(description.table), of: table) }
        return description
    }
}
