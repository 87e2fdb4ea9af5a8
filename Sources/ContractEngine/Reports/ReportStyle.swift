/// How a report's parts look. The reports know what a part is; whoever prints them knows whether there is a terminal.
public struct ReportStyle: Sendable {
    /// What a part of a report is.
    public enum Role: Sendable, CaseIterable {
        /// A title.
        case heading
        /// A table's header, an arithmetic, a footnote.
        case faint
        /// What the eye should find first.
        case emphasis
        /// A finding that gates.
        case error
        /// A finding that gates, of the milder kind.
        case warning
        /// A finding that informs.
        case note
        /// All is well.
        case good
    }

    /// Wraps a text in whatever makes it look like its role; it may add only what takes no room on the screen.
    public var apply: @Sendable (String, Role) -> String

    /// Makes a style.
    public init(_ apply: @escaping @Sendable (String, Role) -> String) { self.apply = apply }

    /// Text as it is.
    public static let plain = ReportStyle { text, _ in text }

    package func callAsFunction(_ text: String, _ role: Role) -> String { apply(text, role) }
}

/// Aligned columns of text.
package struct TextTable {
    package enum Alignment { case left, right }

    package struct Cell {
        package var text: String
        package var role: ReportStyle.Role?

        package init(_ text: String, _ role: ReportStyle.Role? = nil) {
            self.text = text
            self.role = role
        }
    }

    package var columns: [(title: String, alignment: Alignment)]
    package var rows: [[Cell]] = []
    package var indentation = 2

    package init(columns: [(title: String, alignment: Alignment)]) { self.columns = columns }

    package mutating func append(_ cells: Cell...) { rows.append(cells) }

    package func render(_ style: ReportStyle) -> [String] {
        let widths = columns.indices.map { column in
            rows.reduce(columns[column].title.count) {
                max($0, $1.indices.contains(column) ? $1[column].text.count : 0)
            }
        }
        let header = columns.map { Cell($0.title, .faint) }
        return ([header] + rows).map { cells in
            let end = cells.lastIndex { !$0.text.isEmpty } ?? 0
            let line = cells.prefix(end + 1).enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.text.count)
                let text = cell.role.map { style(cell.text, $0) } ?? cell.text
                let isLast = column == end
                return columns[column].alignment == .right ? padding + text : text + (isLast ? "" : padding)
            }
            return String(repeating: " ", count: indentation) + line.joined(separator: "  ")
        }
    }
}

/// Text broken at spaces.
package enum TextWrap {
    /// The width that reports are written for, in columns.
    package static let width = 110

    package static func lines(_ text: String, indentation: Int, first: String? = nil, width: Int = width) -> [String] {
        let margin = String(repeating: " ", count: indentation)
        var lines: [String] = []
        var line = first ?? margin
        var isEmpty = true
        for word in text.split(separator: " ") {
            if !isEmpty && line.count + 1 + word.count > width {
                lines.append(line)
                line = margin
                isEmpty = true
            }
            line += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        return lines + [line]
    }
}
