/// The rules of `lint`, by their stable ids. What each says and why stands in `RuleBook`.
package enum Rule: String, CaseIterable, Sendable {
    // The pattern table against itself.
    case rpsTotalDiffers = "rps-total-differs"
    case breakdownDiffers = "breakdown-differs"
    case sumDiffers = "sum-differs"
    case percentagesDiffer = "percentages-differ"
    case countDiffers = "count-differs"
    case ratioDiffers = "ratio-differs"
    case amountDiffers = "amount-differs"
    case rateWithoutWork = "rate-without-work"
    case rateMissing = "rate-missing"
    case averageAbovePeak = "average-above-peak"
    // The data model against patterns and contract.
    case planningDiffers = "planning-differs"
    case indexPlanningDiffers = "index-planning-differs"
    case planningOmitsPattern = "planning-omits-pattern"
    case costBelowDemand = "cost-below-demand"
    case mappingUnknownName = "mapping-unknown-name"
    case modelAttributeDiffers = "model-attribute-differs"
    case modelKeyDiffers = "model-key-differs"
    case modelUnknownName = "model-unknown-name"
    // Patterns and what serves them.
    case satisfiesMappingDisagree = "satisfies-mapping-disagree"
    case satisfiesUnserved = "satisfies-unserved"
    case satisfiesUnknown = "satisfies-unknown"
    case satisfiedTwice = "satisfied-twice"
    case satisfiedNever = "satisfied-never"
    case typeDiffersFromOperation = "type-differs-from-operation"
    case queryWithoutPartitionKey = "query-without-partition-key"
    case kindGuessed = "kind-guessed"
    case operationLacksKey = "operation-lacks-key"
    case updateChangesKey = "update-changes-key"
    case patternNeedsScan = "pattern-needs-scan"
    case methodNeedsScan = "method-needs-scan"
    case consistentIndexRead = "consistent-index-read"
    case getFromIndex = "get-from-index"
    case filterNotProjected = "filter-not-projected"
    case parameterUnused = "parameter-unused"
    case collectionRead = "collection-read"
    case kindsReadTogether = "kinds-read-together"
    case indexUnread = "index-unread"
    case kindNotInIndex = "kind-not-in-index"
    case operationKeyDiffers = "operation-key-differs"
    case indexKeyCanBeAbsent = "index-key-can-be-absent"
    case indexKeyNotFilled = "index-key-not-filled"
    case sparseDiffers = "sparse-differs"
    case projectedAttribute = "projected-attribute"
    case uniqueWithoutLookup = "unique-without-lookup"
    // Keys.
    case keyAttributeMissing = "key-attribute-missing"
    case keyType = "key-type"
    case keyRepeated = "key-repeated"
    case keyConstant = "key-constant"
    case keyHoldsOne = "key-holds-one"
    case keyTimeAlone = "key-time-alone"
    case tableKeyCanBeAbsent = "table-key-can-be-absent"
    case keyCollision = "key-collision"
    case templateMalformed = "template-malformed"
    case templateOtherNotation = "template-other-notation"
    case templateFormatDiffers = "template-format-differs"
    case templateUnknownPlaceholder = "template-unknown-placeholder"
    case templateUnknownIndex = "template-unknown-index"
    case templateAmbiguous = "template-ambiguous"
    case keyTextEmpty = "key-text-empty"
    case keyTooLong = "key-too-long"
    case timeOrderedPartitionKey = "time-ordered-partition-key"
    case indexDuplicate = "index-duplicate"
    case orderNotInKey = "order-not-in-key"
    case numberSortsAsText = "number-sorts-as-text"
    case dateSortsAsText = "date-sorts-as-text"
    // Values and where they come from.
    case denormalizedWithoutJustification = "denormalized-without-justification"
    case copyNotDeclared = "copy-not-declared"
    case joinNullUnsaid = "join-null-unsaid"
    case joinUnknownName = "join-unknown-name"
    case joinComparesRowWithItself = "join-compares-row-with-itself"
    case joinIgnoresColumn = "join-ignores-column"
    case selfJoinOfAnotherTable = "self-join-of-another-table"
    case sourceWithoutJoin = "source-without-join"
    case formatConstant = "format-constant"
    case constructUnusable = "construct-unusable"
    case sameCalculation = "same-calculation"
    case unboundedCollection = "unbounded-collection"
    // Sizes and capacity.
    case oneSizeForAllEntities = "one-size-for-all-entities"
    case itemTooLarge = "item-too-large"
    case itemSizeTooSmall = "item-size-too-small"
    case requestTooLarge = "request-too-large"
    case onePartitionOverloaded = "one-partition-overloaded"
    case aboveWarmThroughput = "above-warm-throughput"
    case aboveQuota = "above-quota"
    case tooManyIndexes = "too-many-indexes"
    case tooManyProjected = "too-many-projected-attributes"
    // Names, settings, shape.
    case reservedName = "reserved-name"
    case nameRefused = "name-refused"
    case timeToLiveAttribute = "ttl-attribute"
    case schemaViolation = "schema-violation"
    case unknownField = "unknown-field"
    case suppressionUnused = "suppression-unused"

    package var severity: Finding.Severity { RuleBook.entry(of: self).severity }
}

/// A rule as people look it up: `lint --explain RULE` and the table in docs/CONTRACT.md.
public struct LintRule: Sendable {
    /// Its stable id: "rps-total-differs".
    public var id: String
    /// How grave a breach is, as a rule; a finding may be graver or milder.
    public var severity: Finding.Severity
    /// What a breach is, in one sentence.
    public var summary: String
    /// Why it matters.
    public var why: String
    /// What to do about it.
    public var remedy: String

    /// All rules, in the order in which documents are read.
    public static var all: [LintRule] { Rule.allCases.map { LintRule($0) } }

    /// The rule of that id; nil where there is none.
    public static func named(_ id: String) -> LintRule? { Rule(rawValue: id).map { LintRule($0) } }

    init(_ rule: Rule) {
        let entry = RuleBook.entry(of: rule)
        id = rule.rawValue
        (severity, summary, why, remedy) = (entry.severity, entry.summary, entry.why, entry.remedy)
    }

    /// The rule told in full, wrapped for a terminal.
    public func text(style: ReportStyle = .plain) -> String {
        ([style(id, .emphasis) + "  " + style(severity.rawValue, .faint), ""]
            + TextWrap.lines(summary, indentation: 2) + [""] + TextWrap.lines(why, indentation: 2) + [""]
            + TextWrap.lines(remedy, indentation: 2, first: "→ ")).joined(separator: "\n") + "\n"
    }

    /// All rules as the table of docs/CONTRACT.md.
    public static func markdownTable() -> String {
        let rows = all.map { "| `\($0.id)` | \($0.severity.rawValue) | \($0.summary) |" }
        return (["| Rule | Severity | What it finds |", "| --- | --- | --- |"] + rows).joined(separator: "\n") + "\n"
    }
}
