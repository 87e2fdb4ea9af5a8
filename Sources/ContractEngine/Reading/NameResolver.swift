internal import ContractModel

/// What a name in a document stands for in the contract.
struct ResolvedName: Sendable, Equatable {
    var table: String
    var index: String?
    var entity: String?
    /// Why, where the contract has no such name; nil where it has.
    var guess: String?
}

/// Finds what a mapping's names mean: a team renames and merges tables, and its documents lag behind.
struct NameResolver {
    let contract: MigrationContract
    private let claims: [String: ContractTable]
    private let tables: [String: ContractTable]
    private let tablesInLowerCase: [String: ContractTable]

    init(contract: MigrationContract) {
        self.contract = contract
        tables = Dictionary(contract.tables.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        tablesInLowerCase = Dictionary(
            contract.tables.map { ($0.name.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
        claims = Dictionary(
            contract.tables.flatMap { table in table.satisfies.map { ($0, table) } },
            uniquingKeysWith: { first, _ in first })
    }

    /// The first table that claims the pattern in `satisfies`.
    func claimant(of pattern: String) -> ContractTable? { claims[pattern] }

    /// What a cell of a pattern table names: "Products", "Products.GSI1", "Products (GSI1)", "GSI1" where one index has the name.
    func resolve(cell: String) -> ResolvedName? {
        let bare = OperationText.withoutParentheses(cell)
        let inside = cell.split { $0 == "(" || $0 == ")" }.dropFirst().first.map { OperationText.bareName($0.trimmed) }
        if let inside, let found = exact("\(bare).\(inside)") { return found }
        if let found = exact(bare) ?? exact(OperationText.bareName(bare)) { return found }
        let name = OperationText.bareName(bare).lowercased()
        let holders = contract.tables.filter { $0.indexes.contains { $0.name.lowercased() == name } }
        if holders.count == 1, let index = holders[0].indexes.first(where: { $0.name.lowercased() == name }) {
            return ResolvedName(table: holders[0].name, index: index.name)
        }
        return resolve(bare) ?? resolve(OperationText.bareName(bare))
    }

    /// The table of exactly that name.
    func table(named name: String) -> ContractTable? { tables[name] }

    /// What the name stands for; nil where no rule finds anything.
    func resolve(_ name: String) -> ResolvedName? {
        exact(name) ?? entity(name) ?? byColumn(name) ?? embedded(name) ?? keyColumn(name)
    }

    /// "Users", and an index as "Products.GSI1", "Products/GSI1" or "Products GSI1".
    func exact(_ name: String) -> ResolvedName? {
        let parts = name.split { $0 == "." || $0 == "/" || $0 == ":" || $0 == " " }.map { $0.lowercased() }
        guard let first = parts.first, let table = tablesInLowerCase[first] else { return nil }
        if parts.count == 1 || parts.count == 2 && parts[1] == "table" { return ResolvedName(table: table.name) }
        let rest = parts.dropFirst().filter { $0 != "gsi" && $0 != "index" }
        guard rest.count == 1, let last = rest.first else { return nil }
        if let index = table.indexes.first(where: { $0.name.lowercased() == last }) {
            return ResolvedName(table: table.name, index: index.name)
        }
        guard let entity = table.entities.first(where: { $0.name.lowercased() == last }) else { return nil }
        return ResolvedName(table: table.name, entity: entity.name)
    }

    /// "Orders" is the entity ORDER, or the one whose source is `orders`.
    private func entity(_ name: String) -> ResolvedName? {
        let stem = NameStem.of(name)
        for table in contract.tables where table.isMultiEntity {
            for entity in table.entities
            where NameStem.of(entity.name) == stem || entity.sourceTable.map(NameStem.of) == stem {
                return ResolvedName(
                    table: table.name, entity: entity.name,
                    guess: "\(name) is the entity \(entity.name) of \(table.name)")
            }
        }
        for table in contract.tables where table.sourceTable.map(NameStem.of) == stem || NameStem.of(table.name) == stem
        {
            return ResolvedName(table: table.name, guess: "\(name) is \(table.name), by its source")
        }
        return nil
    }

    /// "ProductsByCategory" is the index of Products whose partition key comes from `category_id`.
    private func byColumn(_ name: String) -> ResolvedName? {
        guard let (owner, column) = NameResolver.split(name),
            let base = exact(owner) ?? entity(owner) ?? embedded(owner),
            let table = table(named: base.table)
        else { return nil }
        if let index = index(of: table, keyedBy: NameStem.of(column)) {
            return ResolvedName(
                table: table.name, index: index.name, entity: base.entity,
                guess: "\(name) is \(table.name).\(index.name), whose partition key comes from \(column.lowercased())")
        }
        let isKey = columns(of: table.partitionKey.name, in: table).contains(NameStem.of(column))
        return ResolvedName(
            table: table.name, entity: base.entity,
            guess: isKey
                ? "\(name) is \(table.name) itself, whose partition key comes from \(column.lowercased())"
                : "\(name) is \(base.entity.map { "\($0) of " } ?? "")\(table.name); no index of it has a key made from "
                    + column.lowercased())
    }

    /// "OrderItems" lives inside another item, which constructs it from `order_items`.
    private func embedded(_ name: String) -> ResolvedName? {
        let stem = NameStem.of(name)
        for table in contract.tables {
            for entity in table.entities {
                let holder = entity.attributes.first {
                    $0.joinedTable.map(NameStem.of) == stem && $0.joinedColumn == nil
                }
                guard let holder else { continue }
                return ResolvedName(
                    table: table.name, entity: table.isMultiEntity ? entity.name : nil,
                    guess: "\(name) lies inside \(entity.name) of \(table.name), as \(holder.name)")
            }
        }
        return nil
    }

    /// "Usernames", a lookup table of a design gone by, is the index or table whose partition key comes from `username`.
    private func keyColumn(_ name: String) -> ResolvedName? {
        let stem = NameStem.of(name)
        for table in contract.tables {
            if let index = index(of: table, keyedBy: stem) {
                return ResolvedName(
                    table: table.name, index: index.name,
                    guess: "\(name) is \(table.name).\(index.name), whose partition key comes from \(stem)")
            }
            if columns(of: table.partitionKey.name, in: table).contains(stem) {
                return ResolvedName(
                    table: table.name, guess: "\(name) is \(table.name), whose partition key comes from \(stem)")
            }
        }
        return nil
    }

    private func index(of table: ContractTable, keyedBy stem: String) -> ContractIndex? {
        table.indexes.first { columns(of: $0.partitionKey.name, in: table).contains(stem) }
    }

    /// The stems of the columns that an attribute is made from, and of its own name.
    private func columns(of attribute: String, in table: ContractTable) -> Set<String> {
        var stems: Set<String> = [NameStem.ofColumn(attribute)]
        for found in table.entities.compactMap({ $0.attribute(named: attribute) }) {
            let source = found.joinedColumn.map { [$0] } ?? found.sourceColumns
            stems.formUnion((source + found.sourceColumns).map(NameStem.ofColumn))
        }
        return stems
    }

    /// "Products" and "Category" of "ProductsByCategory".
    private static func split(_ name: String) -> (owner: String, column: String)? {
        let characters = Array(name)
        guard characters.count > 4 else { return nil }
        for index in stride(from: characters.count - 3, through: 1, by: -1)
        where characters[index] == "B" && characters[index + 1] == "y" && characters[index + 2].isUppercase {
            return (String(characters[..<index]), String(characters[(index + 2)...]))
        }
        return nil
    }
}

/// Which kind of item a pattern touches in a table that holds several.
enum EntityChoice {
    /// The entity, and why; nil in a table that holds one kind.
    static func choose(in table: ContractTable, for pattern: AccessPattern) -> (name: String, reason: String)? {
        guard table.isMultiEntity else { return nil }
        let keys = pattern.keyAttributes.joined(separator: " ")
        for entity in table.entities {
            let literal = entity.sortKeyTemplate?.leadingLiteral ?? ""
            if literal.contains(where: \.isLetter), keys.contains(literal) {
                return (entity.name, "its key attributes name \(literal)")
            }
        }
        let keyWords = Set(pattern.keyAttributes.flatMap { $0.split(separator: " ").map(String.init) })
        for entity in table.entities {
            let own = entity.sortKeyTemplate?.placeholders.first { name in
                keyWords.contains(name) && !table.entities.contains { $0.name != entity.name && uses($0, name) }
            }
            if let own { return (entity.name, "its key attributes name \(own)") }
        }
        let root = table.entities.first { $0.sourceTable == table.sourceTable } ?? table.entities.first
        let words = Set(NameStem.words(pattern.summary + " " + keys).map { NameStem.of($0) })
        for entity in table.entities where entity.name != root?.name && words.contains(NameStem.of(entity.name)) {
            return (entity.name, "its description names it")
        }
        return root.map { ($0.name, "nothing names another entity") }
    }

    private static func uses(_ entity: ContractEntity, _ placeholder: String) -> Bool {
        let templates = [entity.partitionKeyTemplate, entity.sortKeyTemplate].compactMap(\.self)
        return templates.contains { $0.placeholders.contains(placeholder) }
    }
}
