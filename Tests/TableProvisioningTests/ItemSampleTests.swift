import ContractModel
import TableProvisioning
import Testing
import Tidemark

struct ItemSampleTests {
    private static let users = ContractTable(
        name: "Users", isMultiEntity: true, partitionKey: KeyAttribute(name: "PK"), sortKey: KeyAttribute(name: "SK"),
        entities: [
            ContractEntity(
                name: "USER", partitionKeyTemplate: KeyTemplate("{email}"), sortKeyTemplate: KeyTemplate("#META"),
                attributes: [
                    ContractAttribute(name: "PK", type: .S), ContractAttribute(name: "SK", type: .S),
                    ContractAttribute(name: "email", type: .S), ContractAttribute(name: "age", type: .N),
                ], estimatedItemSizeInBytes: 40),
            ContractEntity(
                name: "ORDER", partitionKeyTemplate: KeyTemplate("{email}"),
                sortKeyTemplate: KeyTemplate("ORDER#{placed}#{number}"),
                attributes: [
                    ContractAttribute(name: "PK", type: .S), ContractAttribute(name: "SK", type: .S),
                    ContractAttribute(name: "placed", type: .S), ContractAttribute(name: "number", type: .S),
                ], estimatedItemSizeInBytes: 1_000),
        ])

    private static let user: Item = ["PK": "a@b.c", "SK": "#META", "email": "a@b.c", "age": 7]
    private static let order: Item = ["PK": "a@b.c", "SK": "ORDER#2026#9", "placed": "2026", "number": "9"]

    private func findings(_ items: [Item], timeToLive: String? = nil) -> [String] {
        var sample = ItemSample(of: Self.users, timeToLive: timeToLive)
        for item in items { sample.add(item) }
        return sample.findings.map { "\($0.kind) \($0.entity) \($0.attribute) \($0.count)/\($0.of)" }
    }

    @Test func rightItemsHaveNoFindings() {
        // 2 + 5 + 2 + 5 + 5 + 5 + 3 + 2 = 29 of 40 bytes; an order of 38 is far below the 1,000 that are estimated.
        #expect(findings([Self.user, Self.user]) == [])
        #expect(findings([Self.order]) == ["smallSize ORDER  1/1"])
    }

    @Test func kindsAreToldApartByTheirTemplates() {
        var sample = ItemSample(of: Self.users)
        for item in [Self.user, Self.order, Self.order] { sample.add(item) }
        #expect(sample.entities.map(\.count) == [1, 2] && sample.entities.map(\.average) == [29, 38])
        #expect(sample.count == 3)
    }

    @Test(arguments: [
        (["SK": "PAYMENT#1"] as Item, "unknownKind   1/1"), (["age": "seven"], "type USER age 1/1"),
        (["age": .null], "type USER age 1/1"), (["colour": "red"], "unknownAttribute USER colour 1/1"),
        (["email": "other@b.c"], "keyTemplate USER PK 1/1"),
        (
            ["email": .string(String(repeating: "x", count: 60)), "PK": .string(String(repeating: "x", count: 60))],
            "size USER  1/1"
        ),
    ])
    func whatBreaksTheContractIsFound(_ change: Item, _ found: String) {
        #expect(findings([Self.user.merging(change) { $1 }]) == [found])
    }

    /// What repositories write to hold the places of unique values, in the table itself and for kinds in another.
    @Test func itemsThatHoldPlacesOfUniqueValuesAreNoDrift() throws {
        var users = Self.users
        users.entities[0].uniqueConstraints = [
            UniqueConstraint(
                attributes: ["email"],
                lookup: .init(table: "Users", partitionKeyTemplate: KeyTemplate("EMAIL#{email}"))),
            UniqueConstraint(
                attributes: ["age"],
                lookup: .init(table: "Places", partitionKeyTemplate: KeyTemplate("AGE#{age}"))),
        ]
        let places = ContractTable(
            name: "Places", partitionKey: KeyAttribute(name: "place"),
            entities: [
                ContractEntity(
                    name: "Places", partitionKeyTemplate: KeyTemplate("PLACE#{place}"),
                    attributes: [ContractAttribute(name: "place", type: .S)])
            ])
        let contract = MigrationContract(tables: [users, places])
        func findings(_ table: String, _ items: [Item]) throws -> [String] {
            var sample = ItemSample(of: try #require(contract.table(named: table)))
            for item in items { sample.add(item) }
            return sample.findings.map { "\($0.kind) \($0.entity) \($0.attribute) \($0.count)/\($0.of)" }
        }
        #expect(try findings("Users", [Self.user, ["PK": "EMAIL#a@b.c", "SK": "EMAIL#a@b.c"]]) == [])
        #expect(try findings("Places", [["place": "AGE#7"]]) == [])
        // What is more than a place, or another's place, is drift as it was.
        #expect(try findings("Users", [["PK": "EMAIL#a@b.c", "SK": "EMAIL#b"]]) == ["unknownKind   1/1"])
        #expect(
            try findings("Users", [["PK": "EMAIL#a@b.c", "SK": "EMAIL#a@b.c", "x": "y"]]) == ["unknownKind   1/1"])
        #expect(try findings("Places", [["place": "SIZE#7"]]) == ["unknownKind   1/1"])
    }

    /// Users with a unique email, whose places are in the table itself.
    private func lookups(_ items: [Item], isWhole: Bool) -> [String] {
        var users = Self.users
        users.entities[0].uniqueConstraints = [
            UniqueConstraint(
                attributes: ["email"],
                lookup: .init(table: "Users", partitionKeyTemplate: KeyTemplate("EMAIL#{email}")))
        ]
        // PK is made of the email, which keeps itself: the key has to be another.
        users.entities[0].partitionKeyTemplate = KeyTemplate("{id}")
        users.entities[0].attributes.append(ContractAttribute(name: "id", type: .S))
        var contract = MigrationContract(tables: [users])
        contract.placeLookups()
        var sample = ItemSample(of: contract.tables[0], in: contract)
        for item in items { sample.add(item) }
        sample.isWhole = isWhole
        sample.compare(with: [sample])
        return sample.findings.filter { $0.kind.rawValue.hasSuffix("Lookup") }.map {
            "\($0.kind) \($0.entity) \($0.attribute) \($0.count)/\($0.of) \($0.kind.isDrift)"
        }
    }

    private static func member(_ id: String, _ email: String) -> Item {
        ["PK": .string(id), "SK": "#META", "id": .string(id), "email": .string(email), "age": 7]
    }

    private static func place(_ email: String) -> Item {
        ["PK": .string("EMAIL#\(email)"), "SK": .string("EMAIL#\(email)")]
    }

    @Test func uniqueValuesAndLookupItemsBelongTogether() {
        let right = [Self.member("1", "a@b"), Self.place("a@b"), Self.member("2", "c@d"), Self.place("c@d")]
        #expect(lookups(right, isWhole: true) == [])
        #expect(lookups(right, isWhole: false) == [])
        #expect(lookups(Array(right.dropLast()), isWhole: true) == ["missingLookup USER email 1/2 true"])
        #expect(lookups(Array(right.dropFirst()), isWhole: true) == ["orphanLookup   1/2 true"])
        // Two of one value: the second is there though its place is the first's.
        let other = [Self.member("1", "a@b"), Self.place("e@f")]
        #expect(
            lookups(other, isWhole: true) == ["missingLookup USER email 1/1 true", "orphanLookup   1/1 true"])
    }

    @Test func aSampleOfAPartSaysThatItCannotTell() {
        #expect(
            lookups([Self.member("1", "a@b"), Self.place("c@d")], isWhole: false) == [
                "unseenLookup   1/1 false", "unseenLookup USER email 1/1 false",
            ])
    }

    /// Games whose ticket is unique: lookup items of a table of their own, with a key of that type.
    private func tickets(_ type: AttributeType, games: [Item], places: [Item]) -> [String] {
        let owner = ContractTable(
            name: "Games", partitionKey: KeyAttribute(name: "game_no", type: .N),
            entities: [
                ContractEntity(
                    name: "Games",
                    attributes: [
                        ContractAttribute(name: "game_no", type: .N), ContractAttribute(name: "ticket", type: type),
                    ],
                    uniqueConstraints: [
                        UniqueConstraint(
                            attributes: ["ticket"],
                            lookup: .init(table: "Tickets", partitionKeyTemplate: KeyTemplate("{ticket}")))
                    ])
            ])
        let tickets = ContractTable(name: "Tickets", partitionKey: KeyAttribute(name: "place", type: type))
        var contract = MigrationContract(tables: [owner, tickets])
        contract.placeLookups()
        var samples = contract.tables.map { ItemSample(of: $0, in: contract) }
        for item in games { samples[0].add(item) }
        for item in places { samples[1].add(item) }
        for place in samples.indices { samples[place].isWhole = true }
        let all = samples
        for place in samples.indices { samples[place].compare(with: all) }
        return samples.flatMap(\.findings).map { "\($0.kind) \($0.attribute) \($0.count)/\($0.of)" }
    }

    @Test func lookupItemsAreReadByTheirKeysType() {
        let games: [Item] = [["game_no": 1, "ticket": 7], ["game_no": 2, "ticket": .number("1E1")]]
        #expect(tickets(.N, games: games, places: [["place": 7], ["place": 10]]) == [])
        #expect(tickets(.N, games: games, places: [["place": .number("7.0")]]) == ["missingLookup ticket 1/2"])
        #expect(
            tickets(.N, games: games, places: [["place": 7], ["place": 10], ["place": 11]]) == ["orphanLookup  1/3"])
        // A text is no place of a number.
        #expect(
            tickets(.N, games: games, places: [["place": "7"], ["place": 10]]) == [
                "missingLookup ticket 1/2", "unknownKind  1/2",
            ])
        let sealed: [Item] = [
            ["game_no": 1, "ticket": .binary([1, 2])], ["game_no": 2, "ticket": .binary([3])],
        ]
        #expect(tickets(.B, games: sealed, places: [["place": .binary([1, 2])], ["place": .binary([3])]]) == [])
        #expect(
            tickets(.B, games: sealed, places: [["place": .binary([1, 2])], ["place": .binary([4])]]) == [
                "missingLookup ticket 1/2", "orphanLookup  1/2",
            ])
    }

    @Test func keyMustHoldTheItemsOwnAttributes() {
        let wrong = Self.order.merging(["number": "10"]) { $1 }
        #expect(findings([wrong, Self.order]) == ["keyTemplate ORDER SK 1/2", "smallSize ORDER  2/2"])
    }

    @Test func expiryAttributeIsKnown() {
        let item = Self.user.merging(["expires": 1_800_000_000]) { $1 }
        #expect(findings([item]) == ["unknownAttribute USER expires 1/1"])
        #expect(findings([item], timeToLive: "expires") == [])
    }

    @Test func attributeThatNoItemHasIsNoDrift() {
        let bare = Self.user.filter { $0.key != "age" }
        #expect(findings(Array(repeating: bare, count: 10)) == ["neverSeen USER age 0/10"])
        #expect(findings(Array(repeating: bare, count: 9)) == [])
        #expect(
            !ItemSample.Kind.neverSeen.isDrift && !ItemSample.Kind.smallSize.isDrift && ItemSample.Kind.type.isDrift)
    }

    @Test func numberKeysAndSeveralTypesAreCountedApart() {
        let items: [Item] = [
            Self.user.merging(["age": "x"]) { $1 }, Self.user.merging(["age": .bool(true)]) { $1 }, Self.user,
        ]
        #expect(findings(items) == ["type USER age 1/3", "type USER age 1/3"])
    }

    @Test func findingsShowNoValues() {
        var sample = ItemSample(of: Self.users)
        sample.add(Self.user.merging(["email": "secret@x.y", "age": "secret", "colour": "secret"]) { $1 })
        #expect(sample.findings.count == 4 && !"\(sample.findings)".contains("secret"))
    }
}
