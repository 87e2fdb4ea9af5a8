/// DynamoDB's limits that are checked before a request goes out.
/// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
public enum DynamoDBLimits {
    /// Bytes of an item, names and values together: 400 KB.
    public static let maximumItemBytes = 400 * 1_024
    /// Bytes of a partition key's value.
    public static let maximumPartitionKeyBytes = 2_048
    /// Bytes of a sort key's value.
    public static let maximumSortKeyBytes = 1_024
    /// Levels to which lists and maps may be nested.
    public static let maximumNesting = 32
    /// Significant digits of a number.
    public static let maximumNumberDigits = 38
    /// Decimal exponent of the largest number: 9.99…E+125.
    public static let maximumNumberExponent = 125
    /// Decimal exponent of the number closest to zero: 1E-130.
    public static let minimumNumberExponent = -130
    /// Items of one BatchGetItem.
    public static let maximumBatchGetKeys = 100
    /// Items of one BatchWriteItem.
    public static let maximumBatchWrites = 25
    /// Items of one transaction.
    public static let maximumTransactionItems = 100
    /// Bytes of the items of one transaction: 4 MB.
    public static let maximumTransactionBytes = 4 << 20
    /// How long DynamoDB knows a transaction by its token, from the end of the first request that brought it.
    /// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
    public static let transactionTokenLife: Duration = .seconds(600)
    /// Bytes of an expression: 4 KB.
    public static let maximumExpressionBytes = 4_096
    /// Operators and functions of an expression.
    public static let maximumExpressionOperators = 300
    /// Values that one IN compares with.
    public static let maximumInOperands = 100
    /// Bytes for which one read unit pays a strongly consistent read.
    public static let readBlockBytes = 4_096
    /// Bytes for which one write unit pays.
    public static let writeBlockBytes = 1_024
}
