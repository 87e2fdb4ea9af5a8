import ContractModel
import GeneratedAccounts
import Testing
import Tidemark

/// What stands in an item for none, and dates, hold for generated types and for items alike.
struct NullValueTests {
    private static let repository = EntityLayout(
        table: "T", entity: "T",
        fields: [
            EntityLayout.Field(name: "id", type: .S, isRequired: true),
            EntityLayout.Field(name: "points", type: .N, nullText: "-1"),
            EntityLayout.Field(name: "name", type: .S, nullText: "none"),
            EntityLayout.Field(name: "flag", type: .BOOL, nullText: "0"),
        ], keys: [EntityLayout.Key(attribute: "id", role: .partition, rule: KeyRule(KeyTemplate("{id}")))])

    @Test func aNumberMayStandForNone() throws {
        let stored = try Self.repository.stored(["id": "1"])
        #expect(stored["points"] == .number("-1") && stored["name"] == "none")
        #expect(Self.repository.fields(of: stored) == ["id": "1", "flag": false])
        // However it is written.
        #expect(Self.repository.fields(of: ["id": "1", "points": .number("-1.0")]) == ["id": "1"])
        #expect(Self.repository.fields(of: ["id": "1", "points": 1]) == ["id": "1", "points": 1])
    }

    @Test func bothBooleansAreValues() throws {
        #expect(Self.repository.fields(of: ["id": "1", "flag": false])["flag"] == false)
    }

    @Test func aGeneratedTypeWritesAndReadsThem() throws {
        let account = Account(accountID: "1", email: "a@b.c")
        let item = try account.item()
        #expect(item["points"] == .number("-1") && item["ratio"]?.exactNumber == DynamoDBNumber("0.5"))
        #expect(try Account(item: item) == account)
        let other = Account(accountID: "1", email: "a@b.c", points: 0, ratio: DynamoDBNumber("0.25"))
        #expect(try Account(item: try other.item()) == other)
    }

    @Test func aGeneratedTypesDateIsOneOfTheContractsForm() throws {
        var account = Account(accountID: "1", email: "a@b.c", bornOn: "1815-12-10")
        #expect(try account.item()["born_on"] == "1815-12-10")
        for wrong in ["10.12.1815", "1815-13-10", ""] {
            account.bornOn = wrong
            let dated = account
            let error = #expect(throws: TidemarkError.self) { try dated.item() }
            #expect(error?.code == .contract)
            #expect(
                error?.message
                    == "Accounts ACCOUNT: attribute 'born_on' is no date in the contract's form 'YYYY-MM-DD'")
        }
    }
}
