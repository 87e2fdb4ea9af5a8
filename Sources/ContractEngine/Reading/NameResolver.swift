internal import ContractModel

/// What a name in a document stands for in the contract.
struct ResolvedName: Sendable, Equatable {
    var table: String
    var index: String?
    var entity: String?
    /// Why, where the contract has no such name; nil where it has.
    var guess: String?
}

extension ContractTable {
    /// The kind of item that people call so, in whatever capitals and number: "Orders" is ORDER.
    func entity(called name: String) -> ContractEntity? {
        let stem = NameStem.of(name)
        return entity(named: name) ?? entities.first { NameStem.of($0.name) == stem }
            ?? entities.first { $0.sourceTable.map { NameStem.of($0) } == stem }
    }
}

/// Finds what a mapping's names mean: a team renames and merges tables, and its documents lag behind.
struct NameResolver {
    let contract: MigrationContract
    private let claims: [String: ContractTable]
    private let tables: [String: ContractTable]
    private let tablesInLowerCase: [String: ContractTable]
    private let stems: NameStems

    init(contract: MigrationContract) {
        self.contract = contract
        tables = Dictionary(contract.tables.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        tablesInLowerCase = Dictionary(
            contract.tables.map { ($0.name.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
        claims = Dictionary(
            contract.tables.flatMap { table in table.satisfies.map { ($0, table) } },
            uniquingKeysWith: { first, _ in first })
        stems = NameStems(contract)
    }

    /// The first table that claims the pattern in `satisfies`.
    func claimant(of pattern: String) -> ContractTable? { claims[pattern] }

    /// What a cell of a pattern table names: "Products", "Products.GSI1", "Products (GSI1)", "GSI1" where one index has the name.
    func resolve(cell: String) -> ResolvedName? {
        let bare = OperationText.withoutParentheses(cell)
        let inside = cell.split { $0 == "(" || $0 == ")" }.dropFirst().first.map { OperationText.bareName($0.trimmed) }
        if let inside, let found = exact("\(bare).\(inside)") { return found }
        return resolve(bare) ?? resolve(OperationText.bareName(bare))
    }

    /// The names of a mapping's cell, parted by commas. What parentheses say stays only where it names an index of the table before
    /// them, or the table of the index: "Social (InvertedIndex)" is "Social.InvertedIndex", "Users (consolidated)" is "Users".
    func names(inCell cell: String) -> [String] {
        var depth = 0
        let parts = Markdown.plain(cell).split { character in
            if character == "(" { depth += 1 }
            if character == ")" { depth = max(0, depth - 1) }
            return character == "," && depth == 0
        }
        return parts.flatMap { part -> [String] in
            let bare = OperationText.withoutParentheses(String(part))
            let inside = part.split { $0 == "(" || $0 == ")" }.dropFirst().first.map(String.init) ?? ""
            let names = OperationColumns.names(inside).map(OperationText.bareName)
            let places = names.compactMap { exact("\(bare).\($0)") ?? exact("\($0).\(bare)") }
            guard !names.isEmpty, places.count == names.count else { return [bare] }
            return places.map { place in "\(place.table)\((place.index ?? place.entity).map { ".\($0)" } ?? "")" }
        }.filter { !$0.isEmpty && $0 != "-" && $0 != "–" }
    }

    /// A table or an index of the contract by its own name; an index alone where one table has it, or with its table: "GSI1 on Users".
    func named(_ name: String) -> ResolvedName? {
        if let found = exact(name) ?? holder(name) { return found }
        for turn in [" on ", " of ", " in "] {
            guard let range = name.lowercased().firstRange(of: turn) else { continue }
            let lower = name.lowercased()
            let index = OperationText.bareName(String(lower[..<range.lowerBound]))
            let table = OperationText.bareName(String(lower[range.upperBound...]))
            if let found = exact("\(table).\(index)") { return found }
        }
        let bare = OperationText.bareName(name)
        return bare == name ? nil : exact(bare) ?? holder(bare)
    }

    /// The one index of that name.
    private func holder(_ name: String) -> ResolvedName? {
        let holders = stems.indexHolders[name.lowercased()] ?? []
        return holders.count == 1 ? holders[0] : nil
    }

    /// The table of exactly that name.
    func table(named name: String) -> ContractTable? { tables[name] }

    /// What the name stands for; nil where no rule finds anything.
    func resolve(_ name: String) -> ResolvedName? {
        if let known = stems.resolved[name] { return known }
        // In statements: Swift 6.3.1's optimizer is not to be trusted with chains of these.
        var found = named(name)
        if found == nil { found = entity(name) }
        if found == nil { found = byColumn(name) }
        if found == nil { found = embedded(name) }
        if found == nil { found = keyColumn(name) }
        stems.resolved[name] = .some(found)
        return found
    }

    /// "Users", and an index as "Products.GSI1", "Products/GSI1" or "Products GSI1". Tables and indexes may have dots in their
    /// names: the longest table's is meant.
    func exact(_ name: String) -> ResolvedName? {
        let lower = name.lowercased().trimmed
        if let table = tablesInLowerCase[lower] { return ResolvedName(table: table.name) }
        for end in lower.indices.reversed() where NameResolver.separators.contains(lower[end]) {
            guard let table = tablesInLowerCase[lower[..<end].trimmed] else { continue }
            if let found = part(lower[lower.index(after: end)...], of: table) { return found }
        }
        return nil
    }

    private static let separators: Set<Character> = [".", "/", ":", " "]

    /// What a name says after its table's.
    private func part(_ name: Substring, of table: ContractTable) -> ResolvedName? {
        let parts = name.split { $0 == "/" || $0 == ":" || $0 == " " }
        if parts == ["table"] { return ResolvedName(table: table.name) }
        let rest = parts.filter { $0 != "gsi" && $0 != "index" }
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
        if let found = stems.entities[stem] {
            return ResolvedName(
                table: found.table, entity: found.entity,
                guess: "\(name) is the entity \(found.entity) of \(found.table)")
        }
        return stems.tables[stem].map { ResolvedName(table: $0, guess: "\(name) is \($0), by its source") }
    }

    /// "ProductsByCategory" is the index of Products whose partition key comes from `category_id`.
    private func byColumn(_ name: String) -> ResolvedName? {
        guard let (owner, column) = NameResolver.split(name),
            let base = exact(owner) ?? entity(owner) ?? embedded(owner),
            let table = table(named: base.table)
        else { return nil }
        let keys = stems.keys(of: table)
        if let index = keys.indexes[NameStem.of(column)] {
            return ResolvedName(
                table: table.name, index: index, entity: base.entity,
                guess: "\(name) is \(table.name).\(index), whose partition key comes from \(column.lowercased())")
        }
        return ResolvedName(
            table: table.name, entity: base.entity,
            guess: keys.own.contains(NameStem.of(column))
                ? "\(name) is \(table.name) itself, whose partition key comes from \(column.lowercased())"
                : "\(name) is \(base.entity.map { "\($0) of " } ?? "")\(table.name); no index of it has a key made from "
                    + column.lowercased())
    }

    /// "OrderItems" lives inside another item, which constructs it from `order_items`.
    private func embedded(_ name: String) -> ResolvedName? {
        guard let holder = stems.embedded[NameStem.of(name)] else { return nil }
        return ResolvedName(
            table: holder.table, entity: holder.isMultiEntity ? holder.entity : nil,
            guess: "\(name) lies inside \(holder.entity) of \(holder.table), as \(holder.attribute)")
    }

    /// "Usernames", a lookup table of a design gone by, is the index or table whose partition key comes from `username`.
    private func keyColumn(_ name: String) -> ResolvedName? {
        let stem = NameStem.of(name)
        guard let place = stems.keyColumns[stem] else { return nil }
        let text = place.index.map { "\(place.table).\($0)" } ?? place.table
        return ResolvedName(
            table: place.table, index: place.index,
            guess: "\(name) is \(text), whose partition key comes from \(stem)")
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
