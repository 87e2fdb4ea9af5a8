/// What a bare number below a heading is worth.
struct RateUnit: Equatable {
    /// 60 for "per minute".
    var seconds = 1.0
    /// 1,000 for "thousands".
    var scale = 1.0
    /// Calls a second that a 1 is, its scale aside.
    var factor: Double { 1 / seconds }
}

/// A heading that gives a rate, by its words.
struct RateHeading {
    /// Of which rate it speaks.
    enum Role {
        case peak, average, plain
    }

    let name: String
    let place: Int
    private(set) var role = Role.plain
    /// "Expected" is the average beside a peak, and the one rate elsewhere.
    private(set) var isExpected = false
    /// Whether words alone make it a rate that stand above other things too: only numbers below it tell.
    private(set) var needsNumbers = false
    private(set) var unit = RateUnit()
    /// How many words it has besides its unit.
    private(set) var words = 0
    /// Words that nothing knows, and that are left out.
    private(set) var strange: [String] = []
    /// Why nobody can tell what a number below it is worth; nil where it is clear.
    private(set) var problem: String?

    private static let plainPeaks: Set = ["peak", "max", "maximum"]
    private static let otherPeaks: Set = [
        "peaks", "burst", "bursts", "highest", "high", "top", "maximal", "busiest", "worst", "spitze", "spitzen",
        "spitzenlast", "höchste", "höchstlast",
    ]
    private static let plainAverages: Set = ["average", "avg", "mean", "ø", "durchschnitt", "mittel"]
    private static let otherAverages: Set = [
        "steady", "sustained", "typical", "normal", "baseline", "base", "median", "usual", "usually",
        "normally", "typically", "regular", "grundlast",
        "normallast", "durchschnittlich", "mittlere",
    ]
    private static let highPercentiles: Set = ["p90", "p95", "p99", "p999"]
    private static let rateWords: Set = ["rate", "load", "traffic", "throughput", "last"]
    private static let otherWords: Set = [
        "and", "est", "estimate", "estimated", "expected", "at", "in", "per", "pro", "the", "of", "total", "frequency",
        "target", "state", "x", "s", "case", "on", "volume",
    ]
    private static let units: Set = ["rps", "qps", "tps", "wps", "rpm", "qpm", "tpm"]
    private static let scales: [String: Double] = [
        "k": 1_000, "thousand": 1_000, "thousands": 1_000, "tsd": 1_000, "000": 1_000, "000s": 1_000, "hundreds": 100,
        "mio": 1_000_000, "million": 1_000_000, "millions": 1_000_000, "mn": 1_000_000, "billion": 1_000_000_000,
        "billions": 1_000_000_000, "bn": 1_000_000_000, "lakh": 100_000, "lakhs": 100_000, "crore": 10_000_000,
        "crores": 10_000_000,
    ]
    /// Words above what is no rate.
    private static let otherThings: Set = [
        "size", "bytes", "byte", "kb", "mb", "hour", "hours", "time", "times", "item", "items", "latency", "ms", "cost",
        "price", "growth", "limit", "error", "errors", "date", "day", "days", "month", "users", "rows", "p99",
    ]

    private static let sizes: Set = ["gb", "tb", "gib", "mib", "kib", "row", "record", "records"]

    /// Nil for a heading that gives none.
    init?(_ name: String, at place: Int) {
        (self.name, self.place) = (name, place)
        let spelt = RateHeading.words(of: name)
        let period = RatePeriod(words: spelt)
        let own = Set(period.rest)
        // "Busiest moment (req/s)": calls in some time are a rate, whatever else the heading says.
        let saysCalls = period.seconds != nil && !period.isPerOther && !own.isDisjoint(with: RatePeriod.kinds)
        let isUnit =
            !Self.units.isDisjoint(with: spelt) || saysCalls && own.isDisjoint(with: Self.otherThings.union(Self.sizes))
        let saysPeak = !own.isDisjoint(with: Self.plainPeaks)
        let saysAverage = !own.isDisjoint(with: Self.plainAverages)
        let other = Self.otherPeaks.union(Self.otherAverages)
        let hasRate = period.seconds != nil && !period.isPerOther || !own.isDisjoint(with: Self.rateWords)
        let isNamed = isUnit || hasRate || saysPeak || saysAverage
        // Of "busiest second (req/s)" the unit is told: the second is when.
        strange = period.rest.filter { !Self.isKnown($0) && (period.seconds == nil || !RatePeriod.isTime($0)) }
        isExpected = own.contains("expected")
        needsNumbers = !isNamed
        guard !name.isEmpty, isUnit || strange.isEmpty && (isNamed || isExpected || !own.isDisjoint(with: other))
        else { return nil }
        if saysPeak || !own.isDisjoint(with: Self.otherPeaks.union(Self.highPercentiles)) {
            role = .peak
        } else if saysAverage || !own.isDisjoint(with: Self.otherAverages.union(["p50"])) {
            role = .average
        }
        words = period.rest.count
        unit.seconds = period.seconds ?? 1
        takeScale(period.rest)
        if period.isPerOther { problem = "gives a rate for each of something, and not that of all calls" }
    }

    /// What stands above numbers that are a rate by its words, though its words are not known as those of one.
    static func resemblesRate(_ name: String) -> Bool {
        let words = Set(words(of: name))
        let all = rateWords.union(plainPeaks).union(otherPeaks).union(plainAverages).union(otherAverages)
        return !words.isDisjoint(with: all) && words.isDisjoint(with: otherThings)
    }

    /// Whether a rate is one for each of something that is no time: "peak per user".
    static func isPerOther(_ name: String) -> Bool { RatePeriod(words: words(of: name)).isPerOther }

    private static func isKnown(_ word: String) -> Bool {
        let roles = [plainPeaks, otherPeaks, plainAverages, otherAverages, highPercentiles, rateWords, otherWords]
        return roles.contains { $0.contains(word) } || RatePeriod.kinds.contains(word) || scales[word] != nil
            || word == "p50" || word == "m" || multiplier(word) != nil
    }

    /// "kRPS" is "k" and "rps"; "M" is a million, and "m" may be anything.
    private static func words(of name: String) -> [String] {
        var spelt = name.replacing("/", with: " per ").replacing("×", with: " x")
        for sign in ["Ø", "⌀", "∅"] { spelt = spelt.replacing(sign, with: " ø ") }
        let words = spelt.split { !$0.isLetter && !$0.isNumber }.flatMap { token -> [String] in
            let word = token.lowercased()
            if token == "M" || token == "MM" { return ["million"] }
            guard let first = token.first, "kKmM".contains(first), units.contains(String(word.dropFirst())) else {
                return [word]
            }
            return [first == "M" ? "million" : first.lowercased(), String(word.dropFirst())]
        }
        // "Peak/Avg" names two rates; nothing comes for each average.
        let roles = plainPeaks.union(otherPeaks).union(plainAverages).union(otherAverages)
        return words.indices.filter { words[$0] != "per" || $0 + 1 == words.count || !roles.contains(words[$0 + 1]) }
            .map { words[$0] }
    }

    /// The number of "x100", "100x" and "1000s"; nil for any other word.
    private static func multiplier(_ word: String) -> Double? {
        let isPlural = word.hasSuffix("s")
        guard isPlural || word.hasPrefix("x") || word.hasSuffix("x") else { return nil }
        let digits = word.hasPrefix("x") ? word.dropFirst() : word.dropLast()
        guard (1...9).contains(digits.count), digits.allSatisfy(Numeral.isDigit), let value = Double(digits), value > 0,
            !isPlural || ["100", "1000", "10000", "100000", "1000000"].contains(digits)
        else { return nil }
        return value
    }

    private mutating func takeScale(_ words: [String]) {
        var found: [Double] = []
        for (place, word) in words.enumerated() {
            let before = place > 0 ? words[place - 1] : ""
            let number = word.allSatisfy(Numeral.isDigit) ? Double(word) : nil
            if let scale = Self.scales[word] ?? Self.multiplier(word) {
                found.append(scale)
            } else if let number, number > 0, before == "x" || before == "in" {
                found.append(number)
                strange.removeAll { $0 == word }
            } else if word == "m" || word == "x" && place == words.count - 1 {
                problem = "has \"\(word)\", of which nobody can tell how many it is"
            } else if let number, !(1_900...2_100).contains(number) {
                problem = "has the number \(word.shown), of which nobody can tell what it does"
            }
        }
        if found.count > 1 { problem = "names several units to count in" }
        if let scale = found.first { unit.scale = scale }
    }
}
