import ContractEngine
import ContractModel

/// Documents that a test writes out, read as files are.
enum GivenDocuments {
    static func read(
        _ contract: String, patterns: String? = nil, as patternsName: String = "p.md", model: String? = nil
    ) throws -> ContractDocument {
        try ContractDocument.read(
            contract: SourceText(name: "c.json", text: contract),
            patterns: patterns.map { SourceText(name: patternsName, text: $0) },
            model: model.map { SourceText(name: "m.md", text: $0) })
    }

    /// Its findings, without notes on the schema and on reserved names.
    static func findings(
        _ contract: String, patterns: String? = nil, model: String? = nil
    ) throws -> [Finding] {
        lint(try read(contract, patterns: patterns, model: model)).filter {
            !["schema-violation", "reserved-name"].contains($0.rule)
        }
    }

    /// What a refused document's error says.
    static func refusal(
        _ contract: String, patterns: String? = nil, as patternsName: String = "p.md"
    ) -> String {
        do throws(ContractError) {
            _ = try ContractDocument.read(
                contract: SourceText(name: "c.json", text: contract),
                patterns: patterns.map { SourceText(name: patternsName, text: $0) })
            return "it was read"
        } catch {
            return error.message
        }
    }

    /// What was guessed of it, as sentences.
    static func guesses(_ document: ContractDocument) -> [String] {
        (Guess.readings(in: document) + Guess.all(in: document)).map(\.text)
    }

    /// A table `Orders` of one kind of item, found by customer and number and, through `ByStatus`, by status.
    static func orders(_ satisfies: String...) -> String {
        """
        {"tables": [{"table": "Orders", "type": "single-entity", "source_table": "orders", "pk": "customer_id",
         "sk": "order_no", "estimated_item_size_bytes": 700, "attributes": [
          {"name": "customer_id", "type": "S", "source_table": "orders", "source_column": "customer_id"},
          {"name": "order_no", "type": "S", "source_table": "orders", "source_column": "order_no"},
          {"name": "status", "type": "S", "source_table": "orders", "source_column": "status"},
          {"name": "placed_at", "type": "S", "source_table": "orders", "source_column": "placed_at"},
          {"name": "total", "type": "N", "source_table": "orders", "source_column": "total"}],
         "gsis": [{"index_name": "ByStatus", "pk": "status", "sk": "placed_at", "projection": "ALL"}],
         "satisfies": [\(satisfies.map { "\"\($0)\"" }.joined(separator: ", "))]}]}
        """
    }
}
