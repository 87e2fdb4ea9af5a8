import ContractEngine
import ContractGenerator
import Testing

/// Names of methods and types where a contract's words are not those of English, or are no words at all.
struct UnicodeNameTests {
    private func method(_ summary: String, id: String = "AP7") throws -> String? {
        let contract = """
            {"tables": [{"table": "Rows", "type": "single-entity", "source_table": "rows", "pk": "row_id",
              "attributes": [{"name": "row_id", "type": "S", "source_table": "rows", "source_column": "id"}]}],
             "access_patterns": [{"id": "\(id)", "description": "\(summary)", "peak_rps": 1, "operation": "GetItem",
               "table": "Rows", "key_attributes": ["row_id"]}]}
            """
        let document = try ContractDocument.read(contract: SourceText(name: "c.json", text: contract))
        let line = try GeneratedCode.make(document).patterns.first
        return line?.split(separator: "\t")[1].split(separator: ".").last.map(String.init)
    }

    @Test(arguments: [
        ("取得2", "取得2"), ("ユーザーを取得", "ユーザーを取得"), ("Größe ändern", "größeÄndern"), ("Prix d'été", "prixDété"),
        ("Получить заказ", "получитьЗаказ"), ("Get café by id", "getCaféByID"), ("一覧 2 件", "一覧2件"),
        ("Ride №5", "ride5"),
    ])
    func lettersOfAnyScriptAreLetters(_ summary: String, _ name: String) throws {
        #expect(try method(summary) == name)
    }

    @Test(arguments: [("2FA login", "ap7"), ("2", "ap7"), ("★ ★", "ap7"), ("🎉", "ap7"), ("", "ap7"), ("２ ½", "ap7")])
    func whatNoNameBeginsWithIsCalledAfterThePattern(_ summary: String, _ name: String) throws {
        #expect(try method(summary) == name)
    }

    @Test func anIDThatIsNoNameIsMadeOne() throws {
        #expect(try method("2", id: "X-2.1") == "x21")
        #expect(try method("★", id: "★") == "pattern")
    }
}
