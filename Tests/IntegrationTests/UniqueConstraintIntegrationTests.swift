import ContractEngine
import ContractModel
import GeneratedAccounts
import TestSupport
import Testing
import Tidemark

/// Unique values against the local AWS: created, changed, removed, and fought for.
@Suite(.enabled(if: dynamoDBEndpoint != nil, dynamoDBSkipReason))
struct UniqueConstraintIntegrationTests {
    private func withAccounts(_ body: (AccountRepository, DynamoDBClient) async throws -> Void) async throws {
        let contract = try ContractDocument.load(
            contractPath: "\(SharedFiles.packageRoot)/Tests/ContractGeneratorTests/Fixtures/accounts.json"
        ).contract
        try await DynamoDBFixture.with { client in
            for name in ["Accounts", "Places"] {
                try await client.createTable(try #require(contract.table(named: name)))
                try await client.waitUntilActive(name, interval: .milliseconds(50))
            }
            try await body(AccountRepository(client: client), client)
        }
    }

    private func account(_ id: String, _ email: String, nickname: String? = nil) -> Account {
        Account(accountID: id, email: email, region: "eu", nickname: nickname, points: 1)
    }

    /// The partition keys of all lookup items.
    private func places(_ client: DynamoDBClient) async throws -> [String] {
        let own = try await client.scan(table: "Accounts").items.compactMap { $0["PK"]?.stringValue }
        let others = try await client.scan(table: "Places").items.compactMap { $0["place"]?.stringValue }
        return (own.filter { $0.hasPrefix("EMAIL#") } + others).sorted()
    }

    @Test func placesAreTakenExchangedAndGivenUp() async throws {
        try await withAccounts { accounts, client in
            try await accounts.registerAccount(account("1", "a@b.c", nickname: "ada"))
            #expect(try await places(client) == ["EMAIL#a@b.c", "eu#ada"])
            let changed = try await accounts.changeAccount(accountID: "1") {
                $0.email = "x@b.c"
                $0.displayName = "Ada"
            }
            #expect(changed?.email == "x@b.c" && changed?.displayName == "Ada")
            #expect(try await places(client) == ["EMAIL#x@b.c", "eu#ada"])
            try await accounts.saveAccount(account("1", "y@b.c"))
            #expect(try await places(client) == ["EMAIL#y@b.c"])
            try await accounts.saveAccount(account("1", "y@b.c", nickname: "ada"))
            #expect(try await places(client) == ["EMAIL#y@b.c", "eu#ada"])
            try await accounts.closeAccount(accountID: "1")
            #expect(try await places(client) == [])
            #expect(try await client.scan(table: "Accounts").items.isEmpty)
        }
    }

    @Test func whoIsFoundByAnIndexIsChangedByTheKey() async throws {
        try await withAccounts { accounts, client in
            try await accounts.registerAccount(account("1", "a@b.c"))
            #expect(try await accounts.getAccountByEMail(email: "a@b.c")?.accountID == "1")
            #expect(try await accounts.getAccountByEMail(email: "nobody@b.c") == nil)
            try await accounts.renameAccountByEMail(email: "a@b.c") { $0.displayName = "Ada" }
            #expect(try await accounts.getAccountByDisplayName(displayName: "Ada")?.email == "a@b.c")
            let missing = await failureCode {
                try await accounts.renameAccountByEMail(email: "nobody@b.c") { $0.displayName = "Eve" }
            }
            #expect(missing == .itemNotFound)
            try await accounts.changeAccountByDisplayName(displayName: "Ada") { $0.points = 7 }
            try await accounts.registerAccount(account("2", "x@b.c"))
            try await accounts.changeAccount(accountID: "2") { $0.displayName = "Ada" }
            let several = await failureCode {
                try await accounts.deleteAccountByDisplayName(displayName: "Ada")
            }
            #expect(several == .contract)
            try await accounts.changeAccount(accountID: "2") { $0.displayName = "Eve" }
            try await accounts.deleteAccountByDisplayName(displayName: "Ada")
            #expect(try await places(client) == ["EMAIL#x@b.c"])
        }
    }

    @Test func allSessionsOfOneAccountAreCleared() async throws {
        try await withAccounts { accounts, client in
            let sessions = SessionRepository(client: client)
            for number in 10..<40 {
                try await sessions.startSession(Session(accountID: "1", startedAt: "2026-11-26T17:\(number)"))
            }
            try await sessions.startSession(Session(accountID: "2", startedAt: "2026-11-26T17:10"))
            let newest = sessions.getRecentSessionsOfAccount(accountID: "1", pageSize: 2)
            for try await page in newest {
                #expect(page.items.map(\.startedAt) == ["2026-11-26T17:39", "2026-11-26T17:38"])
                break
            }
            #expect(try await sessions.clearAllSessionsOfAccount(accountID: "1") == 30)
            #expect(try await client.scan(table: "Accounts").items.count == 1)
        }
    }

    /// Of any number who want one value at once, one has it, and everybody else is told which constraint was in the way.
    @Test func ofManyWhoCreateTheSameValueOneWins() async throws {
        try await withAccounts { accounts, client in
            let outcomes = await withTaskGroup(of: TidemarkError?.self) { group in
                for number in 1...8 {
                    group.addTask {
                        await failure { try await accounts.registerAccount(account("\(number)", "a@b.c")) }
                    }
                }
                return await group.reduce(into: [TidemarkError?]()) { $0.append($1) }
            }
            let losers = outcomes.compactMap(\.self)
            #expect(losers.count == 7)
            #expect(losers.allSatisfy { $0.takenAttributes == ["email"] })
            #expect(losers.allSatisfy { $0.code == .conditionFailed || $0.code == .transactionConflict })
            let (left, items) = (try await places(client), try await client.scan(table: "Accounts").items)
            #expect(left == ["EMAIL#a@b.c"] && items.count == 2)
        }
    }

    /// Whatever many writers do to one item at once, its places in the end are those of its values.
    @Test func manyWritersOfOneItemLeaveTheRightPlaces() async throws {
        try await withAccounts { accounts, client in
            try await accounts.registerAccount(account("1", "0@b.c"))
            await withTaskGroup(of: Void.self) { group in
                for number in 1...6 {
                    group.addTask {
                        _ = await failure {
                            try await accounts.changeAccount(accountID: "1") { $0.email = "\(number)@b.c" }
                        }
                    }
                }
            }
            let email = try #require(
                try await accounts.items.get(["account_id": "1"], pattern: "AP3", options: .consistent)?.email)
            #expect(try await places(client) == ["EMAIL#\(email)"])
        }
    }
}
