import ContractEngine
import ContractGenerator
import Testing

/// What a caller knows of a sort key stands in the call: all of it is a get, the first values are asked for, the next is open.
struct WholeKeyCodeTests {
    private func method(_ description: String, _ operation: String, _ keys: String, items: String = "") throws -> String
    {
        let contract = """
            [{"type": "Table", "table": "Stats", "pk": "shop_id", "sk": "product_id#day#hour", "source_table": "stats",
             "attributes": {"shop_id": {"type": "S"}, "product_id": {"type": "S"}, "day": {"type": "S"}, "hour": {"type": "S"},
              "views": {"type": "N"}}, "satisfies": ["AP1"]}]
            """
        let patterns = """
            id,description,type,operation,peak rps,items per call,key attributes
            AP1,\(description),Read,\(operation),1,\(items),"\(keys)"
            """
        let code = try GeneratedCode.make(
            ContractDocument.read(
                contract: SourceText(name: "c.json", text: contract),
                patterns: SourceText(name: "p.csv", text: patterns)))
        let file = try #require(code.files.first { $0.name == "StatRepository.swift" }).text
        let start = try #require(file.firstRange(of: "/// AP1"))
        return file[start.lowerBound...].split(whereSeparator: \.isWhitespace).joined(separator: " ")
            .replacing("( ", with: "(").replacing("[ ", with: "[")
    }

    private static let whole = "shop_id, product_id, day, hour"

    @Test(arguments: ["Query", "GetItem", ""])
    func theWholeKeyIsAGet(operation: String) throws {
        let get = try method("Views of a product in one hour", operation, Self.whole)
        #expect(get.contains("items.get([\"shop_id\": shopID, \"product_id\": productID, \"day\": day, \"hour\": hour"))
        #expect(get.contains("(shopID: String, productID: String, day: String, hour: String, options"))
    }

    @Test(arguments: [
        ("List views of a product", ""), ("Views of a product by hour", ""), ("Get views of a product", ""),
        ("Get views in one hour", "20"),
    ])
    func aQueryOfSeveralStaysOne(description: String, items: String) throws {
        let query = try method(description, "Query", Self.whole, items: items)
        // A day in front of a known hour is known too.
        #expect(query.contains(#"queryPages(["shop_id": shopID, "product_id": productID, "day": day], beginning"#))
        #expect(query.contains(#"beginning: beginning.map { ["hour": $0] }"#))
    }

    @Test func theFirstValuesAreAskedForAndTheNextIsOpen() throws {
        let days = try method("List days of a product", "Query", "shop_id, product_id")
        #expect(
            days.contains(
                #"queryPages(["shop_id": shopID, "product_id": productID], beginning: beginning.map { ["day": $0] }"#))
        // A Query may read a stretch of days.
        let stretch = try method("List views of a product by day", "Query", "shop_id, product_id, day")
        #expect(
            stretch.contains(
                #"queryPages(["shop_id": shopID, "product_id": productID], beginning: beginning.map { ["day": $0] }"#))
        let found = try method("Get statistics of a product", "GetItem", "shop_id, product_id")
        #expect(found.contains(#"queryPages(["shop_id": shopID, "product_id": productID], beginning"#))
    }
}
