/// Which column has the patterns' ids.
extension PatternHeader {
    private static let idWords: Set = ["id", "ids", "no", "nr", "num", "number", "ref", "ap", "aps"]
    /// Headings that stand above descriptions as well: of ids only where the cells are such.
    private static let nameWords: Set = [
        "use", "case", "uc", "name", "story", "user", "code", "feature", "scenario", "requirement", "query", "request",
        "function", "method", "call", "key",
    ]

    /// The columns that could be it, and whether a heading says so. A column of numbered codes ("UC1") in front of those is one as well,
    /// whatever its heading; where there is none at all, one of names such as "getBalance" below "Name".
    ///
    /// - Parameter others: columns that are something else.
    static func idColumns(of table: Markdown.Table, besides others: Set<Int>) -> (places: [Int], areHeaded: Bool) {
        let header = table.header.map { $0.lowercased() }
        let headed = header.indices.filter { mayBeID(header[$0]) && !counts($0, header[$0], in: table.rows) }
        let free = header.indices.filter { place in
            !others.contains(place) && !headed.contains(place) && place < headed.first ?? header.count
                && !["key", "attribute", "index", "table", "entity", "gsi", "item"].contains {
                    header[place].contains($0)
                }
        }
        let coded = free.filter { areCodes($0, in: table) }
        let isNamed = coded.contains { saysName(header[$0]) }
        if !headed.isEmpty || !coded.isEmpty { return (coded + headed, !headed.isEmpty || isNamed) }
        return (free.filter { saysName(header[$0]) && areNames($0, in: table) }, true)
    }

    private static func mayBeID(_ name: String) -> Bool {
        name.contains("pattern") || saysID(name)
    }

    private static func words(_ name: String) -> [String] {
        name.split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }

    /// "Pattern #", "ID", "AP#", "No.", "#".
    static func saysID(_ name: String) -> Bool {
        let words = words(name)
        if words.isEmpty { return name.contains("#") || name.contains("№") }
        return name.contains("#") && name.contains("pattern") || words.allSatisfy(idWords.contains)
            || words.contains("pattern") && words.contains { idWords.contains($0) }
    }

    private static func saysName(_ name: String) -> Bool {
        let words = words(name)
        return !words.isEmpty && words.allSatisfy { nameWords.contains($0) || idWords.contains($0) }
    }

    /// "Patterns" or "# Patterns" above bare numbers says how many there are.
    private static func counts(_ place: Int, _ name: String, in rows: [Markdown.Row]) -> Bool {
        guard words(name).contains(where: { ["patterns", "count"].contains($0) }) else { return false }
        return rows.allSatisfy { Markdown.plain($0[place]).allSatisfy(\.isNumber) }
    }

    /// The cells of rows that are no sum.
    private static func cells(_ place: Int, in rows: [Markdown.Row]) -> [String] {
        rows.map { Markdown.plain($0[place]) }.filter { cell in
            !cell.isEmpty && !["total", "sum"].contains { cell.lowercased().hasPrefix($0) }
        }
    }

    /// "UC1", "US-12", "H_3": the same letters and a number that no other row has.
    private static func areCodes(_ place: Int, in table: Markdown.Table) -> Bool {
        let cells = cells(place, in: table.rows)
        guard Set(cells).count == cells.count else { return false }
        let prefixes = cells.map { cell -> Substring? in
            let letters = cell.prefix(while: \.isLetter)
            let rest = cell[letters.endIndex...]
            let digits = rest.first.map { "-_.#".contains($0) } == true ? rest.dropFirst() : rest
            let isCode =
                (1...12).contains(letters.count) && (1...6).contains(digits.count)
                && digits.allSatisfy(Numeral.isDigit)
            return isCode ? letters : nil
        }
        guard let first = prefixes.first, first != nil else { return false }
        return prefixes.allSatisfy { $0 == first }
    }

    /// "getBalance", "list_entries", "transfer": names as programs have them, another one in each row, and most of several words.
    private static func areNames(_ place: Int, in table: Markdown.Table) -> Bool {
        let cells = cells(place, in: table.rows)
        return Set(cells).count == cells.count && cells.allSatisfy { $0.allSatisfy(PatternNames.isPart) }
            && cells.count { PatternNames.isTelling($0) } * 2 > cells.count
    }

    /// How well a column serves as that of the ids: by its cells before its heading, and the first of equals.
    struct Rank: Comparable {
        var hasPrefixedIDs: Bool
        var hasIDs: Bool
        var hasCodes: Bool
        var saysID: Bool
        var place: Int

        static func < (left: Rank, right: Rank) -> Bool { left.order < right.order }

        private var order: (Int, Int, Int, Int, Int) {
            (hasPrefixedIDs ? 1 : 0, hasIDs ? 1 : 0, hasCodes ? 1 : 0, saysID ? 1 : 0, -place)
        }
    }

    static func rank(of column: Int, _ name: String, in table: Markdown.Table) -> Rank {
        let cells = table.rows.map { Markdown.plain($0[column]) }.filter { !$0.isEmpty }
        let ids = cells.filter { !PatternID.expand($0).isEmpty }
        let prefixed = ids.filter { $0.first?.isNumber == false }
        return Rank(
            hasPrefixedIDs: !cells.isEmpty && prefixed.count * 2 >= cells.count,
            hasIDs: !cells.isEmpty && ids.count * 2 >= cells.count, hasCodes: areCodes(column, in: table),
            saysID: saysID(name), place: column)
    }
}
