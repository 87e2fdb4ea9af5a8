internal import ContractModel

extension Linter {
    /// Values that must be unique against what keeps them so: a primary key of their own, or a lookup item.
    func unique() -> [Finding] {
        let keepers = UniqueKeepers(entities)
        return declared(keepers) + inProse(keepers)
    }

    private func declared(_ keepers: UniqueKeepers) -> [Finding] {
        entities.flatMap { view -> [Finding] in
            let constraints = view.entity.uniqueConstraints.enumerated().compactMap { number, constraint -> Finding? in
                let marks = view.marks?.uniqueConstraints ?? []
                return missing(
                    constraint, of: view, keepers,
                    at: marks.indices.contains(number) ? marks[number] : view.marks?.start, by: "")
            }
            // What is declared as a constraint too is judged as one.
            let marked = view.entity.attributes.filter { attribute in
                attribute.isUnique && !view.entity.uniqueConstraints.contains { $0.attributes == [attribute.name] }
            }.compactMap { attribute in
                missing(
                    UniqueConstraint(attributes: [attribute.name]), of: view, keepers,
                    at: view.marks(of: attribute.name)?.start, by: "")
            }
            return constraints + marked
        }
    }

    private func missing(
        _ constraint: UniqueConstraint, of view: EntityView, _ keepers: UniqueKeepers, at position: Position?,
        by source: String
    ) -> Finding? {
        if let lookup = constraint.lookup {
            if view.identity == Set(constraint.attributes) { return nil }
            if known.table(named: lookup.table) != nil { return flawed(constraint, of: view, at: position) }
            return finding(
                .uniqueWithoutLookup, at: position, about: view.subject(constraint.attributes.joined(separator: "+")),
                "The lookup items of \(Figures.list(constraint.attributes)) are to be in \(lookup.table), which the contract "
                    + "has not.", advice: "Add the table, or name one that there is.")
        }
        guard !keepers.keep(Set(constraint.attributes), of: view) else { return nil }
        let names = Figures.list(constraint.attributes)
        let index = view.table.indexes.first { index in
            view.keyAttributes(of: index).contains { constraint.attributes.contains($0) }
        }
        let instead = index.map { " \(view.table.name).\($0.name) finds it, and refuses no second one." } ?? ""
        return finding(
            .uniqueWithoutLookup, at: position, about: view.subject(constraint.attributes.joined(separator: "+")),
            "\(names) of \(view.name) must be unique\(source), and no primary key and no lookup item keeps it so.\(instead)",
            advice:
                "Write a lookup item (\"\(constraint.attributes.map { $0.uppercased() }.joined(separator: "#"))#{\(constraint.attributes[0])}\") "
                + "in the same transaction, and say so in `unique_constraints`.")
    }

    /// A lookup item that would not keep the values unique: the run time refuses it too.
    private func flawed(_ constraint: UniqueConstraint, of view: EntityView, at position: Position?) -> Finding? {
        let names = Figures.list(constraint.attributes)
        let template = constraint.attributes.map { "\($0.uppercased())#{\($0)}" }.joined(separator: "#")
        let (what, advice): (String, String)
        switch constraint.flaw {
        case .noLookup, nil: return nil
        case .noTemplate: (what, advice) = ("has no key", "Give it a `pk_template`: \"\(template)\".")
        case .lacks(let name):
            (what, advice) = (
                "leaves \(name) out of its key: different values would have one place",
                "Put {\(name)} into its template."
            )
        case .hasBesides(let name):
            (what, advice) = (
                "has \(name) in its key besides: one value would have several places",
                "Take {\(name)} out of its template, or add it to the constraint's `attributes`."
            )
        }
        return finding(
            .uniqueWithoutLookup, at: position, about: view.subject(constraint.attributes.joined(separator: "+")),
            "The lookup item that is to keep \(names) of \(view.name) unique \(what).", advice: advice)
    }

    /// Lines such as "Username and email uniqueness must be maintained", for attributes that exactly one kind of item has.
    private func inProse(_ keepers: UniqueKeepers) -> [Finding] {
        var told: Set<String> = []
        let sources = [listing.map { ($0.file, $0.figures) }, model.map { ($0.file, $0.figures) }].compactMap(\.self)
        return sources.flatMap { file, figures in
            figures.uniqueness.flatMap { text, line -> [Finding] in
                guard let words = UniqueWords(text) else { return [] }
                return entities.flatMap { view in
                    view.uniqueCandidates(in: words).compactMap { name -> Finding? in
                        guard told.insert(view.subject(name)).inserted,
                            !view.entity.uniqueConstraints.contains(where: { $0.attributes == [name] }),
                            view.attribute(name)?.isUnique != true
                        else { return nil }
                        var finding = missing(
                            UniqueConstraint(attributes: [name]), of: view, keepers, at: Position(line: line),
                            by: " by the documents")
                        finding?.file = file
                        return finding
                    }
                }
            }
        }
    }
}

/// The kinds of items by the values that their primary keys are made of.
private struct UniqueKeepers {
    private var views: [Set<String>: [EntityView]] = [:]

    init(_ entities: Roster<EntityView>) {
        for view in entities where !view.identity.isEmpty { views[view.identity, default: []].append(view) }
    }

    /// Whether a primary key is made of exactly these values: the entity's own, or that of a lookup entity.
    func keep(_ names: Set<String>, of view: EntityView) -> Bool {
        (views[names] ?? []).contains { other in
            other.isLookup || other.entity.name == view.entity.name && other.table.name == view.table.name
        }
    }
}

extension EntityView {
    /// The attributes that make the primary key, keys themselves aside: {"email"} of "{email}" with a constant sort key.
    fileprivate var identity: Set<String> {
        var names: Set<String> = []
        for key in [table.partitionKey, table.sortKey].compactMap(\.self) {
            if let template = entity.template(of: key, in: table) {
                names.formUnion(template.placeholders)
            } else if let attribute = attribute(key.name) {
                let twin = entity.attributes.first {
                    $0.name != key.name && $0.sourceColumns == attribute.sourceColumns && $0.join == attribute.join
                        && $0.transformation == nil
                }
                names.insert(twin?.name ?? attribute.name)
            }
        }
        return names
    }

    /// Whether its items exist to hold a place: they are few attributes, and the key is most of them.
    fileprivate var isLookup: Bool { entity.attributes.count <= ContractEntity.mostOfLookup }

    fileprivate func keyAttributes(of index: ContractIndex) -> Set<String> {
        var names: Set<String> = []
        if let template = entity.template(of: index.partitionKey, of: index, in: table) {
            names.formUnion(template.placeholders)
        }
        guard let key = attribute(index.partitionKey.name) else { return names }
        names.insert(key.name)
        let twins = entity.attributes.filter { $0.sourceColumns == key.sourceColumns && $0.join == key.join }
        return names.union(twins.map(\.name))
    }

    /// Attributes of the row itself whose name stands in a text that asks for uniqueness, keys aside.
    fileprivate func uniqueCandidates(in words: UniqueWords) -> [String] {
        let keys = Set(
            [table.partitionKey.name, table.sortKey?.name].compactMap(\.self)
                + table.indexes.flatMap { [$0.partitionKey.name, $0.sortKey?.name].compactMap(\.self) })
        return entity.attributes.filter { attribute in
            attribute.join == nil && attribute.calculation == nil && attribute.type == .S
                && !keys.contains(attribute.name)
                && attribute.sourceColumns.count == 1 && attribute.name.utf8.count > 3
                && words.name(attribute.name)
                // An id is unique without a word, and words on keys name what they are made of.
                && (!attribute.name.contains("_") || attribute.name != ownID?.name && !isInKey(attribute))
        }.map(\.name)
    }
}

/// The words of a text that asks for values to be unique.
private struct UniqueWords {
    private let words: Set<String>
    /// One after the other, each in the form in which it is compared.
    private let stems: [String]

    /// Of a text that asks for no such thing, or for it only together with another value.
    private static let others = [
        "no unique", "non-unique", "nonunique", "not enforced", "not guaranteed", "not required", "not kept", "n't",
        "no longer",
        "combination", "composite", "together with", "unique per ", "unique within",
        "unique in ", "unique for ",
    ]

    private static let negations: Set = ["not", "never", "without", "neither"]

    /// - Parameter text: in lower case. Nil where it does not ask for a value by itself to be unique.
    init?(_ text: String) {
        guard !UniqueWords.others.contains(where: text.contains), let asked = text.firstRange(of: "unique"),
            UniqueWords.negations.isDisjoint(with: NameStem.words(String(text[..<asked.lowerBound])))
        else { return nil }
        let all = NameStem.words(text.replacing("e-mail", with: "email"))
        words = Set(all)
        stems = all.map(UniqueWords.stem)
    }

    /// Whether an attribute's name stands there: `card_no` as "card number".
    func name(_ name: String) -> Bool {
        let parts = NameStem.words(name)
        guard parts.count > 1 else { return words.contains(name.lowercased()) }
        let wanted = parts.map(UniqueWords.stem)
        // What points to another row is another one's.
        guard let last = wanted.last, !["id", "uuid"].contains(last), stems.count >= wanted.count else { return false }
        return (0...stems.count - wanted.count).contains { stems[$0..<$0 + wanted.count].elementsEqual(wanted) }
    }

    private static func stem(_ word: String) -> String {
        ["no", "nr", "num"].contains(word) ? "number" : NameStem.of(word)
    }
}
