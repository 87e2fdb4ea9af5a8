internal import ContractModel

extension Linter {
    /// Keys that are the same for every item, names in another notation than braces, and keys that items can lack.
    func fixedKeys() -> [Finding] {
        entities.flatMap { view in
            [constantKey(of: view)].compactMap(\.self) + otherNotations(in: view) + absentKeys(of: view)
        }
    }

    private func constantKey(of view: EntityView) -> Finding? {
        let table = view.table
        guard let template = view.entity.template(of: table.partitionKey, in: table), TemplateFlaw(template) == nil,
            let partition = template.constant
        else { return nil }
        let sort = table.sortKey.map { view.entity.template(of: $0, in: table)?.constant }
        let position =
            view.marks?.partitionKeyTemplate ?? view.marks(of: table.partitionKey.name)?.start ?? view.marks?.start
        let subject = view.subject(table.partitionKey.name)
        let who = table.isMultiEntity ? "\(view.entity.name) of \(table.name)" : "item of \(table.name)"
        if let sort, sort == nil {
            var found = finding(
                .keyConstant, at: position, about: subject,
                "Every \(who) has the partition key \"\(partition.shown)\": all of them are in one partition, which serves 3,000 read and "
                    + "1,000 write units a second.",
                advice:
                    "Put what tells them apart into the partition key, or a shard; or suppress this with the reason why they are few."
            )
            found.severity = .warning
            return found
        }
        let texts = [partition, sort ?? nil].compactMap(\.self).map { "\"\($0.shown)\"" }.joined(separator: ", ")
        return finding(
            .keyConstant, at: position, about: subject,
            "Every \(who) has the same key (\(texts)): there can be one such item, and each that is written takes the place of the one "
                + "before.",
            advice: "Put what tells them apart into the key: \"USER#{user_id}\".")
    }

    private func otherNotations(in view: EntityView) -> [Finding] {
        var seen: Set<String> = []
        return view.templates.compactMap { named in
            guard named.isKey, TemplateFlaw(named.template) == nil,
                let text = named.template.otherNotation(names: view.isName),
                seen.insert(named.key).inserted
            else {
                return nil
            }
            return finding(
                .templateOtherNotation, at: named.position, about: view.subject(named.key),
                "\(view.shortName)'s \(named.name) \"\(named.template.source.shown)\" has \"\(text.shown)\", which stands in the key as it "
                    + "is: values stand in braces.",
                advice: "Write {user_id}, with the name of an attribute or a column.")
        }
    }

    private func absentKeys(of view: EntityView) -> [Finding] {
        let keys = [(view.table.partitionKey as KeyAttribute?, "partition"), (view.table.sortKey, "sort")]
        return keys.compactMap { key, part in
            guard let key, let why = view.saidAbsence(ofTableKey: key) else { return nil }
            return finding(
                .tableKeyCanBeAbsent, at: view.marks(of: key.name)?.start ?? view.marks?.start,
                about: view.subject(key.name),
                "\(key.name), the \(part) key of \(view.table.name)\(view.inEntity), can be absent (\(why)): DynamoDB refuses an item "
                    + "without it.",
                advice: "Give a `null_value`, or make the key of what every row has.")
        }
    }
}

extension EntityView {
    /// Whether a word is the name of an attribute or a column, and of nothing that a key could hold as it is.
    fileprivate func isName(_ word: Substring) -> Bool {
        word.contains("_") && source(ofPlaceholder: String(word), inTemplateOf: "") != nil
    }

    /// Why the documents say that a key of the table may be absent; nil where they do not. What a join finds is for `join-null-unsaid`.
    fileprivate func saidAbsence(ofTableKey key: KeyAttribute) -> String? {
        func why(_ attribute: ContractAttribute?) -> String? {
            if case .cases(let cases)? = attribute?.calculation, attribute?.nullValue == nil, !cases.isExhaustive {
                return "it has a value only where \(cases.branches.map(\.when.source.shown).joined(separator: " or "))"
            }
            guard let attribute, attribute.isNullable == true, attribute.textForNull == nil,
                attribute.calculation == nil
            else { return nil }
            return "its source may be NULL"
        }
        guard let template = entity.template(of: key, in: table) else { return why(attribute(key.name)) }
        return template.placeholders.lazy.compactMap { hole in
            why(source(of: hole, key: key.name)).map { "\(hole): \($0)" }
        }.first
    }
}

extension CaseCalculation {
    /// Whether one of its values always applies: it has an ELSE, or what is NULL and what is not.
    fileprivate var isExhaustive: Bool {
        if otherwise != nil { return true }
        let present = Set(branches.compactMap(\.when.presentColumn))
        return branches.contains { $0.when.absentColumn.map(present.contains) ?? false }
    }
}

extension KeyTemplate {
    /// The text of a template without a hole; nil for one with holes, and for one that is empty.
    fileprivate var constant: String? { placeholders.isEmpty && !source.trimmed.isEmpty ? source : nil }

    /// The first text that names a value in another notation: "<user_id>", ":user_id", "[user_id]", "$user_id", "%s", or an attribute's
    /// name without anything around it. Nil where none does.
    ///
    /// - Parameter isName: whether a word is a name of the items' attributes.
    func otherNotation(names isName: (Substring) -> Bool) -> String? {
        for (place, piece) in pieces.enumerated() {
            guard case .literal(let text) = piece else { continue }
            if text.last == "$", place + 1 < pieces.count, case .placeholder(let hole) = pieces[place + 1] {
                return "${\(hole)}"
            }
            if let found = KeyTemplate.bracketed(in: text) ?? KeyTemplate.marked(in: text) { return found }
            let words = text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
            if let word = words.first(where: isName) { return String(word) }
        }
        return nil
    }

    private static func isPart(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "_.".contains(character)
    }

    /// "<user_id>", "[user_id]", where nothing of a word stands in front.
    private static func bracketed(in text: String) -> String? {
        for (open, close) in [("<", ">"), ("[", "]")] as [(Character, Character)] {
            var rest = text[...]
            while let start = rest.firstIndex(of: open) {
                let name = rest[rest.index(after: start)...].prefix(while: isPart)
                let isApart = start == text.startIndex || !isPart(text[text.index(before: start)])
                if isApart, name.first?.isLetter == true, name.endIndex < text.endIndex, text[name.endIndex] == close {
                    return String(text[start...name.endIndex])
                }
                rest = rest[rest.index(after: start)...]
            }
        }
        return nil
    }

    /// "%s", "%(user_id)s", ":user_id", "$user_id", "$(user_id)", "@user_id".
    private static func marked(in text: String) -> String? {
        for place in text.indices where "%:$@".contains(text[place]) {
            let after = text[text.index(after: place)...]
            let isApart = place == text.startIndex || !isPart(text[text.index(before: place)])
            guard let next = after.first else { continue }
            let word = after.prefix(while: isPart)
            switch text[place] {
            case "%":
                if next == "(" || "sdi@".contains(next) && !(after.dropFirst().first.map(isPart) ?? false) {
                    return String(text[place...].prefix(12))
                }
            case "$":
                if next == "(" || next.isLetter { return "$\(next == "(" ? after.prefix(12) : word)" }
            default:
                if isApart, next.isLowercase { return "\(text[place])\(word)" }
            }
        }
        return nil
    }
}
