/// A number as a document states it, with the precision at which it does.
package struct StatedNumber: Sendable, Equatable {
    /// The number as it is written: "1,400".
    package var text: String
    /// Its value.
    package var value: Double
    /// Half a unit of its last digit.
    package var halfUnit: Double

    /// What rounding in prose may hide besides the last digit: one part in a hundred.
    static let relativeTolerance = 0.01

    /// Reads "1,400", "0.05", "$194.40"; nil for anything else, and for what no rate or price could be.
    package init?(_ text: some StringProtocol) {
        let trimmed = text.drop { $0 == "$" || $0 == "~" || $0 == "≈" || $0 == "<" }
        let digits = String(trimmed.filter { $0 != "," })
        guard let first = digits.first, first.isASCII, first.isNumber, digits.count <= 18,
            digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let value = Double(digits)
        else { return nil }
        self.text = String(trimmed)
        self.value = value
        let decimals = digits.firstIndex(of: ".").map { digits[digits.index(after: $0)...].count } ?? 0
        var half = 0.5
        for _ in 0..<decimals { half /= 10 }
        halfUnit = half
    }

    /// What a cell gives as one amount: "250", "10 RPS", "1.5k" (1,500), "99.9%", and of "10-20" the upper end. Nil for what is
    /// no such amount, and for rates by the minute, the hour or the day: those are not calls a second.
    static func amount(_ cell: String) -> (value: Double, isRange: Bool)? {
        let lower = cell.lowercased()
        let longer = ["/min", "/h", "/d", "per min", "per h", "per d", "rpm", "a minute", "an hour", "a day"]
        guard !longer.contains(where: { lower.contains($0) }) else { return nil }
        var rest = cell[...]
        guard let first = takeAmount(from: &rest) else { return nil }
        var next = rest.drop { $0 == " " }
        let dash = next.first.map { "-–—".contains($0) } ?? false
        guard dash || next.hasPrefix("to ") || next.hasPrefix("..") else { return (first.value, false) }
        next = dash ? next.dropFirst() : next.dropFirst(2).drop { $0 == "." }
        next = next.drop { $0 == " " }
        guard let last = takeAmount(from: &next) else { return nil }
        // "1-2k" is a thousand to two thousand.
        let start =
            first.factor == 1 && last.factor > 1 && first.value < 1_000 ? first.value * last.factor : first.value
        return start <= last.value ? (last.value, true) : nil
    }

    private static func takeAmount(from text: inout Substring) -> (value: Double, factor: Double)? {
        let signs = text.prefix { "$~≈<".contains($0) }
        let digits = text[signs.endIndex...].prefix { $0.isNumber || $0 == "." || $0 == "," }
        // "10..20": the dots belong to the range.
        let end = digits.firstRange(of: "..")?.lowerBound ?? digits.endIndex
        guard let number = StatedNumber(text[..<end]) else { return nil }
        text = text[end...]
        let letters = text.drop { $0 == " " }.prefix { $0.isLetter }
        let unit = letters.lowercased()
        let factors: [Character: Double] = ["k": 1_000, "m": 1_000_000]
        guard let first = unit.first, let factor = factors[first],
            unit.count == 1 || isRate(String(unit.dropFirst())) || isRate(String(unit.dropFirst()) + "/s")
        else { return (number.value, 1) }
        // A small m is a minute, a metre or a million: nobody can tell.
        guard letters.first != "m" || unit.count > 1 else { return nil }
        text = text[text.index(letters.startIndex, offsetBy: 1)...]
        return (number.value * factor, factor)
    }

    /// Whether a reckoned number is what the document says, within its own rounding.
    package func agrees(with reckoned: Double) -> Bool {
        abs(reckoned - value) <= max(halfUnit * (1 + 1e-6), StatedNumber.relativeTolerance * max(value, reckoned))
    }

    /// Whether it is a reckoned number as plans round it, to two digits at least: 255.5 is planned as 260.
    package func rounds(_ reckoned: Double) -> Bool {
        var unit = 1.0
        while value / unit >= 100 { unit *= 10 }
        return agrees(with: reckoned) || value >= 10 && (reckoned / unit).rounded() * unit == value
    }

    /// The first number of a text that a unit follows: "1,400 QPS" in "Total: 1,400 QPS".
    package static func first(in text: String, unit: (String) -> Bool) -> StatedNumber? {
        let words = text.split { $0 == " " || $0 == "\t" }.map { Markdown.plain($0) }
        for (index, word) in words.enumerated().dropLast() {
            if let number = StatedNumber(word.drop { $0 == "(" }), unit(bare(words[index + 1])) { return number }
        }
        return nil
    }

    /// A word in lower case without the punctuation around it.
    package static func bare(_ word: some StringProtocol) -> String {
        let lower = word.lowercased()
        guard let first = lower.firstIndex(where: { $0.isLetter }), let last = lower.lastIndex(where: { $0.isLetter })
        else { return "" }
        return String(lower[first...last])
    }

    /// Whether a bare word is a unit of calls a second.
    package static func isRate(_ word: String) -> Bool {
        ["rps", "qps", "tps", "req/s", "calls/s", "requests/s", "ops/s"].contains(word)
    }
}
