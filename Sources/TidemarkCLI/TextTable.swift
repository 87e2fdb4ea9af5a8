/// Rows of text with aligned columns: the first to the left, the others to the right where they are numbers.
enum TextTable {
    static func render(_ rows: [[String]]) -> String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
        }
        let isNumeric = (0..<columns).map { column in
            rows.dropFirst().allSatisfy { $0.indices.contains(column) && Double($0[column]) != nil }
        }
        return rows.map { row in
            let cells = row.enumerated().map { column, text in
                let gap = String(repeating: " ", count: widths[column] - text.count)
                return isNumeric[column] ? gap + text : text + gap
            }
            var line = "  " + cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}
