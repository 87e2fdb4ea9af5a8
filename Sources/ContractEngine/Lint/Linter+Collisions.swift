internal import ContractModel

extension Linter {
    /// Kinds of items, and lookup items, of one table whose keys can be equal: one would take the other's place.
    func collisions() -> [Finding] {
        var places = Dictionary(grouping: lookupPlaces(), by: \.table)
        return tables.enumerated().flatMap { number, table -> [Finding] in
            let kinds = known.views(of: table.name)
            let lookups = places.removeValue(forKey: table.name) ?? []
            guard known.number(of: table.name) == number, kinds.count + lookups.count > 1 else { return [] }
            let all = kinds.compactMap { KeyPlace(of: $0) } + lookups
            return all.indices.dropFirst().compactMap { later in
                all[..<later].first { $0.canCollide(with: all[later]) }.map { collision(of: all[later], with: $0) }
            }
        }
    }

    /// The lookup items of all unique constraints.
    private func lookupPlaces() -> [KeyPlace] {
        entities.flatMap { view in
            view.entity.uniqueConstraints.enumerated().compactMap { number, constraint -> KeyPlace? in
                guard constraint.flaw == nil, let table = constraint.lookup.flatMap({ known.table(named: $0.table) })
                else { return nil }
                let marks = view.marks?.uniqueConstraints ?? []
                return KeyPlace(
                    lookupOf: constraint, of: view, in: table,
                    at: marks.indices.contains(number) ? marks[number] : view.marks?.start)
            }
        }
    }

    private func collision(of later: KeyPlace, with earlier: KeyPlace) -> Finding {
        let kind = later.kind(besideLookup: earlier).map {
            "Where \($0) is that lookup item, say so in the constraint: `\"lookup_entity\": \"\($0)\"`. Else put"
        }
        var found = finding(
            .keyCollision, at: later.position, about: later.subject,
            "\(earlier.name) and \(later.name) in \(later.table) \(earlier.isSame(as: later) ? "" : "can ")have the same key: "
                + "\(earlier.told) and \(later.told). What is written later takes the other's place.",
            advice: "\(kind ?? "Put") the kind in front of one of them, such as \"\(later.prefix)#…\".")
        // That two columns hold the same text is for their values to tell.
        if !earlier.isSame(as: later) { found.severity = .warning }
        return found
    }
}

/// The place of one kind of item in its table: what its primary key can be.
private struct KeyPlace {
    let table: String
    /// "READER", "the lookup item of email".
    let name: String
    let subject: String
    let prefix: String
    let position: Position?
    /// The templates as a finding tells them.
    let told: String
    private let shapes: [KeyShape]
    /// The kind of item that it is: a lookup item that the contract describes as a kind is no other item.
    private let entity: String?
    private let attributes: Set<String>

    init?(of view: EntityView) {
        let keys = [view.table.partitionKey, view.table.sortKey].compactMap(\.self)
        let templates = keys.map { view.entity.template(of: $0, in: view.table) }
        let isWhole = zip(keys, templates).allSatisfy {
            $1.map { !$0.pieces.isEmpty } ?? (view.attribute($0.name) != nil)
        }
        guard isWhole else { return nil }
        table = view.table.name
        name = view.shortName
        subject = view.name
        prefix = view.shortName.uppercased()
        position = view.marks?.sortKeyTemplate ?? view.marks?.partitionKeyTemplate ?? view.marks?.start
        told = zip(keys, templates).map { key, template in
            "\(key.name) \(template.map { "\"\($0.source.shown)\"" } ?? "as it is")"
        }.joined(separator: ", ")
        shapes = zip(keys, templates).map { KeyShape($0, $1, in: view) }
        entity = view.entity.name
        attributes = []
    }

    init?(lookupOf constraint: UniqueConstraint, of view: EntityView, in table: ContractTable, at position: Position?) {
        guard let lookup = constraint.lookup, let partition = lookup.partitionKeyTemplate, !partition.pieces.isEmpty
        else { return nil }
        var parts = [(table.partitionKey, partition)]
        if let sort = table.sortKey { parts.append((sort, lookup.sortKeyTemplate ?? partition)) }
        self.table = table.name
        let names = Figures.list(constraint.attributes)
        name = "the lookup item of \(view.shortName)'s \(names)"
        subject = view.subject(constraint.attributes.joined(separator: "+"))
        prefix = constraint.attributes.joined(separator: "#").uppercased()
        self.position = position
        told = parts.map { "\($0.name) \"\($1.source.shown)\"" }.joined(separator: ", ")
        shapes = parts.map { KeyShape($0, $1, in: view) }
        entity = lookup.entity
        attributes = Set(constraint.attributes)
    }

    func canCollide(with other: KeyPlace) -> Bool {
        // One value may be kept unique over several kinds of items, and a lookup item may be described as a kind.
        if !attributes.isEmpty, attributes == other.attributes { return false }
        if attributes.isEmpty != other.attributes.isEmpty, isDescribed(by: other) { return false }
        guard shapes.count == other.shapes.count else { return false }
        // A text in front tells what a lookup item is of: one for two values tells nothing, whatever values they take.
        let areLookups = !attributes.isEmpty && !other.attributes.isEmpty
        return zip(shapes, other.shapes).allSatisfy { $0.canEqual($1) || areLookups && $0.hasTexts(of: $1) }
    }

    /// Whether both hold the very same values, so that their keys are equal and not only can be.
    func isSame(as other: KeyPlace) -> Bool { shapes == other.shapes }

    /// The kind of item that one of the two is where the other is a lookup item of the same values.
    func kind(besideLookup other: KeyPlace) -> String? {
        guard attributes.isEmpty != other.attributes.isEmpty, isSame(as: other) else { return nil }
        return attributes.isEmpty ? entity : other.entity
    }

    private func isDescribed(by other: KeyPlace) -> Bool {
        let (lookup, kind) = attributes.isEmpty ? (other, self) : (self, other)
        return lookup.entity == kind.entity || lookup.told == kind.told
    }
}
