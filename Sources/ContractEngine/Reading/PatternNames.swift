/// The ids that a document's patterns have, to find them where prose and cells name them: "UC1", "GetBook", beside those in the form
/// "AP1" that are found without being known.
package struct PatternNames: Sendable {
    private let all: Set<String>
    /// Those that are no words of prose, and not in the form "AP1".
    private let own: Set<String>
    /// The words that they are made of.
    private let words: Set<Substring>

    /// Longer texts are no range of ids.
    private static let longestRange = 100

    package init(_ ids: some Sequence<String>) {
        all = Set(ids)
        own = all.filter { PatternNames.isTelling($0) }
        words = Set(own.flatMap { $0.split { !$0.isLetter && !$0.isNumber } })
    }

    /// "UC1", "R-1" and "GetBook", but neither "AP1" nor "login".
    static func isTelling(_ id: String) -> Bool {
        guard PatternID.expand(id).isEmpty, id.allSatisfy(isPart), id.first?.isLetter == true else { return false }
        return id.contains { $0.isNumber || $0 == "_" } || id.dropFirst().contains(where: \.isUppercase)
    }

    static func isPart(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "_-.".contains(character)
    }

    private static func isDash(_ character: Character) -> Bool { "-–—".contains(character) }

    func contains(_ id: String) -> Bool { all.contains(id) }

    /// Whether a word of a text is an id or belongs to one.
    func holds(word: Substring) -> Bool { words.contains(word) }

    /// Every id that stands in running text.
    package func all(in text: String) -> [String] {
        let found = PatternID.all(in: text)
        guard !own.isEmpty else { return found }
        var known = Set(found)
        return found + ids(in: text).filter { known.insert($0).inserted }
    }

    /// The ids of a cell that holds nothing else: of the form "AP1", or known and apart by commas and their like. Empty where the cell
    /// is anything else.
    package func expand(_ cell: String) -> [String] {
        let plain = Markdown.plain(cell)
        let found = PatternID.expand(plain)
        guard found.isEmpty, !plain.isEmpty else { return found }
        return all.contains(plain) ? [plain] : several(plain)
    }

    /// The known ids that a cell names, where it names several and nothing else.
    func several(_ plain: String) -> [String] {
        let found = PatternID.expand(plain)
        guard found.isEmpty else { return found.count > 1 && found.allSatisfy(contains) ? found : [] }
        let parts = plain.replacing("<br>", with: ",").replacing(" and ", with: ",").split { ",;&+/".contains($0) }
        var ids: [String] = []
        for part in parts.map(\.trimmed) where !part.isEmpty {
            let some = all.contains(part) && part != plain ? [part] : range(part[...])
            guard !some.isEmpty, ids.count <= PatternID.mostIDs else { return [] }
            ids += some
        }
        return ids.count > 1 ? ids : []
    }

    private func ids(in text: String) -> [String] {
        var ids: [String] = []
        var rest = text[...]
        while let start = rest.firstIndex(where: { $0.isLetter || $0.isNumber }), ids.count <= PatternID.mostIDs {
            rest = rest[start...]
            var run = rest.prefix { PatternNames.isPart($0) || PatternNames.isDash($0) }
            rest = rest[run.endIndex...]
            while let last = run.last, last == "." || PatternNames.isDash(last) { run.removeLast() }
            guard own.contains(String(run)) else {
                ids += range(run)
                continue
            }
            // "UC1 to UC4", "UC1 - 4".
            if let (more, after) = rangeGoingOn(from: run, in: rest) {
                ids += more
                rest = rest[after...]
            } else {
                ids.append(String(run))
            }
        }
        return ids
    }

    /// "UC1-4", "UC1–UC4": the ids of a range, all of which are known; empty where it is none.
    private func range(_ text: Substring) -> [String] {
        guard text.utf8.count <= PatternNames.longestRange else { return [] }
        for dash in text.indices where PatternNames.isDash(text[dash]) {
            let first = text[..<dash].trimmed
            let last = text[text.index(after: dash)...].trimmed
            guard all.contains(first) else { continue }
            let ids = range(from: first, to: last)
            if !ids.isEmpty { return ids }
        }
        return []
    }

    private func rangeGoingOn(from first: Substring, in rest: Substring) -> ([String], Substring.Index)? {
        var next = rest.drop { $0 == " " }
        guard next.startIndex > rest.startIndex else { return nil }
        if let sign = next.first, PatternNames.isDash(sign) {
            next = next.dropFirst()
        } else if let word = ["to ", "through "].first(where: { next.hasPrefix($0) }) {
            next = next.dropFirst(word.count)
        } else {
            return nil
        }
        let last = next.drop { $0 == " " }.prefix(while: PatternNames.isPart)
        let ids = range(from: String(first), to: String(last))
        return ids.isEmpty ? nil : (ids, last.endIndex)
    }

    private func range(from first: String, to last: String) -> [String] {
        let digits = first.reversed().prefix(while: Numeral.isDigit).count
        let prefix = first.dropLast(digits)
        let end = last.hasPrefix(prefix) ? last.dropFirst(prefix.count) : last[...]
        guard digits > 0, digits < 9, (1...8).contains(end.count), end.allSatisfy(Numeral.isDigit),
            let low = Int(first.suffix(digits)), let high = Int(end), low < high, high - low <= PatternID.largestRange
        else { return [] }
        let ids = (low...high).map { number in
            let text = String(number)
            let zeros = first.suffix(digits).first == "0" ? max(0, digits - text.count) : 0
            return "\(prefix)\(String(repeating: "0", count: zeros))\(text)"
        }
        return ids.allSatisfy({ all.contains($0) }) ? ids : []
    }
}
