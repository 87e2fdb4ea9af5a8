import ContractEngine
import ContractModel
import Testing

/// What the model's mapping says in columns of whatever heading, and of several operations in one cell.
struct MappingColumnTests {
    private func pattern(
        _ header: String, _ row: String, description: String = "Orders of a customer", own: String = "",
        notes: String = ""
    ) throws -> AccessPattern {
        let rule = header.split(separator: "|").map { _ in "|---" }.joined() + "|"
        let patterns =
            "id,description,peak rps,key attributes,operation,notes\nAP1,\(description),1,customer_id,\(own),\(notes)\n"
        let document = try GivenDocuments.read(
            GivenDocuments.orders("AP1"), patterns: patterns, as: "p.csv",
            model: "## Mapping\n\n\(header)\n\(rule)\n\(row)\n")
        return document.patterns[0]
    }

    private func words(_ pattern: AccessPattern) -> [String] {
        pattern.operations.map { operation in
            let place = operation.table + (operation.index.map { ".\($0)" } ?? "")
            let consistency = operation.consistency.map { " \($0.rawValue)" } ?? ""
            return "\(operation.operation) \(place)\(operation.itemsPerCall.map { " \(Int($0))" } ?? "")\(consistency)"
        }
    }

    /// The cells tell which column has the ids.
    @Test(arguments: ["#", "ID", "AP", "AP#", "No.", "Use case", "Pattern #", "Ref", "What"])
    func aMappingIsKnownByItsCells(heading: String) throws {
        let read = try pattern("| \(heading) | Table / Index | Operation |", "| AP-01 | Orders.ByStatus | Query |")
        #expect(words(read).first == "Query Orders.ByStatus")
        #expect(read.operations.first?.guess == nil)
    }

    @Test(arguments: ["Items", "Items per call", "Items/call"])
    func theMappingCountsItems(heading: String) throws {
        let read = try pattern("| AP | Table | Operation | \(heading) |", "| AP1 | Orders | Query | 24 |")
        #expect(words(read) == ["Query Orders 24"])
    }

    @Test(arguments: [
        ("GetItem, ConsistentRead=true", "strong"), ("GetItem (strongly consistent)", "strong"),
        ("Consistent GetItem", "strong"), ("GetItem ConsistentRead", "strong"),
        ("GetItem with a consistent read", "strong"), ("GetItem ConsistentRead: false", "eventual"),
        ("GetItem (eventually consistent)", "eventual"), ("GetItem, need not be strongly consistent", ""),
        ("GetItem", ""),
    ])
    func theWordsBesideAnOperationTellItsConsistency(cell: String, expected: String) throws {
        let mapped = try pattern("| AP | Table | Operation |", "| AP1 | Orders | \(cell) |")
        #expect(mapped.operations.map { $0.consistency?.rawValue ?? "" } == [expected])
        let own = try pattern("| AP | Table |", "| AP1 | Orders |", own: "\"\(cell)\"")
        #expect(own.operations.map { $0.consistency?.rawValue ?? "" } == [expected])
    }

    @Test func notesAndColumnsTellItToo() throws {
        let header = "| AP | Table | Operation | Consistency |"
        #expect(try words(pattern(header, "| AP1 | Orders | GetItem | strong |")) == ["GetItem Orders strong"])
        let yes = try pattern("| AP | Table | Operation | ConsistentRead |", "| AP1 | Orders | GetItem | yes |")
        #expect(words(yes) == ["GetItem Orders strong"])
        let row = "| AP1 | Orders | GetItem |"
        let noted = try pattern("| AP | Table | Operation |", row, notes: "Strongly consistent read required")
        #expect(words(noted) == ["GetItem Orders strong"])
        let told = try pattern("| AP | Table | Operation |", row, description: "Get an order (strongly consistent)")
        #expect(words(told) == ["GetItem Orders strong"])
    }

    /// A read by key is of the table, since of an index DynamoDB gets no item.
    @Test(arguments: [
        "Query status = :s, then BatchGetItem Orders", "Query, then BatchGetItem", "Query + BatchGetItem",
    ])
    func aSecondOperationOfACellIsDoneToo(cell: String) throws {
        let expected = ["Query Orders.ByStatus", "BatchGetItem Orders"]
        let mapped = try pattern("| AP | Table | Operation |", "| AP1 | ByStatus | \(cell) |")
        #expect(words(mapped).map { $0 } == expected)
    }

    @Test func aModelWithRatesIsReadAsThePatternTable() throws {
        let model = """
            ## Access patterns

            | No. | Use case | R/W | Peak/s | Avg/s | Table | API call | Input |
            |---|---|---|---|---|---|---|---|
            | V1 | Orders of a customer | R | 300 | 100 | Orders | Query | customer_id |
            """
        let document = try GivenDocuments.read(GivenDocuments.orders("V1"), model: model)
        #expect(document.patterns.map(\.summary) == ["Orders of a customer"])
        #expect(document.patterns.map(\.peakRPS) == [300])
        #expect(GivenDocuments.guesses(document).contains { $0.contains("read from the model") })
        // Where the patterns are given, the model's are not.
        let given = try GivenDocuments.read(
            GivenDocuments.orders("V1"), patterns: "id,description,peak rps\nV1,Orders,7\n", as: "p.csv", model: model)
        #expect(given.patterns.map(\.peakRPS) == [7])
    }
}
