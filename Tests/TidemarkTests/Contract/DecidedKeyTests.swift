import ContractEngine
import ContractModel
import Testing
import Tidemark

/// Keys of sparse indexes that a condition decides, whatever form the deciding column is written in.
struct DecidedKeyTests {
    private static func layout(
        _ calculation: String, deciding: String = "", type: String = "S", join: Bool = false
    ) throws -> EntityLayout {
        let made = join ? "\"join\": {\(calculation)}" : "\"calculation\": {\"type\": \"case\", \(calculation)}"
        let text = """
            {"tables": [{"table": "Tasks", "source_table": "tasks", "pk": "task_id",
              "gsis": [{"index_name": "Open", "pk": "open_team", "projection": "ALL"}],
              "attributes": [{"name": "task_id", "type": "S", "source_table": "tasks", "source_column": "task_id"},
                {"name": "team", "type": "S", "source_table": "tasks", "source_column": "team"},
                {"name": "state", "type": "\(type)", "source_table": "tasks", "source_column": "state"\(deciding)},
                {"name": "open_team", "type": "S", "source_table": "tasks", "source_column": "team", \(made)}]}]}
            """
        let contract = try ContractDocument.read(contract: SourceText(name: "c.json", text: text)).contract
        return EntityLayout(table: contract.tables[0], entity: contract.tables[0].entities[0])
    }

    @Test(arguments: [
        "", #", "transformation": {"type": "date-format", "format": "YYYY-MM-DDTHH:mm:ssZ"}"#,
        #", "transformation": {"type": "number-format", "format": "0000"}"#,
    ])
    func beingNullDoesNotDependOnAFormat(transformation: String) throws {
        let layout = try Self.layout(#""cases": [{"when": "state IS NULL", "then": "team"}]"#, deciding: transformation)
        #expect(
            layout.key(named: "open_team")?.rule
                == KeyRule(
                    condition: KeyRule.Condition(field: "state", isAbsent: true), value: KeyTemplate("{team}"),
                    otherwise: nil))
        #expect(try layout.stored(["task_id": "1", "team": "red"])["open_team"] == "red")
    }

    @Test func aConditionalJoinDoesNotDependOnAFormatEither() throws {
        let layout = try Self.layout(
            #""type": "conditional", "condition": "state IS NOT NULL", "target_table": "teams", "join_condition": "teams.team = tasks.team", "select_column": "teams.team""#,
            deciding: #", "transformation": {"type": "date-format", "format": "YYYY-MM-DD"}"#, join: true)
        #expect(layout.key(named: "open_team")?.rule.condition == KeyRule.Condition(field: "state", isAbsent: false))
    }

    @Test func aValueDecides() throws {
        let layout = try Self.layout(#""cases": [{"when": "state IN ('open', 'new')", "then": "team"}]"#)
        #expect(try layout.stored(["task_id": "1", "team": "red", "state": "open"])["open_team"] == "red")
        #expect(try layout.stored(["task_id": "1", "team": "red", "state": "done"])["open_team"] == nil)
        #expect(try layout.stored(["task_id": "1", "team": "red"])["open_team"] == nil)
        let closing = try layout.change(set: ["state": "done"], removing: [], of: ["task_id": "1"])
        #expect(closing.removed == ["open_team"])
        let opening = try layout.change(set: ["state": "new", "team": "blue"], removing: [], of: ["task_id": "1"])
        #expect(opening.set["open_team"] == "blue")
        // Who the task is of is not told.
        #expect(throws: ContractBreach.self) {
            try layout.change(set: ["state": "new"], removing: [], of: ["task_id": "1"])
        }
    }

    @Test(arguments: [
        ("N", "state = 8", AttributeValue.number("8.0")), ("BOOL", "state", .bool(true)),
        ("BOOL", "state = 1", .bool(true)),
    ])
    func aValueDecidesByWhatItIs(type: String, condition: String, value: AttributeValue) throws {
        let layout = try Self.layout(#""cases": [{"when": "\#(condition)", "then": "team"}]"#, type: type)
        #expect(try layout.stored(["task_id": "1", "team": "red", "state": value])["open_team"] == "red")
        let other: AttributeValue = type == "N" ? 9 : .bool(false)
        #expect(try layout.stored(["task_id": "1", "team": "red", "state": other])["open_team"] == nil)
        let change = try layout.change(set: ["state": value, "team": "red"], removing: [], of: ["task_id": "1"])
        #expect(change.set["open_team"] == "red")
    }

    @Test(arguments: [
        ("", #"{"when": "state = 'a'", "then": "team"}, {"when": "state = 'b'", "then": "'none'"}"#),
        ("", #"{"when": "state <> 'a'", "then": "team"}"#),
        (
            #", "transformation": {"type": "date-format", "format": "DD.MM.YYYY"}"#,
            #"{"when": "state = '2026-01-01'", "then": "team"}"#
        ),
    ])
    func whatIsNotFilledInIsAskedFor(deciding: String, cases: String) throws {
        let layout = try Self.layout("\"cases\": [\(cases)]", deciding: deciding)
        let field = try #require(layout.field(named: "open_team"))
        #expect(field.madeOf.contains("state"))
        let breach = #expect(throws: ContractBreach.self) { try layout.stored(["task_id": "1", "team": "red"]) }
        #expect(breach?.reason.hasSuffix("and not filled in here: give it, or NULL for none") == true)
        let item = try layout.stored(["task_id": "1", "team": "red", "open_team": .null])
        #expect(item == ["task_id": "1", "team": "red"])
        #expect(try layout.stored(layout.fields(of: item)) == item)
        #expect(throws: ContractBreach.self) {
            try layout.change(set: ["state": "01.01.2026"], removing: [], of: ["task_id": "1"])
        }
        let change = try layout.change(set: ["state": "01.01.2026"], removing: ["open_team"], of: ["task_id": "1"])
        #expect(change.removed == ["open_team"])
    }

    @Test func anAttributeThatIsAKeyAndNothingElseDecidesNone() throws {
        let text = """
            {"tables": [{"table": "Parcels", "source_table": "parcels", "pk": "id",
              "gsis": [{"index_name": "Due", "pk": "due_on"}, {"index_name": "G", "pk": "GSI1PK"}],
              "attributes": [{"name": "id", "type": "S", "source_table": "parcels", "source_column": "id"},
                {"name": "GSI1PK", "type": "S", "source_table": "parcels", "source_column": "sent_at",
                 "transformation": {"type": "string-format", "format": "S#{sent_on}"}},
                {"name": "sent_on", "type": "S", "source_table": "parcels", "source_column": "sent_at",
                 "transformation": {"type": "date-format", "format": "YYYY-MM-DD"}},
                {"name": "due_on", "type": "S", "source_table": "parcels", "source_column": "sent_at", "calculation": {
                 "type": "date-math", "operation": "add", "date": "sent_at", "amount": 3, "unit": "day"}}]}]}
            """
        let table = try ContractDocument.read(contract: SourceText(name: "c.json", text: text)).contract.tables[0]
        let layout = EntityLayout(table: table, entity: table.entities[0])
        #expect(layout.field(named: "due_on")?.madeOf == ["sent_on"])
    }
}
