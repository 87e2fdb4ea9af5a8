/// The columns that give rates, and what their numbers are worth.
struct RateColumns {
    private(set) var peak: Int?
    private(set) var average: Int?
    private(set) var peakUnit = RateUnit()
    private(set) var averageUnit = RateUnit()
    /// Why no rate can be taken from a table that has one; nil where one can, or where it has none.
    private(set) var problem: String?
    /// What was taken by a guess, and what looks like a rate and is not read.
    private(set) var remarks: [String] = []
    /// Columns of which the remarks say that they are not read.
    private(set) var told: Set<Int> = []

    init(_ table: Markdown.Table) {
        let headings = table.header.indices.compactMap { place in
            RateHeading(table.header[place], at: place).flatMap { heading in
                heading.needsNumbers && !RateColumns.holdsNumbers(place, in: table) ? nil : heading
            }
        }
        let hasPeak = headings.contains { $0.role == .peak }
        let averages = headings.filter { $0.role == .average || $0.role == .plain && $0.isExpected && hasPeak }
        let places = Set(averages.map(\.place))
        var peaks = headings.filter { !places.contains($0.place) }
        if hasPeak { peaks.removeAll { $0.role != .peak } }
        if peaks.contains(where: { $0.problem == nil }) { peaks.removeAll { $0.problem != nil } }
        if peaks.count > 1, let fewest = peaks.map(\.words).min() {
            let plainest = peaks.filter { $0.words == fewest }
            if plainest.count == 1 { peaks = plainest }
        }
        guard peaks.count < 2 else {
            let names = Figures.list(peaks.map { "\"\($0.name.shown)\"" })
            problem = "each of \(names) could be the rate at peak; call one of them Peak RPS"
            return
        }
        take(peaks.first, averages.first { $0.problem == nil } ?? averages.first)
        if headings.isEmpty { guess(table) }
        tell(headings, of: table)
    }

    private mutating func take(_ peak: RateHeading?, _ average: RateHeading?) {
        guard let first = peak ?? average else { return }
        if let why = first.problem {
            problem = "the heading \"\(first.name.shown)\" \(why); write the calls a second of all under Peak RPS"
            return
        }
        (self.peak, peakUnit) = (first.place, first.unit)
        if peak == nil {
            remarks.append("no heading names the rate at peak: \"\(first.name.shown)\" is taken for it")
        }
        if let average, average.problem == nil { (self.average, averageUnit) = (average.place, average.unit) }
    }

    /// "Peak (Black Friday)", where nothing else gives a rate and numbers stand below it.
    private mutating func guess(_ table: Markdown.Table) {
        let place = table.header.indices.first {
            table.header[$0].lowercased().hasPrefix("peak") && RateHeading.resemblesRate(table.header[$0])
                && RateColumns.holdsNumbers($0, in: table)
        }
        guard let place else { return }
        let name = table.header[place].shown
        if RateHeading.isPerOther(table.header[place]) {
            problem = "the heading \"\(name)\" gives a rate for each of something; write that of all under Peak RPS"
        } else {
            peak = place
            remarks.append("\"\(name)\" is taken for the rate at peak, in calls a second")
        }
    }

    private mutating func tell(_ headings: [RateHeading], of table: Markdown.Table) {
        guard let peak else { return }
        for heading in headings {
            let name = heading.name.shown
            if heading.place != peak, heading.place != average {
                let why = heading.problem.map { "it \($0)" } ?? "\"\(table.header[peak].shown)\" gives the rate"
                remarks.append("the column \"\(name)\" is not read: \(why)")
                told.insert(heading.place)
            } else if !heading.strange.isEmpty {
                let words = heading.strange.joined(separator: " ").shown
                remarks.append("of the heading \"\(name)\", \"\(words)\" is left out")
            }
        }
        let known = Set(headings.map(\.place)).union([peak])
        for place in table.header.indices where !known.contains(place) {
            let name = table.header[place]
            guard RateHeading.resemblesRate(name), RateColumns.holdsNumbers(place, in: table) else { continue }
            remarks.append("the column \"\(name.shown)\" is not read as a rate: nothing knows its heading")
            told.insert(place)
        }
    }

    private static func holdsNumbers(_ place: Int, in table: Markdown.Table) -> Bool {
        table.rows.contains { Amount(Markdown.plain($0[place]), as: .rate) != nil }
    }
}
