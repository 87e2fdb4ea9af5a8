internal import ContractModel

extension Linter {
    /// Names that a message lists at most.
    private static let mostNamesTold = 20
    /// Names for which the nearest is looked for: a contract whose every name is wrong needs no more.
    private static let mostNearest = 50

    /// Key templates of items for indexes that their table has not.
    func indexNames() -> [Finding] {
        var open = Linter.mostNearest
        return entities.flatMap { view in
            view.entity.indexKeys.filter { view.table.index(named: $0.index) == nil }.map { templates in
                open -= 1
                let name = templates.index
                let names = view.table.indexes.map(\.name)
                let nearest = open < 0 ? nil : NearName.nearest(to: name, in: names)
                let rest = names.count - Linter.mostNamesTold
                let told = names.prefix(Linter.mostNamesTold) + (rest > 0 ? ["\(rest) more"] : [])
                let has = names.isEmpty ? "has no index" : "has \(Figures.list(Array(told)))"
                return finding(
                    .templateUnknownIndex, at: view.marks?.indexTemplates[name] ?? view.marks?.start,
                    about: view.subject(name.shown),
                    "\(view.shortName) has a key template for the index \(name.shown), and \(view.table.name) \(has).",
                    advice: nearest.map {
                        "Did you mean \($0)? Else add the index to `gsis`, or take the template out."
                    }
                        ?? "Correct the name, add the index to `gsis`, or take the template out.")
            }
        }
    }
}

/// The name that a misspelt one is likely to mean.
enum NearName {
    /// Longer names are compared by their letters and digits alone.
    private static let longest = 64

    /// The first with the same letters and digits, else the one that the fewest changes of a character lead to, a third of them
    /// at most; nil where none is near.
    static func nearest(to name: String, in names: [String]) -> String? {
        let plain = plain(name)
        if let same = names.first(where: { self.plain($0) == plain }) { return same }
        guard plain.count <= longest else { return nil }
        let near = names.map { (name: $0, changes: changes(plain, self.plain($0))) }
        let best = near.min { $0.changes < $1.changes }
        return best.flatMap { $0.changes * 3 <= max(3, plain.count) ? $0.name : nil }
    }

    private static func plain(_ name: String) -> [Character] {
        Array(name.lowercased().filter { $0.isLetter || $0.isNumber })
    }

    /// The edit distance: characters to insert, to take out or to exchange.
    private static func changes(_ one: [Character], _ other: [Character]) -> Int {
        guard other.count <= longest else { return .max / 4 }
        var row = Array(0...other.count)
        for (place, character) in one.enumerated() {
            var before = row[0]
            row[0] = place + 1
            for (column, letter) in other.enumerated() {
                let exchanged = before + (character == letter ? 0 : 1)
                before = row[column + 1]
                row[column + 1] = min(exchanged, row[column] + 1, before + 1)
            }
        }
        return row[other.count]
    }
}
