import ContractEngine
import ContractModel
import Testing
import Tidemark

/// Attributes of their own that are keys of an index too, which the contract names by templates.
struct IndexedColumnTests {
    private func mapping(partition: String, sort: String, placedAt: String = "") throws -> SourceMapping {
        let text = """
            {"tables": [{"table": "Orders", "type": "multi-entity", "source_table": "orders", "pk": "PK", "sk": "SK",
             "gsis": [{"index_name": "ByCustomer", "pk": "customer_id", "sk": "placed_at", "projection": "ALL"}],
             "entities": [{"entity_type": "ORDER", "source_table": "orders", "pk_template": "CUST#{customer_id}",
              "sk_template": "ORDER#{placed_at}#{order_id}",
              "gsi_keys": [{"index_name": "ByCustomer", "pk_template": "\(partition)", "sk_template": "\(sort)"}],
              "attributes": [{"name": "customer_id", "type": "S", "source_table": "orders", "source_column": "customer"},
               {"name": "order_id", "type": "S", "source_table": "orders", "source_column": "id"},
               {"name": "placed_at", "type": "S", "source_table": "orders", "source_column": "placed_at"\(placedAt)}]}]}]}
            """
        let table = try ContractDocument.read(contract: SourceText(name: "c.json", text: text)).contract.tables[0]
        return SourceMapping(table: table, entity: table.entities[0])
    }

    private static let row: SourceRow = [
        "customer": .text("c1"), "id": .text("o1"), "placed_at": .text("2026-01-02 03:04:05"),
    ]

    @Test func aTemplateThatNamesItsOwnAttributeSaysNothing() throws {
        let day = #", "transformation": {"type": "date-format", "format": "YYYY-MM-DD"}"#
        let mapping = try mapping(partition: "{customer_id}", sort: "{placed_at}", placedAt: day)
        let item = try mapping.item(from: Self.row)
        #expect(
            item == [
                "PK": "CUST#c1", "SK": "ORDER#2026-01-02#o1", "customer_id": "c1", "order_id": "o1",
                "placed_at": "2026-01-02",
            ])
        // Repositories make the same, of attributes that they store.
        let layout = EntityLayout(table: mapping.table, entity: mapping.entity)
        #expect(layout.fields.filter(\.isStored).map(\.name) == ["customer_id", "order_id", "placed_at"])
        let fields: Item = ["customer_id": "c1", "order_id": "o1", "placed_at": "2026-01-02"]
        #expect(try layout.stored(fields) == item)
        let restored = try mapping.restore(item)
        #expect(restored.row["customer"] == .text("c1") && restored.row["id"] == .text("o1"))
        // The time of day, if there was one.
        #expect(restored.lost == [RestoredRow.Loss(attribute: "placed_at", reason: .precision)])
    }

    @Test func aKeyMadeOfItsOwnAttributeIsNotPutIntoOthers() throws {
        let mapping = try mapping(partition: "C#{customer_id}", sort: "{placed_at}")
        let item = try mapping.item(from: Self.row)
        #expect(item["PK"] == "CUST#c1" && item["customer_id"] == "C#c1")
        let restored = try mapping.restore(item)
        #expect(restored.row["customer"] == .text("c1") && restored.lost.isEmpty)
    }

    @Test func aMomentHasATimeOfDayInEachText() throws {
        let moment = #", "source_type": "DATETIME", "transformation": {"type": "date-format", "format": "ISO8601"}"#
        let mapping = try mapping(partition: "{customer_id}", sort: "{placed_at}", placedAt: moment)
        let row = Self.row.merging(["placed_at": .text("2026-01-02")]) { $1 }
        #expect(try mapping.item(from: row)["placed_at"] == "2026-01-02T00:00:00Z")
        let layout = EntityLayout(table: mapping.table, entity: mapping.entity)
        let fields: Item = ["customer_id": "c1", "order_id": "o1", "placed_at": "2026-01-02"]
        #expect(throws: ContractBreach.self) { try layout.stored(fields) }
        let day = moment.replacing("DATETIME", with: "DATE")
        let dated = try self.mapping(partition: "{customer_id}", sort: "{placed_at}", placedAt: day)
        #expect(try EntityLayout(table: dated.table, entity: dated.entity).stored(fields)["placed_at"] == "2026-01-02")
    }
}
