import ContractEngine
import ContractModel
import Testing
import Tidemark

/// What an item has lost of its row is told, and what says that there was nothing is NULL again.
struct RestoredLossTests {
    private func mapping(_ attributes: String) throws -> SourceMapping {
        let text = """
            {"tables": [{"table": "Depots", "source_table": "depots", "pk": "depot_id", "attributes": [
              {"name": "depot_id", "type": "N", "source_table": "depots", "source_column": "depot_id"}, \(attributes)]}]}
            """
        let table = try ContractDocument.read(contract: SourceText(name: "c.json", text: text)).contract.tables[0]
        return SourceMapping(table: table, entity: table.entities[0])
    }

    private static let parent = #"""
        {"name": "parent_code", "type": "S", "source_table": "depots", "source_column": "parent_id", "null_value": "ROOT",
         "join": {"type": "self-join", "join_alias": "p", "join_condition": "p.depot_id = depots.parent_id",
          "select_column": "p.code"}}
        """#

    @Test func aParentThatIsNoneIsNull() throws {
        let row = try mapping(Self.parent).restore(["depot_id": 1, "parent_code": "ROOT"])
        #expect(row.row["parent_id"] == .null && row.joined.isEmpty)
        let child = try mapping(Self.parent).restore(["depot_id": 1, "parent_code": "HQ"])
        #expect(child.row["parent_id"] == nil && child.joined["p"] == ["code": .text("HQ")])
        // Known by an attribute of its own, it is that.
        let own = #"{"name": "parent_id", "type": "N", "source_table": "depots", "source_column": "parent_id"}, "#
        let known = try mapping(own + Self.parent).restore(["depot_id": 1, "parent_id": 9, "parent_code": "ROOT"])
        #expect(known.row["parent_id"] == .integer(9))
    }

    @Test(arguments: [
        ("date-format", "YYYY-MM-DD", "DATETIME", "2026-01-01", true),
        ("date-format", "YYYY-MM-DD", "DATE", "2026-01-01", false),
        ("date-format", "ISO8601", "DATETIME", "2026-01-01T00:00:00Z", false),
        ("number-format", "0.00", "DECIMAL(10,3)", "4.01", true),
        ("number-format", "0.00", "DECIMAL(10,2)", "4.01", false),
        ("number-format", "00000", "INT", "00007", false),
    ])
    func whatAFormatCutsOffIsTold(kind: String, format: String, source: String, text: String, isLost: Bool) throws {
        let mapping = try mapping(
            #"{"name": "x", "type": "S", "source_table": "depots", "source_column": "x", "source_type": "\#(source)", "transformation": {"type": "\#(kind)", "format": "\#(format)"}}"#
        )
        let restored = try mapping.restore(["depot_id": 1, "x": .string(text)])
        #expect(restored.row["x"] != nil)
        #expect(restored.lost == (isLost ? [RestoredRow.Loss(attribute: "x", reason: .precision)] : []))
    }

    @Test func rowsBeyondTheLimitMayBeLost() throws {
        let mapping = try mapping(
            #"""
            {"name": "lines", "type": "L", "source_table": "depots", "source_column": "depot_id", "join": {"type": "json-construction",
             "target_table": "lines", "join_condition": "lines.depot_id = depots.depot_id",
             "construction": {"type": "array", "limit": 2, "select_columns": {"what": "what"}}}}
            """#)
        func lost(_ count: Int) throws -> [RestoredRow.Loss.Reason] {
            let lines = (0..<count).map { AttributeValue.map(["what": .string("w\($0)")]) }
            return try mapping.restore(["depot_id": 1, "lines": .list(lines)]).lost.map(\.reason)
        }
        #expect(try lost(1) == [] && lost(2) == [.limit])
    }
}
