/// Reads formats of dates in the four spellings that contracts use: names, strftime, and the letters of Java and of SQL.
enum DateFormatReader {
    static func form(of source: String) -> DateFormat.Form {
        if let named = named(source) { return named }
        if source.contains("%") { return percent(source).map { .pieces($0) } ?? .unreadable(source) }
        return letters(source).map { .pieces($0) } ?? .unreadable(source)
    }

    private static func named(_ source: String) -> DateFormat.Form? {
        switch source.lowercased().filter({ $0 != "-" && $0 != "_" && $0 != " " }) {
        case "iso8601", "iso", "isodate", "isodatetime", "isotimestamp", "isostring", "rfc3339": .iso8601
        case "epoch", "unix", "unixtimestamp", "epochseconds", "unixepoch", "unixtime": .epochSeconds
        case "epochms", "epochmillis", "epochmilliseconds", "unixms", "unixmillis": .epochMilliseconds
        case "timestamp", "datetime", "date", "mysql", "mysqldatetime", "mysqltimestamp", "sql": .database
        default: nil
        }
    }

    /// "%Y-%m-%d %H:%i:%s" (MySQL) and "%Y-%m-%dT%H:%M:%SZ" (strftime).
    private static func percent(_ source: String) -> [DateFormat.Piece]? {
        var pieces: [DateFormat.Piece] = []
        var literal = ""
        var rest = Array(source)[...]
        func flush() {
            if !literal.isEmpty { pieces.append(.literal(literal)) }
            literal = ""
        }
        while let next = rest.popFirst() {
            guard next == "%" else {
                literal.append(next)
                continue
            }
            guard let letter = rest.popFirst() else { return nil }
            if letter == "%" {
                literal.append("%")
                continue
            }
            guard let fields = percentField(letter) else { return nil }
            flush()
            pieces += fields
        }
        flush()
        return hasField(pieces) ? pieces : nil
    }

    private static func percentField(_ letter: Character) -> [DateFormat.Piece]? {
        switch letter {
        case "Y": [.year]
        case "y": [.yearOfCentury]
        case "m": [.month]
        case "d": [.day]
        case "H": [.hour]
        // MySQL's minute is %i; strftime's is %M, by which MySQL means a month's name: no contract writes that.
        case "i", "M": [.minute]
        case "s", "S": [.second]
        case "f": [.fraction(digits: 6)]
        case "z", "Z": [.zone]
        case "F": [.year, .literal("-"), .month, .literal("-"), .day]
        case "T": [.hour, .literal(":"), .minute, .literal(":"), .second]
        default: nil
        }
    }

    /// "YYYY-MM-DD HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "HH:mm DD/MM/YYYY", "MM/DD/YYYY HH:MM".
    private static func letters(_ source: String) -> [DateFormat.Piece]? {
        let tellsByCase = source.contains("MM") && source.contains("mm")
        var pieces: [DateFormat.Piece] = []
        var rest = Array(source)[...]
        while let next = rest.first {
            if next == "'" {
                guard let text = quoted(&rest) else { return nil }
                pieces.append(.literal(text))
                continue
            }
            let run = rest.prefix { $0 == next }
            guard next.isASCII, next.isLetter, next != "T" || run.count > 1 else {
                pieces.append(.literal(String(run)))
                rest = rest.dropFirst(run.count)
                continue
            }
            guard let field = field(next, count: run.count, after: pieces, tellsByCase) else { return nil }
            pieces.append(field)
            rest = rest.dropFirst(run.count)
        }
        return hasField(pieces) ? joined(pieces) : nil
    }

    /// Whether an M is a minute: behind an hour's colon it is one. Else its case tells, where the format has both and the minute may
    /// stand here; where it has one of them, what is there already tells.
    private static func isMinute(_ letter: Character, after pieces: [DateFormat.Piece], _ tellsByCase: Bool) -> Bool {
        guard !pieces.contains(.minute) else { return false }
        let isSmall = letter == "m"
        guard pieces.contains(.hour) else { return isSmall && tellsByCase && pieces.contains(.second) }
        if pieces.last == .hour || pieces.dropLast().last == .hour && pieces.last == .literal(":") { return true }
        return pieces.contains(.month) || (tellsByCase ? isSmall : pieces.dropLast().last == .hour)
    }

    private static func field(
        _ letter: Character, count: Int, after pieces: [DateFormat.Piece], _ tellsByCase: Bool
    ) -> DateFormat.Piece? {
        let hasHour = pieces.contains(.hour)
        return switch (letter, count) {
        case ("Y", 4), ("y", 4): .year
        case ("Y", 2), ("y", 2): .yearOfCentury
        case ("M", 2), ("m", 2): isMinute(letter, after: pieces, tellsByCase) ? .minute : .month
        case ("D", 2), ("d", 2): .day
        case ("H", 2), ("h", 2): .hour
        case ("i", 2): .minute
        case ("s", 2): .second
        case ("S", 2) where hasHour && !pieces.contains(.second): .second
        case ("S", 1...9): .fraction(digits: count)
        case ("f", 1...9): .fraction(digits: count)
        case ("Z", _), ("X", _), ("x", _): .zone
        default: nil
        }
    }

    /// The text between single quotes; two of them are one.
    private static func quoted(_ rest: inout ArraySlice<Character>) -> String? {
        rest = rest.dropFirst()
        var text = ""
        while let next = rest.popFirst() {
            guard next == "'" else {
                text.append(next)
                continue
            }
            guard rest.first == "'" else { return text.isEmpty ? "'" : text }
            rest = rest.dropFirst()
            text.append("'")
        }
        return nil
    }

    private static func joined(_ pieces: [DateFormat.Piece]) -> [DateFormat.Piece] {
        pieces.reduce(into: []) { joined, piece in
            if case .literal(let text) = piece, case .literal(let before)? = joined.last {
                joined[joined.count - 1] = .literal(before + text)
            } else {
                joined.append(piece)
            }
        }
    }

    private static func hasField(_ pieces: [DateFormat.Piece]) -> Bool {
        pieces.contains { if case .literal = $0 { false } else { true } }
    }
}

/// Reads formats of numbers: names, printf, and the signs of Java and of spreadsheets.
enum NumberFormatReader {
    /// A DynamoDB number has 38 digits; nobody needs more of them in a format.
    private static let mostDigits = 38

    static func shape(of source: String) -> NumberFormat.Shape? {
        let lower = source.lowercased().filter { $0 != " " }
        switch lower {
        case "integer", "int", "whole": return NumberFormat.Shape(mostFractionDigits: 0)
        case "decimal", "number", "numeric", "float": return NumberFormat.Shape()
        default: break
        }
        if lower.hasPrefix("decimal("), lower.hasSuffix(")") { return decimal(lower.dropFirst(8).dropLast()) }
        return lower.contains("%") ? printf(source) : signs(source)
    }

    private static func decimal(_ arguments: Substring) -> NumberFormat.Shape? {
        let parts = arguments.split(separator: ",").map { Int($0) }
        guard parts.count <= 2, let first = parts.first, first != nil else { return nil }
        guard let scale = parts.count == 2 ? parts[1] : 0, (0...mostDigits).contains(scale) else { return nil }
        return NumberFormat.Shape(leastFractionDigits: scale, mostFractionDigits: scale)
    }

    /// "%08d", "%.2f", "$%.2f".
    private static func printf(_ source: String) -> NumberFormat.Shape? {
        guard let percent = source.firstIndex(of: "%") else { return nil }
        var rest = source[source.index(after: percent)...]
        let isPadded = rest.first == "0"
        let width = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest.dropFirst(width.count)
        var digits: Substring?
        if rest.first == "." {
            digits = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(1 + (digits?.count ?? 0))
        }
        guard let kind = rest.popFirst(), kind == "d" || kind == "f", !rest.contains("%") else { return nil }
        guard let fraction = kind == "d" ? 0 : digits.map({ Int($0) }) ?? 6, fraction <= mostDigits else { return nil }
        // A width without a zero would put spaces in front of the number.
        guard isPadded || width.isEmpty else { return nil }
        let whole = isPadded ? (Int(width) ?? 1) - (fraction > 0 ? fraction + 1 : 0) : 1
        guard whole <= mostDigits else { return nil }
        return NumberFormat.Shape(
            leastIntegerDigits: max(1, whole), leastFractionDigits: fraction, mostFractionDigits: fraction,
            countsSign: isPadded, prefix: String(source[..<percent]), suffix: String(rest))
    }

    /// "0.00", "#,##0.##", "00000000", "$0.00".
    private static func signs(_ source: String) -> NumberFormat.Shape? {
        func isSign(_ character: Character) -> Bool { "0#,.".contains(character) }
        guard let first = source.firstIndex(where: isSign), let last = source.lastIndex(where: isSign) else {
            return nil
        }
        let body = source[first...last]
        let parts = body.split(separator: ".", omittingEmptySubsequences: false)
        guard body.allSatisfy(isSign), parts.count <= 2, !source[..<first].contains(where: \.isNumber) else {
            return nil
        }
        let whole = parts[0].filter { $0 != "," }
        let fraction = parts.count == 2 ? parts[1] : ""
        guard !fraction.contains(","), whole.count <= mostDigits, fraction.count <= mostDigits else { return nil }
        return NumberFormat.Shape(
            leastIntegerDigits: max(1, whole.count { $0 == "0" }), leastFractionDigits: fraction.count { $0 == "0" },
            mostFractionDigits: fraction.count, groupsThousands: parts[0].contains(","),
            prefix: String(source[..<first]), suffix: String(source[source.index(after: last)...]))
    }
}
