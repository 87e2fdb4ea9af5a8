import ContractEngine
import ContractModel
import Testing
import Tidemark

/// Rows of MySQL become items and rows again: every join, calculation and transformation of the contract's schema.
struct SourceMappingTests {
    /// A mapping of one attribute beside a key, by the contract's own JSON.
    static func mapping(_ attribute: String) throws -> SourceMapping {
        let text = """
            {"tables": [{"table": "T", "type": "single-entity", "source_table": "t", "pk": "id", "satisfies": [],
              "estimated_item_size_bytes": 100, "attributes": [
                {"name": "id", "type": "S", "source_table": "t", "source_column": "id"}, \(attribute)]}]}
            """
        let contract = try ContractDocument.read(contract: SourceText(name: "contract.json", text: text)).contract
        return SourceMapping(table: contract.tables[0], entity: contract.tables[0].entities[0])
    }

    private static func attribute(_ type: String = "S", _ column: String = "c", _ more: String = "") -> String {
        #"{"name": "a", "type": "\#(type)", "source_table": "t", "source_column": "\#(column)"\#(more.isEmpty ? "" : ", " + more)}"#
    }

    private func value(
        _ attribute: String, _ row: SourceRow, related: [String: [SourceRow]] = [:]
    ) throws -> AttributeValue? {
        try Self.mapping(attribute).item(from: row.merging(["id": .integer(1)]) { $1 }, related: related)["a"]
    }

    private func reason(_ attribute: String, _ row: SourceRow, related: [String: [SourceRow]] = [:]) -> String? {
        do {
            _ = try value(attribute, row, related: related)
            return nil
        } catch {
            return (error as? ContractBreach)?.reason
        }
    }

    // MARK: Casts

    static let digits38 = "12345678901234567890.123456789012345678"

    @Test(
        arguments: [
            ("S", SourceValue.integer(42), AttributeValue.string("42")), ("S", .decimal("19.90"), "19.90"),
            ("S", .text("x"), "x"), ("S", .bytes([0x68, 0x69]), "hi"), ("S", .json("[1]"), "[1]"), ("S", .null, nil),
            ("N", .integer(Int128(Int64.max) + 1), .number("9223372036854775808")),
            ("N", .decimal("19.90"), .number("19.90")),
            ("N", .decimal(digits38), .number(digits38)), ("N", .double(1.5), .number("1.5")), ("N", .text("-3"), -3),
            ("N", .bytes([1, 0]), 256), ("BOOL", .integer(1), true), ("BOOL", .integer(0), false),
            ("BOOL", .bytes([1]), true),
            ("BOOL", .text("yes"), true), ("B", .bytes([0, 255]), .binary([0, 255])),
            ("M", .json(#"{"a":[1,null]}"#), ["a": [1, nil]]),
            ("L", .json("[]"), []), ("SS", .text("a,b,a"), .stringSet(["a", "b"])),
            ("NS", .json("[1,2]"), .numberSet(["1", "2"])),
            ("SS", .text(""), nil), ("NULL", .null, .null),
        ] as [(String, SourceValue, AttributeValue?)])
    func valuesAreCastToTheContractsType(type: String, source: SourceValue, expected: AttributeValue?) throws {
        #expect(try value(Self.attribute(type), ["c": source]) == expected)
    }

    @Test(arguments: [
        (
            "N", SourceValue.decimal("1234567890123456789012345678901234567890"),
            "T's attribute 'a' is a number beyond what DynamoDB holds: 38 digits, 1E-130 to 9.99E+125"
        ),
        ("N", .text("many"), "T's attribute 'a' is N, and its value is no number"),
        ("BOOL", .text("perhaps"), "T's attribute 'a' is BOOL, and its value is neither true nor false"),
        ("M", .json("[1]"), "T's attribute 'a' is M, and its JSON is L"),
        ("M", .text("{"), "T's attribute 'a' is M, and its value is no JSON"),
        ("S", .bytes([0xFF]), "T's attribute 'a' is S, and its bytes are no UTF-8: B holds them"),
    ])
    func whatCannotBeCastIsRefusedWithoutItsValue(type: String, source: SourceValue, message: String) {
        #expect(reason(Self.attribute(type), ["c": source]) == message)
    }

    @Test func aColumnThatIsNotGivenIsNamed() {
        #expect(
            reason(Self.attribute(), [:])
                == "T's attribute 'a' is made of the column 'c', which the row has not: give it, or null")
    }

    // MARK: Transformations

    private static let moment = SourceDate(
        year: 2026, month: 11, day: 26, hour: 17, minute: 3, second: 9, microsecond: 250_000)

    @Test(arguments: [
        ("S", "ISO8601", "2026-11-26T17:03:09.25Z"), ("S", "YYYY-MM-DD", "2026-11-26"), ("S", "%Y%m%d", "20261126"),
        ("S", "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "2026-11-26T17:03:09.250Z"), ("N", "epoch", "1795712589"),
        ("S", "DD/MM/YY HH:mm", "26/11/26 17:03"), ("S", "HH:mm DD/MM/YYYY", "17:03 26/11/2026"),
        ("S", "datetime", "2026-11-26 17:03:09.25"),
    ])
    func datesAreWrittenInTheContractsFormat(type: String, format: String, expected: String) throws {
        let attribute = Self.attribute(type, "c", #""transformation": {"type": "date-format", "format": "\#(format)"}"#)
        let date = try #require(Self.moment)
        let found = try value(attribute, ["c": .date(date)])
        #expect(found == (type == "N" ? .number(expected) : .string(expected)))
        #expect(try value(attribute, ["c": .text("2026-11-26 17:03:09.25")]) == found)
    }

    @Test(arguments: [
        ("S", "0.00", SourceValue.decimal("3.145"), AttributeValue.string("3.15")),
        ("S", "%08d", .integer(42), "00000042"), ("S", "%08d", .integer(-5), "-0000005"),
        ("S", "%08.2f", .decimal("-5"), "-0005.00"),
        ("S", "00000000", .integer(-5), "-00000005"),
        ("S", "#,##0.00", .integer(1_234_567), "1,234,567.00"), ("S", "$0.00", .decimal("-2.5"), "$-2.50"),
        ("N", "decimal(10,2)", .decimal("2.5"), .number("2.50")), ("N", "integer", .decimal("2.5"), 3),
    ])
    func numbersAreWrittenInTheContractsFormat(
        type: String, format: String, source: SourceValue, expected: AttributeValue
    ) throws {
        let attribute = Self.attribute(
            type, "c", #""transformation": {"type": "number-format", "format": "\#(format)"}"#)
        #expect(try value(attribute, ["c": source]) == expected)
    }

    @Test func textsAreFilledAndJSONIsParsed() throws {
        let filled = Self.attribute("S", "c", #""transformation": {"type": "string-format", "format": "C#{c}#{d}"}"#)
        #expect(try value(filled, ["c": .integer(7), "d": .text("x")]) == "C#7#x")
        let parsed = Self.attribute("M", "c", #""transformation": {"type": "json-parse"}"#)
        #expect(try value(parsed, ["c": .text(#"{"n":1.10}"#)]) == ["n": .number("1.10")])
    }

    // MARK: Joins

    @Test func joinsFindTheirRows() throws {
        let foreign = Self.attribute(
            "S", "u",
            #""join": {"type": "foreign-key", "target_table": "users", "join_condition": "users.id = t.u", "select_column": "users.email"}"#
        )
        let users: [SourceRow] = [["id": .integer(2), "email": .text("b")], ["id": .integer(3), "email": .text("c")]]
        #expect(try value(foreign, ["u": .integer(3)], related: ["users": users]) == "c")
        #expect(try value(foreign, ["u": .null], related: ["users": users]) == nil)
        #expect(try value(foreign, ["u": .integer(9)], related: ["users": []]) == nil)
        #expect(
            reason(foreign, ["u": .integer(9)])
                == "T's attribute 'a' cannot be computed: rows of 'users' are needed: give them, or an empty list where there are none"
        )
        let own = Self.attribute(
            "S", "p",
            #""join": {"type": "self-join", "join_alias": "parent", "join_condition": "parent.id = t.p", "select_column": "parent.name", "null_value": "ROOT"}"#
        )
        #expect(try value(own, ["p": .integer(5)], related: ["t": [["id": .integer(5), "name": .text("up")]]]) == "up")
        #expect(try value(own, ["p": .null], related: ["t": []]) == "ROOT")
    }

    @Test func joinsOfSeveralColumnsAndStepsFindTheirRows() throws {
        let several = Self.attribute(
            "N", "x",
            #""join": {"type": "multi-column", "target_table": "p", "join_conditions": ["p.x = t.x", "p.y = t.y"], "select_column": "p.price"}"#
        )
        let prices: [SourceRow] = [
            ["x": .integer(1), "y": .integer(1), "price": .decimal("1.10")],
            ["x": .integer(1), "y": .integer(2), "price": .decimal("2.20")],
        ]
        #expect(try value(several, ["x": .integer(1), "y": .integer(2)], related: ["p": prices]) == .number("2.20"))
        let steps =
            #"[{"target_table": "p", "join_condition": "p.id = t.x", "select_column": "p.name"}, {"target_table": "g", "join_condition": "g.id = p.g", "select_column": "g.name"}]"#
        let rows: [String: [SourceRow]] = [
            "p": [["id": .integer(1), "name": .text("pen"), "g": .integer(8)]],
            "g": [["id": .integer(8), "name": .text("office")]],
        ]
        let chain = Self.attribute("S", "x", #""join": {"type": "chain", "joins": \#(steps)}"#)
        #expect(try value(chain, ["x": .integer(1)], related: rows) == "office")
        let joined = Self.attribute(
            "S", "x", #""join": {"type": "chain", "chain_separator": " > ", "joins": \#(steps)}"#)
        #expect(try value(joined, ["x": .integer(1)], related: rows) == "pen > office")
    }

    @Test func aConditionChoosesAndALookupNames() throws {
        let conditional = Self.attribute(
            "S", "p",
            #""join": {"type": "conditional", "condition": "p IS NULL", "target_table": "t", "join_condition": "t.id = t.p", "select_column": "'ROOT'", "else_value": "parent.name"}"#
        )
        #expect(try value(conditional, ["p": .null]) == "ROOT")
        #expect(
            try value(conditional, ["p": .integer(5)], related: ["t": [["id": .integer(5), "name": .text("up")]]])
                == "up")
        let lookup = Self.attribute(
            "S", "k",
            #""join": {"type": "lookup-table", "target_table": "kinds", "join_condition": "kinds.code = t.k", "select_column": "kinds.label"}"#
        )
        #expect(
            try value(lookup, ["k": .text("a")], related: ["kinds": [["code": .text("a"), "label": .text("Ape")]]])
                == "Ape")
    }

    @Test func rowsBecomeJSONInTheirOrder() throws {
        func construction(_ type: String, _ shape: String, _ more: String = "") -> String {
            Self.attribute(
                type, "id",
                #""join": {"type": "json-construction", "target_table": "lines", "join_condition": "lines.t_id = t.id", "construction": {"type": "\#(shape)"\#(more), "select_columns": {"sku": "sku", "n": "quantity"}}}"#
            )
        }
        func line(_ sku: String, _ quantity: Int, of id: Int = 1) -> SourceRow {
            ["t_id": SourceValue(id), "sku": .text(sku), "quantity": SourceValue(quantity)]
        }
        let rows = ["lines": [line("b", 2), line("x", 9, of: 2), line("a", 1), line("c", 3)]]
        let all = try value(construction("L", "array", #", "order_by": "sku DESC", "limit": 2"#), [:], related: rows)
        #expect(all == [["sku": "c", "n": 3], ["sku": "b", "n": 2]])
        #expect(
            try value(construction("S", "array"), [:], related: ["lines": [line("a", 1)]]) == #"[{"sku":"a","n":1}]"#)
        #expect(try value(construction("M", "object"), [:], related: rows) == ["sku": "b", "n": 2])
        #expect(try value(construction("M", "object"), [:], related: ["lines": []]) == nil)
        #expect(try value(construction("L", "array"), [:], related: ["lines": []]) == [])
    }

    // MARK: Calculations

    @Test(arguments: [
        ("SUM", AttributeValue.number("12345678901234567890.2")), ("COUNT", 2), ("MIN", .number("0.1")),
        ("MAX", .number("12345678901234567890.1")), ("AVG", .number("6172839450617283945.10000")),
    ])
    func aggregatesAreExact(operation: String, expected: AttributeValue) throws {
        let attribute = Self.attribute(
            "N", "id",
            #""calculation": {"type": "aggregate", "target_table": "l", "join_condition": "l.t = t.id", "operation": "\#(operation)", "select_column": "l.v"}"#
        )
        let rows: [SourceRow] = [
            ["t": .integer(1), "v": .decimal("12345678901234567890.1")], ["t": .integer(1), "v": .null],
            ["t": .integer(1), "v": .decimal("0.1")], ["t": .integer(2), "v": .decimal("5")],
        ]
        #expect(try value(attribute, [:], related: ["l": rows]) == expected)
        #expect(try value(attribute, [:], related: ["l": []]) == (operation == "COUNT" ? 0 : nil))
    }

    @Test func casesTextsAndDatesAreComputed() throws {
        let cases = Self.attribute(
            "S", "n",
            #""calculation": {"type": "case", "cases": [{"when": "n >= 10 AND n < 20", "then": "teen"}, {"when": "n IS NULL", "then": "none"}], "else": "other"}"#
        )
        #expect(try value(cases, ["n": .integer(12)]) == "teen")
        #expect(try value(cases, ["n": .null]) == "none")
        #expect(try value(cases, ["n": .integer(3)]) == "other")
        let concat = Self.attribute(
            "S", "f", #""calculation": {"type": "concat", "columns": ["f", "l"], "separator": " "}"#)
        #expect(try value(concat, ["f": .text("Ada"), "l": .text("L")]) == "Ada L")
        #expect(try value(concat, ["f": .text("Ada"), "l": .null]) == "Ada")
    }

    @Test(
        arguments: [
            (
                #""operation": "add", "date": "c", "amount": 1, "unit": "month""#,
                SourceDate(year: 2024, month: 1, day: 31), AttributeValue.string("2024-02-29")
            ),
            (
                #""operation": "subtract", "date": "c", "amount": 1, "unit": "day""#,
                SourceDate(year: 2024, month: 3, day: 1), "2024-02-29"
            ),
        ] as [(String, SourceDate?, AttributeValue)])
    func datesAreMoved(math: String, date: SourceDate?, expected: AttributeValue) throws {
        let attribute = Self.attribute("S", "c", #""calculation": {"type": "date-math", \#(math)}"#)
        #expect(try value(attribute, ["c": .date(try #require(date))]) == expected)
    }

    @Test(arguments: [
        ("n, -2", "1250", "1300"), ("n, -2", "-1249.99", "-1200"), ("n, -2", "49", "0"), ("n, -5", "1250", "0"),
        ("n, 1", "2.25", "2.3"),
        ("n", "2.5", "3"), ("n, -1", "9995", "10000"), ("n, NULL", "2.5", nil),
    ])
    func numbersAreRoundedToTensAndHundredsToo(arguments: String, number: String, expected: String?) throws {
        let cases = Self.attribute(
            "N", "n", #""calculation": {"type": "case", "cases": [{"when": "1 = 1", "then": "ROUND(\#(arguments))"}]}"#)
        #expect(try value(cases, ["n": .decimal(number)]) == expected.map(AttributeValue.number))
    }

    @Test func whatIsNotKnownIsRefusedByItsName() {
        #expect(
            reason(Self.attribute("S", "c", #""calculation": {"type": "magic"}"#), ["c": .null])?.contains("'magic'")
                == true)
        #expect(
            reason(Self.attribute("S", "c", #""join": {"type": "spell"}"#), ["c": .null])?.contains("'spell'") == true)
    }

    // MARK: Back

    @Test func whatCannotBeTurnedBackIsNamed() throws {
        let sum =
            #""calculation": {"type": "aggregate", "target_table": "l", "join_condition": "l.t = t.id", "operation": "SUM", "select_column": "l.v"}"#
        let losses: [(String, RestoredRow.Loss.Reason)] = [
            (Self.attribute("N", "id", sum), .aggregate),
            (
                Self.attribute(
                    "S", "n",
                    #""calculation": {"type": "case", "cases": [{"when": "n > 1", "then": "many"}], "else": "few"}"#),
                .caseCalculation
            ),
            (
                Self.attribute(
                    "S", "f", #""calculation": {"type": "concat", "columns": ["f", "l"], "separator": " "}"#),
                .concatenation
            ),
            (
                Self.attribute(
                    "S", "c",
                    #""calculation": {"type": "date-math", "operation": "add", "date": "c", "amount": 1, "unit": "month"}"#
                ), .dateCalculation
            ),
            (Self.attribute("S", "c", #""transformation": {"type": "string-format", "format": "{c}{d}"}"#), .template),
        ]
        for (attribute, reason) in losses {
            let value: AttributeValue = attribute.contains(#""type": "N""#) ? 3 : "x"
            let restored = try Self.mapping(attribute).restore(["id": "1", "a": value])
            #expect(restored.lost == [RestoredRow.Loss(attribute: "a", reason: reason)])
        }
    }

    @Test func joinedValuesComeBackUnderTheirTables() throws {
        let foreign = Self.attribute(
            "S", "u",
            #""join": {"type": "foreign-key", "target_table": "users", "join_condition": "users.id = t.u", "select_column": "users.email"}"#
        )
        let restored = try Self.mapping(foreign).restore(["id": "1", "a": "c@d.e"])
        #expect(restored.joined == ["users": ["email": .text("c@d.e")]])
        #expect(restored.row == ["id": .text("1")])
        #expect(restored.lost.isEmpty)
        let conditional = Self.attribute(
            "S", "p",
            #""join": {"type": "conditional", "condition": "p IS NULL", "target_table": "t", "join_condition": "t.id = t.p", "select_column": "'ROOT'", "else_value": "parent.id"}"#
        )
        #expect(try Self.mapping(conditional).restore(["id": "1", "a": "ROOT"]).row["p"] == .null)
        #expect(
            try Self.mapping(conditional).restore(["id": "1", "a": "5"], types: ["t.id": .integer]).row["p"]
                == .integer(5))
    }

    @Test func anItemOfAnotherFormIsRefused() throws {
        #expect(throws: ContractBreach.self) { try Self.mapping(Self.attribute()).restore(["id": "1", "a": 3]) }
    }
}
