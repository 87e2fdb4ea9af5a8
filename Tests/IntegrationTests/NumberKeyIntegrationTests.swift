import ContractEngine
import ContractModel
import GeneratedAccounts
import TableProvisioning
import TestSupport
import Testing
import Tidemark

/// Keys that are numbers and bytes, of tables and indexes, against the local AWS: made by `tables apply`, used by generated
/// repositories, by those of a contract alone, and sampled by `tables verify`.
@Suite(.enabled(if: dynamoDBEndpoint != nil, dynamoDBSkipReason))
struct NumberKeyIntegrationTests {
    private struct Bench {
        let client: DynamoDBClient
        let document: ContractDocument
        var games: GameRepository { GameRepository(client: client) }
        var seals: SealRepository { SealRepository(client: client) }

        func plan() async throws -> TablePlan {
            let states = try await TableSurvey(client: client).states(of: document.contract)
            return TablePlan(of: document, capacity: capacity(of: document), states: states)
        }

        /// What samples of all three tables find, held against each other: "missingLookup ticket 1/2".
        func drift() async throws -> [String] {
            var verification = TableVerification(plan: try await plan())
            for table in document.contract.tables {
                let read = try await ItemSampler(client: client).sample(table, limit: 100, in: document.contract)
                verification.samples[table.name] = .read(read.sample, milliUnits: read.readMilliUnits)
            }
            verification.compareSamples()
            return document.contract.tables.flatMap { table -> [ItemSample.Finding] in
                guard case .read(let sample, _)? = verification.samples[table.name] else { return [] }
                return sample.findings
            }.filter(\.kind.isDrift).map { "\($0.kind) \($0.attribute) \($0.count)/\($0.of)" }
        }
    }

    private static func with(_ body: (Bench) async throws -> Void) async throws {
        var document = try ContractDocument.load(
            contractPath: "\(SharedFiles.packageRoot)/Tests/ContractGeneratorTests/Fixtures/accounts.json")
        document.contract.tables.removeAll { !["Games", "Tickets", "Seals"].contains($0.name) }
        try await DynamoDBFixture.with { client in
            let bench = Bench(client: client, document: document)
            let limits = WaitLimits(
                timeout: .seconds(120), interval: .milliseconds(20), maximumInterval: .milliseconds(200))
            let outcomes = await TableApplier(client: client, limits: limits).apply(try await bench.plan())
            #expect(outcomes.allSatisfy { $0.end == .done }, "\(outcomes)")
            #expect(try await bench.plan().entries.allSatisfy { $0.steps.isEmpty })
            try await body(bench)
        }
    }

    private static func game(_ number: Int, _ points: DynamoDBNumber, level: Int? = 1, ticket: Int? = nil) -> Game {
        Game(gameNo: number, points: points, level: level, ticket: ticket)
    }

    private func number(_ text: String) throws -> DynamoDBNumber { try #require(DynamoDBNumber(text)) }

    @Test func tablesHaveKeysOfNumbersAndBytes() async throws {
        try await Self.with { bench in
            let games = try await bench.client.describeTable("Games").table
            #expect(games.partitionKey.type == .N && games.sortKey?.type == .N)
            let level = try #require(games.index(named: "ByLevel"))
            #expect(level.partitionKey.type == .N && level.sortKey?.type == .N)
            let seals = try await bench.client.describeTable("Seals").table
            #expect(seals.partitionKey.type == .B && seals.sortKey?.type == .N)
        }
    }

    @Test func numbersAreReadInTheirOwnOrder() async throws {
        try await Self.with { bench in
            for points in ["10", "9", "-1", "9.5", "100", "1E-3"] {
                try await bench.games.registerGame(Self.game(1, try number(points)))
            }
            try await bench.games.registerGame(Self.game(2, try number("9"), level: 10))
            func points(_ pages: Pages<TypedPage<Game>>) async throws -> [String] {
                var found: [String] = []
                for try await page in pages { found += page.items.map(\.points.description) }
                return found
            }
            let all = ["-1", "0.001", "9", "9.5", "10", "100"]
            #expect(try await points(bench.games.listResultsOfGame(gameNo: 1)) == all)
            #expect(try await points(bench.games.listResultsOfGame(gameNo: 1, pageSize: 2)) == all)
            #expect(try await points(bench.games.listResultsOfGame(gameNo: 1, ascending: false)) == all.reversed())
            let (nine, ten) = (try number("9"), try number("10"))
            #expect(
                try await points(bench.games.listResultsOfGame(gameNo: 1, from: nine, through: ten)) == [
                    "9", "9.5", "10",
                ])
            #expect(try await points(bench.games.listResultsOfGame(gameNo: 1, from: ten)) == ["10", "100"])
            #expect(
                try await points(bench.games.listResultsOfGame(gameNo: 1, through: nine)) == ["-1", "0.001", "9"])
            #expect(try await points(bench.games.listGamesOfLevel(level: 1, from: ten)) == ["10", "100"])
            #expect(try await points(bench.games.listGamesOfLevel(level: 10)) == ["9"])
        }
    }

    @Test func aNumberIsOneKeyHoweverItIsWritten() async throws {
        try await Self.with { bench in
            let games = bench.games
            try await games.registerGame(Self.game(1, try number("10.50"), ticket: 7))
            #expect(try await games.getGame(gameNo: 1, points: try number("1.05E1"))?.ticket == 7)
            #expect(try await games.取得2(gameNo: 1, points: try number("10.5"))?.level == 1)
            #expect(try await games.getGame(gameNo: 1, points: try number("10.51")) == nil)
            let changed = try await games.changeGame(gameNo: 1, points: try number("10.5")) {
                $0.level = 2
                $0.note = "won"
            }
            #expect(changed?.level == 2 && changed?.note == "won" && changed?.ticket == 7)
            let keys = [Game.Key(gameNo: 1, points: try number("10.5")), Game.Key(gameNo: 3, points: try number("1"))]
            #expect(try await games.getManyGames(keys).map(\.note) == ["won"])
            try await games.deleteGame(gameNo: 1, points: try number("10.500"))
            #expect(try await bench.client.scan(table: "Games").items.isEmpty)
            #expect(try await bench.client.scan(table: "Tickets").items.isEmpty)
        }
    }

    /// The same by the contract alone, without generated code.
    @Test func fieldsOfAContractAreKeysAsWell() async throws {
        try await Self.with { bench in
            let games = try ContractRepository(
                client: bench.client, contract: bench.document.contract, table: "Games")
            for points in [9, 10, 100] {
                try await games.put(["game_no": 4, "points": .number(points), "level": 3], pattern: "AP22")
            }
            let page = try await games.query(
                ["game_no": "4"], from: ["points": "9.5"], through: ["points": "1e2"], pattern: "AP24")
            #expect(page.items.map { $0["points"]?.intValue } == [10, 100])
            let refused = await failureCode {
                _ = try await games.query(["game_no": "4"], beginning: ["points": "1"], pattern: "AP24")
            }
            #expect(refused == .contract)
            #expect(
                await failureCode { _ = try await games.get(["game_no": "four", "points": "9"], pattern: "AP23") }
                    == .contract)
        }
    }

    @Test func bytesAreKeys() async throws {
        try await Self.with { bench in
            let digest: [UInt8] = [0, 255, 16]
            for part in [9, 10, 1] { try await bench.seals.saveSeal(Seal(digest: digest, part: part, größe: part * 2)) }
            #expect(try await bench.seals.ap30(digest: digest, part: 10)?.größe == 20)
            #expect(try await bench.seals.ap30(digest: [0, 255], part: 10) == nil)
            #expect(try await bench.seals.größeÄndern(digest: digest, part: 9) { $0.größe = 3 }?.größe == 3)
            var parts: [Int] = []
            for try await page in bench.seals.listPartsOfSeal(digest: digest, from: 2) {
                parts += page.items.map(\.part)
            }
            #expect(parts == [9, 10])
        }
    }

    @Test func lookupItemsWithNumbersForKeysAreVerified() async throws {
        try await Self.with { bench in
            for (points, ticket) in [("1", 7), ("2", 10), ("3", 12)] {
                try await bench.games.registerGame(Self.game(1, try number(points), ticket: ticket))
            }
            let taken = await failure { try await bench.games.registerGame(Self.game(1, try number("4"), ticket: 10)) }
            #expect(taken?.takenAttributes == ["ticket"])
            #expect(try await bench.drift() == [])
            try await bench.client.deleteItem(table: "Tickets", key: ["ticket": 10])
            try await bench.client.putItem(table: "Tickets", item: ["ticket": 99])
            #expect(try await bench.drift() == ["missingLookup ticket 1/3", "orphanLookup  1/3"])
            try await bench.client.putItem(table: "Games", item: ["game_no": 1, "points": 5, "ticket": "10"])
            let found = try await bench.drift()
            #expect(found.contains("type ticket 1/4"), "\(found)")
        }
    }

    /// Texts that hold the places of two values: in the table itself and in another.
    @Test func lookupItemsOfTextsAreVerified() async throws {
        var document = try ContractDocument.load(
            contractPath: "\(SharedFiles.packageRoot)/Tests/ContractGeneratorTests/Fixtures/accounts.json")
        document.contract.tables.removeAll { !["Accounts", "Places"].contains($0.name) }
        try await DynamoDBFixture.with { client in
            let bench = Bench(client: client, document: document)
            for table in document.contract.tables {
                try await client.createTable(table)
                try await client.waitUntilActive(table.name, interval: .milliseconds(50))
            }
            let accounts = AccountRepository(client: client)
            for id in ["1", "2"] {
                try await accounts.registerAccount(
                    Account(accountID: id, email: "\(id)@b.c", region: "eu", nickname: "n\(id)", points: 1))
            }
            #expect(try await bench.drift() == [])
            try await client.deleteItem(table: "Accounts", key: ["PK": "EMAIL#1@b.c", "SK": "EMAIL#1@b.c"])
            try await client.putItem(table: "Places", item: ["place": "eu#n3"])
            #expect(
                try await bench.drift() == ["missingLookup email 1/2", "orphanLookup  1/3"])
        }
    }
}
