import AWSCore
import ContractModel
import GeneratedAccounts
import JSONBytes
import Telemetry
import TestSupport
import Testing
import Tidemark

/// Values that the contract says are unique stay so whatever a repository does, and are free again once nobody has them.
struct UniqueConstraintTests {
    private struct Fixture {
        let tables = MemoryTables(keys: ["Accounts": ["PK", "SK"], "Places": ["place"]])
        let harness: Harness
        let accounts: AccountRepository

        init() throws {
            let tables = tables
            harness = try Harness { request, number in tables.answer(request, number) }
            accounts = AccountRepository(client: harness.client)
        }

        /// The lookup items, by their partition keys.
        var places: [String] {
            let own = tables.items("Accounts").compactMap { $0["PK"]?.stringValue }.filter { $0.hasPrefix("EMAIL#") }
            return (own + tables.items("Places").compactMap { $0["place"]?.stringValue }).sorted()
        }

        var operations: [String] {
            harness.transport.requests.map {
                $0.header("X-Amz-Target")?.split(separator: ".").last.map(String.init) ?? ""
            }
        }
    }

    static func account(_ id: String, _ email: String, nickname: String? = nil) -> Account {
        Account(accountID: id, email: email, region: "eu", nickname: nickname, points: 3)
    }

    // MARK: Creation

    @Test func creatingTakesThePlaces() async throws {
        let fixture = try Fixture()
        try await fixture.accounts.registerAccount(Self.account("1", "a@b.c", nickname: "ada"))
        #expect(fixture.places == ["EMAIL#a@b.c", "eu#ada"])
        #expect(fixture.operations == ["TransactWriteItems"])
        let lookup = fixture.tables.items("Accounts").first { $0["PK"] == "EMAIL#a@b.c" }
        #expect(lookup == ["PK": "EMAIL#a@b.c", "SK": "EMAIL#a@b.c"])
    }

    @Test func whoCreatesTheSameItemAgainIsToldThatItIsThere() async throws {
        let fixture = try Fixture()
        try await fixture.accounts.registerAccount(Self.account("1", "a@b.c"))
        let error = await failure { () throws(TidemarkError) in
            try await fixture.accounts.registerAccount(Self.account("1", "a@b.c"))
        }
        #expect(error.code == .conditionFailed)
        #expect(error.message == "there is an item of Accounts ACCOUNT with this key already")
    }

    @Test func whatCannotBeStoredIsRefusedAsTheCallThatItIs() async throws {
        let fixture = try Fixture()
        let error = await failure { () throws(TidemarkError) in
            try await fixture.accounts.registerAccount(Self.account("", "a@b.c"))
        }
        #expect(error.operation == "TransactWriteItems" && error.table == "Accounts")
        #expect(!error.pattern.isEmpty && !error.correlationID.isEmpty)
        #expect(fixture.operations == [])
    }

    @Test func ofTwoWhoCreateTheSameValueTheSecondIsToldWhichConstraint() async throws {
        let fixture = try Fixture()
        try await fixture.accounts.registerAccount(Self.account("1", "a@b.c", nickname: "ada"))
        let error = await failure { () throws(TidemarkError) in
            try await fixture.accounts.registerAccount(Self.account("2", "x@b.c", nickname: "ada"))
        }
        #expect(error.code == .conditionFailed)
        #expect(error.takenAttributes == ["region", "nickname"])
        #expect(
            error.message
                == "another Accounts ACCOUNT has the value of 'region', 'nickname', which is unique by the contract")
        #expect(!error.description.contains("ada"))
        #expect(fixture.places == ["EMAIL#a@b.c", "eu#ada"])
        #expect(fixture.tables.items("Accounts").count == 2)
    }

    @Test func whoMeetsAnotherTransactionTriesAgainAndIsToldTheOutcome() async throws {
        let fixture = try Fixture()
        fixture.tables.conflictNext(2)
        try await fixture.accounts.registerAccount(Self.account("1", "a@b.c"))
        #expect(fixture.operations.count == 3)
        fixture.tables.conflictNext(100)
        let error = await failure { () throws(TidemarkError) in
            try await fixture.accounts.registerAccount(Self.account("2", "x@b.c"))
        }
        #expect(error.code == .transactionConflict && error.takenAttributes == ["email"])
    }

    @Test func anItemWithoutAValueTakesNoPlace() async throws {
        let fixture = try Fixture()
        try await fixture.accounts.registerAccount(Self.account("1", "a@b.c"))
        try await fixture.accounts.registerAccount(Self.account("2", "x@b.c"))
        #expect(fixture.places == ["EMAIL#a@b.c", "EMAIL#x@b.c"])
    }

    @Test func valuesThatWouldShareAPlaceAreRefused() async throws {
        let fixture = try Fixture()
        var account = Self.account("1", "a@b.c", nickname: "ada")
        account.region = "eu#x"
        let error = await failure { [account] () throws(TidemarkError) in
            try await fixture.accounts.registerAccount(account)
        }
        #expect(error.code == .contract && fixture.operations.isEmpty)
        #expect(error.message.contains("different values would have one place"))
    }

    // MARK: Storing in place

    @Test func puttingANewItemTakesItsPlacesAndPuttingItAgainLeavesThem() async throws {
        let fixture = try Fixture()
        try await fixture.accounts.saveAccount(Self.account("1", "a@b.c"))
        try await fixture.accounts.saveAccount(Self.account("1", "a@b.c"))
        #expect(fixture.places == ["EMAIL#a@b.c"])
        #expect(fixture.operations == ["GetItem", "TransactWriteItems", "GetItem", "PutItem"])
    }

    @Test func puttingAChangedValueGivesTheOldPlaceUp() async throws {
        let fixture = try Fixture()
        try await fixture.accounts.saveAccount(Self.account("1", "a@b.c", nickname: "ada"))
        try await fixture.accounts.saveAccount(Self.account("1", "x@b.c"))
        #expect(fixture.places == ["EMAIL#x@b.c"])
        try await fixture.accounts.saveAccount(Self.account("2", "a@b.c", nickname: "ada"))
        let error = await failure { () throws(TidemarkError) in
            try await fixture.accounts.saveAccount(Self.account("1", "a@b.c"))
        }
        #expect(error.code == .conditionFailed && error.takenAttributes == ["email"])
        #expect(fixture.places == ["EMAIL#a@b.c", "EMAIL#x@b.c", "eu#ada"])
    }

    @Test func aValueThatChangesBetweenReadAndWriteIsReadAgain() async throws {
        let fixture = try Fixture()
        try await fixture.accounts.saveAccount(Self.account("1", "a@b.c"))
        let tables = fixture.tables
        // Another process moves the account to another address after this one has read it.
        tables.once(before: "TransactWriteItems") {
            tables.change("Accounts", ["PK": "ACCOUNT#1", "SK": "#META"]) { $0["email"] = "m@b.c" }
            tables.put("Accounts", ["PK": "EMAIL#m@b.c", "SK": "EMAIL#m@b.c"])
        }
        try await fixture.accounts.saveAccount(Self.account("1", "z@b.c"))
        // The place of the value in between is given up, that of the first one was the other process's to give up.
        #expect(fixture.places == ["EMAIL#a@b.c", "EMAIL#z@b.c"])
    }

    @Test func theCallersOwnConditionFailsAtOnce() async throws {
        let fixture = try Fixture()
        try await fixture.accounts.saveAccount(Self.account("1", "a@b.c"))
        let before = fixture.operations.count
        let error = await failure { () throws(TidemarkError) in
            try await fixture.accounts.saveAccount(
                Self.account("1", "x@b.c"), condition: "points" == 7)
        }
        #expect(error.code == .conditionFailed && error.takenAttributes.isEmpty)
        #expect(Array(fixture.operations.dropFirst(before)) == ["GetItem", "TransactWriteItems", "GetItem"])
        #expect(fixture.places == ["EMAIL#a@b.c"])
    }

    // MARK: Updates

    @Test func anUpdateOfAUniqueValueExchangesItsPlaces() async throws {
        let fixture = try Fixture()
        try await fixture.accounts.registerAccount(Self.account("1", "a@b.c", nickname: "ada"))
        let left = try await fixture.accounts.changeAccount(accountID: "1") {
            $0.email = "x@b.c"
            $0.points = 9
        }
        #expect(left?.email == "x@b.c" && left?.points == 9 && left?.nickname == "ada")
        #expect(fixture.places == ["EMAIL#x@b.c", "eu#ada"])
        try await fixture.accounts.changeAccount(accountID: "1") { $0.nickname = nil }
        #expect(fixture.places == ["EMAIL#x@b.c"])
        try await fixture.accounts.changeAccount(accountID: "1") { $0.nickname = "eve" }
        #expect(fixture.places == ["EMAIL#x@b.c", "eu#eve"])
    }

    @Test func anUpdateThatTakesAnothersValueIsRefusedAndChangesNothing() async throws {
        let fixture = try Fixture()
        try await fixture.accounts.registerAccount(Self.account("1", "a@b.c"))
        try await fixture.accounts.registerAccount(Self.account("2", "x@b.c"))
        let error = await failure { () throws(TidemarkError) in
            try await fixture.accounts.changeAccount(accountID: "2") { $0.email = "a@b.c" }
        }
        #expect(error.code == .conditionFailed && error.takenAttributes == ["email"])
        #expect(fixture.places == ["EMAIL#a@b.c", "EMAIL#x@b.c"])
        #expect(fixture.tables.items("Accounts").contains { $0["email"] == "x@b.c" })
    }

    @Test func anUpdateOfOtherFieldsIsOneCall() async throws {
        let fixture = try Fixture()
        try await fixture.accounts.registerAccount(Self.account("1", "a@b.c"))
        try await fixture.accounts.changeAccount(accountID: "1") { $0.points = 4 }
        #expect(fixture.operations == ["TransactWriteItems", "UpdateItem"])
    }

    @Test func whatIsNotThereIsNotMadeByAnUpdate() async throws {
        let fixture = try Fixture()
        let error = await failure { () throws(TidemarkError) in
            try await fixture.accounts.changeAccount(accountID: "9") { $0.email = "a@b.c" }
        }
        #expect(error.code == .conditionFailed)
        #expect(fixture.places.isEmpty && fixture.tables.items("Accounts").isEmpty)
    }

    @Test func aUniqueValueThatDynamoDBWouldComputeIsRefused() async throws {
        let fixture = try Fixture()
        let error = await failure { () throws(TidemarkError) in
            try await fixture.accounts.items.untyped.update(
                ["account_id": "1"], [.set("nickname", to: Path("display_name"))], pattern: "AP3")
        }
        #expect(error.code == .contract && fixture.operations.isEmpty)
        #expect(error.message.contains("'nickname' of Accounts ACCOUNT is unique by the contract"))
    }

    // MARK: Deletion

    @Test func deletingGivesThePlacesUp() async throws {
        let fixture = try Fixture()
        try await fixture.accounts.registerAccount(Self.account("1", "a@b.c", nickname: "ada"))
        try await fixture.accounts.closeAccount(accountID: "1")
        #expect(fixture.places.isEmpty && fixture.tables.items("Accounts").isEmpty)
        #expect(fixture.operations == ["TransactWriteItems", "GetItem", "TransactWriteItems"])
        try await fixture.accounts.closeAccount(accountID: "1")
        try await fixture.accounts.registerAccount(Self.account("2", "a@b.c", nickname: "ada"))
    }

    @Test func aDeletionWhoseConditionFailsLeavesThePlaces() async throws {
        let fixture = try Fixture()
        try await fixture.accounts.registerAccount(Self.account("1", "a@b.c"))
        let error = await failure { () throws(TidemarkError) in
            try await fixture.accounts.closeAccount(accountID: "1", condition: "points" == 7)
        }
        #expect(error.code == .conditionFailed)
        #expect(fixture.places == ["EMAIL#a@b.c"])
    }

    @Test func whatIsStoredWhileItIsDeletedIsDeletedWithItsPlaces() async throws {
        let fixture = try Fixture()
        let tables = fixture.tables
        tables.once(before: "DeleteItem") {
            tables.put("Accounts", ["PK": "ACCOUNT#1", "SK": "#META", "account_id": "1", "email": "m@b.c"])
            tables.put("Accounts", ["PK": "EMAIL#m@b.c", "SK": "EMAIL#m@b.c"])
        }
        try await fixture.accounts.closeAccount(accountID: "1")
        #expect(fixture.tables.items("Accounts").isEmpty)
    }

    @Test func removingWhatHasChangedSinceItWasReadIsRefused() async throws {
        let fixture = try Fixture()
        let account = Self.account("1", "a@b.c")
        try await fixture.accounts.registerAccount(account)
        try await fixture.accounts.changeAccount(accountID: "1") { $0.email = "x@b.c" }
        let error = await failure { () throws(TidemarkError) in
            try await fixture.accounts.items.remove(account, pattern: "AP5")
        }
        #expect(error.code == .conditionFailed)
        #expect(fixture.places == ["EMAIL#x@b.c"])
    }

    // MARK: Single writes

    @Test func batchesAndSingleWritesOfTransactionsAreRefusedWithWhatToUse() async throws {
        let fixture = try Fixture()
        let items = fixture.accounts.items
        let account = Self.account("1", "a@b.c")
        let batch = await failure { () throws(TidemarkError) in try await items.batchPut([account], pattern: "AP7") }
        #expect(batch.code == .contract && batch.message.hasSuffix("use 'put'"))
        let deletion = await failure { () throws(TidemarkError) in
            try await items.batchDelete([account.key.values], pattern: "AP7")
        }
        #expect(deletion.code == .contract && deletion.message.hasSuffix("use 'delete'"))
        var changes = Account.Changes()
        changes.email = "x@b.c"
        #expect(throws: TidemarkError.self) { _ = try items.transactPut(account) }
        #expect(throws: TidemarkError.self) { _ = try items.transactDelete(account.key.values) }
        #expect(throws: TidemarkError.self) { _ = try items.transactUpdate(account.key.values, changes.item) }
        #expect(fixture.operations.isEmpty)
        let series = SeriesKeys.accounts("BatchWriteItem", "AP7")
        #expect(try fixture.harness.counters()[series]?.calls == 2)
    }

    @Test func writesOfATransactionKeepThePlaces() async throws {
        let fixture = try Fixture()
        let items = fixture.accounts.items
        let (first, second) = (Self.account("1", "a@b.c"), Self.account("1", "x@b.c"))
        try await items.transact(items.transactCreate(first), pattern: "AP13")
        #expect(fixture.places == ["EMAIL#a@b.c"])
        try await items.transact(items.transactReplace(first, with: second), pattern: "AP13")
        #expect(fixture.places == ["EMAIL#x@b.c"])
        let error = await failure { () throws(TidemarkError) in
            try await items.transact(items.transactReplace(first, with: second), pattern: "AP13")
        }
        #expect(error.code == .conditionFailed)
        try await items.transact(items.transactRemove(second), pattern: "AP13")
        #expect(fixture.places.isEmpty && fixture.tables.items("Accounts").isEmpty)
    }

    @Test func importingStoresEachWithItsPlaces() async throws {
        let fixture = try Fixture()
        try await fixture.accounts.importAccounts(put: [Self.account("1", "a@b.c"), Self.account("2", "x@b.c")])
        #expect(fixture.places == ["EMAIL#a@b.c", "EMAIL#x@b.c"])
        try await fixture.accounts.importAccounts(delete: [Account.Key(accountID: "1")])
        #expect(fixture.places == ["EMAIL#x@b.c"])
    }
}

private enum SeriesKeys {
    static func accounts(_ operation: String, _ pattern: String) -> SeriesKey {
        SeriesKey(table: "Accounts", operation: operation, pattern: pattern)
    }
}
