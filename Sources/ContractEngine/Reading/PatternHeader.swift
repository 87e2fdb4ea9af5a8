internal import ContractModel

/// Which column of a table holds what of access patterns, by the headings' words and, where several could be it, by the cells.
struct PatternHeader {
    let id: Int
    let summary: Int?
    let rates: RateColumns
    let type: Int?
    let operations: OperationColumns
    let keys: Int?
    let items: Int?
    let consistency: Int?
    let p99: Int?
    let availability: Int?
    let notes: [Int]
    /// A time in the heading of the p99: 1,000 where it says seconds.
    let millisecondsOfP99: Double
    /// Whether the cells of its ids are ids and nothing else.
    let hasPlainIDs: Bool

    /// Nil for a table without a column for the patterns' ids.
    init?(_ table: Markdown.Table) {
        let header = table.header.map { $0.lowercased() }
        func column(_ test: (String) -> Bool) -> Int? { header.firstIndex(where: test) }
        let candidates = header.indices.filter { PatternHeader.mayBeID(header[$0]) }
        let ranks = candidates.map { PatternHeader.rank(of: $0, header[$0], in: table.rows) }
        guard let best = zip(candidates, ranks).max(by: { $0.1 < $1.1 }) else { return nil }
        id = best.0
        hasPlainIDs = best.1.hasPrefixedIDs || best.1.hasIDs
        rates = RateColumns(header, rows: table.rows)
        let names = header.indices.filter { $0 != best.0 && !candidates.contains($0) }
        summary =
            column { $0.contains("description") }
            ?? names.first { PatternHeader.summaryWords.contains(header[$0]) }
            ?? candidates.first { $0 != best.0 && header[$0].contains("pattern") }
        type = column { $0 == "type" || $0.contains("operation type") || ["read/write", "r/w", "rw"].contains($0) }
        operations = OperationColumns(header)
        keys = column { $0.contains("key attributes") } ?? column { $0.contains("attributes") }
        items = column { $0.contains("items") && ($0.contains("call") || $0 == "items") }
        consistency = column { $0.contains("consistency") }
        p99 = column { $0.contains("p99") }
        availability = column { $0.contains("availability") }
        notes = header.indices.filter { place in
            ["consideration", "requirement", "note"].contains { header[place].contains($0) }
        }
        let words = p99.map { header[$0].split { !$0.isLetter } } ?? []
        millisecondsOfP99 = words.contains { ["s", "sec", "seconds"].contains($0) } ? 1_000 : 1
    }

    private static let summaryWords: Set = ["name", "what", "use case", "summary", "title", "what it does"]
    private static let idWords: Set = ["id", "ids", "no", "nr", "num", "number", "ref", "ap", "aps"]

    private static func words(_ name: String) -> [String] {
        name.split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }

    /// "Pattern #", "ID", "AP#", "No.", "#".
    private static func mayBeID(_ name: String) -> Bool {
        name.contains("pattern") || saysID(name)
    }

    private static func saysID(_ name: String) -> Bool {
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

/// The columns that give rates, with the time for which they give them.
struct RateColumns {
    private(set) var peak: Int?
    private(set) var average: Int?
    /// What a bare number below the heading is worth in calls a second: 1/60 for "per minute".
    private(set) var peakUnit = 1.0
    private(set) var averageUnit = 1.0
    /// Headings of which each could be the peak, so that none can be taken.
    private(set) var rivals: [String] = []

    private static let peakWords: Set = ["peak", "max", "maximum"]
    private static let averageWords: Set = ["average", "avg", "mean"]
    private static let rateWords: Set = ["rate", "load", "traffic", "throughput"]
    private static let otherWords: Set = [
        "and", "est", "estimate", "estimated", "expected", "at", "in", "per", "the", "of", "total", "frequency",
    ]

    /// A heading that gives a rate.
    private struct Heading {
        var place: Int
        var isPeak: Bool
        var isAverage: Bool
        var words: Int
        var unit: Double
    }

    init(_ header: [String], rows: [Markdown.Row]) {
        let headings = header.indices.compactMap { RateColumns.heading(header[$0], at: $0) }
        let averages = headings.filter(\.isAverage)
        var peaks = headings.filter { !$0.isAverage }
        if peaks.contains(where: \.isPeak) { peaks.removeAll { !$0.isPeak } }
        if peaks.count > 1, let fewest = peaks.map(\.words).min() {
            let plainest = peaks.filter { $0.words == fewest }
            if plainest.count == 1 { peaks = plainest }
        }
        if peaks.count > 1 { rivals = peaks.map { header[$0.place] } }
        let other = header.indices.first { place in
            // "Peak (Black Friday)", if numbers stand below it.
            header[place].hasPrefix("peak") && rows.contains { Amount(Markdown.plain($0[place]), as: .rate) != nil }
        }
        if let first = peaks.first ?? averages.first {
            (peak, peakUnit) = (first.place, first.unit)
        } else {
            peak = other
        }
        if let first = averages.first { (average, averageUnit) = (first.place, first.unit) }
    }

    private static func heading(_ name: String, at place: Int) -> Heading? {
        let period = RatePeriod(name)
        let own = Set(period.rest)
        let isPeak = !own.isDisjoint(with: peakWords)
        let isAverage = !own.isDisjoint(with: averageWords) && !isPeak
        let known = peakWords.union(averageWords).union(rateWords).union(otherWords).union(RatePeriod.kinds)
        let isUnit = ["rps", "qps", "tps", "rpm", "qpm", "tpm"].contains { name.contains($0) }
        let isPlain = period.rest.allSatisfy(known.contains)
        let hasRate =
            period.seconds != nil && !period.isPerOther || isPeak || isAverage || !own.isDisjoint(with: rateWords)
        guard isUnit || isPlain && hasRate && !name.isEmpty else { return nil }
        return Heading(
            place: place, isPeak: isPeak, isAverage: isAverage, words: period.rest.count,
            unit: 1 / (period.seconds ?? 1))
    }
}
