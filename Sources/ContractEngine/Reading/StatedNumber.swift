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

    /// Whether a reckoned number is what the document says, within its own rounding.
    package func agrees(with reckoned: Double) -> Bool {
        abs(reckoned - value) <= max(halfUnit * (1 + 1e-6), StatedNumber.relativeTolerance * max(value, reckoned))
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
