/// The ids of access patterns as teams write them: "AP11", "11", "#11", "**AP11**", "Pattern #11", "AP12-14".
package enum PatternID {
    /// More ids than this in one range is a slip of the pen ("AP1-2024"), not a range.
    static let largestRange = 999
    /// More ids than this in one text are not read: no document needs them, and a hostile one could.
    static let mostIDs = 9_999

    /// More ids than this in a document are not read: its ranges would take more room than the document itself.
    static let mostInDocument = 200_000

    /// The canonical form of a cell that holds one id, or the text itself where it is no number: "GetBook".
    package static func canonical(_ text: String) -> String {
        let plain = Markdown.plain(text)
        let ids = expand(plain)
        return ids.count == 1 ? ids[0] : plain
    }

    /// The ids of a cell that holds nothing else: "AP12-14" gives three. Empty where the text is anything else.
    package static func expand(_ cell: String) -> [String] {
        var ids: [String] = []
        for part in Markdown.plain(cell).split(separator: ",") {
            var scanner = IDScanner(part)
            scanner.skipSpaces()
            guard let found = scanner.takeIDs(bareNumbers: true) else { return [] }
            scanner.skipSpaces()
            guard scanner.isAtEnd else { return [] }
            ids += found
            guard ids.count <= mostIDs else { return [] }
        }
        return ids
    }

    /// Whether a text has the form of a range and names more ids than a range has: "AP1-999999999".
    static func isTooWide(_ text: String) -> Bool {
        let ends = text.replacing(" to ", with: "-").split { "-–—".contains($0) }.map(\.trimmed)
        guard text.utf8.count < 100, ends.count == 2, let first = expand(ends[0]).first else { return false }
        let digits = ends[1].drop { !Numeral.isDigit($0) }
        let prefix = ends[1].dropLast(digits.count).lowercased()
        guard ["", "ap", "#", "pattern ", "pattern #"].contains(prefix), digits.allSatisfy(Numeral.isDigit),
            let low = Int(first.dropFirst(2))
        else { return false }
        return Int(digits).map { $0 - low > largestRange } ?? true
    }

    /// "AP8, AP12-14" of AP8, AP12, AP13 and AP14; other ids as they are.
    package static func ranges(_ ids: [String]) -> String {
        var parts: [(first: Int, last: Int)] = []
        var others: [String] = []
        for id in ids {
            guard id.hasPrefix("AP"), let number = Int(id.dropFirst(2)) else {
                others.append(id)
                continue
            }
            if let last = parts.last, last.last + 1 == number {
                parts[parts.count - 1].last = number
            } else {
                parts.append((number, number))
            }
        }
        let told = parts.map { part in
            part.last - part.first > 1
                ? "AP\(part.first)-\(part.last)"
                : (part.first...part.last).map { "AP\($0)" }.joined(separator: ", ")
        }
        return (told + others).joined(separator: ", ")
    }

    /// Every id that stands in running text: "AP8, AP10-18 (product operations)". Bare numbers are not ids there.
    package static func all(in text: String) -> [String] {
        var ids: [String] = []
        var known: Set<String> = []
        var taken = 0
        var scanner = IDScanner(text[...])
        while !scanner.isAtEnd && taken <= mostIDs {
            if let found = scanner.takeIDs(bareNumbers: false) {
                taken += found.count
                for id in found where known.insert(id).inserted { ids.append(id) }
            } else {
                scanner.advance()
            }
        }
        return ids
    }
}

/// Reads ids from a text, one place after the other.
private struct IDScanner {
    private let characters: [Character]
    private var index = 0

    init(_ text: Substring) { characters = Array(text) }

    var isAtEnd: Bool { index >= characters.count }

    mutating func advance() { index += 1 }

    mutating func skipSpaces() { while peek == " " { index += 1 } }

    /// An id or a range of ids at this place; stays where it is when there is none.
    mutating func takeIDs(bareNumbers: Bool) -> [String]? {
        let start = index
        guard let first = takeNumber(prefixed: !bareNumbers) else {
            index = start
            return nil
        }
        let afterFirst = index
        skipSpaces()
        if takeRangeSign() {
            skipSpaces()
            if let last = takeNumber(prefixed: false), last > first, last - first <= PatternID.largestRange {
                return (first...last).map { "AP\($0)" }
            }
        }
        index = afterFirst
        return ["AP\(first)"]
    }

    /// Takes a dash, or the word "to" or "through".
    private mutating func takeRangeSign() -> Bool {
        if let dash = peek, "-–—".contains(dash) {
            index += 1
            return true
        }
        for word in ["to ", "through "] where matches(word) {
            index += word.count
            return true
        }
        return false
    }

    private var peek: Character? { index < characters.count ? characters[index] : nil }

    private mutating func takeNumber(prefixed: Bool) -> Int? {
        let hadPrefix = takePrefix()
        guard hadPrefix || !prefixed else { return nil }
        var digits = ""
        while let digit = peek, digit.isASCII, digit.isNumber, digits.count < 9 {
            digits.append(digit)
            index += 1
        }
        if let next = peek, next.isLetter || next.isNumber || next == "_" { return nil }
        return Int(digits)
    }

    /// Takes "AP", "AP-", "Pattern #", "#" or nothing.
    private mutating func takePrefix() -> Bool {
        if index > 0, let before = Optional(characters[index - 1]), before.isLetter || before.isNumber { return false }
        var taken = false
        for word in ["pattern", "ap"] where matches(word) {
            index += word.count
            taken = true
            if peek == " " || peek == "-" { index += 1 }
            break
        }
        if peek == "#" {
            index += 1
            taken = true
        }
        return taken
    }

    private func matches(_ word: String) -> Bool {
        guard index + word.count <= characters.count else { return false }
        return String(characters[index..<index + word.count]).lowercased() == word
    }
}
