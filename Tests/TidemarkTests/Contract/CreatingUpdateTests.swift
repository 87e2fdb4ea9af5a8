import ContractEngine
import ContractModel
import TestSupport
import Testing
import Tidemark

/// What an update makes where there is no item is what a put would store, or it is refused; and what writes by hand are held against.
struct CreatingUpdateTests {
    static let contract = """
        {"tables": [
         {"table": "Shipping", "type": "multi-entity", "pk": "PK", "sk": "SK", "source_table": "parcels",
          "gsis": [{"index_name": "ByStatus", "pk": "GSI3PK", "sk": "GSI3SK", "projection": "KEYS_ONLY"}],
          "entities": [{"entity_type": "PARCEL", "source_table": "parcels", "pk_template": "CUST#{customer_id}",
           "sk_template": "PARCEL#{sent_on}#{parcel_id}",
           "gsi_keys": [{"index_name": "ByStatus", "pk_template": "ST#{status}", "sk_template": "{sent_on}#{parcel_id}"}],
           "attributes": [
            {"name": "customer_id", "type": "N", "source_column": "customer_id"},
            {"name": "parcel_id", "type": "S", "source_column": "parcel_id"},
            {"name": "sent_on", "type": "S", "source_column": "sent_on",
             "transformation": {"type": "date-format", "format": "YYYY-MM-DD"}},
            {"name": "status", "type": "S", "source_column": "status", "nullable": true},
            {"name": "postage", "type": "S", "source_column": "postage",
             "transformation": {"type": "number-format", "format": "0.00"}},
            {"name": "scanned_at", "type": "S", "source_column": "scanned_at",
             "transformation": {"type": "date-format", "format": "ISO8601"}},
            {"name": "weight", "type": "N", "source_column": "weight", "nullable": false}]}]},
         {"table": "Depots", "pk": "depot_id", "source_table": "depots",
          "gsis": [{"index_name": "ByParent", "pk": "parent_code", "projection": "ALL"}],
          "attributes": [
           {"name": "depot_id", "type": "N", "source_column": "depot_id"},
           {"name": "code", "type": "S", "source_column": "code"},
           {"name": "parent_code", "type": "S", "source_column": "parent_code", "null_value": "ROOT"},
           {"name": "rate", "type": "N", "source_column": "rate", "null_value": "-1"}]}]}
        """

    private func repository(_ table: String, _ harness: Harness) throws -> ContractRepository {
        let contract = try ContractDocument.read(contract: SourceText(name: "c.json", text: Self.contract)).contract
        return try ContractRepository(client: harness.client, contract: contract, table: table)
    }

    private func layout(_ table: String) throws -> EntityLayout {
        try repository(table, Harness { _, _ in answer("{}") }).layout
    }

    private static let parcel: KeyValues = ["customer_id": "7.0", "sent_on": "2026-01-01", "parcel_id": "p"]

    @Test func whatStandsInTheKeyIsStoredAndIndexKeysAreFilledIn() throws {
        let layout = try layout("Shipping")
        let key: Item = ["PK": "CUST#7", "SK": "PARCEL#2026-01-01#p"]
        let made = try layout.change(set: ["status": "open", "weight": 2], removing: [], of: Self.parcel)
        var actions: [UpdateAction] = made.set.sorted { $0.key < $1.key }.map { .set(Path($0.key), to: $0.value) }
        actions = try layout.creating(actions, of: Self.parcel, key: key)
        for action: UpdateAction in [
            .set("customer_id", to: AttributeValue.number("7")), .set("parcel_id", to: "p"),
            .set("sent_on", to: "2026-01-01"), .set("GSI3PK", to: "ST#open"), .set("GSI3SK", to: "2026-01-01#p"),
            .set("status", to: "open"), .set("weight", to: 2),
        ] { #expect(actions.contains(action)) }
        #expect(actions.count == 7)
        // By the key as it stands all the same.
        let whole: KeyValues = ["PK": "CUST#7", "SK": "PARCEL#2026-01-01#p"]
        let byKey = try layout.creating([.set("weight", to: 2)], of: whole, key: key)
        #expect(byKey.contains(.set("customer_id", to: AttributeValue.number("7"))))
        #expect(byKey.contains(.set("GSI3SK", to: "2026-01-01#p")))
    }

    @Test func anItemThatCouldNotBeReadIsNotMade() throws {
        let breach = #expect(throws: ContractBreach.self) {
            try layout("Shipping").creating(
                [.set("status", to: "open")], of: Self.parcel, key: ["PK": "CUST#7", "SK": "PARCEL#2026-01-01#p"])
        }
        #expect(breach?.reason.contains("an item without 'weight'") == true)
    }

    @Test func textsForNullAreWritten() throws {
        let actions = try layout("Depots").creating(
            [.set("code", to: "B")], of: ["depot_id": "7"], key: ["depot_id": 7])
        #expect(
            actions == [
                .set("code", to: "B"), .set("parent_code", to: Path("parent_code").ifNotExists("ROOT")),
                .set("rate", to: Path("rate").ifNotExists(AttributeValue.number("-1"))),
            ])
    }

    @Test func byHandAnUpdateAsksThatItsItemIsThere() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        let depots = try repository("Depots", harness)
        try await depots.update(["depot_id": "7"], set: ["code": "B"], pattern: "P")
        try await depots.update(["depot_id": "7"], set: ["code": "B"], createIfMissing: true, pattern: "P")
        let texts = harness.transport.requests.map { String(decoding: $0.body, as: UTF8.self) }
        #expect(texts[0].contains("attribute_exists") && !texts[1].contains("attribute_exists"))
        #expect(texts[1].contains("ROOT") && !texts[0].contains("ROOT"))
    }

    @Test(arguments: [
        (["postage": "abc"] as Item, "no number in the contract's form '0.00'"),
        (["postage": "4.5"], "no number in the contract's form '0.00'"),
        (["scanned_at": "2026-01-01T00:30:00+02:00"], "no date as the contract's form 'ISO8601' writes it"),
        (["scanned_at": "2026-01-01 00:30:00"], "no date as the contract's form 'ISO8601' writes it"),
        (["sent": "2026-01-01"], "has no attribute 'sent' by the contract"),
        (["status": .string(String(repeating: "x", count: 2_048))], "for such a key"),
        (["weight": 1, "status": .string(String(repeating: "x", count: 500_000))], "than"),
    ])
    func writesAreHeldAgainstFormsAndNames(change: Item, reason: String) async throws {
        let harness = try Harness { _, _ in answer("{}") }
        let parcels = try repository("Shipping", harness)
        let error = await failure { () throws(TidemarkError) in
            try await parcels.update(Self.parcel, set: change, pattern: "P")
        }
        #expect(error.message.contains(reason))
        let item: Item = ["customer_id": 7, "sent_on": "2026-01-01", "parcel_id": "p", "weight": 1]
        let other = await failure { () throws(TidemarkError) in
            try await parcels.put(item.merging(change) { $1 }, pattern: "P")
        }
        #expect(other.message.contains(reason))
        #expect(harness.transport.requests.isEmpty)
    }

    @Test func anUpdateOfMoreThanAnItemHoldsIsNotSent() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        let depots = try repository("Depots", harness)
        for change: Item in [["code": .string(String(repeating: "x", count: 900_000))], ["parent_code": ""]] {
            let error = await failure { () throws(TidemarkError) in
                try await depots.update(["depot_id": "7"], set: change, pattern: "P")
            }
            #expect(error.code == .validation)
        }
        #expect(harness.transport.requests.isEmpty)
    }

    @Test func attributesOutsideTheContractMayBeAllowed() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        var depots = try repository("Depots", harness)
        depots.attributesOutsideContract = .allowed
        try await depots.put(["depot_id": 7, "note": "new"], pattern: "P")
        #expect(harness.transport.requests.count == 1)
    }

    @Test func theContractsWordForNoneIsNoValueOfAnIndexsKey() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        let depots = try repository("Depots", harness)
        let error = await failure { () throws(TidemarkError) in
            try await depots.put(["depot_id": 7, "parent_code": "ROOT"], pattern: "P")
        }
        #expect(error.message.hasSuffix("by which the contract says that there is none: leave it out, or remove it"))
        let change = await failure { () throws(TidemarkError) in
            try await depots.update(["depot_id": "7"], set: ["parent_code": "ROOT"], pattern: "P")
        }
        #expect(change.code == .contract)
    }

    @Test func aKeyOfNoDateIsNotAskedFor() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        let parcels = try repository("Shipping", harness)
        for date in ["9 March", "2026-1-1"] {
            let error = await failure { () throws(TidemarkError) in
                _ = try await parcels.get(["customer_id": "7", "sent_on": date, "parcel_id": "p"], pattern: "P")
            }
            #expect(error.message.contains("no date in the contract's form 'YYYY-MM-DD'"))
        }
    }

    @Test func aRangeThatEndsBeforeItBeginsIsRefused() async throws {
        let harness = try Harness { _, _ in answer(#"{"Items":[],"Count":0,"ScannedCount":0}"#) }
        let parcels = try repository("Shipping", harness)
        let error = await failure { () throws(TidemarkError) in
            var pages = parcels.queryPages(
                ["customer_id": "7"], from: ["sent_on": "2026-03"], through: ["sent_on": "2026-02"], pattern: "P"
            ).makeAsyncIterator()
            _ = try await pages.next()
        }
        #expect(error.message.contains("ends before it begins"))
        #expect(harness.transport.requests.isEmpty)
    }

    @Test func anItemThatCannotBeReadIsNamedToWhoeverAsksForAll() throws {
        let depots = try repository("Depots", Harness { _, _ in answer("{}") })
        struct Depot: Decodable { var code: String }
        let error = #expect(throws: TidemarkError.self) { try depots.decode(Depot.self, from: ["depot_id": 7]) }
        #expect(error?.unreadableKey == ["depot_id": 7])
        #expect(error?.revealingDescription.contains("depot_id = 7") == true)
        #expect(error.map { "\($0)".contains("depot_id = 7") } == false)
    }
}
