/// A number as people of several countries write it: "1,500", "0,5", "1.500,5", "1 500", "1'500", "2e3".
///
/// A comma in front of three digits parts thousands, as in English; any other single comma is the decimal sign. A point is the
/// decimal sign, unless there are several or a comma follows. Spaces, apostrophes and underscores part thousands.
struct Numeral: Sendable, Equatable {
    var value: Double
    /// Half a unit of its last digit.
    var halfUnit: Double
    /// Which of its possible meanings was taken; nil where there is one only.
    var reading: Reading?

    /// A meaning that was taken.
    enum Reading: Sendable, Hashable {
        case decimalComma
        /// "1,500": clear, unless the document has decimal commas elsewhere.
        case thousandsComma
        /// "1.500": a decimal point, which another country takes for thousands.
        case pointBeforeThreeDigits
        case thousandsPoints
        case thousandsSpaces

        /// What was concluded; nil where nothing had to be.
        var guess: String? {
            switch self {
            case .decimalComma: "its comma is taken for the decimal sign"
            case .thousandsComma: nil
            case .pointBeforeThreeDigits: "its point is taken for the decimal sign, not for thousands"
            case .thousandsPoints: "its points are taken for thousands"
            case .thousandsSpaces: "its spaces are taken for thousands"
            }
        }

        /// Whether it means something else in a document that writes decimals with a comma.
        var isOpenBesideDecimalCommas: Bool { self == .thousandsComma || self == .pointBeforeThreeDigits }
    }

    /// What stands between digits.
    enum Separator: Hashable {
        case comma, point, space, narrowSpace, apostrophe, underscore

        init?(_ character: Character) {
            switch character {
            case ",": self = .comma
            case ".": self = .point
            case " ": self = .space
            case "\u{A0}", "\u{2007}", "\u{2009}", "\u{202F}": self = .narrowSpace
            case "'", "\u{2019}": self = .apostrophe
            case "_": self = .underscore
            default: return nil
            }
        }

        var isMark: Bool { self == .comma || self == .point }
    }

    /// More digits than this no rate, size or price has.
    private static let mostDigits = 18
    private static let largestExponent = 15

    /// Nil for what is no number, or none that can be read in one way.
    init?(_ text: some StringProtocol) {
        guard text.utf8.count <= 64 else { return nil }
        var body = Substring(text)
        var exponent = 0
        if let sign = body.firstIndex(where: { $0 == "e" || $0 == "E" }) {
            guard let power = Int(body[body.index(after: sign)...]), abs(power) <= Numeral.largestExponent else {
                return nil
            }
            (exponent, body) = (power, body[..<sign])
        }
        var groups = [""]
        var separators: [Separator] = []
        for character in body {
            if Numeral.isDigit(character) {
                groups[groups.count - 1].append(character)
            } else if let separator = Separator(character) {
                separators.append(separator)
                groups.append("")
            } else {
                return nil
            }
        }
        guard (1...Numeral.mostDigits).contains(groups.reduce(0) { $0 + $1.count }),
            let meaning = Numeral.meaning(separators, groups)
        else { return nil }
        let decimals = meaning.hasDecimals ? groups.removeLast() : ""
        let digits = groups.joined()
        guard let value = Double("\(digits.isEmpty ? "0" : digits).\(decimals.isEmpty ? "0" : decimals)e\(exponent)"),
            let half = Double("0.5e\(exponent - decimals.count)")
        else { return nil }
        self.value = value
        halfUnit = half
        reading = meaning.reading
    }

    static func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }

    /// Whether the last of the groups holds decimals.
    private static func meaning(
        _ separators: [Separator], _ groups: [String]
    ) -> (hasDecimals: Bool, reading: Reading?)? {
        guard let last = separators.last else { return (false, nil) }
        let others = Set(separators.dropLast())
        if last.isMark, others.isEmpty { return single(last, before: groups[0], after: groups[1]) }
        if last.isMark, !others.contains(last) {
            guard others.count == 1, areThousands(groups.dropLast()), groups.last?.isEmpty == false else { return nil }
            if last == .comma { return (true, .decimalComma) }
            return (true, others.contains(.space) ? .thousandsSpaces : nil)
        }
        guard others.isSubset(of: [last]), areThousands(groups[...]) else { return nil }
        switch last {
        case .point: return (false, .thousandsPoints)
        case .space: return (false, .thousandsSpaces)
        case .comma, .narrowSpace, .apostrophe, .underscore: return (false, nil)
        }
    }

    private static func single(
        _ mark: Separator, before: String, after: String
    ) -> (hasDecimals: Bool, reading: Reading?)? {
        let mayBeThousands = areThousands([before, after])
        if mark == .comma {
            if after.isEmpty { return nil }
            return mayBeThousands ? (false, .thousandsComma) : (true, .decimalComma)
        }
        guard !before.isEmpty || !after.isEmpty else { return nil }
        return (true, mayBeThousands ? .pointBeforeThreeDigits : nil)
    }

    /// One to three digits that do not begin with 0, and then threes.
    private static func areThousands(_ groups: ArraySlice<String>) -> Bool {
        guard let first = groups.first, (1...3).contains(first.count), first.first != "0" else { return false }
        return groups.dropFirst().allSatisfy { $0.count == 3 }
    }
}
