/// A text with named holes from which a key is made: "ORDER#{created_at}#{order_id}".
public struct KeyTemplate: Sendable, Hashable {
    /// A stretch of the template.
    public enum Piece: Sendable, Hashable {
        case literal(String)
        case placeholder(String)
    }

    /// The template as the contract writes it.
    public let source: String
    /// The template's stretches in order.
    public let pieces: [Piece]

    /// Reads a template. A brace without its partner, or with nothing between the two, stands for itself.
    public init(_ source: String) {
        self.source = source
        self.pieces = KeyTemplate.split(source)
    }

    /// The names of the holes, in order, each as often as it occurs.
    public var placeholders: [String] {
        pieces.compactMap { if case .placeholder(let name) = $0 { name } else { nil } }
    }

    /// The text in front of the first hole: what a `begins_with` on the kind of item uses.
    public var leadingLiteral: String {
        if case .literal(let text)? = pieces.first { text } else { "" }
    }

    /// The key for these values, or nil where a hole has no value.
    public func render(_ values: [String: String]) -> String? {
        var text = ""
        for piece in pieces {
            switch piece {
            case .literal(let literal): text += literal
            case .placeholder(let name):
                guard let value = values[name] else { return nil }
                text += value
            }
        }
        return text
    }

    private static func split(_ source: String) -> [Piece] {
        var pieces: [Piece] = []
        var literal = ""
        var rest = source[...]
        while let open = rest.firstIndex(of: "{") {
            let afterOpen = rest.index(after: open)
            let end = rest[afterOpen...].firstIndex { $0 == "}" || $0 == "{" }
            guard let close = end, rest[close] == "}", close > afterOpen else {
                let resume = end ?? rest.endIndex
                let next = end.map { rest[$0] == "}" ? rest.index(after: $0) : $0 } ?? resume
                literal += rest[..<next]
                rest = rest[next...]
                continue
            }
            literal += rest[..<open]
            if !literal.isEmpty { pieces.append(.literal(literal)) }
            literal = ""
            pieces.append(.placeholder(String(rest[afterOpen..<close])))
            rest = rest[rest.index(after: close)...]
        }
        literal += rest
        if !literal.isEmpty { pieces.append(.literal(literal)) }
        return pieces
    }
}
