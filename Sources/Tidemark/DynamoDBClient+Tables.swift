internal import AWSCore
public import ContractModel
internal import JSONBytes

/// What DescribeTable says of a table.
public struct TableDescription: CallOutput {
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
    /// Nothing: operations on tables consume no capacity.
    public var consumed: [ConsumedCapacity] { [] }

    /// Whether the table and all of its indexes serve requests.
    public var isActive: Bool { status == "ACTIVE" && indexStatus.values.allSatisfy { $0 == "ACTIVE" } }
}

struct TableNames: CallOutput {
    var names: [String] = []
    var last: String?
    var consumed: [ConsumedCapacity] { [] }
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
        try await describe(.createTable, table: table.name, options: options) { writer throws(ItemProblem) in
            try TableWriter.write(table, into: &writer)
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
        var last: String?
        repeat {
            let start = last
            let page = try await perform(CallSite(operation: .listTables, options: options)) {
                () throws(ItemProblem) in
                var writer = RequestWriter.plain()
                if let start { writer.json.member("ExclusiveStartTableName", start) }
                return writer.finish(keys: [])
            } decode: { response throws(JSONError) in
                try TableReader.readNames(response.body)
            }
            names += page.names
            last = page.last
        } while last != nil
        return names
    }

    /// How long a table may take to appear after CreateTable has answered.
    static let appearanceGrace: Duration = .seconds(30)

    /// Waits until the table and its indexes serve requests, also for a table that CreateTable has only just made.
    ///
    /// - Parameters:
    ///   - timeout: default 5 minutes.
    ///   - interval: time between two looks. Default 1 s.
    /// - Throws: `timeout` when it takes longer, `notFound` when there is no such table after half a minute, and whatever
    ///   else DescribeTable meets.
    @discardableResult
    public func waitUntilActive(
        _ name: String, timeout: Duration = .seconds(300), interval: Duration = .seconds(1)
    ) async throws(TidemarkError) -> TableDescription {
        let started = caller.hooks.uptimeNanoseconds()
        while true {
            let elapsed = Duration.nanoseconds(Int64(clamping: caller.hooks.uptimeNanoseconds() &- started))
            let description = try await look(at: name, mayBeMissing: elapsed < Self.appearanceGrace)
            if let description, description.isActive { return description }
            guard elapsed + interval <= timeout else {
                throw TidemarkError(
                    code: .timeout, message: "the table was not active after \(timeout): look at it in the AWS console",
                    operation: Operation.describeTable.name, table: name)
            }
            do {
                try await caller.hooks.sleep(interval)
            } catch {
                throw TidemarkError(
                    code: .cancelled, message: "the wait for the table was cancelled",
                    operation: Operation.describeTable.name, table: name)
            }
        }
    }

    /// The table's description, or nil where it is missing and may be.
    private func look(at name: String, mayBeMissing: Bool) async throws(TidemarkError) -> TableDescription? {
        var options = CallOptions()
        options.expectsNotFound = mayBeMissing
        do {
            return try await describeTable(name, options: options)
        } catch {
            if mayBeMissing, error.code == .notFound { return nil }
            throw error
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
