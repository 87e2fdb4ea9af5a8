import ContractEngine
import Testing

/// Lookup items: values that only the documents call unique, keys that are too long, and keys that two kinds of values share.
struct LookupItemTests {
    private static func contract(_ constraints: String = "[]", email: String = "", sort: Bool = true) -> String {
        let sorted = sort ? #", "sk_template": "PROFILE""# : ""
        return """
            {"tables": [{"table": "Club", "type": "multi-entity", "source_table": "members", "pk": "PK"\(sort ? #", "sk": "SK""# : ""),
              "entities": [{"entity_type": "MEMBER", "source_table": "members", "pk_template": "MEMBER#{member_id}"\(sorted),
               "estimated_item_size_bytes": 900, "unique_constraints": \(constraints), "attributes": [
                {"name": "member_id", "type": "S", "source_table": "members", "source_column": "id"},
                {"name": "email", "type": "S", "source_table": "members", "source_column": "email"\(email)},
                {"name": "card_no", "type": "S", "source_table": "members", "source_column": "card_no"},
                {"name": "full_name", "type": "S", "source_table": "members", "source_column": "full_name"},
                {"name": "club_id", "type": "S", "source_table": "members", "source_column": "club_id"}]}]}]}
            """
    }

    private func findings(
        _ rule: String, _ contract: String = contract(), model: String? = nil
    ) throws -> [Finding] {
        try GivenDocuments.findings(contract, model: model).filter { $0.rule == rule }
    }

    // MARK: What only the documents call unique

    @Test(
        arguments: [
            ("E-mail and card number are unique.", ["card_no", "email"]),
            ("Uniqueness of e-mail and card number is kept by lookup items.", ["card_no", "email"]),
            ("Card numbers must be unique", ["card_no"]), ("The card no. is unique", ["card_no"]),
            ("Full names need not be unique, and card numbers are not unique", []),
            ("Card numbers are not necessarily unique", []), ("There is no unique constraint on e-mail", []),
            ("Uniqueness of card numbers is not enforced", []),
            ("E-mail is unique per club", []), ("The combination of e-mail and card number is unique", []),
            // Ids are unique without a word, and those of others are not these rows'.
            ("The member id is unique, and so is the club id", []), ("Each card has a unique colour", []),
        ] as [(String, [String])])
    func whatTheDocumentsCallUniqueNeedsALookupItem(_ words: String, _ names: [String]) throws {
        let found = try findings("unique-without-lookup", model: "# Club\n\n\(words)\n")
        #expect(found.map(\.subject).sorted() == names.map { "Club MEMBER.\($0)" })
        #expect(found.allSatisfy { $0.message.contains("must be unique by the documents") && $0.file == "m.md" })
    }

    @Test func whatAConstraintKeepsIsNoFinding() throws {
        let constraints =
            #"[{"attributes": ["email"], "pk_template": "EMAIL#{email}"}, {"attributes": ["card_no"], "pk_template": "CARD#{card_no}"}]"#
        let model = "# Club\n\nUniqueness of e-mail and card number is kept by lookup items.\n"
        #expect(try findings("unique-without-lookup", Self.contract(constraints), model: model) == [])
    }

    // MARK: Keys that are too long

    @Test(
        arguments: [
            (
                #", "max_length": 4000"#, true,
                "PK, the partition key of the lookup item of email of Club MEMBER, can have 16,006 bytes"
            ),
            (
                #", "max_length": 500"#, true,
                "SK, the sort key of the lookup item of email of Club MEMBER, can have 2,006 bytes"
            ),
            (#", "max_length": 500"#, false, nil), (#", "max_length": 254"#, true, nil),
            // As wide as columns are by habit.
            (#", "source_type": "VARCHAR(255)""#, true, nil), (#", "max_length": 320"#, true, nil),
        ] as [(String, Bool, String?)])
    func aLookupItemsKeyHasALimit(_ email: String, _ sort: Bool, _ words: String?) throws {
        let constraints = #"[{"attributes": ["email"], "pk_template": "EMAIL#{email}"}]"#
        let found = try findings("key-too-long", Self.contract(constraints, email: email, sort: sort))
        #expect(found.count == (words == nil ? 0 : 1))
        #expect(found.first?.message.contains(words ?? "") ?? true)
        #expect(found.allSatisfy { $0.subject == "Club MEMBER.email" })
    }

    @Test func aShortSortKeyIsNone() throws {
        let constraints = #"[{"attributes": ["email"], "pk_template": "EMAIL#{email}", "sk_template": "EMAIL"}]"#
        let contract = Self.contract(constraints, email: #", "max_length": 500"#)
        #expect(try findings("key-too-long", contract) == [])
    }

    // MARK: Keys of two values

    @Test(arguments: [("EMAIL#{card_no}", "EMAIL", 1), ("CARD#{card_no}", "EMAIL", 0), ("EMAIL#{card_no}", "CARD", 0)])
    func lookupItemsOfTwoValuesHaveTextsOfTheirOwn(_ partition: String, _ sort: String, _ count: Int) throws {
        let constraints = """
            [{"attributes": ["email"], "pk_template": "EMAIL#{email}", "sk_template": "EMAIL"},
             {"attributes": ["card_no"], "pk_template": "\(partition)", "sk_template": "\(sort)"}]
            """
        let found = try findings("key-collision", Self.contract(constraints))
        #expect(found.count == count && found.allSatisfy { $0.severity == .warning })
    }

    @Test func aLookupItemMayNotTakeAnItemsOwnKey() throws {
        let constraints =
            #"[{"attributes": ["card_no"], "pk_template": "MEMBER#{card_no}", "sk_template": "PROFILE"}]"#
        #expect(try findings("key-collision", Self.contract(constraints)).count == 1)
    }
}
