/// What a piece of a report is, so that a terminal can colour it.
public enum TextRole: Sendable, CaseIterable {
    /// A section's title.
    case heading
    /// What the eye should find first.
    case strong
    /// All is well.
    case good
    /// Worth a look.
    case warning
    /// Broken.
    case bad
    /// Beside the point.
    case quiet
}

/// How a report is painted. Widths are counted before painting, so that colour never moves a column.
public struct TextStyle: Sendable {
    /// Turns a text into what is printed for it.
    public var paint: @Sendable (String, TextRole) -> String

    /// A style of the caller's own.
    public init(paint: @escaping @Sendable (String, TextRole) -> String) { self.paint = paint }

    /// No colour: for pipes, files and NO_COLOR.
    public static let plain = TextStyle { text, _ in text }
}

/// Rows with aligned columns.
struct TextGrid {
    enum Alignment { case left, right }

    struct Cell {
        var text: String
        var role: TextRole?

        init(_ text: String, _ role: TextRole? = nil) {
            self.text = text
            self.role = role
        }
    }

    let titles: [(text: String, alignment: Alignment)]
    private(set) var rows: [[Cell]] = []

    init(_ titles: [(text: String, alignment: Alignment)]) { self.titles = titles }

    mutating func add(_ cells: [Cell]) { rows.append(cells) }

    /// A line for the titles and one for each row, each indented by two.
    func lines(_ style: TextStyle) -> [String] {
        let widths = titles.indices.map { column in
            max(titles[column].text.count, rows.map { $0[column].text.count }.max() ?? 0)
        }
        let header = titles.map { Cell($0.text, .quiet) }
        return ([header] + rows).map { row in
            var line = "  "
            for (column, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.text.count)
                let painted = cell.text.isEmpty ? "" : cell.role.map { style.paint(cell.text, $0) } ?? cell.text
                let isLast = column == row.count - 1
                switch titles[column].alignment {
                case .left: line += painted + (isLast ? "" : padding)
                case .right: line += padding + painted
                }
                if !isLast { line += "  " }
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}

/// Numbers and times as people read them.
enum Figures {
    /// With thousands apart: 12,345.
    static func count(_ number: UInt64) -> String {
        var digits = Array(String(number))
        var position = digits.count - 3
        while position > 0 {
            digits.insert(",", at: position)
            position -= 3
        }
        return String(digits)
    }

    /// Three figures or so: 0.12, 3.4, 56, 1,234.
    static func short(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        switch value.magnitude {
        case 0: return "0"
        case ..<0.01: return "<0.01"
        case ..<1: return fixed(value, 2)
        case ..<100: return fixed(value, 1)
        default: return value < 1e15 ? count(UInt64(value.rounded().magnitude)) : "\(value)"
        }
    }

    /// A percentage of a whole.
    static func percent(_ part: UInt64, of whole: UInt64) -> String {
        whole == 0 ? "0%" : short(100 * Double(part) / Double(whole)) + "%"
    }

    static func fixed(_ value: Double, _ digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = (value.magnitude * scale).rounded()
        guard scaled < 1e18 else { return "\(value)" }
        let whole = UInt64(scaled)
        let divisor = UInt64(scale)
        let sign = value < 0 && whole > 0 ? "-" : ""
        guard digits > 0 else { return sign + String(whole) }
        let fraction = String(whole % divisor)
        return sign + String(whole / divisor) + "." + String(repeating: "0", count: digits - fraction.count) + fraction
    }

    /// 90 s, 12 min, 3 h, 2 d.
    static func span(_ nanoseconds: Int64) -> String {
        let seconds = max(0, nanoseconds / 1_000_000_000)
        switch seconds {
        case ..<120: return "\(seconds) s"
        case ..<7_200: return "\(seconds / 60) min"
        case ..<172_800: return "\(seconds / 3_600) h"
        default: return "\(seconds / 86_400) d"
        }
    }

    /// Shortened to a width, with a mark where something is missing.
    static func cut(_ text: String, to width: Int) -> String {
        text.count <= width ? text : String(text.prefix(max(1, width - 1))) + "…"
    }

    /// Words folded to a width, later lines indented.
    static func wrap(_ text: String, width: Int = 100, indent: String) -> [String] {
        var lines: [String] = []
        var line = indent
        for word in text.split(separator: " ") {
            if line.count + word.count + 1 > width, line.count > indent.count {
                lines.append(line)
                line = indent
            }
            line += line.count == indent.count ? String(word) : " " + word
        }
        if line.count > indent.count { lines.append(line) }
        return lines
    }
}
