import ContractEngine
import ContractModel
import Testing

/// What an index with INCLUDE holds of large items: each attribute by its type, and not an equal share of the item.
struct IncludedSizeTests {
    private func entry(_ included: String, _ attributes: String) throws -> String? {
        let contract = """
            {"tables": [{"table": "Posts", "type": "single-entity", "source_table": "posts", "pk": "post_id",
             "estimated_item_size_bytes": 20000, "gsis": [{"index_name": "ByAuthor", "pk": "author_id", "sk": "created_at",
              "projection": "INCLUDE", "projected_attributes": ["\(included)"]}],
             "attributes": [{"name": "post_id", "type": "S", "max_length": 36}, {"name": "author_id", "type": "S", "max_length": 36},
              {"name": "created_at", "type": "S"}, \(attributes), {"name": "body", "type": "S"}]}],
             "access_patterns": [{"id": "AP1", "description": "Publish", "operation": "PutItem", "table": "Posts", "rps": 1}]}
            """
        return capacity(of: try GivenDocuments.read(contract)).pattern("AP1")?.charges.first { $0.index != nil }?
            .formula
    }

    /// Keys: 7 + 36, 9 + 36, 10 + 24 bytes are 122; the attribute's name has 4.
    @Test(arguments: [
        (#""type": "BOOL""#, "127"), (#""type": "N""#, "147"), (#""type": "N", "source_type": "TINYINT(1)""#, "147"),
        (#""type": "S", "source_type": "CHAR(3)""#, "138"), (#""type": "S", "max_length": 10"#, "166"),
        (#""type": "S", "max_length_bytes": 10"#, "136"), (#""type": "S", "source_type": "INT""#, "146"),
        (#""type": "S", "source_type": "UUID""#, "162"), (#""type": "M", "max_length_bytes": 100"#, "226"),
        (#""type": "S", "transformation": {"type": "date-format", "format": "YYYY-MM-DD"}"#, "150"),
    ])
    func anAttributeHasTheBytesOfItsType(type: String, bytes: String) throws {
        #expect(try entry("flag", #"{"name": "flag", \#(type)}"#) == "⌈\(bytes) B / 1 KB⌉")
    }

    /// Of an open size two share what the keys' 2 × 144 + 34 + 16 bytes leave of the item.
    @Test(arguments: [
        #""type": "S""#, #""type": "L""#, #""type": "M", "source_type": "JSON""#,
        #""type": "S", "source_type": "LONGTEXT""#,
    ])
    func whatHasNoSizeOfItsOwnSharesTheRest(type: String) throws {
        #expect(try entry("flag", #"{"name": "flag", \#(type)}"#) == "⌈9,953 B / 1 KB⌉")
    }
}
