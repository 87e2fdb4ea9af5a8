/// One amount as a cell of a table or a value of a tree gives it: "250", "10 RPS", "1.5k", "600/min", "99.9%", and of "10-20"
/// the upper end.
struct Amount: Sendable {
    /// What is measured, which decides what a unit may be.
    enum Quantity {
        /// Calls a second.
        case rate
        case milliseconds
        /// A percentage or a share of 1.
        case share
        case count
    }

    var value: Double
    /// What was concluded, each as half a sentence; empty where the text has one meaning only.
    var guesses: [String] = []
    /// How its numbers were read, where they could be read otherwise.
    var readings: [Numeral.Reading] = []

    /// Longer cells hold more than an amount.
    private static let longest = 200

    /// Nil for what is no amount, or none that can be read in one way.
    ///
    /// - Parameter unit: what a bare number is worth by its column's heading: 1/60 below "per minute".
    /// - Parameter scale: in what its column counts: 1,000 below "thousands"; a number with a unit of its own is that already.
    init?(_ cell: some StringProtocol, as quantity: Quantity, unit: Double = 1, scale: Double = 1) {
        guard cell.utf8.count <= Amount.longest else { return nil }
        let (text, bracketed) = Amount.parts(Amount.unescaped(cell))
        var scanner = AmountScanner(text, quantity)
        value = 0
        guard let number = scanner.takeNumber() else { return nil }
        value = number
        let trailing = AmountTrailer(scanner.rest, bracketed: bracketed, quantity, unit: unit)
        guard let trailing else { return nil }
        readings = scanner.readings
        value *= trailing.factor
        let isScaled = scale != 1 && !scanner.hasFactor && !trailing.hasOwnTime
        if isScaled { value *= scale }
        var told: Set<String> = []
        var scales: [String] = []
        if isScaled {
            scales = ["its heading counts in units of \(Figures.whole(scale))"]
        } else if scale != 1 {
            scales = ["it has a unit of its own, and that of its heading is left out"]
        }
        guesses = (scanner.readings.compactMap(\.guess) + scanner.guesses + scales + trailing.guesses).filter {
            told.insert($0).inserted
        }
    }

    private static func unescaped(_ cell: some StringProtocol) -> String {
        var text = String(cell)
        for (entity, character) in [("&nbsp;", "\u{A0}"), ("&lt;", "<"), ("&gt;", ">")] where text.contains("&") {
            text = text.replacing(entity, with: character)
        }
        return text.trimmed
    }

    /// What stands outside brackets and what inside them.
    private static func parts(_ text: String) -> (outside: String, inside: String) {
        var (outside, inside) = ("", "")
        var depth = 0
        for character in text {
            switch character {
            case "(", "[": depth += 1
            case ")", "]": depth = max(0, depth - 1)
            default: if depth == 0 { outside.append(character) } else { inside.append(character) }
            }
        }
        return (outside.trimmed, inside)
    }
}

/// Reads the number in front, with what is written around it: "up to 1.5k", "10 – 20".
private struct AmountScanner {
    private(set) var rest: Substring
    private(set) var readings: [Numeral.Reading] = []
    private(set) var guesses: [String] = []
    /// Whether "k" or its like follows a number.
    private(set) var hasFactor = false
    private let quantity: Amount.Quantity

    private static let near = ["~", "≈", "about", "approximately", "approx.", "approx", "around", "circa", "ca.", "ca"]
    private static let upper = ["<=", "<", "≤", "up to", "at most", "under", "below", "maximum", "max.", "max"]
    private static let lower = [">=", ">", "≥", "at least", "over", "above", "minimum", "min.", "min"]

    init(_ text: String, _ quantity: Amount.Quantity) {
        rest = text[...]
        self.quantity = quantity
        while rest.first == "_" { rest.removeFirst() }
        while rest.last == "_" { rest.removeLast() }
    }

    /// The number, of a range the upper end; nil where there is none that can be read.
    mutating func takeNumber() -> Double? {
        takeBounds()
        guard let first = takeFactored() else { return nil }
        let before = rest
        guard takeRangeSign() else { return first.value }
        takeBounds()
        guard let last = takeFactored() else {
            // "250 - at noon" is a remark, "250-" is cut off.
            rest = before
            return before.drop { !$0.isLetter }.isEmpty ? nil : first.value
        }
        // "1-2k" is a thousand to two thousand.
        let isShort = first.factor == 1 && last.factor > 1 && first.value < 1_000
        let start = isShort ? first.value * last.factor : first.value
        guard start <= last.value else { return nil }
        guesses.append("of its range the upper end counts")
        return last.value
    }

    private mutating func takeBounds() {
        skipSpaces()
        while take(AmountScanner.near) { skipSpaces() }
        // "< 10 ms" and "> 99.9%" are how such things are promised.
        let isOpen = quantity == .rate || quantity == .count
        if take(AmountScanner.upper) {
            if isOpen { guesses.append("the bound that it names counts") }
        } else if take(AmountScanner.lower), isOpen {
            guesses.append("it may be more")
        }
        skipSpaces()
    }

    private mutating func take(_ words: [String]) -> Bool {
        for word in words where rest.prefix(word.count).lowercased() == word {
            let after = rest.dropFirst(word.count)
            if word.last?.isLetter == true, after.first?.isLetter == true { continue }
            rest = after
            return true
        }
        return false
    }

    private mutating func takeRangeSign() -> Bool {
        var next = rest.drop { $0.isWhitespace }
        if let sign = next.first, "-–—‒−…".contains(sign) {
            next = next.dropFirst()
        } else if next.hasPrefix("to ") || next.hasPrefix("..") {
            next = next.dropFirst(2).drop { $0 == "." }
        } else {
            return false
        }
        rest = next
        return true
    }

    private mutating func skipSpaces() { rest = rest.drop { $0.isWhitespace } }

    private mutating func takeFactored() -> (value: Double, factor: Double)? {
        guard let numeral = takeNumeral(), let factor = takeFactor() else { return nil }
        if let reading = numeral.reading { readings.append(reading) }
        if factor != 1 { hasFactor = true }
        return (numeral.value * factor, factor)
    }

    private mutating func takeNumeral() -> Numeral? {
        var end = rest.startIndex
        while end < rest.endIndex {
            let after = rest[rest.index(after: end)...]
            if Numeral.isDigit(rest[end]) {
                end = after.startIndex
            } else if let separator = Numeral.Separator(rest[end]), isInside(separator, after) {
                end = after.startIndex
            } else {
                break
            }
        }
        if end > rest.startIndex, end < rest.endIndex, rest[end] == "e" || rest[end] == "E" {
            let power = rest[rest.index(after: end)...]
            let digits = power.dropFirst(power.first == "-" || power.first == "+" ? 1 : 0).prefix(
                while: Numeral.isDigit)
            if !digits.isEmpty { end = digits.endIndex }
        }
        guard let numeral = Numeral(rest[..<end]) else { return nil }
        rest = rest[end...]
        return numeral
    }

    /// Whether digits go on after a separator: after a space only three at a time, since two numbers may stand side by side.
    private func isInside(_ separator: Numeral.Separator, _ after: Substring) -> Bool {
        let digits = after.prefix(while: Numeral.isDigit).count
        return separator.isMark || separator == .underscore ? digits > 0 : digits == 3
    }

    /// What "k", "M" or "thousand" makes of the number; nil where nobody can tell what the letters mean.
    private mutating func takeFactor() -> Double? {
        guard quantity == .rate || quantity == .count else { return 1 }
        let next = rest.drop { $0.isWhitespace }
        let letters = next.prefix { $0.isLetter }
        let word = letters.lowercased()
        if let factor = AmountScanner.scales[word] ?? (letters == "B" ? 1_000_000_000 : nil) {
            rest = next[letters.endIndex...]
            // "2 hundred thousand".
            return takeFactor().map { $0 * factor }
        }
        // A small b may be bytes, and of the others nobody knows how many they are.
        guard word != "b", !AmountScanner.isUnknownScale(word) else { return nil }
        let unit = String(word.dropFirst())
        guard let first = letters.first, "kKmMB".contains(first), unit.isEmpty || isUnit(unit) else { return 1 }
        // A small m is a minute, a metre or a million: nobody can tell.
        guard first != "m" else { return nil }
        rest = next.dropFirst()
        return first == "B" ? 1_000_000_000 : first == "M" ? 1_000_000 : 1_000
    }

    private static let scales: [String: Double] = [
        "dozen": 12, "hundred": 100, "hundreds": 100, "k": 1_000, "tsd": 1_000, "tausend": 1_000, "thousand": 1_000,
        "thousands": 1_000, "lakh": 100_000, "lakhs": 100_000, "lac": 100_000, "lacs": 100_000, "million": 1_000_000,
        "millions": 1_000_000, "mio": 1_000_000, "mn": 1_000_000, "mln": 1_000_000, "mill": 1_000_000,
        "crore": 10_000_000, "crores": 10_000_000, "billion": 1_000_000_000, "billions": 1_000_000_000,
        "bn": 1_000_000_000, "bln": 1_000_000_000, "mrd": 1_000_000_000, "milliarden": 1_000_000_000,
        "trillion": 1_000_000_000_000, "trillions": 1_000_000_000_000, "tn": 1_000_000_000_000,
    ]

    /// Words for numbers that are not told apart from those above by everybody: "zillion", "score".
    private static func isUnknownScale(_ word: String) -> Bool {
        let stem = word.hasSuffix("s") ? String(word.dropLast()) : word
        return stem.hasSuffix("illion") || stem.hasSuffix("illiard") || stem.hasSuffix("illionen")
            || ["score", "gross", "myriad", "wan", "cr", "grand", "lot", "ton"].contains(stem)
    }

    private func isUnit(_ word: String) -> Bool {
        let period = RatePeriod(word)
        return period.seconds != nil || RatePeriod.kinds.contains(word)
    }
}

/// What follows a number: its unit, and words that are left out.
private struct AmountTrailer {
    /// What the unit makes of the number.
    private(set) var factor = 1.0
    /// Whether it says for what time the rate is.
    private(set) var hasOwnTime = false
    private(set) var guesses: [String] = []

    /// Words beside a number that change nothing.
    private static let remarks = RatePeriod.kinds.union([
        "peak", "avg", "average", "max", "maximum", "total", "sustained", "burst", "item", "items", "approx", "about",
        "approximately", "x", "times", "percent", "at", "in", "of",
    ])
    private static let milliseconds: [String: Double] = [
        "ms": 1, "msec": 1, "millis": 1, "millisecond": 1, "milliseconds": 1, "s": 1_000, "sec": 1_000,
        "second": 1_000, "seconds": 1_000, "us": 0.001, "µs": 0.001, "μs": 0.001,
    ]

    /// Nil where what follows holds another number, or a unit that the quantity cannot have.
    init?(_ text: Substring, bracketed: String, _ quantity: Amount.Quantity, unit: Double) {
        let signs: Set<Character> = [".", ",", ";", ":", "!", "?", "'", "\"", "-", "–", "/", "+", "µ"]
        for character in text where !character.isLetter && !character.isWhitespace && !signs.contains(character) {
            guard character == "%", quantity == .share else { return nil }
        }
        if text.first == "+" { guesses.append("it may be more") }
        if bracketed.contains(where: \.isNumber) { guesses.append("what stands in brackets is left out") }
        switch quantity {
        case .rate: guard readRate(text, bracketed, unit) else { return nil }
        case .milliseconds: guard readTime(text, bracketed, unit) else { return nil }
        case .share, .count:
            factor = unit
            let period = RatePeriod(text)
            guard period.seconds == nil else { return nil }
            leaveOut(period.rest)
        }
    }

    private mutating func readRate(_ text: Substring, _ bracketed: String, _ unit: Double) -> Bool {
        let period = RatePeriod(text)
        guard !period.isPerOther, !period.rest.contains(where: RatePeriod.isTime),
            !AmountTrailer.goesOnWithLetters(text, period)
        else { return false }
        let own = period.seconds ?? RatePeriod(bracketed).seconds
        factor = own.map { 1 / $0 } ?? unit
        hasOwnTime = own != nil
        let seconds = own ?? (1 / unit).rounded()
        if seconds > 1 {
            guesses.append("it is given by \(RatePeriod.name(seconds)), and taken to come evenly")
        }
        leaveOut(period.rest)
        return true
    }

    /// "1oo": letters that follow a digit at once and are no unit, so that nobody can tell what the number is. Before a time, as in
    /// "30hits/s", they may say what is counted, unless they look like digits.
    private static func goesOnWithLetters(_ text: Substring, _ period: RatePeriod) -> Bool {
        guard let word = period.rest.first, text.lowercased().hasPrefix(word), !remarks.contains(word),
            !["r", "w", "q", "t"].contains(word)
        else { return false }
        return period.seconds == nil || word.allSatisfy("oil".contains)
    }

    private mutating func readTime(_ text: Substring, _ bracketed: String, _ unit: Double) -> Bool {
        let words = text.lowercased().split { !$0.isLetter && $0 != "µ" }.map(String.init)
        guard let first = words.first else {
            factor = unit
            return true
        }
        factor = AmountTrailer.milliseconds[first] ?? unit
        guard !["min", "m", "minute", "minutes", "h", "hour", "hours"].contains(first) else { return false }
        leaveOut(AmountTrailer.milliseconds[first] == nil ? words : Array(words.dropFirst()))
        return true
    }

    private mutating func leaveOut(_ words: [String]) {
        let unknown = words.filter { !AmountTrailer.remarks.contains($0) }
        if !unknown.isEmpty { guesses.append("\"\(unknown.joined(separator: " ").shown)\" beside it is left out") }
    }
}

/// An amount of a document that could be read otherwise, and what it is.
struct ReadAmount: Sendable {
    /// "the rate of AP1".
    var what: String
    /// As it is written.
    var text: String
    var amount: Amount
    /// Where it stands by itself; nil for a cell, which stands where its row does.
    var position: Position?

    /// Nil for an amount that has one meaning only.
    init?(_ amount: Amount, _ what: String, _ text: String, at position: Position? = nil) {
        guard !amount.guesses.isEmpty || !amount.readings.isEmpty else { return nil }
        self.position = position
        (self.what, self.text, self.amount) = (what.shown, text.trimmed.shown, amount)
    }

    /// What was concluded, as a sentence without its end; nil where nothing was.
    var guess: String? {
        guard !amount.guesses.isEmpty else { return nil }
        let reasons = amount.guesses.joined(separator: ", ")
        return "\(what), \"\(text)\", is read as \(Figures.exact(amount.value)): \(reasons)"
    }
}
