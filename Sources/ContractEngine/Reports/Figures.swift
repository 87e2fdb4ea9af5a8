/// Numbers as people read them: three or four figures that matter, thousands parted.
package enum Figures {
    /// "3,246", "770.2", "0.05", "1,000,000".
    package static func short(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        let magnitude = abs(value)
        if magnitude >= 1000 { return grouped(value, decimals: 0) }
        if magnitude >= 100 { return trimmed(grouped(value, decimals: 1)) }
        if magnitude >= 1 { return trimmed(grouped(value, decimals: 2)) }
        return magnitude == 0 ? "0" : trimmed(grouped(value, decimals: 4))
    }

    /// Whole above ten, as rates and units are told in a sentence: "770", "9.5", "0.05".
    package static func whole(_ value: Double) -> String {
        abs(value) >= 10 ? grouped(value, decimals: 0) : short(value)
    }

    /// Every figure down to a millionth: "1,500.25".
    package static func exact(_ value: Double) -> String {
        value.isFinite ? trimmed(grouped(value, decimals: 6)) : "–"
    }

    /// "$5,161", "$12.40", "$0.03".
    package static func dollars(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        return "$" + grouped(value, decimals: abs(value) >= 1000 ? 0 : 2)
    }

    /// "79%", "0.4%".
    package static func percent(_ share: Double) -> String {
        guard share.isFinite else { return "–" }
        let percent = share * 100
        return grouped(percent, decimals: percent != 0 && abs(percent) < 10 ? 1 : 0) + "%"
    }

    /// Whatever a Double holds above this is not parted into thousands: it is no rate and no price.
    private static let largestGrouped = 1e15

    private static func grouped(_ value: Double, decimals: Int) -> String {
        guard abs(value) < largestGrouped else { return value.description }
        var scale: Double = 1
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int64((abs(value) * scale).rounded())
        let digits = String(scaled / Int64(scale))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0 && (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        if decimals > 0 {
            let fraction = String(scaled % Int64(scale))
            text += "." + String(repeating: "0", count: decimals - fraction.count) + fraction
        }
        return value < 0 && scaled != 0 ? "-" + text : text
    }

    private static func trimmed(_ text: String) -> String {
        guard text.contains(".") else { return text }
        var trimmed = text[...]
        while trimmed.last == "0" { trimmed = trimmed.dropLast() }
        if trimmed.last == "." { trimmed = trimmed.dropLast() }
        return String(trimmed)
    }

    /// "AP6, AP9 and AP18".
    package static func list(_ names: [String]) -> String {
        guard let last = names.last, names.count > 1 else { return names.first ?? "" }
        return names.dropLast().joined(separator: ", ") + " and " + last
    }
}
