import ContractEngine
import ContractModel
import Testing

/// Keys of one table that can be equal, and templates that cannot be what their author meant.
struct KeySpaceTests {
    /// A table of two kinds of items with these keys.
    private func document(
        _ first: (pk: String, sk: String), _ second: (pk: String, sk: String), constraint: String = ""
    ) throws -> ContractDocument {
        func kind(_ name: String, _ source: String, _ keys: (pk: String, sk: String), _ more: String) -> String {
            """
            {"entity_type": "\(name)", "source_table": "\(source)", "pk_template": "\(keys.pk)", "sk_template": "\(keys.sk)",\(more)
             "attributes": [{"name": "\(source)_id", "type": "S", "source_column": "id"},
              {"name": "count", "type": "N", "source_column": "count"}, {"name": "title", "type": "S", "source_column": "title"},
              {"name": "email", "type": "S", "source_column": "email"}, {"name": "login", "type": "S", "source_column": "login"},
              {"name": "made_at", "type": "S", "source_column": "made_at"},
              {"name": "user_id", "type": "S", "source_column": "user_id"}]}
            """
        }
        let kinds = [kind("ONE", "one", first, constraint), kind("TWO", "two", second, "")].joined(separator: ",\n")
        let text =
            "{\"tables\": [{\"table\": \"Things\", \"pk\": \"PK\", \"sk\": \"SK\", \"attributes\": [], \"entities\": [\(kinds)]}]}"
        return try ContractDocument.read(contract: SourceText(name: "c.json", text: text))
    }

    private func collisions(_ document: ContractDocument) -> [Finding] {
        lint(document).filter { $0.rule == "key-collision" }
    }

    @Test(arguments: [
        ("{one_id}", "{one_id}", "{two_id}", "{two_id}"), ("T#{one_id}", "#META", "T#{two_id}", "#META"),
        ("{user_id}", "{made_at}", "{user_id}", "{made_at}"), ("{login}", "A", "{title}", "A"),
        ("{user_id}", "PROFILE", "{user_id}", "{title}"), ("{user_id}", "A{title}", "{user_id}", "AB{title}"),
        ("{user_id}", "{count}", "{user_id}", "{two_id}"),
    ])
    func kindsWhoseKeysCanBeEqualAreToldOnce(onePK: String, oneSK: String, twoPK: String, twoSK: String) throws {
        let found = collisions(try document((onePK, oneSK), (twoPK, twoSK)))
        #expect(found.map(\.subject) == ["Things TWO"])
        #expect(found.map(\.severity) == [.warning])
        #expect(found.first?.message.contains("ONE and TWO in Things can have the same key: PK \"\(onePK)\"") == true)
        #expect(found.first?.pointer == "/tables/0/entities/1/sk_template")
    }

    /// A lookup table that the contract describes as a table of its own: which of its items are the lookup items, it has to say.
    @Test func whatDescribesALookupTableIsNamed() throws {
        func found(_ entity: String) throws -> [Finding] {
            let text = """
                {"tables": [
                 {"table": "Players", "source_table": "players", "pk": "player_id",
                  "unique_constraints": [{"attributes": ["nickname"], "lookup_table": "Nicknames", "pk_template": "{nickname}"\(entity)}],
                  "attributes": [{"name": "player_id", "type": "S"}, {"name": "nickname", "type": "S"}]},
                 {"table": "Nicknames", "source_table": "players", "pk": "nickname",
                  "attributes": [{"name": "nickname", "type": "S"}, {"name": "player_id", "type": "S"}]}]}
                """
            return collisions(try ContractDocument.read(contract: SourceText(name: "c.json", text: text)))
        }
        #expect(
            try found("").map(\.advice) == [
                #"Where Nicknames is that lookup item, say so in the constraint: `"lookup_entity": "Nicknames"`. Else put "#
                    + #"the kind in front of one of them, such as "NICKNAME#…"."#
            ])
        #expect(try found(#", "lookup_entity": "Nicknames""#) == [])
    }

    @Test func kindsWhoseKeysAreEqualAreAnError() throws {
        let found = collisions(try document(("ALL", "#META"), ("ALL", "#META")))
        #expect(found.map(\.severity) == [.error])
        #expect(found.first?.message.hasPrefix("ONE and TWO in Things have the same key: ") == true)
    }

    @Test(arguments: [
        ("{one_id}", "ONE#{one_id}", "{two_id}", "TWO#{two_id}"), ("ONE#{one_id}", "#META", "TWO#{two_id}", "#META"),
        ("{user_id}", "#META", "{user_id}", "{two_id}"), ("{user_id}", "PROFILE", "{user_id}", "SETTINGS"),
        ("{user_id}", "PROFILE", "{user_id}", "{two_id}"), ("{email}", "A", "{two_id}", "A"),
        ("{user_id}", "{made_at}", "{user_id}", "{two_id}"), ("{user_id}", "ONE-{one_id}", "{user_id}", "TWO-{two_id}"),
        ("{user_id}", "N#{made_at}", "{user_id}", "N#{made_at}#{two_id}"),
        ("{user_id}", "{one_id}-a", "{user_id}", "{two_id}-b"),
    ])
    func kindsWithKeysOfTheirOwnAreNotTold(onePK: String, oneSK: String, twoPK: String, twoSK: String) throws {
        #expect(collisions(try document((onePK, oneSK), (twoPK, twoSK))) == [])
    }

    private func constraint(_ attributes: String..., pk: String, sk: String?) -> String {
        let names = attributes.map { "\"\($0)\"" }.joined(separator: ", ")
        let sort = sk.map { ", \"sk_template\": \"\($0)\"" } ?? ""
        return "{\"attributes\": [\(names)], \"lookup_table\": \"Things\", \"pk_template\": \"\(pk)\"\(sort)}"
    }

    @Test func lookupItemsThatShareTheirKeysWithItemsAreTold() throws {
        let keys = (("ONE#{one_id}", "#META"), ("TWO#{title}", "#META"))
        let shared = try document(
            keys.0, keys.1,
            constraint: "\"unique_constraints\": [\(constraint("login", pk: "TWO#{login}", sk: "#META"))],")
        #expect(collisions(shared).map(\.subject) == ["Things ONE.login"])
        #expect(
            collisions(shared).first?.message.contains("TWO and the lookup item of ONE's login in Things can have")
                == true)
        let own = try document(
            keys.0, keys.1,
            constraint: "\"unique_constraints\": [\(constraint("login", pk: "LOGIN#{login}", sk: nil))],")
        #expect(collisions(own) == [])
    }

    @Test func lookupItemsOfTwoConstraintsNeedKeysOfTheirOwn() throws {
        func both(_ first: String, _ second: String) throws -> [Finding] {
            let list = [constraint("login", pk: first, sk: "#U"), constraint("title", pk: second, sk: "#U")]
            return collisions(
                try document(
                    ("ONE#{one_id}", "#META"), ("TWO#{two_id}", "#META"),
                    constraint: "\"unique_constraints\": [\(list.joined(separator: ", "))],"))
        }
        #expect(try both("{login}", "{title}").map(\.subject) == ["Things ONE.title"])
        #expect(try both("LOGIN#{login}", "TITLE#{title}") == [])
    }

    // MARK: Templates

    @Test(arguments: [
        ("T#{two_id", "opens \"{two_id\" and does not close it"),
        ("T#{two_id#{title}", "opens \"{two_id#\" and does not close it"),
        ("T#{}", "has braces that name nothing"), ("T#{ }", "has braces that name nothing"),
        ("T#two_id}", "closes a brace that it did not open"), ("", "makes an empty key"), (" ", "makes an empty key"),
    ])
    func templatesThatCannotBeMeantAreTold(template: String, reason: String) throws {
        let found = lint(try document(("ONE#{one_id}", "#META"), ("TWO#{two_id}", template))).filter {
            $0.rule == "template-malformed"
        }
        #expect(found.map(\.subject) == ["Things TWO.SK"])
        #expect(found.first?.message.contains(reason) == true)
        #expect(found.first?.severity == .error && found.first?.pointer == "/tables/0/entities/1/sk_template")
    }

    @Test func aLookupItemsTemplatesAreLookedAtToo() throws {
        let broken = try document(
            ("ONE#{one_id}", "#META"), ("TWO#{two_id}", "#META"),
            constraint: "\"unique_constraints\": [\(constraint("login", pk: "L#{login}", sk: "X{"))],")
        #expect(lint(broken).filter { $0.rule == "template-malformed" }.map(\.subject) == ["Things ONE.login"])
    }
}

/// Keys and projections that CreateTable refuses, or that nobody can mean.
struct KeySchemaLintTests {
    private func findings(_ table: String, _ rule: String) throws -> [Finding] {
        let document = try ContractDocument.read(contract: SourceText(name: "c.json", text: "{\"tables\": [\(table)]}"))
        return lint(document).filter { $0.rule == rule }
    }

    private func table(
        pk: String = "id", sk: String? = nil, index: String = "",
        id: String = "{\"name\": \"id\", \"type\": \"S\", \"source_column\": \"id\"}"
    ) -> String {
        """
        {"table": "Things", "source_table": "things", "pk": "\(pk)", "sk": \(sk.map { "\"\($0)\"" } ?? "null"), "gsis": [\(index)],
         "attributes": [\(id), {"name": "kind", "type": "S", "source_column": "kind"},
          {"name": "made_at", "type": "S", "source_column": "made_at"}, {"name": "size", "type": "N", "source_column": "size"}]}
        """
    }

    @Test func oneAttributeIsNoKeyOfTwo() throws {
        #expect(try findings(table(sk: "id"), "key-repeated").map(\.subject) == ["Things"])
        let index = "{\"index_name\": \"ByKind\", \"pk\": \"kind\", \"sk\": \"kind\"}"
        #expect(try findings(table(index: index), "key-repeated").map(\.subject) == ["Things.ByKind"])
        #expect(try findings(table(index: index), "key-repeated").first?.pointer == "/tables/0/gsis/0/sk")
        #expect(
            try findings(
                table(sk: "kind", index: index.replacing("\"sk\": \"kind\"", with: "\"sk\": \"id\"")), "key-repeated")
                == [])
    }

    @Test(arguments: [
        ("T#{id}", "\"T#\" is no number"), ("{kind}{size}", "it puts 2 values together"),
        ("{made_at}", "{made_at} is a date"),
    ])
    func aNumberWithATextsTemplateIsNoKey(format: String, reason: String) throws {
        let id =
            "{\"name\": \"id\", \"type\": \"N\", \"source_column\": \"id\", \"transformation\": {\"type\": \"string-format\", \"format\": \"\(format)\"}}"
        let found = try findings(table(id: id), "key-type")
        #expect(found.map(\.subject) == ["Things.id"])
        #expect(found.first?.message.contains(reason) == true)
    }

    @Test(arguments: ["{size}", "-{size}", "{id}"])
    func aNumberMadeOfOneNumberIsAKey(format: String) throws {
        let id =
            "{\"name\": \"id\", \"type\": \"N\", \"source_column\": \"id\", \"transformation\": {\"type\": \"string-format\", \"format\": \"\(format)\"}}"
        #expect(try findings(table(id: id), "key-type") == [])
    }

    @Test func projectedAttributesAreHeldAgainstTheItems() throws {
        func index(_ names: String) -> String {
            "{\"index_name\": \"ByKind\", \"pk\": \"kind\", \"projection\": \"INCLUDE\", \"projected_attributes\": [\(names)]}"
        }
        #expect(
            try findings(table(index: index("\"size\", \"colour\", \"id\"")), "projected-attribute").map(\.subject)
                == ["Things.ByKind.colour"])
        let twice = try findings(table(index: index("\"size\", \"size\", \"size\"")), "projected-attribute")
        #expect(twice.map(\.message) == ["ByKind of Things projects size twice."])
        #expect(try findings(table(index: index("\"size\", \"made_at\"")), "projected-attribute") == [])
    }

    @Test func anAverageAboveItsPeakIsTold() throws {
        let contract = SourceText(name: "c.json", text: "{\"tables\": [\(table())]}")
        let document = try ContractDocument.read(
            contract: contract,
            patterns: SourceText(
                name: "p.md",
                text:
                    "| ID | Peak RPS | Average RPS |\n|---|---|---|\n| AP1 | 5 | 7 |\n| AP2 | 7 | 7 |\n| AP3 | 7 | |\n")
        )
        let found = lint(document).filter { $0.rule == "average-above-peak" }
        #expect(found.map { "\($0.file):\($0.line) \($0.subject)" } == ["p.md:3 AP1"])
        let inline = try ContractDocument.read(
            contract: SourceText(
                name: "c.json",
                text:
                    "{\"tables\": [\(table())], \"access_patterns\": [{\"id\": \"AP4\", \"rps\": {\"peak\": 1, \"average\": 2}}]}"
            ))
        #expect(lint(inline).filter { $0.rule == "average-above-peak" }.map(\.subject) == ["AP4"])
    }
}
