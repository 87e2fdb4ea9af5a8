/// The real documents put right, as replacements of their text: each must be there, so that a change of the originals shows.
struct Correction {
    var file: String
    var old: String
    var new: String

    struct NotThere: Error {
        var text: String
    }

    static func apply(to texts: inout [String: String]) throws {
        for correction in all {
            guard let text = texts[correction.file], text.contains(correction.old) else {
                throw NotThere(text: correction.old)
            }
            texts[correction.file] = text.split(separator: correction.old, omittingEmptySubsequences: false)
                .joined(separator: correction.new)
        }
    }

    private static func contract(_ old: String, _ new: String) -> Correction {
        Correction(file: SharedDocuments.contract, old: old, new: new)
    }

    private static func patterns(_ old: String, _ new: String) -> Correction {
        Correction(file: SharedDocuments.patterns, old: old, new: new)
    }

    private static func model(_ old: String, _ new: String) -> Correction {
        Correction(file: SharedDocuments.model, old: old, new: new)
    }

    static let all = contractCorrections + planningCorrections + mappingCorrections + costCorrections

    private static let contractCorrections = [
        contract(
            "\"source_table\": \"users\",\n      \"pk\"",
            "\"source_table\": \"users\",\n      \"attributes\": [],\n      \"pk\""),
        contract("ORDER#{created_at}#{id}", "ORDER#{created_at}#{order_id}"),
        contract("\"entity_type\": \"USER\",", "\"entity_type\": \"USER\", \"estimated_item_size_bytes\": 900,"),
        contract("\"entity_type\": \"CART\",", "\"entity_type\": \"CART\", \"estimated_item_size_bytes\": 300,"),
        contract("\"entity_type\": \"ORDER\",", "\"entity_type\": \"ORDER\", \"estimated_item_size_bytes\": 3000,"),
        contract(" \"AP36\", \"AP37\",", ""),
        contract("\"AP17\", \"AP18\"]", "\"AP17\", \"AP29\", \"AP37\", \"AP44\"]"),
    ]

    private static let planningCorrections = [
        // 3,245.96 in all, less AP6 250, AP9 420, AP18 0.01 and AP36 5, which do no work in DynamoDB.
        patterns("1,400 QPS\n- **Growth", "2,570.9 QPS\n- **Growth"),
        patterns("**Sum of all RPS estimates**: 1,400", "**Sum of all RPS estimates**: 2,570.9"),
        // Users: 1,070.2 reads less AP36 5 and AP37 200.
        model("770 RPS reads, 635 RPS writes", "865.2 RPS reads, 575.55 RPS writes"),
        // Products: 720.15 reads and AP37 200 and AP44 100; 0.045 writes and AP29 200.
        model("620 RPS reads, 0.05 RPS writes", "1,020 RPS reads, 200.05 RPS writes"),
        model("260 RPS reads during", "5.4 RPS reads during"),
        model("210 RPS reads for hierarchical", "100 RPS reads for hierarchical"),
        model("(AP24: `GSI1SK = category_id`)", "(AP24: `GSI1PK = parent_id` and `GSI1SK = category_id`)"),
    ]

    private static let mappingCorrections = [
        model("Users, UsersByEmail, Usernames, Emails", "Users"),
        model("| ProductsByCategory |", "| Products.GSI1 |"),
        model("Products, ProductsByCategory, ProductsBySeller", "Products"),
        model("| ProductsBySeller |", "| Products.GSI2 |"),
        model("| CategoriesByParent |", "| Categories.GSI1 |"),
        model("Categories, CategoriesByParent", "Categories"),
        model("Orders, OrderItems, Products", "Users.ORDER, Products"),
        model("Orders, OrdersByStatus", "Users.ORDER"),
        model("| Orders |", "| Users.ORDER |"),
        model("| ShoppingCarts |", "| Users.CART |"),
        model("ShoppingCarts, Products |", "Users.CART, Products |"),
    ]

    // Enough for the demand, at $1.62 a month and write unit: 1,535 units for Users, 645 for its orders' index.
    private static let costCorrections = [
        model("| Users (Consolidated) | $249.48 | $194.40 |", "| Users (Consolidated) | $249.48 | $2,700.00 |"),
        model("| Users GSI3 (Order Lookup) | $12.96 | $48.60 |", "| Users GSI3 (Order Lookup) | $12.96 | $1,050.00 |"),
        model("| Products | $200.88 | $0.97 |", "| Products | $200.88 | $2,600.00 |"),
        model("| Products GSI1 (Category) | $168.48 | $0.97 |", "| Products GSI1 (Category) | $168.48 | $1,300.00 |"),
        model("| Products GSI2 (Seller) | $0.49 | $0.97 |", "| Products GSI2 (Seller) | $0.49 | $1,300.00 |"),
    ]
}
