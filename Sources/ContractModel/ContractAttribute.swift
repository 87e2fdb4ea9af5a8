/// One attribute of an item and where its value comes from.
public struct ContractAttribute: Sendable, Equatable {
    /// The attribute's name in DynamoDB.
    public var name: String
    /// The attribute's type.
    public var type: AttributeType
    /// The relational table that the value is read from, or that the join starts at.
    public var sourceTable: String?
    /// The columns that the value is made of, or that the join starts at.
    public var sourceColumns: [String]
    /// How the value is found in other rows; nil where the row itself has it.
    public var join: ContractJoin?
    /// How the value is computed; nil where it is taken as it is.
    public var calculation: ContractCalculation?
    /// How the value is written; nil where it is only cast to `type`.
    public var transformation: ContractTransformation?
    /// What stands in the item where the source has NULL; nil where the attribute is then left out.
    public var nullValue: String?
    /// Whether the source may have NULL; nil where the contract does not say.
    public var isNullable: Bool?
    /// Whether no two items of its kind may have the same value.
    public var isUnique: Bool
    /// Whether the value is a copy of data that lives elsewhere.
    public var denormalized: Bool
    /// Why it is copied, where the contract says so.
    public var justification: String?
    /// The longest value in bytes, from "max_length" or the source's type ("VARCHAR(255)"); nil where the contract does not say.
    public var maximumLengthInBytes: Int?
    /// The source column's type as the contract writes it: "VARCHAR(255)", "DECIMAL(10,2)", "TIMESTAMP".
    public var sourceType: String?
    /// What the contract says of it and this software does not know.
    public var unknownFields: [ContractField]

    /// Makes an attribute.
    public init(
        name: String, type: AttributeType, sourceTable: String? = nil, sourceColumns: [String] = [],
        join: ContractJoin? = nil, calculation: ContractCalculation? = nil,
        transformation: ContractTransformation? = nil, nullValue: String? = nil, isNullable: Bool? = nil,
        isUnique: Bool = false, denormalized: Bool = false, justification: String? = nil,
        maximumLengthInBytes: Int? = nil, sourceType: String? = nil, unknownFields: [ContractField] = []
    ) {
        self.name = name
        self.type = type
        self.sourceTable = sourceTable
        self.sourceColumns = sourceColumns
        self.join = join
        self.calculation = calculation
        self.transformation = transformation
        self.nullValue = nullValue
        self.isNullable = isNullable
        self.isUnique = isUnique
        self.denormalized = denormalized
        self.justification = justification
        self.maximumLengthInBytes = maximumLengthInBytes
        self.sourceType = sourceType
        self.unknownFields = unknownFields
    }

    /// Whether it is a date of a column that has a time of day (DATETIME, TIMESTAMP), in a form that leaves that open.
    package var isMoment: Bool {
        guard case .dateFormat(let format, _)? = transformation, calculation == nil,
            let name = sourceType?.lowercased().prefix(while: \.isLetter)
        else { return false }
        return (format.form == .iso8601 || format.form == .database) && (name == "datetime" || name == "timestamp")
    }

    /// The text that a string-format transformation makes the value from: "ORDER#{created_at}#{id}".
    public var format: KeyTemplate? { if case .stringFormat(let template) = transformation { template } else { nil } }

    /// The table that a join takes the value from, where it takes it from another.
    public var joinedTable: String? { join?.table }

    /// The column that a join selects: "users.email"; nil where it selects none, or more than one.
    public var joinedColumn: String? {
        guard let step = join?.steps.last, let column = step.select.column else { return nil }
        return column.text
    }

    /// The text that stands in the item for a NULL of the source, whatever way the contract says so: a `null_value`, or a
    /// condition on NULL with a constant ("parent_id IS NULL" gives "'ROOT'"). Nil where it says none.
    public var textForNull: String? {
        if let text = nullValue ?? join?.nullValue { return text }
        if case .conditional(let conditional)? = join?.kind {
            if conditional.condition.absentColumn != nil { return conditional.step.select.constantText }
            if conditional.condition.presentColumn != nil { return conditional.elseValue?.constantText }
        }
        if case .cases(let cases)? = calculation {
            return cases.branches.first { $0.when.absentColumn != nil }?.then.constantText
        }
        return nil
    }
}
