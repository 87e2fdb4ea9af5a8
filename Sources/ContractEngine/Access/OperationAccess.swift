package import ContractModel

/// How whoever carries out a pattern comes to the items of one of its operations, by what its caller knows.
package enum OperationAccess: Equatable {
    /// By the key: its caller knows it, or nothing is known of what it knows.
    case key
    /// An index finds the item by what its caller knows; then it is read or changed by its key. Where nothing is lacking, the table's own
    /// partition could only be computed of what its caller knows.
    case index(ContractIndex, knows: String, lacks: [String])
    /// Its caller knows the partition, and not which of its items: a Query finds them.
    case partition(lacks: [String])
    /// Its caller does not know the key of the index that the documents name; another one, or the table itself (nil), serves.
    case instead(ContractIndex?, knows: String, lacks: [String])
    /// Only a Scan finds what has this value.
    case scan(attribute: String)
    /// Values of the key stand elsewhere (`source`: "Users.GSI1"; nil where no table has them): its caller has to hand them in,
    /// and then goes on with `then`.
    indirect case handed(lacks: [String], source: String?, then: OperationAccess)

    /// How the items are found once all values that stand elsewhere are handed in.
    package var inPlace: OperationAccess {
        if case .handed(_, _, let then) = self { then.inPlace } else { self }
    }
}

/// Tells of a document's operations how their items are found: what `lint` warns of, `generate` writes, `capacity` charges and
/// alarms expect.
package struct OperationAccessReader {
    private let entities: [String: [EntityView]]
    private let bySource: [String: [EntityView]]
    /// What patterns call the attributes that their callers know.
    let names: KeyNames

    package init(_ document: ContractDocument) { self.init(EntityView.all(of: document)) }

    /// - Parameter views: the kinds of items of each table.
    init(_ views: [[EntityView]]) {
        entities = Dictionary(
            views.compactMap { views in views.first.map { ($0.table.name, views) } },
            uniquingKeysWith: { first, _ in first })
        names = KeyNames(views.compactMap { $0.first?.table })
        bySource = Dictionary(grouping: views.flatMap(\.self).filter { $0.entity.sourceTable != nil }) {
            $0.entity.sourceTable ?? ""
        }
    }

    /// The kind of item that an operation touches; nil where that is not known.
    func view(of operation: PatternOperation) -> EntityView? {
        let views = entities[operation.table] ?? []
        return operation.entity.flatMap { name in views.first { $0.entity.name == name } }
            ?? (views.count == 1 ? views.first : nil)
    }

    /// The kinds of items of a table.
    func views(of table: ContractTable) -> [EntityView] { entities[table.name] ?? [] }

    /// How the operation's items are found.
    package func access(of operation: PatternOperation, in pattern: AccessPattern) -> OperationAccess {
        access(of: operation, in: pattern, knowing: names.words(knownTo: pattern))
    }

    func access(
        of operation: PatternOperation, in pattern: AccessPattern, knowing known: Set<Set<String>>
    ) -> OperationAccess {
        guard let view = view(of: operation) else { return .key }
        var found = access(of: operation, on: view, knowing: known)
        // A pattern that reads the values first has them to hand in.
        while case .handed(_, let source?, let then) = found,
            pattern.operations.contains(where: { !$0.isWrite && OperationCost.place($0) == source })
        { found = then }
        if found == .key, let lacks = strange(operation, in: pattern, on: view, knowing: known) {
            return .handed(lacks: lacks, source: nil, then: .key)
        }
        return found
    }

    /// Operations that need a key, and on which no way around it is looked for where they are about several items.
    private static let keyNeeding: Set = keyed.union(["Query", "BatchGetItem", "TransactGetItems"])

    /// What of the key its caller has nothing of, where the documents say what it knows and none of that is as much as like it.
    /// Where the pattern reads something else besides, that may bring it.
    private func strange(
        _ operation: PatternOperation, in pattern: AccessPattern, on view: EntityView, knowing known: Set<Set<String>>
    ) -> [String]? {
        guard Self.keyNeeding.contains(operation.operation), !known.isEmpty, !known.contains(["id"]),
            names.known(to: pattern).contains(where: StrangeName.isNameOfOne)
                || view.attribute(knowing: known) != nil,
            !pattern.operations.contains(where: {
                !$0.isSame(as: operation) && !$0.isWrite && !($0.isTransactional && operation.isTransactional)
            })
        else { return nil }
        let needs: KeyNeeds? =
            if let name = operation.index {
                view.table.index(named: name).flatMap { view.partition(of: $0) }
            } else { view.partition }
        let unmet = needs?.unmet(knowing: known) ?? []
        let words = unmet.reduce(into: Set<String>()) { words, value in
            // What all its names have: an email is no nearer to a user's id for being called the user's email.
            let core = value.words.reduce(value.words.first ?? []) { $0.intersection($1) }
            for name in core.isEmpty ? value.words : [core] { words.formUnion(name) }
            for name in value.inputs { words.formUnion(name) }
        }
        guard !words.isEmpty, unmet.allSatisfy({ !$0.words.isEmpty }), known.allSatisfy(words.isDisjoint) else {
            return nil
        }
        return unmet.map(\.name)
    }

    /// Operations that may put an item, with all that it is made of.
    private static let storing: Set = ["PutItem", "TransactWriteItems"]

    /// Of an item that is put the caller has what it is made of, but for what a join brought into its key from another one.
    private func stored(on view: EntityView, knowing known: Set<Set<String>>) -> OperationAccess {
        let unmet = [view.partition, view.sort].compactMap { $0?.unmet(knowing: known) }.flatMap(\.self)
        let found = unmet.compactMap { value in source(of: value, knowing: known).map { (value.name, $0) } }
        guard let first = found.first, !known.isEmpty else { return .key }
        return .handed(lacks: found.filter { $0.1 == first.1 }.map(\.0), source: first.1, then: .key)
    }

    /// Operations on one item by its key.
    static let keyed: Set = ["GetItem", "UpdateItem", "DeleteItem"]

    func access(
        of operation: PatternOperation, on view: EntityView, knowing known: Set<Set<String>>
    ) -> OperationAccess {
        if Self.storing.contains(operation.operation) { return stored(on: view, knowing: known) }
        let needsWhole = Self.keyed.contains(operation.operation)
        guard needsWhole || operation.operation == "Query", !known.isEmpty, let partition = view.partition else {
            return .key
        }
        let lacksPartition = partition.unmet(knowing: known)
        if let name = operation.index {
            guard let index = view.table.index(named: name), let needs = view.partition(of: index) else { return .key }
            let unmet = needs.unmet(knowing: known)
            guard !unmet.isEmpty else { return .key }
            if lacksPartition.isEmpty, !partition.values.isEmpty {
                return .instead(nil, knows: partition.names, lacks: unmet.map(\.name))
            }
            if let (other, source) = view.index(knowing: known) {
                return .instead(other, knows: source, lacks: unmet.map(\.name))
            }
            return elsewhere(unmet, for: operation, on: view, knowing: known)
        }
        // A day is known to who knows a moment of it, and yet an index of just what is asked for is meant.
        if operation.operation == "Query", lacksPartition.isEmpty, !partition.isExact(knowing: known),
            let (index, source) = view.index(knowing: known), view.partition(of: index)?.isExact(knowing: known) == true
        {
            return .index(index, knows: source, lacks: [])
        }
        let unmet = lacksPartition + (needsWhole ? view.sort?.unmet(knowing: known) ?? [] : [])
        guard !unmet.isEmpty else { return .key }
        let lacks = unmet.map(\.name)
        if let (index, source) = view.index(knowing: known) { return .index(index, knows: source, lacks: lacks) }
        if lacksPartition.isEmpty { return .partition(lacks: lacks) }
        return elsewhere(lacksPartition, for: operation, on: view, knowing: known)
    }

    /// Where neither the table nor an index finds the items: values that a join brought may be read where they come from; else
    /// only a Scan is left.
    private func elsewhere(
        _ unmet: [KeyNeeds.Value], for operation: PatternOperation, on view: EntityView, knowing known: Set<Set<String>>
    ) -> OperationAccess {
        func handed(_ source: String?) -> OperationAccess {
            let more = unmet.reduce(into: known) { $0.formUnion($1.words) }
            return .handed(
                lacks: unmet.map(\.name), source: source, then: access(of: operation, on: view, knowing: more))
        }
        let sources = unmet.compactMap { source(of: $0, knowing: known) }
        if let first = sources.first, sources.count == unmet.count { return handed(first) }
        // Only of a name that the items have anything is known.
        if let attribute = view.attribute(knowing: known) { return .scan(attribute: attribute) }
        let isJoined = unmet.contains { !$0.inputs.isDisjoint(with: known) }
        return isJoined && unmet.allSatisfy({ !$0.words.isEmpty }) ? handed(nil) : .key
    }

    /// "Users.GSI1": where a caller who knows these columns can read a value that a join brought.
    private func source(of value: KeyNeeds.Value, knowing known: Set<Set<String>>) -> String? {
        guard let origin = value.origin, let table = origin.table else { return nil }
        for view in bySource[table] ?? [] where view.holds(column: origin.name) {
            if let needs = view.partition, !needs.values.isEmpty, needs.unmet(knowing: known).isEmpty {
                return view.table.name
            }
            if let (index, _) = view.index(knowing: known) { return "\(view.table.name).\(index.name)" }
        }
        return nil
    }
}

extension PatternOperation {
    /// Whether it is that operation at that place, whatever else is known of one of the two: how current it is, of how many items.
    fileprivate func isSame(as other: PatternOperation) -> Bool {
        operation == other.operation && table == other.table && index == other.index && entity == other.entity
    }
}

extension EntityView {
    /// Whether an attribute is that column of the item's own row, as it is.
    fileprivate func holds(column: String) -> Bool {
        entity.attributes.contains {
            $0.join == nil && $0.calculation == nil && $0.sourceColumns.count == 1
                && $0.sourceColumns[0].split(separator: ".").last.map(String.init) == column
        }
    }
}
