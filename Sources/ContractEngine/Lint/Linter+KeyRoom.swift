internal import ContractModel

extension Linter {
    /// Kinds of items whose key leaves room for fewer of them than the documents speak of.
    func keyRoom() -> [Finding] {
        let asked = askedOfOneItem()
        let owners = keyOwners()
        return entities.flatMap { view -> [Finding] in
            [lackOfRoom(of: view, asked[view.name], owners), timeAlone(of: view)].compactMap(\.self)
        }
    }

    /// What patterns ask of kinds of which one item has a key to itself.
    private struct Asked {
        /// Queries of several items.
        var several: [(pattern: AccessPattern, items: Double)] = []
        /// Queries that ask for a list in an order, which one item has not.
        var ordered: [AccessPattern] = []
        /// Puts whose callers know the item's own id, and that there are several.
        var put: [AccessPattern] = []
    }

    private func askedOfOneItem() -> [String: Asked] {
        var asked: [String: Asked] = [:]
        for pattern in patterns where pattern.isServed {
            let isToldWhatItKnows = !access.names.words(knownTo: pattern).isEmpty
            for call in calls(of: pattern) where call.index == nil {
                guard call.operation == "Query" || call.operation == "PutItem", let view = access.view(of: call),
                    view.isOneOfItsKey
                else { continue }
                // Of a caller of whom nothing is known an index may be meant.
                guard isToldWhatItKnows || view.table.indexes.isEmpty || namesOwnKey(pattern, view) else { continue }
                if call.operation == "PutItem" {
                    if isOneOfMany(pattern, view) { asked[view.name, default: Asked()].put.append(pattern) }
                } else if let items = call.itemsPerCall, items > 1 {
                    guard room(beside: view).map({ items > $0 }) ?? isOfThatKindAlone(pattern, view) else { continue }
                    asked[view.name, default: Asked()].several.append((pattern, items))
                } else if OrderWords.askForList(pattern.summary),
                    room(beside: view).map({ $0 == 1 }) ?? isOfThatKindAlone(pattern, view)
                {
                    asked[view.name, default: Asked()].ordered.append(pattern)
                }
            }
        }
        return asked
    }

    /// How many items a partition of that kind can hold, all kinds together; nil where another kind has many there.
    private func room(beside view: EntityView) -> Double? {
        let partition = view.partitionShape
        var room = 0.0
        for other in known.views(of: view.table.name) where other.partitionShape.canEqual(partition) {
            guard other.isOneOfItsKey else { return nil }
            room += 1
        }
        return max(room, 1)
    }

    /// Whether the mapping's row names the table's sort key: "begins_with(SK, RSV#)".
    private func namesOwnKey(_ pattern: AccessPattern, _ view: EntityView) -> Bool {
        guard let sort = view.table.sortKey?.name, let row = known.mappingRow(of: pattern.id) else { return false }
        return "\(row.operations) \(row.notes)".split { !$0.isLetter && !$0.isNumber && $0 != "_" }.contains {
            $0 == sort
        }
    }

    /// Whether the words of a read speak of several items of that kind, and of no other kind of its partition so: "Queue of reservations
    /// for a book".
    private func isOfThatKindAlone(_ pattern: AccessPattern, _ view: EntityView) -> Bool {
        let words = NameStem.words(pattern.summary)
        guard view.isNamedInPlural(by: words) else { return false }
        let partition = view.partitionShape
        return !known.views(of: view.table.name).contains { other in
            other.entity.name != view.entity.name && other.partitionShape.canEqual(partition)
                && other.isNamedInPlural(by: words)
        }
    }

    private static let gathering: Set = [
        "append", "add", "record", "log", "post", "track", "insert", "ingest", "write",
    ]

    /// What is told of a row's own life, and of no event among others.
    private static let lifetimes: Set = ["created", "updated", "modified", "registered", "joined"]

    /// Whether the words of a put speak of one of several that belong to something else: it is appended, or has a time, and its caller
    /// knows its own id besides.
    private func isOneOfMany(_ pattern: AccessPattern, _ view: EntityView) -> Bool {
        guard let id = view.ownID, !view.isInKey(id), view.isUnderOthers else { return false }
        let told = Set(access.names.known(to: pattern))
        guard told.contains(id.name) || !told.isDisjoint(with: id.columnNames) else { return false }
        let verb = NameStem.words(pattern.summary).first ?? ""
        return Self.gathering.contains(verb)
            || view.entity.attributes.contains { attribute in
                told.contains(attribute.name) && attribute.isTime && !view.isInKey(attribute)
                    && Self.lifetimes.isDisjoint(with: NameStem.words(attribute.name))
            }
    }

    /// What a kind's items belong to: the kinds whose rows a column such as `account_id` points to, by the stem of that.
    private func keyOwners() -> [String: EntityView] {
        var owners: [String: EntityView] = [:]
        for view in entities {
            for name in [view.entity.sourceTable, view.entity.name].compactMap(\.self) {
                let stem = NameStem.of(name)
                if owners[stem] == nil { owners[stem] = view }
            }
        }
        return owners
    }

    private func lackOfRoom(of view: EntityView, _ asked: Asked?, _ owners: [String: EntityView]) -> Finding? {
        let counted = view.isOneOfItsKey ? estimate(of: view, owners) : nil
        guard counted != nil || asked != nil else { return nil }
        let table = view.table
        let values = view.partition?.names ?? table.partitionKey.name
        var reasons: [String] = []
        if let several = asked?.several.first {
            reasons.append(
                "\(several.pattern.id)\(said(several.pattern)) reads \(Figures.short(several.items)) in one Query")
        }
        if let counted { reasons.append(counted) }
        if let ordered = asked?.ordered.first {
            reasons.append("\(ordered.id)\(said(ordered)) asks for an order of them")
        }
        if let put = asked?.put.first {
            reasons.append("\(put.id)\(said(put)) puts one of several")
        }
        let lost = view.ownID.flatMap { view.isInKey($0) ? nil : $0.name }
        var found = finding(
            .keyHoldsOne, at: view.marks?.sortKeyTemplate ?? view.marks?.partitionKeyTemplate ?? view.marks?.start,
            about: view.subject(table.sortKey?.name ?? table.partitionKey.name),
            "The key of \(view.name) leaves room for one item of each \(values)\(lost.map { ", and \($0) is no part of it" } ?? ""), "
                + "while \(Figures.list(reasons)): each that is written takes the place of the one before.",
            advice:
                "Make a sort key \(lost.map { "that ends with {\($0)}" } ?? "of what tells them apart, their time and their id"), "
                + "or correct what the documents say of them.")
        if asked?.several.isEmpty ?? true, counted == nil { found.severity = .warning }
        return found
    }

    /// What is estimated of a kind that has more items than its key has values; nil where nothing is.
    private func estimate(of view: EntityView, _ owners: [String: EntityView]) -> String? {
        guard let count = view.estimatedItemCount, let values = view.partition?.values, values.count == 1 else {
            return nil
        }
        let name = values[0].name
        if !view.table.isMultiEntity, let keys = view.table.partitionKey.estimatedDistinctValues, isMore(count, keys) {
            return "\(counted(count)) items are estimated of \(counted(keys)) keys"
        }
        let columns = view.attribute(name)?.columnNames ?? [name]
        guard columns.count == 1, let owner = owners[NameStem.ofColumn(columns.first ?? name)],
            owner.entity.sourceTable != view.entity.sourceTable, let keys = owner.estimatedItemCount,
            isMore(count, keys)
        else { return nil }
        return "\(counted(count)) are estimated of \(counted(keys)) items of \(owner.name)"
    }

    /// Estimates are rough: half as many more is more.
    private func isMore(_ count: Int, _ keys: Int) -> Bool { Double(count) > 1.5 * Double(keys) }

    private func counted(_ count: Int) -> String { Figures.whole(Double(count)) }

    private func said(_ pattern: AccessPattern) -> String { pattern.summary.isEmpty ? "" : " (\(pattern.summary))" }

    /// A kind whose items are told apart by a moment alone, while they have an id.
    private func timeAlone(of view: EntityView) -> Finding? {
        guard let time = view.momentAlone, let id = view.ownID, !view.isInKey(id), let sort = view.table.sortKey else {
            return nil
        }
        return finding(
            .keyTimeAlone, at: view.marks?.sortKeyTemplate ?? view.marks(of: sort.name)?.start ?? view.marks?.start,
            about: view.subject(sort.name),
            "Only \(time) tells items of \(view.name) of one \(view.partition?.names ?? view.table.partitionKey.name) apart, and "
                + "\(id.name) is no part of their key: of two of one moment the later takes the earlier one's place.",
            advice:
                "Put the id behind the time, \"{\(time)}#{\(id.name)}\", or suppress this with what keeps two from one moment."
        )
    }
}

extension EntityView {
    /// Whether a key of the table has room for one item of this kind only: all that its sort key is made of stands in the
    /// partition key too.
    fileprivate var isOneOfItsKey: Bool {
        let layout = EntityLayout(table: table, entity: entity)
        guard let partition = layout.keys.first(where: { $0.role == .partition })?.rule.fields, !partition.isEmpty
        else {
            return false
        }
        let sort = layout.keys.first { $0.role == .sort }?.rule.fields ?? []
        return sort.allSatisfy(partition.contains)
    }

    /// "reservations", of a kind RESERVATION that comes from `reservations`.
    fileprivate func isNamedInPlural(by words: [String]) -> Bool {
        let nouns = [entity.name, entity.sourceTable].compactMap { $0.flatMap { NameStem.words($0).last } }
        let stems = Set(nouns.map { NameStem.of($0) })
        // A kind that is called in plural itself, USER_SETTINGS, may hold all of them in one item.
        let own = NameStem.words(entity.name).last
        return words.contains { word in
            let stem = NameStem.of(word)
            return stem != word && stems.contains(stem) && word != own
        }
    }

    /// Whether the partition key is made of ids of other things: `shipment_id` of tracking events.
    fileprivate var isUnderOthers: Bool {
        guard let values = partition?.values, !values.isEmpty else { return false }
        return values.allSatisfy { value in
            let column = (attribute(value.name)?.columnNames.first ?? value.name).lowercased()
            return ["_id", "_uuid"].contains(where: column.hasSuffix)
                && ![entity.name, entity.sourceTable].compactMap(\.self).map({ NameStem.of($0) })
                    .contains(NameStem.ofColumn(column))
        }
    }

    fileprivate var partitionShape: KeyShape {
        KeyShape(table.partitionKey, entity.template(of: table.partitionKey, in: table), in: self)
    }

    /// The attribute that holds the id of an item's own row: of the column `id`, or of `posting_id` of postings.
    var ownID: ContractAttribute? {
        let stems = Set([entity.name, entity.sourceTable].compactMap(\.self).map { NameStem.of($0) })
        return entity.attributes.first { attribute in
            guard attribute.join == nil, attribute.calculation == nil, attribute.columnNames.count == 1,
                attribute.sourceTable == nil || attribute.sourceTable == entity.sourceTable,
                let column = attribute.columnNames.first?.lowercased()
            else { return false }
            if ["id", "uuid"].contains(column) { return true }
            return ["_id", "_uuid"].contains(where: column.hasSuffix) && stems.contains(NameStem.ofColumn(column))
        }
    }

    /// Whether the table's key is made of what the attribute holds.
    func isInKey(_ attribute: ContractAttribute) -> Bool {
        let parts = KeyParts(table: table, entity: entity).fixed
        return parts.contains(attribute.name) || !parts.isDisjoint(with: attribute.columnNames)
    }

    fileprivate var estimatedItemCount: Int? {
        entity.estimatedItemCount ?? (table.isMultiEntity ? nil : table.estimatedItemCount)
    }

    /// The moment that alone tells items of one partition apart: no day, of which a row may have one.
    fileprivate var momentAlone: String? {
        let layout = EntityLayout(table: table, entity: entity)
        let partition = layout.keys.first { $0.role == .partition }?.rule.fields ?? []
        let sort = (layout.keys.first { $0.role == .sort }?.rule.fields ?? []).filter { !partition.contains($0) }
        guard !partition.isEmpty, sort.count == 1, let name = sort.first else { return nil }
        guard let time = attribute(name) else { return nil }
        let periods: Set = ["day", "month", "year", "week", "hour", "night", "quarter"]
        guard time.isTime, periods.isDisjoint(with: NameStem.words(name)),
            !partition.contains(where: { attribute($0)?.isUnique == true }),
            !entity.uniqueConstraints.contains(where: { Set($0.attributes).isSubset(of: partition + sort) })
        else { return nil }
        return name
    }
}
