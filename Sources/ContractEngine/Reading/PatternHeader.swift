internal import ContractModel

/// Which column of a table holds what of access patterns, by the headings' words and, where several could be it, by the cells.
struct PatternHeader {
    let id: Int
    let summary: Int?
    let rates: RateColumns
    let type: Int?
    let operations: OperationColumns
    /// What the caller gives, in one column or several.
    let keys: [Int]
    let items: Int?
    let consistency: Int?
    let p99: Int?
    let availability: Int?
    let notes: [Int]
    /// Which kind of item a pattern touches.
    let entity: Int?
    /// A time in the heading of the p99: 1,000 where it says seconds.
    let millisecondsOfP99: Double
    /// Whether the cells of its ids are ids and nothing else.
    let hasPlainIDs: Bool

    /// Nil for a table without a column for the patterns' ids.
    init?(_ table: Markdown.Table) {
        let header = table.header.map { $0.lowercased() }
        func column(_ test: (String) -> Bool) -> Int? { header.firstIndex(where: test) }
        let candidates = header.indices.filter {
            PatternHeader.mayBeID(header[$0]) && !PatternHeader.counts($0, header[$0], in: table.rows)
        }
        let ranks = candidates.map { PatternHeader.rank(of: $0, header[$0], in: table.rows) }
        guard let best = zip(candidates, ranks).max(by: { $0.1 < $1.1 }) else { return nil }
        id = best.0
        hasPlainIDs = best.1.hasPrefixedIDs || best.1.hasIDs
        let rates = RateColumns(table)
        self.rates = rates
        let names = header.indices.filter { $0 != best.0 && !candidates.contains($0) }
        let summary =
            column { $0.contains("description") }
            ?? names.first { PatternHeader.summaryWords.contains(header[$0]) }
            ?? candidates.first { $0 != best.0 && header[$0].contains("pattern") }
            ?? names.first { ["detail", "details"].contains(header[$0]) }
        self.summary = summary
        operations = OperationColumns(header, table.rows)
        let named =
            column { $0.contains("key attributes") } ?? column { $0.contains("attributes") }
            ?? header.indices.first { place in
                ["key", "keys", "key(s)"].contains(header[place])
                    && table.rows.allSatisfy { PatternHeader.areNames(Markdown.plain($0[place])) }
            }
        keys = named.map { [$0] } ?? PatternHeader.inputs(of: table)
        items = column(PatternHeader.countsItems)
        consistency = column(PatternHeader.saysConsistency)
        entity = header.indices.first { place in
            PatternHeader.entityWords.contains(header[place])
                && !PatternHeader.areTypes(place, header[place], in: table)
        }
        p99 = header.indices.first { header[$0].contains("p99") && $0 != rates.peak && $0 != rates.average }
        availability = column { $0.contains("availability") }
        notes = PatternHeader.notes(header).filter { $0 != summary }
        let others = [best.0, summary, rates.peak, rates.average, items, consistency, entity, p99, availability]
        type = PatternHeader.type(
            of: table, besides: Set(others.compactMap(\.self) + keys + notes + operations.places))
        let words = p99.map { header[$0].split { !$0.isLetter } } ?? []
        millisecondsOfP99 = words.contains { ["s", "sec", "seconds"].contains($0) } ? 1_000 : 1
    }

    /// "Items", "Items per call".
    static func countsItems(_ name: String) -> Bool {
        name.contains("items") && (name.contains("call") || name == "items")
    }

    /// "Consistency", "Consistent read", "ConsistentRead".
    static func saysConsistency(_ name: String) -> Bool {
        name.contains("consistency") || name.contains("consistent")
    }

    private static let summaryWords: Set = ["name", "what", "use case", "summary", "title", "what it does"]
    static let entityWords: Set = [
        "entity", "entities", "entity type", "entity types", "item type", "item types", "kind", "kind of item",
        "item kind",
    ]
    private static let idWords: Set = ["id", "ids", "no", "nr", "num", "number", "ref", "ap", "aps"]

    private static func words(_ name: String) -> [String] {
        name.split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }

    /// "user_id, order_date", and not "PK=USER#{id}": what a key is made of is for the contract to say.
    static func areNames(_ cell: String) -> Bool {
        cell.split(whereSeparator: isBetweenNames).allSatisfy { part in
            !part.trimmed.isEmpty && part.trimmed.allSatisfy { $0.isLetter || $0.isNumber || "_.-".contains($0) }
        }
    }

    /// Whether a character stands between two key attributes of a cell.
    static func isBetweenNames(_ character: Character) -> Bool { character == "," || character == "+" }

    /// The key attributes of a cell: "user_id, order date"; of "`user id` and `order-date`" what stands in quotes.
    static func names(in cell: String) -> [String] {
        cell.split(whereSeparator: isBetweenNames).flatMap { part -> [String] in
            let pieces = part.split(separator: "`", omittingEmptySubsequences: false)
            // Every second piece is quoted; of a single one what stands around it belongs to it: "`LOAN#` prefix".
            let quoted = pieces.enumerated().filter { $0.offset % 2 == 1 }.map { Markdown.plain($0.element) }
            let areSeveral = quoted.count > 1 && pieces.count % 2 == 1
            return areSeveral ? quoted.filter { !$0.isEmpty } : [Markdown.plain(part)]
        }
    }

    /// "Pattern #", "ID", "AP#", "No.", "#".
    /// "Patterns" or "# Patterns" above bare numbers says how many there are.
    private static func counts(_ place: Int, _ name: String, in rows: [Markdown.Row]) -> Bool {
        guard words(name).contains(where: { ["patterns", "count"].contains($0) }) else { return false }
        return rows.allSatisfy { Markdown.plain($0[place]).allSatisfy(\.isNumber) }
    }

    private static func mayBeID(_ name: String) -> Bool {
        name.contains("pattern") || saysID(name)
    }

    static func saysID(_ name: String) -> Bool {
        let words = words(name)
        if words.isEmpty { return name.contains("#") || name.contains("№") }
        return name.contains("#") && name.contains("pattern") || words.allSatisfy(idWords.contains)
            || words.contains("pattern") && words.contains { idWords.contains($0) }
    }

    /// How well a column serves as that of the ids: by its cells before its heading, and the first of equals.
    struct Rank: Comparable {
        var hasPrefixedIDs: Bool
        var hasIDs: Bool
        var saysID: Bool
        var place: Int

        static func < (left: Rank, right: Rank) -> Bool { left.order < right.order }

        private var order: (Int, Int, Int, Int) {
            (hasPrefixedIDs ? 1 : 0, hasIDs ? 1 : 0, saysID ? 1 : 0, -place)
        }
    }

    private static func rank(of column: Int, _ name: String, in rows: [Markdown.Row]) -> Rank {
        let cells = rows.map { Markdown.plain($0[column]) }.filter { !$0.isEmpty }
        let ids = cells.filter { !PatternID.expand($0).isEmpty }
        let prefixed = ids.filter { $0.first?.isNumber == false }
        return Rank(
            hasPrefixedIDs: !cells.isEmpty && prefixed.count * 2 >= cells.count,
            hasIDs: !cells.isEmpty && ids.count * 2 >= cells.count, saysID: saysID(name), place: column)
    }
}
