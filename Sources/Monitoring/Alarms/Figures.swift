/// Numbers as people read them.
package enum Figures {
    /// With thousands apart and at most three places: 1,234.5; 0.083.
    package static func text(_ value: Double) -> String {
        guard value.isFinite, value.magnitude < 1e15 else { return "\(value)" }
        let thousandths = Int64((value.magnitude * 1_000).rounded())
        var text = grouped(thousandths / 1_000)
        var rest = thousandths % 1_000
        if rest > 0 {
            var digits = 3
            while rest.isMultiple(of: 10) {
                rest /= 10
                digits -= 1
            }
            let tail = String(rest)
            text += "." + String(repeating: "0", count: digits - tail.count) + tail
        }
        return value < 0 && thousandths > 0 ? "-" + text : text
    }

    /// Dollars and cents: $12.30.
    package static func dollars(_ value: Double) -> String {
        let cents = Int64((value * 100).rounded())
        let rest = cents % 100
        return "$\(grouped(cents / 100)).\(rest < 10 ? "0" : "")\(rest)"
    }

    private static func grouped(_ number: Int64) -> String {
        let digits = String(number)
        var text = ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return text
    }
}
