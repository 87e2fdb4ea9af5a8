import ContractEngine
import ContractGenerator
import Testing

/// Keys that a condition decides as generated code writes them, and what the code is that does not: it asks for the key.
struct DecidedKeyCodeTests {
    private func code(_ calculation: String, type: String = "S", table: String = "Jobs") throws -> GeneratedCode {
        let text = """
            {"tables": [{"table": "\(table)", "source_table": "jobs", "pk": "job_id",
              "gsis": [{"index_name": "Open", "pk": "open_team", "projection": "ALL"}],
              "attributes": [{"name": "job_id", "type": "S", "source_column": "job_id"},
                {"name": "team", "type": "S", "source_column": "team", "null_value": "NONE"},
                {"name": "state", "type": "\(type)", "source_column": "state", "nullable": true,
                 "transformation": {"type": "date-format", "format": "YYYY-MM-DD"}},
                {"name": "phase", "type": "\(type)", "source_column": "phase", "nullable": true},
                {"name": "ref", "type": "S", "source_column": "ref",
                 "transformation": {"type": "number-format", "format": "0.00"}},
                {"name": "open_team", "type": "S", "source_column": "team", "calculation": {"type": "case",
                 "cases": [\(calculation)]}}]}]}
            """
        return try GeneratedCode.make(
            try ContractDocument.read(contract: SourceText(name: "c.json", text: text)))
    }

    private func file(_ code: GeneratedCode, _ name: String = "Job.swift") throws -> String {
        try #require(code.files.first { $0.name == name }).text
    }

    @Test func aFormatDoesNotHideWhatIsNull() throws {
        let job = try file(code(#"{"when": "state IS NULL", "then": "team"}"#))
        #expect(job.contains("if state == nil {"))
        #expect(job.contains(#"condition: KeyRule.Condition(field: "state", isAbsent: true)"#))
    }

    @Test func aValueIsComparedByItsType() throws {
        #expect(try file(code(#"{"when": "phase = 'a'", "then": "team"}"#)).contains(#"if phase == "a" {"#))
        #expect(
            try file(code(#"{"when": "phase = 8", "then": "team"}"#, type: "N")).contains(
                #"if phase == DynamoDBNumber("8") {"#))
        let job = try file(code(#"{"when": "phase", "then": "team"}"#, type: "BOOL"))
        #expect(job.contains("if phase == true {") && job.contains(#"isOneOf: ["true"]"#))
    }

    @Test func whatIsNotFilledInHasNoDefault() throws {
        let code = try code(#"{"when": "state = '2026-01-01'", "then": "team"}"#)
        let job = try file(code)
        #expect(
            job.contains("openTeam: String?, ") || job.contains("openTeam: String?\n")
                || job.contains("openTeam: String?,\n"))
        #expect(!job.contains("openTeam: String? = nil"))
        #expect(job.contains(#"madeOf: ["state", "team"]"#))
        #expect(code.remarks.count == 1 && code.remarks[0].hasPrefix("Job.openTeam: the key 'open_team' of an index"))
        #expect(try self.code(#"{"when": "phase = 'a'", "then": "team"}"#).remarks.isEmpty)
    }

    @Test func numbersInAFormAreChecked() throws {
        let job = try file(code(#"{"when": "state IS NULL", "then": "team"}"#))
        #expect(job.contains(#"private static let refNumbers = NumberFormat("0.00")"#))
        #expect(job.contains(#"item.checkNumber("ref", ref, in: Self.refNumbers)"#))
    }

    @Test(arguments: ["Tasks", "Results", "Never", "Durations"])
    func namesOfTheStandardLibraryAreTaken(table: String) throws {
        let code = try code(#"{"when": "state IS NULL", "then": "team"}"#, table: table)
        let singular = table.hasSuffix("s") ? String(table.dropLast()) : table
        #expect(code.files.contains { $0.name == "\(singular)Record.swift" })
    }

    @Test func aKindThatIsNothingButItsKeyHasChangesToo() throws {
        let text = """
            {"tables": [{"table": "Follows", "pk": "user_id", "sk": "other_id",
              "attributes": [{"name": "user_id", "type": "S"}, {"name": "other_id", "type": "S"}]}],
             "access_patterns": [{"id": "A1", "description": "Update follow", "rps": 1, "operation": "UpdateItem",
              "table": "Follows", "key_attributes": ["user_id", "other_id"]}]}
            """
        let code = try GeneratedCode.make(try ContractDocument.read(contract: SourceText(name: "c.json", text: text)))
        #expect(try file(code, "FollowRepository.swift").contains("Follow.Changes"))
        #expect(try file(code, "Follow.swift").contains("struct Changes"))
    }
}
