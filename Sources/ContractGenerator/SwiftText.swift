/// Lines of Swift, broken and indented as `swift format` does it.
struct SwiftText {
    /// Columns of a line.
    static let width = 120

    private(set) var lines: [String] = []
    private var depth = 0

    /// The lines, each ended.
    var text: String { lines.map { $0 + "\n" }.joined() }

    /// One line; an empty one is never indented.
    mutating func line(_ text: String = "") {
        if text.isEmpty, lines.last?.isEmpty ?? true { return }
        lines.append(text.isEmpty ? "" : String(repeating: "    ", count: depth) + text)
    }

    /// A line that opens a block, the block, and the line that closes it.
    mutating func block(_ opening: String, closing: String = "}", _ body: (inout SwiftText) -> Void) {
        line(opening)
        self.body(closing: closing, body)
    }

    /// What stands inside of an opening that is written already, and the line that closes it.
    mutating func body(closing: String = "}", _ body: (inout SwiftText) -> Void) {
        indented(body)
        line(closing)
    }

    /// Lines one step deeper.
    mutating func indented(_ body: (inout SwiftText) -> Void) {
        depth += 1
        body(&self)
        depth -= 1
        if lines.last?.isEmpty ?? false { lines.removeLast() }
    }

    /// Documentation, broken at words. An empty paragraph makes an empty line.
    mutating func doc(_ paragraphs: String...) { for paragraph in paragraphs { wrap(paragraph, mark: "///") } }

    private mutating func wrap(_ text: String, mark: String, hanging given: String = "") {
        // A point of an inner list stays where it is, and what is broken off it stands below its words.
        let indent = String(text.prefix { $0 == " " })
        let hanging = given + indent + (given.isEmpty && text.dropFirst(indent.count).hasPrefix("- ") ? "  " : "")
        let room = Self.width - depth * 4 - mark.count - 1
        var current = indent
        var isStart = true
        for word in text.split(separator: " ", omittingEmptySubsequences: true) {
            if !isStart, current.count + 1 + word.count > room {
                line("\(mark) \(current)")
                current = hanging
                isStart = true
            }
            current += (isStart ? "" : " ") + word
            isStart = false
        }
        line(current.isEmpty ? mark : "\(mark) \(current)")
    }

    /// A list's point of documentation.
    mutating func point(_ text: String) { wrap("- " + text, mark: "///", hanging: "  ") }

    /// A call: on one line where it fits, else its arguments on lines of their own, as many on each as fit.
    ///
    /// - Parameter closing: what stands behind the last argument; on a line of its own for a declaration.
    mutating func call(_ opening: String, _ arguments: [String], _ closing: String, isDeclaration: Bool = false) {
        let whole = opening + arguments.joined(separator: ", ") + closing
        // The formatter keeps room for a comma at the end of a literal.
        let comma = arguments.contains { $0.hasPrefix("[") } ? 1 : 0
        guard depth * 4 + whole.count + comma > Self.width, !arguments.isEmpty else { return line(whole) }
        line(opening)
        depth += 1
        pack(arguments, ending: isDeclaration ? "" : closing)
        depth -= 1
        if isDeclaration { line(closing) }
    }

    /// Arguments, as many on each line as fit.
    mutating func pack(_ arguments: [String], ending: String) {
        var current = ""
        for (place, argument) in arguments.enumerated() {
            let piece = argument + (place == arguments.count - 1 ? ending : ",")
            if !current.isEmpty, depth * 4 + current.count + 1 + piece.count > Self.width {
                line(current)
                current = ""
            }
            current += (current.isEmpty ? "" : " ") + piece
        }
        guard !ending.isEmpty, depth * 4 + current.count > Self.width else { return line(current) }
        // A literal that nothing breaks: what ends the call stands below it.
        line(String(current.dropLast(ending.count)))
        depth -= 1
        line(ending)
        depth += 1
    }

    /// A call with one argument a line.
    mutating func list(_ opening: String, _ elements: [String], _ closing: String) {
        line(opening)
        depth += 1
        for (place, element) in elements.enumerated() {
            line(element + (place == elements.count - 1 ? closing : ","))
        }
        depth -= 1
    }

    /// The elements of a literal, a call each; the formatter wants no comma behind the only one.
    mutating func elements(_ calls: [(opening: String, arguments: [String])]) {
        for element in calls { call(element.opening, element.arguments, calls.count == 1 ? ")" : "),") }
    }

    /// All lines of another text, one step deeper where this one stands.
    mutating func append(_ other: SwiftText) { for text in other.lines { line(text) } }

    /// Pairs as a literal.
    static func dictionary(_ pairs: [String]) -> String { pairs.isEmpty ? "[:]" : "[\(pairs.joined(separator: ", "))]" }

    /// A text as a literal.
    static func literal(_ text: String) -> String {
        var literal = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": literal += "\\" + String(scalar)
            case "\n": literal += "\\n"
            case "\r": literal += "\\r"
            case "\t": literal += "\\t"
            default:
                if scalar.value < 0x20 || scalar.value == 0x7F {
                    literal += "\\u{\(String(scalar.value, radix: 16))}"
                } else {
                    literal.unicodeScalars.append(scalar)
                }
            }
        }
        return literal + "\""
    }

    /// A contract's words inside of documentation: on one line, and no code.
    static func prose(_ text: String) -> String {
        text.split { $0.isWhitespace || $0.isNewline }.joined(separator: " ").filter { $0 != "`" && $0 != "\0" }
    }
}
