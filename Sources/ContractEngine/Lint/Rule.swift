/// The rules of `lint`: their stable ids, and how grave a breach is.
package enum Rule: String, CaseIterable, Sendable {
    /// A stated total is not the sum of the pattern table's rows.
    case rpsTotalDiffers = "rps-total-differs"
    /// Patterns that do no work in DynamoDB carry part of the stated total.
    case rateWithoutWork = "rate-without-work"
    /// A pattern has work to do and no rate.
    case rateMissing = "rate-missing"
    /// A table is planned for another rate than its patterns have.
    case planningDiffers = "planning-differs"
    /// An index is planned for another rate than the patterns that its section lists.
    case indexPlanningDiffers = "index-planning-differs"
    /// A table is planned without patterns that touch it.
    case planningOmitsPattern = "planning-omits-pattern"
    /// The cost estimate buys fewer units than the patterns ask for.
    case costBelowDemand = "cost-below-demand"
    /// `satisfies` and the mapping place a pattern on different tables.
    case satisfiesMappingDisagree = "satisfies-mapping-disagree"
    /// `satisfies` claims a pattern that DynamoDB does not serve.
    case satisfiesUnserved = "satisfies-unserved"
    /// `satisfies` claims a pattern that no document describes.
    case satisfiesUnknown = "satisfies-unknown"
    /// The mapping names what is neither a table nor an index of the contract.
    case mappingUnknownName = "mapping-unknown-name"
    /// A condition names a sort key without its partition key.
    case queryWithoutPartitionKey = "query-without-partition-key"
    /// A key's template and the format of its attribute name different things.
    case templateFormatDiffers = "template-format-differs"
    /// One item size stands for every kind of item.
    case oneSizeForAllEntities = "one-size-for-all-entities"
    /// An item lacks a key attribute, or no item has an index's key.
    case keyAttributeMissing = "key-attribute-missing"
    /// A key attribute has a type that keys may not have.
    case keyType = "key-type"
    /// The contract departs from the schema of its kind.
    case schemaViolation = "schema-violation"

    package var severity: Finding.Severity {
        switch self {
        case .planningOmitsPattern, .queryWithoutPartitionKey, .keyAttributeMissing, .keyType: .error
        case .schemaViolation: .note
        default: .warning
        }
    }
}
