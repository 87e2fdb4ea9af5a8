/// One thing that the application does, with how often it does it.
public struct AccessPattern: Sendable, Equatable {
    /// The pattern's id in canonical form: "AP11".
    public var id: String
    /// What it does, in the document's words.
    public var summary: String
    /// Calls a second at peak; nil where no document says.
    public var peakRPS: Double?
    /// Calls a second on average; nil where no document says.
    public var averageRPS: Double?
    /// Whether it reads, writes, or does no work in the database at all.
    public var type: PatternType
    /// What the pattern table names as its attributes, in the document's words.
    public var keyAttributes: [String]
    /// What it does in DynamoDB. Empty where it does nothing there, or where no document says what.
    public var operations: [PatternOperation]
    /// The service level that the contract promises, where it does.
    public var serviceLevel: ServiceLevel?
    /// Why DynamoDB does not serve it, in the model's words; nil where it does.
    public var unsolvedReason: String?
    /// What the documents say of how it is served: "Transaction required", "Unique constraint enforcement via lookup tables".
    public var notes: [String]

    /// Makes a pattern.
    public init(
        id: String, summary: String = "", peakRPS: Double? = nil, averageRPS: Double? = nil,
        type: PatternType = .read, keyAttributes: [String] = [], operations: [PatternOperation] = [],
        serviceLevel: ServiceLevel? = nil, unsolvedReason: String? = nil, notes: [String] = []
    ) {
        self.id = id
        self.summary = summary
        self.peakRPS = peakRPS
        self.averageRPS = averageRPS
        self.type = type
        self.keyAttributes = keyAttributes
        self.operations = operations
        self.serviceLevel = serviceLevel
        self.unsolvedReason = unsolvedReason
        self.notes = notes
    }

    /// Whether DynamoDB serves the pattern: it has work to do there and the model has solved it.
    public var isServed: Bool { type != .none && unsolvedReason == nil }
}

/// What a pattern does to the data.
public enum PatternType: String, Sendable, Hashable, CaseIterable {
    case read
    case write
    /// No work in the database: a logout that only forgets a token.
    case none
}

/// One operation by which a pattern touches a table or an index.
public struct PatternOperation: Sendable, Hashable {
    /// DynamoDB's name of the operation: "GetItem".
    public var operation: String
    /// The table that it touches.
    public var table: String
    /// The index that it reads; nil for the table itself.
    public var index: String?
    /// The kind of item that it touches, in a multi-entity table; nil where not known.
    public var entity: String?
    /// The consistency of its reads; nil where no document says.
    public var consistency: ReadConsistency?
    /// Items read or written by a call; nil where no document says.
    public var itemsPerCall: Double?
    /// Whether a Query reads the greatest sort keys first (`ScanIndexForward=false`); nil where no document says.
    public var isDescending: Bool?
    /// How many items a Query asks for at most (`Limit`); nil where no document says.
    package var limit: Int?
    /// The operation that the documents name where DynamoDB has none such of an index, which they name too: "GetItem". It is taken as a
    /// Query.
    package var calledOnIndex: String?
    /// Whether any of this was concluded by rule rather than written down.
    public var isGuess: Bool
    /// Whether no document names the operation itself, so that it was concluded too.
    public var isOperationGuess: Bool
    /// Whether words alone tell of which kind of item a write is, while its key is that of several kinds or of none.
    public var isEntityGuess: Bool
    /// What was concluded and from what, or how a call that DynamoDB does not have was taken, as a sentence; nil where nothing was.
    public var guess: String?

    /// Makes an operation.
    public init(
        operation: String, table: String, index: String? = nil, entity: String? = nil,
        consistency: ReadConsistency? = nil, itemsPerCall: Double? = nil, isDescending: Bool? = nil,
        isGuess: Bool = false, isOperationGuess: Bool = false, isEntityGuess: Bool = false, guess: String? = nil
    ) {
        self.operation = operation
        self.table = table
        self.index = index
        self.entity = entity
        self.consistency = consistency
        self.itemsPerCall = itemsPerCall
        self.isDescending = isDescending
        self.isGuess = isGuess
        self.isOperationGuess = isOperationGuess
        self.isEntityGuess = isEntityGuess
        self.guess = guess
    }

    /// Whether the operation writes.
    public var isWrite: Bool { PatternOperation.writes.contains(operation) }

    /// Whether the operation is transactional, which doubles its units.
    public var isTransactional: Bool { operation.hasPrefix("Transact") }

    /// The operations that write.
    public static let writes: Set<String> = [
        "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems",
    ]

    /// The operations that read.
    public static let reads: Set<String> = ["GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems"]
}

/// How current a read is, with what that costs in units for 4 KB.
public enum ReadConsistency: String, Sendable, Hashable, CaseIterable {
    case eventual
    case strong
    case transactional

    /// Read units for 4 KB.
    /// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
    public var unitsPerBlock: Double {
        switch self {
        case .eventual: 0.5
        case .strong: 1
        case .transactional: 2
        }
    }
}

/// What a pattern promises to its callers.
public struct ServiceLevel: Sendable, Hashable {
    /// The time within which 99 of 100 calls end; nil where not promised.
    public var p99: Duration?
    /// The share of calls that succeed, in 0...1; nil where not promised.
    public var availability: Double?

    /// Makes a service level.
    public init(p99: Duration? = nil, availability: Double? = nil) {
        self.p99 = p99
        self.availability = availability
    }
}
