import ContractEngine
import ContractModel
import Testing

/// Every join, calculation and transformation that contracts have, read into the model with all that it needs.
struct ConstructReadingTests {
    /// The attribute of a table from `orders` that has these members.
    private func attribute(_ members: String) throws -> ContractAttribute {
        let text = """
            {"table": "T", "source_table": "orders", "pk": "id", "attributes": [
              {"name": "id", "type": "S", "source_table": "orders", "source_column": "id"},
              {"name": "x", "type": "S", "source_table": "orders", "source_column": "status", \(members)}]}
            """
        let document = try ContractDocument.read(contract: SourceText(name: "c.json", text: text))
        return try #require(document.contract.tables[0].entities[0].attribute(named: "x"))
    }

    private func column(_ table: String?, _ name: String) -> SourceColumn { SourceColumn(table: table, name: name) }

    @Test func selfJoinHasAnAliasAndAValueForNull() throws {
        let read = try attribute(
            """
            "join": {"type": "self-join", "join_alias": "parent", "join_condition": "parent.id = orders.parent_id",
             "select_column": "parent.name", "null_value": "ROOT"}
            """)
        let step = JoinStep(
            table: "orders", alias: "parent", conditions: [SourceCondition("parent.id = orders.parent_id")],
            select: SourceExpression("parent.name"))
        #expect(read.join == ContractJoin(.selfJoin(step), nullValue: "ROOT"))
        #expect(read.textForNull == "ROOT")
        #expect(step.columnPairs == [ColumnPair(joined: column("parent", "id"), local: column("orders", "parent_id"))])
    }

    @Test(arguments: ["foreign-key", "lookup-table", "foreign_key", "Lookup Table"])
    func joinOfOneRow(_ type: String) throws {
        let read = try attribute(
            """
            "join": {"type": "\(type)", "target_table": "users", "join_condition": "users.id = orders.user_id",
             "select_column": "users.email"}
            """)
        #expect(read.join?.steps.map(\.table) == ["users"])
        #expect(read.joinedColumn == "users.email")
        #expect(read.textForNull == nil)
        #expect(type.lowercased().hasPrefix("f") == (read.join?.type == "foreign-key"))
    }

    @Test func multiColumnJoinHasSeveralConditionsAndMaySelectAnExpression() throws {
        let read = try attribute(
            """
            "join": {"type": "multi-column", "target_table": "sizes",
             "join_conditions": ["sizes.product = orders.product", "orders.size = sizes.size"],
             "select_column": "CONCAT(sizes.label, ' / ', sizes.unit)"}
            """)
        guard case .multiColumn(let step)? = read.join?.kind else {
            Issue.record("not a multi-column join")
            return
        }
        #expect(
            step.columnPairs == [
                ColumnPair(joined: column("sizes", "product"), local: column("orders", "product")),
                ColumnPair(joined: column("sizes", "size"), local: column("orders", "size")),
            ])
        #expect(
            step.select.form
                == .call(
                    "CONCAT", [.column(column("sizes", "label")), .text(" / "), .column(column("sizes", "unit"))]))
    }

    @Test func conditionalJoinHasAnotherValue() throws {
        let read = try attribute(
            """
            "join": {"type": "conditional", "condition": "orders.user_id IS NOT NULL", "target_table": "users",
             "join_condition": "users.id = orders.user_id", "select_column": "users.name", "else_value": "Anonymous"}
            """)
        guard case .conditional(let join)? = read.join?.kind else {
            Issue.record("not a conditional join")
            return
        }
        #expect(join.condition.presentColumn == column("orders", "user_id"))
        #expect(join.elseValue?.constantText == "Anonymous")
        #expect(read.textForNull == "Anonymous")
    }

    @Test func conditionOnNullWithAConstantIsAValueForNull() throws {
        let read = try attribute(
            """
            "join": {"type": "conditional", "condition": "parent_id IS NULL", "target_table": "orders",
             "join_condition": "orders.id = orders.parent_id", "select_column": "'ROOT'", "else_value": "parent.name"}
            """)
        guard case .conditional(let join)? = read.join?.kind else {
            Issue.record("not a conditional join")
            return
        }
        #expect(read.textForNull == "ROOT")
        #expect(join.elseValue?.column == column("parent", "name"))
        #expect(join.step.comparesRowWithItself)
        // As contracts mean it: the row that parent_id points to.
        #expect(
            join.step.columnPairs == [ColumnPair(joined: column("orders", "id"), local: column("orders", "parent_id"))])
    }

    @Test func chainHasStepsAndPerhapsASeparator() throws {
        let joins = """
            [{"target_table": "items", "join_condition": "items.id = orders.item_id", "select_column": "items.name"},
             {"target_table": "groups", "join_condition": "groups.id = items.group_id", "select_column": "groups.name"}]
            """
        let last = try attribute("\"join\": {\"type\": \"chain\", \"joins\": \(joins)}")
        #expect(last.join?.steps.map(\.table) == ["items", "groups"])
        #expect(last.joinedColumn == "groups.name")
        let all = try attribute("\"join\": {\"type\": \"chain\", \"chain_separator\": \" > \", \"joins\": \(joins)}")
        guard case .chain(let chain)? = all.join?.kind else {
            Issue.record("not a chain")
            return
        }
        #expect(chain.separator == " > ")
    }

    @Test func jsonConstructionHasMembersOrderAndLimit() throws {
        let read = try attribute(
            """
            "join": {"type": "json-construction", "target_table": "reviews", "join_condition": "reviews.order_id = orders.id",
             "construction": {"type": "array", "limit": 5, "order_by": "reviews.at DESC, reviews.id",
              "select_columns": {"stars": "reviews.stars", "by": "reviews.user"}}}
            """)
        guard case .jsonConstruction(let construction)? = read.join?.kind else {
            Issue.record("not a construction")
            return
        }
        #expect(construction.shape == .array)
        #expect(construction.members.map(\.name) == ["stars", "by"])
        #expect(construction.limit == 5)
        #expect(
            construction.order == [
                JSONConstruction.Order(by: SourceExpression("reviews.at"), ascending: false),
                JSONConstruction.Order(by: SourceExpression("reviews.id")),
            ])
        #expect(read.join?.table == "reviews")
    }

    @Test(arguments: [
        "{\"type\": \"left-join\", \"target_table\": \"users\"}",
        "{\"type\": \"foreign-key\", \"target_table\": \"users\"}",
        "{\"type\": \"chain\", \"joins\": [{\"target_table\": \"users\"}]}", "{\"type\": \"conditional\"}", "{}",
        "{\"type\": \"json-construction\", \"target_table\": \"a\", \"join_condition\": \"a.b = c.d\", \"construction\": {}}",
    ])
    func joinThatLacksSomethingIsKeptAsUnknown(_ json: String) throws {
        let read = try attribute("\"join\": \(json)")
        guard case .unknown(let construct)? = read.join?.kind else {
            Issue.record("\(json) was read as something")
            return
        }
        #expect(construct.type == read.join?.type)
    }

    @Test func unknownTypeKeepsItsMembers() throws {
        let read = try attribute("\"join\": {\"type\": \"lateral\", \"depth\": 3, \"of\": [\"a\"]}")
        #expect(
            read.join?.kind
                == .unknown(
                    UnknownConstruct(
                        type: "lateral",
                        fields: [ContractField(name: "depth", text: "3"), ContractField(name: "of", text: "[\"a\"]")])))
    }

    @Test func aggregateSumsAnExpression() throws {
        let read = try attribute(
            """
            "calculation": {"type": "aggregate", "target_table": "items", "join_condition": "items.order_id = orders.id",
             "operation": "sum", "select_column": "items.price * items.quantity"}
            """)
        guard case .aggregate(let aggregate)? = read.calculation else {
            Issue.record("not an aggregate")
            return
        }
        #expect(aggregate.operation == .sum)
        #expect(
            aggregate.select.form
                == .arithmetic(.column(column("items", "price")), .multiply, .column(column("items", "quantity"))))
    }

    @Test func casesHaveValuesAndPerhapsAnElse() throws {
        let read = try attribute(
            """
            "calculation": {"type": "case", "cases": [{"when": "status = 'P'", "then": "'Pending'"},
             {"when": "status IN ('S', 'D') AND NOT is_void", "then": "Sent"}, {"when": "status IS NULL", "then": "'?'"}],
             "else": "status"}
            """)
        guard case .cases(let cases)? = read.calculation else {
            Issue.record("not a case")
            return
        }
        #expect(cases.branches.map { $0.then.constantText } == ["Pending", "Sent", "?"])
        #expect(cases.branches[0].when.form == .comparison(.column(column(nil, "status")), .equal, .text("P")))
        #expect(
            cases.branches[1].when.form
                == .and([
                    .isOneOf(.column(column(nil, "status")), [.text("S"), .text("D")]),
                    .not(.isTrue(.column(column(nil, "is_void")))),
                ]))
        #expect(cases.otherwise?.column == column(nil, "status"))
        #expect(read.textForNull == "?")
    }

    @Test func concatHasPartsAndASeparator() throws {
        let read = try attribute(
            "\"calculation\": {\"type\": \"concat\", \"columns\": [\"first\", \"' - '\", \"last\"], \"separator\": \" \"}"
        )
        guard case .concat(let concat)? = read.calculation else {
            Issue.record("not a concat")
            return
        }
        #expect(
            concat.parts.map(\.form) == [.column(column(nil, "first")), .text(" - "), .column(column(nil, "last"))])
        #expect(concat.separator == " ")
        let own = try attribute("\"calculation\": {\"type\": \"concat\"}")
        #expect(own.calculation == .concat(ConcatCalculation(parts: [SourceExpression("status")])))
    }

    @Test(arguments: [
        "{\"type\": \"date-math\", \"operation\": \"ADD\", \"column\": \"at\", \"interval\": \"30 DAY\"}",
        "{\"type\": \"date-math\", \"operation\": \"add\", \"date\": \"at\", \"amount\": 30, \"unit\": \"days\"}",
        "{\"type\": \"date-math\", \"expression\": \"DATE_ADD(at, INTERVAL 30 DAY)\"}",
    ])
    func dateIsMoved(_ json: String) throws {
        let read = try attribute("\"calculation\": \(json)")
        #expect(
            read.calculation
                == .dateMath(
                    DateMath(
                        operation: .add, date: SourceExpression("at"), amount: SourceExpression("30"), unit: .day)))
    }

    @Test func timeBetweenDates() throws {
        let read = try attribute(
            "\"calculation\": {\"type\": \"date-math\", \"expression\": \"TIMESTAMPDIFF(HOUR, a, b)\"}")
        #expect(
            read.calculation
                == .dateMath(
                    DateMath(
                        operation: .difference, date: SourceExpression("a"), other: SourceExpression("b"), unit: .hour))
        )
    }

    @Test func transformationsHaveTheirFormats() throws {
        #expect(
            try attribute(
                "\"transformation\": {\"type\": \"date-format\", \"format\": \"YYYY-MM\", \"source_format\": \"timestamp\"}"
            ).transformation == .dateFormat(DateFormat("YYYY-MM"), source: DateFormat("timestamp")))
        #expect(
            try attribute("\"transformation\": {\"type\": \"string-format\", \"format\": \"A#{id}\"}").format
                == KeyTemplate("A#{id}"))
        #expect(
            try attribute("\"transformation\": {\"type\": \"number-format\", \"format\": \"0.00\"}").transformation
                == .numberFormat(NumberFormat("0.00")))
        #expect(try attribute("\"transformation\": {\"type\": \"json-parse\"}").transformation == .jsonParse)
        #expect(
            try attribute("\"transformation\": {\"type\": \"uppercase\"}").transformation
                == .unknown(UnknownConstruct(type: "uppercase")))
    }

    @Test func attributesSayWhatTheyMayBe() throws {
        let read = try attribute(
            """
            "null_value": "none", "nullable": true, "unique": true, "source_type": "VARCHAR(64)", "denormalized": true,
            "justification": "shown in lists", "colour": {"dark": true}
            """)
        #expect(read.nullValue == "none" && read.textForNull == "none")
        #expect(read.isNullable == true && read.isUnique && read.denormalized)
        #expect(read.maximumLengthInBytes == 256)
        #expect(read.unknownFields == [ContractField(name: "colour", text: "{\"dark\":true}")])
    }
}
