import ContractEngine
import ContractModel
import TestSupport
import Testing
import Tidemark

/// The real contract against the local AWS: its three tables and five kinds of items, made of rows, written by repositories, and
/// read raw; then every access pattern that its documents place in DynamoDB.
@Suite(.enabled(if: dynamoDBEndpoint != nil, dynamoDBSkipReason), .enabled(if: SharedFiles.folder != nil))
struct RealContractTests {
    private static func document() throws -> ContractDocument {
        let folder = try #require(SharedFiles.folder) + "/modernizer/artifacts/stage-02"
        return try ContractDocument.load(
            contractPath: "\(folder)/migrationContract.json", patternsPath: "\(folder)/access_patterns_with_rps.md",
            modelPath: "\(folder)/dynamodb_data_model.md")
    }

    private static func withTables(_ body: (DynamoDBClient, ContractDocument) async throws -> Void) async throws {
        let document = try document()
        try await DynamoDBFixture.with { client in
            for table in document.contract.tables {
                try await client.createTable(table)
                try await client.waitUntilActive(table.name, interval: .milliseconds(50))
            }
            try await body(client, document)
        }
    }

    // MARK: Rows

    private static let created = SourceValue.text("2025-07-31 10:20:30")
    private static let users: [SourceRow] = [
        [
            "id": .integer(3), "username": .text("ada"), "email": .text("ada@example.org"),
            "password_hash": .text("$2b$"),
            "first_name": .text("Ada"), "last_name": .null, "is_seller": .integer(1), "created_at": created,
            "updated_at": created,
        ]
    ]
    private static let products: [SourceRow] = [
        [
            "id": .integer(7_965), "seller_id": .integer(3), "category_id": .integer(12), "name": .text("Lamp"),
            "description": .null, "price": .decimal("19.90"), "inventory_quantity": .integer(5),
            "image_url": .text("/l.png"),
            "created_at": created, "updated_at": created,
        ]
    ]
    private static let categories: [SourceRow] = [
        ["id": .integer(1), "name": .text("Home"), "parent_id": .null, "created_at": created],
        ["id": .integer(12), "name": .text("Lights"), "parent_id": .integer(1), "created_at": created],
    ]
    private static let orderItems: [SourceRow] = [
        [
            "order_id": .integer(88), "product_id": .integer(7_965), "quantity": .integer(2),
            "price_at_time": .decimal("19.90"),
        ]
    ]
    private static let order: SourceRow = [
        "id": .integer(88), "user_id": .integer(3), "status": .text("pending"), "total_amount": .decimal("39.80"),
        "created_at": created, "updated_at": created,
    ]
    private static let cart: SourceRow = [
        "user_id": .integer(3), "product_id": .integer(7_965), "quantity": .integer(2), "created_at": created,
        "updated_at": created,
    ]
    private static let related = [
        "users": users, "products": products, "categories": categories, "order_items": orderItems,
        "cat_hierarchy": categories, "cat_path": categories,
    ]

    private static let rows: [(table: String, entity: String, row: SourceRow)] = [
        ("Users", "USER", users[0]), ("Users", "CART", cart), ("Users", "ORDER", order),
        ("Products", "Products", products[0]), ("Categories", "Categories", categories[0]),
        ("Categories", "Categories", categories[1]),
    ]

    // MARK: Items

    @Test func rowsAreTheItemsThatTheContractDescribes() throws {
        let contract = try Self.document().contract
        func item(_ place: Int) throws -> Item {
            let (table, entity, row) = Self.rows[place]
            let found = try #require(contract.table(named: table))
            return try SourceMapping(table: found, entity: #require(found.entity(named: entity))).item(
                from: row, related: Self.related)
        }
        #expect(
            try item(0) == [
                "PK": "ada@example.org", "SK": "#META", "username": "ada", "email": "ada@example.org",
                "password_hash": "$2b$", "profile_data": ["first_name": "Ada", "last_name": nil], "is_seller": true,
                "created_at": "2025-07-31 10:20:30", "updated_at": "2025-07-31 10:20:30", "GSI1PK": "3", "GSI1SK": "3",
                "GSI2PK": "ada", "GSI2SK": "ada",
            ])
        #expect(
            try item(1) == [
                "PK": "ada@example.org", "SK": "CART#7965", "product_id": "7965", "quantity": 2,
                "price": .number("19.90"), "product_name": "Lamp", "created_at": "2025-07-31 10:20:30",
                "updated_at": "2025-07-31 10:20:30",
            ])
        #expect(
            try item(2) == [
                "PK": "ada@example.org", "SK": "ORDER#2025-07-31 10:20:30#88", "user_id": "3",
                "order_status": "pending",
                "total_amount": .number("39.80"),
                "order_items": #"[{"product_id":7965,"quantity":2,"price_at_time":19.90}]"#,
                "created_at": "2025-07-31 10:20:30", "updated_at": "2025-07-31 10:20:30", "order_id": "88",
                "GSI3PK": "88", "GSI3SK": "88",
            ])
        #expect(
            try item(3) == [
                "PK": "7965", "SK": "#META", "seller_id": "3", "category_id": "12", "category_path": "Lights",
                "product_name": "Lamp", "price": .number("19.90"), "inventory_quantity": 5, "image_url": "/l.png",
                "created_at": "2025-07-31 10:20:30", "updated_at": "2025-07-31 10:20:30", "GSI1PK": "12",
                "GSI1SK": "Lamp", "GSI2PK": "3", "GSI2SK": "Lamp",
            ])
        #expect(
            try item(4) == [
                "PK": "ROOT", "SK": "Home", "category_id": "1", "category_name": "Home", "category_path": "",
                "level": 1,
                "children_count": 1, "product_count": 0, "created_at": "2025-07-31 10:20:30", "GSI1PK": "ROOT",
                "GSI1SK": "1",
            ])
        #expect(
            try item(5) == [
                "PK": "Home", "SK": "Lights", "category_id": "12", "parent_id": "1", "parent_name": "Home",
                "category_name": "Lights", "category_path": "Home", "level": 0, "children_count": 0, "product_count": 1,
                "created_at": "2025-07-31 10:20:30", "GSI1PK": "1", "GSI1SK": "12",
            ])
    }

    @Test func repositoriesStoreJustThatAttributeByAttribute() async throws {
        try await Self.withTables { client, document in
            for (table, entity, row) in Self.rows {
                let found = try #require(document.contract.table(named: table))
                let kind = try #require(found.entity(named: entity))
                let mapping = SourceMapping(table: found, entity: kind)
                let expected = try mapping.item(from: row, related: Self.related)
                let repository = ContractRepository(client: client, table: found, entity: kind)
                // Only fields are given: every key is made by the repository.
                let fields = repository.fields(of: expected)
                #expect(fields.keys.allSatisfy { !$0.hasPrefix("GSI") && $0 != "PK" && $0 != "SK" })
                try await repository.put(fields, pattern: "AP1")
                let raw = try await client.getItem(table: table, key: repository.key(Self.values(fields))).item
                for name in Set(expected.keys).union((raw ?? [:]).keys) {
                    #expect(raw?[name]?.canonicalForm == expected[name]?.canonicalForm, "\(entity).\(name)")
                }
                let back = try mapping.restore(#require(raw), types: ["id": .integer, "user_id": .integer])
                for (column, value) in back.row where value != .null {
                    #expect(value.text?.hasPrefix((row[column]?.text ?? "").prefix(4)) == true, "\(entity).\(column)")
                }
            }
        }
    }

    // MARK: Patterns

    @Test func everyPatternOfTheContractIsServed() async throws {
        try await Self.withTables { client, document in
            var samples: [String: (repository: ContractRepository, fields: Item)] = [:]
            for (table, entity, row) in Self.rows {
                let found = try #require(document.contract.table(named: table))
                let kind = try #require(found.entity(named: entity))
                let item = try SourceMapping(table: found, entity: kind).item(from: row, related: Self.related)
                let repository = ContractRepository(client: client, table: found, entity: kind)
                try await repository.put(repository.fields(of: item), pattern: "AP1")
                samples["\(table)/\(entity)"] = (repository, repository.fields(of: item))
            }
            var served: Set<String> = []
            for pattern in document.patterns where pattern.isServed {
                for operation in pattern.operations {
                    let entity = operation.entity ?? operation.table
                    let sample = try #require(samples["\(operation.table)/\(entity)"], "\(pattern.id) \(operation)")
                    try await Self.exercise(pattern.id, operation, sample.repository, sample.fields)
                    served.insert(pattern.id)
                }
            }
            #expect(served.count == 44)
        }
    }

    /// Carries out one operation of a pattern and looks at what came of it.
    private static func exercise(
        _ pattern: String, _ operation: PatternOperation, _ repository: ContractRepository, _ fields: Item
    ) async throws {
        let values = values(fields)
        let key = try repository.key(values)
        let place: Comment = "\(pattern) \(operation.operation) \(operation.table) \(operation.index ?? "")"
        switch operation.operation {
        case "GetItem": #expect(try await repository.get(values, pattern: pattern) != nil, place)
        case "Query":
            let needed = try #require(keyFields(repository, operation.index))
            let page = try await repository.query(
                values.filter { needed.contains($0.key) }, index: operation.index, pattern: pattern)
            #expect(page.items.contains { item in key.allSatisfy { item[$0.key] == $0.value } }, place)
        case "Scan":
            let items = try await repository.client.scan(table: operation.table, options: .pattern(pattern)).items
            #expect(items.contains { item in key.allSatisfy { item[$0.key] == $0.value } }, place)
        case "PutItem":
            try await repository.put(fields, pattern: pattern)
            #expect(try await repository.get(values, pattern: pattern) != nil, place)
        case "UpdateItem":
            // Not every kind of item has it.
            var repository = repository
            repository.attributesOutsideContract = .allowed
            let left = try await repository.update(values, set: ["updated_at": "2026-01-01"], pattern: pattern)
            #expect(left?["updated_at"] == "2026-01-01", place)
        case "DeleteItem":
            try await repository.delete(values, pattern: pattern)
            #expect(try await repository.get(values, pattern: pattern) == nil, place)
            try await repository.put(fields, pattern: pattern)
        case "BatchGetItem":
            #expect(try await repository.batchGet([values], pattern: pattern).count == 1, place)
        case "TransactWriteItems":
            try await repository.delete(values, pattern: pattern)
            try await repository.create(fields, pattern: pattern)
            let again = await failureCode { try await repository.create(fields, pattern: pattern) }
            #expect(again == .conditionFailed, place)
        default: Issue.record("\(place): no such operation is known")
        }
    }

    /// The fields that the partition key of the table or index is made of.
    private static func keyFields(_ repository: ContractRepository, _ index: String?) -> Set<String>? {
        let name =
            index.flatMap { repository.table.index(named: $0)?.partitionKey.name }
            ?? repository.table.partitionKey.name
        return repository.layout.key(named: name).map { Set($0.rule.fields) }
    }

    /// The fields as values of keys: what has none is known to have none.
    private static func values(_ fields: Item) -> KeyValues {
        var values: KeyValues = fields.mapValues { $0.stringValue ?? $0.numberText }
        for name in ["parent_id", "parent_name"] where fields[name] == nil { values[name] = .some(nil) }
        return values
    }
}

extension AttributeValue {
    /// The value with its numbers as DynamoDB gives them back.
    fileprivate var canonicalForm: AttributeValue {
        switch self {
        case .number: .number(exactNumber?.description ?? "")
        case .map(let members): .map(members.mapValues(\.canonicalForm))
        case .list(let elements): .list(elements.map(\.canonicalForm))
        default: self
        }
    }
}
