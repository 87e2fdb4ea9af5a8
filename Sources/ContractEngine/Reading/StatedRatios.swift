/// Dollars that a line gives to its label: "- **Post-migration cost**: ~$1,058/month (63% of migration cost)".
package struct StatedAmount: Sendable {
    /// The label as it is written.
    package var label: String
    /// What tells it from other labels: its words without "cost", "total" and their like.
    package var words: Set<String>
    package var dollars: StatedDollars
    package var line: Int
    /// The line of the heading above; nil where there is none.
    package var heading: Int?
}

/// "$1,058/month": a number of dollars and what follows it.
package struct StatedDollars: Sendable {
    package var number: StatedNumber
    /// "month"; "" where nothing says for how long.
    package var per: String

    /// "$1,058/month".
    package var text: String { "$\(number.text)" + (per.isEmpty ? "" : "/\(per)") }
}

/// A share, a change or a factor that a line states beside the numbers that it is of.
package struct StatedRatio: Sendable {
    /// What it is of.
    package enum Basis: Sendable {
        /// "$1,058 (63% of migration cost)": of the amount that the document gives under that label.
        case share(StatedDollars, of: String)
        /// "$1,130 (vs $955) - 18% increase".
        case change(StatedDollars, from: StatedDollars)
        /// "100x (1.44 QPS → 1,400 QPS)".
        case factor(from: StatedNumber, to: StatedNumber)
        /// "60% (150 of 200)".
        case part(StatedNumber, of: StatedNumber)
    }

    package var stated: StatedNumber
    package var basis: Basis
    package var line: Int
}

extension StatedNumber {
    /// Whether this is `scale` times the quotient of two stated numbers, each of which may be rounded in its last digit.
    func agrees(with dividend: StatedNumber, over divisor: StatedNumber, minus whole: Double = 0, scale: Double) -> Bool
    {
        guard divisor.value > divisor.halfUnit else { return true }
        let bounds = [
            (dividend.value - dividend.halfUnit) / (divisor.value + divisor.halfUnit),
            (dividend.value + dividend.halfUnit) / (divisor.value - divisor.halfUnit),
        ].map { abs($0 - whole) * scale }
        let allowed = max(halfUnit, StatedNumber.relativeTolerance * value) + 1e-9
        return value >= (bounds.min() ?? 0) - allowed && value <= (bounds.max() ?? 0) + allowed
    }
}

/// Finds amounts and ratios in a line of prose.
struct RatioReader {
    private let text: String
    private let words: [String]

    /// Words of labels that do not tell one amount from another.
    private static let generic: Set = [
        "cost", "costs", "total", "estimated", "estimate", "monthly", "month", "price", "phase", "amount", "the", "of",
        "a",
        "spend", "overall", "expected", "approximate",
    ]

    init(_ text: String) {
        self.text = text
        words = text.split { " \t();".contains($0) }.map { Markdown.plain($0) }.filter { !$0.isEmpty }
    }

    static func words(of label: String) -> Set<String> { Set(NameStem.words(label)).subtracting(generic) }

    /// The amount of a labelled line whose text begins with it.
    func amount(line: Int, heading: Int?) -> StatedAmount? {
        guard let (label, rest) = Markdown.labelled(text), let first = rest.split(separator: " ").first,
            let dollars = RatioReader.dollars(String(first))
        else { return nil }
        return StatedAmount(
            label: label, words: RatioReader.words(of: label), dollars: dollars, line: line, heading: heading)
    }

    func ratios(line: Int) -> [StatedRatio] {
        [share, change, factor, part].compactMap(\.self).map { StatedRatio(stated: $0.0, basis: $0.1, line: line) }
    }

    private var amounts: [(place: Int, dollars: StatedDollars)] {
        words.enumerated().compactMap { place, word in RatioReader.dollars(word).map { (place, $0) } }
    }

    /// "$1,058/month (63% of migration cost)".
    private var share: (StatedNumber, StatedRatio.Basis)? {
        guard let first = amounts.first?.dollars, amounts.count == 1, let open = text.firstIndex(of: "("),
            let close = text[open...].firstIndex(of: ")")
        else { return nil }
        let inside = text[text.index(after: open)..<close].split(separator: " ").map(String.init)
        guard inside.count > 2, inside[1] == "of", let percent = RatioReader.percent(inside[0]) else { return nil }
        return (percent, .share(first, of: inside.dropFirst(2).joined(separator: " ")))
    }

    /// "$1,130/month (vs $955/month original) - 18% increase".
    private var change: (StatedNumber, StatedRatio.Basis)? {
        let found = amounts
        guard found.count == 2, found[0].dollars.per == found[1].dollars.per, found[1].place > 0,
            ["vs", "vs.", "versus", "against"].contains(words[found[1].place - 1].lowercased()),
            let place = words.indices.dropLast().first(where: { RatioReader.percent(words[$0]) != nil }),
            let percent = RatioReader.percent(words[place])
        else { return nil }
        let kinds = [
            "increase", "more", "higher", "decrease", "less", "lower", "cheaper", "reduction", "saving", "savings",
        ]
        guard kinds.contains(StatedNumber.bare(words[place + 1])) else { return nil }
        return (percent, .change(found[0].dollars, from: found[1].dollars))
    }

    /// "100x from baseline (1.44 QPS → 1,400 QPS)".
    private var factor: (StatedNumber, StatedRatio.Basis)? {
        let factors = words.compactMap { RatioReader.factor($0) }
        guard factors.count == 1, let arrow = words.firstIndex(where: { $0 == "→" || $0 == "->" }),
            arrow > 0, arrow + 1 < words.count, let to = StatedNumber(words[arrow + 1])
        else { return nil }
        let before = [arrow - 1, arrow - 2].filter { $0 >= 0 }.compactMap { StatedNumber(words[$0]) }
        return before.first.map { (factors[0], .factor(from: $0, to: to)) }
    }

    /// "60% (150 of 200)", "150 of 200 (60%)".
    private var part: (StatedNumber, StatedRatio.Basis)? {
        let percents = words.indices.filter { RatioReader.percent(words[$0]) != nil }
        guard percents.count == 1, let place = percents.first, let percent = RatioReader.percent(words[place]) else {
            return nil
        }
        for start in [place + 1, place - 3] where start >= 0 && start + 2 < words.count && words[start + 1] == "of" {
            guard let some = StatedNumber(words[start]), let all = StatedNumber(words[start + 2]),
                some.value <= all.value
            else { continue }
            return (percent, .part(some, of: all))
        }
        return nil
    }

    private static func percent(_ word: String) -> StatedNumber? {
        word.hasSuffix("%") && !word.hasPrefix("<") ? StatedNumber(word.dropLast()) : nil
    }

    /// "100x", "100×".
    private static func factor(_ word: String) -> StatedNumber? {
        word.last == "x" || word.last == "×" ? StatedNumber(word.dropLast()) : nil
    }

    /// "~$1,058/month"; nil for a range and for anything else.
    private static func dollars(_ word: String) -> StatedDollars? {
        let bare = word.drop { "~≈".contains($0) }
        guard bare.first == "$" else { return nil }
        let digits = bare.dropFirst().prefix { $0.isNumber || $0 == "," || $0 == "." }
        var number = String(digits)
        while let last = number.last, last == "," || last == "." { number.removeLast() }
        let rest = bare.dropFirst(1 + number.count).drop { ",.:".contains($0) }
        guard let value = StatedNumber(number), rest.isEmpty || rest.first == "/" else { return nil }
        return StatedDollars(number: value, per: StatedNumber.bare(rest))
    }
}
