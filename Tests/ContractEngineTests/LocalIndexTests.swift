import ContractEngine
import ContractModel
import Testing

/// Local secondary indexes are refused by name wherever a contract has one: a table made without it could never have it.
struct LocalIndexTests {
    private static let index = #"{"index_name": "ByTotal", "pk": "customer_id", "sk": "total", "projection": "ALL"}"#

    private func contract(_ member: String) -> String {
        GivenDocuments.orders("AP1").replacing(#""satisfies""#, with: "\(member), \"satisfies\"")
    }

    @Test(arguments: ["local_secondary_indexes", "lsis", "local_indexes"])
    func aListOfLocalIndexesIsRefused(member: String) {
        let text = GivenDocuments.refusal(contract(#""\#(member)": [\#(Self.index)]"#))
        #expect(text.contains("the index ByTotal of Orders is a local secondary index"), "\(text)")
        #expect(text.contains("in `gsis` with the table's `pk` (customer_id)"))
    }

    @Test(arguments: ["LSI", "local", "Local Secondary Index"])
    func soIsALocalOneAmongTheGlobal(type: String) {
        let local = Self.index.replacing("{", with: #"{"type": "\#(type)", "#)
        let text = GivenDocuments.refusal(
            GivenDocuments.orders("AP1").replacing(#""gsis": ["#, with: #""gsis": [\#(local), "#))
        #expect(text.contains("ByTotal of Orders is a local secondary index"), "\(text)")
    }

    @Test func soIsOneWithAnEntryOfItsOwn() {
        let text = GivenDocuments.refusal(
            #"[{"table": "T", "type": "Table", "pk": "id", "attributes": {"id": {"type": "S"}}},"#
                + #" {"table": "ByDay", "type": "LSI", "pk": "id", "sk": "day"}]"#)
        #expect(text.contains("the index ByDay is a local secondary index"), "\(text)")
    }

    @Test(arguments: ["[]", "null"])
    func noneIsNone(list: String) throws {
        let document = try GivenDocuments.read(contract(#""local_secondary_indexes": \#(list)"#))
        #expect(!lint(document).contains { $0.rule == "unknown-field" })
    }
}
