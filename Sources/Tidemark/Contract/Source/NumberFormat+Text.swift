internal import ContractModel

extension NumberFormat.Shape {
    /// The number in this shape.
    func text(of number: ExactDecimal) -> String {
        var places = max(number.scale, leastFractionDigits)
        if let most = mostFractionDigits { places = min(places, most) }
        let rounded = number.rounded(to: places)
        let parts = rounded.text.drop { $0 == "-" }.split(separator: ".")
        var whole = String(parts[0])
        var fraction = parts.count > 1 ? String(parts[1]) : ""
        let width = leastIntegerDigits - (countsSign && rounded.isNegative ? 1 : 0)
        whole = String(repeating: "0", count: max(0, width - whole.count)) + whole
        while fraction.count > leastFractionDigits, fraction.last == "0" { fraction.removeLast() }
        if groupsThousands { whole = Self.grouped(whole) }
        let sign = rounded.isNegative ? "-" : ""
        return prefix + sign + whole + (fraction.isEmpty ? "" : "." + fraction) + suffix
    }

    /// The number that a text of this shape is; nil for other text.
    func number(in text: String) -> ExactDecimal? {
        guard text.hasPrefix(prefix), text.hasSuffix(suffix), text.count >= prefix.count + suffix.count else {
            return nil
        }
        let body = text.dropFirst(prefix.count).dropLast(suffix.count)
        return ExactDecimal(groupsThousands ? body.filter { $0 != "," } : String(body))
    }

    private static func grouped(_ whole: String) -> String {
        var text = ""
        for (place, digit) in whole.reversed().enumerated() {
            if place > 0, place % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }
}
