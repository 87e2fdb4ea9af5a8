/// The form of a key: fixed texts, and holes that hold at least one character each.
package struct KeyForm {
    /// nil stands for a hole.
    private var pieces: [String?] = []

    /// The template's form, with the known values put into their holes.
    package init(_ template: KeyTemplate, known: [String: String]) {
        for piece in template.pieces {
            let text: String? =
                switch piece {
                case .literal(let literal): literal
                case .placeholder(let name): known[name]
                }
            if let text, let last = pieces.last, let before = last {
                pieces[pieces.count - 1] = before + text
            } else {
                pieces.append(text)
            }
        }
    }

    /// Whether the text has the form. Like a file name's pattern: each fixed text at its first place, the last at the end.
    package func matches(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        var holes = 0
        for (place, piece) in pieces.enumerated() {
            guard let piece else {
                holes += 1
                continue
            }
            let wanted = Array(piece.utf8)
            let isLast = place == pieces.count - 1
            guard let end = KeyForm.end(of: wanted, in: rest, holesBefore: holes, anchored: isLast) else {
                return false
            }
            rest = rest[end...]
            holes = 0
        }
        return holes == 0 ? rest.isEmpty : rest.count >= holes
    }

    private static func end(
        of wanted: [UInt8], in text: ArraySlice<UInt8>, holesBefore holes: Int, anchored: Bool
    ) -> Int? {
        let last = text.endIndex - wanted.count
        guard text.startIndex + holes <= last else { return nil }
        if holes == 0 { return text.starts(with: wanted) ? text.startIndex + wanted.count : nil }
        if anchored { return text[last...].elementsEqual(wanted) ? text.endIndex : nil }
        let start = (text.startIndex + holes...last).first { text[$0...].starts(with: wanted) }
        return start.map { $0 + wanted.count }
    }
}
