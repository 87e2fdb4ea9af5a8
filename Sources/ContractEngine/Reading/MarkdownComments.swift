/// Takes HTML comments out of a document, line by line: nobody who reads the page sees them.
struct MarkdownComments {
    private var isInside = false
    private var hasComments = false
    /// The last line that ends a comment; 0 where none does.
    private var lastEnd = 0

    init(_ bytes: [UInt8]) {
        let (start, end) = (Array("<!--".utf8), Array("-->".utf8))
        var line = 1
        for place in bytes.indices {
            switch bytes[place] {
            case UInt8(ascii: "\n"): line += 1
            case UInt8(ascii: "<") where bytes[place...].starts(with: start): hasComments = true
            case UInt8(ascii: "-") where bytes[place...].starts(with: end): lastEnd = line
            default: break
            }
        }
    }

    /// What of the line is no comment; nil for a line of which nothing is left.
    mutating func visible(_ line: Substring, number: Int) -> Substring? {
        guard hasComments, isInside || line.contains("<!--") else { return line }
        let end = number < lastEnd ? line.endIndex : line.ranges(of: "-->").last?.lowerBound
        var seen = ""
        var isInCode = false
        var isBlank = true
        var rest = line
        func see(_ part: Substring) {
            seen += part
            for character in part {
                if character == "`" { isInCode.toggle() }
                if !character.isWhitespace { isBlank = false }
            }
        }
        while true {
            if isInside {
                guard let end = rest.firstRange(of: "-->") else { break }
                isInside = false
                rest = rest[end.upperBound...]
            }
            guard let start = rest.firstRange(of: "<!--") else {
                see(rest)
                break
            }
            see(rest[..<start.lowerBound])
            // One that nothing closes is a comment, to the end of the document, only where a line begins with it.
            let isClosed = end.map { $0 >= start.upperBound } ?? false
            isInside = !isInCode && (isClosed || isBlank)
            if !isInside { see(rest[start]) }
            rest = rest[start.upperBound...]
        }
        return isBlank && !line.allSatisfy(\.isWhitespace) ? nil : seen[...]
    }
}
