/// How a value is found in another table, or in another row of its own.
public struct ContractJoin: Sendable, Equatable {
    /// The kinds of joins. What a kind does not find is `nullValue`, else nothing.
    public enum Kind: Sendable, Equatable {
        /// Another row of the same table, under an alias: a category's parent.
        case selfJoin(JoinStep)
        /// The row that a column points to.
        case foreignKey(JoinStep)
        /// The row that several columns together point to.
        case multiColumn(JoinStep)
        /// The row that a column points to where a condition holds, another value where it does not.
        case conditional(ConditionalJoin)
        /// One row after another: the product of an order's item, then that product's category.
        case chain(ChainJoin)
        /// The row of a small table of names: a tag, a role.
        case lookupTable(JoinStep)
        /// Rows of another table, put into one value.
        case jsonConstruction(JSONConstruction)
        /// A type that is not one of these.
        case unknown(UnknownConstruct)
    }

    /// The kind, with what it needs.
    public var kind: Kind
    /// What stands in the item where the join finds nothing, or the column is NULL: "ROOT". Nil where the contract does not say.
    public var nullValue: String?

    /// Makes a join.
    public init(_ kind: Kind, nullValue: String? = nil) {
        self.kind = kind
        self.nullValue = nullValue
    }

    /// The join's type, as contracts write it.
    public var type: String {
        switch kind {
        case .selfJoin: "self-join"
        case .foreignKey: "foreign-key"
        case .multiColumn: "multi-column"
        case .conditional: "conditional"
        case .chain: "chain"
        case .lookupTable: "lookup-table"
        case .jsonConstruction: "json-construction"
        case .unknown(let construct): construct.type
        }
    }

    /// The rows that the join visits, in order; the last one gives the value, except in a chain with a separator. None for a
    /// JSON construction, which reads many rows.
    public var steps: [JoinStep] {
        switch kind {
        case .selfJoin(let step), .foreignKey(let step), .multiColumn(let step), .lookupTable(let step): [step]
        case .conditional(let join): [join.step]
        case .chain(let join): join.steps
        case .jsonConstruction, .unknown: []
        }
    }

    /// The table that the value comes from; nil where no table is named.
    public var table: String? {
        if case .jsonConstruction(let construction) = kind { return construction.table }
        return steps.last?.table
    }
}

/// One row that a join visits.
public struct JoinStep: Sendable, Equatable {
    /// The table that the row is in.
    public var table: String
    /// The name by which conditions and columns call the row; nil where they call it by its table.
    public var alias: String?
    /// What must hold between that row and the ones before it: all of them.
    public var conditions: [SourceCondition]
    /// What is taken from the row.
    public var select: SourceExpression

    /// Makes a step.
    public init(table: String, alias: String? = nil, conditions: [SourceCondition], select: SourceExpression) {
        self.table = table
        self.alias = alias
        self.conditions = conditions
        self.select = select
    }

    /// The name by which conditions call the row.
    public var name: String { alias ?? table }

    /// Pairs of a column of the row and the column before it that must be equal; nil where the conditions say anything else.
    ///
    /// A condition that names the same table on both sides joins its left column with the right one of the row before, which
    /// is how contracts write it: "categories.id = categories.parent_id" is the category that a category's parent_id names.
    public var columnPairs: [ColumnPair]? {
        var pairs: [ColumnPair] = []
        for condition in conditions {
            guard let equal = condition.equalColumns else { return nil }
            for (left, right) in equal {
                if left.table == name {
                    pairs.append(ColumnPair(joined: left, local: right))
                } else if right.table == name {
                    pairs.append(ColumnPair(joined: right, local: left))
                } else {
                    return nil
                }
            }
        }
        return pairs
    }

    /// Whether a condition names the joined table on both sides, so that SQL would compare a row with itself.
    public var comparesRowWithItself: Bool {
        conditions.contains { condition in
            (condition.equalColumns ?? []).contains { $0.left.table == $0.right.table && $0.left.table != nil }
        }
    }
}

/// A column of the joined row and the column that leads to it.
public struct ColumnPair: Sendable, Hashable {
    /// The joined row's column: "users.id".
    public var joined: SourceColumn
    /// The column of the row before: "orders.user_id".
    public var local: SourceColumn

    /// Pairs columns.
    public init(joined: SourceColumn, local: SourceColumn) {
        self.joined = joined
        self.local = local
    }
}

/// A join that takes place only where a condition holds.
public struct ConditionalJoin: Sendable, Equatable {
    /// When the row is visited.
    public var condition: SourceCondition
    /// The row; its `select` is the value where the condition holds. It may be a constant: "'ROOT'".
    public var step: JoinStep
    /// The value where the condition does not hold; nil where the contract does not say.
    public var elseValue: SourceExpression?

    /// Makes a conditional join.
    public init(condition: SourceCondition, step: JoinStep, elseValue: SourceExpression? = nil) {
        self.condition = condition
        self.step = step
        self.elseValue = elseValue
    }
}

/// Joins one after another.
public struct ChainJoin: Sendable, Equatable {
    /// The rows, in the order in which they are visited.
    public var steps: [JoinStep]
    /// With a separator the value is what every step selects, put together with it; without one, what the last selects.
    public var separator: String?

    /// Makes a chain.
    public init(steps: [JoinStep], separator: String? = nil) {
        self.steps = steps
        self.separator = separator
    }
}

/// Rows of another table as one value: the items of an order.
public struct JSONConstruction: Sendable, Equatable {
    /// Whether all rows are taken, or the members of one.
    public enum Shape: String, Sendable, Hashable, CaseIterable {
        case array
        case object
    }

    /// A member of each object.
    public struct Member: Sendable, Equatable {
        /// The member's name.
        public var name: String
        /// What it holds.
        public var value: SourceExpression

        /// Makes a member.
        public init(name: String, value: SourceExpression) {
            self.name = name
            self.value = value
        }
    }

    /// A column by which rows are ordered.
    public struct Order: Sendable, Equatable {
        /// What is compared.
        public var by: SourceExpression
        /// Whether small values come first.
        public var ascending: Bool

        /// Makes an order.
        public init(by: SourceExpression, ascending: Bool = true) {
            self.by = by
            self.ascending = ascending
        }
    }

    /// The table whose rows are taken.
    public var table: String
    /// Which of them: those for which all of these hold.
    public var conditions: [SourceCondition]
    /// Whether the value is an array of objects or one object.
    public var shape: Shape
    /// The members of each object, in the contract's order.
    public var members: [Member]
    /// In which order the rows are taken; empty where the contract does not say.
    public var order: [Order]
    /// The most rows that are taken; nil for all of them.
    public var limit: Int?

    /// Makes a construction.
    public init(
        table: String, conditions: [SourceCondition], shape: Shape, members: [Member], order: [Order] = [],
        limit: Int? = nil
    ) {
        self.table = table
        self.conditions = conditions
        self.shape = shape
        self.members = members
        self.order = order
        self.limit = limit
    }

    /// Reads "reviews.created_at DESC, id": the parts of SQL's ORDER BY.
    public static func order(_ text: String) -> [Order] {
        text.split(separator: ",").map { part in
            var words = part.split { $0 == " " || $0 == "\t" }
            let last = words.last?.uppercased()
            if last == "ASC" || last == "DESC" { words.removeLast() }
            return Order(by: SourceExpression(words.joined(separator: " ")), ascending: last != "DESC")
        }
    }
}
