internal import ContractModel

/// Columns that a table's cells tell as much of as its headings do.
extension PatternHeader {
    private static let typeHeadings: Set = ["type", "read/write", "r/w", "rw"]
    /// Headings of types that stand above other things as well.
    private static let likelyTypeHeadings: Set = [
        "access type", "op type", "request type", "query type", "read or write", "read / write", "access pattern type",
    ]

    /// The column of types: by its heading, by its heading and most of its cells, or by all of its cells alone.
    ///
    /// - Parameter others: columns that are something else.
    static func type(of table: Markdown.Table, besides others: Set<Int>) -> Int? {
        let names = table.header.map { $0.lowercased() }
        let exact = names.firstIndex { typeHeadings.contains($0) || $0.contains("operation type") }
        if let exact { return exact }
        func cells(_ place: Int) -> [String] {
            table.rows.map { Markdown.plain($0[place]) }.filter { !$0.isEmpty && !isOfTotals($0) }
        }
        let free = names.indices.filter { !others.contains($0) }
        let likely = free.first { place in
            let cells = cells(place)
            return likelyTypeHeadings.contains(names[place])
                && cells.count { PatternType(word: $0) != nil } * 2 >= cells.count
        }
        return likely ?? free.first { PatternType.areTypes(cells($0)) }
    }

    /// Words of headings that stand above remarks, and words beside them.
    private static let remarkWords: Set = ["remark", "remarks", "comment", "comments", "detail", "details"]
    private static let besideRemarks: Set = ["further", "other", "more", "additional", "implementation", "and", "s"]

    /// The columns of notes: "Notes", "Special considerations", "Remarks", "Comment(s)", "Details".
    static func notes(_ header: [String]) -> [Int] {
        header.indices.filter { place in
            let words = Set(NameStem.words(header[place]))
            return ["consideration", "requirement", "note"].contains { header[place].contains($0) }
                || !words.isDisjoint(with: remarkWords) && words.isSubset(of: remarkWords.union(besideRemarks))
        }
    }

    /// Whether a column that could be one of kinds of items says of every pattern whether it reads or writes. Below "Kind" that is said in any
    /// words, and "Post" or "List" below "Entity" are things.
    static func areTypes(_ place: Int, _ heading: String, in table: Markdown.Table) -> Bool {
        let cells = table.rows.map { Markdown.plain($0[place]) }.filter { !$0.isEmpty && !isOfTotals($0) }
        let plain: Set = ["read", "reads", "write", "writes", "r", "w", "rw", "both", "none", "n/a"]
        return PatternType.areTypes(cells)
            && (heading == "kind"
                || cells.allSatisfy { $0.lowercased().split(separator: "/").allSatisfy { plain.contains($0.trimmed) } })
    }

    private static func isOfTotals(_ cell: String) -> Bool { cell.allSatisfy { "-–—".contains($0) } }

    /// Headings of what the caller gives, beside "Key Attributes".
    private static let inputHeadings: Set = [
        "partition key", "sort key", "input", "inputs", "input attributes", "parameter", "parameters", "params",
        "argument", "arguments", "lookup key", "lookup keys", "lookup by",
    ]

    /// Columns of names that the caller gives, where none is called key attributes: what keys hold is for the contract to say.
    static func inputs(of table: Markdown.Table) -> [Int] {
        table.header.indices.filter { place in
            inputHeadings.contains(table.header[place].lowercased())
                && table.rows.allSatisfy { areNames(Markdown.plain($0[place])) && !isOfKeys($0[place]) }
        }
    }

    /// "PK", "GSI1SK": a key by its place and not by what it holds.
    private static func isOfKeys(_ cell: String) -> Bool {
        let name = Markdown.plain(cell).lowercased()
        return ["pk", "sk"].contains { name.hasSuffix($0) }
            && name.dropLast(2).allSatisfy { !$0.isLetter || "gsi_".contains($0) }
    }

    /// What is said of columns that nothing reads; nil where there are none.
    func unread(of table: Markdown.Table) -> String? {
        let read =
            [id, summary, rates.peak, rates.average, type, items, consistency, p99, availability, entity] + notes + keys
            + operations.places
        let known = Set(read.compactMap(\.self)).union(rates.told)
        let names = table.header.indices.filter { place in
            !known.contains(place) && !table.header[place].isEmpty
                && !PatternHeader.saysID(table.header[place].lowercased())
        }.map { "\"\(table.header[$0].shown)\"" }
        guard !names.isEmpty else { return nil }
        return names.count == 1
            ? "of this table the column \(names[0]) is not read"
            : "of this table the columns \(Figures.list(names)) are not read"
    }
}
