internal import ContractModel

/// What a pattern's words say that an update does to what the key of an index is made of.
enum KeyChange {
    /// Another value takes its place.
    case changed
    /// The attribute goes, and the index's entry with it.
    case removed
}

/// Tells whether a pattern's words speak of a name as something that an update changes. An id is what items are found by, so that
/// naming it is not enough: it has to stand where the changed thing does.
struct ChangeWords {
    private let pattern: AccessPattern
    private let verb: String?
    /// The words between those in front of which a thing has been named: ["station"], ["bike"] of "the station of a bike".
    private let phrases: [Phrase]
    /// The words of the kind of item: "Update category" changes a category and not its `category_id`.
    private let kinds: [[String]]

    private struct Phrase {
        var turn: String?
        var words: [String] = []
    }

    private static let turns: Set = [
        "of", "for", "by", "with", "in", "from", "to", "on", "at", "via", "through", "into", "onto", "after", "before",
        "where", "when", "and", "or", "under", "using",
    ]
    /// Verbs whose object is another one afterwards.
    private static let exchanging: Set = [
        "change", "set", "replace", "switch", "swap", "reassign", "assign", "choose", "select", "pick", "reset",
    ]
    /// Verbs that may as well mean what the object consists of: they speak of an id only where they say so.
    private static let editing: Set = ["update", "edit", "modify", "correct", "alter", "fix"]
    private static let adding: Set = [
        "add", "increment", "decrement", "increase", "decrease", "append", "toggle", "clear",
    ]
    /// Verbs that bring the item to what "to" names.
    private static let moving: Set = [
        "move", "transfer", "assign", "reassign", "relocate", "switch", "shift", "return", "dock", "attach", "hand",
        "route", "change", "migrate",
    ]
    private static let fresh: Set = ["new", "changed", "target", "next", "updated"]

    init(_ pattern: AccessPattern, kind: ContractEntity?, in table: ContractTable) {
        self.pattern = pattern
        let words = NameStem.words(pattern.summary)
        verb = words.first
        var phrases = [Phrase()]
        for word in words.dropFirst() {
            if Self.turns.contains(word) {
                phrases.append(Phrase(turn: word))
            } else {
                phrases[phrases.count - 1].words.append(NameStem.of(word))
            }
        }
        self.phrases = phrases
        let names = kind.map { [$0.name, $0.sourceTable].compactMap(\.self) } ?? []
        kinds = (names + (table.isMultiEntity ? [] : [table.name])).map { NameStem.words($0).map { NameStem.of($0) } }
    }

    /// Whether they speak of that id as of something that is another one afterwards: "Change the station of a bike", "Move a bike to
    /// another station", "Update the station id"; or a key attribute does: "new station_id".
    func changesID(_ name: String) -> Bool {
        let parts = NameStem.words(name).map { NameStem.of($0) }
        guard let last = parts.last, ["id", "uuid"].contains(last) else { return false }
        let thing = Array(parts.dropLast())
        guard !thing.isEmpty else { return false }
        if pattern.keyAttributes.contains(where: { isFresh($0, parts) }) { return true }
        guard let verb, let object = phrases.first else { return false }
        let isOutright = object.words.suffix(parts.count) == parts[...]
        if isOutright { return Self.exchanging.contains(verb) || Self.editing.contains(verb) }
        guard !kinds.contains(thing) else { return false }
        if Self.exchanging.contains(verb), object.words.suffix(thing.count) == thing[...] { return true }
        guard Self.moving.contains(verb) else { return false }
        return phrases.contains { phrase in
            ["to", "into", "onto"].contains(phrase.turn)
                && (phrase.words.suffix(thing.count) == thing[...] || phrase.words.suffix(parts.count) == parts[...])
        }
    }

    /// "new station_id", "new_station_id", "station_id (new)".
    private func isFresh(_ text: String, _ parts: [String]) -> Bool {
        let words = NameStem.words(text).map { NameStem.of($0) }
        guard words.count > parts.count, !Self.fresh.isDisjoint(with: words) else { return false }
        return (0...words.count - parts.count).contains { words[$0..<$0 + parts.count].elementsEqual(parts) }
    }

    /// The attributes that the words say it changes: "Update order status and note" changes two. Nil where they name none, or
    /// something besides that is no attribute.
    func objects(among attributes: [ContractAttribute]) -> [String]? {
        guard let verb, Self.exchanging.contains(verb) || Self.editing.contains(verb) || Self.adding.contains(verb)
        else {
            return nil
        }
        let objects = phrases.prefix(1) + phrases.dropFirst().prefix { $0.turn == "and" }
        let named = objects.map { phrase in
            attributes.first { attribute in
                attribute.columnNames.union([attribute.name]).contains { name in
                    let parts = NameStem.words(name).map { NameStem.of($0) }
                    return !parts.isEmpty && phrase.words.suffix(parts.count) == parts[...]
                }
            }?.name
        }
        guard named.allSatisfy({ $0 != nil }) else { return nil }
        let noted = pattern.notes.isEmpty ? [] : attributes.map(\.name).filter { note(on: $0) != nil }
        let all = named.compactMap(\.self)
        return all + noted.filter { !all.contains($0) }
    }

    /// Verbs that give the object another value.
    private static let altering = exchanging.union(editing).union([
        "adjust", "increase", "decrease", "increment", "decrement", "raise", "lower", "extend", "toggle", "advance",
        "transition", "promote", "demote", "reschedule", "rename",
    ])
    /// Words behind which stands what is asked by or counted for, and not what changes.
    private static let aside: Set = ["per", "each", "within", "during", "as", "until", "since", "between"]

    /// Whether they speak of what is no id as of something that has another value afterwards: "Update ticket status", "Change the
    /// status of a ticket", "Move a ticket to another status"; or a key attribute does: "new status".
    func changesValue(_ name: String) -> Bool {
        let parts = NameStem.words(name).map { NameStem.of($0) }
        guard !parts.isEmpty, !["id", "uuid"].contains(parts[parts.count - 1]) else { return false }
        if pattern.keyAttributes.contains(where: { isFresh($0, parts) }) { return true }
        guard let verb, !kinds.contains(where: { Set(parts).isSubset(of: $0) }) else { return false }
        func ends(_ phrase: Phrase) -> Bool {
            phrase.words.prefix { !Self.aside.contains($0) }.suffix(parts.count) == parts[...]
        }
        if Self.altering.contains(verb), phrases.first.map(ends) ?? false { return true }
        return Self.moving.contains(verb)
            && phrases.contains { ["to", "into", "onto"].contains($0.turn) && ends($0) }
    }

    // MARK: What the documents' notes say

    private static let removing: Set = ["remove", "removes", "clears", "clear", "drops", "drop", "unsets", "deletes"]
    private static let setting: Set = [
        "set", "sets", "change", "changes", "replaces", "replace", "updates", "update", "rewrites", "writes",
    ]
    /// Words that may stand between a verb and the attribute.
    private static let between: Set = ["the", "its", "attribute", "key", "only", "also", "and"]

    /// Words behind an attribute that stays as it is: "created_at unchanged".
    private static let staying: Set = ["unchanged", "stays", "remains", "untouched", "kept"]

    /// The attributes that the notes say it sets or removes, where they say nothing else of what it does: "Sets firmware". Nil where they
    /// leave it open.
    func stated(among attributes: [ContractAttribute]) -> [String]? {
        let names = Set(attributes.map(\.name))
        var found: [String] = []
        for clause in pattern.notes.flatMap({ $0.split { ".;".contains($0) } }) {
            let words = clause.split(whereSeparator: { $0.isWhitespace || ",&+".contains($0) }).map { word in
                word.filter { !":()`\"'".contains($0) }
            }.filter { !$0.isEmpty }
            guard let verb = words.first?.lowercased(), Self.removing.contains(verb) || Self.setting.contains(verb)
            else {
                if words.contains(where: names.contains) { return nil }
                continue
            }
            let objects = words.dropFirst().filter { !Self.between.contains($0.lowercased()) }
            guard !objects.isEmpty, objects.allSatisfy(names.contains) else { return nil }
            found += objects.filter { !found.contains($0) }
        }
        return found.isEmpty ? nil : found
    }

    /// What a note says of an attribute by its very name, alone or in a list: "Removes service_depot_id, and so the index entry", "sets
    /// hold_until, state and section".
    func note(on name: String) -> KeyChange? {
        for note in pattern.notes {
            let parts = note.split(whereSeparator: \.isWhitespace).map(\.trimmed)
            let words = parts.map { part in part.filter { !",;.:()`\"'".contains($0) } }
            for place in words.indices.dropFirst() where words[place] == name {
                if place + 1 < words.count, Self.staying.contains(words[place + 1].lowercased()) { continue }
                guard let verb = verb(before: place, of: words, parts)?.lowercased() else { continue }
                if Self.removing.contains(verb) { return .removed }
                if Self.setting.contains(verb) { return .changed }
            }
        }
        return nil
    }

    /// The word in front of the list that a word stands in.
    private func verb(before place: Int, of words: [String], _ parts: [String]) -> String? {
        var rest = words[..<place]
        while let last = rest.indices.last {
            let isAnd = last + 1 < words.count && words[last + 1].lowercased() == "and"
            let isListed = parts[last].hasSuffix(",") || isAnd && !isVerb(words[last])
            guard isListed || Self.between.contains(words[last].lowercased()) else { return words[last] }
            rest = rest.dropLast()
        }
        return nil
    }

    private func isVerb(_ word: String) -> Bool {
        Self.removing.contains(word.lowercased()) || Self.setting.contains(word.lowercased())
    }
}
