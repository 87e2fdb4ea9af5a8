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
        var written = Substring(text).drop { $0 == "$" || $0 == "~" || $0 == "≈" || $0 == "<" }
        while let last = written.last, ",;:".contains(last) { written.removeLast() }
        guard let first = written.first, Numeral.isDigit(first), !written.contains(where: \.isLetter),
            let numeral = Numeral(written)
        else { return nil }
        self.text = String(written)
        value = numeral.value
        halfUnit = numeral.halfUnit
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
        all(in: text, atMost: 1, unit: unit).first
    }

    /// The numbers of a text that a unit follows.
    static func all(in text: String, atMost most: Int = .max, unit: (String) -> Bool) -> [StatedNumber] {
        let words = text.split { $0 == " " || $0 == "\t" }.map { Markdown.plain($0) }
        var found: [StatedNumber] = []
        for (index, word) in words.enumerated().dropLast() where found.count < most {
            guard let number = StatedNumber(word.drop { $0 == "(" }), unit(bare(words[index + 1])) else { continue }
            // "1 400 QPS": digits in front of three others are its thousands.
            guard index > 0, word.count == 3, let whole = StatedNumber("\(words[index - 1]) \(word)") else {
                found.append(number)
                continue
            }
            found.append(whole)
        }
        return found
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
