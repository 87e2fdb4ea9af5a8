import ContractEngine
import ContractModel
import Testing

/// Formats that make no number, keys that are empty texts, joins that do not follow their column, and reasons that say nothing.
struct ValueFormTests {
    private func findings(_ attribute: String, table: String = "", more: String = "") throws -> [Finding] {
        let contract = """
            {"tables": [{"table": "Events", "source_table": "events", "pk": "event_id"\(table),
              "attributes": [{"name": "event_id", "type": "S", "source_table": "events", "source_column": "id"},
               \(attribute)\(more)]}]}
            """
        return lint(try ContractDocument.read(contract: SourceText(name: "c.json", text: contract)))
    }

    private func format(_ type: String, _ transformation: String, of name: String = "ends") -> String {
        #"{"name": "\#(name)", "type": "\#(type)", "source_column": "ends", "transformation": \#(transformation)}"#
    }

    @Test(arguments: [
        #"{"type": "date-format", "format": "YYYY-MM-DD"}"#, #"{"type": "date-format", "format": "ISO8601"}"#,
        #"{"type": "date-format", "format": "YYYY-MM-DDTHH:mm:ssZ"}"#,
        #"{"type": "string-format", "format": "{ends} UTC"}"#,
    ])
    func aTextIsNoNumber(_ transformation: String) throws {
        let found = try findings(format("N", transformation)).filter { $0.rule == "construct-unusable" }
        #expect(found.map(\.subject) == ["Events.ends"])
        #expect(found.first?.message.hasSuffix("makes a text, and the attribute is an N.") == true)
        #expect(try !findings(format("S", transformation)).contains { $0.rule == "construct-unusable" })
    }

    @Test(arguments: [
        #"{"type": "date-format", "format": "epoch"}"#, #"{"type": "date-format", "format": "YYYYMMDD"}"#,
        #"{"type": "string-format", "format": "1{ends}"}"#,
    ])
    func digitsAre(_ transformation: String) throws {
        #expect(try !findings(format("N", transformation)).contains { $0.rule == "construct-unusable" })
    }

    @Test(arguments: [
        ("DATETIME", 1), ("TIMESTAMP(6)", 1), ("date", 1), ("BIGINT", 0), ("YEAR", 0), ("timestamp_ms BIGINT", 0),
    ])
    func aDateIsNoNumber(_ source: String, _ count: Int) throws {
        let attribute = #"{"name": "ends", "type": "N", "source_column": "ends", "source_type": "\#(source)""#
        #expect(try findings(attribute + "}").count { $0.rule == "construct-unusable" } == count)
        let format = #", "transformation": {"type": "date-format", "format": "epoch"}}"#
        #expect(try !findings(attribute + format).contains { $0.rule == "construct-unusable" })
    }

    @Test func itemsEndBySecondsOnly() throws {
        let table = #", "ttl_attribute": "ends""#
        func found(_ transformation: String) throws -> [String] {
            try findings(format("N", transformation), table: table).filter { $0.rule == "ttl-attribute" }.map(\.subject)
        }
        #expect(try found(#"{"type": "date-format", "format": "YYYYMMDD"}"#) == ["Events.ends"])
        #expect(try found(#"{"type": "date-format", "format": "epoch_ms"}"#) == ["Events.ends"])
        #expect(try found(#"{"type": "date-format", "format": "epoch"}"#) == [])
    }

    private static let index =
        #", "gsis": [{"index_name": "ByHall", "pk": "hall", "projection": "ALL", "sparse": true}]"#

    @Test(arguments: [
        #""calculation": {"type": "case", "cases": [{"when": "state = 1", "then": "hall"}], "else": ""}"#,
        #""calculation": {"type": "case", "cases": [{"when": "state = 1", "then": "''"}], "else": "hall"}"#,
        #""nullable": true, "null_value": """#,
        #""join": {"type": "conditional", "condition": "hall_id IS NOT NULL", "target_table": "halls", "join_condition": "halls.id = events.hall_id", "select_column": "halls.name", "else_value": ""}"#,
    ])
    func aKeyThatIsAnEmptyTextIsAnError(_ rule: String) throws {
        let attribute =
            #"{"name": "hall", "type": "S", "source_table": "events", "source_column": "hall_id", \#(rule)}"#
        let found = try findings(attribute, table: Self.index).filter { $0.rule == "key-text-empty" }
        #expect(found.map(\.subject) == ["Events.hall"] && found.first?.severity == .error)
        #expect(try !findings(attribute).contains { $0.rule == "key-text-empty" })
    }

    @Test func nullLeavesTheKeyOut() throws {
        let attribute =
            #"{"name": "hall", "type": "S", "source_column": "hall_id", "calculation": {"type": "case", "cases": [{"when": "state = 1", "then": "hall_id"}], "else": "NULL"}}"#
        #expect(try !findings(attribute, table: Self.index).contains { $0.rule == "key-text-empty" })
    }

    @Test(arguments: [
        ("venue_id", "venues.id = events.id", 1), ("venue_id", "venues.id = events.venue_id", 0),
        // A column that points nowhere near says nothing.
        ("id", "venues.event_id = events.id", 0), ("place_id", "venues.id = events.site_id", 0),
    ])
    func aJoinFollowsItsColumn(_ column: String, _ condition: String, _ count: Int) throws {
        let attribute =
            #"{"name": "venue", "type": "S", "source_table": "events", "source_column": "\#(column)", "denormalized": true, "justification": "shown", "join": {"type": "foreign-key", "target_table": "venues", "join_condition": "\#(condition)", "select_column": "venues.name"}}"#
        #expect(try findings(attribute).count { $0.rule == "join-ignores-column" } == count)
    }

    /// The older dialect names the two columns: the one of the row must be the one that points to the joined table.
    @Test(arguments: [
        ("patient_surname", "doctor_id", 1), ("patient_surname", "patient_id", 0),
        // Whoever it is, it is called after its own column.
        ("doctor_surname", "doctor_id", 0), ("surname", "doctor_id", 0), ("patient_doctor", "doctor_id", 0),
    ])
    func aJoinFollowsTheColumnOfWhatItIsCalledAfter(_ name: String, _ column: String, _ count: Int) throws {
        let contract = """
            [{"type": "Table", "table": "Visits", "source_table": "visit", "pk": "visit_id", "attributes": {
              "visit_id": {"type": "S", "source_table": "visit", "source_column": "id"},
              "patient_id": {"type": "S", "source_table": "visit", "source_column": "patient_id"},
              "doctor_id": {"type": "S", "source_table": "visit", "source_column": "doctor_id"},
              "\(name)": {"type": "S", "source_table": "patient", "source_column": "surname", "denormalized": true,
               "justification": "shown", "join": {"type": "foreign-key", "target_table": "patient",
                "local_column": "\(column)", "target_column": "id", "source_column": "surname"}}}}]
            """
        let found = try GivenDocuments.findings(contract).filter { $0.rule == "join-ignores-column" }
        #expect(found.count == count)
        #expect(found.allSatisfy { $0.message.contains("while patient_id points to patient") })
    }

    /// The joined row is found by its target column, where the join names both that and the column which the attribute is read from.
    @Test(arguments: [
        (#""target_column": "id", "source_column": "surname""#, "id"), (#""source_column": "id""#, "id"),
        (#""target_column": "id""#, "id"), (#""source_column": "number", "target_column": "surname""#, "number"),
    ])
    func aJoinOfTheOlderDialectComparesTheKey(_ columns: String, _ joined: String) throws {
        let contract = """
            [{"type": "Table", "table": "Visits", "source_table": "visit", "pk": "visit_id", "attributes": {
              "visit_id": {"type": "S", "source_table": "visit", "source_column": "id"},
              "patient_surname": {"type": "S", "source_table": "patient", "source_column": "surname",
               "join": {"type": "foreign-key", "target_table": "patient", "local_column": "patient_id", \(columns)}}}}]
            """
        let table = try GivenDocuments.read(contract).contract.tables[0]
        let step = table.entities[0].attribute(named: "patient_surname")?.join?.steps.first
        #expect(
            step?.columnPairs?.map { "\($0.joined.text) = \($0.local.text)" } == [
                "patient.\(joined) = visit.patient_id"
            ])
        #expect(step?.select.columns.map(\.text) == ["patient.surname"])
    }

    @Test(arguments: ["TBD", "todo", "n/a", "-", "tbc", "...", "  ", "T.B.D."])
    func aReasonToComeIsNone(_ reason: String) throws {
        let attribute = #"{"name": "title", "type": "S", "denormalized": true, "justification": "\#(reason)"}"#
        #expect(try findings(attribute).contains { $0.rule == "denormalized-without-justification" })
    }

    @Test(arguments: ["shown in lists", "no join at read time", "read often"])
    func aReasonIsOne(_ reason: String) throws {
        let attribute = #"{"name": "title", "type": "S", "denormalized": true, "justification": "\#(reason)"}"#
        #expect(try !findings(attribute).contains { $0.rule == "denormalized-without-justification" })
    }
}
