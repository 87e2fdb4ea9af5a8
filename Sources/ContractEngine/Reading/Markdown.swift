/// As much of Markdown as contracts' documents use: headings, tables, bullets. Read line by line, so that no input can
/// nest its way into trouble.
package struct Markdown: Sendable {
    /// A heading and what it covers.
    package struct Heading: Sendable {
        package var level: Int
        package var text: String
        package var line: Int
    }

    /// A table with the lines that its rows stand on.
    package struct Table: Sendable {
        package var header: [String]
        package var headerLine: Int
        package var rows: [Row]
        /// The headings above it, outermost first.
        package var headings: [Heading]

        /// The first column whose header contains one of the words, case aside.
        package func column(_ words: String...) -> Int? {
            header.firstIndex { name in words.contains { name.lowercased().contains($0) } }
        }
    }

    /// A row of a table.
    package struct Row: Sendable {
        package var cells: [String]
        package var line: Int

        package subscript(column: Int?) -> String {
            guard let column, cells.indices.contains(column) else { return "" }
            return cells[column]
        }
    }

    /// A line of text outside tables.
    package struct Line: Sendable {
        package var text: String
        package var number: Int
        /// Columns of white space in front of it.
        package var indentation: Int
        /// The headings above it, outermost first.
        package var headings: [Heading]
    }

    package private(set) var headings: [Heading] = []
    package private(set) var tables: [Table] = []
    package private(set) var lines: [Line] = []
    /// Whether nothing but empty lines has stood since the last table.
    private var isBehindTable = false

    package init(_ source: SourceText) {
        var open: [Heading] = []
        var block: [Row] = []
        var isInFence = false
        func isFence(_ text: Substring) -> Bool { text.hasPrefix("```") || text.hasPrefix("~~~") }
        var comments = MarkdownComments(source.bytes)
        let texts = Markdown.split(source.bytes)
        for (index, line) in texts.enumerated() {
            let number = index + 1
            // What stands in a fence is shown as it is.
            guard let raw = isInFence ? line : comments.visible(line, number: number) else { continue }
            let text = raw.drop { $0 == " " || $0 == "\t" }
            let isRow =
                text.hasPrefix("|")
                || text.contains("|")
                    && (!block.isEmpty || index + 1 < texts.count && Markdown.isBareRule(texts[index + 1]))
            if isRow && !isInFence {
                block.append(Row(cells: Markdown.cells(text), line: number))
                continue
            }
            close(&block, under: open)
            if !text.isEmpty { isBehindTable = false }
            if isFence(text) { isInFence.toggle() }
            if isInFence || isFence(text) { continue }
            if let heading = Markdown.heading(text, line: number) {
                open.removeAll { $0.level >= heading.level }
                open.append(heading)
                headings.append(heading)
            } else if !text.isEmpty {
                let trimmed = String(text)
                lines.append(
                    Line(text: trimmed, number: number, indentation: raw.count - text.count, headings: open))
            }
        }
        close(&block, under: open)
    }

    /// A text without its emphasis and code marks, and without control characters, which reports would send to a
    /// terminal, trimmed: "**AP1**" is "AP1".
    package static func plain(_ text: some StringProtocol) -> String {
        var plain = ""
        for character in text where character != "*" && character != "`" && !character.isControl {
            plain.append(character)
        }
        return plain.trimmed
    }

    /// The label and the text of a bullet such as "- **Partition Key**: `PK = …`"; nil for any other line.
    package static func labelled(_ line: String) -> (label: String, text: String)? {
        var body = line[...]
        if let first = body.first, "-*+".contains(first), body.dropFirst().first == " " { body = body.dropFirst(2) }
        body = body.drop { $0 == " " }
        guard body.hasPrefix("**"), let end = body.dropFirst(2).firstRange(of: "**") else { return nil }
        let label = plain(body.dropFirst(2)[..<end.lowerBound])
        let text = plain(body[end.upperBound...].drop { $0 == ":" || $0 == " " || $0 == "-" })
        return label.isEmpty || text.isEmpty ? nil : (label.hasSuffix(":") ? String(label.dropLast()) : label, text)
    }

    private mutating func close(_ block: inout [Row], under headings: [Heading]) {
        guard !block.isEmpty else { return }
        defer { block = [] }
        guard block.count >= 2, Markdown.isRule(block[1].cells) else {
            // Rows that an empty line parts from their table still belong to it.
            if isBehindTable, let last = tables.last, block.allSatisfy({ $0.cells.count == last.header.count }) {
                tables[tables.count - 1].rows += block
            }
            return
        }
        isBehindTable = true
        tables.append(
            Table(
                header: block[0].cells.map(Markdown.plain), headerLine: block[0].line, rows: Array(block[2...]),
                headings: headings))
    }

    private static func isRule(_ cells: [String]) -> Bool {
        !cells.isEmpty && cells.allSatisfy { !$0.isEmpty && $0.allSatisfy { "-: ".contains($0) } }
    }

    /// "--- | :---:": the line below a table's head that has no outer pipes.
    private static func isBareRule(_ line: Substring) -> Bool {
        let text = line.trimmed
        return text.utf8.count < 10_000 && text.contains("|") && isRule(cells(text[...]))
    }

    private static func heading(_ text: Substring, line: Int) -> Heading? {
        let level = text.prefix { $0 == "#" }.count
        guard (1...6).contains(level), text.dropFirst(level).first == " " else { return nil }
        return Heading(level: level, text: plain(text.dropFirst(level)), line: line)
    }

    private static func cells(_ text: Substring) -> [String] {
        var cells: [String] = []
        var cell = ""
        var isEscaped = false
        for character in text.hasPrefix("|") ? text.dropFirst() : text {
            if character == "|" && !isEscaped {
                cells.append(cell.trimmed)
                cell = ""
            } else if character == "\\" && !isEscaped {
                isEscaped = true
                continue
            } else {
                if isEscaped && character != "|" { cell.append("\\") }
                cell.append(character)
            }
            isEscaped = false
        }
        if !cell.trimmed.isEmpty { cells.append(cell.trimmed) }
        return cells
    }

    /// The lines of a text, whatever ends them; bytes that are not UTF-8 become replacement characters.
    package static func split(_ bytes: [UInt8]) -> [Substring] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            let text = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            return String(decoding: text, as: UTF8.self)[...]
        }
    }
}

extension StringProtocol {
    /// The text without white space at either end.
    package var trimmed: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }
}

extension Character {
    /// Whether it steers a terminal rather than showing on it; a tab does no harm.
    var isControl: Bool { self != "\t" && unicodeScalars.contains { $0.properties.generalCategory == .control } }
}

extension String {
    /// Whether it holds nothing that steers a terminal.
    var isPrintable: Bool { !contains(where: \.isControl) }
}
