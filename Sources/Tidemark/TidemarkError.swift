public import AWSCore

/// Why a call failed: what kind of failure, where, and after how many attempts.
///
/// What it prints shows no key and no item. DynamoDB's answer may quote them; `underlying` has it in full.
public struct TidemarkError: Error, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The kind of failure. More kinds may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        let name: String

        /// Refused for rate or capacity, also after all retries. `throttleReasons` says which limit.
        public static let throttled = Code(name: "throttled")
        /// The condition of the write did not hold: an answer rather than a fault.
        public static let conditionFailed = Code(name: "conditionFailed")
        /// Another transaction held one of the items.
        public static let transactionConflict = Code(name: "transactionConflict")
        /// DynamoDB cancelled the transaction and does not say that a condition, a conflict or a throttle was the cause.
        public static let transactionCancelled = Code(name: "transactionCancelled")
        /// A transaction with the same token is still under way, also after all retries.
        public static let transactionInProgress = Code(name: "transactionInProgress")
        /// The items that share a partition key are 10 GB with their local indexes: DynamoDB takes no more of them.
        public static let itemCollectionTooLarge = Code(name: "itemCollectionTooLarge")
        /// A quota of the account. By `LimitExceededException` DynamoDB refuses what it would take in a while, such as a table more
        /// than may be made at once: tried again after a pause, and `isRetryable`. `LimitExceeded` and `LimitExceededFault` stand.
        public static let limitExceeded = Code(name: "limitExceeded")
        /// There is no item where the operation demands one (`requireItem`, `require`); the call itself succeeded.
        public static let itemNotFound = Code(name: "itemNotFound")
        /// DynamoDB refuses the request as it is written, or would: limits are checked before anything is sent.
        public static let validation = Code(name: "validation")
        /// The credentials may not do this.
        public static let accessDenied = Code(name: "accessDenied")
        /// No credentials, or such as AWS does not know.
        public static let credentials = Code(name: "credentials")
        /// The credentials have expired.
        public static let expiredCredentials = Code(name: "expiredCredentials")
        /// The table or index is not there.
        public static let notFound = Code(name: "notFound")
        /// DynamoDB failed.
        public static let server = Code(name: "server")
        /// An attempt or the call took longer than it may.
        public static let timeout = Code(name: "timeout")
        /// The connection could not be made or broke.
        public static let network = Code(name: "network")
        /// The calling task was cancelled.
        public static let cancelled = Code(name: "cancelled")
        /// Another refusal that the caller's side has to mend, such as a client that was shut down.
        public static let client = Code(name: "client")
        /// The answer is not what DynamoDB's protocol says.
        public static let malformedResponse = Code(name: "malformedResponse")
        /// The answer's bytes do not have the checksum that it states.
        public static let checksumMismatch = Code(name: "checksumMismatch")
        /// Nothing was sent: reads or writes of this table failed too often. `retryAfter` says when the next probe goes.
        public static let circuitOpen = Code(name: "circuitOpen")
        /// An item that was read is not what the caller's type takes; the call itself succeeded, and is measured so.
        public static let decoding = Code(name: "decoding")
        /// The item or key breaks the migration contract; nothing was sent.
        public static let contract = Code(name: "contract")
        /// The configuration is incomplete or wrong; no client was made.
        public static let configuration = Code(name: "configuration")

        /// The code's name: "throttled".
        public var description: String { name }
    }

    /// The kind of failure.
    public var code: Code
    /// One sentence: what is wrong and, where that is known, what to do. May quote DynamoDB, which may quote a value.
    public var message: String { didSet { shownMessage = nil } }
    /// The message without the request's values; nil where it is not known which these are.
    var shownMessage: String?
    /// DynamoDB's name of the operation: "GetItem"; empty for a configuration error.
    public var operation: String
    /// The table; empty where the call touches several or none.
    public var table: String
    /// The index; empty for the table itself.
    public var index = ""
    /// The host that was asked; empty where nothing was to be sent.
    public var endpoint = ""
    /// The access pattern that the caller named; empty for none.
    public var pattern: String
    /// Attempts made; 0 when nothing was sent.
    public var attempts: Int
    /// The id that the call's log line carries.
    public var correlationID: String
    /// AWS's id of the last attempt, to be given to AWS support.
    public var requestID: String?
    /// Which limits throttled the last attempt.
    public var throttleReasons: [ThrottleDetail]
    /// Why each item of a cancelled transaction was refused, in the order of the request; empty for other failures.
    public var cancellationReasons: [CancellationReason]
    /// The attributes whose unique values another item has, by the contract's constraints; empty for other failures.
    public var takenAttributes: [String] = []
    /// The key of the item that could not be read as the caller's type (`decoding`), where it is known. `revealingDescription` shows
    /// it; `description` does not.
    public var unreadableKey: Item?
    /// The item that stood in the way of a condition, where the call asked for it (`returnItemOnConditionFailure`).
    public var conflictingItem: Item?
    /// The classified failure with DynamoDB's own code, message and answer, where there was one.
    public var underlying: AWSFailure? {
        get { boxedUnderlying?.value }
        set { boxedUnderlying = newValue.map { Boxed($0) } }
    }
    private var boxedUnderlying: Boxed<AWSFailure>?

    /// Makes an error; everything but code and message may be left out.
    public init(
        code: Code, message: String, operation: String = "", table: String = "", pattern: String = "",
        attempts: Int = 0, correlationID: String = "", requestID: String? = nil,
        throttleReasons: [ThrottleDetail] = [], cancellationReasons: [CancellationReason] = [],
        conflictingItem: Item? = nil, underlying: AWSFailure? = nil
    ) {
        self.code = code
        self.message = message
        self.operation = operation
        self.table = table
        self.pattern = pattern
        self.attempts = attempts
        self.correlationID = correlationID
        self.requestID = requestID
        self.throttleReasons = throttleReasons
        self.cancellationReasons = cancellationReasons
        self.conflictingItem = conflictingItem
        self.underlying = underlying
    }

    /// "PutItem on Orders failed (throttled): Rate exceeded [4 attempts, attempts used up, correlation 1f2e…, request
    /// 3A4B…]". Values that DynamoDB quotes are left out.
    public var description: String { describe(shownMessage ?? Redaction.withoutQuotedValues(message)) }

    /// The same as `description`.
    public var debugDescription: String { description }

    /// `description` with DynamoDB's message in full, which may quote a key or another value, and with the key of an item that
    /// cannot be read.
    public var revealingDescription: String {
        let key = (unreadableKey ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value.keyText ?? "")" }
        return describe(key.isEmpty ? message : message + " (the item with \(key.joined(separator: ", ")))")
    }

    /// `dump` and mirrors show no item either.
    public var customMirror: Mirror { Mirror(self, children: ["description": description]) }

    /// Sets a message of ours, which quotes no value.
    mutating func say(_ text: String) {
        message = text
        shownMessage = text
    }

    private func describe(_ message: String) -> String {
        var text =
            operation.isEmpty
            ? "failed"
            : table.isEmpty
                ? "\(operation) failed" : "\(operation) on \(table)\(index.isEmpty ? "" : "/\(index)") failed"
        text += " (\(code.name)): \(message)"
        var facts: [String] = []
        if let underlying, let status = underlying.status { facts.append("\(underlying.code), HTTP \(status)") }
        for detail in throttleReasons where detail.reason != .unspecified { facts.append(detail.reason.wireName) }
        if attempts > 0 { facts.append(attempts == 1 ? "1 attempt" : "\(attempts) attempts") }
        if let words = retryEnd?.words { facts.append(words) }
        if !correlationID.isEmpty { facts.append("correlation \(correlationID)") }
        if let requestID { facts.append("request \(requestID)") }
        if mayHaveBeenApplied { facts.append("may have been applied") }
        return facts.isEmpty ? text : text + " [\(facts.joined(separator: ", "))]"
    }
}

/// Why one item of a transaction was refused.
public struct CancellationReason: Sendable, CustomStringConvertible, CustomReflectable {
    /// DynamoDB's code: "ConditionalCheckFailed", "TransactionConflict", "None" for an item that was not at fault.
    public var code: String
    /// DynamoDB's message; nil where the item was not at fault.
    public var message: String?
    /// The item as it was, where the write asked for it.
    public var item: Item?

    /// Puts the parts together.
    public init(code: String, message: String? = nil, item: Item? = nil) {
        self.code = code
        self.message = message
        self.item = item
    }

    /// Whether this item was among those at fault.
    public var isAtFault: Bool { code != "None" }

    /// The code alone.
    public var description: String { code }
    /// Shows no item.
    public var customMirror: Mirror { Mirror(self, children: ["code": code]) }
}
