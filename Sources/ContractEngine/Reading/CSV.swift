/// Comma-separated values as RFC 4180 has them; semicolons and tabs are read where the first line is parted by them.
struct CSV {
    private var records: [Markdown.Row] = []
    private var cells: [String] = []
    private var cell = ""
    private var line = 1
    private var start = 1
    private let separator: Character
    private let file: String

    /// The records that hold anything, each with the line that it begins on.
    ///
    /// - Throws: `ContractError` with the line, where a quote is not closed, or something follows a closed one.
    static func records(_ source: SourceText) throws(ContractError) -> [Markdown.Row] {
        let lines = Markdown.split(source.bytes)
        let first = lines.first { !$0.isEmpty } ?? ""
        let separator: Character = first.contains(",") ? "," : [";", "\t"].first { first.contains($0) } ?? ","
        var reader = CSV(separator: separator, file: source.name)
        try reader.read(lines)
        return reader.records
    }

    private init(separator: Character, file: String) {
        self.separator = separator
        self.file = file
    }

    private mutating func read(_ lines: [Substring]) throws(ContractError) {
        var opened: Int?
        for (index, text) in lines.enumerated() {
            line = index + 1
            if opened == nil {
                start = line
            } else {
                cell.append("\n")
            }
            opened = try read(text, opened: opened)
            if opened == nil { endRecord() }
        }
        if let opened {
            throw ContractError(
                file: file, line: opened,
                text: "a quote is opened here and never closed; close it, or write two where the cell holds one")
        }
    }

    /// Reads a line, and gives the line on which a quote stands open at its end.
    private mutating func read(_ text: Substring, opened: Int?) throws(ContractError) -> Int? {
        var opened = opened
        var wasClosed = false
        var rest = text
        while let character = rest.popFirst() {
            if opened != nil {
                guard character == "\"" else {
                    cell.append(character)
                    continue
                }
                if rest.first == "\"" {
                    cell.append("\"")
                    rest.removeFirst()
                } else {
                    opened = nil
                    wasClosed = true
                }
            } else if character == separator {
                endCell()
                wasClosed = false
            } else if character == "\"", cell.trimmed.isEmpty, !wasClosed {
                cell = ""
                opened = line
            } else if wasClosed {
                if character.isWhitespace { continue }
                throw ContractError(
                    file: file, line: line,
                    text: "\"\(String(character).shown)\" follows a closed quote, in the record from line \(start) on; "
                        + "is a quote in front of it not closed?")
            } else {
                cell.append(character)
            }
        }
        return opened
    }

    private mutating func endCell() {
        cells.append(cell.trimmed)
        cell = ""
    }

    private mutating func endRecord() {
        endCell()
        if cells.contains(where: { !$0.isEmpty }) { records.append(Markdown.Row(cells: cells, line: start)) }
        cells = []
    }
}
