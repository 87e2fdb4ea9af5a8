import ContractModel
import Testing
import Tidemark

/// Fields, keys made of them, and what NULL becomes: the rules of a category's parent, whose absence is the text "ROOT".
struct LayoutTests {
    private static func attribute(
        _ name: String, _ column: String, join: ContractJoin? = nil, null: String? = nil
    ) -> ContractAttribute {
        ContractAttribute(
            name: name, type: .S, sourceTable: "categories", sourceColumns: [column], join: join, nullValue: null)
    }

    private static func parent(_ column: String) -> ContractJoin {
        let step = JoinStep(
            table: "categories", conditions: [SourceCondition("categories.id = categories.parent_id")],
            select: SourceExpression("'ROOT'"))
        return ContractJoin(
            .conditional(
                ConditionalJoin(
                    condition: SourceCondition("parent_id IS NULL"), step: step, elseValue: SourceExpression(column))))
    }

    static let table = ContractTable(
        name: "Categories", sourceTable: "categories", partitionKey: KeyAttribute(name: "PK"),
        sortKey: KeyAttribute(name: "SK"),
        indexes: [
            ContractIndex(
                name: "GSI1", partitionKey: KeyAttribute(name: "GSI1PK"), sortKey: KeyAttribute(name: "GSI1SK"))
        ],
        entities: [
            ContractEntity(
                name: "Categories", sourceTable: "categories",
                attributes: [
                    attribute("PK", "parent_id", join: parent("parent.name")), attribute("SK", "name"),
                    attribute("category_id", "id"), attribute("parent_id", "parent_id"),
                    attribute(
                        "parent_name", "parent_id",
                        join: ContractJoin(
                            .foreignKey(
                                JoinStep(
                                    table: "categories",
                                    conditions: [SourceCondition("categories.id = categories.parent_id")],
                                    select: SourceExpression("categories.name"))))),
                    attribute("category_name", "name"), attribute("path", "path", null: "/"),
                    attribute("GSI1PK", "parent_id", join: parent("parent.id")), attribute("GSI1SK", "id"),
                ])
        ])
    static let layout = EntityLayout(table: table, entity: table.entities[0])

    static let child: Item = [
        "category_id": "7", "parent_id": "3", "parent_name": "Books", "category_name": "Novels", "path": "Books/Novels",
    ]
    static let root: Item = ["category_id": "3", "category_name": "Books"]

    @Test func attributesOfOneOriginAreOneField() {
        #expect(
            Self.layout.fields.map(\.name) == ["category_id", "parent_id", "parent_name", "category_name", "path"])
        #expect(Self.layout.key(named: "SK")?.rule == KeyRule(KeyTemplate("{category_name}")))
        #expect(Self.layout.key(named: "GSI1SK")?.rule.copiedField == "category_id")
        #expect(
            Self.layout.key(named: "PK")?.rule
                == KeyRule(
                    condition: KeyRule.Condition(field: "parent_id", isAbsent: true), value: KeyTemplate("ROOT"),
                    otherwise: KeyTemplate("{parent_name}")))
    }

    @Test func noParentIsTheTextROOTBothWays() throws {
        let stored = try Self.layout.stored(Self.root)
        #expect(
            stored == [
                "PK": "ROOT", "SK": "Books", "category_id": "3", "category_name": "Books", "path": "/",
                "GSI1PK": "ROOT",
                "GSI1SK": "3",
            ])
        #expect(Self.layout.fields(of: stored) == Self.root)
    }

    @Test func aParentIsItsNameAndItsId() throws {
        let stored = try Self.layout.stored(Self.child)
        #expect(stored["PK"] == "Books" && stored["SK"] == "Novels")
        #expect(stored["GSI1PK"] == "3" && stored["GSI1SK"] == "7")
        #expect(Self.layout.fields(of: stored) == Self.child)
    }

    @Test func anExplicitNullIsNoValueWhereTheContractHasATextForIt() throws {
        var fields = Self.root
        fields["path"] = .null
        #expect(try Self.layout.stored(fields)["path"] == "/")
        fields["path"] = nil
        fields["category_id"] = .null
        #expect(throws: ContractBreach.self) { try Self.layout.stored(fields) }
    }

    @Test(arguments: [
        (
            ["parent_name": "ROOT"] as Item,
            "Categories's key 'PK' would be 'ROOT', which stands for an item whose 'parent_id' has no value"
        ),
        (["parent_name": .null], "Categories's attribute 'parent_name' is NULL, the contract says S"),
        (["category_name": ""], "Categories's key 'SK' is made by '{category_name}': give a value for 'category_name'"),
        (["SK": "Poems"], "Categories's key 'SK' is not what its fields make of it: leave it out"),
        (["GSI1PK": "ROOT"], "Categories's key 'GSI1PK' is not what its fields make of it: leave it out"),
    ])
    func whatWouldBreakTheContractIsRefused(change: Item, reason: String) {
        let fields = Self.child.merging(change) { $1 }
        let breach = #expect(throws: ContractBreach.self) { try Self.layout.stored(fields) }
        #expect(breach?.reason == reason)
    }

    @Test func aSeparatorInAValueIsRefused() {
        let layout = EntityLayout(
            table: "T", entity: "E",
            fields: [
                EntityLayout.Field(name: "day", type: .S, isStored: false),
                EntityLayout.Field(name: "id", type: .S, isStored: false),
            ],
            keys: [EntityLayout.Key(attribute: "PK", role: .partition, rule: KeyRule(KeyTemplate("{day}#{id}")))])
        let breach = #expect(throws: ContractBreach.self) { try layout.stored(["day": "1#2", "id": "3"]) }
        #expect(breach?.reason.contains("the value of 'day' holds '#'") == true)
        #expect(throws: Never.self) { try layout.stored(["day": "1", "id": "2#3"]) }
    }

    @Test func valuesAreNeverShown() {
        let secret = "s3cr3t-value"
        for fields in [
            ["category_name": .string(secret), "SK": "x"],
            ["parent_id": .string(secret), "parent_name": .string(secret)],
        ] as [Item] {
            let breach = #expect(throws: ContractBreach.self) {
                try Self.layout.stored(fields.merging(["path": 1]) { $1 })
            }
            #expect(breach?.reason.contains(secret) == false)
        }
    }
}
