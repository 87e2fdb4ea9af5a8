internal import ContractModel

extension Linter {
    /// Values that must be unique against what keeps them so: a primary key of their own, or a lookup item.
    func unique() -> [Finding] { declared() + inProse() }

    private func declared() -> [Finding] {
        entities.flatMap { view -> [Finding] in
            let constraints = view.entity.uniqueConstraints.enumerated().compactMap { number, constraint -> Finding? in
                let marks = view.marks?.uniqueConstraints ?? []
                return missing(
                    constraint, of: view, at: marks.indices.contains(number) ? marks[number] : view.marks?.start, by: ""
                )
            }
            let marked = view.entity.attributes.filter(\.isUnique).compactMap { attribute in
                missing(
                    UniqueConstraint(attributes: [attribute.name]), of: view, at: view.marks(of: attribute.name)?.start,
                    by: "")
            }
            return constraints + marked
        }
    }

    private func missing(
        _ constraint: UniqueConstraint, of view: EntityView, at position: Position?, by source: String
    ) -> Finding? {
        if let lookup = constraint.lookup {
            guard known.table(named: lookup.table) == nil else { return nil }
            return finding(
                .uniqueWithoutLookup, at: position, about: view.subject(constraint.attributes.joined(separator: "+")),
                "The lookup items of \(Figures.list(constraint.attributes)) are to be in \(lookup.table), which the contract "
                    + "has not.", advice: "Add the table, or name one that there is.")
        }
        guard !isKept(Set(constraint.attributes), of: view) else { return nil }
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

    /// Whether a primary key is made of exactly these values: the entity's own, or that of a lookup entity.
    private func isKept(_ names: Set<String>, of view: EntityView) -> Bool {
        entities.contains { other in
            let values = other.identity
            guard !values.isEmpty else { return false }
            if other.entity.name == view.entity.name && other.table.name == view.table.name { return values == names }
            return values == names && other.isLookup
        }
    }

    /// Lines such as "Username and email uniqueness must be maintained", for attributes that exactly one kind of item has.
    private func inProse() -> [Finding] {
        var told: Set<String> = []
        let sources = [listing.map { ($0.file, $0.figures) }, model.map { ($0.file, $0.figures) }].compactMap(\.self)
        return sources.flatMap { file, figures in
            figures.uniqueness.flatMap { text, line in
                entities.flatMap { view in
                    view.uniqueCandidates(in: text).compactMap { name -> Finding? in
                        guard told.insert(view.subject(name)).inserted,
                            !view.entity.uniqueConstraints.contains(where: { $0.attributes == [name] }),
                            view.attribute(name)?.isUnique != true
                        else { return nil }
                        var finding = missing(
                            UniqueConstraint(attributes: [name]), of: view, at: Position(line: line),
                            by: " by the documents")
                        finding?.file = file
                        return finding
                    }
                }
            }
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
    fileprivate var isLookup: Bool { entity.attributes.count <= 5 }

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
    fileprivate func uniqueCandidates(in text: String) -> [String] {
        let words = Set(NameStem.words(text))
        let keys = Set(
            [table.partitionKey.name, table.sortKey?.name].compactMap(\.self)
                + table.indexes.flatMap { [$0.partitionKey.name, $0.sortKey?.name].compactMap(\.self) })
        return entity.attributes.filter { attribute in
            attribute.join == nil && attribute.calculation == nil && attribute.type == .S
                && !keys.contains(attribute.name)
                && attribute.sourceColumns.count == 1 && attribute.name.utf8.count > 3
                && words.contains(attribute.name.lowercased())
        }.map(\.name)
    }
}
