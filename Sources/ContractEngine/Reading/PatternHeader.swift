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
    /// Whether a heading says that ids stand in the table, and not the cells alone.
    let hasHeadedIDs: Bool

    /// Nil for a table without a column for the patterns' ids.
    init?(_ table: Markdown.Table) {
        let header = table.header.map { $0.lowercased() }
        func column(_ test: (String) -> Bool) -> Int? { header.firstIndex(where: test) }
        let rates = RateColumns(table)
        let operations = OperationColumns(header, table.rows)
        let known = Set([rates.peak, rates.average].compactMap(\.self) + operations.places)
        let (candidates, areHeaded) = PatternHeader.idColumns(of: table, besides: known)
        let ranks = candidates.map { PatternHeader.rank(of: $0, header[$0], in: table) }
        guard let best = zip(candidates, ranks).max(by: { $0.1 < $1.1 }) else { return nil }
        id = best.0
        hasPlainIDs = best.1.hasPrefixedIDs || best.1.hasIDs
        hasHeadedIDs = areHeaded
        self.rates = rates
        let names = header.indices.filter { $0 != best.0 && !candidates.contains($0) }
        let summary =
            column { $0.contains("description") }
            ?? names.first { PatternHeader.summaryWords.contains(header[$0]) }
            ?? candidates.first { $0 != best.0 && header[$0].contains("pattern") }
            ?? names.first { ["detail", "details"].contains(header[$0]) }
        self.summary = summary
        self.operations = operations
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
        notes = PatternHeader.notes(header).filter { $0 != summary && $0 != best.0 }
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

    private static let summaryWords: Set = [
        "name", "what", "use case", "summary", "title", "what it does", "user story", "story", "purpose", "scenario",
        "feature",
        "question",
    ]
    static let entityWords: Set = [
        "entity", "entities", "entity type", "entity types", "item type", "item types", "kind", "kind of item",
        "item kind",
    ]
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
}
