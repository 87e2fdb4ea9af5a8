import ContractEngine
import ContractGenerator
import Testing

/// Ids of an unsigned column keep their value, also the half of them that no Int holds.
struct UnsignedNumberTests {
    @Test(arguments: [
        ("BIGINT UNSIGNED", "UInt64"), ("bigint(20) unsigned", "UInt64"), ("BIGINT", "Int"), ("INT UNSIGNED", "Int"),
    ])
    func aLargeUnsignedColumnIsOfItsOwnType(_ source: String, _ type: String) throws {
        let contract = """
            {"tables": [{"table": "Rooms", "pk": "room_id", "attributes": [
              {"name": "room_id", "type": "N", "source_type": "\(source)"}]}]}
            """
        let code = try GeneratedCode.make(ContractDocument.read(contract: SourceText(name: "c.json", text: contract)))
        let text = try #require(code.files.first { $0.name == "Room.swift" }).text
        #expect(text.contains("var roomID: \(type)\n"))
    }
}
