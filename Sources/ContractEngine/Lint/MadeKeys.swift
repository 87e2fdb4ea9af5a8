internal import ContractModel

/// A key of one kind of item, as the contract makes it.
struct MadeKey {
    /// The key attribute.
    let name: String
    /// "ORDER#{placed_at}"; "{city}" where it is an attribute of its own.
    let template: KeyTemplate
    let isSort: Bool
}

extension EntityView {
    /// The keys of the table, or of one of its indexes, as items of this kind get them: those of which the contract says how.
    func madeKeys(of index: ContractIndex? = nil) -> [MadeKey] {
        let keys = [
            (index?.partitionKey ?? table.partitionKey, false),
            (index.map(\.sortKey) ?? table.sortKey, true),
        ]
        return keys.compactMap { key, isSort in
            key.flatMap { key in
                let template =
                    index.map { entity.template(of: key, of: $0, in: table) } ?? entity.template(of: key, in: table)
                let own = attribute(key.name).map { KeyTemplate("{\($0.name)}") }
                return (template ?? own).map { MadeKey(name: key.name, template: $0, isSort: isSort) }
            }
        }
    }

    /// What is written as a key, with holes where the names of attributes stand without braces: "USER#{user_id}" of "USER#user_id". Nil
    /// where its words are none of the contract's.
    func template(writtenAs text: KeyTemplate) -> KeyTemplate? {
        guard text.placeholders.isEmpty, text.source.contains(where: \.isLowercase) else { return text }
        let parts = text.source.split(separator: "#", omittingEmptySubsequences: false).map(String.init)
        guard parts.allSatisfy({ !$0.contains(where: \.isLowercase) || meant(by: $0) != nil }) else { return nil }
        return KeyTemplate(
            parts.map { $0.contains(where: \.isLowercase) ? "{\($0)}" : $0 }.joined(separator: "#"))
    }

    fileprivate func meant(by name: String) -> String? { entity.meant(by: name) }

    /// Whether a kind of the table has both as attributes of its own: then they are two values, and no two names of one.
    fileprivate func tellsApart(_ name: String, _ other: String) -> Bool {
        table.entities.contains { entity in
            guard let first = entity.meant(by: name), let second = entity.meant(by: other) else { return false }
            return first != second
        }
    }
}

extension ContractEntity {
    /// The attribute that the documents mean by a hole's name: "courseId" and "course id" for `course_id`; nil where none or several may
    /// be meant.
    fileprivate func meant(by name: String) -> String? {
        if let attribute = attribute(named: name) { return attribute.name }
        let words = NameStem.wordsOfName(name)
        let found = attributes.filter { attribute in
            attribute.columnNames.union([attribute.name]).contains { $0 == name || NameStem.wordsOfName($0) == words }
        }
        return found.count == 1 ? found[0].name : nil
    }
}

/// Why a key that the documents write is not the one that the contract makes. What they abbreviate or name otherwise is in doubt, and no
/// difference.
enum KeyDifference {
    /// They begin with different texts.
    case beginnings(written: String, made: String)
    /// The written part comes later in the made key.
    case later(written: String, made: String)
    /// Another attribute stands there.
    case another(written: String, made: String)
    /// The written key goes on with what the made one has not.
    case more(written: String)
    /// They are the same text for all items, and not the same.
    case texts
    /// Only the made key tells items apart.
    case constant

    /// - Parameter isWhole: whether all of the key is written; else it may be its beginning.
    init?(_ written: KeyTemplate, _ made: KeyTemplate, isWhole: Bool, of view: EntityView) {
        if let found = KeyDifference.beginnings(written, made) {
            self = found
            return
        }
        if isWhole, written.placeholders.isEmpty, let found = KeyDifference.constant(written.source, made) {
            self = found
            return
        }
        var ours = made.placeholders[...]
        for their in written.placeholders {
            guard let named = view.meant(by: their) else {
                guard let our = ours.popFirst(), view.tellsApart(their, our) else { continue }
                self = .another(written: their, made: our)
                return
            }
            guard let our = ours.popFirst() else {
                guard isWhole else { return nil }
                self = .more(written: named)
                return
            }
            guard let own = view.meant(by: our) else { return nil }
            guard named != own else { continue }
            let isLater = ours.contains { view.meant(by: $0) == named }
            self = isLater ? .later(written: named, made: own) : .another(written: named, made: own)
            return
        }
        return nil
    }

    /// What each begins with up to its first "#", where both have such a text, or what is the same for all items and begins otherwise.
    private static func beginnings(_ written: KeyTemplate, _ made: KeyTemplate) -> KeyDifference? {
        func beginning(_ template: KeyTemplate) -> String? {
            let text = template.leadingLiteral
            return text.firstIndex(of: "#").map { String(text[...$0]) }.flatMap { $0.count > 1 ? $0 : nil }
        }
        guard let theirs = beginning(written) else { return nil }
        if made.placeholders.isEmpty, !written.placeholders.isEmpty, !made.source.hasPrefix(theirs) {
            return .beginnings(written: theirs, made: made.source)
        }
        guard let ours = beginning(made), theirs != ours else { return nil }
        return .beginnings(written: theirs, made: ours)
    }

    /// A text without holes against the made key. "profile", "ORDER#…" and "ORDER#DATE" may be words for what stands there.
    private static func constant(_ text: String, _ made: KeyTemplate) -> KeyDifference? {
        guard !text.contains(where: { $0.isLowercase || "*….".contains($0) }) else { return nil }
        guard made.placeholders.isEmpty else {
            return made.leadingLiteral.isEmpty || text.hasPrefix(made.leadingLiteral) ? nil : .constant
        }
        return made.source == text ? nil : .texts
    }
}
